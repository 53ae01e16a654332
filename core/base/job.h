// What a long computation gets from its caller: a way to be stopped and a place to report progress.
#pragma once

#include "core/base/error.h"

#include <functional>
#include <stop_token>
#include <string>

namespace qs {

struct Progress {
    double fraction = 0;  ///< 0..1 of the whole job
    std::string what;     ///< short English phrase, e.g. "calibrating 12 of 32"
};

/// Passed by const reference to every job. Jobs poll cancelled() at least once a layer and return cancelledError().
struct JobContext {
    std::stop_token stop;
    std::function<void(const Progress&)> progress;  ///< may be empty; called on the job's thread

    bool cancelled() const { return stop.stop_requested(); }
    void report(double fraction, std::string what) const
    {
        if (progress)
            progress({fraction, std::move(what)});
    }
};

inline Error cancelledError()
{
    return {ErrorCode::Cancelled, {}, {}};
}

}  // namespace qs

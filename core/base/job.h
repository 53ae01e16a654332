// What a long computation gets from its caller: a way to be stopped and a place to report progress.
#pragma once

#include "core/base/error.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace qs {

/// What a job is at. To add one: its row in job.cpp, its translation in the context "Progress" (a test walks them).
enum class Phase : uint8_t {
    Preparing,
    Calibrating,
    UpdatingBatchNorm,
    LookingAtInputs,
    RoundingWeights,
    CorrectingBiases,
    Comparing,
    Evaluating,
    RunningInIntegers,
    MeasuringSensitivity,
    Diagnosing,
    TryingRemedies,
    FloatOutputs,
    SettingsAsTheyAre,
    Searching,
    Output,            ///< of the network, on the first samples, under changed settings
    SettingsOnSubset,  ///< all layers under changed settings, on the first samples
    SettingsOnSample,
    Sample,  ///< one by its name
};
constexpr size_t phaseCount = static_cast<size_t>(Phase::Sample) + 1;
/// English, with %1, %2 for the arguments: "calibrating %1 of %2".
const char* phaseText(Phase phase);

struct Progress {
    double fraction = 0;  ///< 0..1 of the whole job
    Phase phase = Phase::Preparing;
    std::vector<std::string> arguments = {};
};
/// In English.
std::string progressText(const Progress& progress);

/// Passed by const reference to every job. Jobs poll cancelled() at least once a layer and return cancelledError().
struct JobContext {
    std::stop_token stop;
    std::function<void(const Progress&)> progress;  ///< may be empty; called on the job's thread

    bool cancelled() const { return stop.stop_requested(); }
    void report(double fraction, Phase phase, std::vector<std::string> arguments = {}) const
    {
        if (progress)
            progress({fraction, phase, std::move(arguments)});
    }
    /// "calibrating 3 of 32", of which two are done.
    void count(Phase phase, int64_t done, int64_t all) const
    {
        if (progress)
            report(static_cast<double>(done) / static_cast<double>(all), phase, {std::to_string(done + 1), std::to_string(all)});
    }
};

inline Error cancelledError()
{
    return {ErrorCode::Cancelled, {}, {}};
}

}  // namespace qs

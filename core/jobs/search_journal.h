// What a search has run so far, in a file that survives it.
#pragma once

#include "core/engine/value_cache.h"
#include "core/jobs/search.h"

namespace qs {

class TuneJournal {
public:
    /// Reads `file` where it exists. Errors: ParseFailed, and NotSupported for a journal with another fingerprint.
    static Result<TuneJournal> open(std::filesystem::path file, const ValueKey& fingerprint);

    /// Null where this assignment was not run yet.
    const TunePoint* find(const TuneAssignment& assignment) const;
    /// Enters and writes. Errors: FileNotWritable.
    Result<void> add(const TunePoint& point);

private:
    std::filesystem::path m_file;
    ValueKey m_fingerprint;
    std::vector<TunePoint> m_points;
};

}  // namespace qs

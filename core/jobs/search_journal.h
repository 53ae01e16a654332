// What a search has run so far, in a file that survives it.
#pragma once

#include "core/engine/value_cache.h"
#include "core/jobs/search.h"

namespace qs {

/// As a journal has a fingerprint.
std::string keyText(const ValueKey& key);

class SearchJournal {
public:
    /// Reads `file` where it exists. Errors: ParseFailed, and NotSupported for a journal with another fingerprint.
    static Result<SearchJournal> open(std::filesystem::path file, const ValueKey& fingerprint);

    /// Null where this assignment was not run yet.
    const SearchPoint* find(const SearchAssignment& assignment) const;
    /// Enters and writes. Errors: FileNotWritable.
    Result<void> add(const SearchPoint& point);

private:
    std::filesystem::path m_file;
    ValueKey m_fingerprint;
    std::vector<SearchPoint> m_points;
};

}  // namespace qs

// AMCT's log: to the terminal by AMCT_LOG_LEVEL, to amct_log/amct_caffe.log by AMCT_LOG_FILE_LEVEL (seed 003, DEBUG, INFO, WARNING, ERROR in any
// case; INFO where nothing is said).
#pragma once

#include "core/base/error.h"

#include <filesystem>
#include <string>

namespace qs::amct {

/// Opens FOLDER/amct_log/amct_caffe.log for what follows (appended to); an empty folder: no file. Errors: FileNotWritable; OutOfRange for a level
/// that does not exist.
Result<void> openLog(const std::filesystem::path& folder);

/// Error OutOfRange for a level in either variable that does not exist.
Result<void> checkLogLevels();

void logDebug(const std::string& text);
void logInfo(const std::string& text);
void logWarning(const std::string& text);
void logError(const std::string& text);

/// One step of AMCT's: its name stands in the log before it, what ends it behind it. An empty name: only what ends it.
template <class Work>
auto step(const std::string& name, const Work& work) -> decltype(work())
{
    if (const auto levels = checkLogLevels(); !levels.ok())
        return levels.error();
    if (!name.empty())
        logInfo(name);
    auto result = work();
    if (!result.ok())
        logError(errorText(result.error()));
    return result;
}

}  // namespace qs::amct

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

void logDebug(const std::string& text);
void logInfo(const std::string& text);
void logWarning(const std::string& text);
void logError(const std::string& text);

}  // namespace qs::amct

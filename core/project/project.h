// The saved document (.qsproj): JSON with paths relative to the file. Settings only; results are computed again.
#pragma once

#include "core/data/dataset.h"
#include "core/quant/configuration.h"
#include "core/quant/record.h"

#include <filesystem>
#include <optional>

namespace qs {

struct Project {
    std::filesystem::path model;  ///< absolute while open
    std::filesystem::path weights;
    std::filesystem::path customProto;  ///< empty: none
    std::optional<DataSpec> data;
    std::filesystem::path classNames;
    Configuration configuration;
    std::optional<QuantRecord> record;  ///< factors of the last calibration, so that a reopened project compares at once
    std::string layout;                 ///< opaque window state, base64 (written by the app)
    std::string target = "amct-ss928";
};

/// Paths are written relative to `file`'s folder where they lie below or beside it.
Result<void> saveProject(const Project& project, const std::filesystem::path& file);
/// Keys of later versions are an error that says so; a missing model is reported when it is imported, not here.
Result<Project> loadProject(const std::filesystem::path& file);
std::string projectToJson(const Project& project, const std::filesystem::path& base);
Result<Project> projectFromJson(const std::string& json, const std::filesystem::path& base, const std::string& fileName);

}  // namespace qs

// The saved document (.qsproj): JSON with paths relative to the file. Settings, their branches and undo history. What was computed stands in a file
// beside it (results.h).
#pragma once

#include "core/data/dataset.h"
#include "core/project/branches.h"

#include <filesystem>
#include <map>
#include <optional>

namespace qs {

struct Project {
    std::filesystem::path model;  ///< absolute while open
    std::filesystem::path weights;
    std::filesystem::path customProto;         ///< empty: none
    std::map<std::string, Shape> inputShapes;  ///< that the user gave, by input
    std::optional<DataSpec> data;
    std::filesystem::path classNames;
    Configuration configuration;
    std::optional<QuantRecord> record;  ///< factors of the last calibration, so that a reopened project compares at once
    /// The settings that `record` was found for; absent: `configuration`.
    std::optional<Configuration> recordConfiguration;
    std::string branch = "main";   ///< name of the branch that configuration, record and history are
    History history;               ///< of `branch`
    std::vector<Branch> branches;  ///< the others
    std::string layout;            ///< opaque window state, base64 (written by the app)
};

/// Paths are written relative to `file`'s folder where they lie below or beside it.
Result<void> saveProject(const Project& project, const std::filesystem::path& file);
/// Keys of later versions are an error that says so; a missing model is reported when it is imported, not here.
Result<Project> loadProject(const std::filesystem::path& file);
std::string projectToJson(const Project& project, const std::filesystem::path& base);
Result<Project> projectFromJson(const std::string& json, const std::filesystem::path& base, const std::string& fileName);

}  // namespace qs

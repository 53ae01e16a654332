// Exporters: a prepared, calibrated network becomes the files of a vendor's tool.
//
// To add a format: a file export/<format>.cpp, one line in exporters.cpp, its test.
#pragma once

#include "core/analysis/calibrate.h"

#include <filesystem>
#include <span>

namespace qs {

struct ExportFile {
    std::filesystem::path path;
    std::string purpose;  ///< one English sentence: what it is for
    std::string content;
};

struct ExportPlan {
    std::vector<ExportFile> files;
    std::vector<std::string> differences;  ///< effective against requested, one sentence a layer
};

/// AMCT's save_type.
enum class SaveType : uint8_t { Both, FakeQuant, Deploy };
/// "Fakequant", "Deploy", "Both"; OutOfRange for others.
Result<SaveType> saveTypeNamed(const std::string& name);

struct ExportRequest {
    const PreparedNetwork* prepared = nullptr;
    const QuantizedNetwork* quantized = nullptr;
    std::filesystem::path prefix;  ///< "out/model": files are named out/model_deploy_model.prototxt...
    SaveType saveType = SaveType::Both;
    /// Where update_bn's statistics go, said by the user. Empty: bn_dump_dir, which stands in a file and must stay below the prefix's folder.
    std::filesystem::path dumpFolder = {};
};

/// The folder of `request`'s statistics: dumpFolder, or bn_dump_dir below the prefix's folder. Error OutOfRange for one that leads out of it (".."
/// and links are judged by where they lead).
Result<std::filesystem::path> statisticsFolder(const Configuration& configuration, const std::filesystem::path& prefix,
                                               const std::filesystem::path& dumpFolder);

struct Exporter {
    const char* name;         ///< "amct"
    const char* description;  ///< "AMCT for Caffe (HiSilicon SS928)"
    Result<ExportPlan> (*plan)(const ExportRequest& request);
};

std::span<const Exporter> exporters();
const Exporter* findExporter(std::string_view name);

/// Writes all files of a plan, or none.
Result<void> writeExport(const ExportPlan& plan);

}  // namespace qs

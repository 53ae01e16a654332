// What an export is: a prepared, calibrated network becomes the files of a vendor's tool (core/targets/target.h has the table of them).
#pragma once

#include "core/prepare/quantized.h"

#include <filesystem>

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

/// Which models are written: to simulate, to deploy, or both.
enum class SaveType : uint8_t { Both, FakeQuant, Deploy };
/// "Fakequant", "Deploy", "Both"; OutOfRange for others.
Result<SaveType> saveTypeNamed(const std::string& name);

/// Of ONNX files.
constexpr int oldestOnnxOpset = 13;
constexpr int newestOnnxOpset = 17;
/// Error OutOfRange for one outside of these.
Result<void> checkOnnxOpset(int opset);

struct ExportRequest {
    const PreparedNetwork* prepared = nullptr;
    const QuantizedNetwork* quantized = nullptr;
    std::filesystem::path prefix;  ///< "out/model": files are named out/model_deploy_model.prototxt...
    SaveType saveType = SaveType::Both;
    /// Where update_bn's statistics go, said by the user. Empty: bn_dump_dir, which stands in a file and must stay below the prefix's folder.
    std::filesystem::path dumpFolder = {};
    int opset = oldestOnnxOpset;
};

/// Requested against effective, a sentence a layer, and what the configuration asks for and this version does not do.
std::vector<std::string> exportDifferences(const PreparedNetwork& prepared, const QuantizedNetwork& quantized);
/// Error MissingValue naming the quantized layer that has no factors (the manual's save_model).
Result<void> requireFactors(const PreparedNetwork& prepared, const QuantizedNetwork& quantized);

/// A layer that a format cannot hold.
struct Refusal {
    std::string layer;
    std::string why;  ///< English
};

/// Of a network of which some layers cannot be written, all of them at once: who mends one wants to know of the others. `how`: "as ONNX".
Error layersNotWritten(const std::vector<Error>& layers, const std::string& how, const std::string& network);

/// The folder of `request`'s statistics: dumpFolder, or bn_dump_dir below the prefix's folder. Error OutOfRange for one that leads out of it (".."
/// and links are judged by where they lead).
Result<std::filesystem::path> statisticsFolder(const Configuration& configuration, const std::filesystem::path& prefix,
                                               const std::filesystem::path& dumpFolder);

/// Writes all files of a plan, or none.
Result<void> writeExport(const ExportPlan& plan);

}  // namespace qs

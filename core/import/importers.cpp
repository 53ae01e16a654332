#include "core/import/caffe/importer.h"
#include "core/import/onnx/importer.h"
#include "core/import/torchscript/importer.h"

#include <algorithm>

namespace qs {

namespace {

constexpr const char* caffeSuffixes[] = {".prototxt"};
constexpr const char* onnxSuffixes[] = {".onnx"};
constexpr const char* torchScriptSuffixes[] = {".pt", ".pth", ".ts", ".torchscript"};

constexpr Importer table[] = {
    {"caffe", "Caffe network", caffeSuffixes, true, recognisesCaffe, importCaffe},
    {"onnx", "ONNX network", onnxSuffixes, false, recognisesOnnx, importOnnx},
    {"torchscript", "TorchScript network", torchScriptSuffixes, false, recognisesTorchScript, importTorchScript},
};

const Importer* chosenFor(const std::filesystem::path& path)
{
    const std::string suffix = path.extension().string();
    for (const Importer& importer : table)
        if (std::find(importer.suffixes.begin(), importer.suffixes.end(), suffix) != importer.suffixes.end())
            return &importer;
    for (const Importer& importer : table)
        if (importer.recognises(path))
            return &importer;
    return nullptr;
}

}  // namespace

std::span<const Importer> importers()
{
    return table;
}

Result<std::shared_ptr<const Model>> importModel(const ImportRequest& request)
{
    std::error_code failure;
    if (!std::filesystem::exists(request.model, failure))
        return Error{ErrorCode::FileNotFound, "there is no such file", request.model.string()};
    if (std::filesystem::is_directory(request.model, failure))
        return Error{ErrorCode::FileUnreadable, "it is a folder", request.model.string()};
    if (!std::filesystem::is_regular_file(request.model, failure))
        return Error{ErrorCode::FileUnreadable, "it is no file but a device or a pipe", request.model.string()};
    if (request.model.extension() == ".caffemodel")
        return Error{ErrorCode::FormatUnknown, "a .caffemodel holds weights only; open the .prototxt and give this file as its weights",
                     request.model.string()};
    const Importer* importer = chosenFor(request.model);
    if (!importer)
        return Error{ErrorCode::FormatUnknown, "neither its name nor its content is that of a network", request.model.string()};
    // The one place where exceptions of libraries end.
    try {
        return importer->import(request);
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, std::to_string(std::filesystem::file_size(request.model, failure)) + " bytes of a network",
                     request.model.string()};
    } catch (const std::exception& exception) {
        return Error{ErrorCode::Internal, exception.what(), request.model.string()};
    }
}

bool lacksWeights(const Model& model)
{
    return std::any_of(model.layers().begin(), model.layers().end(),
                       [](const Layer& layer) { return layer.notRunnable == "its weights are missing"; });
}

}  // namespace qs

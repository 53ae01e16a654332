// Importers: a file becomes a Model.
//
// To add a format: a folder or file import/<format>..., one line in importers.cpp, its test. An importer never throws across this
// border and never guesses: what it cannot translate becomes a layer with an empty op, which is drawn and "not run".
#pragma once

#include "core/base/error.h"
#include "core/ir/model.h"

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace qs {

struct ImportRequest {
    std::filesystem::path model;
    std::filesystem::path weights;        ///< empty: none (ONNX), or the .caffemodel beside the prototxt that its name fits, or the only one
    std::filesystem::path customProto{};  ///< Caffe: the user's description of layers of their own (caffe/custom_proto.h); empty: none
    /// By name of an input, batch included: for sizes that the file leaves open, or instead of its own. Errors: UnknownKey, OutOfRange.
    std::map<std::string, Shape> inputShapes{};
};

struct Importer {
    const char* name;                                       ///< "caffe"
    const char* description;                                ///< for file dialogs: "Caffe network"
    std::span<const char* const> suffixes;                  ///< ".prototxt"
    bool needsWeights;                                      ///< weights come in a file of their own
    bool (*recognises)(const std::filesystem::path& path);  ///< by content where the suffix does not decide
    Result<std::shared_ptr<const Model>> (*import)(const ImportRequest& request);
};

std::span<const Importer> importers();

/// Chooses the importer by suffix, then by content. Errors: FormatUnknown, and all of the importers'.
/// A Caffe network without weights is imported with missing weights: it is drawn, its weighted layers are "not run".
Result<std::shared_ptr<const Model>> importModel(const ImportRequest& request);

/// Whether a layer waits for weights that the file, or the one beside it, does not have.
bool lacksWeights(const Model& model);

/// What every importer asks of an input's shape: 1 to largestRank dimensions, of which no one is below 1, at most 2^31 values. `where` names it.
Result<void> checkInputShape(const Shape& shape, const std::string& where);
/// UnknownKey, with the names that there are.
Error noSuchInput(const std::string& name, const std::vector<std::string>& names);

/// A custom.proto merged with Caffe's description (caffe/custom_proto.h), for those who may not see protobuf.
struct MergedProto {
    std::string text;
    std::vector<std::string> notes;
};
/// Errors: as caffe::CustomProto::parse, and the file's.
Result<MergedProto> mergeProto(const std::filesystem::path& custom);

}  // namespace qs

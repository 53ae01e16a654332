// A layer of any format as Caffe layers.
#pragma once

#include "core/base/error.h"
#include "core/ir/model.h"
#include "core/proto/qs_caffe.pb.h"

#include <optional>

namespace qs {

/// One of the Caffe layers that stand for a layer: the first reads its inputs, each next one what the one before gives, the last gives its outputs.
struct CaffePart {
    quantscope_caffe::LayerParameter layer;      ///< type and parameters; name, bottoms and tops are the caller's
    std::string suffix{};                        ///< of the name; empty for the part that has the layer's own
    std::optional<std::vector<Buffer>> blobs{};  ///< instead of the layer's own weights
};

/// The layer in Caffe's words; the source's own parameters where the model came from Caffe. Errors: NotSupported where Caffe has no such layer or the
/// writing of it is not built.
Result<std::vector<CaffePart>> caffeParts(const Model& model, const Layer& layer);

/// Parts that need more than one layer, or blobs of their own (caffe_parts.cpp). Nullopt: the layer is none of these.
Result<std::optional<std::vector<CaffePart>>> composedParts(const Model& model, const Layer& layer);
/// A Reshape to this shape, of which the batch is copied.
CaffePart reshapePart(const Shape& from, const Shape& to, std::string suffix);

Error notExportable(const Layer& layer, const std::string& why);

/// Writes a weight as float data with a shape; a scalar has none.
void setFloatBlob(quantscope_caffe::BlobProto& blob, const Shape& shape, std::span<const float> values);

}  // namespace qs

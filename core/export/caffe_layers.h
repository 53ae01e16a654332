// A layer of any format as a Caffe layer.
#pragma once

#include "core/base/error.h"
#include "core/ir/model.h"
#include "core/proto/qs_caffe.pb.h"

namespace qs {

/// The Caffe layer's type and parameters; name, bottoms, tops and blobs are the caller's. The source's own parameters where the model came
/// from Caffe. Errors: NotSupported where Caffe has no such layer.
Result<quantscope_caffe::LayerParameter> caffeLayer(const Model& model, const Layer& layer);

/// Writes a weight as float data with a shape.
void setFloatBlob(quantscope_caffe::BlobProto& blob, const Shape& shape, std::span<const float> values);

}  // namespace qs

// One Caffe layer's parameters and blobs, translated to an op.
#pragma once

#include "core/base/error.h"
#include "core/ir/model.h"
#include "core/proto/qs_caffe.pb.h"

namespace qs::caffe {

struct Translation {
    std::string op;  ///< empty: not known
    Attributes attributes;
    std::vector<std::shared_ptr<const Buffer>> weights;
    std::string notRunnable;       ///< a variant that no kernel covers
    std::string note;              ///< for the model's notes
    std::vector<float> operand{};  ///< a constant second input that the parameters give; empty: none
};

/// `weights` is the layer of the same name in the caffemodel, or null. Errors: WeightsMismatch, InvalidNumber, OutOfRange; details only.
Result<Translation> translateLayer(const quantscope_caffe::LayerParameter& layer, const quantscope_caffe::LayerParameter* weights);

/// Whether the type exists for training only (losses, Accuracy, Silence...).
bool trainingOnly(const std::string& type);
/// Whether the type reads data (Data, ImageData, MemoryData...).
bool dataLayer(const std::string& type);

/// F32, in the blob's own shape. Errors: InvalidNumber, WeightsMismatch (count differs from the shape).
Result<Buffer> blobBuffer(const quantscope_caffe::BlobProto& blob);

}  // namespace qs::caffe

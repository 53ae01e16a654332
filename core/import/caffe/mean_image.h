// What Caffe's files say about preprocessing. Without Caffe's messages, so that the data room needs to know nothing of them.
#pragma once

#include "core/data/preprocess.h"
#include "core/ir/model.h"

namespace qs::caffe {

/// A .binaryproto mean image as CHW float32. Errors: ParseFailed, ShapeMismatch, those of reading.
Result<Buffer> readMeanImage(const std::filesystem::path& path);
/// The transform_param of the TEST data layer (else of the TRAIN one); nullopt without one, and for other formats.
std::optional<Preprocess> preprocessOf(const Model& model);

}  // namespace qs::caffe

// The integers of a deploy model's blobs (semantics 1.5 and 1.8).
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/proto/qs_caffe.pb.h"

#include <string>

namespace qs::caffe {

/// I8 for a weight: int8_data, or SNQ's form (int32_data = 16 ascending levels for each of s scales, int8_data = indices, two to a byte, low
/// nibble first; our own), the levels put in; s is 1 or the output channels of `op` with `group`. I32 for a bias: int32_data alone.
/// In the blob's own shape; what else is in the blob's float data is left to the caller. Errors: WeightsMismatch when counts and shape differ.
Result<Buffer> integerBlob(const quantscope_caffe::BlobProto& blob, const std::string& op, int64_t group);

}  // namespace qs::caffe

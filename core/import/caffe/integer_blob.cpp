#include "core/import/caffe/integer_blob.h"

#include "core/ops/weight_channels.h"

#include <algorithm>
#include <cstring>

namespace qs::caffe {

namespace {

Error mismatch(const Shape& shape, const std::string& have)
{
    return Error{ErrorCode::WeightsMismatch, "its shape is " + shapeText(shape) + ", the file has " + have, {}};
}

}  // namespace

Result<Buffer> integerBlob(const quantscope_caffe::BlobProto& blob, const std::string& op, int64_t group)
{
    const Shape shape(blob.shape().dim().begin(), blob.shape().dim().end());
    int64_t count = 1;
    for (const int64_t dimension : shape) {
        if (dimension < 1 || count > INT32_MAX / dimension)
            return Error{ErrorCode::WeightsMismatch, "its shape " + shapeText(shape) + " is not possible", {}};
        count *= dimension;
    }
    const auto bytes = static_cast<int64_t>(blob.int8_data().size());
    const int64_t words = blob.int32_data_size();
    if (bytes == 0) {
        if (words != count)
            return mismatch(shape, std::to_string(words) + " int32 values");
        Buffer bias(DType::I32, shape);
        std::copy(blob.int32_data().begin(), blob.int32_data().end(), bias.as<int32_t>().begin());
        return bias;
    }
    Buffer codes(DType::I8, shape);
    const auto values = codes.as<int8_t>();
    if (words == 0) {
        if (bytes != count)
            return mismatch(shape, std::to_string(bytes) + " int8 values");
        std::memcpy(values.data(), blob.int8_data().data(), values.size());
        return codes;
    }
    if (shape.size() < 2)
        return mismatch(shape, "the indices of a matrix or a kernel");
    Layer layer;
    layer.op = op;
    layer.attributes.set("group", group);
    layer.weights = {std::make_shared<const Buffer>(codes)};
    const WeightChannels channels(layer);
    const int64_t scales = words / codebookLevels;
    if (bytes != (count + 1) / 2 || words % codebookLevels != 0 || (scales != 1 && scales != channels.channels()))
        return mismatch(shape, std::to_string(bytes) + " bytes of indices and " + std::to_string(words) + " levels");
    for (int64_t i = 0; i < count; ++i) {
        const auto pair = static_cast<unsigned char>(blob.int8_data()[static_cast<size_t>(i / 2)]);
        const int64_t index = i % 2 == 0 ? pair & 15 : pair >> 4;
        const int32_t level = blob.int32_data(static_cast<int>((scales == 1 ? 0 : channels.of(i / channels.inner())) * codebookLevels + index));
        if (level < -128 || level > 127)
            return Error{ErrorCode::OutOfRange, "level " + std::to_string(level) + " is not in [-128, 127]", {}};
        values[static_cast<size_t>(i)] = static_cast<int8_t>(level);
    }
    return codes;
}

}  // namespace qs::caffe

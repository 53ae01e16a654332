#include "core/base/buffer.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace qs {

int64_t elementCount(const Shape& shape)
{
    int64_t count = 1;
    for (const int64_t dimension : shape)
        count *= dimension;
    return count;
}

std::string shapeText(const Shape& shape)
{
    if (shape.empty())
        return "scalar";
    std::string text;
    for (const int64_t dimension : shape)
        text += (text.empty() ? "" : "x") + std::to_string(dimension);
    return text;
}

size_t dtypeSize(DType dtype)
{
    switch (dtype) {
        case DType::I8:
        case DType::U8:
            return 1;
        case DType::F16:
        case DType::I16:
            return 2;
        case DType::F32:
        case DType::I32:
            return 4;
        case DType::I64:
        case DType::U64:
            return 8;
    }
    return 0;
}

const char* dtypeName(DType dtype)
{
    switch (dtype) {
        case DType::F32:
            return "float32";
        case DType::F16:
            return "float16";
        case DType::I8:
            return "int8";
        case DType::U8:
            return "uint8";
        case DType::I16:
            return "int16";
        case DType::I32:
            return "int32";
        case DType::I64:
            return "int64";
        case DType::U64:
            return "uint64";
    }
    return "?";
}

Buffer::Buffer(DType dtype, Shape shape)
    : m_dtype(dtype), m_shape(std::move(shape)), m_count(elementCount(m_shape)), m_bytes(new std::byte[std::max<size_t>(sizeBytes(), 1)]())
{
}

Buffer Buffer::fromFloats(Shape shape, std::span<const float> values)
{
    Buffer buffer(DType::F32, std::move(shape));
    assert(buffer.count() == static_cast<int64_t>(values.size()));
    std::copy(values.begin(), values.end(), buffer.floats().begin());
    return buffer;
}

Buffer Buffer::reshaped(Shape shape) const
{
    assert(elementCount(shape) == m_count);
    Buffer buffer = *this;
    buffer.m_shape = std::move(shape);
    return buffer;
}

}  // namespace qs

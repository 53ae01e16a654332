// An immutable-by-convention n-dimensional array with shared bytes: weights, constants, and values handed out of the engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace qs {

using Shape = std::vector<int64_t>;

/// Product of the dimensions; 1 for a scalar (empty shape).
int64_t elementCount(const Shape& shape);
/// "1x64x56x56"; "scalar" for an empty shape.
std::string shapeText(const Shape& shape);

enum class DType : uint8_t { F32, F16, I8, U8, I16, I32, I64, U64 };
size_t dtypeSize(DType dtype);
const char* dtypeName(DType dtype);

/// C-order array. Copying a Buffer shares its bytes: write only to one that you have just allocated.
class Buffer {
public:
    Buffer() = default;
    /// Zero-initialised.
    Buffer(DType dtype, Shape shape);
    static Buffer fromFloats(Shape shape, std::span<const float> values);

    DType dtype() const { return m_dtype; }
    const Shape& shape() const { return m_shape; }
    int64_t count() const { return m_count; }
    size_t sizeBytes() const { return static_cast<size_t>(m_count) * dtypeSize(m_dtype); }
    bool empty() const { return !m_bytes; }

    std::byte* bytes() { return m_bytes.get(); }
    const std::byte* bytes() const { return m_bytes.get(); }
    template <class T>
    std::span<T> as()
    {
        return {reinterpret_cast<T*>(m_bytes.get()), static_cast<size_t>(m_count)};
    }
    template <class T>
    std::span<const T> as() const
    {
        return {reinterpret_cast<const T*>(m_bytes.get()), static_cast<size_t>(m_count)};
    }
    /// The values as floats; the dtype must be F32.
    std::span<float> floats() { return as<float>(); }
    std::span<const float> floats() const { return as<float>(); }
    /// The same bytes with another shape of the same count.
    Buffer reshaped(Shape shape) const;

private:
    DType m_dtype = DType::F32;
    Shape m_shape;
    int64_t m_count = 0;
    std::shared_ptr<std::byte[]> m_bytes;
};

}  // namespace qs

// Values inside the engine: float32 with shared storage and a memory layout. Torch-free.
#pragma once

#include "core/base/buffer.h"

#include <memory>
#include <span>

namespace qs {

/// How a tensor's elements lie in memory. ChannelsLast (NHWC, NLC, NDHWC) exists from three dimensions on; the shape is always given as NCHW.
enum class Layout : uint8_t { Plain, ChannelsLast };

/// What a tensor's four-byte elements are. Int32: the accumulators of a deploy model's integer layers, always Plain.
enum class Element : uint8_t { Float32, Int32 };

class Tensor {
public:
    Tensor() = default;
    Tensor(Shape shape, Layout layout, std::shared_ptr<float[]> storage);

    const Shape& shape() const { return m_shape; }
    Layout layout() const { return m_layout; }
    Element element() const { return m_element; }
    int64_t count() const { return m_count; }
    bool empty() const { return !m_storage; }
    float* data() { return m_storage.get(); }
    const float* data() const { return m_storage.get(); }
    std::span<float> values() { return {m_storage.get(), static_cast<size_t>(m_count)}; }
    std::span<const float> values() const { return {m_storage.get(), static_cast<size_t>(m_count)}; }
    std::span<int32_t> integers() { return {reinterpret_cast<int32_t*>(m_storage.get()), static_cast<size_t>(m_count)}; }
    std::span<const int32_t> integers() const { return {reinterpret_cast<const int32_t*>(m_storage.get()), static_cast<size_t>(m_count)}; }
    size_t sizeBytes() const { return static_cast<size_t>(m_count) * sizeof(float); }
    /// Same storage, another shape of the same count (Plain only).
    Tensor reshaped(Shape shape) const;
    /// The first elements, in a shape of at most the same count (Plain only).
    Tensor head(Shape shape) const;
    /// Rows [first, first + count) of a single ChannelsLast picture: the same storage.
    Tensor rows(int64_t first, int64_t count) const;
    /// Channels [first, first + count) of a ChannelsLast tensor: the same storage, pixelStep() floats from pixel to pixel. values() is not for such a
    /// part.
    Tensor channels(int64_t first, int64_t count) const;
    int64_t pixelStep() const { return m_pixelStep; }
    /// The same bytes read in another layout: only where both layouts are the same bytes (one channel, or one pixel).
    Tensor withLayout(Layout layout) const
    {
        Tensor tensor = *this;
        tensor.m_layout = layout;
        return tensor;
    }
    /// The same bytes as another shape of the same count in another layout; not for a part of the channels.
    Tensor viewedAs(Shape shape, Layout layout) const { return Tensor(std::move(shape), layout, m_storage); }
    /// The same storage for values of another kind: only before they are written.
    Tensor withElement(Element element) const
    {
        Tensor tensor = *this;
        tensor.m_element = element;
        return tensor;
    }
    /// Nobody else holds the storage: it may be overwritten. That stays so, for only a holder can share it. What other threads have given up (a value
    /// that a cache evicted) they have read before: to take it and give it up here, too, sees that through, which use_count() does not.
    bool unshared() const
    {
        if (m_storage.use_count() != 1)
            return false;
        const auto taken = m_storage;
        return true;
    }
    bool sharesStorageWith(const Tensor& other) const { return m_storage == other.m_storage; }

private:
    Shape m_shape;
    Layout m_layout = Layout::Plain;
    Element m_element = Element::Float32;
    int64_t m_count = 0;
    int64_t m_pixelStep = 0;  // of ChannelsLast
    std::shared_ptr<float[]> m_storage;
};

/// Reuses freed storage: a fresh 64 MB allocation costs 15 ms of page faults. Thread-safe. Tensors may outlive the pool.
class TensorPool {
public:
    TensorPool();
    /// Uninitialised, 64-byte aligned.
    Tensor allocate(const Shape& shape, Layout layout = Layout::Plain);
    size_t bytesInUse() const;  ///< held by living tensors
    size_t peakBytes() const;   ///< highest bytesInUse since construction
    size_t bytesHeld() const;   ///< bytesInUse plus what waits for reuse
    /// Gives storage that waits for reuse back to the system where there is more than `most` bytes of it.
    void trim(size_t most = 0);

private:
    struct State;
    std::shared_ptr<State> m_state;
};

/// (rows x columns) to (columns x rows), as many matrices as `count`, one after the other.
void transposeMatrices(const float* source, float* target, int64_t count, int64_t rows, int64_t columns);

/// The values as floats (rounded beyond 2^24); the same tensor when they are.
Tensor toFloat(const Tensor& tensor, TensorPool& pool);
/// Copies into the other layout; the same tensor when it already has it.
Tensor convertLayout(const Tensor& tensor, Layout layout, TensorPool& pool);
/// Into a part of the channels of a larger tensor; both ChannelsLast, of one shape.
void copyInto(const Tensor& tensor, Tensor& part);
/// F32 buffer to tensor (copy) and back (always Plain C order, F32).
Tensor tensorFrom(const Buffer& buffer, TensorPool& pool);
Buffer bufferFrom(const Tensor& tensor);

}  // namespace qs

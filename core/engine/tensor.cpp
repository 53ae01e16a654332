#include "core/engine/tensor.h"

#include "core/base/levels.h"
#include "core/base/parallel.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>

namespace qs {

Tensor::Tensor(Shape shape, Layout layout, std::shared_ptr<float[]> storage)
    : m_shape(std::move(shape)),
      m_layout(layout),
      m_count(elementCount(m_shape)),
      m_pixelStep(layout == Layout::ChannelsLast ? m_shape[1] : 0),
      m_storage(std::move(storage))
{
}

Tensor Tensor::reshaped(Shape shape) const
{
    assert(m_layout == Layout::Plain && elementCount(shape) == m_count);
    return Tensor(std::move(shape), Layout::Plain, m_storage);
}

Tensor Tensor::head(Shape shape) const
{
    assert(m_layout == Layout::Plain && elementCount(shape) <= m_count);
    return Tensor(std::move(shape), Layout::Plain, m_storage);
}

Tensor Tensor::rows(int64_t first, int64_t count) const
{
    assert(m_layout == Layout::ChannelsLast && m_shape[0] == 1 && first >= 0 && first + count <= m_shape[2]);
    float* begin = m_storage.get() + first * m_shape[1] * m_shape[3];
    return Tensor({1, m_shape[1], count, m_shape[3]}, m_layout, std::shared_ptr<float[]>(m_storage, begin));
}

Tensor Tensor::channels(int64_t first, int64_t count) const
{
    assert(m_layout == Layout::ChannelsLast && first >= 0 && first + count <= m_shape[1]);
    Shape shape = m_shape;
    shape[1] = count;
    Tensor part(std::move(shape), m_layout, std::shared_ptr<float[]>(m_storage, m_storage.get() + first));
    part.m_pixelStep = m_pixelStep;
    return part;
}

struct TensorPool::State {
    std::mutex mutex;
    std::multimap<size_t, float*> unused;  // by size in bytes
    size_t inUse = 0;
    size_t peak = 0;
    size_t held = 0;

    ~State()
    {
        for (const auto& [size, block] : unused)
            std::free(block);
    }

    void giveBack(float* block, size_t size)
    {
        const std::lock_guard lock(mutex);
        inUse -= size;
        unused.emplace(size, block);
    }
};

TensorPool::TensorPool() : m_state(std::make_shared<State>()) {}

Tensor TensorPool::allocate(const Shape& shape, Layout layout)
{
    constexpr size_t alignment = 64;
    const size_t wanted = std::max<size_t>(static_cast<size_t>(elementCount(shape)) * sizeof(float), 1);
    size_t size = (wanted + alignment - 1) / alignment * alignment;
    float* block = nullptr;
    {
        const std::lock_guard lock(m_state->mutex);
        // A little larger is fine; a much larger block is kept for whom it fits.
        const auto found = m_state->unused.lower_bound(size);
        if (found != m_state->unused.end() && found->first <= size + size / 4) {
            size = found->first;
            block = found->second;
            m_state->unused.erase(found);
        } else {
            m_state->held += size;
        }
        m_state->inUse += size;
        m_state->peak = std::max(m_state->peak, m_state->inUse);
    }
    if (!block)
        block = static_cast<float*>(std::aligned_alloc(alignment, size));
    if (!block)
        throw std::bad_alloc();
    return Tensor(shape, layout, std::shared_ptr<float[]>(block, [state = m_state, size](float* data) { state->giveBack(data, size); }));
}

size_t TensorPool::bytesInUse() const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->inUse;
}

size_t TensorPool::peakBytes() const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->peak;
}

size_t TensorPool::bytesHeld() const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->held;
}

void TensorPool::trim(size_t most)
{
    const std::lock_guard lock(m_state->mutex);
    if (m_state->held - m_state->inUse <= most)
        return;
    for (const auto& [size, block] : m_state->unused) {
        std::free(block);
        m_state->held -= size;
    }
    m_state->unused.clear();
}

namespace {

using Four = float __attribute__((vector_size(4 * sizeof(float))));

/// Four rows by four columns.
[[gnu::always_inline]] inline void transposeFour(const float* source, float* target, int64_t rows, int64_t columns)
{
    Four in[4];
    for (int64_t r = 0; r < 4; ++r)
        std::memcpy(&in[r], source + r * columns, sizeof(Four));
    const Four a = __builtin_shufflevector(in[0], in[1], 0, 4, 1, 5);
    const Four b = __builtin_shufflevector(in[2], in[3], 0, 4, 1, 5);
    const Four c = __builtin_shufflevector(in[0], in[1], 2, 6, 3, 7);
    const Four d = __builtin_shufflevector(in[2], in[3], 2, 6, 3, 7);
    const Four out[4] = {__builtin_shufflevector(a, b, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7),
                         __builtin_shufflevector(c, d, 0, 1, 4, 5), __builtin_shufflevector(c, d, 2, 3, 6, 7)};
    for (int64_t column = 0; column < 4; ++column)
        std::memcpy(target + column * rows, &out[column], sizeof(Four));
}

/// Columns [begin, end) of a matrix.
void transposeColumns(const float* source, float* target, int64_t rows, int64_t columns, int64_t begin, int64_t end)
{
    // A line of the target is written as a whole, while it is in the cache.
    constexpr int64_t block = 16;
    for (int64_t r0 = 0; r0 < rows; r0 += block)
        for (int64_t c = begin; c < end; c += 4) {
            const int64_t lastRow = std::min(rows, r0 + block);
            int64_t r = r0;
            if (c + 4 <= end)
                for (; r + 4 <= lastRow; r += 4)
                    transposeFour(source + r * columns + c, target + c * rows + r, rows, columns);
            for (; r < lastRow; ++r)
                for (int64_t column = c; column < std::min(end, c + 4); ++column)
                    target[column * rows + r] = source[r * columns + column];
        }
}

/// A picture's CHW to HWC: three streams in, one out.
QS_LEVELS(void, interleave3, (const float* first, const float* second, const float* third, float* target, int64_t pixels),
          (first, second, third, target, pixels))
{
    for (int64_t p = 0; p < pixels; ++p) {
        target[p * 3] = first[p];
        target[p * 3 + 1] = second[p];
        target[p * 3 + 2] = third[p];
    }
}

int64_t pixelsOf(const Shape& shape)
{
    return elementCount({shape.begin() + 2, shape.end()});
}

void transposeSamples(const Tensor& source, float* target, bool toChannelsLast)
{
    const Shape& shape = source.shape();
    const int64_t channels = shape[1];
    const int64_t pixels = pixelsOf(shape);
    for (int64_t n = 0; n < shape[0]; ++n) {
        const int64_t offset = n * channels * pixels;
        const float* from = source.data() + offset;
        if (toChannelsLast && channels == 3)
            forChunks(pixels, 1 << 14, [&](int64_t, int64_t begin, int64_t end) {
                interleave3(from + begin, from + pixels + begin, from + 2 * pixels + begin, target + offset + 3 * begin, end - begin);
            });
        else
            transposeMatrices(from, target + offset, 1, toChannelsLast ? channels : pixels, toChannelsLast ? pixels : channels);
    }
}

}  // namespace

void transposeMatrices(const float* source, float* target, int64_t count, int64_t rows, int64_t columns)
{
    if (rows == 0 || columns == 0)
        return;
    // Fewer are not worth fetching from where another thread has made them. In whole fours of columns.
    constexpr int64_t piece = 1 << 15;
    const int64_t some = std::min((columns + 3) / 4 * 4, std::max<int64_t>(4, piece / rows / 4 * 4));
    const int64_t parts = (columns + some - 1) / some;
    forChunks(count * parts, std::max<int64_t>(1, piece / (rows * some)), [&](int64_t, int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t offset = i / parts * rows * columns;
            const int64_t first = i % parts * some;
            transposeColumns(source + offset, target + offset, rows, columns, first, std::min(columns, first + some));
        }
    });
}

Tensor toFloat(const Tensor& tensor, TensorPool& pool)
{
    if (tensor.element() == Element::Float32)
        return tensor;
    Tensor converted = pool.allocate(tensor.shape());
    const auto integers = tensor.integers();
    std::transform(integers.begin(), integers.end(), converted.data(), [](int32_t value) { return static_cast<float>(value); });
    return converted;
}

Tensor convertLayout(const Tensor& tensor, Layout layout, TensorPool& pool)
{
    if (tensor.layout() == layout)
        return tensor;
    assert(tensor.shape().size() > 2);
    // With one channel or one pixel both layouts are the same bytes.
    if (tensor.shape()[1] == 1 || pixelsOf(tensor.shape()) == 1)
        return tensor.withLayout(layout);
    Tensor converted = pool.allocate(tensor.shape(), layout);
    transposeSamples(tensor, converted.data(), layout == Layout::ChannelsLast);
    return converted;
}

void copyInto(const Tensor& tensor, Tensor& part)
{
    assert(tensor.layout() == Layout::ChannelsLast && part.layout() == Layout::ChannelsLast && tensor.shape() == part.shape());
    const int64_t channels = tensor.shape()[1];
    forChunks(tensor.count() / channels, 512, [&](int64_t, int64_t begin, int64_t end) {
        for (int64_t pixel = begin; pixel < end; ++pixel)
            std::memcpy(part.data() + pixel * part.pixelStep(), tensor.data() + pixel * tensor.pixelStep(),
                        static_cast<size_t>(channels) * sizeof(float));
    });
}

Tensor tensorFrom(const Buffer& buffer, TensorPool& pool)
{
    Tensor tensor = pool.allocate(buffer.shape());
    std::memcpy(tensor.data(), buffer.bytes(), buffer.sizeBytes());
    return tensor;
}

Buffer bufferFrom(const Tensor& tensor)
{
    Buffer buffer(DType::F32, tensor.shape());
    if (tensor.layout() == Layout::Plain)
        std::memcpy(buffer.bytes(), tensor.data(), tensor.sizeBytes());
    else
        transposeSamples(tensor, buffer.floats().data(), false);
    return buffer;
}

}  // namespace qs

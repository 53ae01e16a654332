// Convolutions and fully connected layers as products of matrices, pixels x inputs of a window by those x outputs. Of a window of one pixel the
// inputs lie as the product wants them (of a fully connected layer's rows, too); of others they are laid out so, some pixels and taps at a time,
// which stay in the processor's second cache; or, where a row of the window is short, a row of pixels is multiplied where it lies, row of the window
// by row.
#include "core/engine/kernels/convolution.h"
#include "core/engine/kernels/product.h"
#include "core/engine/kernels/threads.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace qs::kernels {

void packTaps(const Buffer& weights, const ChannelBlocks& blocks, int64_t block, float* packed)
{
    const Shape& shape = weights.shape();
    const int64_t inputs = shape[1];
    const int64_t taps = elementCount(shape) / std::max<int64_t>(1, shape[0] * inputs);
    const int64_t width = blocks.width(block);
    const float* from = weights.floats().data() + blocks.first(block) * inputs * taps;
    std::fill_n(packed, inputs * taps * width, 0.0F);
    // A line of the weights at a time, whose places stay in the first cache.
    constexpr int64_t line = 16;
    for (int64_t first = 0; first < inputs * taps; first += line)
        for (int64_t c = 0; c < blocks.existing(block); ++c)
            for (int64_t i = first; i < std::min(inputs * taps, first + line); ++i)
                packed[(i % taps * inputs + i / taps) * width + c] = from[c * inputs * taps + i];
}

namespace {

/// Pixels by depth whose inputs stay in the cache while all blocks of channels are multiplied.
constexpr int64_t cachedFloats = 1 << 14;
/// A product is made in parts of about this depth, so that a block's weights stay in the cache, too, while all pixels are multiplied.
constexpr int64_t partDepth = 640;

class ProductOfPixels : public ProductKernel {
protected:
    /// Of few pixels, threads share out the channels, so that each needs but a part of the weights.
    struct Few {
        int64_t pixels;
        int64_t parts;  ///< that the channels are shared out in
    };
    ProductOfPixels(const Work& work, Layout layout, int64_t groups, int64_t depth, const Few& few)
        : ProductKernel(work, layout, chunksOf(work.output(), work.weight(0)->shape()[0], groups, depth, few), depth, packTaps)
    {
    }

    /// Inputs of some pixels of one group, from `in` on, `step` from pixel to pixel; taps' inputs from depth `first` of the weights on.
    struct Inputs {
        const float* in;
        int64_t step;
        int64_t pixels;
        int64_t first, depth;
        bool begins, ends;  ///< the sums
    };

    /// By all blocks of [firstBlock, endBlock), into `out` and on.
    void multiplyBlocks(const Inputs& given, int64_t firstBlock, int64_t endBlock, float* out, int64_t outStep, ZeroSearch& search,
                        int32_t* memory) const
    {
        NonZeros nonZeros{};
        if (finiteWeights())
            nonZeros = findNonZeros(given.in, given.step, given.pixels, given.depth, blocks().vecs, search, memory);
        for (int64_t block = firstBlock; block < endBlock; ++block)
            multiply({.in = given.in,
                      .inStep = given.step,
                      .rows = given.pixels,
                      .depth = given.depth,
                      .weights = weightsOf(block) + given.first * blocks().width(block),
                      .vecs = blocks().width(block) / blocks().lanes,
                      .bias = biasOf(block),
                      .goesOn = !given.begins,
                      .activation = given.ends ? activation() : nullptr,
                      .out = out + blocks().first(block),
                      .outStep = outStep,
                      .channels = blocks().existing(block),
                      .nonZeros = finiteWeights() ? &nonZeros : nullptr,
                      .next = block + 1 < endBlock ? weightsOf(block + 1) + given.first * blocks().width(block + 1) : nullptr});
    }

    ZeroSearch search() const { return {blocks().channels, m_search.load(std::memory_order_relaxed)}; }
    void keep(const ZeroSearch& search) const { m_search.store(search.state(), std::memory_order_relaxed); }

private:
    static Chunks chunksOf(const Shape& output, int64_t outputs, int64_t groups, int64_t depth, const Few& few)
    {
        const int64_t pixels = outputs == 0 ? 0 : elementCount(output) / outputs;
        constexpr int64_t tooFewToShare = 12;
        if (const ChannelBlocks blocks(outputs / groups, true, groups); pixels <= few.pixels && (blocks.even() || pixels < tooFewToShare))
            return {blocks, pixels, std::max<int64_t>(1, pixels), pieces(blocks.count(), few.parts)};
        const ChannelBlocks blocks(outputs / groups, false, groups);
        const int64_t inCache = std::max<int64_t>(24, cachedFloats / std::max<int64_t>(1, std::min(depth, partDepth)));
        return {blocks, pixels, evenChunk(pixels, 4 * inCache), blocks.count()};
    }

    /// Of whichever chunk was the last: it is about time only, never about values.
    mutable std::atomic<ZeroSearch::State> m_search{ZeroSearch::State()};
};

/// Of a window of one pixel, and of rows of features.
class Pointwise final : public ProductOfPixels {
public:
    Pointwise(const Work& work, Layout layout) : ProductOfPixels(work, layout, 1, work.weight(0)->shape()[1], {.pixels = 512, .parts = 4}) {}

private:
    void runChunk(const float* in, Tensor& out, int64_t firstPixel, int64_t endPixel, int64_t firstBlock, int64_t endBlock) const override
    {
        const int64_t outStep = out.layout() == Layout::ChannelsLast ? out.pixelStep() : blocks().channels;
        ZeroSearch zeros = search();
        // With a part of the weights only, all pixels at once: they are read once a block.
        const int64_t all = endPixel - firstPixel;
        const int64_t inCache = std::max<int64_t>(24, cachedFloats / 4 / std::max<int64_t>(1, depth()));
        const int64_t most = endBlock - firstBlock < blocks().count() ? all : inCache;
        const int64_t step = pieces(all, std::max<int64_t>(1, (all + most / 2) / most));
        auto* memory = static_cast<int32_t*>(scratch(static_cast<size_t>(nonZerosSize(step, depth(), blocks().vecs)) * sizeof(int32_t)));
        for (int64_t pixel = firstPixel; pixel < endPixel; pixel += step) {
            const int64_t pixels = std::min(step, endPixel - pixel);
            multiplyBlocks({in + pixel * depth(), depth(), pixels, 0, depth(), true, true}, firstBlock, endBlock, out.data() + pixel * outStep,
                           outStep, zeros, memory);
        }
        keep(zeros);
    }
};

class Direct final : public ProductOfPixels {
public:
    /// (For each part of the channels, windows are laid out anew.)
    explicit Direct(const Work& work)
        : ProductOfPixels(work, Layout::ChannelsLast, Window(work).group, Window(work).taps() * Window(work).groupInputs,
                          {.pixels = 96, .parts = threadCount()}),
          m_window(work),
          m_inside(m_window.columnsInside(output()[3]))
    {
    }

private:
    void runChunk(const float* in, Tensor& out, int64_t firstPixel, int64_t endPixel, int64_t firstBlock, int64_t endBlock) const override
    {
        // Rows of the window that are too short to be worth laying out, of a picture's own channels above all.
        constexpr int64_t shortRow = 64;
        const bool lieTogether = m_window.group == 1 && m_window.dilation[1] == 1;
        if (!lieTogether || m_window.kernel[1] * m_window.channels > shortRow)
            return layOut(in, out, firstPixel, endPixel, firstBlock, endBlock);
        const int64_t width = output()[3];
        for (int64_t pixel = firstPixel; pixel < endPixel;) {
            const int64_t row = pixel / width;
            const int64_t end = std::min(endPixel, (row + 1) * width);
            const int64_t first = std::clamp(row * width + m_inside.first, pixel, end);
            const int64_t last = std::clamp(row * width + m_inside.second, first, end);
            layOut(in, out, pixel, first, firstBlock, endBlock);
            multiplyRow(in, out, first, last, firstBlock, endBlock);
            layOut(in, out, last, end, firstBlock, endBlock);
            pixel = end;
        }
    }

    /// Pixels of one row whose windows are inside between left and right.
    void multiplyRow(const float* in, Tensor& out, int64_t firstPixel, int64_t endPixel, int64_t firstBlock, int64_t endBlock) const
    {
        const Window& w = m_window;
        const int64_t row = firstPixel / output()[3];
        const int64_t n = row / output()[2];
        const int64_t left = firstPixel % output()[3] * w.stride[1] - w.pad[1];
        const int64_t top = row % output()[2] * w.stride[0] - w.pad[0];
        // The rows of the window that are in the picture: zeros outside add nothing.
        const int64_t first = top < 0 ? pieces(-top, w.dilation[0]) : 0;
        const int64_t end = std::min(w.kernel[0], w.height > top ? pieces(w.height - top, w.dilation[0]) : 0);
        if (firstPixel == endPixel || first >= end)
            return layOut(in, out, firstPixel, endPixel, firstBlock, endBlock);
        const int64_t depth = w.kernel[1] * w.channels;
        for (int64_t block = firstBlock; block < endBlock; ++block)
            multiply({.in = in + ((n * w.height + top + first * w.dilation[0]) * w.width + left) * w.channels,
                      .inStep = w.stride[1] * w.channels,
                      .rows = endPixel - firstPixel,
                      .depth = depth,
                      .weights = weightsOf(block) + first * depth * blocks().width(block),
                      .vecs = blocks().width(block) / blocks().lanes,
                      .bias = biasOf(block),
                      .activation = activation(),
                      .out = out.data() + firstPixel * out.pixelStep() + blocks().first(block),
                      .outStep = out.pixelStep(),
                      .channels = blocks().existing(block),
                      .parts = end - first,
                      .partStep = w.dilation[0] * w.width * w.channels});
    }

    void layOut(const float* in, Tensor& out, int64_t firstPixel, int64_t endPixel, int64_t firstBlock, int64_t endBlock) const
    {
        const int64_t all = endPixel - firstPixel;
        if (all == 0)
            return;
        const int64_t taps = m_window.taps();
        const int64_t inputs = m_window.groupInputs;
        const int64_t partTaps = pieces(taps, std::clamp<int64_t>((taps * inputs + partDepth / 2) / partDepth, 1, taps));
        const int64_t partSize = partTaps * inputs;
        const int64_t inCache = std::clamp<int64_t>(4 * cachedFloats / partSize, 24, 192);
        const int64_t step = pieces(all, pieces(all, inCache));
        const int64_t patches = rounded(step * partSize, 16);
        auto* memory = static_cast<float*>(scratch(static_cast<size_t>(patches + nonZerosSize(step, partSize, blocks().vecs)) * sizeof(float)));
        ZeroSearch zeros = search();
        for (int64_t pixel = firstPixel; pixel < endPixel; pixel += step) {
            const int64_t pixels = std::min(step, endPixel - pixel);
            for (int64_t block = firstBlock; block < endBlock;) {
                const int64_t group = blocks().group(block);
                const int64_t groupEnd = std::min(endBlock, (group + 1) * blocks().perGroup());
                for (int64_t tap = 0; tap < taps; tap += partTaps) {
                    const int64_t some = std::min(partTaps, taps - tap);
                    for (int64_t p = 0; p < pixels; ++p)
                        copyWindow(in + group * inputs, pixel + p, tap, tap + some, memory + p * some * inputs);
                    multiplyBlocks({memory, some * inputs, pixels, tap * inputs, some * inputs, tap == 0, tap + some == taps}, block, groupEnd,
                                   out.data() + pixel * out.pixelStep(), out.pixelStep(), zeros, reinterpret_cast<int32_t*>(memory + patches));
                }
                block = groupEnd;
            }
        }
        keep(zeros);
    }

    /// What taps [first, end) of an output's window read of a group; zeros outside of the picture.
    void copyWindow(const float* in, int64_t pixel, int64_t first, int64_t end, float* to) const
    {
        const Window& w = m_window;
        const int64_t left = pixel % output()[3] * w.stride[1] - w.pad[1];
        const int64_t top = pixel / output()[3] % output()[2] * w.stride[0] - w.pad[0];
        const int64_t n = pixel / output()[3] / output()[2];
        const bool neighbours = w.group == 1 && w.dilation[1] == 1;
        for (int64_t tap = first; tap < end;) {
            const int64_t y = top + tap / w.kernel[1] * w.dilation[0];
            const int64_t column = tap % w.kernel[1];
            const int64_t x = left + column * w.dilation[1];
            const bool inside = y >= 0 && y < w.height;
            // Of one row of the window: taps that are beside each other in the picture, too.
            const int64_t run = neighbours ? std::min(w.kernel[1] - column, end - tap) : 1;
            const int64_t before = inside ? std::clamp<int64_t>(-x, 0, run) : run;
            const int64_t there = inside ? std::clamp<int64_t>(w.width - x - before, 0, run - before) : 0;
            std::memset(to, 0, static_cast<size_t>(before * w.groupInputs) * sizeof(float));
            if (there > 0)
                std::memcpy(to + before * w.groupInputs, in + ((n * w.height + y) * w.width + x + before) * w.channels,
                            static_cast<size_t>(there * w.groupInputs) * sizeof(float));
            std::memset(to + (before + there) * w.groupInputs, 0, static_cast<size_t>((run - before - there) * w.groupInputs) * sizeof(float));
            to += run * w.groupInputs;
            tap += run;
        }
    }

    Window m_window;
    std::pair<int64_t, int64_t> m_inside;
};

bool isPointwise(const Window& window)
{
    const std::vector<int64_t> ones{1, 1};
    return window.kernel == ones && window.stride == ones && window.group == 1 &&
           std::all_of(window.pad.begin(), window.pad.end(), [](int64_t side) { return side == 0; });
}

}  // namespace

std::unique_ptr<Kernel> direct(const Work& work)
{
    if (isPointwise(Window(work)))
        return std::make_unique<Pointwise>(work, Layout::ChannelsLast);
    return std::make_unique<Direct>(work);
}

KernelResult innerProduct(const Work& work)
{
    return std::unique_ptr<Kernel>(std::make_unique<Pointwise>(work, Layout::Plain));
}

}  // namespace qs::kernels

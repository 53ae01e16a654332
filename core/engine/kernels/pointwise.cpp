// 1x1 convolutions as products of matrices, pixels x inputs by inputs x outputs; and fully connected layers, whose rows are the pixels here. oneDNN's
// take about as long on values without zeros, but multiply the zeros too, which most of a ReLU's values are, and cannot write a part of the channels
// of a larger tensor, as the Concat behind many of them wants. (Of a single row they take longer: there the weights' way from memory counts.)
#include "core/engine/kernels/product.h"

#include <algorithm>
#include <atomic>

namespace qs::kernels {

namespace {

class Pointwise final : public ProductKernel {
public:
    Pointwise(const Work& work, Layout layout)
        : ProductKernel(work, layout, chunksOf(work.output(), *work.weight(0)), work.weight(0)->shape()[1], pack)
    {
    }

private:
    /// Pixels that stay in the first cache for all blocks of channels.
    static int64_t pixelsInCache(int64_t depth)
    {
        constexpr int64_t floats = 4096;
        return std::max<int64_t>(24, floats / std::max<int64_t>(1, depth));
    }

    static Chunks chunksOf(const Shape& output, const Buffer& weights)
    {
        const int64_t outputs = weights.shape()[0];
        const int64_t depth = weights.shape()[1];
        const int64_t pixels = elementCount(output) / outputs;
        // Of few pixels, threads share out the channels, so that each needs but a part of the weights.
        constexpr int64_t few = 512;
        constexpr int64_t tooFewToShare = 12;
        if (const ChannelBlocks blocks(outputs, true); pixels <= few && (blocks.even() || pixels < tooFewToShare))
            return {blocks, pixels, pixels, pieces(blocks.count(), 2)};
        const ChannelBlocks blocks(outputs, false);
        return {blocks, pixels, evenChunk(pixels, 8 * pixelsInCache(depth)), blocks.count()};
    }

    static void pack(const Buffer& weights, const ChannelBlocks& blocks, int64_t block, float* packed)
    {
        const int64_t depth = weights.shape()[1];
        const int64_t width = blocks.width(block);
        const float* from = weights.floats().data() + blocks.first(block) * depth;
        std::fill_n(packed, depth * width, 0.0F);
        // A line of the weights at a time, whose places stay in the first cache.
        for (int64_t first = 0; first < depth; first += lanes)
            for (int64_t c = 0; c < blocks.existing(block); ++c)
                for (int64_t i = first; i < std::min(depth, first + lanes); ++i)
                    packed[i * width + c] = from[c * depth + i];
    }

    void runChunk(const float* in, Tensor& out, int64_t firstPixel, int64_t endPixel, int64_t firstBlock, int64_t endBlock) const override
    {
        const int64_t outputs = blocks().channels;
        const int64_t outStep = out.layout() == Layout::ChannelsLast ? out.pixelStep() : outputs;
        ZeroSearch search(outputs, m_search.load(std::memory_order_relaxed));
        // With a part of the weights only, all pixels at once: they are read once a block.
        const int64_t all = endPixel - firstPixel;
        const int64_t most = endBlock - firstBlock < blocks().count() ? all : pixelsInCache(depth());
        const int64_t step = pieces(all, std::max<int64_t>(1, (all + most / 2) / most));
        for (int64_t pixel = firstPixel; pixel < endPixel; pixel += step) {
            const int64_t pixels = std::min(step, endPixel - pixel);
            NonZeros nonZeros{};
            if (finiteWeights())
                nonZeros = findNonZeros(in + pixel * depth(), depth(), pixels, depth(), blocks().vecs, search);
            for (int64_t block = firstBlock; block < endBlock; ++block)
                multiply({.in = in + pixel * depth(),
                          .inStep = depth(),
                          .rows = pixels,
                          .depth = depth(),
                          .weights = weightsOf(block),
                          .vecs = blocks().width(block) / lanes,
                          .bias = biasOf(blocks().first(block)),
                          .activation = activation(),
                          .out = out.data() + pixel * outStep + blocks().first(block),
                          .outStep = outStep,
                          .channels = blocks().existing(block),
                          .nonZeros = finiteWeights() ? &nonZeros : nullptr});
        }
        m_search.store(search.state(), std::memory_order_relaxed);
    }

    /// Of whichever chunk was the last: it is about time only, never about values.
    mutable std::atomic<ZeroSearch::State> m_search{ZeroSearch::State()};
};

bool isPointwise(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const std::vector<int64_t> ones{1, 1};
    if (attributes.integers("kernel") != ones || attributes.integers("stride", ones) != ones || attributes.integer("group", 1) != 1)
        return false;
    const std::vector<int64_t> pad = attributes.integers("pad", {0, 0, 0, 0});
    return std::all_of(pad.begin(), pad.end(), [](int64_t side) { return side == 0; });
}

}  // namespace

std::unique_ptr<Kernel> pointwise(const Work& work)
{
    return wideRegisters() && isPointwise(work) ? std::make_unique<Pointwise>(work, Layout::ChannelsLast) : nullptr;
}

std::unique_ptr<Kernel> fullyConnected(const Work& work)
{
    return wideRegisters() ? std::make_unique<Pointwise>(work, Layout::Plain) : nullptr;
}

}  // namespace qs::kernels

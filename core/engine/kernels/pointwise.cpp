// 1x1 convolutions of a few inputs as one product of matrices, pixels x inputs by inputs x outputs. Such layers mostly wait for memory: oneDNN's
// takes as long, but cannot write a part of the channels of a larger tensor, as the Concat behind many of them wants, and two threads start it later.
#include "core/engine/kernels/product.h"

#include <algorithm>
#include <limits>

namespace qs::kernels {

namespace {

class Pointwise final : public ProductKernel {
public:
    explicit Pointwise(const Work& work) : ProductKernel(work, sharesOf(work.output(), work.input()[1]), work.input()[1]), m_depth(work.input()[1])
    {
        packWeights(work.weight(0)->floats().data());
    }

private:
    static Shares sharesOf(const Shape& output, int64_t depth)
    {
        // Of many pixels, a chunk stays in the first cache beside the weights.
        constexpr int64_t floats = 4096;
        return {.units = output[0] * output[2] * output[3],
                .together = 512,
                .mostUnits = std::max<int64_t>(24, floats / depth),
                .mostBlocks = std::numeric_limits<int64_t>::max()};
    }

    void packWeights(const float* weights)
    {
        for (int64_t block = 0; block < blocks().count(); ++block) {
            const int64_t width = blocks().width(block);
            float* packed = weightsOf(block);
            std::fill_n(packed, m_depth * width, 0.0F);
            for (int64_t c = 0; c < blocks().existing(block); ++c)
                for (int64_t i = 0; i < m_depth; ++i)
                    packed[i * width + c] = weights[(blocks().first(block) + c) * m_depth + i];
        }
    }

    void runChunk(const float* in, Tensor& out, int64_t firstPixel, int64_t endPixel, int64_t firstBlock, int64_t endBlock) const override
    {
        for (int64_t block = firstBlock; block < endBlock; ++block)
            multiply({.in = in + firstPixel * m_depth,
                      .inStep = m_depth,
                      .rows = endPixel - firstPixel,
                      .depth = m_depth,
                      .weights = weightsOf(block),
                      .vecs = blocks().width(block) / lanes,
                      .bias = biasOf(blocks().first(block)),
                      .activation = activation(),
                      .out = out.data() + firstPixel * out.pixelStep() + blocks().first(block),
                      .outStep = out.pixelStep(),
                      .channels = blocks().existing(block)});
    }

    int64_t m_depth;
};

/// Where oneDNN's took as long (0.9 to 1.1 of the time): with more inputs it was up to 1.2 times as fast.
bool applies(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const std::vector<int64_t> ones{1, 1};
    if (attributes.integers("kernel") != ones || attributes.integers("stride", ones) != ones || attributes.integer("group", 1) != 1)
        return false;
    const std::vector<int64_t> pad = attributes.integers("pad", {0, 0, 0, 0});
    const bool padded = std::any_of(pad.begin(), pad.end(), [](int64_t side) { return side != 0; });
    constexpr int64_t mostInputs = 64;
    return wideRegisters() && !padded && work.input()[1] <= mostInputs;
}

}  // namespace

std::unique_ptr<Kernel> pointwise(const Work& work)
{
    return applies(work) ? std::make_unique<Pointwise>(work) : nullptr;
}

}  // namespace qs::kernels

// 1x1 convolutions of a few inputs as one product of matrices, pixels x inputs by inputs x outputs. Such layers mostly wait for memory: oneDNN's
// takes as long, but cannot write a part of the channels of a larger tensor, as the Concat behind many of them wants, and two threads start it later.
#include "core/base/parallel.h"
#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/product.h"

#include <algorithm>

namespace qs::kernels {

namespace {

class Pointwise final : public Kernel {
public:
    explicit Pointwise(const Work& work)
        : m_output(work.output()),
          m_depth(work.input()[1]),
          m_pixels(m_output[0] * m_output[2] * m_output[3]),
          m_chunkPixels(pixelsOfAChunk()),
          m_activation(asLimits(work.request.activation)),
          m_blocks(m_output[1], m_chunkPixels == m_pixels),
          m_bias(static_cast<size_t>(m_blocks.allWidths())),
          m_weights(TensorPool().allocate({m_depth * m_blocks.allWidths()}))
    {
        if (const auto bias = work.weight(1))
            std::copy(bias->floats().begin(), bias->floats().end(), m_bias.begin());
        packWeights(work.weight(0)->floats().data());
        m_chunkBlocks = m_chunkPixels == m_pixels ? pieces(m_blocks.count(), 2) : m_blocks.count();
    }

    std::span<const Layout> inputLayouts() const override { return m_layouts; }
    std::span<const Layout> outputLayouts() const override { return m_layouts; }
    std::span<const Shape> outputShapes() const override { return {&m_output, 1}; }
    bool writesChannels() const override { return true; }
    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override
    {
        const float* in = inputs[0].data();
        Tensor& out = outputs[0];
        const int64_t parts = pieces(m_blocks.count(), m_chunkBlocks);
        forChunks(pieces(m_pixels, m_chunkPixels) * parts, 1, [&](int64_t, int64_t chunk, int64_t) {
            const int64_t first = chunk / parts * m_chunkPixels;
            const int64_t block = chunk % parts * m_chunkBlocks;
            runChunk(in, out, first, std::min(m_pixels, first + m_chunkPixels), block, std::min(m_blocks.count(), block + m_chunkBlocks));
        });
        return {};
    }

private:
    /// Few pixels stay together, and threads share out the channels. Many are cut into chunks that stay in the first cache beside the weights, an
    /// even number of about one size: two threads end together.
    int64_t pixelsOfAChunk() const
    {
        constexpr int64_t floats = 4096;
        const int64_t most = std::max<int64_t>(24, floats / m_depth);
        return m_pixels <= 512 ? m_pixels : pieces(m_pixels, rounded(pieces(m_pixels, most), 2));
    }

    void packWeights(const float* weights)
    {
        std::fill_n(m_weights.data(), m_weights.count(), 0.0F);
        for (int64_t block = 0; block < m_blocks.count(); ++block) {
            const int64_t width = m_blocks.width(block);
            float* packed = m_weights.data() + weightsAt(block);
            for (int64_t c = 0; c < m_blocks.existing(block); ++c)
                for (int64_t i = 0; i < m_depth; ++i)
                    packed[i * width + c] = weights[(m_blocks.first(block) + c) * m_depth + i];
        }
    }

    int64_t weightsAt(int64_t block) const { return m_depth * m_blocks.first(block); }

    void runChunk(const float* in, Tensor& out, int64_t firstPixel, int64_t endPixel, int64_t firstBlock, int64_t endBlock) const
    {
        for (int64_t block = firstBlock; block < endBlock; ++block)
            multiply({.in = in + firstPixel * m_depth,
                      .inStep = m_depth,
                      .rows = endPixel - firstPixel,
                      .depth = m_depth,
                      .weights = m_weights.data() + weightsAt(block),
                      .vecs = m_blocks.width(block) / lanes,
                      .bias = m_bias.data() + m_blocks.first(block),
                      .activation = m_activation ? &*m_activation : nullptr,
                      .out = out.data() + firstPixel * out.pixelStep() + m_blocks.first(block),
                      .outStep = out.pixelStep(),
                      .channels = m_blocks.existing(block)});
    }

    std::vector<Layout> m_layouts{Layout::ChannelsLast};
    Shape m_output;
    int64_t m_depth, m_pixels, m_chunkPixels;
    std::optional<FusedActivation> m_activation;
    ChannelBlocks m_blocks;
    std::vector<float> m_bias;  ///< up to whole vectors
    Tensor m_weights;           ///< by block of output channels, input channel
    int64_t m_chunkBlocks = 1;
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

// 3x3 convolutions by Winograd's F(4x4, 3x3): a tile of 4x4 outputs takes 36 multiplications a pair of channels instead of 144. The weights and tiles
// of 6x6 inputs are evaluated at 6x6 points, multiplied there (36 small matrix products, tiles x inputs by inputs x outputs), and interpolated.
#include "core/base/parallel.h"
#include "core/engine/kernels/product.h"

#include <algorithm>

namespace qs::kernels {

namespace {

constexpr int tileSize = 4;  ///< outputs a side
constexpr int patch = 6;     ///< inputs a side, and points a side
constexpr int points = patch * patch;
constexpr int64_t mostTiles = 24;  ///< of a chunk: what is computed of them stays in a processor's second cache

/// The points 0, ±inner, ±outer and infinity. All powers are exact, and rounding errors half of those with the usual 1 and 2 (or 1/2 and 1).
constexpr float inner = 0.625F;
constexpr float outer = 1.5F;
constexpr float inner2 = inner * inner;
constexpr float outer2 = outer * outer;

/// Where a tile's outputs go: as many rows and columns as the picture has.
struct Target {
    float* data;
    int64_t rowStep, pixelStep;
    int64_t rows, columns;
    int64_t channels;
};

}  // namespace

}  // namespace qs::kernels

#define QS_LOOPS "core/engine/kernels/loops/winograd.h"
#include "core/engine/kernels/loops/each_level.h"

namespace qs::kernels {

namespace {

class Winograd final : public ProductKernel {
public:
    explicit Winograd(const Work& work)
        : ProductKernel(work, Layout::ChannelsLast, chunksOf(work.output()), points * work.input()[1], pack),
          m_input(work.input()),
          m_pad(work.attributes().integers("pad", {0, 0, 0, 0})),
          m_tilesDown(pieces(output()[2], tileSize)),
          m_tilesAcross(pieces(output()[3], tileSize)),
          m_zeros(static_cast<size_t>(m_input[1]))
    {
    }

private:
    static Chunks chunksOf(const Shape& output)
    {
        const int64_t tiles = output[0] * pieces(output[2], tileSize) * pieces(output[3], tileSize);
        const ChannelBlocks blocks(output[1], tiles <= mostTiles);
        if (tiles > mostTiles)
            return {blocks, tiles, evenChunk(tiles, mostTiles), blocks.count()};
        // A few tiles stay together, and are evaluated in every chunk anew, for channels enough to be worth it.
        return {blocks, tiles, tiles, std::min<int64_t>(2, pieces(blocks.count(), 2))};
    }

    static void pack(const Buffer& weights, const ChannelBlocks& blocks, int64_t block, float* packed)
    {
        const int64_t depth = weights.shape()[1];
        const int64_t width = blocks.width(block);
        const int64_t lanes = blocks.lanes;
        for (int64_t i = 0; i < depth; ++i)
            for (int64_t c = 0; c < width; c += lanes) {
                const int64_t o = blocks.first(block) + c;
                QS_AT_LEVEL(evaluateWeights(weights.floats().data() + (o * depth + i) * 9, depth * 9, std::min<int64_t>(lanes, blocks.channels - o),
                                            packed + i * width + c, depth * width));
            }
    }

    void runChunk(const float* in, Tensor& out, int64_t firstTile, int64_t endTile, int64_t firstBlock, int64_t endBlock) const override
    {
        const int64_t tiles = endTile - firstTile;
        const int64_t depth = m_input[1];
        const int64_t lanes = blocks().lanes;
        constexpr int64_t line = 16;
        // A point's values lie a line further than they need to: at a distance of 4 KiB all would meet in one set of the first cache.
        const int64_t evaluatedStep = rounded(tiles * depth, line) + line;
        const int64_t productsStep = rounded(tiles * blocks().width(0), line) + line;
        auto* evaluated = static_cast<float*>(scratch(static_cast<size_t>(points * (evaluatedStep + productsStep)) * sizeof(float)));
        float* products = evaluated + points * evaluatedStep;
        for (int64_t t = 0; t < tiles; ++t) {
            const float* pixels[points];
            findPatch(in, firstTile + t, pixels);
            QS_AT_LEVEL(evaluatePatches(pixels, depth, evaluated + t * depth, evaluatedStep));
        }
        for (int64_t block = firstBlock; block < endBlock; ++block) {
            const int64_t width = blocks().width(block);
            const float* weights = weightsOf(block);
            for (int64_t p = 0; p < points; ++p)
                multiply({.in = evaluated + p * evaluatedStep,
                          .inStep = depth,
                          .rows = tiles,
                          .depth = depth,
                          .weights = weights + p * depth * width,
                          .vecs = width / lanes,
                          .bias = nullptr,
                          .activation = nullptr,
                          .out = products + p * productsStep,
                          .outStep = width,
                          .channels = width,
                          .next = p + 1 < points || block + 1 < endBlock ? weights + (p + 1) * depth * width : nullptr});
            for (int64_t t = 0; t < tiles; ++t)
                for (int64_t c = 0; c < width; c += lanes) {
                    const Target target = targetOf(out, firstTile + t, blocks().first(block) + c);
                    QS_AT_LEVEL(interpolateTile(products + t * width + c, productsStep, biasOf(block) + c, activation(), target));
                }
        }
    }

    void findPatch(const float* in, int64_t index, const float* (&pixels)[points]) const
    {
        const int64_t top = index / m_tilesAcross % m_tilesDown * tileSize - m_pad[0];
        const int64_t left = index % m_tilesAcross * tileSize - m_pad[1];
        const float* image = in + index / (m_tilesDown * m_tilesAcross) * m_input[1] * m_input[2] * m_input[3];
        for (int64_t i = 0; i < points; ++i) {
            const int64_t y = top + i / patch;
            const int64_t x = left + i % patch;
            const bool inside = y >= 0 && y < m_input[2] && x >= 0 && x < m_input[3];
            pixels[i] = inside ? image + (y * m_input[3] + x) * m_input[1] : m_zeros.data();
        }
    }

    Target targetOf(Tensor& out, int64_t index, int64_t channel) const
    {
        const int64_t y = index / m_tilesAcross % m_tilesDown * tileSize;
        const int64_t x = index % m_tilesAcross * tileSize;
        const int64_t n = index / (m_tilesDown * m_tilesAcross);
        const int64_t step = out.pixelStep();
        return {out.data() + ((n * output()[2] + y) * output()[3] + x) * step + channel,
                output()[3] * step,
                step,
                std::min<int64_t>(tileSize, output()[2] - y),
                std::min<int64_t>(tileSize, output()[3] - x),
                std::min(blocks().lanes, output()[1] - channel)};
    }

    Shape m_input;
    std::vector<int64_t> m_pad;
    int64_t m_tilesDown, m_tilesAcross;
    std::vector<float> m_zeros;  ///< a pixel of the padding
};

/// Where it was measured to be faster than the direct sum.
bool applies(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const std::vector<int64_t> ones{1, 1};
    if (attributes.integers("kernel") != std::vector<int64_t>{3, 3} || attributes.integers("stride", ones) != ones ||
        attributes.integers("dilation", ones) != ones || attributes.integer("group", 1) != 1)
        return false;
    const Shape& output = work.output();
    const int64_t inputs = work.input()[1];
    const int64_t outputs = output[1];
    // Of the picture's tiles a part lies outside: a picture of 5x5 takes as much as one of 8x8. The batch does not count, so that every sample has
    // the same values in every batch.
    const int64_t computed = rounded(output[2], tileSize) * rounded(output[3], tileSize);
    const bool fits = computed >= 64 && 5 * computed <= 8 * output[2] * output[3];
    // Four times as many weights as the direct one's come from memory.
    constexpr int64_t mostWeights = 1 << 20;
    return inputs >= 16 && outputs >= 16 && fits && points * inputs * outputs <= mostWeights;
}

}  // namespace

std::unique_ptr<Kernel> winograd(const Work& work)
{
    return applies(work) ? std::make_unique<Winograd>(work) : nullptr;
}

}  // namespace qs::kernels

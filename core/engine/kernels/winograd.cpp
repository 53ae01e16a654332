// 3x3 convolutions by Winograd's F(4x4, 3x3): a tile of 4x4 outputs takes 36 multiplications a pair of channels instead of 144. The weights and tiles
// of 6x6 inputs are evaluated at 6x6 points, multiplied there (36 small matrix products, tiles x inputs by inputs x outputs), and interpolated.
// oneDNN 2.6 has it for blocked formats only, and slower.
#include "core/base/parallel.h"
#include "core/engine/kernels/product.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace qs::kernels {

namespace {

constexpr int tile = 4;   ///< outputs a side
constexpr int patch = 6;  ///< inputs a side, and points a side
constexpr int points = patch * patch;
constexpr int64_t mostTiles = 24;  ///< of a chunk: what is computed of them stays in a processor's second cache

/// The points 0, ±inner, ±outer and infinity. All powers are exact, and rounding errors half of those with the usual 1 and 2 (or 1/2 and 1).
constexpr float inner = 0.625F;
constexpr float outer = 1.5F;
constexpr float inner2 = inner * inner;
constexpr float outer2 = outer * outer;

/// Six values of a row of inputs at the points.
template <class T>
QS_INLINE void evaluate(const T (&in)[patch], T (&out)[patch])
{
    const T innerEven = in[4] - outer2 * in[2];
    const T innerOdd = in[3] - outer2 * in[1];
    const T outerEven = in[4] - inner2 * in[2];
    const T outerOdd = in[3] - inner2 * in[1];
    out[0] = in[4] - (inner2 + outer2) * in[2] + inner2 * outer2 * in[0];
    out[1] = innerEven + inner * innerOdd;
    out[2] = innerEven - inner * innerOdd;
    out[3] = outerEven + outer * outerOdd;
    out[4] = outerEven - outer * outerOdd;
    out[5] = in[5] - (inner2 + outer2) * in[3] + inner2 * outer2 * in[1];
}

/// Four outputs of a row from their products at the points.
template <class T>
QS_INLINE void interpolate(const T (&in)[patch], T (&out)[tile])
{
    const T innerSum = in[1] + in[2];
    const T innerDifference = in[1] - in[2];
    const T outerSum = in[3] + in[4];
    const T outerDifference = in[3] - in[4];
    out[0] = in[0] + innerSum + outerSum;
    out[1] = inner * innerDifference + outer * outerDifference;
    out[2] = inner2 * innerSum + outer2 * outerSum;
    out[3] = inner2 * inner * innerDifference + outer2 * outer * outerDifference + in[5];
}

using Wide = double __attribute__((vector_size(lanes * sizeof(double))));

/// A column or row of a kernel at the points: powers of a point over its distances from the others, which are the same for both signs.
QS_INLINE void evaluateKernel(const Wide& first, const Wide& second, const Wide& third, Wide (&out)[patch])
{
    constexpr double a = inner;
    constexpr double b = outer;
    constexpr double overInner = 1 / (2 * a * a * (a * a - b * b));
    constexpr double overOuter = 1 / (2 * b * b * (b * b - a * a));
    const Wide innerEven = overInner * first + overInner * a * a * third;
    const Wide innerOdd = overInner * a * second;
    const Wide outerEven = overOuter * first + overOuter * b * b * third;
    const Wide outerOdd = overOuter * b * second;
    out[0] = 1 / (a * a * b * b) * first;
    out[1] = innerEven + innerOdd;
    out[2] = innerEven - innerOdd;
    out[3] = outerEven + outerOdd;
    out[4] = outerEven - outerOdd;
    out[5] = third;
}

/// The kernels of `count` outputs, `kernelStep` apart, at the points, `outStep` apart; up to 16 outputs with zeros.
QS_CLONES void evaluateWeights(const float* kernels, int64_t kernelStep, int64_t count, float* out, int64_t outStep)
{
    float gathered[9][lanes] = {};
    for (int64_t o = 0; o < count; ++o)
        for (int i = 0; i < 9; ++i)
            gathered[i][o] = kernels[o * kernelStep + i];
    Wide half[3][patch];
    for (int x = 0; x < 3; ++x) {
        Wide column[3];
        for (int y = 0; y < 3; ++y) {
            Vec value;
            load(gathered[y * 3 + x], value);
            column[y] = __builtin_convertvector(value, Wide);
        }
        evaluateKernel(column[0], column[1], column[2], half[x]);
    }
    for (int y = 0; y < patch; ++y) {
        Wide row[patch];
        evaluateKernel(half[0][y], half[1][y], half[2][y], row);
        for (int x = 0; x < patch; ++x)
            store(out + (y * patch + x) * outStep, __builtin_convertvector(row[x], Vec));
    }
}

template <class T>
QS_INLINE void evaluatePatch(const float* const* pixels, float* out, int64_t step)
{
    T half[patch][patch];
    for (int x = 0; x < patch; ++x) {
        T in[patch], column[patch];
        for (int y = 0; y < patch; ++y)
            load(pixels[y * patch + x], in[y]);
        evaluate(in, column);
        for (int y = 0; y < patch; ++y)
            half[y][x] = column[y];
    }
    for (int y = 0; y < patch; ++y) {
        T row[patch];
        evaluate(half[y], row);
        for (int x = 0; x < patch; ++x)
            store(out + (y * patch + x) * step, row[x]);
    }
}

/// `out`: a point's channels `step` behind the last one's.
QS_CLONES void evaluatePatches(const float* const* pixels, int64_t channels, float* out, int64_t step)
{
    const float* at[points];
    int64_t c = 0;
    for (; c + lanes <= channels; c += lanes) {
        for (int i = 0; i < points; ++i)
            at[i] = pixels[i] + c;
        evaluatePatch<Vec>(at, out + c, step);
    }
    for (; c < channels; ++c) {
        for (int i = 0; i < points; ++i)
            at[i] = pixels[i] + c;
        evaluatePatch<float>(at, out + c, step);
    }
}

/// Where a tile's outputs go: as many rows and columns as the picture has.
struct Target {
    float* data;
    int64_t rowStep, pixelStep;
    int64_t rows, columns;
    int64_t channels;
};

/// Up to 16 channels of a tile's outputs from their products at the points.
QS_WIDE void interpolateTile(const float* in, int64_t step, const float* bias, const FusedActivation* activation, const Target& target)
{
    Vec half[tile][patch];
    for (int x = 0; x < patch; ++x) {
        Vec column[patch], out[tile];
        for (int y = 0; y < patch; ++y)
            load(in + (y * patch + x) * step, column[y]);
        interpolate(column, out);
        for (int y = 0; y < tile; ++y)
            half[y][x] = out[y];
    }
    Vec offset;
    load(bias, offset);
    for (int y = 0; y < target.rows; ++y) {
        Vec row[tile];
        interpolate(half[y], row);
        for (int x = 0; x < tile; ++x) {
            row[x] += offset;
            if (activation)
                activate(row[x], *activation);
        }
        for (int x = 0; x < target.columns; ++x) {
            float* to = target.data + y * target.rowStep + x * target.pixelStep;
            if (target.channels == lanes)
                store(to, row[x]);
            else
                std::memcpy(to, &row[x], static_cast<size_t>(target.channels) * sizeof(float));
        }
    }
}

class Winograd final : public ProductKernel {
public:
    explicit Winograd(const Work& work)
        : ProductKernel(work, Layout::ChannelsLast, chunksOf(work.output()), points * work.input()[1], pack),
          m_input(work.input()),
          m_pad(work.attributes().integers("pad", {0, 0, 0, 0})),
          m_tilesDown(pieces(output()[2], tile)),
          m_tilesAcross(pieces(output()[3], tile)),
          m_zeros(static_cast<size_t>(m_input[1]))
    {
    }

private:
    static Chunks chunksOf(const Shape& output)
    {
        const int64_t tiles = output[0] * pieces(output[2], tile) * pieces(output[3], tile);
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
        for (int64_t i = 0; i < depth; ++i)
            for (int64_t c = 0; c < width; c += lanes) {
                const int64_t o = blocks.first(block) + c;
                evaluateWeights(weights.floats().data() + (o * depth + i) * 9, depth * 9, std::min<int64_t>(lanes, blocks.channels - o),
                                packed + i * width + c, depth * width);
            }
    }

    void runChunk(const float* in, Tensor& out, int64_t firstTile, int64_t endTile, int64_t firstBlock, int64_t endBlock) const override
    {
        const int64_t tiles = endTile - firstTile;
        const int64_t depth = m_input[1];
        // A point's values lie a line further than they need to: at a distance of 4 KiB all would meet in one set of the first cache.
        const int64_t evaluatedStep = rounded(tiles * depth, lanes) + lanes;
        const int64_t productsStep = tiles * blocks().width(0) + lanes;
        auto* evaluated = static_cast<float*>(scratch(static_cast<size_t>(points * (evaluatedStep + productsStep)) * sizeof(float)));
        float* products = evaluated + points * evaluatedStep;
        for (int64_t t = 0; t < tiles; ++t) {
            const float* pixels[points];
            findPatch(in, firstTile + t, pixels);
            evaluatePatches(pixels, depth, evaluated + t * depth, evaluatedStep);
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
                          .channels = width});
            for (int64_t t = 0; t < tiles; ++t)
                for (int64_t c = 0; c < width; c += lanes) {
                    const int64_t channel = blocks().first(block) + c;
                    interpolateTile(products + t * width + c, productsStep, biasOf(channel), activation(), targetOf(out, firstTile + t, channel));
                }
        }
    }

    void findPatch(const float* in, int64_t index, const float* (&pixels)[points]) const
    {
        const int64_t top = index / m_tilesAcross % m_tilesDown * tile - m_pad[0];
        const int64_t left = index % m_tilesAcross * tile - m_pad[1];
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
        const int64_t y = index / m_tilesAcross % m_tilesDown * tile;
        const int64_t x = index % m_tilesAcross * tile;
        const int64_t n = index / (m_tilesDown * m_tilesAcross);
        const int64_t step = out.pixelStep();
        return {out.data() + ((n * output()[2] + y) * output()[3] + x) * step + channel,
                output()[3] * step,
                step,
                std::min<int64_t>(tile, output()[2] - y),
                std::min<int64_t>(tile, output()[3] - x),
                std::min<int64_t>(lanes, output()[1] - channel)};
    }

    Shape m_input;
    std::vector<int64_t> m_pad;
    int64_t m_tilesDown, m_tilesAcross;
    std::vector<float> m_zeros;  ///< a pixel of the padding
};

/// Where it was measured to be faster than oneDNN's direct convolution.
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
    const int64_t computed = rounded(output[2], tile) * rounded(output[3], tile);
    const bool fits = computed >= 64 && 5 * computed <= 8 * output[2] * output[3];
    // Four times as many weights as the direct one's come from memory.
    constexpr int64_t mostWeights = 1 << 20;
    return wideRegisters() && inputs >= 16 && outputs >= 16 && fits && points * inputs * outputs <= mostWeights;
}

}  // namespace

std::unique_ptr<Kernel> winograd(const Work& work)
{
    return applies(work) ? std::make_unique<Winograd>(work) : nullptr;
}

}  // namespace qs::kernels

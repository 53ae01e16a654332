#include "core/engine/kernels/product.h"

#include "core/base/parallel.h"

namespace qs::kernels {

namespace {

/// Rows at a time: with a block's vectors up to 24 registers of sums. With more of them the rest does not hold what is multiplied; with fewer, more
/// is loaded for a multiplication.
constexpr int mostRows(int vecs)
{
    return vecs == 4 ? 6 : 8;
}

/// All loops over rows and vectors must be unrolled, or the sums lie in memory.
#define QS_UNROLL _Pragma("GCC unroll 16")

template <int Rows, int Vecs>
QS_INLINE void multiplyRows(const Product& product, int64_t first)
{
    Vec sums[Rows][Vecs];
    QS_UNROLL
    for (int v = 0; v < Vecs; ++v) {
        Vec bias{};
        if (product.bias)
            load(product.bias + v * lanes, bias);
        QS_UNROLL
        for (int r = 0; r < Rows; ++r)
            sums[r][v] = bias;
    }
    float* out = product.out + first * product.outStep;
    const float* in = product.in + first * product.inStep;
    const float* weights = product.weights;
    const int64_t step = product.inStep;
    for (int64_t k = 0; k < product.depth; ++k, weights += Vecs * lanes) {
        Vec column[Vecs];
        QS_UNROLL
        for (int v = 0; v < Vecs; ++v)
            load(weights + v * lanes, column[v]);
        QS_UNROLL
        for (int r = 0; r < Rows; ++r) {
            QS_UNROLL
            for (int v = 0; v < Vecs; ++v)
                sums[r][v] += in[r * step + k] * column[v];
        }
    }
    if (product.activation) {
        QS_UNROLL
        for (int r = 0; r < Rows; ++r) {
            QS_UNROLL
            for (int v = 0; v < Vecs; ++v)
                activate(sums[r][v], *product.activation);
        }
    }
    QS_UNROLL
    for (int r = 0; r < Rows; ++r) {
        QS_UNROLL
        for (int v = 0; v < Vecs; ++v) {
            float* const to = out + r * product.outStep + v * lanes;
            const int64_t count = product.channels - v * lanes;
            if (count >= lanes) {
                store(to, sums[r][v]);
            } else if (count > 0) {
                const Vec last = sums[r][v];  // an address of the sums themselves would put all of them in memory
                std::memcpy(to, &last, static_cast<size_t>(count) * sizeof(float));
            }
        }
    }
}

template <int Rows, int Vecs>
QS_INLINE void multiplySome(const Product& product, int64_t first, int64_t rows)
{
    if (rows == Rows)
        multiplyRows<Rows, Vecs>(product, first);
    else if constexpr (Rows > 1)
        multiplySome<Rows - 1, Vecs>(product, first, rows);
}

/// In groups of rows that differ by one at most: a row alone has too few sums to keep the processor busy.
template <int Vecs>
QS_INLINE void multiplyAll(const Product& product)
{
    int64_t first = 0;
    for (int64_t groups = pieces(product.rows, mostRows(Vecs)); groups > 0; --groups) {
        const int64_t rows = pieces(product.rows - first, groups);
        multiplySome<mostRows(Vecs), Vecs>(product, first, rows);
        first += rows;
    }
}

QS_CLONES void multiply1(const Product& product)
{
    multiplyAll<1>(product);
}
QS_CLONES void multiply2(const Product& product)
{
    multiplyAll<2>(product);
}
QS_CLONES void multiply3(const Product& product)
{
    multiplyAll<3>(product);
}
QS_CLONES void multiply4(const Product& product)
{
    multiplyAll<4>(product);
}

}  // namespace

ChannelBlocks::ChannelBlocks(int64_t given, bool shared) : channels(given)
{
    const int64_t all = pieces(given, lanes);
    vecs = pieces(all, pieces(all, mostVecs));
    for (int64_t some = mostVecs; shared && some > 1; --some)
        if (all % (2 * some) == 0) {
            vecs = some;
            break;
        }
}

void multiply(const Product& product)
{
    switch (product.vecs) {
        case 1:
            return multiply1(product);
        case 2:
            return multiply2(product);
        case 3:
            return multiply3(product);
        default:
            return multiply4(product);
    }
}

ProductKernel::ProductKernel(const Work& work, const Shares& shares, int64_t depth)
    : m_output(work.output()),
      m_activation(asLimits(work.request.activation)),
      m_blocks(m_output[1], shares.units <= shares.together),
      m_units(shares.units),
      m_chunkUnits(m_units),
      m_chunkBlocks(m_blocks.count()),
      m_depth(depth),
      m_bias(static_cast<size_t>(m_blocks.allWidths())),
      m_weights(TensorPool().allocate({depth * m_blocks.allWidths()}))
{
    if (const auto bias = work.weight(1))
        std::copy(bias->floats().begin(), bias->floats().end(), m_bias.begin());
    if (m_units <= shares.together)
        m_chunkBlocks = std::min(shares.mostBlocks, pieces(m_blocks.count(), 2));
    else  // An even number of chunks of about one size: two threads end together.
        m_chunkUnits = pieces(m_units, rounded(pieces(m_units, shares.mostUnits), 2));
}

Result<void> ProductKernel::run(std::span<const Tensor> inputs, std::span<Tensor> outputs)
{
    const int64_t parts = pieces(m_blocks.count(), m_chunkBlocks);
    forChunks(pieces(m_units, m_chunkUnits) * parts, 1, [&](int64_t, int64_t chunk, int64_t) {
        const int64_t unit = chunk / parts * m_chunkUnits;
        const int64_t block = chunk % parts * m_chunkBlocks;
        runChunk(inputs[0].data(), outputs[0], unit, std::min(m_units, unit + m_chunkUnits), block,
                 std::min(m_blocks.count(), block + m_chunkBlocks));
    });
    return {};
}

}  // namespace qs::kernels

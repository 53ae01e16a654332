// Products of matrices for convolutions: rows of inputs (pixels, or tiles at a point) by a block of output channels, whose sums stay in registers.
#pragma once

#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/vector.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace qs::kernels {

inline int64_t pieces(int64_t count, int64_t size)
{
    return (count + size - 1) / size;
}

inline int64_t rounded(int64_t count, int64_t step)
{
    return pieces(count, step) * step;
}

/// Output channels in blocks of up to four vectors of them, as the weights are packed: by block, input channel, output channel.
struct ChannelBlocks {
    static constexpr int64_t mostVecs = 4;

    /// `shared`: threads share the blocks out, so that an even number of full ones is best.
    ChannelBlocks(int64_t channels, bool shared);
    /// Whether two threads would get the same number of vectors.
    bool even() const { return pieces(channels, lanes) % (2 * vecs) == 0; }
    int64_t count() const { return pieces(channels, vecs * lanes); }
    int64_t first(int64_t block) const { return block * vecs * lanes; }
    /// Channels that are computed, whole vectors of them, and those of them that exist.
    int64_t width(int64_t block) const { return std::min(vecs * lanes, rounded(channels - first(block), lanes)); }
    int64_t existing(int64_t block) const { return std::min(vecs * lanes, channels - first(block)); }
    /// Of all blocks.
    int64_t allWidths() const { return rounded(channels, lanes); }

    int64_t channels;
    int64_t vecs;  ///< of a block, the last one's may be fewer
};

/// Of groups of rows: the inputs that are not zero in all rows of the group. The others add nothing to a sum.
struct NonZeros {
    int64_t mostRows;       ///< of a group
    const int32_t* counts;  ///< by group
    const int32_t* inputs;  ///< by group, `depth` places each; unset where the count is the depth
};

/// When zeros are looked for: where too few are found, the next groups are taken as they are, the more of them the oftener that happens.
class ZeroSearch {
public:
    /// How it goes on with the next rows.
    struct State {
        int32_t pause = 0;  ///< groups that the last pause was long
        int32_t rest = 0;   ///< of them still to come
    };

    /// `outputs`: to look for zeros takes as long as to multiply for about five of them. The first group is taken as it is: it brings the weights
    /// from memory, twice as fast in their order as with gaps.
    ZeroSearch(int64_t outputs, State state)
        : m_least(5.0 / static_cast<double>(outputs)), m_state{.pause = state.pause, .rest = std::max(state.rest, 1)}
    {
    }
    bool begins()
    {
        if (m_state.rest == 0)
            return true;
        --m_state.rest;
        return false;
    }
    void ends(int64_t nonZeros, int64_t depth)
    {
        constexpr int32_t longest = 15;
        const bool few = static_cast<double>(depth - nonZeros) < m_least * static_cast<double>(depth);
        m_state.rest = m_state.pause = few ? std::min(longest, 2 * m_state.pause + 1) : 0;
    }
    const State& state() const { return m_state; }

private:
    double m_least;  ///< share of zeros that is worth it
    State m_state;
};

/// (rows x depth) by (depth x vecs * lanes).
struct Product {
    const float* in;
    int64_t inStep;  ///< from row to row
    int64_t rows;
    int64_t depth;
    const float* weights;  ///< depth x vecs * lanes
    int64_t vecs;          ///< 1 to ChannelBlocks::mostVecs
    const float* bias;     ///< vecs * lanes; null: none
    const FusedActivation* activation;
    float* out;
    int64_t outStep;
    int64_t channels;                    ///< that are written
    const NonZeros* nonZeros = nullptr;  ///< of these rows; null: every input is multiplied
};

/// A sum is made in the order of the depth, with fused multiplications: the same bits for any number of rows and vectors, and for finite weights with
/// and without zeros (but for the sign of a sum so small that it vanishes). A bias is no negative zero.
void multiply(const Product& product);

/// For products of these rows with blocks of up to `vecs` vectors. In scratch(), until that is next used.
NonZeros findNonZeros(const float* in, int64_t inStep, int64_t rows, int64_t depth, int64_t vecs, ZeroSearch& search);

/// Without AVX-512 the registers do not hold the sums, and nobody has measured it. QS_WIDE marks functions that are called only with it.
#if defined(__x86_64__)
#define QS_WIDE __attribute__((target("arch=x86-64-v4")))
inline bool wideRegisters()
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#else
#define QS_WIDE
inline bool wideRegisters()
{
    return false;
}
#endif

/// All loops over what is to stay in registers must be unrolled, or it lies in memory.
#define QS_UNROLL _Pragma("GCC unroll 64")

/// The same activation, with a ReLU as a limit.
inline std::optional<FusedActivation> asLimits(const std::optional<FusedActivation>& activation)
{
    if (!activation || activation->slope != 0)
        return activation;
    return FusedActivation{.low = std::max(activation->low, 0.0F), .high = activation->high};
}

QS_INLINE QS_WIDE void activate(Vec& value, const FusedActivation& activation)
{
    if (activation.slope != 1)
        value = value < 0.0F ? value * activation.slope : value;
#if defined(__x86_64__)
    // What is not a number stays: of two operands one of which is none, these give the second. (The forms without a mask make GCC 12 warn of its own
    // headers.)
    constexpr __mmask16 all = 0xFFFF;
    value = (Vec)_mm512_maskz_max_ps(all, _mm512_set1_ps(activation.low), (__m512)value);
    value = (Vec)_mm512_maskz_min_ps(all, _mm512_set1_ps(activation.high), (__m512)value);
#else
    value = value < activation.low ? activation.low + Vec{} : value;
    value = value > activation.high ? activation.high + Vec{} : value;
#endif
}

/// Writes a block's weights, as many rows of its width as are multiplied for an output.
using PackBlock = void (*)(const Buffer& weights, const ChannelBlocks& blocks, int64_t block, float* packed);

struct PackedWeights {
    Tensor weights;  ///< by block of output channels, row
    bool finite;
};

/// A convolution whose outputs come in units (pixels, or tiles of them) by blocks of channels: chunks of both are shared out to the threads.
class ProductKernel : public Kernel {
public:
    std::span<const Layout> inputLayouts() const override { return m_layouts; }
    std::span<const Layout> outputLayouts() const override { return m_layouts; }
    std::span<const Shape> outputShapes() const override { return {&m_output, 1}; }
    bool writesChannels() const override { return m_layouts.front() == Layout::ChannelsLast; }
    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override;

protected:
    /// How the outputs are shared out.
    struct Chunks {
        ChannelBlocks blocks;
        int64_t units;
        int64_t chunkUnits, chunkBlocks;  ///< of a chunk
    };
    /// `layout` of input and output; `depth`: what is multiplied for an output. Kernels with the same weights and `pack` share what is packed: fused
    /// or not, for any picture, in any lane.
    ProductKernel(const Work& work, Layout layout, const Chunks& chunks, int64_t depth, PackBlock pack);
    /// `units` in an even number of chunks of about one size, so that two threads end together.
    static int64_t evenChunk(int64_t units, int64_t most) { return pieces(units, std::max<int64_t>(2, rounded(pieces(units, most), 2))); }
    virtual void runChunk(const float* in, Tensor& out, int64_t firstUnit, int64_t endUnit, int64_t firstBlock, int64_t endBlock) const = 0;

    int64_t depth() const { return m_depth; }
    const float* weightsOf(int64_t block) const { return m_packed->weights.data() + m_depth * blocks().first(block); }
    /// Whether all weights are numbers that make nothing but zeros of zeros.
    bool finiteWeights() const { return m_packed->finite; }
    const float* biasOf(int64_t channel) const { return m_bias.data() + channel; }
    const Shape& output() const { return m_output; }
    const ChannelBlocks& blocks() const { return m_chunks.blocks; }
    const FusedActivation* activation() const { return m_activation ? &*m_activation : nullptr; }

private:
    std::vector<Layout> m_layouts;
    Shape m_output;
    std::optional<FusedActivation> m_activation;
    Chunks m_chunks;
    int64_t m_depth;
    std::vector<float> m_bias;  ///< up to whole vectors
    std::shared_ptr<const PackedWeights> m_packed;
};

}  // namespace qs::kernels

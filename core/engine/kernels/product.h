// Products of matrices for convolutions: rows of inputs (pixels, or tiles at a point) by a block of output channels, whose sums stay in registers.
#pragma once

#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/vector.h"

#include <algorithm>

namespace qs::kernels {

inline int64_t pieces(int64_t count, int64_t size)
{
    return (count + size - 1) / size;
}

inline int64_t rounded(int64_t count, int64_t step)
{
    return pieces(count, step) * step;
}

/// Of the level that is in force: floats of a register, and registers of a block of output channels.
struct VectorShape {
    int64_t lanes;
    int64_t mostVecs;
};
const VectorShape& vectors();

/// Output channels in blocks of some vectors of them, as the weights are packed: by block, input channel, output channel. No block has channels of
/// two groups.
struct ChannelBlocks {
    /// `channels`: of a group. `shared`: threads share the blocks out, so that an even number of full ones is best.
    ChannelBlocks(int64_t channels, bool shared, int64_t groups = 1);
    /// Whether two threads would get the same number of vectors.
    bool even() const { return groups * pieces(channels, lanes) % (2 * vecs) == 0; }
    int64_t perGroup() const { return pieces(channels, vecs * lanes); }
    int64_t count() const { return groups * perGroup(); }
    int64_t group(int64_t block) const { return block / perGroup(); }
    /// The first channel of a block, of all channels.
    int64_t first(int64_t block) const { return group(block) * channels + inGroup(block); }
    /// Channels that are computed, whole vectors of them, and those of them that exist.
    int64_t width(int64_t block) const { return std::min(vecs * lanes, rounded(channels - inGroup(block), lanes)); }
    int64_t existing(int64_t block) const { return std::min(vecs * lanes, channels - inGroup(block)); }
    /// The widths of all blocks before this one, and of all.
    int64_t widthsBefore(int64_t block) const { return group(block) * rounded(channels, lanes) + inGroup(block); }
    int64_t allWidths() const { return groups * rounded(channels, lanes); }

    int64_t channels;
    int64_t groups;
    int64_t lanes = vectors().lanes;
    int64_t vecs;  ///< of a block, the last one's of a group may be fewer

private:
    int64_t inGroup(int64_t block) const { return block % perGroup() * vecs * lanes; }
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
    int64_t depth;         ///< of a part
    const float* weights;  ///< parts * depth x vecs * lanes
    int64_t vecs;          ///< 1 to vectors().mostVecs
    const float* bias;     ///< vecs * lanes; null: none
    bool goesOn = false;   ///< the sums go on from what is in `out`, without a bias
    const FusedActivation* activation;
    float* out;
    int64_t outStep;
    int64_t channels;                    ///< that are written
    const NonZeros* nonZeros = nullptr;  ///< of these rows; null: every input is multiplied
    int64_t parts = 1;                   ///< of a row's inputs; several have no `nonZeros`
    int64_t partStep = 0;                ///< from part to part
    const float* next = nullptr;         ///< weights of the same size that are needed next: brought into the cache meanwhile; null: none
};

/// A sum is made in the order of the depth, with fused multiplications (from x86-64-v3 on): the same bits for any number of rows and vectors, in one
/// go or going on, and for finite weights with and without zeros (but for the sign of a sum so small that it vanishes). A bias is no negative zero.
void multiply(const Product& product);

/// For products of these rows with blocks of up to `vecs` vectors. `memory`: nonZerosSize() numbers.
NonZeros findNonZeros(const float* in, int64_t inStep, int64_t rows, int64_t depth, int64_t vecs, ZeroSearch& search, int32_t* memory);
int64_t nonZerosSize(int64_t rows, int64_t depth, int64_t vecs);

/// The same activation, with a ReLU as a limit.
inline std::optional<FusedActivation> asLimits(const std::optional<FusedActivation>& activation)
{
    if (!activation || activation->slope != 0)
        return activation;
    return FusedActivation{.low = std::max(activation->low, 0.0F), .high = activation->high};
}

/// Writes a block's weights, as many rows of its width as are multiplied for an output.
using PackBlock = void (*)(const Buffer& weights, const ChannelBlocks& blocks, int64_t block, float* packed);
/// By tap, then input; weights are (outputs, inputs of a group, taps). In direct.cpp.
void packTaps(const Buffer& weights, const ChannelBlocks& blocks, int64_t block, float* packed);

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
    const float* weightsOf(int64_t block) const { return m_packed->weights.data() + m_depth * blocks().widthsBefore(block); }
    /// Whether all weights are numbers that make nothing but zeros of zeros.
    bool finiteWeights() const { return m_packed->finite; }
    const float* biasOf(int64_t block) const { return m_bias.data() + blocks().widthsBefore(block); }
    const Shape& output() const { return m_output; }
    const ChannelBlocks& blocks() const { return m_chunks.blocks; }
    const FusedActivation* activation() const { return m_activation ? &*m_activation : nullptr; }

private:
    std::vector<Layout> m_layouts;
    Shape m_output;
    std::optional<FusedActivation> m_activation;
    Chunks m_chunks;
    int64_t m_depth;
    std::vector<float> m_bias;  ///< by block, up to whole vectors
    std::shared_ptr<const PackedWeights> m_packed;
};

}  // namespace qs::kernels

// Products of matrices for convolutions: rows of inputs (pixels, or tiles at a point) by a block of output channels, whose sums stay in registers.
#pragma once

#include "core/engine/engine.h"
#include "core/engine/kernels/vector.h"

#include <algorithm>
#include <limits>

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
    int64_t channels;  ///< that are written
};

/// A sum is made in the order of the depth, with fused multiplications: the same bits for any number of rows and vectors.
void multiply(const Product& product);

/// Without AVX-512 the registers do not hold the sums, and nobody has measured it.
inline bool wideRegisters()
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

/// The same activation, with a ReLU as a limit.
inline std::optional<FusedActivation> asLimits(const std::optional<FusedActivation>& activation)
{
    if (!activation || activation->slope != 0)
        return activation;
    return FusedActivation{.low = std::max(activation->low, 0.0F), .high = activation->high};
}

QS_INLINE void activate(Vec& value, const FusedActivation& activation)
{
    if (activation.slope != 1)
        value = value < 0.0F ? value * activation.slope : value;
    // What is not a number is not less than a limit.
    value = value < activation.low ? activation.low + Vec{} : value;
    if (activation.high < std::numeric_limits<float>::infinity())
        value = value > activation.high ? activation.high + Vec{} : value;
}

}  // namespace qs::kernels

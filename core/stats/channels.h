// What quantization does to each channel of a value or of a weight.
#pragma once

#include "core/quant/params.h"

#include <cstdint>
#include <span>
#include <vector>

namespace qs {

/// Of the values that one channel had.
struct ChannelFigures {
    float minimum = 0;
    float maximum = 0;
    int64_t count = 0;
    int64_t clipped = 0;   ///< values outside what the codes hold, by more than rounding
    int levels = 0;        ///< codes that were used
    double xx = 0;         ///< sum of squares of the values
    double nn = 0;         ///< of what quantization adds to them
    double clippedNn = 0;  ///< its part that comes from clipped values

    /// The largest magnitude.
    float size() const { return minimum < 0 && -minimum > maximum ? -minimum : maximum; }
    double meanSquare() const { return count > 0 ? xx / static_cast<double>(count) : 0; }
    double meanError() const { return count > 0 ? nn / static_cast<double>(count) : 0; }
    /// What another span of the same channel, with the same codes, adds; levels are not added.
    ChannelFigures& operator+=(const ChannelFigures& other);
};

/// Counts for every channel what becomes of the values under one grid. Values that are no numbers are left out.
class ChannelTally {
public:
    ChannelTally(int64_t channels, const QuantParams& params);

    /// Rows of `inner` values one after the other, row r of channel r % channels: a plain (N, C, ...) value. The channels are shared out over the
    /// processors; the figures do not depend on how.
    void add(std::span<const float> values, int64_t inner);

    const QuantParams& params() const { return m_params; }
    /// By channel.
    std::vector<ChannelFigures> figures() const;
    /// How often each code was used, from the lowest on, all channels together.
    std::span<const uint64_t> codes() const { return m_codes; }

private:
    struct Scratch {
        std::vector<int32_t> codes;
        std::vector<uint64_t> counts;  ///< by code
    };
    void addRun(std::span<const float> values, size_t channel, Scratch& scratch);

    QuantParams m_params;
    float m_lowest, m_highest;  ///< values between them are rounded, not clipped
    std::vector<ChannelFigures> m_figures;
    size_t m_usedStep;            ///< bytes of a channel in m_used: no two channels share one
    std::vector<uint8_t> m_used;  ///< a bit a code
    std::vector<uint64_t> m_codes;
};

/// The median of the sizes of all channels that are not zero throughout; 0 where all are.
double medianSize(std::span<const ChannelFigures> channels);

}  // namespace qs

// Quantization factors found by calibration or given by the user.
#pragma once

#include "core/quant/params.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qs {

/// Of an input, or of an output (quant/scheme.h).
struct InputFactors {
    int port = 0;  ///< the site; of an input its index
    QuantParams params;
    bool byHand = false;  ///< from a clip that the user set
    /// Size of the input, where the record says it ("channels", "height", "width"; the manual wants it of convert_model's user). Kept, not used:
    /// the network itself says it.
    std::optional<uint32_t> channels = std::nullopt;
    std::optional<uint32_t> height = std::nullopt;
    std::optional<uint32_t> width = std::nullopt;
    bool operator==(const InputFactors&) const = default;
};

struct LayerFactors {
    std::vector<InputFactors> inputs;
    std::vector<float> weightScales;  ///< one, or one per output channel; empty: data only
    std::vector<int8_t> codebook;     ///< SNQ: 16 levels a scale, ascending; empty: uniform
    int weightBits = 8;
    GridForm weightForm = {};
    /// "scale_w: 1" without num_bits_w: written for a layer without weights; of a layer that has some it is their one scale, in 8 bits.
    bool unitScale = false;
    bool skipFusion = false;
    // What a record's text cannot hold.
    std::vector<uint8_t> roundUp = {};  ///< AdaRound: 1 for a weight whose code is floor(w / scale) + 1, else 0; empty: round to nearest
    bool floatBias = false;             ///< the bias is not on the grid of the accumulators: a file has it so, and the target takes it
    std::vector<float> bias = {};       ///< bias correction: the bias before quantization, one a channel; empty: the layer's own
    // Kept, not used.
    std::vector<uint32_t> shiftBits = {};                   ///< shift_bit, [1, 16]; the manual: not supported
    std::optional<std::string> objectLayer = std::nullopt;  ///< object_layer

    bool operator==(const LayerFactors&) const = default;
    /// Of a layer that has weights.
    void takeUnitScale()
    {
        if (unitScale && weightScales.empty())
            weightScales = {1};
        unitScale = false;
    }
    const InputFactors* input(int port) const
    {
        for (const InputFactors& factors : inputs)
            if (factors.port == port)
                return &factors;
        return nullptr;
    }
};

/// What update_bn found for one BatchNorm layer, per channel.
struct ChannelStatistics {
    std::vector<float> mean;
    std::vector<float> variance;
    bool operator==(const ChannelStatistics&) const = default;
};
using BatchNormStatistics = std::map<std::string, ChannelStatistics>;

/// By layer name.
struct QuantRecord {
    std::map<std::string, LayerFactors> layers;
    BatchNormStatistics statistics;              ///< empty without update_bn; not in a record's text
    std::map<std::string, std::string> illegal;  ///< layers that calibration found no legal scale for, and why; not in a record's text
    std::vector<std::string> equalized;          ///< PreparedNetwork::equalized of the network that the factors belong to; not in a record's text
};

}  // namespace qs

// Weight quantization algorithms: from a layer's weight 0 to integer codes and scales.
//
// To add one: a file calib/<name>.cpp, one line in weight_algorithms.cpp, its test.
#pragma once

#include "core/base/error.h"
#include "core/ops/weight_channels.h"
#include "core/quant/configuration.h"

#include <span>

namespace qs {

struct WeightInput {
    std::span<const float> values;
    const WeightChannels& channels;
    GridForm form = {};  ///< of the codes
};

/// What an algorithm finds: the values that a weight can take.
struct WeightGrid {
    std::vector<float> scales;          ///< scale_w: one, or one a channel when setting.channelWise
    std::vector<int8_t> codebook;       ///< 16 levels a scale, ascending, as multiples of it; empty: all integers of the width
    std::vector<uint8_t> roundUp = {};  ///< AdaRound: one a weight, 1: up from floor(w / scale), 0: down; empty: to nearest
};

struct WeightAlgorithm {
    const char* name;  ///< WeightSetting::algorithm
    /// Errors: InvalidNumber, IllegalScale, OutOfRange.
    Result<WeightGrid> (*solve)(const WeightInput& weight, const WeightSetting& setting);
};

/// Null when this version does not have it.
const WeightAlgorithm* findWeightAlgorithm(std::string_view name);

/// The integers that times their scale are the quantized weights: round(w / scale) inside the form's limits, or with a codebook its
/// nearest level (of two the lower), or with roundUp floor(w / scale) + roundUp inside the same limits. Scales of one or `channels` entries; offset
/// is always 0 for weights.
std::vector<int8_t> weightCodes(const WeightInput& weight, const WeightGrid& grid, int bits);

}  // namespace qs

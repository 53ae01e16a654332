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
};

struct WeightAlgorithm {
    const char* name;  ///< wts_algo
    /// One scale, or one a channel when setting.channelWise. Errors: InvalidNumber, IllegalScale.
    Result<std::vector<float>> (*scales)(const WeightInput& weight, const WeightSetting& setting);
};

/// Null when this version does not have it.
const WeightAlgorithm* findWeightAlgorithm(std::string_view name);

/// Codes in [-2^(bits-1), 2^(bits-1)-1] for scales of one or `channels` entries; offset is always 0 for weights.
std::vector<int8_t> weightCodes(const WeightInput& weight, std::span<const float> scales, int bits);

}  // namespace qs

// What a configuration leaves of the speed and size that quantization is for.
#pragma once

#include "core/prepare/quantized.h"

namespace qs {

struct QuantizationCost {
    double share = 1;        ///< of operations (or parameters) in 8 bits; 12 and 16 bits count 8 / bits, float 0
    double weightBytes = 0;  ///< of the network
};

/// Of what `base` quantizes: the rest is nobody's choice. `quantized` is of the same network. `byWeights`: the share counts parameters.
QuantizationCost quantizationCost(const PreparedNetwork& base, const QuantizedNetwork& quantized, bool byWeights = false);

}  // namespace qs

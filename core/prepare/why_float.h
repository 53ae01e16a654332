// "Why is this layer off?": answered for every layer that is not quantized, also where that is what was asked for.
#pragma once

#include "core/prepare/prepared.h"

namespace qs {

enum class FloatCause : uint8_t {
    Quantized,     ///< it is not off
    AsReason,      ///< Effective::reason says it: reasonText()
    OffByDefault,  ///< create_quant_config writes quant_enable false for its type (seed 003, appendix table 1)
    SwitchedOff,   ///< quant_enable is false, by hand or by a .cfg's skip_layers
};

FloatCause floatCause(const Effective& effective);
/// English; empty for a quantized layer. `skippedBy` is what a .cfg says of the layer (SimpleConfig::skipped), if anything.
std::string whyFloatText(const Model& model, LayerId layer, const Effective& effective, const std::string& skippedBy = {});

}  // namespace qs

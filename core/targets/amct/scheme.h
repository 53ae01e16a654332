// What AMCT quantizes (seed 003, appendix table 1).
#pragma once

#include "core/quant/scheme.h"

namespace qs {

const QuantScheme& amctScheme();
std::span<const LayerRule> amctLayers();

}  // namespace qs

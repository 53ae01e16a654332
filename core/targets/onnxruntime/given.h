// The quantizers of a QDQ ONNX file, as settings and factors.
#pragma once

#include "core/quant/configuration.h"
#include "core/quant/record.h"

#include <optional>

namespace qs {

/// A network that came with its quantizers.
struct GivenQuantization {
    std::shared_ptr<const Model> network;  ///< in float, without them; dequantized weights stay as they are
    Configuration configuration;           ///< what they ask for: nothing else is quantized, nothing is fused
    QuantRecord record;
};

/// Takes the pairs of QuantizeLinear and DequantizeLinear (ops Quant and AntiQuant) out of a network that an ONNX file gave. A pair in front of an
/// input that can be quantized becomes that input's factors; any other becomes a Quantizer, a copy whose input has them: in front of other layers, of
/// outputs, of layers that have other inputs in float, and of those whose weights stand on no grid that our factors can say (a zero point). Names of
/// layers and values stay. Nullopt for a network without such pairs, or with codes that something else reads, too. Errors: the builder's.
Result<std::optional<GivenQuantization>> givenQuantization(const Model& model);

}  // namespace qs

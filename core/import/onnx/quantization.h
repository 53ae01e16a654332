// What QuantizeLinear and DequantizeLinear mean where they stand on constants.
#pragma once

#include "core/import/onnx/nodes.h"

namespace qs::onnxio {

/// A QuantizeLinear or DequantizeLinear of a constant, evaluated: codes, or (code - zero point) * scale. Nullopt for other nodes. Errors:
/// NotSupported, ShapeMismatch, FileTooLarge; details only.
Result<std::optional<TypedConstant>> evaluatedQuantization(const Node& node, ConstantBudget& budget);

/// The scales of a DequantizeLinear; empty for other nodes.
std::vector<float> dequantizedScales(const Node& node);

}  // namespace qs::onnxio

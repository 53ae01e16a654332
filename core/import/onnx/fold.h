// The arithmetic on shapes and constants that exporters of frameworks leave in the graph, evaluated while reading.
#pragma once

#include "core/import/onnx/nodes.h"

namespace qs::onnxio {

/// A node that makes a constant from an attribute, from its input's shape or from the values of constants: Constant, Shape, Size, ConstantOfShape,
/// Range, EyeLike, QuantizeLinear, DequantizeLinear. Nullopt for other nodes, and where what it needs is not known. Errors as tensorConstant(), and
/// FileTooLarge (the budget).
Result<std::optional<TypedConstant>> madeConstant(const Node& node, const std::filesystem::path& folder, ConstantBudget& budget);

}  // namespace qs::onnxio

// Formulas of one value that networks have seldom. To add one: its row in formulas.cpp, its line in ops.cpp, kernels.cpp and where it is read.
#pragma once

#include "core/ops/evaluate.h"

namespace qs {

/// Gelu, Mish, Selu, Celu, ThresholdedRelu, Softsign, Shrink, IsNaN, IsInf, and the trigonometric and hyperbolic functions with their inverses;
/// empty for other ops. `attributes`: as ops/activation.cpp says.
RealUnary rareFormula(std::string_view op, const Attributes& attributes);

}  // namespace qs

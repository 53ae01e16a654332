// Einstein's sum of two operands as a product of matrices, for importers: the same layers whatever framework wrote it.
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#include <string>

namespace qs {

struct EinsumPlan {
    /// An operand is permuted, then reshaped to (labels of both that stay, rows, columns).
    struct Operand {
        std::vector<int64_t> order;
        Shape matrices;
    };
    Operand left, right;
    Shape apart;                 ///< of the product of the matrices, which is reshaped so
    std::vector<int64_t> order;  ///< and permuted so
};

/// Labels stand once in an operand, and in the result or in both operands; without an arrow the result has those of one operand in the alphabet's
/// order. Errors: NotSupported for other equations, ShapeMismatch; details only.
Result<EinsumPlan> planEinsum(std::string equation, const Shape& left, const Shape& right);

}  // namespace qs

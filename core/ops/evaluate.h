// What the small operators compute, said once: element by element for the engine's kernels, and on whole constants for importers, which fold the
// arithmetic that exporters of frameworks leave in the graph. No engine is needed.
//
// To add an op that folds: its formula in realFormula()/integerFormula() of evaluate.cpp, or its case in evaluate().
#pragma once

#include "core/base/error.h"
#include "core/ir/model.h"
#include "core/ops/element_type.h"

#include <functional>
#include <optional>
#include <span>

namespace qs {

/// A constant with its element type: F32 for the floating types, I64 for the others.
struct TypedConstant {
    ElementType type = ElementType::Float32;
    Buffer data;
};

using RealBinary = float (*)(float, float);
using IntegerBinary = int64_t (*)(int64_t, int64_t);
using RealUnary = std::function<float(float)>;

/// Add, Sub, Mul, Div, Mod, Pow, Min, Max, And, Or, Xor and the comparisons, which give 1 or 0; null for other ops. `attributes`: integers (Div, Pow:
/// towards zero), fmod (Mod: the sign of the first operand instead of the second's).
RealBinary realBinary(std::string_view op, const Attributes& attributes);
/// The same on whole numbers, which wrap. Division by 0 gives 0: what it means no standard says.
IntegerBinary integerBinary(std::string_view op, const Attributes& attributes);
/// Of one operand; empty for ops that have none here.
RealUnary realUnary(std::string_view op, const Attributes& attributes);

/// Bytes that evaluated constants of one file may take in all.
class ConstantBudget {
public:
    explicit ConstantBudget(int64_t bytes) : m_left(bytes) {}
    /// False, and nothing taken, where there is no room.
    bool take(int64_t bytes)
    {
        if (bytes > m_left)
            return false;
        m_left -= bytes;
        return true;
    }

private:
    int64_t m_left;
};

/// Whether evaluate() knows the op.
bool canEvaluate(std::string_view op);
/// The layer's outputs for constant inputs, of the shapes that its shape function gives. Errors: OutOfRange (an index of Gather), FileTooLarge (the
/// budget), NotSupported (the op, or the variant on this type); details only.
Result<std::vector<TypedConstant>> evaluate(const Layer& layer, std::span<const TypedConstant> inputs, const std::vector<Shape>& outputs,
                                            ConstantBudget& budget);

}  // namespace qs

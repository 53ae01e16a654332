// Functions of one value over spans, at the level of instructions in force.
#pragma once

#include <cstdint>

namespace qs::kernels {

enum class Function { Exponential, Sigmoid, Swish, HyperbolicTangent, ErrorFunction, ExponentialLinear };

struct FunctionSpan {
    Function function;
    const float* in = nullptr;
    float* out = nullptr;
    int64_t count = 0;
    /// Exponential: e^(a (c + b x)). Swish: x sigmoid(a x). ExponentialLinear: a (e^x - 1) below 0.
    float a = 1, b = 1, c = 0;
};
/// Exponentials within 2 units of the last place, the others within 2e-7 of the value. A value's bits do not depend on its place in the span.
void apply(const FunctionSpan& span);

/// e^(x - largest), and the sum of them.
float exponentials(const float* in, float* out, int64_t count, float largest);

}  // namespace qs::kernels

// Normalizations that are sums, roots and quotients.
#include "core/import/onnx/expand.h"

#include <cfloat>

namespace qs::onnxio {

using Ints = std::vector<int64_t>;

Result<void> lpNormalization(Steps& steps)
{
    const int64_t p = steps.node.integer("p", 2);
    const int64_t axis = steps.node.integer("axis", -1);
    if (p != 1 && p != 2)
        return notBuilt("its p is " + std::to_string(p));
    const std::string length = steps.step(p == 1 ? "ReduceL1" : "ReduceL2", {steps.in(0)}, {{"axes", Ints{axis}}, {"keepdims", int64_t{1}}});
    // Zeros stay zeros.
    const std::string divisor = steps.step("Max", {length, steps.number(FLT_MIN)});
    steps.last("Div", {steps.in(0), divisor});
    return {};
}

Result<void> meanVarianceNormalization(Steps& steps)
{
    const Ints axes = steps.node.integers("axes", {0, 2, 3});
    const auto mean = [&](const std::string& of) { return steps.step("ReduceMean", {of}, {{"axes", axes}, {"keepdims", int64_t{1}}}); };
    const std::string centred = steps.step("Sub", {steps.in(0), mean(steps.in(0))});
    const std::string deviation = steps.step("Sqrt", {mean(steps.step("Mul", {centred, centred}))});
    constexpr float epsilon = 1e-9F;
    steps.last("Div", {centred, steps.step("Add", {deviation, steps.number(epsilon)})});
    return {};
}

namespace {

/// x over the root of its mean square from `axis` on, times a scale.
std::string byRoot(Steps& steps, const std::string& x, size_t rank, int64_t axis, double epsilon)
{
    Ints axes;
    for (int64_t d = axis < 0 ? axis + static_cast<int64_t>(rank) : axis; d < static_cast<int64_t>(rank); ++d)
        axes.push_back(d);
    const std::string mean = steps.step("ReduceMean", {steps.step("Mul", {x, x})}, {{"axes", axes}, {"keepdims", int64_t{1}}});
    return steps.step("Div", {x, steps.step("Sqrt", {steps.step("Add", {mean, steps.number(static_cast<float>(epsilon))})})});
}

}  // namespace

// RMSNormalization, and ONNX Runtime's older name for it.
Result<void> rootMeanSquareNormalization(Steps& steps)
{
    QS_TRY(const Shape x, steps.shape(0));
    if (steps.node.integer("stash_type", 1) != 1)
        return notBuilt("its attribute stash_type is not built");
    steps.last("Mul", {byRoot(steps, steps.in(0), x.size(), steps.node.integer("axis", -1), steps.node.real("epsilon", 1e-5)), steps.in(1)});
    return {};
}

namespace {

/// Of x and what skips it, with a bias: the sum, which further outputs give.
Result<std::string> skipped(Steps& steps, int bias)
{
    for (int output = 1; output < steps.node.proto.output_size(); ++output)
        if (!steps.node.proto.output(output).empty())
            return notBuilt("its output " + std::to_string(output) + " is not built");
    std::string sum = steps.step("Add", {steps.in(0), steps.in(1)});
    return steps.node.has(bias) ? steps.step("Add", {sum, steps.in(bias)}) : sum;
}

}  // namespace

Result<void> skipLayerNormalization(Steps& steps)
{
    QS_TRY(const std::string sum, skipped(steps, 4));
    std::vector<std::string> inputs{sum, steps.in(2)};
    if (steps.node.has(3))
        inputs.push_back(steps.in(3));
    steps.last("LayerNormalization", inputs, {{"axis", int64_t{-1}}, {"epsilon", steps.node.real("epsilon", 1e-12)}});
    return {};
}

Result<void> skipRootMeanSquareNormalization(Steps& steps)
{
    QS_TRY(const Shape x, steps.shape(0));
    QS_TRY(const std::string sum, skipped(steps, 3));
    steps.last("Mul", {byRoot(steps, sum, x.size(), -1, steps.node.real("epsilon", 1e-5)), steps.in(2)});
    return {};
}

}  // namespace qs::onnxio

// Poolings of powers.
#include "core/import/onnx/expand.h"

#include <cmath>

namespace qs::onnxio {

using Ints = std::vector<int64_t>;

namespace {

constexpr int64_t largestPower = 64;

Result<int64_t> powerOf(const Steps& steps)
{
    const int64_t p = steps.node.integer("p", 2);
    return p < 1 || p > largestPower ? Result<int64_t>(notBuilt("its p is " + std::to_string(p))) : p;
}

}  // namespace

/// The mean of the powers times their count, and its root.
Result<void> lpPool(Steps& steps)
{
    QS_TRY(const int64_t p, powerOf(steps));
    double count = 1;
    for (const int64_t side : steps.node.integers("kernel_shape"))
        count *= static_cast<double>(side);
    Steps::Settings window = steps.window({"kernel_shape", "strides", "pads"});
    window.emplace_back("count_include_pad", int64_t{1});
    for (const int64_t side : steps.node.integers("dilations"))
        if (side != 1)
            return notBuilt("its dilations are not built");
    if (steps.node.integer("ceil_mode", 0) != 0)
        return notBuilt("its ceil_mode is not built");
    const std::string powers = steps.step("Pow", {steps.step("Abs", {steps.in(0)}), steps.number(static_cast<float>(p))});
    const std::string mean = steps.step("AveragePool", {powers}, window);
    const std::string sum = steps.step("Mul", {mean, steps.number(static_cast<float>(count))});
    steps.last("Pow", {sum, steps.number(1 / static_cast<float>(p))});
    return {};
}

Result<void> globalLpPool(Steps& steps)
{
    QS_TRY(const int64_t p, powerOf(steps));
    QS_TRY(const Shape x, steps.shape(0));
    Ints axes;
    for (size_t d = 2; d < x.size(); ++d)
        axes.push_back(static_cast<int64_t>(d));
    if (axes.empty())
        return notBuilt("its input " + shapeText(x) + " has no spatial dimensions");
    const std::string powers = steps.step("Pow", {steps.step("Abs", {steps.in(0)}), steps.number(static_cast<float>(p))});
    const std::string sum = steps.step("ReduceSum", {powers}, {{"axes", axes}, {"keepdims", int64_t{1}}});
    steps.last("Pow", {sum, steps.number(1 / static_cast<float>(p))});
    return {};
}

}  // namespace qs::onnxio

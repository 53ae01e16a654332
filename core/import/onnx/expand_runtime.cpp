// Operators of ONNX Runtime's own domain that its optimizer puts together.
#include "core/import/onnx/expand.h"

#include <array>

namespace qs::onnxio {

using Ints = std::vector<int64_t>;

namespace {

/// Its activation, with the parameters in their order.
Result<void> activatedLast(Steps& steps, const std::string& x)
{
    const std::string activation = steps.node.text("activation", "");
    std::vector<float> given;
    if (const auto* parameters = steps.node.attribute("activation_params"))
        given.assign(parameters->floats().begin(), parameters->floats().end());
    const auto parameter = [&](size_t i, float fallback) { return i < given.size() ? static_cast<double>(given[i]) : static_cast<double>(fallback); };
    if (activation.empty())
        steps.last("Identity", {x});
    else if (activation == "Relu" || activation == "Sigmoid" || activation == "Tanh")
        steps.last(activation.c_str(), {x});
    else if (activation == "LeakyRelu")
        steps.last("LeakyRelu", {x}, {{"alpha", parameter(0, 0.01F)}});
    else if (activation == "HardSigmoid")
        steps.last("HardSigmoid", {x}, {{"alpha", parameter(0, 0.2F)}, {"beta", parameter(1, 0.5F)}});
    else if (activation == "Clip" && given.size() == 2)
        steps.last("Clip", {x, steps.number(given[0]), steps.number(given[1])});
    else
        return notBuilt("its activation '" + activation + "' is not built");
    return {};
}

}  // namespace

Result<void> fusedConv(Steps& steps)
{
    Steps::Settings window = steps.window({"kernel_shape", "strides", "pads", "dilations"});
    window.emplace_back("group", steps.node.integer("group", 1));
    std::vector<std::string> inputs{steps.in(0), steps.in(1)};
    if (steps.node.has(2))
        inputs.push_back(steps.in(2));
    std::string x = steps.step("Conv", inputs, window);
    if (steps.node.has(3))
        x = steps.step("Add", {x, steps.in(3)});
    return activatedLast(steps, x);
}

Result<void> fusedGemm(Steps& steps)
{
    std::vector<std::string> inputs{steps.in(0), steps.in(1)};
    if (steps.node.has(2))
        inputs.push_back(steps.in(2));
    const std::string product = steps.step("Gemm", inputs,
                                           {{"transA", steps.node.integer("transA", 0)},
                                            {"transB", steps.node.integer("transB", 0)},
                                            {"alpha", steps.node.real("alpha", 1)},
                                            {"beta", steps.node.real("beta", 1)}});
    const std::string activation = steps.node.text("activation", "");
    for (const auto& attribute : steps.node.proto.attribute())
        if (attribute.name().starts_with("activation_"))
            return notBuilt("its attribute " + attribute.name() + " is not built");
    static constexpr std::array known{"", "Relu", "Sigmoid", "Tanh"};
    if (std::find(known.begin(), known.end(), activation) == known.end())
        return notBuilt("its activation '" + activation + "' is not built");
    steps.last(activation.empty() ? "Identity" : activation.c_str(), {product});
    return {};
}

Result<void> fusedMatMul(Steps& steps)
{
    std::vector<std::string> operands{steps.in(0), steps.in(1)};
    for (int side = 0; side < 2; ++side) {
        if (steps.node.integer(side == 0 ? "transBatchA" : "transBatchB", 0) != 0)
            return notBuilt("its transposed batch is not built");
        if (steps.node.integer(side == 0 ? "transA" : "transB", 0) == 0)
            continue;
        QS_TRY(const Shape shape, steps.shape(side));
        Ints order;
        for (size_t d = 0; d < shape.size(); ++d)
            order.push_back(static_cast<int64_t>(d));
        if (order.size() < 2)
            continue;
        std::swap(order[order.size() - 1], order[order.size() - 2]);
        operands[static_cast<size_t>(side)] = steps.step("Transpose", {operands[static_cast<size_t>(side)]}, {{"perm", order}});
    }
    const double alpha = steps.node.real("alpha", 1);
    if (alpha == 1) {
        steps.last("MatMul", operands);
        return {};
    }
    steps.last("Mul", {steps.step("MatMul", operands), steps.number(static_cast<float>(alpha))});
    return {};
}

namespace {

Result<void> geluOf(Steps& steps, const char* approximate, bool biased)
{
    const std::string x = biased && steps.node.has(1) ? steps.step("Add", {steps.in(0), steps.in(1)}) : steps.in(0);
    steps.last("Gelu", {x}, {{"approximate", std::string(approximate)}});
    return {};
}

}  // namespace

// Gelu, BiasGelu.
Result<void> runtimeGelu(Steps& steps)
{
    return geluOf(steps, "none", true);
}

Result<void> fastGelu(Steps& steps)
{
    return geluOf(steps, "tanh", true);
}

Result<void> quickGelu(Steps& steps)
{
    const auto alpha = static_cast<float>(steps.node.real("alpha", 1.702F));
    const std::string inner = alpha == 1 ? steps.in(0) : steps.step("Mul", {steps.in(0), steps.number(alpha)});
    steps.last("Mul", {steps.in(0), steps.step("Sigmoid", {inner})});
    return {};
}

}  // namespace qs::onnxio

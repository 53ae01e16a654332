// Operators on codes: what they compute is that of floats between quantizers, which our reader takes for settings.
#include "core/import/onnx/expand.h"

#include <cfloat>

namespace qs::onnxio {

using Ints = std::vector<int64_t>;

namespace {

/// Three inputs from `first` on: codes, scale, zero point.
std::string dequantized(Steps& steps, int first, int64_t axis = 1)
{
    Steps::Names inputs{steps.in(first), steps.in(first + 1)};
    if (steps.node.has(first + 2))
        inputs.push_back(steps.in(first + 2));
    return steps.step("DequantizeLinear", inputs, {{"axis", axis}});
}

/// By the scale and zero point of inputs from `first` on.
void quantizedLast(Steps& steps, const std::string& x, int first)
{
    Steps::Names inputs{x, steps.in(first)};
    if (steps.node.has(first + 1))
        inputs.push_back(steps.in(first + 1));
    steps.last("QuantizeLinear", inputs);
}

/// Whole numbers on the product of the scales of input and weights.
Result<std::string> biasOf(Steps& steps)
{
    const TypedConstant* bias = steps.node.constant(8);
    const TypedConstant* input = steps.node.constant(1);
    const TypedConstant* weights = steps.node.constant(4);
    if (!bias || !input || !weights || input->data.count() != 1 || (weights->data.count() != 1 && weights->data.count() != bias->data.count()))
        return notBuilt("its bias or its scales are computed by the network");
    const Buffer codes = toFloat(bias->data);
    const Buffer scales = toFloat(weights->data);
    std::vector<float> values;
    for (size_t c = 0; c < codes.floats().size(); ++c)
        values.push_back(codes.floats()[c] * toFloat(input->data).floats()[0] * scales.floats()[scales.count() == 1 ? 0 : c]);
    return steps.constant({bias->data.count()}, values);
}

}  // namespace

Result<void> quantizedConv(Steps& steps)
{
    Steps::Settings window = steps.window({"kernel_shape", "strides", "pads", "dilations"});
    window.emplace_back("group", steps.node.integer("group", 1));
    Steps::Names inputs{dequantized(steps, 0), dequantized(steps, 3, 0)};
    if (steps.node.has(8)) {
        QS_TRY(const std::string bias, biasOf(steps));
        inputs.push_back(bias);
    }
    quantizedLast(steps, steps.step("Conv", inputs, window), 6);
    return {};
}

Result<void> quantizedMatMul(Steps& steps)
{
    QS_TRY(const Shape b, steps.shape(3));
    const std::string left = dequantized(steps, 0);
    quantizedLast(steps, steps.step("MatMul", {left, dequantized(steps, 3, static_cast<int64_t>(b.size()) - 1)}), 6);
    return {};
}

namespace {

Result<void> quantizedBinary(Steps& steps, const char* type)
{
    const std::string left = dequantized(steps, 0);
    quantizedLast(steps, steps.step(type, {left, dequantized(steps, 3)}), 6);
    return {};
}

}  // namespace

Result<void> quantizedAdd(Steps& steps)
{
    return quantizedBinary(steps, "Add");
}

Result<void> quantizedMul(Steps& steps)
{
    return quantizedBinary(steps, "Mul");
}

Result<void> quantizedSigmoid(Steps& steps)
{
    quantizedLast(steps, steps.step("Sigmoid", {dequantized(steps, 0)}), 3);
    return {};
}

Result<void> quantizedLeakyRelu(Steps& steps)
{
    quantizedLast(steps, steps.step("LeakyRelu", {dequantized(steps, 0)}, {{"alpha", steps.node.real("alpha", 0.01)}}), 3);
    return {};
}

Result<void> quantizedAveragePool(Steps& steps)
{
    Steps::Settings window = steps.window({"kernel_shape", "strides", "pads"});
    for (const char* name : {"ceil_mode", "count_include_pad"})
        window.emplace_back(name, steps.node.integer(name, 0));
    if (steps.node.integer("channels_last", 0) != 0)
        return notBuilt("its channels_last is not built");
    quantizedLast(steps, steps.step("AveragePool", {dequantized(steps, 0)}, window), 3);
    return {};
}

Result<void> quantizedGlobalAveragePool(Steps& steps)
{
    if (steps.node.integer("channels_last", 0) != 0)
        return notBuilt("its channels_last is not built");
    quantizedLast(steps, steps.step("GlobalAveragePool", {dequantized(steps, 0)}), 3);
    return {};
}

Result<void> quantizedConcat(Steps& steps)
{
    Steps::Names parts;
    for (int input = 2; input + 1 < steps.node.proto.input_size(); input += 3)
        parts.push_back(dequantized(steps, input));
    quantizedLast(steps, steps.step("Concat", parts, {{"axis", steps.node.integer("axis", 0)}}), 0);
    return {};
}

namespace {

/// Codes less their zero point, which is one for all or broadcasts.
std::string centred(Steps& steps, int codes, int zero)
{
    constexpr int64_t toFloats = onnx::TensorProto::FLOAT;
    std::string values = steps.step("Cast", {steps.in(codes)}, {{"to", toFloats}});
    return steps.node.has(zero) ? steps.step("Sub", {values, steps.step("Cast", {steps.in(zero)}, {{"to", toFloats}})}) : values;
}

}  // namespace

Result<void> integerMatMul(Steps& steps)
{
    const auto zero = steps.node.has(2) ? steps.node.shape(2) : std::optional<Shape>(Shape{});
    if (!zero || elementCount(*zero) != 1)
        return notBuilt("a zero point for each row is not built");
    const std::string left = centred(steps, 0, 2);
    steps.last("MatMul", {left, centred(steps, 1, 3)});
    return {};
}

Result<void> integerConv(Steps& steps)
{
    Steps::Settings window = steps.window({"kernel_shape", "strides", "pads", "dilations"});
    window.emplace_back("group", steps.node.integer("group", 1));
    const auto zero = steps.node.has(3) ? steps.node.shape(3) : std::optional<Shape>(Shape{});
    if (!zero || elementCount(*zero) != 1)
        return notBuilt("a zero point for each channel is not built");
    const std::string x = centred(steps, 0, 2);
    steps.last("Conv", {x, centred(steps, 1, 3)}, window);
    return {};
}

/// Codes of 8 bits over the range that the values have, zero in it; the scale and the zero point besides.
Result<void> dynamicQuantization(Steps& steps)
{
    const std::string x = steps.in(0);
    const auto end = [&](const char* reduction, const char* withZero) {
        return steps.step(withZero, {steps.step(reduction, {x}, {{"keepdims", int64_t{0}}}), steps.number(0)});
    };
    const std::string least = end("ReduceMin", "Min");
    const std::string range = steps.step("Sub", {end("ReduceMax", "Max"), least});
    constexpr float levels = 255;
    const auto clipped = [&](const std::string& value, int output) {
        steps.last("Clip", {value, steps.number(0), steps.number(levels)}, {}, output);
    };
    // A range of nothing has any scale.
    steps.last("Max", {steps.step("Div", {range, steps.number(levels)}), steps.number(FLT_MIN)}, {}, 1);
    const std::string scale = steps.output(1);
    clipped(steps.step("Round", {steps.step("Div", {steps.step("Neg", {least}), scale})}), 2);
    clipped(steps.step("Add", {steps.step("Round", {steps.step("Div", {x, scale})}), steps.output(2)}), 0);
    return {};
}

}  // namespace qs::onnxio

#include "core/export/onnx/layers.h"

#include <cmath>
#include <numbers>

namespace qs {

// Opset 20 has it: in steps, for files of older ones.
Result<void> writeGelu(const OnnxLayer& l)
{
    const std::string x = l.in();
    std::string inner;
    if (l.attributes().text("approximate", "none") == "tanh") {
        const std::string square = l.step("Mul", {x, x});
        const std::string bent = l.step("Add", {l.step("Mul", {square, l.number(0.044715)}), l.number(1)});
        inner = l.step("Tanh", {l.step("Mul", {l.step("Mul", {x, bent}), l.number(std::sqrt(2 * std::numbers::inv_pi))})});
    } else {
        inner = l.step("Erf", {l.step("Mul", {x, l.number(std::numbers::sqrt2 / 2)})});
    }
    const std::string share = l.step("Mul", {l.step("Add", {inner, l.number(1)}), l.number(0.5)});
    l.last("Mul", {x, share});
    return {};
}

Result<void> writeMish(const OnnxLayer& l)
{
    const std::string x = l.in();
    l.last("Mul", {x, l.step("Tanh", {l.step("Softplus", {x})})});
    return {};
}

Result<void> writeSameWithReals(const OnnxLayer& l)
{
    onnx::NodeProto& node = l.last(l.layer.op, {l.in()});
    for (const auto& [name, value] : l.attributes().all())
        if (std::holds_alternative<double>(value))
            setAttribute(node, name == "lambda" ? "lambd" : name.c_str(), std::get<double>(value));
    return {};
}

Result<void> writeMark(const OnnxLayer& l)
{
    onnx::NodeProto& node = l.open(l.layer.op, {l.in()});
    if (l.layer.op == "IsInf")
        for (const char* side : {"negative", "positive"})
            setAttribute(node, (std::string("detect_") + side).c_str(), l.attributes().integer(side, 1));
    setAttribute(l.last("Cast", {node.output(0)}), "to", int64_t{onnx::TensorProto::FLOAT});
    return {};
}

Result<void> writeCumSum(const OnnxLayer& l)
{
    onnx::NodeProto& node = l.last("CumSum", {l.in(), l.list({l.axis(0)})});
    for (const char* name : {"exclusive", "reverse"})
        setAttribute(node, name, l.attributes().integer(name, 0));
    return {};
}

}  // namespace qs

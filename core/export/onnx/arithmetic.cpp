// Operands, comparisons and reductions as ONNX nodes.
#include "core/export/onnx/rows.h"

namespace qs::onnxrow {

Result<void> eltwise(const OnnxLayer& l)
{
    const std::string operation = l.attributes().text("operation", "sum");
    const std::vector<double> coefficients = l.attributes().reals("coefficients");
    const char* type = operation == "prod" ? "Mul" : operation == "max" ? "Max" : "Add";
    std::vector<std::string> operands;
    for (size_t port = 0; port < l.inputs.size(); ++port) {
        operands.push_back(l.in(port));
        if (port < coefficients.size() && coefficients[port] != 1)
            operands.back() = l.step("Mul", {operands.back(), l.number(coefficients[port])});
    }
    while (operands.size() > 2) {
        operands[0] = l.step(type, {operands[0], operands[1]});
        operands.erase(operands.begin() + 1);
    }
    l.last(type, operands);
    return {};
}

// Add, Sub, Mul, Div, Pow, Mod, Min, Max.
Result<void> broadcast(const OnnxLayer& l)
{
    if (l.attributes().flag("integers", false) || (l.layer.op == "Mod" && !l.attributes().flag("fmod", false)))
        return l.refuse("arithmetic of whole numbers");
    std::vector<std::string> operands;
    for (size_t port = 0; port < l.inputs.size(); ++port)
        operands.push_back(l.in(port));
    onnx::NodeProto& node = l.last(l.layer.op, operands);
    if (l.layer.op == "Mod")
        setAttribute(node, "fmod", int64_t{1});
    return {};
}

Result<void> comparison(const OnnxLayer& l)
{
    lastAsFloat(l, l.step(l.layer.op, {l.in(0), l.in(1)}));
    return {};
}

// And, Or, Xor.
Result<void> logic(const OnnxLayer& l)
{
    lastAsFloat(l, l.step(l.layer.op, {castTo(l, onnx::TensorProto::BOOL, l.in(0)), castTo(l, onnx::TensorProto::BOOL, l.in(1))}));
    return {};
}

Result<void> where(const OnnxLayer& l)
{
    l.last("Where", {castTo(l, onnx::TensorProto::BOOL, l.in(0)), l.in(1), l.in(2)});
    return {};
}

Result<void> axpy(const OnnxLayer& l)
{
    const Shape& shape = l.inputShape(1);
    const std::string factor = l.reshaped(l.in(0), l.inputShape(0), {shape[0], shape[1], 1, 1});
    l.last("Add", {l.step("Mul", {factor, l.in(1)}), l.in(2)});
    return {};
}

namespace {

/// ReduceSum has its axes as an input since opset 13, the others have not.
onnx::NodeProto& reduction(const OnnxLayer& l, const std::string& type, const std::string& from, const Ints& axes, bool keep, bool isLast)
{
    std::vector<std::string> inputs{from};
    if (type == "ReduceSum" && !axes.empty())
        inputs.push_back(l.list(axes));
    onnx::NodeProto& node = isLast ? l.last(type, inputs) : l.open(type, inputs);
    if (type != "ReduceSum" && !axes.empty())
        setAttribute(node, "axes", axes);
    setAttribute(node, "keepdims", int64_t{keep});
    return node;
}

}  // namespace

Result<void> reduce(const OnnxLayer& l)
{
    if (l.attributes().flag("integers", false))
        return l.refuse("a mean of whole numbers");
    reduction(l, l.layer.op, l.in(), l.attributes().integers("axes"), l.attributes().flag("keepDims", true), true);
    return {};
}

// Caffe's.
Result<void> tailReduction(const OnnxLayer& l)
{
    const std::string operation = l.attributes().text("operation", "sum");
    const char* type = operation == "asum" ? "ReduceL1" : operation == "sumsq" ? "ReduceSumSquare" : operation == "mean" ? "ReduceMean" : "ReduceSum";
    Ints axes;
    for (int64_t d = l.axis(0); d < static_cast<int64_t>(l.inputShape().size()); ++d)
        axes.push_back(d);
    const std::string sum = axes.empty() ? l.in() : reduction(l, type, l.in(), axes, false, false).output(0);
    l.last("Mul", {sum, l.number(l.attributes().real("coefficient", 1))});
    return {};
}

Result<void> argMax(const OnnxLayer& l)
{
    if (!l.attributes().has("axis") || l.attributes().integer("topK", 1) != 1 || l.attributes().flag("outValue", false))
        return l.refuse("places of several values, or of a whole sample");
    onnx::NodeProto& node = l.open(l.layer.op, {l.in()});
    setAttribute(node, "axis", l.axis(0));
    setAttribute(node, "keepdims", l.attributes().integer("keepDims", 1));
    setAttribute(node, "select_last_index", l.attributes().integer("lastOfEqual", l.layer.op == "ArgMax" ? 1 : 0));
    lastAsFloat(l, node.output(0));
    return {};
}

}  // namespace qs::onnxrow

// Functions of single values as ONNX nodes.
#include "core/export/onnx/rows.h"

#include <cfloat>
#include <cmath>

namespace qs::onnxrow {

namespace {

std::string leaky(const OnnxLayer& l, const std::string& from, double slope)
{
    if (slope == 0)
        return l.step("Relu", {from});
    onnx::NodeProto& node = l.open("LeakyRelu", {from});
    setAttribute(node, "alpha", slope);
    return node.output(0);
}

}  // namespace

// ReLU, RReLU.
Result<void> relu(const OnnxLayer& l)
{
    const double slope =
        l.layer.op == "RReLU" ? (l.attributes().real("lower", 0.125) + l.attributes().real("upper", 1.0 / 3)) / 2 : l.attributes().real("slope", 0);
    if (slope == 0)
        l.last("Relu", {l.in()});
    else
        setAttribute(l.last("LeakyRelu", {l.in()}), "alpha", slope);
    return {};
}

Result<void> relu6(const OnnxLayer& l)
{
    const std::string threshold = l.number(l.attributes().real("threshold", 6));
    if (const double slope = l.attributes().real("slope", 0); slope != 0)
        l.last("Min", {leaky(l, l.in(), slope), threshold});
    else
        l.last("Clip", {l.in(), l.number(0), threshold});
    return {};
}

Result<void> clip(const OnnxLayer& l)
{
    l.last("Clip", {l.in(), l.number(l.attributes().real("min", -static_cast<double>(FLT_MAX))),
                    l.number(l.attributes().real("max", static_cast<double>(FLT_MAX)))});
    return {};
}

Result<void> elu(const OnnxLayer& l)
{
    setAttribute(l.last("Elu", {l.in()}), "alpha", l.attributes().real("alpha", 1));
    return {};
}

Result<void> swish(const OnnxLayer& l)
{
    const std::string x = l.in();
    const double beta = l.attributes().real("beta", 1);
    l.last("Mul", {x, l.step("Sigmoid", {beta == 1 ? x : l.step("Mul", {x, l.number(beta)})})});
    return {};
}

Result<void> hardSwish(const OnnxLayer& l)
{
    const std::string x = l.in();
    const std::string gate = l.step("Clip", {l.step("Add", {x, l.number(3)}), l.number(0), l.number(6)});
    l.last("Div", {l.step("Mul", {x, gate}), l.number(6)});
    return {};
}

Result<void> hardSigmoid(const OnnxLayer& l)
{
    onnx::NodeProto& node = l.last("HardSigmoid", {l.in()});
    setAttribute(node, "alpha", l.attributes().real("alpha", 0.2));
    setAttribute(node, "beta", l.attributes().real("beta", 0.5));
    return {};
}

namespace {

/// shift + scale * x.
std::string affine(const OnnxLayer& l)
{
    std::string x = l.in();
    if (const double scale = l.attributes().real("scale", 1); scale != 1)
        x = l.step("Mul", {x, l.number(scale)});
    if (const double shift = l.attributes().real("shift", 0); shift != 0)
        x = l.step("Add", {x, l.number(shift)});
    return x;
}

double logOfBase(const OnnxLayer& l)
{
    const double base = l.attributes().real("base", -1);
    return base == -1 ? 1 : std::log(base);
}

}  // namespace

Result<void> power(const OnnxLayer& l)
{
    const double exponent = l.attributes().real("power", 1);
    if (exponent == 1)
        l.last("Identity", {affine(l)});
    else
        l.last("Pow", {affine(l), l.number(exponent)});
    return {};
}

Result<void> exponential(const OnnxLayer& l)
{
    const double factor = logOfBase(l);
    const std::string x = affine(l);
    l.last("Exp", {factor == 1 ? x : l.step("Mul", {x, l.number(factor)})});
    return {};
}

Result<void> logarithm(const OnnxLayer& l)
{
    if (const double divisor = logOfBase(l); divisor != 1)
        l.last("Div", {l.step("Log", {affine(l)}), l.number(divisor)});
    else
        l.last("Log", {affine(l)});
    return {};
}

Result<void> threshold(const OnnxLayer& l)
{
    lastAsFloat(l, l.step("Greater", {l.in(), l.number(l.attributes().real("threshold", 0))}));
    return {};
}

Result<void> negated(const OnnxLayer& l)
{
    lastAsFloat(l, l.step("Equal", {l.in(), l.number(0)}));
    return {};
}

Result<void> prelu(const OnnxLayer& l)
{
    Shape shape;
    if (const int64_t count = l.layer.weights[0]->count(); count != 1) {
        shape.assign(l.inputShape().size() - 1, 1);
        shape.front() = count;
    }
    l.last("PRelu", {l.in(), l.values(shape, l.layer.weights[0]->floats())});
    return {};
}

Result<void> crelu(const OnnxLayer& l)
{
    const std::string x = l.in();
    const double slope = l.attributes().real("slope", 0);
    onnx::NodeProto& node = l.last("Concat", {leaky(l, x, slope), leaky(l, l.step("Neg", {x}), slope)});
    setAttribute(node, "axis", l.axis(1));
    return {};
}

// Softmax, LogSoftmax, Hardmax: under their own names.
Result<void> softmax(const OnnxLayer& l)
{
    if (!l.attributes().flag("flatten", false)) {
        setAttribute(l.last(l.layer.op, {l.in()}), "axis", l.axis(1));
        return {};
    }
    onnx::NodeProto& flat = l.open("Flatten", {l.in()});
    setAttribute(flat, "axis", l.axis(1));
    onnx::NodeProto& node = l.open(l.layer.op, {flat.output(0)});
    setAttribute(node, "axis", int64_t{1});
    l.reshapedLast(node.output(0), {}, l.outputShape());
    return {};
}

namespace {

}  // namespace

}  // namespace qs::onnxrow

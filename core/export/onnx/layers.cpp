#include "core/export/onnx/layers.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <numeric>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;

// Convolution, DepthwiseConv, Deconvolution.
Result<void> convolution(const OnnxLayer& l)
{
    const bool transposed = l.layer.op == "Deconvolution";
    std::vector<std::string> from{l.in(), l.weight(0)};
    if (l.hasWeight(1))
        from.push_back(l.weight(1));
    onnx::NodeProto& node = l.last(transposed ? "ConvTranspose" : "Conv", from);
    const Ints kernel = l.attributes().integers("kernel");
    const Ints ones(kernel.size(), 1);
    setAttribute(node, "kernel_shape", kernel);
    setAttribute(node, "strides", l.attributes().integers("stride", ones));
    setAttribute(node, "pads", l.attributes().integers("pad", Ints(2 * kernel.size())));
    setAttribute(node, "dilations", l.attributes().integers("dilation", ones));
    setAttribute(node, "group", l.attributes().integer("group", 1));
    const Ints more = l.attributes().integers("outputPad");
    if (transposed && std::any_of(more.begin(), more.end(), [](int64_t side) { return side != 0; }))
        setAttribute(node, "output_padding", more);
    return {};
}

Result<void> innerProduct(const OnnxLayer& l)
{
    const Shape& shape = l.inputShape();
    const auto axis = static_cast<size_t>(l.axis(1));
    std::string rows = l.inputs[0];
    const Shape flat{-1, std::accumulate(shape.begin() + static_cast<std::ptrdiff_t>(axis), shape.end(), int64_t{1}, std::multiplies<>())};
    const bool matrix = axis == 1 && shape.size() == 2;
    if (!matrix)
        rows = l.step("Reshape", {rows, l.list(flat)});
    std::vector<std::string> from{l.quantizer(rows, 0), l.weight(0)};
    if (l.hasWeight(1))
        from.push_back(l.weight(1));
    const bool asItIs = axis == 1;
    onnx::NodeProto& node = asItIs ? l.last("Gemm", from) : l.open("Gemm", from);
    setAttribute(node, "transB", int64_t{1});
    if (!asItIs)
        l.reshapedLast(node.output(0), {}, l.outputShape());
    return {};
}

std::string transposed(const OnnxLayer& l, const std::string& from, size_t rank)
{
    Ints order(rank);
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[rank - 1], order[rank - 2]);
    onnx::NodeProto& node = l.open("Transpose", {from});
    setAttribute(node, "perm", order);
    return node.output(0);
}

Result<void> matMul(const OnnxLayer& l)
{
    std::vector<std::string> operands{l.in(0), l.in(1)};
    const char* const flags[] = {"transA", "transB"};
    for (size_t port = 0; port < 2; ++port)
        if (const size_t rank = l.inputShape(port).size(); l.attributes().flag(flags[port], false) && rank > 1)
            operands[port] = transposed(l, operands[port], rank);
    l.last("MatMul", operands);
    return {};
}

Result<void> gemm(const OnnxLayer& l)
{
    std::vector<std::string> operands;
    for (size_t port = 0; port < l.inputs.size(); ++port)
        operands.push_back(l.in(port));
    onnx::NodeProto& node = l.last("Gemm", operands);
    for (const char* name : {"transA", "transB"})
        setAttribute(node, name, l.attributes().integer(name, 0));
    for (const char* name : {"alpha", "beta"})
        setAttribute(node, name, l.attributes().real(name, 1));
    return {};
}

/// As the type that ONNX computes with there (BOOL, INT64), and back.
std::string castTo(const OnnxLayer& l, onnx::TensorProto::DataType type, const std::string& from)
{
    onnx::NodeProto& node = l.open("Cast", {from});
    setAttribute(node, "to", static_cast<int64_t>(type));
    return node.output(0);
}

void lastAsFloat(const OnnxLayer& l, const std::string& from)
{
    setAttribute(l.last("Cast", {from}), "to", int64_t{onnx::TensorProto::FLOAT});
}

Result<void> embed(const OnnxLayer& l)
{
    const std::string rows = l.step("Gather", {l.weight(0), castTo(l, onnx::TensorProto::INT64, l.in())});
    if (l.hasWeight(1))
        l.last("Add", {rows, l.weight(1)});
    else
        l.last("Identity", {rows});
    return {};
}

/// Padding that says outright how many windows there are: what rounding up adds behind the picture is padding, too.
Ints explicitPads(const OnnxLayer& l, const Ints& kernel, const Ints& stride, Ints pad)
{
    for (size_t side = 0; side < kernel.size(); ++side) {
        const int64_t reach = (l.outputShape()[side + 2] - 1) * stride[side] + kernel[side] - l.inputShape()[side + 2];
        int64_t& behind = pad[side + kernel.size()];
        behind = std::max(reach - pad[side], l.attributes().flag("ceil", false) ? int64_t{0} : behind);
    }
    return pad;
}

Result<void> pooling(const OnnxLayer& l)
{
    const bool maximum = l.attributes().text("method", "max") == "max";
    if (l.outputs.size() > 1)
        return l.refuse("a pooling that gives the places of its maxima");
    if (l.attributes().flag("global", false)) {
        l.last(maximum ? "GlobalMaxPool" : "GlobalAveragePool", {l.in()});
        return {};
    }
    const Ints kernel = l.attributes().integers("kernel");
    const size_t sides = kernel.size();
    const Ints stride = l.attributes().integers("stride", Ints(sides, 1));
    const Ints pad = l.attributes().integers("pad", Ints(2 * sides));
    const Ints dilation = l.attributes().integers("dilation", Ints(sides, 1));
    Ints reach = kernel;
    for (size_t side = 0; side < sides; ++side)
        reach[side] = dilation[side] * (kernel[side] - 1) + 1;
    const Ints whole = explicitPads(l, reach, stride, pad);
    std::string from = l.in();
    Ints own = whole;
    const bool countsPadding =
        !maximum && l.attributes().text("count", "caffe") != "exclude" && std::any_of(pad.begin(), pad.end(), [](int64_t side) { return side != 0; });
    if (countsPadding && whole != pad) {
        // Zeros that are counted, and behind them padding that is not.
        Ints all(2 * (sides + 2));
        own.assign(2 * sides, 0);
        for (size_t side = 0; side < sides; ++side) {
            all[side + 2] = pad[side];
            all[sides + side + 4] = pad[sides + side];
            own[sides + side] = std::max<int64_t>(0, whole[sides + side] - pad[sides + side]);
        }
        from = l.step("Pad", {from, l.list(all)});
    }
    onnx::NodeProto& node = l.last(maximum ? "MaxPool" : "AveragePool", {from});
    setAttribute(node, "kernel_shape", kernel);
    setAttribute(node, "strides", stride);
    setAttribute(node, "pads", own);
    if (reach != kernel)
        setAttribute(node, "dilations", dilation);
    if (!maximum)
        setAttribute(node, "count_include_pad", int64_t{countsPadding && own == pad});
    return {};
}

// ---------------------------------------------------------------------------------------------------------------------------- of one value

template <const char* Type>
Result<void> sameAs(const OnnxLayer& l)
{
    l.last(Type, {l.in()});
    return {};
}

std::string leaky(const OnnxLayer& l, const std::string& from, double slope)
{
    if (slope == 0)
        return l.step("Relu", {from});
    onnx::NodeProto& node = l.open("LeakyRelu", {from});
    setAttribute(node, "alpha", slope);
    return node.output(0);
}

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

// ---------------------------------------------------------------------------------------------------------------------------- of several

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

Result<void> gather(const OnnxLayer& l)
{
    setAttribute(l.last("Gather", {l.in(0), castTo(l, onnx::TensorProto::INT64, l.in(1))}), "axis", l.axis(0));
    return {};
}

// ---------------------------------------------------------------------------------------------------------------------------- layout

Result<void> concat(const OnnxLayer& l)
{
    std::vector<std::string> operands;
    for (size_t port = 0; port < l.inputs.size(); ++port)
        operands.push_back(l.in(port));
    setAttribute(l.last("Concat", operands), "axis", l.axis(1));
    return {};
}

Result<void> slice(const OnnxLayer& l)
{
    const int64_t axis = l.axis(1);
    Ints sizes;
    for (size_t i = 0; i < l.outputs.size(); ++i)
        sizes.push_back(l.outputShape(i)[static_cast<size_t>(axis)]);
    onnx::NodeProto& node = l.graph.node("Split", l.layer.name, {l.in(), l.list(sizes)}, l.outputs);
    setAttribute(node, "axis", axis);
    return {};
}

Result<void> stridedSlice(const OnnxLayer& l)
{
    l.last("Slice", {l.in(), l.list(l.attributes().integers("starts")), l.list(l.attributes().integers("ends")),
                     l.list(l.attributes().integers("axes")), l.list(l.attributes().integers("steps"))});
    return {};
}

// Split, Dropout, Identity, Quantizer.
Result<void> copies(const OnnxLayer& l)
{
    const std::string x = l.in();
    for (size_t i = 0; i < l.outputs.size(); ++i)
        l.graph.node("Identity", i == 0 ? l.layer.name : l.graph.unique(l.layer.name), {x}, {l.outputs[i]});
    return {};
}

// Flatten, Reshape, Squeeze, Unsqueeze.
Result<void> reshape(const OnnxLayer& l)
{
    l.reshapedLast(l.in(), l.inputShape(), l.outputShape());
    return {};
}

Result<void> permute(const OnnxLayer& l)
{
    setAttribute(l.last("Transpose", {l.in()}), "perm", l.attributes().integers("order"));
    return {};
}

Result<void> crop(const OnnxLayer& l)
{
    const auto axis = l.axis(2);
    const Ints offsets = l.attributes().integers("offset", {0});
    Ints starts, ends, axes;
    for (int64_t d = axis; d < static_cast<int64_t>(l.inputShape().size()); ++d) {
        const size_t at = offsets.size() == 1 ? 0 : static_cast<size_t>(d - axis);
        axes.push_back(d);
        starts.push_back(offsets.empty() ? 0 : offsets[at]);
        ends.push_back(starts.back() + l.outputShape()[static_cast<size_t>(d)]);
    }
    l.last("Slice", {l.in(), l.list(starts), l.list(ends), l.list(axes)});
    return {};
}

Result<void> expand(const OnnxLayer& l)
{
    l.last("Expand", {l.in(), l.list(l.outputShape())});
    return {};
}

Result<void> pad(const OnnxLayer& l)
{
    if (l.attributes().text("mode", "constant") == "wrap")
        return l.refuse("padding from the other side");
    onnx::NodeProto& node = l.last("Pad", {l.in(), l.list(l.attributes().integers("pads")), l.number(l.attributes().real("value", 0))});
    setAttribute(node, "mode", l.attributes().text("mode", "constant"));
    return {};
}

struct Resizing {
    std::string mode, coordinates, rounding;
};

/// `scale`: [h, w]; empty: to the output's size.
onnx::NodeProto& resized(const OnnxLayer& l, const Resizing& how, const std::vector<double>& scale, bool isLast)
{
    std::vector<std::string> inputs{l.in(), "", ""};
    if (scale.empty()) {
        inputs.push_back(l.list(l.outputShape()));
    } else {
        const std::vector<float> factors{1, 1, static_cast<float>(scale[0]), static_cast<float>(scale[1])};
        inputs[2] = l.values({4}, factors);
    }
    onnx::NodeProto& node = isLast ? l.last("Resize", inputs) : l.open("Resize", inputs);
    setAttribute(node, "mode", how.mode);
    setAttribute(node, "coordinate_transformation_mode", how.coordinates);
    setAttribute(node, "nearest_mode", how.rounding);
    return node;
}

Result<void> upsample(const OnnxLayer& l)
{
    if (l.inputs.size() > 1)
        return l.refuse("an Upsample to the places of maxima");
    const bool nearest = l.attributes().text("mode", "nearest") == "nearest";
    const double factor = l.attributes().real("factor", 1);
    const Resizing how{nearest ? "nearest" : "linear", "asymmetric", "floor"};
    onnx::NodeProto& node = resized(l, how, l.attributes().reals("scale"), factor == 1);
    if (factor != 1)
        l.last("Mul", {node.output(0), l.number(factor)});
    return {};
}

Result<void> resize(const OnnxLayer& l)
{
    const Resizing how{l.attributes().text("mode", "nearest"), l.attributes().text("coordinates", "half_pixel"),
                       l.attributes().text("rounding", "round_prefer_floor")};
    resized(l, how, l.attributes().has("size") ? std::vector<double>{} : l.attributes().reals("scale"), true);
    return {};
}

Result<void> interp(const OnnxLayer& l)
{
    resized(l, {"linear", "align_corners", "round_prefer_floor"}, {}, true);
    return {};
}

Result<void> passThrough(const OnnxLayer& l)
{
    const Ints block = l.attributes().integers("block", {2, 2});
    if (block[0] != block[1])
        return l.refuse("blocks that are not square");
    setAttribute(l.last("SpaceToDepth", {l.in()}), "blocksize", block[0]);
    return {};
}

Result<void> shuffleChannel(const OnnxLayer& l)
{
    const Shape& shape = l.inputShape();
    const int64_t group = l.attributes().integer("group", 1);
    Shape apart{shape[0], group, shape[1] / group};
    Ints order{0, 2, 1};
    for (size_t d = 2; d < shape.size(); ++d) {
        apart.push_back(shape[d]);
        order.push_back(static_cast<int64_t>(d) + 1);
    }
    onnx::NodeProto& node = l.open("Transpose", {l.reshaped(l.in(), shape, apart)});
    setAttribute(node, "perm", order);
    l.reshapedLast(node.output(0), shape, shape);
    return {};
}

Result<void> reverse(const OnnxLayer& l)
{
    const Ints axes = l.attributes().integers("axes", {0});
    l.last("Slice", {l.in(), l.list(Ints(axes.size(), -1)), l.list(Ints(axes.size(), INT64_MIN)), l.list(axes), l.list(Ints(axes.size(), -1))});
    return {};
}

Result<void> tile(const OnnxLayer& l)
{
    Ints repeats = l.attributes().integers("repeats");
    if (repeats.empty()) {
        repeats.assign(l.inputShape().size(), 1);
        repeats[static_cast<size_t>(l.axis(1))] = l.attributes().integer("tiles", 1);
    }
    l.last("Tile", {l.in(), l.list(repeats)});
    return {};
}

Result<void> parameter(const OnnxLayer& l)
{
    l.last("Identity", {l.values(l.outputShape(), l.layer.weights[0]->floats())});
    return {};
}

constexpr char sigmoidType[] = "Sigmoid", tanhType[] = "Tanh", absType[] = "Abs", softplusType[] = "Softplus", sqrtType[] = "Sqrt",
               signType[] = "Sign", sinType[] = "Sin", cosType[] = "Cos", erfType[] = "Erf", ceilType[] = "Ceil", floorType[] = "Floor",
               roundType[] = "Round";

struct Row {
    const char* op;
    OnnxWrite write;
};

constexpr Row rows[] = {
    {"Convolution", convolution},
    {"DepthwiseConv", convolution},
    {"Deconvolution", convolution},
    {"InnerProduct", innerProduct},
    {"MatMul", matMul},
    {"Gemm", gemm},
    {"Embed", embed},
    {"Pooling", pooling},
    {"ReLU", relu},
    {"RReLU", relu},
    {"ReLU6", relu6},
    {"PReLU", prelu},
    {"CReLU", crelu},
    {"Clip", clip},
    {"Sigmoid", sameAs<sigmoidType>},
    {"TanH", sameAs<tanhType>},
    {"ELU", elu},
    {"Swish", swish},
    {"Hswish", hardSwish},
    {"HardSigmoid", hardSigmoid},
    {"BNLL", sameAs<softplusType>},
    {"Threshold", threshold},
    {"Softmax", softmax},
    {"LogSoftmax", softmax},
    {"Hardmax", softmax},
    {"Gelu", writeGelu},
    {"Mish", writeMish},
    {"Selu", writeSameWithReals},
    {"Celu", writeSameWithReals},
    {"ThresholdedRelu", writeSameWithReals},
    {"Softsign", writeSameWithReals},
    {"Shrink", writeSameWithReals},
    {"Tan", writeSameWithReals},
    {"Asin", writeSameWithReals},
    {"Acos", writeSameWithReals},
    {"Atan", writeSameWithReals},
    {"Sinh", writeSameWithReals},
    {"Cosh", writeSameWithReals},
    {"Asinh", writeSameWithReals},
    {"Acosh", writeSameWithReals},
    {"Atanh", writeSameWithReals},
    {"IsNaN", writeMark},
    {"IsInf", writeMark},
    {"LRN", writeLrn},
    {"BatchNorm", writeBatchNorm},
    {"Scale", writeScale},
    {"Bias", writeScale},
    {"Normalize", writeNormalize},
    {"MVN", writeMvn},
    {"Mvm", writeMvn},
    {"GroupNorm", writeGroupNorm},
    {"LayerNormalization", writeLayerNorm},
    {"Eltwise", eltwise},
    {"Axpy", axpy},
    {"Add", broadcast},
    {"Sub", broadcast},
    {"Mul", broadcast},
    {"Div", broadcast},
    {"Pow", broadcast},
    {"Mod", broadcast},
    {"Min", broadcast},
    {"Max", broadcast},
    {"And", logic},
    {"Or", logic},
    {"Xor", logic},
    {"Not", negated},
    {"Where", where},
    {"Less", comparison},
    {"LessOrEqual", comparison},
    {"GreaterOrEqual", comparison},
    {"Equal", comparison},
    {"Greater", comparison},
    {"Power", power},
    {"Exp", exponential},
    {"Log", logarithm},
    {"AbsVal", sameAs<absType>},
    {"Sqrt", sameAs<sqrtType>},
    {"Sign", sameAs<signType>},
    {"Sin", sameAs<sinType>},
    {"Cos", sameAs<cosType>},
    {"Erf", sameAs<erfType>},
    {"Ceil", sameAs<ceilType>},
    {"Floor", sameAs<floorType>},
    {"Round", sameAs<roundType>},
    {"ReduceMean", reduce},
    {"ReduceSum", reduce},
    {"ReduceProd", reduce},
    {"ReduceMax", reduce},
    {"ReduceMin", reduce},
    {"ReduceL1", reduce},
    {"ReduceL2", reduce},
    {"ReduceLogSum", reduce},
    {"ReduceLogSumExp", reduce},
    {"ReduceSumSquare", reduce},
    {"CumSum", writeCumSum},
    {"Reduction", tailReduction},
    {"ArgMax", argMax},
    {"ArgMin", argMax},
    {"Gather", gather},
    {"GatherElements", writeByPlaces},
    {"GatherND", writeByPlaces},
    {"ScatterElements", writeByPlaces},
    {"ScatterND", writeByPlaces},
    {"OneHot", writeOneHot},
    {"Concat", concat},
    {"Slice", slice},
    {"StridedSlice", stridedSlice},
    {"Expand", expand},
    {"Split", copies},
    {"Dropout", copies},
    {"Identity", copies},
    {"Quantizer", copies},
    {"Flatten", reshape},
    {"Reshape", reshape},
    {"Squeeze", reshape},
    {"Unsqueeze", reshape},
    {"Permute", permute},
    {"Crop", crop},
    {"Pad", pad},
    {"Upsample", upsample},
    {"Resize", resize},
    {"Interp", interp},
    {"PassThrough", passThrough},
    {"ShuffleChannel", shuffleChannel},
    {"Reverse", reverse},
    {"Tile", tile},
    {"Parameter", parameter},
};

}  // namespace

int64_t OnnxLayer::axis(int64_t fallback) const
{
    const int64_t given = attributes().integer("axis", fallback);
    return given < 0 ? given + static_cast<int64_t>(inputShape().size()) : given;
}

onnx::NodeProto& OnnxLayer::open(const std::string& type, const std::vector<std::string>& from) const
{
    const std::string name = graph.unique(layer.name + "_" + type);
    return graph.node(type, name, from, {name});
}

std::string OnnxLayer::step(const std::string& type, const std::vector<std::string>& from) const
{
    return open(type, from).output(0);
}

onnx::NodeProto& OnnxLayer::last(const std::string& type, const std::vector<std::string>& from) const
{
    return graph.node(type, layer.name, from, {outputs.front()});
}

std::string OnnxLayer::number(double value) const
{
    const auto single = static_cast<float>(value);
    return graph.floats(layer.name + "_constant", {}, std::span(&single, 1));
}

std::string OnnxLayer::list(const std::vector<int64_t>& values) const
{
    return graph.integers(layer.name + "_list", values);
}

std::string OnnxLayer::values(const Shape& shape, std::span<const float> values) const
{
    return graph.floats(layer.name + "_values", shape, values);
}

namespace {

/// With its batch open: copied where it stays in front, otherwise what the other dimensions leave.
Shape withOpenBatch(const Shape& before, Shape after)
{
    if (after.empty() || std::find(after.begin(), after.end(), -1) != after.end())
        return after;
    if (!before.empty() && before.front() == after.front())
        after.front() = 0;
    else if (before.empty() && elementCount(after) > 0)
        after.front() = -1;
    return after;
}

}  // namespace

std::string OnnxLayer::reshaped(const std::string& from, const Shape& before, const Shape& after) const
{
    return step("Reshape", {from, list(withOpenBatch(before, after))});
}

void OnnxLayer::reshapedLast(const std::string& from, const Shape& before, const Shape& after) const
{
    last("Reshape", {from, list(withOpenBatch(before, after))});
}

Error OnnxLayer::refuse(const std::string& why) const
{
    return {ErrorCode::NotSupported, why + ": the writing of it is not built", "layer '" + layer.name + "'"};
}

Result<void> writeOnnxLayer(const OnnxLayer& layer)
{
    const auto row = std::find_if(std::begin(rows), std::end(rows), [&](const Row& candidate) { return layer.layer.op == candidate.op; });
    return row == std::end(rows) ? Result<void>(layer.refuse("a " + layer.layer.type)) : row->write(layer);
}

}  // namespace qs

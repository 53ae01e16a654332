// Convolutions, products of matrices and poolings as ONNX nodes.
#include "core/export/onnx/rows.h"

#include <algorithm>
#include <numeric>

namespace qs::onnxrow {

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

namespace {

std::string transposed(const OnnxLayer& l, const std::string& from, size_t rank)
{
    Ints order(rank);
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[rank - 1], order[rank - 2]);
    onnx::NodeProto& node = l.open("Transpose", {from});
    setAttribute(node, "perm", order);
    return node.output(0);
}

}  // namespace

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

namespace {

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

}  // namespace

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

}  // namespace qs::onnxrow

// Where values go, as ONNX nodes.
#include "core/export/onnx/rows.h"

namespace qs::onnxrow {

Result<void> gather(const OnnxLayer& l)
{
    setAttribute(l.last("Gather", {l.in(0), castTo(l, onnx::TensorProto::INT64, l.in(1))}), "axis", l.axis(0));
    return {};
}

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

namespace {

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

}  // namespace

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

}  // namespace qs::onnxrow

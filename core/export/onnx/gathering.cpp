#include "core/export/onnx/layers.h"

#include <array>

namespace qs {

namespace {

std::string asPlaces(const OnnxLayer& l, const std::string& from)
{
    onnx::NodeProto& node = l.open("Cast", {from});
    setAttribute(node, "to", int64_t{onnx::TensorProto::INT64});
    return node.output(0);
}

}  // namespace

Result<void> writeByPlaces(const OnnxLayer& l)
{
    std::vector<std::string> operands{l.in(0), asPlaces(l, l.in(1))};
    if (l.inputs.size() > 2)
        operands.push_back(l.in(2));
    const std::string reduction = l.attributes().text("reduction", "none");
    // Opset 16 has sums and products, 18 the others.
    if (reduction != "none")
        return l.refuse("a scattering that combines values");
    onnx::NodeProto& node = l.last(l.layer.op, operands);
    if (l.layer.op.ends_with("Elements"))
        setAttribute(node, "axis", l.axis(0));
    if (const int64_t batch = l.attributes().integer("batchDims", 0); batch != 0)
        setAttribute(node, "batch_dims", batch);
    return {};
}

Result<void> writeOneHot(const OnnxLayer& l)
{
    const std::array<float, 2> values{static_cast<float>(l.attributes().real("off", 0)), static_cast<float>(l.attributes().real("on", 1))};
    onnx::NodeProto& node = l.last("OneHot", {asPlaces(l, l.in()), l.list({l.attributes().integer("depth", 1)}), l.values({2}, values)});
    setAttribute(node, "axis", l.attributes().integer("axis", -1));
    return {};
}

}  // namespace qs

#include "core/export/onnx/layers.h"

#include <algorithm>
#include <numeric>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;

/// C values that vary along dimension 1.
Shape ofChannels(int64_t channels, size_t rank)
{
    Shape shape(rank - 1, 1);
    shape.front() = channels;
    return shape;
}

/// A weight of the layer in another shape.
std::string weightAs(const OnnxLayer& l, size_t i, const Shape& shape)
{
    return l.values(shape, l.layer.weights[i]->floats());
}

std::string mean(const OnnxLayer& l, const std::string& of, const Ints& axes)
{
    onnx::NodeProto& node = l.open("ReduceMean", {of});
    setAttribute(node, "axes", axes);
    setAttribute(node, "keepdims", int64_t{1});
    return node.output(0);
}

/// (x - mean) / sqrt(variance + epsilon) over these axes.
std::string standardized(const OnnxLayer& l, const std::string& x, const Ints& axes, double epsilon)
{
    const std::string centred = l.step("Sub", {x, mean(l, x, axes)});
    const std::string variance = mean(l, l.step("Mul", {centred, centred}), axes);
    return l.step("Div", {centred, l.step("Sqrt", {l.step("Add", {variance, l.number(epsilon)})})});
}

/// Factors and shifts, as far as the layer has them; the last node gives the output.
void scaledLast(const OnnxLayer& l, std::string x, const std::vector<std::pair<const char*, std::string>>& steps)
{
    if (steps.empty()) {
        l.last("Identity", {x});
        return;
    }
    for (size_t i = 0; i + 1 < steps.size(); ++i)
        x = l.step(steps[i].first, {x, steps[i].second});
    l.last(steps.back().first, {x, steps.back().second});
}

}  // namespace

Result<void> writeBatchNorm(const OnnxLayer& l)
{
    if (l.inputShape().size() < 2)
        return l.refuse("a BatchNorm of a vector");
    const auto channels = static_cast<size_t>(l.layer.weights[0]->count());
    const Shape shape{static_cast<int64_t>(channels)};
    const std::string gamma = l.hasWeight(2) ? l.weight(2) : l.values(shape, std::vector<float>(channels, 1));
    const std::string beta = l.hasWeight(3) ? l.weight(3) : l.values(shape, std::vector<float>(channels, 0));
    setAttribute(l.last("BatchNormalization", {l.in(), gamma, beta, l.weight(0), l.weight(1)}), "epsilon", l.attributes().real("epsilon", 1e-5));
    return {};
}

// Scale and Bias.
Result<void> writeScale(const OnnxLayer& l)
{
    const bool isScale = l.layer.op == "Scale";
    const size_t rank = l.inputShape().size();
    const auto axis = static_cast<size_t>(l.axis(1));
    const bool two = l.inputs.size() > 1;
    const int64_t numAxes = l.attributes().integer("numAxes", 1);
    const size_t dims = two ? l.inputShape(1).size() : numAxes < 0 ? rank - axis : static_cast<size_t>(numAxes);
    // The operand's dimensions, with ones behind them.
    Shape shape;
    for (size_t i = 0; i < dims; ++i)
        shape.push_back(l.inputShape()[axis + i]);
    shape.resize(shape.size() + rank - axis - dims, 1);
    if (dims == 0)
        shape.clear();
    std::vector<std::pair<const char*, std::string>> steps;
    size_t next = 0;
    if (two)
        steps.emplace_back(isScale ? "Mul" : "Add", l.step("Reshape", {l.in(1), l.list(shape)}));
    else
        steps.emplace_back(isScale ? "Mul" : "Add", weightAs(l, next++, shape));
    if (isScale && l.hasWeight(next))
        steps.emplace_back("Add", weightAs(l, next, shape));
    scaledLast(l, l.in(), steps);
    return {};
}

Result<void> writeLrn(const OnnxLayer& l)
{
    if (l.attributes().text("region", "across") != "across")
        return l.refuse("an LRN within channels");
    onnx::NodeProto& node = l.last("LRN", {l.in()});
    setAttribute(node, "size", l.attributes().integer("size", 5));
    setAttribute(node, "alpha", l.attributes().real("alpha", 1));
    setAttribute(node, "beta", l.attributes().real("beta", 0.75));
    setAttribute(node, "bias", l.attributes().real("k", 1));
    return {};
}

Result<void> writeNormalize(const OnnxLayer& l)
{
    const size_t rank = l.inputShape().size();
    Ints axes{1};
    if (l.attributes().flag("acrossSpatial", true))
        for (size_t d = 2; d < rank; ++d)
            axes.push_back(static_cast<int64_t>(d));
    const std::string x = l.in();
    onnx::NodeProto& sum = l.open("ReduceSum", {l.step("Mul", {x, x}), l.list(axes)});
    setAttribute(sum, "keepdims", int64_t{1});
    const std::string norm = l.step("Sqrt", {l.step("Add", {sum.output(0), l.number(l.attributes().real("epsilon", 1e-10))})});
    const int64_t count = l.layer.weights[0]->count();
    scaledLast(l, l.step("Div", {x, norm}), {{"Mul", weightAs(l, 0, count == 1 ? Shape{} : ofChannels(count, rank))}});
    return {};
}

// MVN and Mvm.
Result<void> writeMvn(const OnnxLayer& l)
{
    Ints axes;
    for (size_t d = l.attributes().flag("acrossChannels", false) ? 1 : 2; d < l.inputShape().size(); ++d)
        axes.push_back(static_cast<int64_t>(d));
    const std::string x = l.in();
    if (!l.attributes().flag("normalizeVariance", true)) {
        l.last("Sub", {x, mean(l, x, axes)});
        return {};
    }
    const std::string centred = l.step("Sub", {x, mean(l, x, axes)});
    const std::string deviation = l.step("Sqrt", {mean(l, l.step("Mul", {centred, centred}), axes)});
    l.last("Div", {centred, l.step("Add", {deviation, l.number(l.attributes().real("epsilon", 1e-9))})});
    return {};
}

Result<void> writeGroupNorm(const OnnxLayer& l)
{
    const Shape& shape = l.inputShape();
    const Shape grouped{shape[0], l.attributes().integer("groups", 32), -1};
    const std::string groups = l.reshaped(l.in(), shape, grouped);
    const std::string whole = l.reshaped(standardized(l, groups, {2}, l.attributes().real("epsilon", 1e-5)), grouped, shape);
    std::vector<std::pair<const char*, std::string>> steps;
    if (l.hasWeight(0))
        steps.emplace_back("Mul", weightAs(l, 0, ofChannels(shape[1], shape.size())));
    if (l.hasWeight(1))
        steps.emplace_back("Add", weightAs(l, 1, ofChannels(shape[1], shape.size())));
    scaledLast(l, whole, steps);
    return {};
}

Result<void> writeLayerNorm(const OnnxLayer& l)
{
    Ints axes;
    for (auto d = static_cast<size_t>(l.axis(-1)); d < l.inputShape().size(); ++d)
        axes.push_back(static_cast<int64_t>(d));
    std::vector<std::pair<const char*, std::string>> steps;
    if (l.hasWeight(0))
        steps.emplace_back("Mul", l.weight(0));
    if (l.hasWeight(1))
        steps.emplace_back("Add", l.weight(1));
    scaledLast(l, standardized(l, l.in(), axes, l.attributes().real("epsilon", 1e-5)), steps);
    return {};
}

}  // namespace qs

// Layers that Caffe says in other words: several layers, or a constant operand as a layer's blob.
#include "core/export/caffe_layers.h"

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

using quantscope_caffe::LayerParameter;
using Parts = std::optional<std::vector<CaffePart>>;

CaffePart partOf(const char* type, std::string suffix = {})
{
    CaffePart part;
    part.layer.set_type(type);
    part.suffix = std::move(suffix);
    part.blobs.emplace();
    return part;
}

Buffer mapped(const Buffer& buffer, float (*formula)(float))
{
    Buffer result(DType::F32, buffer.shape());
    std::transform(buffer.floats().begin(), buffer.floats().end(), result.floats().begin(), formula);
    return result;
}

Buffer filled(const Shape& shape, float value)
{
    Buffer buffer(DType::F32, shape);
    std::fill(buffer.floats().begin(), buffer.floats().end(), value);
    return buffer;
}

/// Before opset 13 a Softmax took all dimensions from the axis on as one.
Parts softmax(const Model& model, const Layer& layer)
{
    const Shape& shape = model.value(layer.inputs.front()).shape;
    const int64_t given = layer.attributes.integer("axis", 1);
    const auto axis = static_cast<std::ptrdiff_t>(given < 0 ? given + static_cast<int64_t>(shape.size()) : given);
    if (!layer.attributes.flag("flatten", false) || axis >= static_cast<std::ptrdiff_t>(shape.size()) ||
        elementCount({shape.begin() + axis + 1, shape.end()}) == 1)
        return std::nullopt;
    Shape flat(shape.begin(), shape.begin() + axis);
    flat.push_back(elementCount({shape.begin() + axis, shape.end()}));
    CaffePart middle = partOf("Softmax");
    middle.layer.mutable_softmax_param()->set_axis(static_cast<int32_t>(axis));
    return std::vector{reshapePart(shape, flat, "_flat"), middle, reshapePart(flat, shape, "_shape")};
}

/// Caffe's BatchNorm has no factor and shift of its own.
Parts batchNorm(const Layer& layer)
{
    if (layer.weights.size() < 2)
        return std::nullopt;
    CaffePart normalize = partOf("BatchNorm");
    normalize.layer.mutable_batch_norm_param()->set_use_global_stats(true);
    normalize.layer.mutable_batch_norm_param()->set_eps(static_cast<float>(layer.attributes.real("epsilon", 1e-5)));
    normalize.blobs = {*layer.weights[0], *layer.weights[1], Buffer::fromFloats({1}, std::vector<float>{1})};
    if (layer.weights.size() < 4)
        return std::vector{normalize};
    CaffePart scale = partOf("Scale", "_scale");
    scale.layer.mutable_scale_param()->set_bias_term(true);
    scale.blobs = {*layer.weights[2], *layer.weights[3]};
    return std::vector{normalize, scale};
}

/// A mean or sum over the last dimensions; over a picture's the mean is a global pooling, too.
Parts reduce(const Model& model, const Layer& layer)
{
    const Shape& input = model.value(layer.inputs.front()).shape;
    const Shape& output = model.value(layer.outputs.front()).shape;
    const auto rank = static_cast<int64_t>(input.size());
    std::vector<bool> reduced(input.size(), layer.attributes.integers("axes").empty());
    for (const int64_t axis : layer.attributes.integers("axes"))
        reduced[static_cast<size_t>(axis < 0 ? axis + rank : axis)] = true;
    const auto first = std::find(reduced.begin(), reduced.end(), true) - reduced.begin();
    if (first == rank || std::find(reduced.begin() + first, reduced.end(), false) != reduced.end())
        return std::nullopt;
    const bool mean = layer.op == "ReduceMean";
    CaffePart part = partOf(mean && rank == 4 && first == 2 ? "Pooling" : "Reduction");
    Shape given(input.begin(), input.begin() + first);
    if (part.layer.type() == "Pooling") {
        part.layer.mutable_pooling_param()->set_pool(quantscope_caffe::PoolingParameter::AVE);
        part.layer.mutable_pooling_param()->set_global_pooling(true);
        given = {input[0], input[1], 1, 1};
    } else {
        using Operation = quantscope_caffe::ReductionParameter;
        part.layer.mutable_reduction_param()->set_operation(mean ? Operation::MEAN : Operation::SUM);
        part.layer.mutable_reduction_param()->set_axis(static_cast<int32_t>(first));
    }
    if (given == output)
        return std::vector{part};
    return std::vector{part, reshapePart(given, output, "_shape")};
}

/// Where the operand covers a run of the input's dimensions: axis and shape of the blob; nullopt where it does not.
std::optional<std::pair<int32_t, Shape>> coveredRun(const Shape& input, const Shape& operand)
{
    if (operand.size() > input.size())
        return std::nullopt;
    Shape full(input.size() - operand.size(), 1);
    full.insert(full.end(), operand.begin(), operand.end());
    const auto notOne = [](int64_t extent) { return extent != 1; };
    const auto first = std::find_if(full.begin(), full.end(), notOne) - full.begin();
    const auto last = full.rend() - std::find_if(full.rbegin(), full.rend(), notOne);
    for (auto i = first; i < last; ++i)
        if (full[static_cast<size_t>(i)] != input[static_cast<size_t>(i)])
            return std::nullopt;
    return std::pair(static_cast<int32_t>(first), Shape(full.begin() + first, full.begin() + last));
}

/// One number: (shift + scale x) ^ power.
CaffePart powerPart(const std::string& op, bool constantFirst, float c)
{
    CaffePart part = partOf("Power");
    auto* param = part.layer.mutable_power_param();
    if (op == "Mul")
        param->set_scale(c);
    if (op == "Div")
        param->set_scale(1 / c);
    if (op == "Div" && constantFirst)
        param->set_power(-1);
    if (op == "Add" || op == "Sub")
        param->set_shift(op == "Sub" && !constantFirst ? -c : c);
    if (op == "Sub" && constantFirst)
        param->set_scale(-1);
    return part;
}

/// Add, Sub, Mul, Div with a constant: Power or Scale.
Result<Parts> constantOperand(const Model& model, const Layer& layer)
{
    const bool constantFirst = model.value(layer.inputs[0]).constant != nullptr;
    const Buffer* operand = model.value(layer.inputs[constantFirst ? 0 : 1]).constant.get();
    const Shape& input = model.value(layer.inputs[constantFirst ? 1 : 0]).shape;
    if (!operand || (constantFirst && model.value(layer.inputs[1]).constant))
        return Parts();
    if (model.value(layer.outputs.front()).shape != input)
        return notExportable(layer, "its constant operand widens the other");
    if (operand->count() == 1)
        return Parts(std::vector{powerPart(layer.op, constantFirst, operand->floats()[0])});
    const auto run = coveredRun(input, operand->shape());
    if (!run || (layer.op == "Div" && constantFirst))
        return notExportable(
            layer, "its constant operand " + shapeText(operand->shape()) + " is no factor or shift along dimensions that follow each other");
    const bool scales = layer.op == "Mul" || layer.op == "Div" || (layer.op == "Sub" && constantFirst);
    Buffer blob = operand->reshaped(run->second);
    if (layer.op == "Div")
        blob = mapped(blob, [](float x) { return 1 / x; });
    if (layer.op == "Sub" && !constantFirst)
        blob = mapped(blob, [](float x) { return -x; });
    // A shift is a Scale by one, too: Caffe has a Bias, not every reader of its files does.
    const bool shifts = !scales || layer.op == "Sub";
    CaffePart part = partOf("Scale");
    part.layer.mutable_scale_param()->set_axis(run->first);
    part.layer.mutable_scale_param()->set_num_axes(static_cast<int32_t>(run->second.size()));
    part.layer.mutable_scale_param()->set_bias_term(shifts);
    part.blobs = {blob};
    if (shifts)
        part.blobs = {filled(blob.shape(), scales ? -1.0F : 1.0F), blob};
    return Parts(std::vector{part});
}

bool isArithmetic(const std::string& op)
{
    return op == "Add" || op == "Sub" || op == "Mul" || op == "Div";
}

bool onlyReshapes(const Layer& layer)
{
    return layer.op == "Squeeze" || layer.op == "Unsqueeze" || (layer.op == "Flatten" && layer.attributes.flag("always2d", false));
}

}  // namespace

CaffePart reshapePart(const Shape& from, const Shape& to, std::string suffix)
{
    CaffePart part = partOf("Reshape", std::move(suffix));
    for (size_t i = 0; i < to.size(); ++i)
        part.layer.mutable_reshape_param()->mutable_shape()->add_dim(i == 0 && !from.empty() && from[0] == to[0] ? 0 : to[i]);
    return part;
}

Result<std::optional<std::vector<CaffePart>>> composedParts(const Model& model, const Layer& layer)
{
    if (layer.op == "Softmax")
        return softmax(model, layer);
    if (layer.op == "BatchNorm")
        return batchNorm(layer);
    if (layer.op == "ReduceMean" || layer.op == "ReduceSum")
        return reduce(model, layer);
    if (isArithmetic(layer.op) && layer.inputs.size() == 2)
        if (model.value(layer.inputs[0]).constant || model.value(layer.inputs[1]).constant)
            return constantOperand(model, layer);
    if (onlyReshapes(layer))
        return Parts(std::vector{reshapePart(model.value(layer.inputs.front()).shape, model.value(layer.outputs.front()).shape, {})});
    return Parts();
}

}  // namespace qs

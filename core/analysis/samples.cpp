#include "core/analysis/samples.h"

#include "core/data/npy.h"
#include "core/ir/builder.h"

#include <algorithm>

namespace qs {

namespace {

/// Whether the network runs on one sample where it declares a batch of several: a batch that is written into a Reshape or into a constant says no.
bool runsSingly(const Model& model, const Shape& single)
{
    std::vector<Shape> shapes{single};
    for (size_t i = 1; i < model.inputs().size(); ++i)
        shapes.push_back(model.value(model.inputs()[i]).shape);
    const int64_t batch = model.value(model.inputs().front()).shape.front();
    const auto inferred = inferShapes(model, shapes);
    if (!inferred)
        return false;
    for (const ValueId output : model.outputs()) {
        const InferredShape& shape = (*inferred)[static_cast<size_t>(output)];
        const Value& value = model.value(output);
        const bool detections = value.producer != noId && model.layer(value.producer).op == "DetectionOutput";
        if (value.shaped && !value.constant && !detections && elementCount(shape.shape) * batch != elementCount(value.shape))
            return false;
    }
    return true;
}

/// The same values once for each entry of the batch.
Buffer repeated(const Buffer& sample, const Shape& wanted)
{
    Buffer batch(DType::F32, wanted);
    for (int64_t i = 0; i < batch.count(); i += sample.count())
        std::copy(sample.floats().begin(), sample.floats().end(), batch.floats().begin() + i);
    return batch;
}

/// Of the network's first input.
Result<Tensor> sampleTensor(const Model& model, const Buffer& sample, const std::string& sampleName, TensorPool& pool)
{
    const Value& input = model.value(model.inputs().front());
    if (!input.shaped)
        return Error{ErrorCode::ShapeMismatch,
                     "the size of the input '" + input.name + "' is open: give it (--input-shape " + input.name + "=1x3x224x224, for example)",
                     sampleName};
    // A sample is one picture of a batch; or all of the input, where its first axis is time (LSTM).
    Shape wanted = input.shape;
    if (!wanted.empty() && sample.shape() != wanted)
        wanted[0] = 1;
    Shape found = sample.shape();
    if (found.size() + 1 == wanted.size())
        found.insert(found.begin(), 1);
    if (found != wanted)
        return Error{ErrorCode::ShapeMismatch, "the sample is " + shapeText(found) + ", the input '" + input.name + "' is " + shapeText(wanted),
                     sampleName};
    const Buffer values = toFloat(sample).reshaped(found);
    if (wanted != input.shape && !runsSingly(model, wanted))
        return tensorFrom(repeated(values, input.shape), pool);
    return tensorFrom(values, pool);
}

/// Faster R-CNN's second input: height, width and scale of the picture.
bool isPictureInformation(const Value& value)
{
    return value.name == "im_info" && value.shape == Shape{1, 3};
}

}  // namespace

Result<std::vector<Tensor>> inputTensors(const Model& model, const Buffer& sample, const std::string& sampleName, TensorPool& pool)
{
    const std::vector<ValueId>& inputs = model.inputs();
    const bool informed = inputs.size() == 2 && isPictureInformation(model.value(inputs[1])) && model.value(inputs[0]).shape.size() == 4;
    if (inputs.size() != 1 && !informed)
        return Error{
            ErrorCode::NotSupported,
            "the network has " + std::to_string(inputs.size()) + " inputs; data sets feed networks with one (give the others to `run --input`)",
            model.name()};
    QS_TRY(const Tensor first, sampleTensor(model, sample, sampleName, pool));
    std::vector<Tensor> tensors{first};
    if (informed) {
        // The sample is the picture as the network sees it: there is no other scale behind it.
        const float values[] = {static_cast<float>(first.shape()[2]), static_cast<float>(first.shape()[3]), 1};
        tensors.push_back(tensorFrom(Buffer::fromFloats(model.value(inputs[1]).shape, values), pool));
    }
    return tensors;
}

Result<std::vector<Tensor>> inputTensors(const Model& model, const DataSet& data, int index, TensorPool& pool)
{
    QS_TRY(const Buffer sample, data.sample(index));
    return inputTensors(model, sample, data.sampleName(index), pool);
}

Sample sampleOf(const DataSet& data, int index, IncrementalEvaluator& evaluator, uint64_t serial)
{
    return {KeyBuilder().add(data.sampleName(index)).add(static_cast<uint64_t>(index)).add(serial).key(),
            [&data, index, &evaluator] { return inputTensors(evaluator.model(), data, index, evaluator.runner().pool()); }};
}

std::vector<int> spreadOrder(int count, int subset)
{
    std::vector<int> order;
    std::vector<char> taken(static_cast<size_t>(count));
    for (int64_t i = 0; i < std::min(subset, count); ++i) {
        order.push_back(static_cast<int>(i * count / std::min(subset, count)));
        taken[static_cast<size_t>(order.back())] = 1;
    }
    for (int i = 0; i < count; ++i)
        if (!taken[static_cast<size_t>(i)])
            order.push_back(i);
    return order;
}

Result<void> requireOutputs(const Model& network)
{
    std::string cause = "it has none";
    for (const ValueId output : network.outputs()) {
        const LayerId producer = network.value(output).producer;
        if (producer == noId)
            continue;
        const Layer& layer = network.layer(producer);
        if (layer.notRunnable.empty())
            return {};
        cause = "layer '" + layer.name + "' (" + layer.type + "): " + layer.notRunnable;
    }
    return Error{ErrorCode::NotRunnable, "no output of the network can be run, so nothing can be measured there: " + cause, network.name()};
}

std::vector<Tensor> outputsOf(const Model& network, const Values& values)
{
    std::vector<Tensor> outputs;
    for (const ValueId id : network.outputs())
        outputs.push_back(values.contains(id) ? values.at(id) : Tensor());
    return outputs;
}

ErrorSums errorSums(const Tensor& x, const Tensor& y, TensorPool& pool)
{
    if (x.shape() != y.shape()) {
        const Tensor there = toFloat(x.empty() ? y : x, pool);
        ErrorSums sums = errorSums(there.values(), there.values());
        sums.nn = sums.xx;
        sums.xy = sums.yy = 0;
        return sums;
    }
    const Tensor expected = toFloat(x, pool);
    return errorSums(expected.values(), convertLayout(toFloat(y, pool), expected.layout(), pool).values());
}

ErrorSums outputSums(std::span<const Tensor> x, std::span<const Tensor> y, TensorPool& pool)
{
    ErrorSums total;
    for (size_t i = 0; i < x.size(); ++i)
        total += errorSums(x[i], y[i], pool);
    return total;
}

}  // namespace qs

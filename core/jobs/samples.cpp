#include "core/jobs/samples.h"

#include "core/data/npy.h"
#include "core/ir/builder.h"
#include "core/ops/sparse_sites.h"
#include "core/ops/weight_channels.h"

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
        const InferredShape& shape = (*inferred)[output];
        const Value& value = model.value(output);
        const bool detections = value.producer != noId && model.layer(value.producer).op == "DetectionOutput";
        if (value.shaped && !value.constant && !detections && elementCount(shape.shape) * batch != elementCount(value.shape))
            return false;
    }
    return true;
}

/// Rows of features that a sparse convolution reads.
bool isSparse(const Model& model, ValueId id)
{
    const auto& readers = model.value(id).consumers;
    return std::any_of(readers.begin(), readers.end(), [&](LayerId reader) { return model.layer(reader).op == "SparseConvolution"; });
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
    // A sample is one picture of a batch; or all of the input, where its first axis is time (LSTM), or rows of a sparse value, as many as there are.
    Shape wanted = input.shape;
    if (isSparse(model, model.inputs().front()) && sample.shape().size() == 2) {
        wanted[0] = sample.shape()[0];
        if (sample.shape() == wanted)
            return tensorFrom(toFloat(sample), pool);
    } else if (!wanted.empty() && sample.shape() != wanted)
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

/// Sequence marks: only recurrent layers read it, as their second input.
bool isSequenceMarks(const Model& model, ValueId id)
{
    const Value& value = model.value(id);
    return value.shaped && value.shape.size() == 2 && !value.consumers.empty() &&
           std::all_of(value.consumers.begin(), value.consumers.end(), [&](LayerId reader) {
               const Layer& layer = model.layer(reader);
               return isRecurrent(layer.op) && layer.inputs.size() > 1 && layer.inputs[1] == id && layer.inputs[0] != id;
           });
}

/// (T, N): a sequence begins with the first step.
Buffer sequenceMarks(const Shape& shape)
{
    Buffer marks(DType::F32, shape);
    const auto values = marks.floats();
    std::fill(values.begin(), values.end(), 1.0F);
    std::fill_n(values.begin(), std::min(shape[0] > 0 ? shape[1] : 0, marks.count()), 0.0F);
    return marks;
}

/// First states (h0, c0 of expose_hidden): recurrent layers alone read it, behind x, cont and a static input.
bool isFirstState(const Model& model, ValueId id)
{
    const Value& value = model.value(id);
    return value.shaped && !value.consumers.empty() && std::all_of(value.consumers.begin(), value.consumers.end(), [&](LayerId reader) {
               const Layer& layer = model.layer(reader);
               const size_t first = layer.attributes.flag("staticInput", false) ? 3 : 2;
               return isRecurrent(layer.op) && layer.inputs.size() > first &&
                      std::find(layer.inputs.begin(), layer.inputs.begin() + static_cast<std::ptrdiff_t>(first), id) ==
                          layer.inputs.begin() + static_cast<std::ptrdiff_t>(first);
           });
}

/// Of a further input: all of `given`, or the part that belongs to sample `index`.
Result<Buffer> furtherInput(const Value& input, const Buffer& given, int index, const std::string& sampleName)
{
    if (given.shape() == input.shape && input.shaped)
        return given;
    Shape single = given.shape();
    if (!single.empty())
        single.erase(single.begin());
    Shape wanted = input.shape;
    const bool whole = single == wanted;
    if (!whole && !wanted.empty() && wanted.front() == 1)
        wanted.erase(wanted.begin());
    if (!input.shaped || single != wanted || index < 0 || index >= given.shape().front())
        return Error{ErrorCode::ShapeMismatch,
                     "the further input '" + input.name + "' is given as " + shapeText(given.shape()) + "; the network takes " +
                         shapeText(input.shape) + ", or one of these a sample along a first axis",
                     sampleName};
    const auto count = static_cast<size_t>(elementCount(input.shape));
    return Buffer::fromFloats(input.shape, given.floats().subspan(static_cast<size_t>(index) * count, count));
}

Result<Tensor> sitesTensor(const Value& input, const Buffer& sites, int64_t rows, const std::string& sampleName, TensorPool& pool)
{
    if (sites.shape().size() == 2 && sites.shape()[0] == rows && input.shape.size() == 2 && sites.shape()[1] == input.shape[1])
        return tensorFrom(toFloat(sites), pool);
    return Error{ErrorCode::ShapeMismatch,
                 sites.empty() ? "the data have no sites for the input '" + input.name + "': give point clouds, or features and sites (--points)"
                               : "its sites are " + shapeText(sites.shape()) + ", the input '" + input.name + "' takes rows of " +
                                     (input.shape.size() == 2 ? std::to_string(input.shape[1]) : "?") + " numbers, one a row of features",
                 sampleName};
}

Result<std::vector<Tensor>> allInputs(const Model& model, const Buffer& sample, const std::string& sampleName, TensorPool& pool,
                                      const std::map<std::string, Buffer>& further, int index, const Buffer& sites = {})
{
    const std::vector<ValueId>& inputs = model.inputs();
    if (inputs.empty())
        return Error{ErrorCode::NotSupported, "the network has no input", model.name()};
    for (const auto& [name, values] : further)
        if (std::none_of(inputs.begin() + 1, inputs.end(), [&, &wanted = name](ValueId id) { return model.value(id).name == wanted; }))
            return Error{ErrorCode::UnknownKey, "the network has no further input '" + name + "'", sampleName};
    QS_TRY(const Tensor first, sampleTensor(model, sample, sampleName, pool));
    std::vector<Tensor> tensors{first};
    for (size_t i = 1; i < inputs.size(); ++i) {
        const Value& input = model.value(inputs[i]);
        const auto given = further.find(input.name);
        if (areSites(model, inputs[i])) {
            const Buffer& rows = given != further.end() ? given->second : sites;
            QS_TRY(const Tensor tensor, sitesTensor(input, rows, first.shape().front(), sampleName, pool));
            tensors.push_back(tensor);
        } else if (given != further.end()) {
            QS_TRY(const Buffer values, furtherInput(input, given->second, index, sampleName));
            tensors.push_back(tensorFrom(values, pool));
        } else if (isSequenceMarks(model, inputs[i])) {
            tensors.push_back(tensorFrom(sequenceMarks(input.shape), pool));
        } else if (isFirstState(model, inputs[i])) {
            tensors.push_back(tensorFrom(Buffer(DType::F32, input.shape), pool));
        } else if (isPictureInformation(input) && inputs.size() == 2 && first.shape().size() == 4) {
            // The sample is the picture as the network sees it: there is no other scale behind it.
            const float values[] = {static_cast<float>(first.shape()[2]), static_cast<float>(first.shape()[3]), 1};
            tensors.push_back(tensorFrom(Buffer::fromFloats(input.shape, values), pool));
        } else {
            return Error{ErrorCode::NotSupported,
                         "the network has " + std::to_string(inputs.size()) + " inputs, and the data feeds one: give '" + input.name + "' (" +
                             shapeText(input.shape) + ") as a further input (--with-input " + input.name + "=FILE.npy)",
                         model.name()};
        }
    }
    return tensors;
}

}  // namespace

Result<std::vector<Tensor>> inputTensors(const Model& model, const Buffer& sample, const std::string& sampleName, TensorPool& pool,
                                         const std::map<std::string, Buffer>& further)
{
    return allInputs(model, sample, sampleName, pool, further, 0);
}

Result<std::vector<Tensor>> inputTensors(const Model& model, const DataSet& data, int index, TensorPool& pool)
{
    QS_TRY(const Buffer sample, data.sample(index));
    QS_TRY(const Buffer sites, data.sites(index));
    return allInputs(model, sample, data.sampleName(index), pool, data.furtherInputs(), data.sourceIndex(index), sites);
}

Sample sampleOf(const DataSet& data, int index, IncrementalEvaluator& evaluator, uint64_t serial)
{
    return {KeyBuilder().add(data.sampleName(index)).add(static_cast<uint64_t>(data.sourceIndex(index))).add(serial).key(),
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

std::vector<Buffer> buffersFrom(std::span<const Tensor> tensors)
{
    std::vector<Buffer> buffers;
    for (const Tensor& tensor : tensors)
        buffers.push_back(tensor.empty() ? Buffer() : bufferFrom(tensor));
    return buffers;
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

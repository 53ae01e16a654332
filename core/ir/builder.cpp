#include "core/ir/builder.h"

#include "core/base/text.h"
#include "core/ops/op.h"
#include "core/ops/shape_rules.h"

#include <algorithm>
#include <queue>

namespace qs {

namespace {

std::string uniqueName(std::map<std::string, int>& taken, std::string name)
{
    if (taken.emplace(name, 1).second)
        return name;
    while (true) {
        std::string candidate = name + "_" + std::to_string(++taken[name]);
        if (taken.emplace(candidate, 1).second)
            return candidate;
    }
}

std::string layerPlace(const Layer& layer)
{
    return "layer '" + shortened(layer.name) + "' (" + shortened(layer.type) + ")";
}

Error atLayer(Error error, const Layer& layer)
{
    if (error.where.empty())
        error.where = layerPlace(layer);
    return error;
}

/// Output shapes of one layer, or nothing known.
Result<std::vector<InferredShape>> layerShapes(const Model& model, const Layer& layer, const ById<ValueId, InferredShape>& shapes)
{
    std::vector<InferredShape> unknown(layer.outputs.size());
    const OpInfo* op = findOp(layer.op);
    if (!op || !op->shapes)
        return unknown;
    std::vector<Shape> inputs;
    for (const ValueId input : layer.inputs) {
        const Value& value = model.value(input);
        const InferredShape& shape = shapes[input];
        if (!value.constant && !shape.known)
            return unknown;
        inputs.push_back(value.constant ? value.constant->shape() : shape.shape);
    }
    auto inferred = op->shapes(layer, inputs);
    if (!inferred) {
        // A layer without its weights is drawn and not run; its outputs have no shape.
        if (inferred.error().code == ErrorCode::MissingValue)
            return unknown;
        return atLayer(inferred.error(), layer);
    }
    if (inferred->size() != layer.outputs.size())
        return Error{ErrorCode::ModelInvalid,
                     "it has " + std::to_string(layer.outputs.size()) + " outputs, its type gives " + std::to_string(inferred->size()),
                     layerPlace(layer)};
    std::vector<InferredShape> known;
    for (Shape& shape : *inferred) {
        if (shape.size() > ops::largestRank)
            return atLayer({ErrorCode::OutOfRange, "its output would have " + std::to_string(shape.size()) + " dimensions", {}}, layer);
        int64_t count = 1;
        for (const int64_t dimension : shape) {
            if (dimension <= 0 || count > (int64_t{1} << 40) / dimension)
                return Error{ErrorCode::ShapeMismatch, "its output would be " + shapeText(shape), layerPlace(layer)};
            count *= dimension;
        }
        known.push_back({std::move(shape), true});
    }
    return known;
}

std::string ownReason(const Model& model, const Layer& layer)
{
    if (!layer.notRunnable.empty())
        return layer.notRunnable;
    const OpInfo* op = findOp(layer.op);
    if (!op)
        return "the type " + shortened(layer.type) + " is not known";
    if (!op->runnable)
        return "the type " + shortened(layer.type) + " has no kernel in this version";
    if (weightsMissing(layer))
        return "its weights are missing";
    for (const ValueId output : layer.outputs)
        if (!model.value(output).shaped)
            return "the shape of its output is not known";
    return {};
}

}  // namespace

ModelBuilder::ModelBuilder(std::string name, std::string format)
{
    m_model.m_name = std::move(name);
    m_model.m_format = std::move(format);
}

ModelBuilder::ModelBuilder(const Model& model) : m_model(model), m_removed(model.layers().size()), m_outputsSet(true), m_changes(true)
{
    for (const Value& value : model.values())
        m_valueNames.emplace(value.name, 1);
    for (const Layer& layer : model.layers())
        m_layerNames.emplace(layer.name, 1);
    for (const ValueId id : model.inputs())
        if (model.value(id).shaped)
            m_inputShapes[id] = model.value(id).shape;
    for (Layer& layer : m_model.m_layers)
        if (layer.notRunnable.starts_with("it needs layer "))
            layer.notRunnable.clear();  // follows from another layer: found again by build()
}

ValueId ModelBuilder::addValue(std::string name, std::string blob)
{
    Value value;
    value.blob = blob.empty() ? name : std::move(blob);
    value.name = uniqueName(m_valueNames, std::move(name));
    const ValueId id = m_model.m_values.nextId();
    m_model.m_values.push_back(std::move(value));
    return id;
}

ValueId ModelBuilder::addConstant(std::string name, std::shared_ptr<const Buffer> data)
{
    const ValueId id = addValue(std::move(name));
    m_model.m_values.back().constant = std::move(data);
    return id;
}

LayerId ModelBuilder::addLayer(Layer layer)
{
    layer.name = uniqueName(m_layerNames, std::move(layer.name));
    const LayerId id = m_model.m_layers.nextId();
    for (const ValueId output : layer.outputs)
        m_model.m_values[output].producer = id;
    m_model.m_layers.push_back(std::move(layer));
    m_removed.push_back(false);
    return id;
}

void ModelBuilder::removeLayer(LayerId id)
{
    m_removed[id] = true;
}

void ModelBuilder::setInputShape(ValueId id, Shape shape)
{
    m_inputShapes[id] = std::move(shape);
}

void ModelBuilder::setOutputs(std::vector<ValueId> outputs)
{
    m_model.m_outputs = std::move(outputs);
    m_outputsSet = true;
}

void ModelBuilder::addNote(std::string note)
{
    m_model.m_notes.push_back(std::move(note));
}

void ModelBuilder::setSource(std::shared_ptr<const SourceDocument> source)
{
    m_model.m_source = std::move(source);
}

Result<std::shared_ptr<const Model>> ModelBuilder::build() &&
{
    Model& draft = m_model;
    // Producers.
    ById<ValueId, LayerId> producer(draft.m_values.size(), noId);
    for (const LayerId id : draft.layerIds()) {
        if (m_removed[id])
            continue;
        for (const ValueId output : draft.layer(id).outputs) {
            LayerId& first = producer[output];
            if (first != noId)
                return Error{ErrorCode::ModelInvalid,
                             "'" + draft.value(output).name + "' is produced twice, first by layer '" + draft.layer(first).name + "'",
                             "layer '" + draft.layer(id).name + "'"};
            first = id;
        }
    }
    // Stable topological order: among the layers that are ready, the first in the file.
    ById<LayerId, int> missing(draft.m_layers.size());
    ById<ValueId, std::vector<LayerId>> waiting(draft.m_values.size());
    std::priority_queue<LayerId, std::vector<LayerId>, std::greater<>> ready;
    size_t living = 0;
    for (const LayerId id : draft.layerIds()) {
        if (m_removed[id])
            continue;
        ++living;
        for (const ValueId input : draft.layer(id).inputs) {
            if (draft.value(input).constant)
                continue;
            if (producer[input] == noId)
                return Error{ErrorCode::ModelInvalid, "nothing produces its input '" + draft.value(input).name + "'", layerPlace(draft.layer(id))};
            ++missing[id];
            waiting[input].push_back(id);
        }
        if (missing[id] == 0)
            ready.push(id);
    }
    std::vector<LayerId> order;
    while (!ready.empty()) {
        const LayerId id = ready.top();
        ready.pop();
        order.push_back(id);
        for (const ValueId output : draft.layer(id).outputs)
            for (const LayerId next : waiting[output])
                if (--missing[next] == 0)
                    ready.push(next);
    }
    if (order.size() != living) {
        std::string names;
        int shown = 0;
        for (const LayerId id : draft.layerIds())
            if (!m_removed[id] && missing[id] > 0 && shown < 5) {
                names += (names.empty() ? "'" : ", '") + draft.layer(id).name + "'";
                ++shown;
            }
        return Error{ErrorCode::ModelInvalid, "the layers depend on each other in a circle: " + names, draft.m_name};
    }
    // Renumber.
    auto model = std::make_shared<Model>();
    model->m_name = draft.m_name;
    model->m_format = draft.m_format;
    model->m_notes = std::move(draft.m_notes);
    model->m_source = std::move(draft.m_source);
    ById<ValueId, ValueId> renumbered(draft.m_values.size(), noId);
    ById<ValueId, InferredShape> shapes;
    const auto keep = [&](ValueId id) {
        ValueId& number = renumbered[id];
        if (number == noId) {
            number = model->m_values.nextId();
            Value value = std::move(draft.m_values[id]);
            value.producer = noId;
            value.consumers.clear();
            value.shaped = value.constant != nullptr;
            value.shape = value.constant ? value.constant->shape() : Shape{};
            model->m_values.push_back(std::move(value));
            shapes.push_back({model->m_values.back().shape, model->m_values.back().shaped});
        }
        return number;
    };
    for (const LayerId id : order) {
        Layer layer = std::move(draft.m_layers[id]);
        const LayerId newId = model->m_layers.nextId();
        for (ValueId& input : layer.inputs) {
            input = keep(input);
            model->m_values[input].consumers.push_back(newId);
        }
        for (ValueId& output : layer.outputs) {
            const ValueId old = output;
            output = keep(old);
            model->m_values[output].producer = newId;
            if (layer.op == "Input") {
                model->m_inputs.push_back(output);
                if (const auto declared = m_inputShapes.find(old); declared != m_inputShapes.end())
                    shapes[output] = {declared->second, true};
            }
        }
        if (layer.op != "Input") {
            auto inferred = layerShapes(*model, layer, shapes);
            if (!inferred && layer.notRunnable.empty()) {
                if (m_changes || inferred.error().code == ErrorCode::WeightsMismatch)
                    return inferred.error();
                layer.notRunnable = inferred.error().detail;
            }
            for (size_t i = 0; i < layer.outputs.size(); ++i)
                shapes[layer.outputs[i]] = inferred ? (*inferred)[i] : InferredShape{};
        }
        for (const ValueId output : layer.outputs) {
            Value& value = model->m_values[output];
            value.shape = shapes[output].shape;
            value.shaped = shapes[output].known;
        }
        // The first cause upstream, or its own.
        std::string cause;
        for (const ValueId input : layer.inputs) {
            const Value& value = model->value(input);
            if (value.producer == noId || value.producer == newId)
                continue;
            const Layer& before = model->layer(value.producer);
            if (!before.notRunnable.empty() && cause.empty())
                cause = before.notRunnable.starts_with("it needs layer ")
                            ? before.notRunnable
                            : "it needs layer '" + shortened(before.name) + "', which is not run: " + before.notRunnable;
        }
        const std::string own = layer.notRunnable.empty() && !cause.empty() ? std::string() : ownReason(*model, layer);
        layer.notRunnable = own.empty() ? cause : own;
        model->m_layers.push_back(std::move(layer));
    }
    if (m_outputsSet) {
        for (const ValueId id : draft.m_outputs)
            if (renumbered[id] != noId)
                model->m_outputs.push_back(renumbered[id]);
    } else {
        for (const ValueId id : model->valueIds())
            if (model->value(id).consumers.empty() && model->value(id).producer != noId)
                model->m_outputs.push_back(id);
    }
    model->index();
    return std::shared_ptr<const Model>(std::move(model));
}

Result<ById<ValueId, InferredShape>> inferShapes(const Model& model, const std::vector<Shape>& inputs)
{
    ById<ValueId, InferredShape> shapes(model.values().size());
    if (inputs.size() != model.inputs().size())
        return Error{ErrorCode::ShapeMismatch,
                     "the network has " + std::to_string(model.inputs().size()) + " inputs, " + std::to_string(inputs.size()) + " were given",
                     model.name()};
    for (size_t i = 0; i < inputs.size(); ++i)
        shapes[model.inputs()[i]] = {inputs[i], true};
    for (const Layer& layer : model.layers()) {
        if (layer.op == "Input")
            continue;
        const auto inferred = layerShapes(model, layer, shapes);
        if (!inferred && layer.notRunnable.empty())
            return inferred.error();
        for (size_t i = 0; inferred && i < layer.outputs.size(); ++i)
            shapes[layer.outputs[i]] = (*inferred)[i];
    }
    return shapes;
}

}  // namespace qs

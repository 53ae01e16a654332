#include "core/import/torchscript/reader/recorder.h"

#include "core/ops/op.h"

#include <ATen/ops/empty.h>

#include <algorithm>

namespace qs::torchscript {

Shape shapeOf(const at::Tensor& tensor)
{
    return {tensor.sizes().begin(), tensor.sizes().end()};
}

std::shared_ptr<const Buffer> bufferOf(const at::Tensor& tensor)
{
    const at::Tensor floats = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
    auto buffer = std::make_shared<Buffer>(DType::F32, shapeOf(tensor));
    std::copy_n(floats.data_ptr<float>(), floats.numel(), buffer->floats().data());
    return buffer;
}

ValueId Recorder::valueOf(const at::Tensor& tensor)
{
    const auto known = m_values.find(tensor.unsafeGetTensorImpl());
    if (known != m_values.end()) {
        if (m_stale.contains(tensor.unsafeGetTensorImpl()))
            throw Stop{"a value is read of which a part was written meanwhile"};
        m_read.insert(known->second);
        return known->second;
    }
    if (isData(tensor))
        throw Stop{"a value is read that was not computed"};
    const ValueId value = m_builder.addConstant("constant", bufferOf(tensor));
    m_shapes[value] = shapeOf(tensor);
    m_values[tensor.unsafeGetTensorImpl()] = value;
    m_kept.push_back(tensor);
    return value;
}

void Recorder::bind(const at::Tensor& tensor, ValueId value)
{
    m_values[tensor.unsafeGetTensorImpl()] = value;
    m_stale.erase(tensor.unsafeGetTensorImpl());
    m_kept.push_back(tensor);
}

void Recorder::wrote(const at::Tensor& tensor)
{
    for (const at::Tensor& other : m_kept)
        if (other.unsafeGetTensorImpl() != tensor.unsafeGetTensorImpl() && isData(other) && other.is_alias_of(tensor))
            m_stale.insert(other.unsafeGetTensorImpl());
}

ValueId Recorder::addInput(const std::string& name, const std::optional<Shape>& shape)
{
    Layer layer;
    layer.name = name;
    layer.type = "Input";
    layer.op = "Input";
    const ValueId value = m_builder.addValue(name);
    layer.outputs = {value};
    if (shape) {
        m_builder.setInputShape(value, *shape);
        m_shapes[value] = *shape;
    }
    m_builder.addLayer(std::move(layer));
    return value;
}

std::vector<ValueId> Recorder::addLayer(Layer layer, size_t outputs, const std::vector<Shape>& expected)
{
    for (size_t i = 0; i < outputs; ++i)
        layer.outputs.push_back(m_builder.addValue(layer.name));
    std::vector<Shape> shapes = expected;
    if (const OpInfo* op = findOp(layer.op); op && op->shapes && layer.notRunnable.empty()) {
        std::vector<Shape> inputs;
        for (const ValueId input : layer.inputs)
            inputs.push_back(m_shapes.at(input));
        if (auto found = op->shapes(layer, inputs))
            shapes = *std::move(found);
        else
            layer.notRunnable = found.error().detail;
    }
    shapes.resize(std::max(shapes.size(), outputs));
    const std::vector<ValueId> values = layer.outputs;
    const LayerId id = m_builder.addLayer(std::move(layer));
    for (size_t i = 0; i < outputs; ++i) {
        m_shapes[values[i]] = shapes[i];
        m_producers[values[i]] = id;
    }
    return values;
}

void Recorder::mark(ValueId value, const std::string& reason)
{
    const auto producer = m_producers.find(value);
    if (producer == m_producers.end())
        return;
    Layer& layer = m_builder.layer(producer->second);
    layer.op.clear();
    if (layer.notRunnable.empty())
        layer.notRunnable = reason;
}

void Recorder::checkShape(ValueId value, const at::Tensor& tensor)
{
    Shape& known = m_shapes.at(value);
    if (known == shapeOf(tensor))
        return;
    mark(value, "its output is " + shapeText(shapeOf(tensor)) + " in torch, " + shapeText(known) + " here");
    known = shapeOf(tensor);
}

std::vector<ValueId> Recorder::unread() const
{
    std::vector<ValueId> values;
    for (const auto& [value, producer] : m_producers)
        if (!m_read.contains(value))
            values.push_back(value);
    return values;
}

Result<std::shared_ptr<const Model>> Recorder::build(std::vector<ValueId> outputs)
{
    if (!outputs.empty())
        m_builder.setOutputs(std::move(outputs));
    return std::move(m_builder).build();
}

}  // namespace qs::torchscript

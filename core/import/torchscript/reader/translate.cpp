#include "core/import/torchscript/reader/translate.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace qs::torchscript {

Attributes attributes(std::initializer_list<std::pair<const char*, Attribute>> list)
{
    Attributes all;
    for (const auto& [name, value] : list)
        all.set(name, value);
    return all;
}

Call::Call(Recorder& recorder, const c10::FunctionSchema& schema, const std::vector<c10::IValue>& arguments, std::vector<at::Tensor> results,
           std::string kind, std::string name)
    : m_recorder(recorder), m_schema(schema), m_arguments(arguments), m_results(std::move(results)), m_kind(std::move(kind)), m_name(std::move(name))
{
}

const c10::IValue& Call::argument(const char* name) const
{
    static const c10::IValue none;
    const auto index = m_schema.argumentIndexWithName(name);
    return index && static_cast<size_t>(*index) < m_arguments.size() ? m_arguments[static_cast<size_t>(*index)] : none;
}

double Call::real(const char* name) const
{
    const c10::IValue& value = argument(name);
    if (value.isTensor()) {
        if (isData(name))
            throw NotBuilt{std::string("its ") + name + " is computed by the network"};
        return value.toTensor().to(at::kDouble).item<double>();
    }
    return value.toScalar().toDouble();
}

Ints Call::integers(const char* name) const
{
    const c10::IValue& value = argument(name);
    if (value.isNone())
        return {};
    if (value.isInt())
        return {value.toInt()};
    return value.toIntVector();
}

Ints Call::sides(const char* name, size_t count) const
{
    Ints values = integers(name);
    if (values.size() == 1)
        values.resize(count, values.front());
    return values;
}

at::Tensor Call::tensor(const char* name) const
{
    return argument(name).toTensor();
}

std::vector<at::Tensor> Call::tensors(const char* name) const
{
    return argument(name).toTensorVector();
}

bool Call::isData(const char* name) const
{
    return argument(name).isTensor() && Recorder::isData(tensor(name));
}

std::shared_ptr<const Buffer> Call::weight(const char* name) const
{
    if (isNone(name) || !tensor(name).defined())
        return nullptr;
    if (isData(name))
        throw NotBuilt{std::string("its ") + name + " is computed by the network"};
    return bufferOf(tensor(name));
}

int64_t Call::axis(const char* name, const char* of) const
{
    const int64_t axis = integer(name);
    return axis < 0 ? axis + static_cast<int64_t>(rank(of)) : axis;
}

ValueId Call::constant(float number) const
{
    return constant(Buffer::fromFloats({}, std::array{number}));
}

ValueId Call::constant(Buffer values) const
{
    at::Tensor tensor = at::empty(values.shape(), at::kFloat);
    std::copy_n(values.floats().data(), values.count(), tensor.data_ptr<float>());
    return m_recorder.valueOf(tensor);
}

std::vector<ValueId> Call::layers(const char* op, std::vector<ValueId> inputs, Attributes attributes, size_t outputs, Weights weights) const
{
    Layer layer;
    layer.name = m_name;
    layer.type = m_kind;
    layer.op = op;
    layer.inputs = std::move(inputs);
    layer.attributes = std::move(attributes);
    layer.weights = std::move(weights);
    std::vector<Shape> expected;
    for (const at::Tensor& result : m_results)
        expected.push_back(shapeOf(result));
    return m_recorder.addLayer(std::move(layer), outputs, expected);
}

ValueId Call::layer(const char* op, std::vector<ValueId> inputs, Attributes attributes, Weights weights) const
{
    return layers(op, std::move(inputs), std::move(attributes), 1, std::move(weights)).front();
}

const Row* findRow(std::string_view kind)
{
    for (const auto rows : {convolutionRows(), activationRows(), arithmeticRows(), layoutRows()})
        for (const Row& row : rows)
            if (kind == row.kind)
                return &row;
    return nullptr;
}

}  // namespace qs::torchscript

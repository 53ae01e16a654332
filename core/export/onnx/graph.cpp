#include "core/export/onnx/graph.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <climits>

namespace qs {

namespace {

onnx::AttributeProto& attribute(onnx::NodeProto& node, const char* name, onnx::AttributeProto::AttributeType type)
{
    onnx::AttributeProto& added = *node.add_attribute();
    added.set_name(name);
    added.set_type(type);
    return added;
}

void describe(onnx::ValueInfoProto& info, const std::string& name, const Shape& shape, int64_t batch)
{
    info.set_name(name);
    auto* type = info.mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    type->mutable_shape();
    for (const int64_t size : shape)
        type->mutable_shape()->add_dim()->set_dim_value(size);
    if (batch > 1 && !shape.empty() && shape.front() == batch)
        type->mutable_shape()->mutable_dim(0)->set_dim_param("batch");
}

}  // namespace

void setAttribute(onnx::NodeProto& node, const char* name, int64_t value)
{
    attribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void setAttribute(onnx::NodeProto& node, const char* name, double value)
{
    attribute(node, name, onnx::AttributeProto::FLOAT).set_f(static_cast<float>(value));
}

void setAttribute(onnx::NodeProto& node, const char* name, const std::string& value)
{
    attribute(node, name, onnx::AttributeProto::STRING).set_s(value);
}

void setAttribute(onnx::NodeProto& node, const char* name, const std::vector<int64_t>& values)
{
    onnx::AttributeProto& added = attribute(node, name, onnx::AttributeProto::INTS);
    for (const int64_t value : values)
        added.add_ints(value);
}

OnnxGraph::OnnxGraph(const std::string& name, int opset) : m_opset(opset)
{
    // The format's version that came with opset 13; readers of opset 17 know it, too.
    m_model.set_ir_version(opset > 13 ? 8 : 7);
    m_model.set_producer_name("quantscope");
    m_model.add_opset_import()->set_version(opset);
    m_model.mutable_graph()->set_name(name.empty() ? "network" : name);
}

std::string OnnxGraph::unique(const std::string& wanted)
{
    std::string name = wanted;
    for (int i = 2; !m_names.insert(name).second; ++i)
        name = wanted + "_" + std::to_string(i);
    return name;
}

onnx::NodeProto& OnnxGraph::node(const std::string& type, const std::string& name, const std::vector<std::string>& inputs,
                                 const std::vector<std::string>& outputs)
{
    onnx::NodeProto& added = *m_model.mutable_graph()->add_node();
    added.set_op_type(type);
    added.set_name(name);
    added.mutable_input()->Assign(inputs.begin(), inputs.end());
    added.mutable_output()->Assign(outputs.begin(), outputs.end());
    return added;
}

void OnnxGraph::setDomain(onnx::NodeProto& node, const std::string& domain)
{
    node.set_domain(domain);
    for (const auto& known : m_model.opset_import())
        if (known.domain() == domain)
            return;
    auto* added = m_model.add_opset_import();
    added->set_domain(domain);
    added->set_version(1);
}

void OnnxGraph::input(const std::string& name, const Shape& shape, int64_t batch)
{
    describe(*m_model.mutable_graph()->add_input(), name, shape, batch);
}

void OnnxGraph::output(const std::string& name, const Shape& shape, int64_t batch)
{
    describe(*m_model.mutable_graph()->add_output(), name, shape, batch);
}

std::string OnnxGraph::floats(const std::string& name, const Shape& shape, std::span<const float> values)
{
    return raw(name, onnx::TensorProto::FLOAT, shape, values.data(), values.size_bytes());
}

std::string OnnxGraph::integers(const std::string& name, const std::vector<int64_t>& values)
{
    return raw(name, onnx::TensorProto::INT64, {static_cast<int64_t>(values.size())}, values.data(), values.size() * sizeof(int64_t));
}

std::string OnnxGraph::raw(const std::string& name, onnx::TensorProto::DataType type, const Shape& shape, const void* bytes, size_t size)
{
    const std::string own = unique(name);
    onnx::TensorProto& tensor = *m_model.mutable_graph()->add_initializer();
    tensor.set_name(own);
    tensor.set_data_type(type);
    for (const int64_t extent : shape)
        tensor.add_dims(extent);
    tensor.set_raw_data(bytes, size);
    return own;
}

Result<std::string> OnnxGraph::bytes() const
{
    if (m_model.ByteSizeLong() > INT_MAX)
        return Error{ErrorCode::FileTooLarge, "the ONNX file of the network would have more than 2 GB", m_model.graph().name()};
    std::string text;
    {
        google::protobuf::io::StringOutputStream stream(&text);
        google::protobuf::io::CodedOutputStream coded(&stream);
        coded.SetSerializationDeterministic(true);
        m_model.SerializeToCodedStream(&coded);
    }
    return text;
}

}  // namespace qs

// Small ONNX graphs, written by tests.
#pragma once

#include "core/base/buffer.h"

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

namespace qs::test {

/// Writes small graphs.
class Graph {
public:
    explicit Graph(int64_t opset = 13)
    {
        m_model.set_ir_version(8);
        m_model.add_opset_import()->set_version(opset);
        m_model.mutable_graph()->set_name("graph");
    }
    onnx::GraphProto& graph() { return *m_model.mutable_graph(); }
    /// Of another domain than ONNX's own.
    onnx::OperatorSetIdProto* opset(const std::string& domain, int64_t version)
    {
        auto* import = m_model.add_opset_import();
        import->set_domain(domain);
        import->set_version(version);
        return import;
    }
    std::string bytes() const { return m_model.SerializeAsString(); }

    Graph& input(const std::string& name, const Shape& shape)
    {
        auto* info = graph().add_input();
        info->set_name(name);
        auto* type = info->mutable_type()->mutable_tensor_type();
        type->set_elem_type(onnx::TensorProto::FLOAT);
        for (const int64_t dimension : shape) {
            auto* dim = type->mutable_shape()->add_dim();
            if (dimension > 0)
                dim->set_dim_value(dimension);
            else
                dim->set_dim_param("N");
        }
        return *this;
    }
    Graph& output(const std::string& name)
    {
        graph().add_output()->set_name(name);
        return *this;
    }
    Graph& floats(const std::string& name, const Shape& shape, float value = 0.25F)
    {
        auto* tensor = graph().add_initializer();
        tensor->set_name(name);
        tensor->set_data_type(onnx::TensorProto::FLOAT);
        for (const int64_t dimension : shape)
            tensor->add_dims(dimension);
        for (int64_t i = 0; i < elementCount(shape); ++i)
            tensor->add_float_data(value);
        return *this;
    }
    Graph& integers(const std::string& name, const std::vector<int64_t>& values)
    {
        auto* tensor = graph().add_initializer();
        tensor->set_name(name);
        tensor->set_data_type(onnx::TensorProto::INT64);
        tensor->add_dims(static_cast<int64_t>(values.size()));
        for (const int64_t value : values)
            tensor->add_int64_data(value);
        return *this;
    }
    onnx::NodeProto& node(const std::string& type, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs)
    {
        auto* node = graph().add_node();
        node->set_op_type(type);
        for (const std::string& name : inputs)
            node->add_input(name);
        for (const std::string& name : outputs)
            node->add_output(name);
        return *node;
    }
    static void attribute(onnx::NodeProto& node, const char* name, int64_t value)
    {
        auto* attribute = node.add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::INT);
        attribute->set_i(value);
    }

    static void attribute(onnx::NodeProto& node, const char* name, const std::string& value)
    {
        auto* attribute = node.add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::STRING);
        attribute->set_s(value);
    }
    static void attribute(onnx::NodeProto& node, const char* name, const std::vector<int64_t>& values)
    {
        auto* attribute = node.add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::INTS);
        for (const int64_t value : values)
            attribute->add_ints(value);
    }
    Graph& values(const std::string& name, const Shape& shape, const std::vector<float>& list)
    {
        floats(name, shape);
        auto& tensor = *graph().mutable_initializer(graph().initializer_size() - 1);
        tensor.clear_float_data();
        for (const float value : list)
            tensor.add_float_data(value);
        return *this;
    }

private:
    onnx::ModelProto m_model;
};

}  // namespace qs::test

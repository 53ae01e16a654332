// An ONNX graph that is being written: names that are unique, nodes, initializers.
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#include <onnx/onnx_pb.h>

#include <set>
#include <span>
#include <string>
#include <vector>

namespace qs {

void setAttribute(onnx::NodeProto& node, const char* name, int64_t value);
void setAttribute(onnx::NodeProto& node, const char* name, double value);  ///< stored as float
void setAttribute(onnx::NodeProto& node, const char* name, const std::string& value);
void setAttribute(onnx::NodeProto& node, const char* name, const std::vector<int64_t>& values);

class OnnxGraph {
public:
    /// Opset of the default domain.
    explicit OnnxGraph(const std::string& name, int opset);

    int opset() const { return m_opset; }
    /// `wanted`, or with a number behind it. Names of the network's own values are reserved first.
    std::string unique(const std::string& wanted);
    onnx::NodeProto& node(const std::string& type, const std::string& name, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs);
    /// One of an operator set of its own ("com.microsoft"), which is entered with version 1.
    void setDomain(onnx::NodeProto& node, const std::string& domain);
    /// `batch`: where it is more than 1, a first dimension of that size is left open ("batch"), for samples that come one by one.
    void input(const std::string& name, const Shape& shape, int64_t batch);
    void output(const std::string& name, const Shape& shape, int64_t batch);
    /// Initializers of float32, int64, int8, int16 and int32; the name that each got.
    std::string floats(const std::string& name, const Shape& shape, std::span<const float> values);
    std::string integers(const std::string& name, const std::vector<int64_t>& values);
    std::string raw(const std::string& name, onnx::TensorProto::DataType type, const Shape& shape, const void* bytes, size_t size);

    /// The file's bytes, the same for the same network. Error FileTooLarge: a file of this format ends at 2 GB.
    Result<std::string> bytes() const;

private:
    onnx::ModelProto m_model;
    int m_opset;
    std::set<std::string> m_names;
};

}  // namespace qs

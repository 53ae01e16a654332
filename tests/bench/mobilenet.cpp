#include "tests/bench/mobilenet.h"

#include <onnx/onnx_pb.h>

#include <cmath>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace qs::bench {

namespace {

class Writer {
public:
    Writer()
    {
        m_model.set_ir_version(8);
        m_model.add_opset_import()->set_version(13);
        graph().set_name("mobilenet_v2");
        describe(*graph().add_input(), m_last, {1, 3, 224, 224});
        floats("zero", {}, {0});
        floats("six", {}, {6});
    }
    onnx::GraphProto& graph() { return *m_model.mutable_graph(); }
    const onnx::ModelProto& model() const { return m_model; }

    void convolution(int in, int out, int kernel, int stride, int groups, bool relu6)
    {
        const std::string name = "conv" + std::to_string(++m_count);
        weights(name, {out, in / groups, kernel, kernel}, in / groups * kernel * kernel, out);
        onnx::NodeProto& node = add("Conv", {m_last, name + "_w", name + "_b"});
        ints(node, "kernel_shape", {kernel, kernel});
        ints(node, "strides", {stride, stride});
        ints(node, "pads", std::vector<int>(4, kernel / 2));
        number(node, "group", groups);
        if (relu6)
            add("Clip", {m_last, "zero", "six"});
    }
    void bottleneck(int in, int out, int stride, int expansion)
    {
        const std::string before = m_last;
        const int wide = in * expansion;
        if (expansion > 1)
            convolution(in, wide, 1, 1, 1, true);
        convolution(wide, wide, 3, stride, wide, true);
        convolution(wide, out, 1, 1, 1, false);
        if (stride == 1 && in == out)
            add("Add", {before, m_last});
    }
    void classifier(int in, int classes)
    {
        add("GlobalAveragePool", {m_last});
        number(add("Flatten", {m_last}), "axis", 1);
        weights("fc", {classes, in}, in, classes);
        number(add("Gemm", {m_last, "fc_w", "fc_b"}), "transB", 1);
        describe(*graph().add_output(), m_last, {1, classes});
    }

private:
    static void describe(onnx::ValueInfoProto& info, const std::string& name, const std::vector<int>& shape)
    {
        info.set_name(name);
        auto* type = info.mutable_type()->mutable_tensor_type();
        type->set_elem_type(onnx::TensorProto::FLOAT);
        for (const int size : shape)
            type->mutable_shape()->add_dim()->set_dim_value(size);
    }
    onnx::NodeProto& add(const std::string& type, const std::vector<std::string>& inputs)
    {
        onnx::NodeProto& node = *graph().add_node();
        node.set_op_type(type);
        for (const std::string& input : inputs)
            node.add_input(input);
        m_last = "v" + std::to_string(graph().node_size());
        node.set_name(m_last);
        node.add_output(m_last);
        return node;
    }
    static void number(onnx::NodeProto& node, const char* name, int value)
    {
        auto* attribute = node.add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::INT);
        attribute->set_i(value);
    }
    static void ints(onnx::NodeProto& node, const char* name, const std::vector<int>& values)
    {
        auto* attribute = node.add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::INTS);
        for (const int value : values)
            attribute->add_ints(value);
    }
    void floats(const std::string& name, const std::vector<int>& shape, const std::vector<float>& values)
    {
        auto* tensor = graph().add_initializer();
        tensor->set_name(name);
        tensor->set_data_type(onnx::TensorProto::FLOAT);
        for (const int size : shape)
            tensor->add_dims(size);
        for (const float value : values)
            tensor->add_float_data(value);
    }
    /// He's scale, so that values neither vanish nor overflow.
    void weights(const std::string& name, const std::vector<int>& shape, int fanIn, int out)
    {
        size_t count = 1;
        for (const int size : shape)
            count *= static_cast<size_t>(size);
        std::normal_distribution<float> normal(0, std::sqrt(2.0F / static_cast<float>(fanIn)));
        std::vector<float> values(count);
        for (float& value : values)
            value = normal(m_random);
        floats(name + "_w", shape, values);
        floats(name + "_b", {out}, std::vector<float>(static_cast<size_t>(out), 0.1F));
    }

    onnx::ModelProto m_model;
    std::mt19937 m_random{1};
    std::string m_last = "input";
    int m_count = 0;
};

}  // namespace

bool writeMobileNet(const std::filesystem::path& file)
{
    Writer writer;
    writer.convolution(3, 32, 3, 2, 1, true);
    int in = 32;
    const struct {
        int expansion, out, repeats, stride;
    } stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    for (const auto& stage : stages)
        for (int i = 0; i < stage.repeats; ++i) {
            writer.bottleneck(in, stage.out, i == 0 ? stage.stride : 1, stage.expansion);
            in = stage.out;
        }
    writer.convolution(in, 1280, 1, 1, 1, true);
    writer.classifier(1280, 1000);
    std::ofstream out(file, std::ios::binary);
    return writer.model().SerializeToOstream(&out) && out.good();
}

}  // namespace qs::bench

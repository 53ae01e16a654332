// Operators on codes and those that ONNX Runtime's optimizer puts together: against ONNX Runtime.
#include "tests/support/onnx_oracle.h"

namespace qs {

namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using test::Graph;
using test::listOf;
using test::randomBuffer;

constexpr const char* runtime = "com.microsoft";

void typed(Graph& g, const std::string& name, onnx::TensorProto::DataType type, const Shape& shape, const Ints& values)
{
    auto* tensor = g.graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (const int64_t dimension : shape)
        tensor->add_dims(dimension);
    for (const int64_t value : values)
        tensor->add_int32_data(static_cast<int32_t>(value));
}

Ints codes(int64_t count)
{
    Ints list;
    for (int64_t i = 0; i < count; ++i)
        list.push_back((i * 37 + 11) % 255 - 127);
    return list;
}

onnx::NodeProto& own(onnx::NodeProto& node)
{
    node.set_domain(runtime);
    return node;
}

/// x as codes "xq" on "xs" and "xz"; the output's "ys", "yz".
Graph quantizedInput(const Shape& shape)
{
    Graph g(13);
    g.opset(runtime, 1);
    g.input("x", shape).floats("xs", {}, 0.03F).floats("ys", {}, 0.05F);
    typed(g, "xz", onnx::TensorProto::UINT8, {}, {120});
    typed(g, "yz", onnx::TensorProto::UINT8, {}, {130});
    g.node("QuantizeLinear", {"x", "xs", "xz"}, {"xq"});
    return g;
}

/// ONNX Runtime rounds its sums of whole numbers where ours are floats: a code more or less.
void expectCodes(Graph& g, const Shape& shape)
{
    g.output("y").node("DequantizeLinear", {"yq", "ys", "yz"}, {"y"});
    const std::vector<Buffer> inputs{randomBuffer(shape, 1)};
    const auto found = test::runGraph(g, inputs);
    ASSERT_EQ(found.size(), 1U);
    if (!test::onnxRuntime())
        return;
    const auto expected = test::runInOnnxRuntime(g.bytes(), inputs, "disabled");
    ASSERT_EQ(expected.size(), 1U);
    const auto ours = listOf(found[0]);
    ASSERT_EQ(ours.size(), expected[0].size());
    int others = 0;
    for (size_t i = 0; i < ours.size(); ++i) {
        ASSERT_NEAR(ours[i], expected[0][i], 0.0501F) << "at " << i;
        others += std::fabs(ours[i] - expected[0][i]) > 1e-4F ? 1 : 0;
    }
    EXPECT_LE(others, static_cast<int>(ours.size()) / 50 + 1);
}

TEST(OnnxQuantized, ConvolutionsAndProductsOfCodes)
{
    Graph g = quantizedInput({1, 3, 6, 7});
    g.values("ws", {4}, {0.01F, 0.02F, 0.005F, 0.015F});
    typed(g, "w", onnx::TensorProto::INT8, {4, 3, 3, 3}, codes(108));
    typed(g, "wz", onnx::TensorProto::INT8, {4}, {0, 0, 0, 0});
    typed(g, "b", onnx::TensorProto::INT32, {4}, {100, -2000, 0, 333});
    auto& node = g.node("QLinearConv", {"xq", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"}, {"yq"});
    Graph::attribute(node, "pads", Ints{1, 1, 1, 1});
    Graph::attribute(node, "strides", Ints{2, 1});
    expectCodes(g, {1, 3, 6, 7});
    Graph m = quantizedInput({2, 5});
    m.floats("ws", {}, 0.02F);
    typed(m, "w", onnx::TensorProto::INT8, {5, 4}, codes(20));
    typed(m, "wz", onnx::TensorProto::INT8, {}, {3});
    m.node("QLinearMatMul", {"xq", "xs", "xz", "w", "ws", "wz", "ys", "yz"}, {"yq"});
    expectCodes(m, {2, 5});
}

TEST(OnnxQuantized, RuntimesOwnOperatorsOnCodes)
{
    const Shape shape{1, 2, 4, 6};
    for (const char* type : {"QLinearAdd", "QLinearMul"}) {
        Graph g = quantizedInput(shape);
        own(g.node(type, {"xq", "xs", "xz", "xq", "xs", "xz", "ys", "yz"}, {"yq"}));
        expectCodes(g, shape);
    }
    for (const char* type : {"QLinearSigmoid", "QLinearLeakyRelu", "QLinearGlobalAveragePool"}) {
        Graph g = quantizedInput(shape);
        own(g.node(type, {"xq", "xs", "xz", "ys", "yz"}, {"yq"}));
        expectCodes(g, shape);
    }
    Graph pool = quantizedInput(shape);
    Graph::attribute(own(pool.node("QLinearAveragePool", {"xq", "xs", "xz", "ys", "yz"}, {"yq"})), "kernel_shape", Ints{2, 3});
    expectCodes(pool, shape);
    Graph joined = quantizedInput(shape);
    Graph::attribute(own(joined.node("QLinearConcat", {"ys", "yz", "xq", "xs", "xz", "xq", "xs", "xz"}, {"yq"})), "axis", int64_t{1});
    expectCodes(joined, shape);
}

TEST(OnnxQuantized, DynamicQuantizationAndWholeNumbers)
{
    Graph g(13);
    g.input("x", {3, 5}).output("y");
    typed(g, "w", onnx::TensorProto::INT8, {5, 4}, codes(20));
    typed(g, "wz", onnx::TensorProto::INT8, {}, {-2});
    g.node("DynamicQuantizeLinear", {"x"}, {"q", "s", "z"});
    g.node("MatMulInteger", {"q", "w", "z", "wz"}, {"sums"});
    Graph::attribute(g.node("Cast", {"sums"}, {"floats"}), "to", int64_t{onnx::TensorProto::FLOAT});
    g.node("Mul", {"floats", "s"}, {"y"});
    test::expectAsOnnxRuntime(g, {randomBuffer({3, 5}, 2)});
    Graph c(13);
    c.input("x", {1, 2, 5, 6}).output("y");
    typed(c, "w", onnx::TensorProto::UINT8, {3, 2, 2, 2}, Ints(24, 130));
    typed(c, "wz", onnx::TensorProto::UINT8, {}, {128});
    c.node("DynamicQuantizeLinear", {"x"}, {"q", "s", "z"});
    c.node("ConvInteger", {"q", "w", "z", "wz"}, {"sums"});
    Graph::attribute(c.node("Cast", {"sums"}, {"y"}), "to", int64_t{onnx::TensorProto::FLOAT});
    test::expectAsOnnxRuntime(c, {randomBuffer({1, 2, 5, 6}, 3)});
}

TEST(OnnxQuantized, WhatTheOptimizerPutsTogether)
{
    Graph g(13);
    g.opset(runtime, 1);
    g.input("x", {1, 2, 5, 6}).input("z", {1, 3, 5, 6}).output("y");
    g.values("w", {3, 2, 3, 3}, listOf(randomBuffer({3, 2, 3, 3}, 4))).values("b", {3}, {1, 2, 3});
    auto& conv = own(g.node("FusedConv", {"x", "w", "b", "z"}, {"y"}));
    Graph::attribute(conv, "pads", Ints{1, 1, 1, 1});
    Graph::attribute(conv, "activation", std::string("Relu"));
    test::expectAsOnnxRuntime(g, {randomBuffer({1, 2, 5, 6}, 5), randomBuffer({1, 3, 5, 6}, 6)});
    Graph m(13);
    m.opset(runtime, 1);
    m.input("x", {2, 3, 4}).input("z", {2, 5, 4}).output("y");
    Graph::attribute(own(m.node("FusedMatMul", {"x", "z"}, {"y"})), "transB", int64_t{1});
    test::expectAsOnnxRuntime(m, {randomBuffer({2, 3, 4}, 7), randomBuffer({2, 5, 4}, 8)});
    for (const char* type : {"Gelu", "FastGelu", "QuickGelu"}) {
        Graph f(13);
        f.opset(runtime, 1);
        f.input("x", {2, 8}).output("y");
        own(f.node(type, {"x"}, {"y"}));
        test::expectAsOnnxRuntime(f, {randomBuffer({2, 8}, 9, 2)}, 2e-5F);
    }
    Graph odd(13);
    odd.opset(runtime, 1);
    odd.input("x", {1, 1, 2, 2}).floats("w", {1, 1, 1, 1}).output("y");
    Graph::attribute(own(odd.node("FusedConv", {"x", "w"}, {"y"})), "activation", std::string("Elu"));
    odd.graph().mutable_node(0)->set_name("conv");
    EXPECT_NE(test::reasonOf(odd, "conv").find("'Elu' is not built"), std::string::npos);
}

}  // namespace

}  // namespace qs

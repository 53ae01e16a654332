// ONNX's normalizations: against ONNX Runtime where it has them, and against their definitions.
#include "tests/support/onnx_oracle.h"

#include <functional>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using test::Graph;
using test::listOf;
using test::randomBuffer;

void real(onnx::NodeProto& node, const char* name, float value)
{
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::FLOAT);
    attribute->set_f(value);
}

/// x with a scale and a shift a channel.
Graph scaled(const char* type, const Shape& shape, int64_t weights, int64_t opset)
{
    Graph g(opset);
    g.input("x", shape).output("y");
    g.values("scale", {weights}, listOf(randomBuffer({weights}, 1, 0.5F, 1))).values("shift", {weights}, listOf(randomBuffer({weights}, 2)));
    real(g.node(type, {"x", "scale", "shift"}, {"y"}), "epsilon", 1e-3F);
    return g;
}

onnx::NodeProto& last(Graph& g)
{
    return *g.graph().mutable_node(g.graph().node_size() - 1);
}

TEST(OnnxNorms, InstancesAndGroups)
{
    for (const Shape& shape : {Shape{2, 6, 5}, Shape{2, 6, 3, 4}, Shape{1, 6, 2, 3, 4}})
        test::expectAsOnnxRuntime(scaled("InstanceNormalization", shape, 6, 13), {randomBuffer(shape, 3, 2, 1)});
    Graph modern = scaled("GroupNormalization", {2, 6, 3, 4}, 6, 21);
    Graph::attribute(last(modern), "num_groups", int64_t{3});
    const Buffer x = randomBuffer({2, 6, 3, 4}, 4, 2, 1);
    test::expectAsOnnxRuntime(modern, {x});
    // Opset 18: the same factors said once a group. (ONNX Runtime has none of them.)
    Graph old = scaled("GroupNormalization", {2, 6, 3, 4}, 3, 18);
    Graph::attribute(last(old), "num_groups", int64_t{3});
    const auto found = listOf(test::runGraph(old, {x})[0]);
    const auto scale = listOf(randomBuffer({3}, 1, 0.5F, 1));
    const auto shift = listOf(randomBuffer({3}, 2));
    Floats expected;
    for (size_t group = 0; group < 6; ++group) {
        const auto values = x.floats().subspan(group * 24, 24);
        double mean = 0;
        double variance = 0;
        for (const float value : values)
            mean += static_cast<double>(value) / 24;
        for (const float value : values)
            variance += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean) / 24;
        for (const float value : values)
            expected.push_back(static_cast<float>((static_cast<double>(value) - mean) / std::sqrt(variance + 1e-3)) * scale[group % 3] +
                               shift[group % 3]);
    }
    test::expectSameValues(found, expected, 1e-5F, "its definition");
}

TEST(OnnxNorms, LengthsAndMoments)
{
    for (const int64_t p : {1, 2})
        for (const int64_t axis : {0, 1, -1}) {
            Graph g(13);
            g.input("x", {2, 3, 4}).output("y");
            auto& node = g.node("LpNormalization", {"x"}, {"y"});
            Graph::attribute(node, "p", p);
            Graph::attribute(node, "axis", axis);
            test::expectAsOnnxRuntime(g, {randomBuffer({2, 3, 4}, 5)});
        }
    Graph zeros(13);
    zeros.input("x", {1, 2}).output("y");
    zeros.node("LpNormalization", {"x"}, {"y"});
    EXPECT_EQ(listOf(test::runGraph(zeros, {Buffer::fromFloats({1, 2}, {{0, 0}})})[0]), (Floats{0, 0}));
    for (const Ints& axes : {Ints{0, 2, 3}, Ints{0, 1, 2, 3}}) {
        Graph g(13);
        g.input("x", {2, 3, 4, 5}).output("y");
        Graph::attribute(g.node("MeanVarianceNormalization", {"x"}, {"y"}), "axes", axes);
        test::expectAsOnnxRuntime(g, {randomBuffer({2, 3, 4, 5}, 6, 3, 1)});
    }
}

TEST(OnnxNorms, LayersAndRoots)
{
    const Buffer x = randomBuffer({2, 3, 8}, 7, 2, 1);
    for (const int64_t axis : {1, -1}) {
        const Shape normalized = axis == 1 ? Shape{3, 8} : Shape{8};
        Graph g(17);
        g.input("x", x.shape()).output("y");
        g.values("scale", normalized, listOf(randomBuffer(normalized, 8))).values("shift", normalized, listOf(randomBuffer(normalized, 9)));
        Graph::attribute(g.node("LayerNormalization", {"x", "scale", "shift"}, {"y"}), "axis", axis);
        test::expectAsOnnxRuntime(g, {x});
    }
    Graph root(17);
    root.input("x", x.shape()).output("y").values("scale", {8}, listOf(randomBuffer({8}, 8)));
    real(root.node("SimplifiedLayerNormalization", {"x", "scale"}, {"y"}), "epsilon", 1e-3F);
    test::expectAsOnnxRuntime(root, {x});
    for (const bool simplified : {false, true}) {
        Graph g(17);
        g.input("x", x.shape()).input("skip", x.shape()).output("y");
        for (const char* name : {"gamma", "beta", "bias"})
            g.values(name, {8}, listOf(randomBuffer({8}, 10)));
        auto& node = g.node(simplified ? "SkipSimplifiedLayerNormalization" : "SkipLayerNormalization", {"x", "skip", "gamma"}, {"y"});
        node.set_domain("com.microsoft");
        real(node, "epsilon", 1e-3F);
        if (!simplified)
            node.add_input("beta");
        node.add_input("bias");
        auto* import = g.opset("com.microsoft", 1);
        ASSERT_NE(import, nullptr);
        test::expectAsOnnxRuntime(g, {x, randomBuffer(x.shape(), 11)});
    }
}

TEST(OnnxNorms, WhatIsNotBuiltIsNamed)
{
    Graph g(13);
    g.input("x", {1, 2, 3}).output("y");
    Graph::attribute(g.node("LpNormalization", {"x"}, {"y"}), "p", int64_t{3});
    last(g).set_name("norm");
    EXPECT_NE(test::reasonOf(g, "norm").find("its p is 3"), std::string::npos);
    Graph computed(13);
    computed.input("x", {1, 2, 3}).input("s", {2}).output("y");
    computed.node("InstanceNormalization", {"x", "s", "s"}, {"y"}).set_name("norm");
    EXPECT_NE(test::reasonOf(computed, "norm").find("computed by the network"), std::string::npos);
}

}  // namespace

}  // namespace qs

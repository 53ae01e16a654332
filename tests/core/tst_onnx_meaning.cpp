// What ONNX nodes mean, where a shorter reading gives other numbers. The right values are ONNX Runtime's or NumPy's, or counted by hand.
#include "core/import/importer.h"
#include "tests/support/onnx_graph.h"
#include "tests/support/run_model.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <limits>

namespace qs {

namespace {

using test::Graph;
using test::listOf;
using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

class OnnxMeaning : public testing::Test {
protected:
    std::shared_ptr<const Model> open(const Graph& graph, std::map<std::string, Shape> shapes = {})
    {
        const auto model = importModel({m_folder.write("net.onnx", graph.bytes()), {}, {}, std::move(shapes)});
        EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
        return model.ok() ? *model : nullptr;
    }
    /// The only output for one input.
    Buffer run(const Graph& graph, const Shape& shape, const Floats& values)
    {
        const auto model = open(graph);
        if (!model)
            return {};
        for (const Layer& layer : model->layers())
            EXPECT_EQ(layer.notRunnable, "") << layer.name;
        const auto outputs = test::runModel(model, {Buffer::fromFloats(shape, values)});
        return outputs.empty() ? Buffer() : outputs.front();
    }
    std::string reason(const Graph& graph, const std::string& layer)
    {
        const auto model = open(graph);
        return model && model->findLayer(layer) != noId ? model->layer(model->findLayer(layer)).notRunnable : "no such layer";
    }
    test::TemporaryFolder m_folder;
};

Graph unary(const std::string& type, const Shape& shape, int64_t opset = 13)
{
    Graph g(opset);
    g.input("x", shape).output("y");
    g.node(type, {"x"}, {"y"});
    return g;
}

onnx::NodeProto& last(Graph& g)
{
    return *g.graph().mutable_node(g.graph().node_size() - 1);
}

TEST_F(OnnxMeaning, CastToIntegersGoesTowardsZero)
{
    Graph g = unary("Cast", {1, 3});
    Graph::attribute(last(g), "to", int64_t{onnx::TensorProto::INT32});
    EXPECT_EQ(listOf(run(g, {1, 3}, {1.7F, -1.6F, 300})), (Floats{1, -1, 300}));
    Graph b = unary("Cast", {1, 3});
    Graph::attribute(last(b), "to", int64_t{onnx::TensorProto::BOOL});
    EXPECT_EQ(listOf(run(b, {1, 3}, {0.25F, 0, -3})), (Floats{1, 0, 1}));
    Graph h = unary("Cast", {1, 2});
    Graph::attribute(last(h), "to", int64_t{onnx::TensorProto::FLOAT16});
    EXPECT_EQ(listOf(run(h, {1, 2}, {0.1F, 70000})), (Floats{0.0999755859375F, std::numeric_limits<float>::infinity()}));
    // One and the last of its ten bits; half of that goes to the even side.
    EXPECT_EQ(listOf(run(h, {1, 2}, {1.0009765625F, 1.00048828125F})), (Floats{1.0009765625F, 1}));
    Graph narrow = unary("Cast", {1, 2});
    Graph::attribute(last(narrow), "to", int64_t{onnx::TensorProto::UINT8});
    EXPECT_EQ(listOf(run(narrow, {1, 2}, {257, 3})), (Floats{1, 3}));
}

/// TopK's places are whole numbers: divided by two they are rooms of a row.
TEST_F(OnnxMeaning, IntegersDivideTowardsZero)
{
    Graph g;
    g.input("x", {1, 4}).integers("k", {1}).integers("two", {2}).output("y");
    g.node("TopK", {"x", "k"}, {"v", "i"});
    g.node("Div", {"i", "two"}, {"y"});
    EXPECT_EQ(listOf(run(g, {1, 4}, {0, 1, 2, 9})), Floats{1});
    Graph m;
    m.input("x", {1, 4}).integers("k", {4}).integers("minus", {-3}).output("y");
    m.node("TopK", {"x", "k"}, {"v", "i"});
    m.node("Mod", {"i", "minus"}, {"y"});
    EXPECT_EQ(listOf(run(m, {1, 4}, {9, 8, 7, 6})), (Floats{0, -2, -1, 0}));
}

TEST_F(OnnxMeaning, ConstantsBroadcast)
{
    Graph g;
    g.input("x", {2, 2}).values("column", {2, 1}, {1, 10}).values("row", {1, 2}, {1, 2}).output("y");
    g.node("Add", {"column", "row"}, {"grid"});
    g.node("Add", {"x", "grid"}, {"y"});
    EXPECT_EQ(listOf(run(g, {2, 2}, {0, 0, 0, 0})), (Floats{2, 3, 11, 12}));
    Graph rank;
    rank.input("x", {2, 3}).values("a", {3}, {1, 2, 3}).values("one", {1, 1}, {2}).output("y");
    rank.node("Mul", {"a", "one"}, {"b"});
    rank.node("Mul", {"x", "b"}, {"y"});
    const Buffer y = run(rank, {2, 3}, {1, 1, 1, 1, 1, 1});
    EXPECT_EQ(y.shape(), (Shape{2, 3}));
    EXPECT_EQ(listOf(y), (Floats{2, 4, 6, 2, 4, 6}));
}

/// A Resize to twice the picture's height, as PyTorch writes it.
TEST_F(OnnxMeaning, ShapeArithmeticFolds)
{
    Graph g;
    g.input("x", {1, 1, 1, 2}).floats("two", {1}, 2).integers("none", {}).output("y");
    g.integers("zero", {0}).integers("four", {4}).integers("minus", {-1}).integers("first", {-1000});
    g.node("Shape", {"x"}, {"s"});
    Graph::attribute(g.node("Cast", {"s"}, {"sf"}), "to", int64_t{onnx::TensorProto::FLOAT});
    g.node("Mul", {"sf", "two"}, {"d"});
    g.node("Floor", {"d"}, {"f"});
    Graph::attribute(g.node("Cast", {"f"}, {"i"}), "to", int64_t{onnx::TensorProto::INT64});
    g.node("Slice", {"i", "minus", "first", "zero", "minus"}, {"backwards"});
    g.node("Slice", {"backwards", "zero", "four", "zero", "two_i"}, {"taken"});
    g.integers("two_i", {1});
    g.node("Gather", {"taken", "order"}, {"picked"});
    g.integers("order", {0, 0});
    g.integers("ones", {1, 1});
    Graph::attribute(g.node("Concat", {"ones", "picked"}, {"sizes"}), "axis", int64_t{0});
    g.node("Resize", {"x", "", "", "sizes"}, {"y"});
    const auto model = open(g);
    ASSERT_NE(model, nullptr);
    ASSERT_EQ(model->layers().size(), 2U);
    EXPECT_EQ(model->value(model->outputs()[0]).shape, (Shape{1, 1, 4, 4}));
}

TEST_F(OnnxMeaning, OperatorsOnConstantsAndInTheNetworkAgree)
{
    struct Case {
        const char* type;
        Floats expected;
    };
    const Floats a{-2, -0.5F, 0.5F, 1.5F, 2.5F, 3};
    const Floats b{2, -0.5F, 1, -1, 2.5F, -2};
    const Case cases[] = {{"Min", {-2, -0.5F, 0.5F, -1, 2.5F, -2}},
                          {"Max", {2, -0.5F, 1, 1.5F, 2.5F, 3}},
                          {"Equal", {0, 1, 0, 0, 1, 0}},
                          {"Less", {1, 0, 1, 0, 0, 0}},
                          {"LessOrEqual", {1, 1, 1, 0, 1, 0}},
                          {"Greater", {0, 0, 0, 1, 0, 1}},
                          {"GreaterOrEqual", {0, 1, 0, 1, 1, 1}},
                          {"Sub", {-4, 0, -0.5F, 2.5F, 0, 5}},
                          {"Div", {-1, 1, 0.5F, -1.5F, 1, -1.5F}}};
    for (const Case& test : cases) {
        Graph live;
        live.input("x", {2, 3}).values("b", {2, 3}, b).output("y");
        live.node(test.type, {"x", "b"}, {"y"});
        EXPECT_EQ(listOf(run(live, {2, 3}, a)), test.expected) << test.type;
        Graph folded;
        folded.input("x", {2, 3}).values("a", {2, 3}, a).values("b", {2, 3}, b).output("y");
        folded.node(test.type, {"a", "b"}, {"c"});
        Graph::attribute(folded.node("Cast", {"c"}, {"f"}), "to", int64_t{onnx::TensorProto::FLOAT});
        folded.node("Add", {"x", "f"}, {"y"});
        EXPECT_EQ(listOf(run(folded, {2, 3}, Floats(6, 0))), test.expected) << test.type;
    }
    const Case unaries[] = {{"Floor", {-2, -1, 0, 1, 2, 3}},
                            {"Ceil", {-2, 0, 1, 2, 3, 3}},
                            {"Round", {-2, 0, 0, 2, 2, 3}},
                            {"Neg", {2, 0.5F, -0.5F, -1.5F, -2.5F, -3}},
                            {"Abs", {2, 0.5F, 0.5F, 1.5F, 2.5F, 3}}};
    for (const Case& test : unaries) {
        EXPECT_EQ(listOf(run(unary(test.type, {2, 3}), {2, 3}, a)), test.expected) << test.type;
        Graph folded;
        folded.input("x", {2, 3}).values("a", {2, 3}, a).output("y");
        folded.node(test.type, {"a"}, {"c"});
        folded.node("Add", {"x", "c"}, {"y"});
        EXPECT_EQ(listOf(run(folded, {2, 3}, Floats(6, 0))), test.expected) << test.type;
    }
    EXPECT_EQ(listOf(run(unary("HardSigmoid", {1, 3}), {1, 3}, {-5, 1, 5})), (Floats{0, 0.7F, 1}));
    EXPECT_EQ(listOf(run(unary("HardSwish", {1, 2}, 14), {1, 2}, {-4, 3})), (Floats{0, 3}));
    EXPECT_EQ(listOf(run(unary("Reciprocal", {1, 2}), {1, 2}, {4, -0.5F})), (Floats{0.25F, -2}));
}

TEST_F(OnnxMeaning, GatherWhereExpandAndTile)
{
    Graph g;
    g.input("x", {2, 3}).integers("i", {-1, 0}).output("y");
    Graph::attribute(g.node("Gather", {"x", "i"}, {"y"}), "axis", int64_t{1});
    EXPECT_EQ(listOf(run(g, {2, 3}, {1, 2, 3, 4, 5, 6})), (Floats{3, 1, 6, 4}));
    Graph w;
    w.input("x", {2, 3}).values("zero", {1}, {0}).values("minus", {3}, {-1, -2, -3}).output("y");
    w.node("Greater", {"x", "zero"}, {"m"});
    w.node("Where", {"m", "x", "minus"}, {"y"});
    EXPECT_EQ(listOf(run(w, {2, 3}, {1, 0, 3, -4, 5, 0})), (Floats{1, -2, 3, -1, 5, -3}));
    Graph e;
    e.input("x", {2, 1}).integers("shape", {2, 1, 2}).output("y");
    e.node("Expand", {"x", "shape"}, {"y"});
    const Buffer expanded = run(e, {2, 1}, {7, 8});
    EXPECT_EQ(expanded.shape(), (Shape{2, 2, 2}));
    EXPECT_EQ(listOf(expanded), (Floats{7, 7, 8, 8, 7, 7, 8, 8}));
    Graph t;
    t.input("x", {2, 2}).integers("repeats", {2, 2}).output("y");
    t.node("Tile", {"x", "repeats"}, {"y"});
    EXPECT_EQ(listOf(run(t, {2, 2}, {1, 2, 3, 4})), (Floats{1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4}));
    Graph s;
    s.input("x", {1, 5}).integers("starts", {-1}).integers("ends", {-100}).integers("axes", {1}).integers("steps", {-2}).output("y");
    s.node("Slice", {"x", "starts", "ends", "axes", "steps"}, {"y"});
    EXPECT_EQ(listOf(run(s, {1, 5}, {1, 2, 3, 4, 5})), (Floats{5, 3, 1}));
    Graph r;
    r.input("x", {1, 3}).values("from", {}, {1}).values("to", {}, {7}).values("step", {}, {2}).output("y");
    for (int i = 0; i < 3; ++i)
        r.graph().mutable_initializer(i)->clear_dims();
    r.node("Range", {"from", "to", "step"}, {"range"});
    r.node("Add", {"x", "range"}, {"y"});
    EXPECT_EQ(listOf(run(r, {1, 3}, {0, 0, 0})), (Floats{1, 3, 5}));
}

TEST_F(OnnxMeaning, ParametersGoByTheirShape)
{
    // One slope a column is not one a channel, whatever their count.
    Graph p;
    p.input("x", {1, 2, 2}).values("slope", {2}, {0.1F, 0.5F}).output("y");
    p.node("PRelu", {"x", "slope"}, {"y"}).set_name("prelu");
    EXPECT_NE(reason(p, "prelu").find("not one a channel"), std::string::npos);
    Graph channels;
    channels.input("x", {1, 2, 2}).values("slope", {2, 1}, {0.1F, 0.5F}).output("y");
    channels.node("PRelu", {"x", "slope"}, {"y"});
    EXPECT_EQ(listOf(run(channels, {1, 2, 2}, {-1, -1, -1, -1})), (Floats{-0.1F, -0.1F, -0.5F, -0.5F}));
    Graph c;
    c.input("x", {2, 2}).values("w", {2, 2}, {1, 0, 0, 1}).values("column", {2, 1}, {0, 10}).output("y");
    c.node("Gemm", {"x", "w", "column"}, {"y"});
    EXPECT_EQ(listOf(run(c, {2, 2}, {1, 2, 3, 4})), (Floats{1, 2, 13, 14}));
}

/// Scales are float32: 5/3 of three pixels are five, 2/3 of twelve are eight.
TEST_F(OnnxMeaning, ResizeScalesAreFloat32)
{
    const auto resize = [](const Shape& shape, float scale) {
        Graph g;
        g.input("x", shape).values("scales", {4}, {1, 1, 1, scale}).output("y");
        auto& node = g.node("Resize", {"x", "", "scales"}, {"y"});
        Graph::attribute(node, "coordinate_transformation_mode", std::string("asymmetric"));
        Graph::attribute(node, "nearest_mode", std::string("floor"));
        return g;
    };
    EXPECT_EQ(listOf(run(resize({1, 1, 1, 3}, 5.0F / 3), {1, 1, 1, 3}, {1, 2, 3})), (Floats{1, 1, 2, 2, 3}));
    const Floats twelve{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    EXPECT_EQ(listOf(run(resize({1, 1, 1, 12}, 8.0F / 12), {1, 1, 1, 12}, twelve)), (Floats{0, 1, 3, 4, 6, 7, 9, 10}));
    for (const auto& [from, to] : {std::pair{13, 25}, {19, 37}, {38, 75}, {300, 200}}) {
        const auto model = open(resize({1, 1, 1, from}, static_cast<float>(to) / static_cast<float>(from)));
        ASSERT_NE(model, nullptr);
        EXPECT_EQ(model->value(model->outputs()[0]).shape.back(), to);
    }
    Graph channels;
    channels.input("x", {1, 1, 1, 1}).values("scales", {4}, {1, 2, 1, 1}).output("y");
    channels.node("Resize", {"x", "", "scales"}, {"y"}).set_name("resize");
    EXPECT_NE(reason(channels, "resize").find("batch or channels"), std::string::npos);
}

TEST_F(OnnxMeaning, WhatIsNotUnderstoodMarksTheLayer)
{
    Graph training = unary("BatchNormalization", {1, 2}, 14);
    training.floats("s", {2}).floats("b", {2}).floats("m", {2}).floats("v", {2});
    for (const char* name : {"s", "b", "m", "v"})
        last(training).add_input(name);
    last(training).set_name("bn");
    Graph plain = training;
    Graph::attribute(last(training), "training_mode", int64_t{1});
    EXPECT_NE(reason(training, "bn").find("statistics of the batch"), std::string::npos);
    EXPECT_EQ(reason(plain, "bn"), "");
    Graph strange = unary("Relu", {1, 2});
    last(strange).set_name("relu");
    Graph::attribute(last(strange), "leak", int64_t{3});
    EXPECT_NE(reason(strange, "relu").find("its attribute leak = 3 is not built"), std::string::npos);
    Graph pad = unary("Pad", {1, 2});
    pad.integers("pads", {0, 1, 0, 1});
    last(pad).add_input("pads");
    last(pad).set_name("pad");
    Graph::attribute(last(pad), "mode", std::string("mirror"));
    EXPECT_NE(reason(pad, "pad").find("mode mirror"), std::string::npos);
    Graph input = unary("Sigmoid", {1, 2});
    last(input).add_input("x");
    last(input).set_name("sigmoid");
    EXPECT_NE(reason(input, "sigmoid").find("its input 1 is not built"), std::string::npos);
    Graph future = unary("Relu", {1, 2}, 99);
    last(future).set_name("relu");
    EXPECT_NE(reason(future, "relu").find("opset 99"), std::string::npos);
    Graph mask = unary("MaxPool", {1, 1, 2, 2});
    Graph::attribute(last(mask), "kernel_shape", Ints{2, 2});
    last(mask).set_name("pool");
    last(mask).add_output("places");
    mask.output("places");
    EXPECT_EQ(reason(mask, "pool"), "");
    Graph::attribute(last(mask), "storage_order", int64_t{1});
    EXPECT_NE(reason(mask, "pool").find("column by column"), std::string::npos);
}

TEST_F(OnnxMeaning, ReduceOverNoAxesMayDoNothing)
{
    Graph g;
    g.input("x", {1, 2}).integers("axes", {}).output("y");
    auto& node = g.node("ReduceSum", {"x", "axes"}, {"y"});
    Graph::attribute(node, "noop_with_empty_axes", int64_t{1});
    EXPECT_EQ(listOf(run(g, {1, 2}, {1, 2})), (Floats{1, 2}));
    Graph all;
    all.input("x", {1, 2}).integers("axes", {}).output("y");
    all.node("ReduceSum", {"x", "axes"}, {"y"});
    EXPECT_EQ(listOf(run(all, {1, 2}, {1, 2})), Floats{3});
}

TEST_F(OnnxMeaning, Opset6BroadcastsFromAnAxis)
{
    Graph g(6);
    g.input("x", {1, 2, 2}).values("k", {2}, {1, 20}).output("y");
    auto& node = g.node("Mul", {"x", "k"}, {"y"});
    Graph::attribute(node, "broadcast", int64_t{1});
    Graph::attribute(node, "axis", int64_t{1});
    EXPECT_EQ(listOf(run(g, {1, 2, 2}, {1, 1, 1, 1})), (Floats{1, 1, 20, 20}));
    Graph without(6);
    without.input("x", {1, 2, 2}).values("k", {2}, {1, 20}).output("y");
    without.node("Mul", {"x", "k"}, {"y"}).set_name("mul");
    EXPECT_NE(reason(without, "mul").find("differ in shape"), std::string::npos);
}

TEST_F(OnnxMeaning, SamePaddingPutsTheOddPixelWhereItSays)
{
    // Three pixels, a window of two that adds: behind (upper) or before (lower) stands one of padding.
    for (const auto& [mode, expected] : {std::pair{"SAME_UPPER", Floats{3, 5, 3}}, {"SAME_LOWER", Floats{1, 3, 5}}}) {
        Graph g = unary("Conv", {1, 1, 1, 3});
        g.floats("w", {1, 1, 1, 2}, 1);
        last(g).add_input("w");
        Graph::attribute(last(g), "auto_pad", std::string(mode));
        EXPECT_EQ(listOf(run(g, {1, 1, 1, 3}, {1, 2, 3})), expected) << mode;
    }
}

/// Of four pixels in a row, windows of three in steps of two: one fits, rounded up there are two.
TEST_F(OnnxMeaning, CeilModeAddsTheLastWindow)
{
    for (const auto& [mode, expected] : {std::pair{int64_t{0}, Floats{3}}, {int64_t{1}, Floats{3, 4}}}) {
        Graph g = unary("MaxPool", {1, 1, 1, 4});
        Graph::attribute(last(g), "kernel_shape", Ints{1, 3});
        Graph::attribute(last(g), "strides", Ints{1, 2});
        Graph::attribute(last(g), "ceil_mode", mode);
        EXPECT_EQ(listOf(run(g, {1, 1, 1, 4}, {1, 2, 3, 4})), expected) << mode;
    }
}

TEST_F(OnnxMeaning, AnAverageCountsThePaddingOnlyWhenToldTo)
{
    Graph g = unary("AveragePool", {1, 1, 1, 2});
    Graph::attribute(last(g), "kernel_shape", Ints{1, 2});
    Graph::attribute(last(g), "pads", Ints{0, 1, 0, 0});
    EXPECT_EQ(listOf(run(g, {1, 1, 1, 2}, {4, 8})), (Floats{4, 6}));
    Graph::attribute(last(g), "count_include_pad", int64_t{1});
    EXPECT_EQ(listOf(run(g, {1, 1, 1, 2}, {4, 8})), (Floats{2, 6}));
}

/// Two groups of one channel: each makes two of the four outputs.
TEST_F(OnnxMeaning, ConvTransposeHasGroups)
{
    Graph g = unary("ConvTranspose", {1, 2, 1, 1});
    g.values("w", {2, 2, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    last(g).add_input("w");
    Graph::attribute(last(g), "group", int64_t{2});
    const Buffer y = run(g, {1, 2, 1, 1}, {1, 10});
    EXPECT_EQ(y.shape(), (Shape{1, 4, 1, 2}));
    EXPECT_EQ(listOf(y), (Floats{1, 2, 3, 4, 50, 60, 70, 80}));
}

/// From opset 13 on along the last axis, and along it alone.
TEST_F(OnnxMeaning, SoftmaxTakesTheLastAxis)
{
    EXPECT_EQ(listOf(run(unary("Softmax", {1, 2, 1}), {1, 2, 1}, {5, 0})), (Floats{1, 1}));
    EXPECT_EQ(listOf(run(unary("Softmax", {1, 1, 2}), {1, 1, 2}, {3, 3})), (Floats{0.5F, 0.5F}));
}

/// x / (bias + alpha / size * squares)^beta; of two channels each sees both.
TEST_F(OnnxMeaning, LrnDividesItsAlphaBySize)
{
    Graph g = unary("LRN", {1, 2, 1, 1});
    Graph::attribute(last(g), "size", int64_t{3});
    for (const auto& [name, value] : {std::pair{"alpha", 3.0F}, {"beta", 1.0F}, {"bias", 1.0F}}) {
        auto* attribute = last(g).add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::FLOAT);
        attribute->set_f(value);
    }
    const Floats y = listOf(run(g, {1, 2, 1, 1}, {1, 2}));
    ASSERT_EQ(y.size(), 2U);
    EXPECT_FLOAT_EQ(y[0], 1.0F / 6);
    EXPECT_FLOAT_EQ(y[1], 2.0F / 6);
}

TEST_F(OnnxMeaning, AnEmptySliceIsNotRun)
{
    Graph g = unary("Slice", {1, 4});
    g.integers("start", {2}).integers("end", {2}).integers("axis", {1});
    for (const char* input : {"start", "end", "axis"})
        last(g).add_input(input);
    EXPECT_NE(reason(g, "y").find("its output would be 1x0"), std::string::npos) << reason(g, "y");
}

TEST_F(OnnxMeaning, InfinitiesAndUnusedTensorsAreNoFault)
{
    Graph g = unary("Clip", {1, 2});
    g.values("low", {}, {0}).values("high", {}, {std::numeric_limits<float>::infinity()});
    for (int i = 0; i < 2; ++i)
        g.graph().mutable_initializer(i)->clear_dims();
    last(g).add_input("low");
    last(g).add_input("high");
    auto* text = g.graph().add_initializer();
    text->set_name("nobody");
    text->set_data_type(onnx::TensorProto::STRING);
    text->add_dims(1);
    text->add_string_data("words");
    EXPECT_EQ(listOf(run(g, {1, 2}, {-1, 9})), (Floats{0, 9}));
    Graph pad = unary("Pad", {1, 1});
    pad.integers("pads", {0, 1, 0, 0}).values("value", {1}, {-std::numeric_limits<float>::infinity()});
    last(pad).add_input("pads");
    last(pad).add_input("value");
    EXPECT_EQ(listOf(run(pad, {1, 1}, {3})), (Floats{-std::numeric_limits<float>::infinity(), 3}));
    Graph reader = unary("Relu", {1, 1});
    *reader.graph().add_initializer() = *text;
    reader.node("Add", {"x", "nobody"}, {"sum"}).set_name("sum");
    reader.output("sum");
    EXPECT_NE(reason(reader, "sum").find("its values are texts"), std::string::npos);
    EXPECT_EQ(reason(reader, "y"), "");
}

TEST_F(OnnxMeaning, EveryIntegerTypeIsRead)
{
    Graph g;
    g.input("x", {1, 2}).output("y");
    auto* tensor = g.graph().add_initializer();
    tensor->set_name("k");
    tensor->set_data_type(onnx::TensorProto::INT16);
    tensor->add_dims(2);
    tensor->set_raw_data(std::string("\xff\xff\x02\x00", 4));
    Graph::attribute(g.node("Cast", {"k"}, {"f"}), "to", int64_t{onnx::TensorProto::FLOAT});
    g.node("Mul", {"x", "f"}, {"y"});
    EXPECT_EQ(listOf(run(g, {1, 2}, {3, 4})), (Floats{-3, 8}));
}

TEST_F(OnnxMeaning, ExternalDataStaysInTheFolder)
{
    const auto graph = [](const std::string& location) {
        Graph g;
        g.input("x", {1, 2}).output("y");
        auto* tensor = g.graph().add_initializer();
        tensor->set_name("k");
        tensor->set_data_type(onnx::TensorProto::FLOAT);
        tensor->add_dims(2);
        tensor->set_data_location(onnx::TensorProto::EXTERNAL);
        for (const auto& [key, value] : {std::pair<std::string, std::string>{"location", location}, {"offset", "4"}, {"length", "8"}}) {
            auto* entry = tensor->add_external_data();
            entry->set_key(key);
            entry->set_value(value);
        }
        g.node("Mul", {"x", "k"}, {"y"});
        return g;
    };
    const float values[] = {9, 2, 3};
    m_folder.write("net.data", std::string(reinterpret_cast<const char*>(values), sizeof values));
    EXPECT_EQ(listOf(run(graph("net.data"), {1, 2}, {1, 10})), (Floats{2, 30}));
    for (const char* outside : {"../net.data", "/etc/hostname"}) {
        const auto model = importModel({m_folder.write("net.onnx", graph(outside).bytes()), {}});
        ASSERT_FALSE(model.ok());
        EXPECT_NE(model.error().detail.find("leads out of"), std::string::npos) << model.error().detail;
    }
    EXPECT_EQ(importModel({m_folder.write("net.onnx", graph("none.data").bytes()), {}}).error().code, ErrorCode::FileNotFound);
}

TEST_F(OnnxMeaning, OpenSizesAreGiven)
{
    Graph g = unary("Relu", {1, 3, 0, 0});
    const auto open_ = open(g);
    ASSERT_NE(open_, nullptr);
    EXPECT_FALSE(open_->value(open_->inputs()[0]).shaped);
    const auto given = open(g, {{"x", {1, 3, 4, 5}}});
    ASSERT_NE(given, nullptr);
    EXPECT_EQ(given->value(given->outputs()[0]).shape, (Shape{1, 3, 4, 5}));
    EXPECT_EQ(importModel({m_folder.path() / "net.onnx", {}, {}, {{"z", {1}}}}).error().code, ErrorCode::UnknownKey);
    EXPECT_EQ(importModel({m_folder.path() / "net.onnx", {}, {}, {{"x", {int64_t{1} << 20, int64_t{1} << 20}}}}).error().code, ErrorCode::OutOfRange);
}

TEST_F(OnnxMeaning, AWrittenBatchIsCopied)
{
    Graph g;
    g.input("x", {2, 1, 1, 2}).integers("dims", {2, 2}).output("y");
    g.node("Reshape", {"x", "dims"}, {"y"});
    const auto model = open(g);
    ASSERT_NE(model, nullptr);
    EXPECT_EQ(listOf(test::runModel(model, {Buffer::fromFloats({1, 1, 1, 2}, Floats{1, 2})}).at(0)), (Floats{1, 2}));
}

/// Constants that double with every node end where the file's budget does: the layer is marked, nothing else.
TEST_F(OnnxMeaning, FoldingHasABudget)
{
    Graph g;
    g.input("x", {1, 2}).output("y").output("c40");
    g.node("Relu", {"x"}, {"y"});
    g.floats("c0", {1024});
    for (int i = 0; i < 40; ++i) {
        const std::string from = "c" + std::to_string(i);
        Graph::attribute(g.node("Concat", {from, from}, {"c" + std::to_string(i + 1)}), "axis", int64_t{0});
    }
    const auto model = open(g);
    ASSERT_NE(model, nullptr);
    const auto marked = std::find_if(model->layers().begin(), model->layers().end(), [](const Layer& layer) { return !layer.notRunnable.empty(); });
    ASSERT_NE(marked, model->layers().end());
    EXPECT_NE(marked->notRunnable.find("out of proportion to the file"), std::string::npos) << marked->notRunnable;
    EXPECT_NE(model->layer(model->findLayer("c40")).notRunnable, "");
    EXPECT_EQ(model->layer(model->findLayer("y")).notRunnable, "");
}

TEST_F(OnnxMeaning, EmptyConstantsAndWildWindows)
{
    Graph empty;
    empty.input("x", {1, 2}).output("y").output("z");
    empty.integers("nothing", {}).integers("one", {1});
    empty.node("Add", {"nothing", "one"}, {"z"});
    empty.node("Relu", {"x"}, {"y"});
    EXPECT_EQ(reason(empty, "y"), "");
    Graph window = unary("MaxPool", {1, 1, 4, 4});
    Graph::attribute(last(window), "kernel_shape", Ints{2, 2});
    Graph::attribute(last(window), "strides", Ints{INT64_MAX, 1});
    Graph::attribute(last(window), "auto_pad", std::string("SAME_UPPER"));
    last(window).set_name("pool");
    EXPECT_NE(reason(window, "pool").find("window is not valid"), std::string::npos);
    Graph ranks;
    ranks.input("x", Shape(100, 1)).output("y");
    ranks.node("Relu", {"x"}, {"y"});
    EXPECT_EQ(importModel({m_folder.write("net.onnx", ranks.bytes()), {}}).error().code, ErrorCode::OutOfRange);
}

TEST_F(OnnxMeaning, SplitsOfOpset18MayBeUneven)
{
    Graph g(18);
    g.input("x", {1, 5}).output("b");
    auto& node = g.node("Split", {"x"}, {"a", "b"});
    Graph::attribute(node, "axis", int64_t{1});
    Graph::attribute(node, "num_outputs", int64_t{2});
    EXPECT_EQ(listOf(run(g, {1, 5}, {1, 2, 3, 4, 5})), (Floats{4, 5}));
}

}  // namespace

}  // namespace qs

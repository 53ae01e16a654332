// Where ONNX's operators put values: against ONNX Runtime, and counted by hand.
#include "core/ops/einsum.h"
#include "tests/support/onnx_oracle.h"

namespace qs {

namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Names = std::vector<const char*>;
using test::Graph;
using test::listOf;
using test::randomBuffer;

Graph unary(const std::string& type, const Shape& shape, int64_t opset = 13)
{
    Graph g(opset);
    g.input("x", shape).output("y");
    g.node(type, {"x"}, {"y"}).set_name("node");
    return g;
}

onnx::NodeProto& last(Graph& g)
{
    return *g.graph().mutable_node(g.graph().node_size() - 1);
}

/// The only output.
Floats run(const Graph& g, const std::vector<Buffer>& inputs)
{
    const auto outputs = test::expectAsOnnxRuntime(g, inputs);
    return outputs.empty() ? Floats() : listOf(outputs.front());
}

Buffer counted(const Shape& shape)
{
    Floats values;
    for (int64_t i = 0; i < elementCount(shape); ++i)
        values.push_back(static_cast<float>(i));
    return Buffer::fromFloats(shape, values);
}

/// An initializer of whole numbers in a shape.
void places(Graph& g, const std::string& name, const Shape& shape, const Ints& values)
{
    g.integers(name, values);
    auto* tensor = g.graph().mutable_initializer(g.graph().initializer_size() - 1);
    tensor->clear_dims();
    for (const int64_t dimension : shape)
        tensor->add_dims(dimension);
}

TEST(OnnxLayout, BlocksBecomeChannelsAndBack)
{
    const Buffer x = randomBuffer({2, 8, 2, 3}, 1);
    for (const char* mode : {"DCR", "CRD"}) {
        Graph g = unary("DepthToSpace", x.shape());
        Graph::attribute(last(g), "blocksize", int64_t{2});
        Graph::attribute(last(g), "mode", std::string(mode));
        EXPECT_EQ(run(g, {x}).size(), static_cast<size_t>(x.count()));
    }
    Graph g = unary("SpaceToDepth", {1, 2, 4, 6});
    Graph::attribute(last(g), "blocksize", int64_t{2});
    run(g, {randomBuffer({1, 2, 4, 6}, 2)});
    Graph odd = unary("DepthToSpace", {1, 6, 2, 2});
    Graph::attribute(last(odd), "blocksize", int64_t{2});
    EXPECT_NE(test::reasonOf(odd, "node").find("do not fit"), std::string::npos);
}

TEST(OnnxLayout, Triangles)
{
    for (const int64_t upper : {0, 1})
        for (const int64_t diagonal : {-2, 0, 1, 99}) {
            Graph g(14);
            g.input("x", {2, 3, 4}).output("y");
            places(g, "k", {}, {diagonal});
            Graph::attribute(g.node("Trilu", {"x", "k"}, {"y"}), "upper", upper);
            run(g, {randomBuffer({2, 3, 4}, 3)});
        }
    // Infinite values outside of the triangle do not show.
    Graph g = unary("Trilu", {2, 2}, 14);
    EXPECT_EQ(run(g, {Buffer::fromFloats({2, 2}, {{1, 2, INFINITY, 4}})}), (Floats{1, 2, 0, 4}));
}

TEST(OnnxLayout, GatherAndScatterElements)
{
    const Buffer x = counted({2, 3, 2});
    for (const int64_t axis : {0, 1, -1}) {
        Graph g(16);
        g.input("x", {2, 3, 2}).output("y");
        places(g, "i", {2, 2, 1}, axis == 1 ? Ints{2, 0, -1, 1} : Ints{1, 0, -1, 1});
        Graph::attribute(g.node("GatherElements", {"x", "i"}, {"y"}), "axis", axis);
        EXPECT_EQ(run(g, {x}).size(), 4U);
        for (const char* reduction : axis == 1 ? Names{"none", "mul"} : Names{"add", "max"}) {
            Graph s(18);
            s.input("x", {2, 3, 2}).input("u", {2, 2, 1}).output("y");
            places(s, "i", {2, 2, 1}, axis == 1 ? Ints{2, 0, -1, 1} : Ints{1, 0, -1, 0});
            auto& node = s.node("ScatterElements", {"x", "i", "u"}, {"y"});
            Graph::attribute(node, "axis", axis);
            Graph::attribute(node, "reduction", std::string(reduction));
            run(s, {x, Buffer::fromFloats({2, 2, 1}, {{-1, 20, 30, 0.5F}})});
        }
    }
}

TEST(OnnxLayout, GatherAndScatterRows)
{
    const Buffer x = counted({2, 3, 4});
    Graph g;
    g.input("x", {2, 3, 4}).output("y");
    places(g, "i", {2, 2, 2}, {0, 1, 1, -1, 1, 0, 0, 0});
    g.node("GatherND", {"x", "i"}, {"y"});
    const auto rows = run(g, {x});
    EXPECT_EQ(Floats(rows.begin(), rows.begin() + 8), (Floats{4, 5, 6, 7, 20, 21, 22, 23}));
    Graph b;
    b.input("x", {2, 3, 4}).output("y");
    places(b, "i", {2, 1}, {1, -1});
    Graph::attribute(b.node("GatherND", {"x", "i"}, {"y"}), "batch_dims", int64_t{1});
    EXPECT_EQ(run(b, {x}), (Floats{4, 5, 6, 7, 20, 21, 22, 23}));
    for (const char* reduction : {"none", "add"}) {
        Graph s(16);
        s.input("x", {2, 3, 4}).input("u", {2, 4}).output("y");
        places(s, "i", {2, 2}, {0, 2, -1, 0});
        Graph::attribute(s.node("ScatterND", {"x", "i", "u"}, {"y"}), "reduction", std::string(reduction));
        run(s, {x, randomBuffer({2, 4}, 4)});
    }
}

TEST(OnnxLayout, PlacesOutsideAreAnErrorOfTheRun)
{
    Graph g;
    g.input("x", {1, 3}).output("y");
    places(g, "i", {1, 1}, {3});
    Graph::attribute(g.node("GatherElements", {"x", "i"}, {"y"}), "axis", int64_t{1});
    const test::TemporaryFolder folder;
    const auto model = importModel({folder.write("net.onnx", g.bytes()), {}});
    QS_ASSERT_OK(model);
    LayerRunner runner(test::engine(), *model);
    Evaluator evaluator(runner);
    Forward forward;
    forward.inputs.push_back(tensorFrom(counted({1, 3}), runner.pool()));
    const auto outputs = evaluator.run(forward, {});
    ASSERT_FALSE(outputs.ok());
    EXPECT_EQ(outputs.error().code, ErrorCode::OutOfRange);
}

TEST(OnnxLayout, OneHotAndDiagonals)
{
    for (const int64_t axis : {0, 1, -1}) {
        Graph g;
        g.input("x", {2, 3}).integers("depth", {4}).values("values", {2}, {-1, 2}).output("y");
        Graph::attribute(g.node("Cast", {"x"}, {"places"}), "to", int64_t{onnx::TensorProto::INT64});
        Graph::attribute(g.node("OneHot", {"places", "depth", "values"}, {"y"}), "axis", axis);
        EXPECT_EQ(run(g, {Buffer::fromFloats({2, 3}, {{0, 3, -1, 2, 9, 1}})}).size(), 24U);
    }
    Graph e;
    e.input("x", {2, 3}).output("y");
    Graph::attribute(e.node("EyeLike", {"x"}, {"eye"}), "k", int64_t{1});
    e.node("Add", {"x", "eye"}, {"y"});
    EXPECT_EQ(run(e, {counted({2, 3})}), (Floats{0, 2, 2, 3, 4, 6}));
}

TEST(OnnxLayout, EveryWayOfPadding)
{
    const Shape shape{1, 2, 3, 4};
    for (const char* mode : {"constant", "reflect", "edge", "wrap"}) {
        SCOPED_TRACE(mode);
        Graph g(19);
        g.input("x", shape).integers("pads", {0, 0, 1, 2, 0, 0, 2, 1}).floats("value", {}, 0.5F).output("y");
        Graph::attribute(g.node("Pad", {"x", "pads", "value"}, {"y"}), "mode", std::string(mode));
        run(g, {randomBuffer(shape, 5)});
    }
    Graph g(13);
    g.input("x", shape).integers("pads", {0, 0, -1, 2, 0, 1, 1, -2}).floats("value", {}, 0.5F).output("y");
    g.node("Pad", {"x", "pads", "value"}, {"y"});
    run(g, {randomBuffer(shape, 6)});
}

TEST(OnnxLayout, SlicesBackwards)
{
    Graph g(13);
    g.input("x", {2, 5, 4}).output("y");
    g.integers("starts", {-1, 3}).integers("ends", {-100, 0}).integers("axes", {1, 2}).integers("steps", {-2, -1});
    g.node("Slice", {"x", "starts", "ends", "axes", "steps"}, {"y"});
    EXPECT_EQ(run(g, {counted({2, 5, 4})}).size(), 18U);
}

TEST(OnnxLayout, SplitsOfEveryOpset)
{
    const Buffer x = counted({2, 7});
    const auto split = [&](int64_t opset, bool asAttribute, bool asInput, bool counted) {
        Graph g(opset);
        g.input("x", {2, 7}).output("a").output("b").output("c");
        auto& node = g.node("Split", asInput ? std::vector<std::string>{"x", "parts"} : std::vector<std::string>{"x"}, {"a", "b", "c"});
        Graph::attribute(node, "axis", int64_t{1});
        if (asAttribute)
            Graph::attribute(node, "split", Ints{1, 4, 2});
        if (asInput)
            g.integers("parts", {1, 4, 2});
        if (counted)
            Graph::attribute(node, "num_outputs", int64_t{3});
        const auto outputs = test::expectAsOnnxRuntime(g, {x});
        return outputs.size() == 3 ? outputs[2].shape() : Shape();
    };
    EXPECT_EQ(split(11, true, false, false), (Shape{2, 2}));
    EXPECT_EQ(split(13, false, true, false), (Shape{2, 2}));
    EXPECT_EQ(split(18, false, false, true), (Shape{2, 1}));
}

TEST(OnnxLayout, Einsum)
{
    struct Case {
        const char* equation;
        Shape a, b;
    };
    const Case cases[] = {{"ij,jk->ik", {2, 3}, {3, 4}},
                          {"bhid, bhjd -> bhij", {2, 3, 4, 5}, {2, 3, 6, 5}},
                          {"bchw,bkc->bkhw", {2, 3, 4, 5}, {2, 6, 3}},
                          {"ij,kj", {2, 3}, {4, 3}},
                          {"i,j->ji", {3}, {4}},
                          {"bi,bi->b", {2, 3}, {2, 3}}};
    for (const Case& c : cases) {
        SCOPED_TRACE(c.equation);
        Graph g(13);
        g.input("x", c.a).input("w", c.b).output("y");
        Graph::attribute(g.node("Einsum", {"x", "w"}, {"y"}), "equation", std::string(c.equation));
        run(g, {randomBuffer(c.a, 7), randomBuffer(c.b, 8)});
    }
    EXPECT_FALSE(planEinsum("ii,ij->j", {3, 3}, {3, 3}).ok());
    EXPECT_FALSE(planEinsum("ij,jk->ij", {3, 3}, {3, 3}).ok());
    EXPECT_FALSE(planEinsum("...ij,jk->ik", {3, 3}, {3, 3}).ok());
    EXPECT_FALSE(planEinsum("ij,jk,kl->il", {3, 3}, {3, 3}).ok());
    EXPECT_FALSE(planEinsum("ij,jk->ik", {2, 3}, {4, 5}).ok());
}

TEST(OnnxLayout, HowMuchHangsOnValuesIsNotRun)
{
    for (const char* type : {"NonZero", "Unique"})
        EXPECT_NE(test::reasonOf(unary(type, {2, 3}), "node").find("depends on values"), std::string::npos) << type;
}

}  // namespace

}  // namespace qs

#include "core/import/importer.h"
#include "tests/support/onnx_graph.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <limits>

namespace qs {

namespace {

using test::Graph;

class OnnxImporter : public testing::Test {
protected:
    Result<std::shared_ptr<const Model>> import(const std::string& bytes) { return importModel({m_folder.write("net.onnx", bytes), {}}); }
    test::TemporaryFolder m_folder;
};

/// Types that came with AMCT's table: they run where the node's variant is one that the op has.
TEST_F(OnnxImporter, TypesOfAmctsTable)
{
    Graph g(13);
    g.input("x", {2, 3, 4}).integers("repeats", {1, 2, 1}).integers("two_axes", {2, 2, 1}).integers("k", {2}).floats("s", {4}).floats("b", {4});
    g.floats("q", {1});
    for (const char* type : {"Sqrt", "Erf", "Ceil", "Sign", "Sin", "Cos", "Softplus", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"}) {
        g.node(type, {"x"}, {type});
        g.output(type);
    }
    auto& argMax = g.node("ArgMax", {"x"}, {"am"});
    Graph::attribute(argMax, "axis", 1);
    Graph::attribute(argMax, "keepdims", 0);
    g.node("ArgMin", {"x"}, {"an"});
    g.node("TopK", {"x", "k"}, {"values", "places"});
    g.node("Tile", {"x", "repeats"}, {"tiled"});
    g.node("Tile", {"x", "two_axes"}, {"tiled_twice"});
    g.node("LayerNormalization", {"x", "s", "b"}, {"ln"});
    g.node("Equal", {"x", "q"}, {"eq"});
    g.node("Greater", {"x", "q"}, {"gt"});
    g.node("Pow", {"x", "x"}, {"pow"});
    for (const char* name : {"am", "an", "values", "places", "tiled", "tiled_twice", "ln", "eq", "gt", "pow"})
        g.output(name);
    const auto model = import(g.bytes());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    for (const Layer& layer : (*model)->layers())
        EXPECT_TRUE(layer.notRunnable.empty()) << layer.name << ": " << layer.notRunnable;
    const auto shape = [&](const char* name) { return (*model)->value((*model)->findValue(name)).shape; };
    EXPECT_EQ(shape("am"), (Shape{2, 4}));
    EXPECT_EQ(shape("an"), (Shape{1, 3, 4}));
    EXPECT_EQ(shape("places"), (Shape{2, 3, 2}));
    EXPECT_EQ(shape("tiled"), (Shape{2, 6, 4}));
    EXPECT_EQ(shape("tiled_twice"), (Shape{4, 6, 4}));
}

TEST_F(OnnxImporter, SmallNetworkDump)
{
    Graph g(11);
    g.input("x", {0, 2, 4, 4}).floats("w", {3, 2, 3, 3}).floats("b", {3}).floats("fc_w", {3, 5}).output("y");
    g.node("Conv", {"x", "w", "b"}, {"c"});
    g.node("Relu", {"c"}, {"r"});
    g.node("GlobalAveragePool", {"r"}, {"g"});
    g.node("Flatten", {"g"}, {"f"});
    g.node("Gemm", {"f", "fc_w"}, {"l"});
    g.node("Softmax", {"l"}, {"y"}).set_name("prob");
    const auto model = import(g.bytes());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_EQ(dumpModel(**model), R"(model graph (onnx)
x Input () -> (x:1x2x4x4)
c Conv->Convolution (x:1x2x4x4) -> (c:1x3x2x2) dilation=[1, 1] group=1 kernel=[3, 3] outputs=3 pad=[0, 0, 0, 0] stride=[1, 1] w3x2x3x3 w3
r Relu->ReLU (c:1x3x2x2) -> (r:1x3x2x2)
g GlobalAveragePool->Pooling (r:1x3x2x2) -> (g:1x3x1x1) count=exclude global=1 method=ave
f Flatten (g:1x3x1x1) -> (f:1x3) always2d=1 axis=1
l Gemm->InnerProduct (f:1x3) -> (l:1x5) axis=1 outputs=5 w5x3
prob Softmax (l:1x5) -> (y:1x5) axis=1
outputs y
note: the batch of input 'x' is open and taken as 1
)");
}

TEST_F(OnnxImporter, FoldsShapeArithmetic)
{
    Graph g(11);
    g.input("x", {1, 2, 3, 4}).integers("zero", {0}).integers("minus", {-1}).output("y");
    g.graph().mutable_initializer(0)->clear_dims();  // a scalar index
    g.node("Shape", {"x"}, {"s"});
    g.node("Gather", {"s", "zero"}, {"n"});
    auto& unsqueeze = g.node("Unsqueeze", {"n"}, {"n1"});
    auto* axes = unsqueeze.add_attribute();
    axes->set_name("axes");
    axes->set_type(onnx::AttributeProto::INTS);
    axes->add_ints(0);
    Graph::attribute(g.node("Concat", {"n1", "minus"}, {"dims"}), "axis", 0);
    g.node("Reshape", {"x", "dims"}, {"y"});
    const auto model = import(g.bytes());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    ASSERT_EQ((*model)->layers().size(), 2U);
    EXPECT_EQ((*model)->value((*model)->outputs()[0]).shape, (Shape{1, 24}));
}

TEST_F(OnnxImporter, HalfPrecisionIsWidened)
{
    Graph g;
    g.input("x", {1, 1}).output("y");
    auto* tensor = g.graph().add_initializer();
    tensor->set_name("w");
    tensor->set_data_type(onnx::TensorProto::FLOAT16);
    tensor->add_dims(1);
    tensor->add_dims(1);
    tensor->set_raw_data(std::string("\x00\x3e", 2));  // 1.5
    g.node("MatMul", {"x", "w"}, {"y"});
    const auto model = import(g.bytes());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_EQ((*model)->layer(1).op, "InnerProduct");
    EXPECT_EQ((*model)->layer(1).weights[0]->floats()[0], 1.5F);
}

TEST_F(OnnxImporter, ConstantsAndEltwise)
{
    Graph g;
    g.input("x", {1, 3, 2, 2}).floats("k", {3, 1, 1}).output("z");
    g.node("Mul", {"x", "k"}, {"m"});
    g.node("Add", {"m", "x"}, {"z"});
    const auto model = import(g.bytes());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_EQ((*model)->layer(1).op, "Mul");
    EXPECT_NE((*model)->value((*model)->layer(1).inputs[1]).constant, nullptr);
    EXPECT_EQ((*model)->layer(2).op, "Eltwise");
}

TEST_F(OnnxImporter, UnknownNodesAreShown)
{
    Graph g;
    g.input("x", {1, 3}).floats("w", {2}).output("y");
    g.node("QuantizeWeight", {"x", "w"}, {"q"}).set_name("odd");
    g.node("Relu", {"q"}, {"y"});
    const auto model = import(g.bytes());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_TRUE((*model)->layer(1).op.empty());
    EXPECT_NE((*model)->layer(2).notRunnable.find("odd"), std::string::npos);
}

TEST_F(OnnxImporter, BadFiles)
{
    Graph g;
    g.input("x", {1, 3}).floats("w", {64, 64}).output("y");
    g.node("Relu", {"x"}, {"y"});
    const std::string whole = g.bytes();
    EXPECT_EQ(import(std::string()).error().code, ErrorCode::FileTruncated);
    EXPECT_EQ(import(whole.substr(0, whole.size() / 2)).error().code, ErrorCode::FileTruncated);
    EXPECT_EQ(import(std::string("\x3a\xff\xff\xff\xff\x0f", 6)).error().code, ErrorCode::FileTooLarge);
    EXPECT_EQ(import("hello, this is text").error().code, ErrorCode::ParseFailed);
    for (size_t i = 0; i < std::min<size_t>(whole.size(), 200); ++i) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
        (void)import(damaged);
    }
}

TEST_F(OnnxImporter, BadGraphs)
{
    Graph cycle;
    cycle.input("x", {1, 3}).output("b");
    cycle.node("Add", {"x", "b"}, {"a"});
    cycle.node("Relu", {"a"}, {"b"});
    EXPECT_EQ(import(cycle.bytes()).error().code, ErrorCode::ModelInvalid);

    Graph missing;
    missing.node("Relu", {"nowhere"}, {"y"});
    EXPECT_EQ(import(missing.bytes()).error().code, ErrorCode::ModelInvalid);
}

TEST_F(OnnxImporter, WeightsThatAreNoNumbersAreNoted)
{
    Graph nan;
    nan.input("x", {1, 1}).floats("w", {1, 1}, std::numeric_limits<float>::infinity()).output("y");
    nan.node("MatMul", {"x", "w"}, {"y"}).set_name("product");
    const auto model = import(nan.bytes());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    ASSERT_EQ((*model)->notes().size(), 1U);
    EXPECT_NE((*model)->notes()[0].find("layer 'product' (MatMul): value 0 of its weights is inf"), std::string::npos);
}

TEST_F(OnnxImporter, AShapeRuleThatFailsMarksItsLayer)
{
    Graph shape;
    shape.input("x", {1, 4}).floats("w", {3, 2}).output("y").output("z");
    shape.node("MatMul", {"x", "w"}, {"m"});
    shape.node("Relu", {"m"}, {"y"});
    shape.node("Sigmoid", {"x"}, {"z"});
    const auto model = import(shape.bytes());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_NE((*model)->layer(1).notRunnable.find("its weight should be"), std::string::npos);
    EXPECT_NE((*model)->layer(2).notRunnable.find("it needs layer 'm'"), std::string::npos);
    EXPECT_TRUE((*model)->layer(3).notRunnable.empty());
}

TEST(OnnxModels, AllImport)
{
    QS_SHARED_MODELS(models);
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(models)) {
        if (entry.path().extension() != ".onnx")
            continue;
        const auto model = importModel({entry.path(), {}});
        ASSERT_TRUE(model.ok()) << errorText(model.error());
        ++count;
        const std::string folder = entry.path().parent_path().filename().string();
        if (folder == "onnx-ingenic-magik" || folder == "onnx-scn-synthetic")
            continue;  // node types of their own
        for (const Layer& layer : (*model)->layers())
            EXPECT_TRUE(layer.notRunnable.empty()) << entry.path() << " " << layer.name << ": " << layer.notRunnable;
    }
    EXPECT_EQ(count, 9);
}

}  // namespace

}  // namespace qs

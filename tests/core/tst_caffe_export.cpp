// What is exported for Caffe, read by OpenCV: our own reader would forgive what we forgot to write.
#include "core/base/file.h"
#include "core/data/npy.h"
#include "core/targets/amct/export.h"
#include "tests/support/onnx_graph.h"
#include "tests/support/run_model.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

using test::Graph;
using test::listOf;
using Ints = std::vector<int64_t>;

class CaffeExport : public testing::Test {
protected:
    std::shared_ptr<const Model> open(const Graph& graph)
    {
        const auto model = importModel({m_folder.write("net.onnx", graph.bytes()), {}});
        EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
        return model.ok() ? *model : nullptr;
    }
    /// Nothing quantized: the layers alone.
    Result<void> write(const std::shared_ptr<const Model>& model)
    {
        Configuration configuration = createQuantConfig(*model);
        for (auto& [name, setting] : configuration.layers)
            setting.quantEnable = false;
        configuration.doFusion = false;
        QS_TRY(const auto prepared, prepareNetwork(model, configuration));
        QS_TRY(const auto quantized, quantizeNetwork(*prepared, {}));
        QS_TRY(const ExportPlan plan, planAmct({prepared.get(), quantized.get(), m_folder.path() / "m"}));
        return writeExport(plan);
    }
    Buffer readByOpenCv(const Buffer& input, const std::string& layer)
    {
        const std::string folder = m_folder.path().string() + "/";
        EXPECT_TRUE(writeFile(folder + "in.npy", npyBytes(input)).ok());
        const std::vector<std::string> words{QS_CAFFE_READER,
                                             folder + "m_fake_quant_model.prototxt",
                                             folder + "m_fake_quant_weights.caffemodel",
                                             folder + "in.npy",
                                             folder + "out.npy",
                                             layer};
        EXPECT_EQ(test::waitFor(test::startProgram(words, {}, {})), 0);
        const auto array = readNpy(folder + "out.npy");
        EXPECT_TRUE(array.ok());
        return array.ok() ? *array : Buffer();
    }
    /// The network's only output, by us and by OpenCV.
    void compare(const Graph& graph, const Shape& shape)
    {
        const auto model = open(graph);
        ASSERT_NE(model, nullptr);
        const auto written = write(model);
        ASSERT_TRUE(written.ok()) << errorText(written.error());
        const Buffer input = Buffer::fromFloats(shape, test::randomValues(static_cast<size_t>(elementCount(shape)), 3, 1, 0.2F));
        const auto expected = test::runModel(model, {input});
        ASSERT_EQ(expected.size(), 1U);
        const Value& output = model->value(model->outputs()[0]);
        const Buffer found = readByOpenCv(input, model->layer(output.producer).name + m_suffix);
        ASSERT_EQ(found.count(), expected[0].count());
        for (size_t i = 0; i < expected[0].floats().size(); ++i)
            EXPECT_NEAR(found.floats()[i], expected[0].floats()[i], 1e-4) << i;
    }
    std::string error(const Graph& graph)
    {
        const auto model = open(graph);
        const auto written = model ? write(model) : Result<void>();
        return written.ok() ? "" : errorText(written.error());
    }
    std::string m_suffix;
    test::TemporaryFolder m_folder;
};

Graph one(const std::string& type, const Shape& shape, int64_t opset = 13)
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

}  // namespace

TEST_F(CaffeExport, SoftmaxOfOldOpsetsTakesAllBehindTheAxis)
{
    m_suffix = "_shape";
    compare(one("Softmax", {1, 2, 2}, 11), {1, 2, 2});
}

TEST_F(CaffeExport, SoftmaxOfTodayTakesTheAxis)
{
    Graph g = one("Softmax", {1, 3, 2, 2});
    Graph::attribute(last(g), "axis", int64_t{1});
    compare(g, {1, 3, 2, 2});
}

TEST_F(CaffeExport, ASharedSlopeIsWrittenAsOne)
{
    Graph g = one("PRelu", {1, 2, 2, 2});
    g.values("slope", {1}, {0.25F});
    last(g).add_input("slope");
    compare(g, {1, 2, 2, 2});
    const auto text = readFile(m_folder.path() / "m_fake_quant_model.prototxt");
    ASSERT_TRUE(text.ok());
    EXPECT_NE(text->find("channel_shared: true"), std::string::npos);
}

TEST_F(CaffeExport, ElementwiseLayers)
{
    for (const char* type : {"Elu", "Abs", "Neg", "Exp", "Sigmoid", "Tanh"})
        compare(one(type, {1, 2, 2, 2}), {1, 2, 2, 2});
    Graph power = one("Pow", {1, 2, 2, 2});
    power.values("two", {1}, {2});
    last(power).add_input("two");
    compare(power, {1, 2, 2, 2});
}

TEST_F(CaffeExport, BatchNormalizationIsTwoLayers)
{
    Graph g = one("BatchNormalization", {1, 2, 2, 2});
    g.values("s", {2}, {2, 0.5F}).values("b", {2}, {1, -1}).values("m", {2}, {0.25F, -0.5F}).values("v", {2}, {1, 4});
    for (const char* name : {"s", "b", "m", "v"})
        last(g).add_input(name);
    m_suffix = "_scale";
    compare(g, {1, 2, 2, 2});
}

TEST_F(CaffeExport, ConstantsBecomeScaleBiasAndPower)
{
    const auto with = [](const char* type, const Shape& shape, const std::vector<float>& values, bool first = false) {
        Graph g;
        g.input("x", {1, 2, 2, 2}).values("k", shape, values).output("y");
        g.node(type, first ? std::vector<std::string>{"k", "x"} : std::vector<std::string>{"x", "k"}, {"y"});
        return g;
    };
    for (const char* type : {"Add", "Sub", "Mul", "Div"}) {
        compare(with(type, {1}, {3}), {1, 2, 2, 2});
        compare(with(type, {1}, {3}, true), {1, 2, 2, 2});
        compare(with(type, {2, 1, 1}, {3, -0.5F}), {1, 2, 2, 2});
    }
    EXPECT_NE(error(with("Add", {2, 1, 2}, {1, 2, 3, 4})).find("constant operand"), std::string::npos);
}

TEST_F(CaffeExport, AProductWithAConstantIsAnInnerProduct)
{
    Graph g;
    g.input("x", {1, 3}).values("w", {3, 2}, {1, 2, 3, 4, 5, 6}).values("b", {2}, {10, 20}).output("y");
    g.node("MatMul", {"x", "w"}, {"m"});
    g.node("Add", {"m", "b"}, {"y"});
    compare(g, {1, 3});
}

TEST_F(CaffeExport, SlicesOfOneValueAreOneLayer)
{
    Graph g;
    g.input("x", {1, 5, 2, 2}).output("y").integers("axis", {1});
    const auto slice = [&](const char* name, int64_t from, int64_t to) {
        g.integers(std::string(name) + "_from", {from}).integers(std::string(name) + "_to", {to});
        g.node("Slice", {"x", std::string(name) + "_from", std::string(name) + "_to", "axis"}, {name});
    };
    slice("back", 3, 5);
    slice("front", 0, 2);
    g.node("Sub", {"back", "front"}, {"d"});
    g.graph().mutable_node()->RemoveLast();
    g.node("Add", {"back", "front"}, {"y"});
    compare(g, {1, 5, 2, 2});
    const auto text = readFile(m_folder.path() / "m_fake_quant_model.prototxt");
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text->find("type: \"Slice\""), text->rfind("type: \"Slice\""));
}

TEST_F(CaffeExport, ALayerWithoutAShapeIsNamedWithItsReason)
{
    Graph g;
    g.input("x", {1, 1, 1, 2}).output("y").integers("from", {1}).integers("to", {1}).integers("axis", {1});
    g.node("Slice", {"x", "from", "to", "axis"}, {"nothing"}).set_name("cut");
    g.node("Relu", {"nothing"}, {"y"}).set_name("after");
    const std::string text = error(g);
    EXPECT_NE(text.find("'cut' (Slice): it cannot be written for Caffe: it is not run"), std::string::npos) << text;
    EXPECT_NE(text.find("'after' (Relu): it cannot be written for Caffe: it is not run"), std::string::npos) << text;
}

TEST_F(CaffeExport, AllThatCannotBeWrittenIsNamedAtOnce)
{
    Graph g;
    g.input("x", {1, 2, 2, 2}).output("y");
    g.node("Sin", {"x"}, {"a"}).set_name("first");
    g.node("Erf", {"a"}, {"y"}).set_name("second");
    const std::string text = error(g);
    EXPECT_NE(text.find("'first'"), std::string::npos) << text;
    EXPECT_NE(text.find("'second'"), std::string::npos) << text;
    EXPECT_NE(text.find("2 layers"), std::string::npos) << text;
}

}  // namespace qs

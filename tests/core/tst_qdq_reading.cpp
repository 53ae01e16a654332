// QDQ files of other tools: what becomes factors, what stands as a quantizer of its own, what cannot be run. Values against a plain evaluation of the
// file's own nodes, and against ONNX Runtime where it is.
#include "core/targets/onnxruntime/given.h"

#include "core/jobs/calibrate.h"
#include "core/prepare/integer_network.h"
#include "core/targets/open.h"
#include "core/targets/target.h"
#include "tests/support/onnx_graph.h"
#include "tests/support/onnx_runtime.h"
#include "tests/support/run_model.h"

#include <gmock/gmock.h>

#include <cmath>

namespace qs {

namespace {

class QdqGraph : public test::Graph {
public:
    using Graph::Graph;

    QdqGraph& codes(const std::string& name, onnx::TensorProto::DataType type, const Shape& shape, const std::vector<int32_t>& list)
    {
        auto* tensor = graph().add_initializer();
        tensor->set_name(name);
        tensor->set_data_type(type);
        for (const int64_t dimension : shape)
            tensor->add_dims(dimension);
        for (const int32_t value : list)
            tensor->add_int32_data(value);
        return *this;
    }
    /// QuantizeLinear and DequantizeLinear with a scale and a zero point of `type`; what is behind them is name + "_dq".
    std::string pair(const std::string& value, float scale, int32_t zero, onnx::TensorProto::DataType type = onnx::TensorProto::UINT8)
    {
        values(value + "_scale", {}, {scale});
        codes(value + "_zero", type, {}, {zero});
        node("QuantizeLinear", {value, value + "_scale", value + "_zero"}, {value + "_q"}).set_name(value + "_QuantizeLinear");
        node("DequantizeLinear", {value + "_q", value + "_scale", value + "_zero"}, {value + "_dq"}).set_name(value + "_DequantizeLinear");
        return value + "_dq";
    }
    std::string weight(const std::string& name, const Shape& shape, const std::vector<int32_t>& list, const std::vector<float>& scales,
                       onnx::TensorProto::DataType type = onnx::TensorProto::INT8, int32_t zero = 0, int64_t axis = 0)
    {
        const Shape grid = scales.size() == 1 ? Shape{} : Shape{static_cast<int64_t>(scales.size())};
        codes(name + "_codes", type, shape, list);
        values(name + "_scale", grid, scales);
        codes(name + "_zero", type, grid, std::vector<int32_t>(scales.size(), zero));
        auto& restored = node("DequantizeLinear", {name + "_codes", name + "_scale", name + "_zero"}, {name + "_dq"});
        if (scales.size() > 1)
            attribute(restored, "axis", axis);
        return name + "_dq";
    }
};

std::vector<int32_t> someCodes(size_t count, int32_t least, int32_t most)
{
    std::vector<int32_t> list;
    for (size_t i = 0; i < count; ++i)
        list.push_back(least + static_cast<int32_t>(i * 37 % static_cast<size_t>(most - least + 1)));
    return list;
}

/// As onnxruntime.quantization.quantize_static writes it (QuantFormat.QDQ, per_channel): uint8 activations, int8 weights, int32 bias, a pair behind
/// every layer but those that fuse with their Relu.
QdqGraph quantizerFile()
{
    QdqGraph graph;
    graph.input("x", {1, 3, 6, 6});
    const std::string x = graph.pair("x", 0.02F, 128);
    const std::string w = graph.weight("conv_w", {4, 3, 3, 3}, someCodes(108, -127, 127), {0.01F, 0.02F, 0.005F, 0.03F});
    graph.codes("conv_b_codes", onnx::TensorProto::INT32, {4}, {100, -2000, 3, 40});
    graph.values("conv_b_scale", {4}, {0.0002F, 0.0004F, 0.0001F, 0.0006F});
    graph.codes("conv_b_zero", onnx::TensorProto::INT32, {4}, {0, 0, 0, 0});
    test::Graph::attribute(graph.node("DequantizeLinear", {"conv_b_codes", "conv_b_scale", "conv_b_zero"}, {"conv_b"}), "axis", int64_t{0});
    graph.node("Conv", {x, w, "conv_b"}, {"c"}).set_name("conv");
    graph.node("Relu", {"c"}, {"r"}).set_name("relu");
    const std::string r = graph.pair("r", 0.3F, 0);
    auto& pool = graph.node("MaxPool", {r}, {"p"});
    pool.set_name("pool");
    test::Graph::attribute(pool, "kernel_shape", std::vector<int64_t>{2, 2});
    test::Graph::attribute(pool, "strides", std::vector<int64_t>{2, 2});
    const std::string p = graph.pair("p", 0.3F, 0);
    graph.integers("flat", {1, 16});
    graph.node("Reshape", {p, "flat"}, {"f"}).set_name("reshape");
    const std::string f = graph.pair("f", 0.3F, 0);
    const std::string m = graph.weight("fc_w", {5, 16}, someCodes(80, -127, 127), {0.015F});
    auto& fc = graph.node("Gemm", {f, m}, {"y"});
    fc.set_name("fc");
    test::Graph::attribute(fc, "transB", int64_t{1});
    graph.node("Identity", {graph.pair("y", 1.5F, 90)}, {"out"}).set_name("last");
    graph.output("out");
    return graph;
}

struct Read {
    std::shared_ptr<const Model> plain;  ///< with its own nodes
    OpenedNetwork opened;
};

Read read(const test::Graph& graph)
{
    const test::TemporaryFolder folder;
    const auto file = folder.write("qdq.onnx", graph.bytes());
    const auto plain = importModel({file, {}});
    EXPECT_TRUE(plain.ok()) << (plain.ok() ? "" : errorText(plain.error()));
    const auto opened = openNetwork({file, {}});
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : errorText(opened.error()));
    return plain.ok() && opened.ok() ? Read{*plain, *opened} : Read{};
}

Buffer inputFor(const Model& model)
{
    const Shape shape = model.value(model.inputs().front()).shape;
    return Buffer::fromFloats(shape, test::randomValues(static_cast<size_t>(elementCount(shape)), 3, 1.2F));
}

/// The settings and factors simulate what the file's nodes compute, and what ONNX Runtime computes.
void expectTheFilesValues(const test::Graph& graph, double tolerance)
{
    const Read file = read(graph);
    ASSERT_TRUE(file.opened.model);
    ASSERT_TRUE(file.opened.record.has_value());
    const auto prepared = prepareNetwork(file.opened.model, file.opened.configuration);
    ASSERT_TRUE(prepared.ok()) << errorText(prepared.error());
    const auto quantized = quantizeNetwork(**prepared, *file.opened.record);
    ASSERT_TRUE(quantized.ok()) << errorText(quantized.error());
    const std::vector<Buffer> inputs{inputFor(*file.plain)};
    const auto simulated = test::runModel((*quantized)->network, inputs, &(*quantized)->layers);
    const auto plain = test::runModel(file.plain, inputs);
    ASSERT_EQ(simulated.size(), plain.size());
    const auto expectNear = [&](const std::vector<float>& found, const std::vector<float>& expected) {
        ASSERT_EQ(found.size(), expected.size());
        for (size_t i = 0; i < found.size(); ++i)
            EXPECT_NEAR(found[i], expected[i], tolerance) << i;
    };
    for (size_t i = 0; i < plain.size(); ++i)
        expectNear(test::listOf(simulated[i]), test::listOf(plain[i]));
    if (!test::onnxRuntime())
        return;
    const auto other = test::runInOnnxRuntime(graph.bytes(), inputs, "disabled");
    ASSERT_EQ(other.size(), plain.size());
    for (size_t i = 0; i < plain.size(); ++i)
        expectNear(test::listOf(plain[i]), other[i]);
}

}  // namespace

TEST(QdqReading, AQuantizersFileBecomesSettingsAndFactors)
{
    const QdqGraph graph = quantizerFile();
    const Read file = read(graph);
    ASSERT_TRUE(file.opened.record.has_value());
    const auto& layers = file.opened.record->layers;
    std::vector<std::string> names;
    for (const auto& [name, factors] : layers)
        names.push_back(name);
    EXPECT_THAT(names, testing::ElementsAre("conv", "fc", "last", "pool", "reshape"));
    const LayerFactors& conv = layers.at("conv");
    ASSERT_EQ(conv.inputs.size(), 1U);
    // uint8 with zero point 128 is int8 with 0.
    EXPECT_EQ(conv.inputs.front().params, (QuantParams{.scale = 0.02F, .offset = 0, .bits = 8}));
    EXPECT_THAT(conv.weightScales, testing::ElementsAre(0.01F, 0.02F, 0.005F, 0.03F));
    EXPECT_EQ(layers.at("pool").inputs.front().params, (QuantParams{.scale = 0.3F, .offset = -128, .bits = 8}));
    EXPECT_EQ(layers.at("last").inputs.front().params, (QuantParams{.scale = 1.5F, .offset = 90 - 128, .bits = 8}));
    const Model& model = *file.opened.model;
    EXPECT_EQ(model.layer(model.findLayer("last")).op, "Quantizer");
    for (const Layer& layer : model.layers())
        EXPECT_TRUE(layer.op != "Quant" && layer.op != "AntiQuant" && layer.notRunnable.empty()) << layer.name << ' ' << layer.notRunnable;
    // What the file leaves in float stays so; nothing is folded.
    EXPECT_FALSE(file.opened.configuration.layers.at("relu").quantEnable);
    EXPECT_TRUE(file.opened.configuration.layers.at("conv").quantEnable);
    EXPECT_FALSE(file.opened.configuration.doFusion);
    EXPECT_EQ(file.opened.configuration.target, "onnxruntime");
    // Its step is 1.5: the values are the same codes.
    expectTheFilesValues(graph, 1e-5);
}

TEST(QdqReading, ABiasInFloatStaysInFloatWhereTheTargetTakesOne)
{
    QdqGraph graph;
    graph.input("x", {1, 3, 6, 6});
    const std::string x = graph.pair("x", 0.02F, 128);
    const std::string w = graph.weight("w", {2, 3, 3, 3}, someCodes(54, -127, 127), {0.01F, 0.02F});
    // Half a step of 0.02 * 0.02 beside the grid.
    graph.values("b", {2}, {0.1003F, -0.0206F});
    graph.node("Conv", {x, w, "b"}, {"y"}).set_name("conv");
    graph.output("y");
    expectTheFilesValues(graph, 1e-5);
    const Read file = read(graph);
    ASSERT_TRUE(file.opened.record.has_value());
    Configuration amct = file.opened.configuration;
    setTarget(amct, standardTarget());
    const auto prepared = prepareNetwork(file.opened.model, amct);
    ASSERT_TRUE(prepared.ok());
    const auto quantized = quantizeNetwork(**prepared, *file.opened.record);
    ASSERT_TRUE(quantized.ok());
    const LayerId id = file.opened.model->findLayer("conv");
    // That chip adds int32.
    EXPECT_NEAR((*quantized)->layers[id].weights[1]->floats()[0], 0.1004, 1e-6);
    EXPECT_FALSE((*quantized)->record.layers.at("conv").floatBias);
}

TEST(QdqReading, SixteenBitsOfTheOtherDomain)
{
    QdqGraph graph;
    graph.input("x", {1, 2, 4, 4});
    const std::string x = graph.pair("x", 0.0001F, 30000, onnx::TensorProto::UINT16);
    for (auto& node : *graph.graph().mutable_node())
        node.set_domain("com.microsoft");
    auto& pool = graph.node("GlobalAveragePool", {x}, {"y"});
    pool.set_name("pool");
    graph.output("y");
    const Read file = read(graph);
    ASSERT_TRUE(file.opened.record.has_value());
    EXPECT_EQ(file.opened.record->layers.at("pool").inputs.front().params, (QuantParams{.scale = 0.0001F, .offset = 30000 - 32768, .bits = 16}));
    EXPECT_EQ(file.opened.configuration.layers.at("pool").activation(0).bits, 16);
}

TEST(QdqReading, WeightsThatOurFactorsCannotSayStayAsTheyAre)
{
    // A zero point beside the middle; scales of a product's input channels.
    for (const bool zeroPoint : {true, false}) {
        QdqGraph graph;
        graph.input("x", {2, 4});
        const std::string x = graph.pair("x", 0.02F, 100);
        const std::string w = zeroPoint ? graph.weight("w", {3, 4}, someCodes(12, 0, 255), {0.01F}, onnx::TensorProto::UINT8, 17)
                                        : graph.weight("w", {4, 3}, someCodes(12, -127, 127), {0.01F, 0.02F, 0.03F, 0.04F});
        auto& fc = graph.node("Gemm", {x, w}, {"y"});
        fc.set_name("fc");
        test::Graph::attribute(fc, "transB", int64_t{zeroPoint});
        graph.output("y");
        const Read file = read(graph);
        ASSERT_TRUE(file.opened.record.has_value());
        EXPECT_FALSE(file.opened.record->layers.contains("fc"));
        EXPECT_TRUE(file.opened.record->layers.contains("x_QuantizeLinear"));
        EXPECT_FALSE(file.opened.configuration.layers.at("fc").quantEnable);
        expectTheFilesValues(graph, 1e-5);
    }
}

TEST(QdqReading, SeveralScalesOfAProduct)
{
    // A row of the weights for each output channel, or a column; of a MatMul over sequences the channels come last.
    for (const std::string type : {"Gemm", "MatMul"}) {
        SCOPED_TRACE(type);
        const bool rows = type == "Gemm";
        QdqGraph graph;
        graph.input("x", rows ? Shape{2, 4} : Shape{2, 5, 4});
        const std::string x = graph.pair("x", 0.02F, 100);
        const std::string w = graph.weight("w", rows ? Shape{3, 4} : Shape{4, 3}, someCodes(12, -127, 127), {0.01F, 0.02F, 0.03F},
                                           onnx::TensorProto::INT8, 0, rows ? 0 : 1);
        auto& fc = graph.node(type, {x, w}, {"y"});
        fc.set_name("fc");
        if (rows)
            test::Graph::attribute(fc, "transB", int64_t{1});
        graph.output("y");
        const Read file = read(graph);
        ASSERT_TRUE(file.opened.record.has_value());
        ASSERT_TRUE(file.opened.record->layers.contains("fc"));
        EXPECT_THAT(file.opened.record->layers.at("fc").weightScales, testing::ElementsAre(0.01F, 0.02F, 0.03F));
        EXPECT_TRUE(file.opened.configuration.layers.at("fc").quantEnable);
        EXPECT_TRUE(file.opened.configuration.layers.at("fc").weights->channelWise);
        QS_ASSERT_OK(checkConfiguration(*file.opened.model, file.opened.configuration));
        expectTheFilesValues(graph, 1e-5);

        // Written and read again it is the same; its integers compute the same.
        const auto prepared = prepareNetwork(file.opened.model, file.opened.configuration);
        QS_ASSERT_OK(prepared);
        const auto quantized = quantizeNetwork(**prepared, *file.opened.record);
        QS_ASSERT_OK(quantized);
        const auto plan = (*findTarget("onnxruntime"))->plan({prepared->get(), quantized->get(), "net"});
        QS_ASSERT_OK(plan);
        const test::TemporaryFolder folder;
        const auto again = openNetwork({folder.write("again.onnx", plan->files[0].content), {}});
        QS_ASSERT_OK(again);
        ASSERT_TRUE(again->record.has_value());
        // A product over sequences is written as a Gemm between two Reshapes, which has another name.
        const auto& layers = again->record->layers;
        const auto product = std::find_if(layers.begin(), layers.end(), [](const auto& entry) { return !entry.second.weightScales.empty(); });
        ASSERT_NE(product, layers.end());
        EXPECT_EQ(product->second.weightScales, file.opened.record->layers.at("fc").weightScales);
        EXPECT_EQ(product->second.inputs, file.opened.record->layers.at("fc").inputs);
        const std::vector<Buffer> inputs{inputFor(*file.plain)};
        const std::vector<float> simulated = test::listOf(test::runModel((*quantized)->network, inputs, &(*quantized)->layers).front());
        const auto integers = integerNetwork(**quantized);
        QS_ASSERT_OK(integers);
        EXPECT_THAT(test::listOf(test::runModel(*integers, inputs).front()), testing::Pointwise(testing::FloatNear(1e-5F), simulated));
        if (test::onnxRuntime())
            EXPECT_THAT(test::runInOnnxRuntime(plan->files[0].content, inputs, "all").front(),
                        testing::Pointwise(testing::FloatNear(1e-5F), simulated));

        // The other chip has one scale for all.
        const Adapted adapted = adaptedTo(standardTarget(), *file.opened.model, file.opened.configuration);
        EXPECT_FALSE(adapted.configuration.layers.at("fc").weights->channelWise);
        QS_ASSERT_OK(checkConfiguration(*file.opened.model, adapted.configuration));
    }
}

TEST(QdqReading, WeightsThatAreQuantizedInTheGraph)
{
    // Float weights behind both nodes, as training tools export them.
    QdqGraph graph;
    graph.input("x", {1, 1, 4, 4});
    const std::string x = graph.pair("x", 0.02F, 0, onnx::TensorProto::INT8);
    graph.values("w", {2, 1, 1, 1}, {0.1234F, -5});
    graph.values("w_scale", {2}, {0.01F, 0.02F});
    graph.codes("w_zero", onnx::TensorProto::INT8, {2}, {0, 0});
    for (const char* type : {"QuantizeLinear", "DequantizeLinear"}) {
        const bool first = std::string(type) == "QuantizeLinear";
        test::Graph::attribute(graph.node(type, {first ? "w" : "w_q", "w_scale", "w_zero"}, {first ? "w_q" : "w_dq"}), "axis", int64_t{0});
    }
    graph.node("Conv", {x, "w_dq"}, {"y"}).set_name("conv");
    graph.output("y");
    const Read file = read(graph);
    ASSERT_TRUE(file.opened.record.has_value());
    const Model& model = *file.opened.model;
    // 12.34 steps become 12; -250 is clipped to -128.
    EXPECT_THAT(test::listOf(*model.layer(model.findLayer("conv")).weights.front()), testing::ElementsAre(12 * 0.01F, -128 * 0.02F));
    EXPECT_THAT(file.opened.record->layers.at("conv").weightScales, testing::ElementsAre(0.01F, 0.02F));
    expectTheFilesValues(graph, 1e-6);
}

TEST(QdqReading, AJoinOfWhichOneInputStaysInFloat)
{
    QdqGraph graph;
    graph.input("x", {1, 2, 4, 4});
    graph.node("Relu", {"x"}, {"r"}).set_name("relu");
    auto& join = graph.node("Concat", {graph.pair("r", 0.25F, 0), "x"}, {"y"});
    join.set_name("join");
    test::Graph::attribute(join, "axis", int64_t{1});
    graph.output("y");
    const Read file = read(graph);
    ASSERT_TRUE(file.opened.record.has_value());
    EXPECT_FALSE(file.opened.record->layers.contains("join"));
    EXPECT_TRUE(file.opened.record->layers.contains("r_QuantizeLinear"));
    expectTheFilesValues(graph, 1e-6);
}

TEST(QdqReading, OneValueForSeveralReaders)
{
    // Of a convolution, of a layer that cannot be quantized, and the network's output.
    QdqGraph graph;
    graph.input("x", {1, 2, 4, 4});
    const std::string x = graph.pair("x", 0.05F, 128);
    graph.node("Conv", {x, graph.weight("w", {2, 2, 1, 1}, {100, -20, 3, 127}, {0.01F})}, {"y"}).set_name("conv");
    graph.node("Floor", {x}, {"z"}).set_name("floor");
    graph.output("y").output("z").output(x);
    const Read file = read(graph);
    ASSERT_TRUE(file.opened.record.has_value());
    EXPECT_TRUE(file.opened.record->layers.contains("conv"));
    EXPECT_TRUE(file.opened.record->layers.contains("x_QuantizeLinear"));
    const Model& model = *file.opened.model;
    ASSERT_EQ(model.outputs().size(), 3U);
    EXPECT_EQ(model.value(model.outputs()[2]).name, x);
    expectTheFilesValues(graph, 1e-5);
}

TEST(QdqReading, WhatIsNotUnderstoodIsNotRunAndSaysWhy)
{
    // A scale for each channel of a value.
    QdqGraph graph;
    graph.input("x", {1, 2, 4, 4});
    graph.values("s", {2}, {0.1F, 0.2F});
    graph.codes("z", onnx::TensorProto::INT8, {2}, {0, 0});
    graph.node("QuantizeLinear", {"x", "s", "z"}, {"q"}).set_name("quantize");
    graph.node("DequantizeLinear", {"q", "s", "z"}, {"y"}).set_name("restore");
    graph.output("y");
    Read file = read(graph);
    EXPECT_FALSE(file.opened.record.has_value());
    const Layer* layer = &file.plain->layer(file.plain->findLayer("quantize"));
    EXPECT_NE(layer->notRunnable.find("axis"), std::string::npos) << layer->notRunnable;
    // A scale that is no number, a zero point of another type, a scale from the network, two scales for three rows.
    const auto reason = [](float scale, onnx::TensorProto::DataType type, bool computed, size_t scales) {
        QdqGraph one;
        one.input("x", {1, 3});
        if (computed)
            one.node("ReduceMax", {"x"}, {"s"});
        else
            one.values("s", scales == 1 ? Shape{} : Shape{static_cast<int64_t>(scales)}, std::vector<float>(scales, scale));
        one.codes("z", type, scales == 1 ? Shape{} : Shape{static_cast<int64_t>(scales)}, std::vector<int32_t>(scales, 0));
        one.node("QuantizeLinear", {"x", "s", "z"}, {"q"}).set_name("quantize");
        one.node("DequantizeLinear", {"q", "s", "z"}, {"y"}).set_name("restore");
        one.output("y");
        const Read read_ = read(one);
        return read_.plain ? read_.plain->layer(read_.plain->findLayer("quantize")).notRunnable : std::string("unreadable");
    };
    EXPECT_EQ(reason(0.1F, onnx::TensorProto::INT8, false, 1), "");
    EXPECT_NE(reason(std::nanf(""), onnx::TensorProto::INT8, false, 1), "");
    EXPECT_NE(reason(0, onnx::TensorProto::INT8, false, 1), "");
    EXPECT_NE(reason(0.1F, onnx::TensorProto::INT32, false, 1), "");
    EXPECT_NE(reason(0.1F, onnx::TensorProto::INT8, true, 1), "");
    EXPECT_NE(reason(0.1F, onnx::TensorProto::INT8, false, 2), "");
    // A node that gives nothing.
    QdqGraph mute;
    mute.input("x", {1, 3}).values("s", {}, {0.1F});
    mute.node("QuantizeLinear", {"x", "s"}, {"q"}).set_name("quantize");
    mute.node("DequantizeLinear", {"q", "s"}, {}).set_name("restore");
    mute.node("Relu", {"x"}, {"y"});
    mute.output("y");
    EXPECT_FALSE(read(mute).opened.record.has_value());
}

TEST(QdqReading, CodesThatSomethingElseReadsAreTheNetworksOwn)
{
    // MaxPool between the two nodes: no simulation of ours; it runs as it stands, on unsigned codes.
    QdqGraph graph;
    graph.input("x", {1, 1, 4, 4});
    graph.values("s", {}, {0.05F});
    graph.codes("z", onnx::TensorProto::UINT8, {}, {7});
    graph.node("QuantizeLinear", {"x", "s", "z"}, {"q"}).set_name("quantize");
    auto& pool = graph.node("MaxPool", {"q"}, {"p"});
    test::Graph::attribute(pool, "kernel_shape", std::vector<int64_t>{2, 2});
    graph.node("DequantizeLinear", {"p", "s", "z"}, {"y"}).set_name("restore");
    graph.output("y");
    const Read file = read(graph);
    EXPECT_FALSE(file.opened.record.has_value());
    EXPECT_FALSE(checkNotQuantized(*file.opened.model).ok());
    const std::vector<Buffer> inputs{inputFor(*file.plain)};
    const auto found = test::runModel(file.plain, inputs);
    ASSERT_EQ(found.size(), 1U);
    // By hand.
    const auto x = inputs.front().floats();
    for (size_t row = 0; row < 3; ++row)
        for (size_t column = 0; column < 3; ++column) {
            double most = 0;
            for (const size_t at : {row * 4 + column, row * 4 + column + 1, row * 4 + column + 4, row * 4 + column + 5})
                most = std::max(most, std::clamp(std::nearbyint(static_cast<double>(x[at] / 0.05F)) + 7, 0.0, 255.0));
            EXPECT_NEAR(found.front().floats()[row * 3 + column], (most - 7) * 0.05, 1e-6);
        }
}

}  // namespace qs

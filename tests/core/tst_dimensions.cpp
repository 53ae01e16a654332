// Convolutions and poolings with one and three spatial dimensions: against loops that know nothing of layouts, and against ONNX Runtime.
#include "core/export/exporter.h"
#include "core/jobs/calibrate.h"
#include "core/ops/op.h"
#include "core/passes/pass.h"
#include "core/targets/target.h"
#include "tests/support/onnx_oracle.h"

#include <functional>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;
using test::Graph;
using test::listOf;
using test::randomBuffer;

/// Calls with every index of a shape.
void forIndices(const Shape& shape, const std::function<void(const Ints&)>& call)
{
    Ints index(shape.size(), 0);
    for (int64_t i = 0; i < elementCount(shape); ++i) {
        call(index);
        for (size_t d = shape.size(); d-- > 0 && ++index[d] == shape[d];)
            index[d] = 0;
    }
}

double at(const Buffer& buffer, const Ints& index)
{
    int64_t place = 0;
    for (size_t d = 0; d < index.size(); ++d)
        place = place * buffer.shape()[d] + index[d];
    return static_cast<double>(buffer.floats()[static_cast<size_t>(place)]);
}

struct Case {
    Shape input;
    int64_t outputs;
    Ints kernel, stride, pad, dilation;
    int64_t group = 1;
    bool transposed = false;
    Ints outputPad = {};
};

/// As its text, for traces.
std::string textOf(const Case& c)
{
    return shapeText(c.input) + " by " + shapeText(c.kernel) + " stride " + shapeText(c.stride) + " group " + std::to_string(c.group) +
           (c.transposed ? " transposed" : "");
}

Shape weightShape(const Case& c)
{
    Shape shape = c.transposed ? Shape{c.input[1], c.outputs / c.group} : Shape{c.outputs, c.input[1] / c.group};
    shape.insert(shape.end(), c.kernel.begin(), c.kernel.end());
    return shape;
}

Graph graphOf(const Case& c, const Buffer& weight, const Buffer& bias)
{
    Graph g;
    g.input("x", c.input).values("w", weight.shape(), listOf(weight)).values("b", bias.shape(), listOf(bias)).output("y");
    auto& node = g.node(c.transposed ? "ConvTranspose" : "Conv", {"x", "w", "b"}, {"y"});
    Graph::attribute(node, "kernel_shape", c.kernel);
    Graph::attribute(node, "strides", c.stride);
    Graph::attribute(node, "pads", c.pad);
    Graph::attribute(node, "dilations", c.dilation);
    Graph::attribute(node, "group", c.group);
    if (!c.outputPad.empty())
        Graph::attribute(node, "output_padding", c.outputPad);
    return g;
}

/// Every input times every tap, to where it goes.
std::vector<double> reference(const Case& c, const Buffer& x, const Buffer& weight, const Buffer& bias, const Shape& output)
{
    const int64_t perInput = c.input[1] / c.group;
    const int64_t perOutput = c.outputs / c.group;
    std::vector<double> values;
    forIndices(output, [&](const Ints& to) {
        const int64_t group = to[1] / perOutput;
        double sum = static_cast<double>(bias.floats()[static_cast<size_t>(to[1])]);
        forIndices(c.kernel, [&](const Ints& tap) {
            Ints from{to[0], 0};
            for (size_t side = 0; side < tap.size(); ++side) {
                const int64_t place = c.transposed ? to[side + 2] + c.pad[side] - tap[side] * c.dilation[side]
                                                   : to[side + 2] * c.stride[side] - c.pad[side] + tap[side] * c.dilation[side];
                const bool hit = !c.transposed || (place >= 0 && place % c.stride[side] == 0);
                const int64_t source = c.transposed ? place / c.stride[side] : place;
                if (!hit || source < 0 || source >= c.input[side + 2])
                    return;
                from.push_back(source);
            }
            for (int64_t i = 0; i < perInput; ++i) {
                from[1] = group * perInput + i;
                Ints w = c.transposed ? Ints{from[1], to[1] % perOutput} : Ints{to[1], i};
                w.insert(w.end(), tap.begin(), tap.end());
                sum += at(x, from) * at(weight, w);
            }
        });
        values.push_back(sum);
    });
    return values;
}

const Case convolutions[] = {
    {{2, 3, 17}, 5, {4}, {2}, {1, 2}, {1}},
    {{1, 6, 9}, 4, {3}, {1}, {2, 2}, {2}, 2},
    {{2, 16, 30}, 32, {3}, {1}, {1, 1}, {1}},
    {{1, 8, 12}, 8, {5}, {1}, {2, 2}, {1}, 8},
    {{1, 4, 7}, 6, {1}, {1}, {0, 0}, {1}},
    {{1, 3, 5, 9, 8}, 4, {3, 5, 4}, {1, 2, 2}, {1, 2, 0, 1, 1, 2}, {1, 1, 1}},
    {{2, 16, 4, 12, 13}, 16, {3, 3, 3}, {1, 1, 1}, {1, 1, 1, 1, 1, 1}, {1, 1, 1}},
    {{2, 4, 5, 6, 7}, 6, {1, 3, 3}, {1, 2, 1}, {0, 1, 1, 0, 1, 1}, {1, 1, 1}, 2},
    {{2, 4, 6, 3, 5}, 8, {3, 1, 1}, {2, 1, 1}, {1, 0, 0, 1, 0, 0}, {1, 1, 1}},
    {{1, 6, 7, 6, 5}, 6, {2, 3, 2}, {2, 2, 1}, {0, 1, 1, 1, 0, 1}, {2, 1, 2}, 3},
    {{1, 4, 6, 6, 6}, 8, {1, 1, 1}, {2, 2, 2}, {0, 0, 0, 0, 0, 0}, {1, 1, 1}},
    {{1, 8, 4, 5, 5}, 8, {3, 3, 3}, {1, 1, 1}, {1, 1, 1, 1, 1, 1}, {1, 1, 1}, 8},
    {{2, 3, 7}, 4, {4}, {3}, {1, 2}, {2}, 1, true, {2}},
    {{1, 4, 3, 4, 3}, 6, {2, 3, 3}, {2, 1, 3}, {0, 1, 1, 1, 1, 0}, {1, 2, 1}, 2, true, {1, 0, 2}},
};

TEST(Dimensions, ConvolutionsOfRowsAndVolumes)
{
    for (const Case& c : convolutions) {
        SCOPED_TRACE(textOf(c));
        const Buffer x = randomBuffer(c.input, 1);
        const Buffer weight = randomBuffer(weightShape(c), 2);
        const Buffer bias = randomBuffer({c.outputs}, 3);
        const auto found = test::expectAsOnnxRuntime(graphOf(c, weight, bias), {x});
        ASSERT_EQ(found.size(), 1U);
        const auto expected = reference(c, x, weight, bias, found[0].shape());
        test::expectSameValues(listOf(found[0]), {expected.begin(), expected.end()}, 1e-5F, "loops");
    }
}

TEST(Dimensions, LargeVolumesAreComputedInBands)
{
    const Case c{{1, 32, 11, 64, 64}, 4, {3, 3, 3}, {1, 1, 1}, {1, 1, 1, 1, 1, 1}, {1, 1, 1}};
    const Buffer x = randomBuffer(c.input, 1);
    const Buffer weight = randomBuffer(weightShape(c), 2);
    const Buffer bias = randomBuffer({c.outputs}, 3);
    const auto found = test::expectAsOnnxRuntime(graphOf(c, weight, bias), {x});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].shape(), (Shape{1, 4, 11, 64, 64}));
}

Graph poolGraph(const std::string& type, const Shape& input, const Ints& kernel, const Ints& stride, const Ints& pad, bool ceil, bool include)
{
    Graph g;
    g.input("x", input).output("y");
    auto& node = g.node(type, {"x"}, {"y"});
    if (kernel.empty())
        return g;
    Graph::attribute(node, "kernel_shape", kernel);
    Graph::attribute(node, "strides", stride);
    Graph::attribute(node, "pads", pad);
    if (ceil)
        Graph::attribute(node, "ceil_mode", int64_t{1});
    if (include)
        Graph::attribute(node, "count_include_pad", int64_t{1});
    return g;
}

/// Without rounding up: what is outside never wins, and is counted where `include` says so.
std::vector<double> pooled(const Buffer& x, const Shape& output, const Ints& kernel, const Ints& stride, const Ints& pad, bool maximum, bool include)
{
    std::vector<double> values;
    forIndices(output, [&](const Ints& to) {
        double sum = 0;
        double largest = -INFINITY;
        double count = 0;
        forIndices(kernel, [&](const Ints& tap) {
            Ints from{to[0], to[1]};
            bool inside = true;
            for (size_t side = 0; side < tap.size(); ++side) {
                from.push_back(to[side + 2] * stride[side] - pad[side] + tap[side]);
                inside = inside && from.back() >= 0 && from.back() < x.shape()[side + 2];
            }
            count += inside || include ? 1 : 0;
            if (!inside)
                return;
            sum += at(x, from);
            largest = std::max(largest, at(x, from));
        });
        values.push_back(maximum ? largest : sum / count);
    });
    return values;
}

TEST(Dimensions, PoolingOfRowsAndVolumes)
{
    struct Pooling {
        Shape input;
        Ints kernel, stride, pad;
    };
    const Pooling poolings[] = {
        {{2, 5, 11}, {3}, {2}, {1, 1}},
        {{1, 3, 8}, {2}, {2}, {0, 0}},
        {{2, 3, 6, 7, 8}, {2, 3, 3}, {2, 2, 1}, {1, 1, 0, 0, 1, 1}},
        {{1, 4, 5, 6, 6}, {1, 2, 2}, {1, 2, 2}, {0, 0, 0, 0, 0, 0}},
        {{1, 4, 5, 4, 3}, {3, 1, 1}, {1, 1, 1}, {1, 0, 0, 1, 0, 0}},
        {{1, 2, 3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0, 0, 0, 0}},
    };
    for (const Pooling& p : poolings) {
        SCOPED_TRACE(shapeText(p.input) + " by " + shapeText(p.kernel));
        const Buffer x = randomBuffer(p.input, 4);
        for (const auto& [maximum, include] : {std::pair(true, false), {false, false}, {false, true}}) {
            const Graph g = poolGraph(maximum ? "MaxPool" : "AveragePool", p.input, p.kernel, p.stride, p.pad, false, include);
            const auto found = test::expectAsOnnxRuntime(g, {x});
            ASSERT_EQ(found.size(), 1U);
            const auto expected = pooled(x, found[0].shape(), p.kernel, p.stride, p.pad, maximum, include);
            test::expectSameValues(listOf(found[0]), {expected.begin(), expected.end()}, 1e-6F, "loops");
        }
        test::expectAsOnnxRuntime(poolGraph("MaxPool", p.input, p.kernel, p.stride, p.pad, true, false), {x});
    }
}

TEST(Dimensions, GlobalPoolingOfRowsAndVolumes)
{
    for (const Shape& shape : {Shape{2, 5, 7}, Shape{2, 3, 4, 5, 6}})
        for (const char* type : {"GlobalMaxPool", "GlobalAveragePool"}) {
            const Buffer x = randomBuffer(shape, 5);
            const auto found = test::expectAsOnnxRuntime(poolGraph(type, shape, {}, {}, {}, false, false), {x});
            ASSERT_EQ(found.size(), 1U);
            const Shape output = found[0].shape();
            EXPECT_EQ(output.size(), shape.size());
            const Ints none(shape.size() - 2, 1);
            const auto expected = pooled(x, output, {shape.begin() + 2, shape.end()}, none, Ints(2 * none.size()), type[6] == 'M', false);
            test::expectSameValues(listOf(found[0]), {expected.begin(), expected.end()}, 1e-6F, "loops");
        }
}

/// A block of a video network: what stands behind a convolution meets its layout.
Graph block(const Shape& input, bool volume)
{
    const Ints kernel = volume ? Ints{3, 3, 3} : Ints{3};
    const int64_t channels = 8;
    Shape weight{channels, input[1]};
    Shape second{channels, channels};
    weight.insert(weight.end(), kernel.begin(), kernel.end());
    second.insert(second.end(), kernel.begin(), kernel.end());
    Graph g;
    g.input("x", input).output("y");
    g.values("w", weight, listOf(randomBuffer(weight, 6))).values("v", second, listOf(randomBuffer(second, 7)));
    for (const char* name : {"gamma", "beta", "mean", "variance"})
        g.values(name, {channels}, listOf(randomBuffer({channels}, 8, 0.4F, 1)));
    g.values("slope", volume ? Shape{channels, 1, 1, 1} : Shape{channels, 1}, listOf(randomBuffer({channels}, 9)));
    const Ints pads(2 * kernel.size(), 1);
    Graph::attribute(g.node("Conv", {"x", "w"}, {"c"}), "pads", pads);
    g.node("BatchNormalization", {"c", "gamma", "beta", "mean", "variance"}, {"n"});
    g.node("Relu", {"n"}, {"r"});
    Graph::attribute(g.node("Conv", {"r", "v"}, {"d"}), "pads", pads);
    g.node("PRelu", {"d", "slope"}, {"p"});
    g.node("GlobalAveragePool", {"p"}, {"gate"});
    g.node("Sigmoid", {"gate"}, {"s"});
    g.node("Mul", {"p", "s"}, {"m"});
    g.node("Add", {"m", "r"}, {"sum"});
    Graph::attribute(g.node("Concat", {"sum", "d"}, {"both"}), "axis", int64_t{1});
    Ints padding(2 * input.size());
    padding[2] = padding[input.size() + 2] = 1;
    g.integers("padding", padding);
    g.node("Pad", {"both", "padding"}, {"padded"});
    auto& mean = g.node("ReduceMean", {"padded"}, {"y"});
    Graph::attribute(mean, "axes", Ints{2});
    Graph::attribute(mean, "keepdims", int64_t{0});
    return g;
}

TEST(Dimensions, BlocksOfRowsAndVolumes)
{
    test::expectAsOnnxRuntime(block({2, 3, 15}, false), {randomBuffer({2, 3, 15}, 10)});
    test::expectAsOnnxRuntime(block({2, 3, 4, 7, 6}, true), {randomBuffer({2, 3, 4, 7, 6}, 10)});
}

std::shared_ptr<const Model> read(const Graph& graph)
{
    const test::TemporaryFolder folder;
    const auto model = importModel({folder.write("net.onnx", graph.bytes()), {}});
    EXPECT_TRUE(model.ok());
    return model.ok() ? *model : nullptr;
}

TEST(Dimensions, BatchNormIsFoldedAndQuantizedChannelByChannel)
{
    for (const bool volume : {false, true}) {
        const Shape input = volume ? Shape{1, 3, 4, 7, 6} : Shape{1, 3, 15};
        const auto model = read(block(input, volume));
        ASSERT_NE(model, nullptr);
        Configuration configuration = createQuantConfig(*model, 1);
        const auto target = findTarget("onnxruntime");
        ASSERT_TRUE(target.ok());
        setTarget(configuration, **target);
        const auto prepared = prepareNetwork(model, configuration);
        QS_ASSERT_OK(prepared);
        EXPECT_EQ((*prepared)->network->findLayer("n"), noId);
        const test::RandomData data(Shape(input.begin() + 1, input.end()), 2);
        const auto calibration = calibrate(test::engine(), **prepared, data, {});
        QS_ASSERT_OK(calibration);
        const auto quantized = quantizeNetwork(**prepared, (*calibration)->record);
        QS_ASSERT_OK(quantized);
        const auto bytes = qdqOnnx(**quantized, 13);
        QS_ASSERT_OK(bytes);
        if (!test::onnxRuntime())
            continue;
        const Buffer x = randomBuffer(input, 11);
        const auto ours = test::runModel((*quantized)->network, {x}, &(*quantized)->layers);
        const auto theirs = test::runInOnnxRuntime(*bytes, {x}, "disabled");
        ASSERT_EQ(theirs.size(), 1U);
        test::expectSameValues(theirs[0], listOf(ours[0]), 2e-2F, "QDQ");
    }
}

TEST(Dimensions, MacsCountEveryTap)
{
    const auto model = read(block({1, 3, 4, 7, 6}, true));
    ASSERT_NE(model, nullptr);
    EXPECT_EQ(layerMacs(*model, model->findLayer("c")), 8 * 4 * 7 * 6 * 3 * 27);
    const auto row = read(block({1, 3, 15}, false));
    EXPECT_EQ(layerMacs(*row, row->findLayer("c")), 8 * 15 * 3 * 3);
}

TEST(Dimensions, OtherRanksAreRefusedByName)
{
    const auto reason = [](const Shape& input, const Shape& weight) {
        Graph g;
        g.input("x", input).floats("w", weight).output("y");
        g.node("Conv", {"x", "w"}, {"y"}).set_name("conv");
        return test::reasonOf(g, "conv");
    };
    EXPECT_NE(reason({1, 2, 3, 3, 3, 3}, {2, 2, 1, 1, 1, 1}).find("one, two or three spatial dimensions"), std::string::npos);
    EXPECT_NE(reason({1, 2, 3, 3}, {2, 2, 1}), "");
    EXPECT_NE(reason({1, 2}, {2, 2}).find("have no kernel"), std::string::npos);
}

}  // namespace

}  // namespace qs

#include "core/engine/evaluator.h"

#include "core/jobs/compare.h"
#include "core/ops/op.h"
#include "core/passes/pass.h"
#include "tests/support/run_model.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

Tensor tensorOf(const Shape& shape, unsigned seed, TensorPool& pool)
{
    return tensorFrom(Buffer::fromFloats(shape, test::randomValues(static_cast<size_t>(elementCount(shape)), seed)), pool);
}

std::vector<Buffer> outputsOf(const std::shared_ptr<const Model>& model, const Shape& input)
{
    TensorPool pool;
    return test::runModel(model, {bufferFrom(tensorOf(input, 1, pool))});
}

/// Plain loops, NCHW.
std::vector<float> naiveConvolution(const std::vector<float>& in, const Shape& shape, const std::vector<float>& weight, const Shape& kernel,
                                    int stride, int pad, int dilation, int group, Shape& out)
{
    out = {shape[0], kernel[0], (shape[2] + 2 * pad - dilation * (kernel[2] - 1) - 1) / stride + 1,
           (shape[3] + 2 * pad - dilation * (kernel[3] - 1) - 1) / stride + 1};
    std::vector<float> result(static_cast<size_t>(elementCount(out)));
    const int64_t perGroup = kernel[0] / group;
    size_t index = 0;
    for (int64_t n = 0; n < out[0]; ++n)
        for (int64_t o = 0; o < out[1]; ++o)
            for (int64_t y = 0; y < out[2]; ++y)
                for (int64_t x = 0; x < out[3]; ++x) {
                    double sum = 0;
                    for (int64_t i = 0; i < kernel[1]; ++i)
                        for (int64_t ky = 0; ky < kernel[2]; ++ky)
                            for (int64_t kx = 0; kx < kernel[3]; ++kx) {
                                const int64_t row = y * stride - pad + ky * dilation;
                                const int64_t column = x * stride - pad + kx * dilation;
                                if (row < 0 || column < 0 || row >= shape[2] || column >= shape[3])
                                    continue;
                                const int64_t channel = o / perGroup * kernel[1] + i;
                                sum += static_cast<double>(in[static_cast<size_t>(((n * shape[1] + channel) * shape[2] + row) * shape[3] + column)]) *
                                       static_cast<double>(weight[static_cast<size_t>(((o * kernel[1] + i) * kernel[2] + ky) * kernel[3] + kx)]);
                            }
                    result[index++] = static_cast<float>(sum);
                }
    return result;
}

}  // namespace

TEST(Engine, TablesAgree)
{
    ASSERT_TRUE(test::engine());
    for (const OpInfo& op : allOps())
        EXPECT_EQ(op.runnable, test::engine()->canRun(op.name)) << op.name;
    EXPECT_EQ(test::engine()->train({}).error().code, ErrorCode::NotSupported);
}

TEST(Engine, ConvertedPicturesKeepTheirPixels)
{
    TensorPool pool;
    const Shape shape{2, 3, 130, 131};
    const Tensor plain = tensorOf(shape, 1, pool);
    const Tensor last = convertLayout(plain, Layout::ChannelsLast, pool);
    const int64_t pixels = shape[2] * shape[3];
    for (int64_t i = 0; i < last.count(); ++i)
        ASSERT_EQ(plain.data()[(i / (3 * pixels) * 3 + i % 3) * pixels + i / 3 % pixels], last.data()[i]) << i;
}

TEST(Engine, ConvolutionsOfAwkwardShapes)
{
    struct Case {
        Shape input, kernel;
        int64_t stride, pad, dilation, group;
    };
    TensorPool pool;
    for (const Case& c :
         {Case{{1, 3, 7, 9}, {5, 3, 3, 3}, 2, 1, 1, 1}, Case{{2, 7, 5, 5}, {7, 1, 3, 3}, 1, 1, 1, 7}, Case{{1, 6, 11, 4}, {4, 3, 1, 1}, 1, 0, 1, 2},
          Case{{1, 17, 9, 9}, {19, 17, 3, 3}, 1, 2, 2, 1}, Case{{1, 1, 1, 1}, {1, 1, 1, 1}, 1, 0, 1, 1}}) {
        Layer layer;
        layer.name = "conv";
        layer.op = layer.type = "Convolution";
        using Ints = std::vector<int64_t>;
        layer.attributes.set("outputs", c.kernel[0]);
        layer.attributes.set("kernel", Ints{c.kernel[2], c.kernel[3]});
        layer.attributes.set("stride", Ints{c.stride, c.stride});
        layer.attributes.set("pad", Ints{c.pad, c.pad, c.pad, c.pad});
        layer.attributes.set("dilation", Ints{c.dilation, c.dilation});
        layer.attributes.set("group", c.group);
        const std::vector<float> weight = test::randomValues(static_cast<size_t>(elementCount(c.kernel)), 2, 0.3F);
        layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats(c.kernel, weight))};
        const Tensor input = tensorOf(c.input, 3, pool);
        const auto kernel = test::engine()->prepare({&layer, layer.weights, {c.input}, {Layout::Plain}, {}});
        QS_ASSERT_OK(kernel);
        std::vector<Tensor> inputs{convertLayout(input, (*kernel)->inputLayouts()[0], pool)};
        std::vector<Tensor> outputs{pool.allocate((*kernel)->outputShapes()[0], (*kernel)->outputLayouts()[0])};
        QS_ASSERT_OK((*kernel)->run(inputs, outputs));
        Shape shape;
        const std::vector<float> expected =
            naiveConvolution({input.values().begin(), input.values().end()}, c.input, weight, c.kernel, static_cast<int>(c.stride),
                             static_cast<int>(c.pad), static_cast<int>(c.dilation), static_cast<int>(c.group), shape);
        const Buffer found = bufferFrom(outputs[0]);
        ASSERT_EQ(found.shape(), shape);
        // float sums of up to 153 products of order 0.3
        for (size_t i = 0; i < expected.size(); ++i)
            ASSERT_NEAR(found.floats()[i], expected[i], 2e-5) << shapeText(c.input);
    }
}

TEST(Engine, AFusedActivationGivesTheBitsOfItsOwnKernel)
{
    TensorPool pool;
    const auto activation = [](const char* op, std::map<std::string, double> parameters) {
        Layer layer;
        layer.name = layer.op = layer.type = op;
        for (const auto& [name, value] : parameters)
            layer.attributes.set(name, value);
        return layer;
    };
    const std::vector<Layer> activations{activation("ReLU", {}), activation("ReLU", {{"slope", 0.1}}), activation("ReLU6", {}),
                                         activation("ReLU6", {{"threshold", 0.5}, {"slope", 0.25}}),
                                         activation("Clip", {{"min", -0.5}, {"max", 0.75}})};
    const auto run = [&](const Layer& layer, const Tensor& input, std::optional<FusedActivation> fused) {
        const auto kernel = test::engine()->prepare({&layer, layer.weights, {input.shape()}, {input.layout()}, fused});
        EXPECT_TRUE(kernel.ok());
        std::vector<Tensor> inputs{convertLayout(input, (*kernel)->inputLayouts()[0], pool)};
        std::vector<Tensor> outputs{pool.allocate((*kernel)->outputShapes()[0], (*kernel)->outputLayouts()[0])};
        EXPECT_TRUE((*kernel)->run(inputs, outputs).ok());
        return outputs[0];
    };
    using Ints = std::vector<int64_t>;
    for (const int64_t group : {1, 16, 0}) {
        Layer layer;
        layer.name = "layer";
        layer.op = layer.type = group ? "Convolution" : "InnerProduct";
        layer.attributes.set("outputs", int64_t{16});
        Shape weight{16, 16 * 7 * 5};
        if (group) {
            layer.attributes.set("kernel", Ints{3, 3});
            layer.attributes.set("pad", Ints{1, 1, 1, 1});
            layer.attributes.set("group", group);
            weight = {16, 16 / group, 3, 3};
        }
        layer.weights = {
            std::make_shared<Buffer>(Buffer::fromFloats(weight, test::randomValues(static_cast<size_t>(elementCount(weight)), 2, 0.1F)))};
        const Tensor input = tensorOf({1, 16, 7, 5}, 3, pool);
        const Tensor plain = run(layer, input, {});
        for (const Layer& behind : activations) {
            const Tensor expected = run(behind, plain, {});
            const Tensor found = run(layer, input, FusedActivation::of(behind));
            ASSERT_EQ(found.count(), expected.count());
            ASSERT_EQ(found.layout(), expected.layout());
            for (int64_t i = 0; i < found.count(); ++i)
                ASSERT_EQ(found.data()[i], expected.data()[i]) << behind.name << " behind " << layer.op << ", group " << group;
        }
    }
    EXPECT_FALSE(FusedActivation::of(activation("Sigmoid", {})));
}

TEST(Evaluator, FusedReluAndTapsGiveTheSameOutputs)
{
    test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    const std::vector<Buffer> plain = outputsOf(model, {1, 3, 8, 8});
    LayerRunner runner(test::engine(), model);
    Evaluator evaluator(runner);
    Forward forward;
    forward.inputs = {tensorOf({1, 3, 8, 8}, 1, runner.pool())};
    forward.tapped.assign(model->values().size(), 1);  // a tapped value cannot be fused away
    int seen = 0;
    forward.tap = [&](ValueId, const Tensor&) -> Result<void> {
        ++seen;
        return {};
    };
    const auto outputs = evaluator.run(forward, {});
    QS_ASSERT_OK(outputs);
    EXPECT_EQ(seen, static_cast<int>(model->values().size()));
    for (size_t i = 0; i < plain[0].floats().size(); ++i)
        EXPECT_NEAR(bufferFrom((*outputs)[0]).floats()[i], plain[0].floats()[i], 1e-6);
}

TEST(Evaluator, FreesWhatNobodyNeeds)
{
    test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    LayerRunner runner(test::engine(), model);
    Evaluator evaluator(runner);
    {
        Forward forward;
        forward.inputs = {tensorOf({1, 3, 8, 8}, 1, runner.pool())};
        QS_ASSERT_OK(evaluator.run(forward, {}));
    }
    EXPECT_EQ(runner.pool().bytesInUse(), 0U);
    int64_t all = 0;
    for (const Value& value : model->values())
        all += elementCount(value.shape) * 4;
    EXPECT_LT(runner.pool().peakBytes(), static_cast<size_t>(all));
}

TEST(Evaluator, StopsBetweenLayers)
{
    test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    LayerRunner runner(test::engine(), model);
    Evaluator evaluator(runner);
    std::stop_source stop;
    Forward forward;
    forward.inputs = {tensorOf({1, 3, 8, 8}, 1, runner.pool())};
    forward.tapped.assign(model->values().size(), 1);
    int seen = 0;
    forward.tap = [&](ValueId, const Tensor&) -> Result<void> {
        if (++seen == 3)
            stop.request_stop();
        return {};
    };
    const auto outputs = evaluator.run(forward, {stop.get_token(), {}});
    ASSERT_FALSE(outputs.ok());
    EXPECT_EQ(outputs.error().code, ErrorCode::Cancelled);
    EXPECT_EQ(seen, 3);
}

TEST(Evaluator, RunsWhatDoesNotDependOnAnUnknownLayer)
{
    test::TemporaryFolder folder;
    test::writeNetwork(folder.path(), R"(name: "partly"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 4 dim: 4 } } }
layer { name: "mystery" type: "Mystery" bottom: "data" top: "mystery" }
layer { name: "behind" type: "ReLU" bottom: "mystery" top: "behind" }
layer { name: "fine" type: "ReLU" bottom: "data" top: "fine" }
)",
                       {});
    std::filesystem::remove(folder.path() / "net.caffemodel");  // nothing here has weights
    const auto model = importModel({folder.path() / "net.prototxt", {}});
    QS_ASSERT_OK(model);
    EXPECT_NE((*model)->layer((*model)->findLayer("mystery")).notRunnable.find("Mystery"), std::string::npos);
    EXPECT_NE((*model)->layer((*model)->findLayer("behind")).notRunnable.find("'mystery'"), std::string::npos);
    LayerRunner runner(test::engine(), *model);
    Evaluator evaluator(runner);
    Forward forward;
    forward.inputs = {tensorOf({1, 2, 4, 4}, 1, runner.pool())};
    const auto outputs = evaluator.run(forward, {});
    QS_ASSERT_OK(outputs);
    ASSERT_EQ(outputs->size(), 2U);
    EXPECT_TRUE((*outputs)[0].empty());
    EXPECT_FALSE((*outputs)[1].empty());
}

TEST(Fusion, KeepsTheNetworksOutput)
{
    test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    const auto fused = fuseBatchNorm(*model, {});
    QS_ASSERT_OK(fused);
    // BatchNorm and Scale are gone.
    EXPECT_EQ(fused->model->layers().size() + 2, model->layers().size());
    const std::vector<Buffer> before = outputsOf(model, {1, 3, 8, 8});
    const std::vector<Buffer> after = outputsOf(fused->model, {1, 3, 8, 8});
    for (size_t i = 0; i < before[0].floats().size(); ++i)
        EXPECT_NEAR(before[0].floats()[i], after[0].floats()[i], 1e-6);
}

namespace {

/// "two" is quantized and reads "one" directly or through a Dropout, "three" reads "one" as it is.
std::vector<Buffer> besideADropout(bool dropout)
{
    const auto convolution = [](const std::string& name, const std::string& bottom) {
        return "layer { name: \"" + name + "\" type: \"Convolution\" bottom: \"" + bottom + "\" top: \"" + name +
               "\" convolution_param { num_output: 16 kernel_size: 1 } }\n";
    };
    const test::TemporaryFolder folder;
    test::writeNetwork(
        folder.path(),
        "name: \"net\"\nlayer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { dim: 1 dim: 16 dim: 9 dim: 9 } } }\n" +
            convolution("one", "data") + (dropout ? "layer { name: \"drop\" type: \"Dropout\" bottom: \"one\" top: \"drop\" }\n" : "") +
            convolution("two", dropout ? "drop" : "one") + convolution("three", "one"),
        {{"one", {test::randomBlob({16, 16, 1, 1}, 1), test::randomBlob({16}, 2)}},
         {"two", {test::randomBlob({16, 16, 1, 1}, 3), test::randomBlob({16}, 4)}},
         {"three", {test::randomBlob({16, 16, 1, 1}, 5), test::randomBlob({16}, 6)}}});
    const auto model = test::openNetwork(folder.path());
    EXPECT_TRUE(model.ok());
    ById<LayerId, LayerQuantization> layers((*model)->layers().size());
    layers[(*model)->findLayer("two")].inputs = {QuantParams{.scale = 0.5F, .offset = 0, .bits = 4}};
    LayerRunner runner(test::engine(), *model);
    Evaluator evaluator(runner);
    Forward forward;
    forward.inputs = {tensorOf({1, 16, 9, 9}, 7, runner.pool())};
    forward.quantization = &layers;
    const auto outputs = evaluator.run(forward, {});
    EXPECT_TRUE(outputs.ok());
    std::vector<Buffer> buffers;
    for (const Tensor& output : *outputs)
        buffers.push_back(bufferFrom(output));
    return buffers;
}

}  // namespace

TEST(Evaluator, WhatADropoutSharesIsNotQuantizedForOthers)
{
    const std::vector<Buffer> direct = besideADropout(false);
    const std::vector<Buffer> shared = besideADropout(true);
    ASSERT_EQ(direct.size(), 2U);
    ASSERT_EQ(shared.size(), 2U);
    for (size_t i = 0; i < 2; ++i)
        EXPECT_TRUE(std::ranges::equal(shared[i].floats(), direct[i].floats())) << i;
}

}  // namespace qs

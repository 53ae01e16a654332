// Small changes to the sources that no other test noticed, one a test.
#include "core/calib/arq.h"
#include "core/calib/percentile.h"
#include "core/calib/snq.h"
#include "core/data/sources.h"
#include "core/engine/incremental.h"
#include "core/engine/lanes.h"
#include "core/jobs/calibrate.h"
#include "core/jobs/integer_comparison.h"
#include "core/jobs/update_batch_norm.h"
#include "core/ops/op.h"
#include "core/passes/pass.h"
#include "core/prepare/prepared.h"
#include "core/stats/metrics.h"
#include "tests/support/networks.h"
#include "tests/support/onnx_graph.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/toy_model.h"

#include <cmath>

namespace qs {

namespace {

const char* const convolutionAndNorm = R"(name: "net"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 3 dim: 3 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 3 kernel_size: 1 bias_term: false } }
layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "bn" batch_norm_param { use_global_stats: true eps: 0.5 } }
)";

/// Variances of 0.1: an eps of 0.5 and one of 1e-5 are far apart.
std::shared_ptr<const Model> openConvolutionAndNorm(const std::filesystem::path& folder)
{
    test::writeNetwork(folder, convolutionAndNorm,
                       {{"conv", {test::randomBlob({3, 2, 1, 1}, 1)}},
                        {"bn", {test::randomBlob({3}, 2, 0.2F), test::Blob{{3}, {0.1F, 0.1F, 0.1F}}, test::Blob{{1}, {1.0F}}}}});
    auto model = test::openNetwork(folder);
    EXPECT_TRUE(model.ok());
    return model.ok() ? *model : nullptr;
}

}  // namespace

TEST(Noticed, CosinesAreAveragedOverSamplesNotPooled)
{
    // A large sample that is right and a small one that is orthogonal: 0.5 in the mean, nearly 1 pooled.
    const std::vector<float> large{100, 100}, small{1, 0}, turned{0, 1};
    MetricsAccumulator accumulator;
    accumulator.add(errorSums(large, large), 0);
    accumulator.add(errorSums(small, turned), 1);
    EXPECT_NEAR(accumulator.metrics().cosine, 0.5, 1e-12);
    EXPECT_EQ(accumulator.metrics().worstSample, 1);
}

TEST(Noticed, TheLargestErrorIsThatOfAllSamples)
{
    const std::vector<float> zero{0, 0}, far{0, -5}, near{1, 0};
    MetricsAccumulator accumulator;
    accumulator.add(errorSums(zero, far), 0);
    accumulator.add(errorSums(zero, near), 1);
    EXPECT_EQ(accumulator.metrics().maxAbs, 5);
}

TEST(Noticed, SnqOfTheLastLayerIsWarnedOfByItsName)
{
    const test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    ASSERT_NE(model, nullptr);
    Configuration configuration = createQuantConfig(*model);
    for (const char* name : {"conv2", "fc"}) {
        configuration.layers.at(name).weights->algorithm = "snq";
        configuration.layers.at(name).weights->bits = 4;
    }
    const auto prepared = prepareNetwork(model, configuration);
    QS_ASSERT_OK(prepared);
    ASSERT_EQ((*prepared)->notes.size(), 1U);
    EXPECT_EQ((*prepared)->notes.front(), (Note{NoteCode::LastHasCodebook, "fc"}));
}

TEST(Noticed, SnqStopsAfterItsIterations)
{
    Layer layer;
    layer.op = "Convolution";
    layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats({1, 16, 8, 8}, test::randomValues(1024, 3, 1)))};
    const WeightChannels channels(layer);
    const WeightInput input{layer.weights[0]->floats(), channels};
    WeightSetting setting{.algorithm = "snq", .channelWise = false, .bits = 4, .maxIteration = 1, .minDistance = 1e-10, .initAlgorithm = "gaussian"};
    const auto once = snqGrid(input, setting);
    setting.maxIteration = 500;
    const auto often = snqGrid(input, setting);
    QS_ASSERT_OK(once);
    QS_ASSERT_OK(often);
    EXPECT_NE(once->codebook, often->codebook);
}

TEST(Noticed, TheSmallestWeightNeedNotBeTheLast)
{
    Layer layer;
    layer.op = "Convolution";
    layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats({1, 4, 1, 1}, std::vector<float>{0.5F, -4, 1, -1}))};
    const WeightChannels channels(layer);
    const auto grid = arqGrid({layer.weights[0]->floats(), channels}, WeightSetting{});
    QS_ASSERT_OK(grid);
    EXPECT_EQ(grid->scales, std::vector<float>{4.0F / 128});
}

TEST(Noticed, ABatchNormHasItsOwnEps)
{
    const test::TemporaryFolder folder;
    const auto model = openConvolutionAndNorm(folder.path());
    ASSERT_NE(model, nullptr);
    LayerRunner runner(test::engine(), model);
    Tensor input = runner.pool().allocate({1, 2, 3, 3});
    std::fill_n(input.data(), input.count(), 1.0F);
    const LayerId conv = model->findLayer("conv");
    const LayerId bn = model->findLayer("bn");
    const auto before = runner.run(conv, std::span(&input, 1));
    QS_ASSERT_OK(before);
    const auto after = runner.run(bn, *before);
    QS_ASSERT_OK(after);
    const Buffer x = bufferFrom((*before)[0]);
    const Buffer y = bufferFrom((*after)[0]);
    const auto mean = test::randomBlob({3}, 2, 0.2F).values;
    for (size_t c = 0; c < 3; ++c)
        EXPECT_NEAR(y.floats()[c * 9], (x.floats()[c * 9] - mean[c]) / std::sqrt(0.1 + 0.5), 1e-5);
}

TEST(Noticed, AFusedBatchNormKeepsItsEps)
{
    const test::TemporaryFolder folder;
    const auto model = openConvolutionAndNorm(folder.path());
    ASSERT_NE(model, nullptr);
    const auto fused = fuseBatchNorm(*model, {});
    QS_ASSERT_OK(fused);
    const Layer& before = model->layer(model->findLayer("conv"));
    const Layer& after = fused->model->layer(fused->model->findLayer("conv"));
    const auto mean = test::randomBlob({3}, 2, 0.2F).values;
    for (size_t c = 0; c < 3; ++c) {
        EXPECT_NEAR(after.weights[0]->floats()[2 * c], before.weights[0]->floats()[2 * c] / std::sqrt(0.1 + 0.5), 1e-6);
        EXPECT_NEAR(after.weights[1]->floats()[c], -mean[c] / std::sqrt(0.1 + 0.5), 1e-6);
    }
}

TEST(Noticed, AHostInTheSkipListIsNotFusedInto)
{
    const test::TemporaryFolder folder;
    const auto model = openConvolutionAndNorm(folder.path());
    ASSERT_NE(model, nullptr);
    const auto layersOf = [&](const std::vector<std::string>& skip) {
        const auto fused = fuseBatchNorm(*model, skip);
        return fused.ok() ? fused->model->layers().size() : 0;
    };
    EXPECT_EQ(layersOf({}), model->layers().size() - 1);
    EXPECT_EQ(layersOf({"conv"}), model->layers().size());
    EXPECT_EQ(layersOf({"bn"}), model->layers().size());
}

TEST(Noticed, WithoutActivationOffsetTheEffectiveSettingHasNone)
{
    const test::TemporaryFolder folder;
    const auto model = openConvolutionAndNorm(folder.path());
    ASSERT_NE(model, nullptr);
    for (const bool offset : {true, false}) {
        const auto prepared = prepareNetwork(model, createQuantConfig(*model, 1, offset));
        QS_ASSERT_OK(prepared);
        const Effective& effective = (*prepared)->effective[model->findLayer("conv")];
        ASSERT_FALSE(effective.inputs.empty());
        EXPECT_EQ(effective.inputs.front().withOffset, offset);
    }
}

TEST(Noticed, ASearchStepAsLongAsItsRangeIsAllowed)
{
    const test::TemporaryFolder folder;
    const auto model = openConvolutionAndNorm(folder.path());
    ASSERT_NE(model, nullptr);
    Configuration configuration = createQuantConfig(*model);
    ActivationSetting& activation = configuration.layers.at("conv").activations.front();
    activation.searchStep = activation.searchEnd - activation.searchStart;
    EXPECT_TRUE(checkConfiguration(*model, configuration).ok());
    activation.searchStep *= 1.01;
    EXPECT_FALSE(checkConfiguration(*model, configuration).ok());
}

/// Two of them read the data themselves: one has a moving_average_fraction of its own.
TEST(Noticed, ABatchNormMovesByItsOwnFraction)
{
    const test::TemporaryFolder folder;
    const std::map<std::string, std::vector<test::Blob>> weights{
        {"own", {test::randomBlob({2}, 1), test::Blob{{2}, {1, 2}}, test::Blob{{1}, {1}}}},
        {"given", {test::randomBlob({2}, 2), test::Blob{{2}, {3, 4}}, test::Blob{{1}, {1}}}}};
    test::writeNetwork(folder.path(), R"(name: "net"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 3 dim: 3 } } }
layer { name: "own" type: "BatchNorm" bottom: "data" top: "own" batch_norm_param { moving_average_fraction: 0.25 } }
layer { name: "given" type: "BatchNorm" bottom: "data" top: "given" }
)",
                       weights);
    const auto model = test::openNetwork(folder.path());
    QS_ASSERT_OK(model);
    Configuration configuration = createQuantConfig(**model);
    configuration.updateBn = true;
    configuration.bnUpdate = BnUpdateSetting{.movingAverageFraction = 0.5, .iterations = 3, .dumpDir = "bn"};
    const auto prepared = prepareNetwork(*model, configuration);
    QS_ASSERT_OK(prepared);
    const test::RandomData data({2, 3, 3}, 2);
    const auto statistics = updateBatchNorm(test::engine(), **prepared, data, {});
    QS_ASSERT_OK(statistics);
    for (const auto& [name, kept] : {std::pair{"own", 0.25}, {"given", 0.5}})
        for (size_t c = 0; c < 2; ++c) {
            double mean = weights.at(name)[0].values[c];
            double variance = weights.at(name)[1].values[c];
            // The third sample is the first again.
            for (const int sample : {0, 1, 0}) {
                const Buffer values = *data.sample(sample);
                double sum = 0, squares = 0;
                for (const float value : values.floats().subspan(c * 9, 9))
                    sum += value;
                for (const float value : values.floats().subspan(c * 9, 9))
                    squares += (value - sum / 9) * (value - sum / 9);
                mean = (1 - kept) * sum / 9 + kept * mean;
                variance = (1 - kept) * squares / 8 + kept * variance;
            }
            EXPECT_NEAR(statistics->at(name).mean[c], mean, 1e-5) << name;
            EXPECT_NEAR(statistics->at(name).variance[c], variance, 1e-5) << name;
        }
}

TEST(Noticed, AValueThatTheNetworkGivesIsNotFusedAway)
{
    const test::TemporaryFolder folder;
    for (const bool given : {false, true}) {
        test::Graph g;
        g.input("x", {1, 1, 1, 2}).values("w", {1, 1, 1, 1}, {2}).output("y");
        for (const char* name : {"scale", "shift", "mean", "variance"})
            g.values(name, {1}, {3});
        g.node("Conv", {"x", "w"}, {"c"}).set_name("conv");
        g.node("BatchNormalization", {"c", "scale", "shift", "mean", "variance"}, {"y"}).set_name("bn");
        if (given)
            g.output("c");
        const auto model = importModel({folder.write("net.onnx", g.bytes()), {}});
        QS_ASSERT_OK(model);
        const auto fused = fuseBatchNorm(**model, {});
        QS_ASSERT_OK(fused);
        EXPECT_EQ(fused->hosts.contains("bn"), !given);
        EXPECT_EQ(fused->model->outputs().size(), given ? 2U : 1U);
    }
}

TEST(Noticed, AFoldedBatchNormShiftsByItsScaledMean)
{
    // y = scale * (2 x - mean) / sqrt(variance) + shift = 5 (2 x - 3) / 2 + 7, epsilon far below a float's grid of these.
    const test::TemporaryFolder folder;
    test::Graph g;
    g.input("x", {1, 1, 1, 2})
        .output("y")
        .values("w", {1, 1, 1, 1}, {2})
        .values("scale", {1}, {5})
        .values("shift", {1}, {7})
        .values("mean", {1}, {3});
    g.values("variance", {1}, {4});
    g.node("Conv", {"x", "w"}, {"c"}).set_name("conv");
    g.node("BatchNormalization", {"c", "scale", "shift", "mean", "variance"}, {"y"}).set_name("bn");
    const auto model = importModel({folder.write("net.onnx", g.bytes()), {}});
    QS_ASSERT_OK(model);
    const auto fused = fuseBatchNorm(**model, {});
    QS_ASSERT_OK(fused);
    const Layer& conv = fused->model->layer(fused->model->findLayer("conv"));
    ASSERT_EQ(conv.weights.size(), 2U);
    EXPECT_NEAR(conv.weights[0]->floats()[0], 5, 1e-4);
    EXPECT_NEAR(conv.weights[1]->floats()[0], -0.5, 1e-4);
}

TEST(Noticed, OnlyTheBatchNormThatIsEnabledIsAccelerated)
{
    const test::TemporaryFolder folder;
    const std::vector<test::Blob> blobs{test::randomBlob({2}, 1), test::Blob{{2}, {1, 2}}, test::Blob{{1}, {1}}};
    test::writeNetwork(folder.path(), R"(name: "net"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 3 dim: 3 } } }
layer { name: "a" type: "BatchNorm" bottom: "data" top: "a" }
layer { name: "b" type: "BatchNorm" bottom: "data" top: "b" }
)",
                       {{"a", blobs}, {"b", blobs}});
    const auto model = test::openNetwork(folder.path());
    QS_ASSERT_OK(model);
    const auto fused = accelerateBatchNorm(**model, {"b"});
    QS_ASSERT_OK(fused);
    EXPECT_EQ(fused->model->layer(fused->model->findLayer("a")).op, "BatchNorm");
    EXPECT_EQ(fused->model->layer(fused->model->findLayer("b")).op, "DepthwiseConv");
}

/// A value's step is the smallest at which it is read.
TEST(Noticed, OfTwoReadersTheFinerGivesTheStep)
{
    const test::TemporaryFolder folder;
    test::writeNetwork(
        folder.path(), R"(name: "net"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 3 dim: 3 } } }
layer { name: "one" type: "Convolution" bottom: "data" top: "one" convolution_param { num_output: 2 kernel_size: 1 bias_term: false } }
layer { name: "two" type: "Convolution" bottom: "one" top: "two" convolution_param { num_output: 2 kernel_size: 1 bias_term: false } }
layer { name: "three" type: "Convolution" bottom: "one" top: "three" convolution_param { num_output: 2 kernel_size: 1 bias_term: false } }
)",
        {{"one", {test::randomBlob({2, 2, 1, 1}, 1)}}, {"two", {test::randomBlob({2, 2, 1, 1}, 2)}}, {"three", {test::randomBlob({2, 2, 1, 1}, 3)}}});
    const auto model = test::openNetwork(folder.path());
    QS_ASSERT_OK(model);
    Configuration configuration = createQuantConfig(**model);
    configuration.layers.at("two").activations.front().clip = {-4.0F, 4.0F};
    configuration.layers.at("three").activations.front().clip = {-1.0F, 1.0F};
    const test::RandomData data({2, 3, 3}, 1);
    const auto prepared = prepareNetwork(*model, configuration);
    QS_ASSERT_OK(prepared);
    const auto calibration = calibrate(test::engine(), **prepared, data, {});
    QS_ASSERT_OK(calibration);
    const auto quantized = quantizeNetwork(**prepared, (*calibration)->record);
    QS_ASSERT_OK(quantized);
    const auto sample = integerSample(test::engine(), **quantized, data, 0, "one", {});
    QS_ASSERT_OK(sample);
    EXPECT_NEAR((*sample)->step, 2.0 / 255, 1e-8);
}

TEST(Noticed, ALimitInsideABinLeavesAPartOfItOutside)
{
    Histogram histogram;
    histogram.width = 1;
    histogram.counts = {2, 2};
    histogram.total = 4;
    EXPECT_DOUBLE_EQ(histogram.outside(0.5, 2), 0.25);
    EXPECT_DOUBLE_EQ(histogram.outside(0.5, 1.25), 0.625);
}

TEST(Noticed, AHistogramRemembersTheRangeOfAllItsBatches)
{
    WideningHistogram histogram(64);
    histogram.add(std::vector<float>{-3, 5});
    histogram.add(std::vector<float>{-1, 2});
    EXPECT_EQ(histogram.minimum(), -3);
    EXPECT_EQ(histogram.maximum(), 5);
}

TEST(Noticed, EachSideHasItsOwnPercentile)
{
    std::vector<float> values;
    for (int i = -50; i < 50; ++i)
        values.push_back(static_cast<float>(i));
    Observation observation(1, 1 << 14, true);
    observation.add(values);
    // 40 of the 100 lie at or below the lower limit, 10 at or above the upper.
    const auto found = percentileSolve(observation, {.maxPercentile = 0.9, .minPercentile = 0.6});
    QS_ASSERT_OK(found);
    EXPECT_EQ(*found, *paramsFromRange(-11, 40, 8, true));
}

TEST(Noticed, ATransposedPictureIsReadColumnByColumn)
{
    Buffer picture(DType::U8, {2, 3, 3});
    for (size_t i = 0; i < 18; ++i)
        picture.as<uint8_t>()[i] = static_cast<uint8_t>(i / 3);
    Preprocess preprocess;
    preprocess.transpose = true;
    const auto pipeline = data::Pipeline::make(preprocess, {});
    QS_ASSERT_OK(pipeline);
    const auto sample = pipeline->sample(picture);
    QS_ASSERT_OK(sample);
    EXPECT_EQ(sample->shape(), (Shape{3, 3, 2}));
    const auto plane = sample->floats().subspan(0, 6);
    EXPECT_EQ(std::vector<float>(plane.begin(), plane.end()), (std::vector<float>{0, 3, 1, 4, 2, 5}));
}

TEST(Noticed, ACropIsTheCentreOfBothSides)
{
    Buffer picture(DType::U8, {5, 3, 3});
    for (size_t i = 0; i < 45; ++i)
        picture.as<uint8_t>()[i] = static_cast<uint8_t>(i / 3);
    Preprocess preprocess;
    preprocess.crop = {1, 2};  // width and height
    const auto pipeline = data::Pipeline::make(preprocess, {});
    QS_ASSERT_OK(pipeline);
    const auto cropped = pipeline->picture(picture);
    QS_ASSERT_OK(cropped);
    EXPECT_EQ(cropped->shape(), (Shape{2, 1, 3}));
    EXPECT_EQ(cropped->as<uint8_t>()[0], 4);
    EXPECT_EQ(cropped->as<uint8_t>()[3], 7);
}

TEST(Noticed, EachChannelHasItsOwnDeviation)
{
    const auto preprocess = preprocessFromJson(R"({"color": "rgb", "std": [2, 4, 8]})", "p.json");
    QS_ASSERT_OK(preprocess);
    EXPECT_EQ(preprocess->scale, (std::vector<double>{0.5, 0.25, 0.125}));
    Buffer picture(DType::U8, {1, 1, 3});
    std::fill_n(picture.as<uint8_t>().data(), 3, uint8_t{16});
    const auto pipeline = data::Pipeline::make(*preprocess, {});
    QS_ASSERT_OK(pipeline);
    const auto sample = pipeline->sample(picture);
    QS_ASSERT_OK(sample);
    EXPECT_EQ(std::vector<float>(sample->floats().begin(), sample->floats().end()), (std::vector<float>{8, 4, 2}));
}

TEST(Noticed, ClassNamesComeWithoutTheirIds)
{
    const test::TemporaryFolder folder;
    EXPECT_EQ(readClassNames(folder.write("names.txt", "n01440764 tench\nnight club\n\ncat\n")),
              (std::vector<std::string>{"tench", "night club", "cat"}));
}

TEST(Noticed, WholeNumbersAreRealOnesToo)
{
    Attributes attributes;
    attributes.set("slope", int64_t{-2});
    EXPECT_EQ(attributes.real("slope", 7), -2);
}

TEST(Noticed, TheFirstLayerThatIsNotRunIsTheReason)
{
    const test::TemporaryFolder folder;
    const auto file = folder.write("net.prototxt", R"(name: "net"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 } } }
layer { name: "a" type: "Foo" bottom: "data" top: "a" }
layer { name: "b" type: "Bar" bottom: "data" top: "b" }
layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "sum" }
)");
    const auto model = importModel({file, {}});
    QS_ASSERT_OK(model);
    EXPECT_TRUE((*model)->layer((*model)->findLayer("sum")).notRunnable.starts_with("it needs layer 'a'"));
}

TEST(Noticed, ParametersAndOperationsOfGroups)
{
    const test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    ASSERT_NE(model, nullptr);
    const LayerId conv = model->findLayer("conv2");
    EXPECT_EQ(model->parameterCount(conv), 8 * 4 * 9 + 8);
    // Each of 8x8x8 outputs sees 3x3 of its group's four channels.
    EXPECT_EQ(layerMacs(*model, conv), 512 * 4 * 9);
}

TEST(Noticed, ValuesOfAnotherWidthAreOtherValues)
{
    const auto model = toyModel();
    IncrementalEvaluator evaluator(test::engine(), model, std::make_shared<ValueCache>(size_t{1} << 20));
    const auto keyOf = [&](const QuantParams& params) {
        ById<LayerId, LayerQuantization> layers(model->layers().size());
        layers[model->findLayer("conv1")].inputs = {params};
        return evaluator.variant(std::move(layers)).keys[model->outputs().front()];
    };
    const QuantParams params{.scale = 1, .offset = 0, .bits = 8};
    EXPECT_EQ(keyOf(params), keyOf(params));
    EXPECT_NE(keyOf(params), keyOf({.scale = 1, .offset = 0, .bits = 12}));
    EXPECT_NE(keyOf(params), keyOf({.scale = 1, .offset = 1, .bits = 8}));
    EXPECT_NE(keyOf(params), keyOf({.scale = 2, .offset = 0, .bits = 8}));
}

TEST(Noticed, ASmallNetworkHasALaneForEachThread)
{
    const auto model = toyModel();
    const int before = test::engine()->threads();
    test::engine()->setThreads(3);
    EXPECT_EQ(laneCount(*test::engine(), *model), 3);
    test::engine()->setThreads(before);
}

TEST(Noticed, LimitsByHandHoldZero)
{
    const auto model = toyModel();
    const LayerId conv = model->findLayer("conv1");
    LayerSetting setting = *defaultSetting(*model, conv);
    for (const auto& [clip, allowed] :
         {std::pair{std::pair{-1.0F, 1.0F}, true}, {{0.0F, 1.0F}, true}, {{0.25F, 1.0F}, false}, {{-1.0F, -0.5F}, false}, {{0.0F, 0.0F}, false}}) {
        setting.activations.front().clip = clip;
        EXPECT_EQ(checkLayerSetting(*model, conv, setting).ok(), allowed) << clip.first << " " << clip.second;
    }
}

TEST(Noticed, TransposedConvolutionsHaveGroups)
{
    // Two groups of two inputs and one output each, 2x2 with stride 2: every input pixel makes four outputs of its own group.
    Layer layer;
    layer.op = layer.type = "Deconvolution";
    layer.attributes.set("outputs", int64_t{2});
    layer.attributes.set("kernel", std::vector<int64_t>{2, 2});
    layer.attributes.set("stride", std::vector<int64_t>{2, 2});
    layer.attributes.set("group", int64_t{2});
    const auto weights = test::randomValues(16, 5);
    layer.weights = {std::make_shared<const Buffer>(Buffer::fromFloats({4, 1, 2, 2}, weights))};
    auto kernel = test::engine()->prepare(
        {.layer = &layer, .weights = layer.weights, .inputShapes = {{1, 4, 2, 2}}, .inputLayouts = {Layout::Plain}, .activation = {}});
    QS_ASSERT_OK(kernel);
    TensorPool pool;
    Tensor input = pool.allocate({1, 4, 2, 2});
    const auto values = test::randomValues(16, 6);
    std::copy(values.begin(), values.end(), input.data());
    std::vector<Tensor> outputs{pool.allocate({1, 2, 4, 4})};
    QS_ASSERT_OK((*kernel)->run(std::span(&input, 1), outputs));
    for (size_t o = 0; o < 2; ++o)
        for (size_t y = 0; y < 4; ++y)
            for (size_t x = 0; x < 4; ++x) {
                float sum = 0;
                for (size_t i = 2 * o; i < 2 * o + 2; ++i)
                    sum += values[i * 4 + y / 2 * 2 + x / 2] * weights[i * 4 + y % 2 * 2 + x % 2];
                EXPECT_NEAR(outputs[0].data()[o * 16 + y * 4 + x], sum, 1e-6) << o << y << x;
            }
}

}  // namespace qs

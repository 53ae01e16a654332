// AdaRound (Nagel et al. 2020) and bias correction (Nagel et al. 2019): what they promise, and that all that runs or is exported uses what they
// found.
#include "core/calib/adaround.h"
#include "core/calib/arq.h"
#include "core/ir/builder.h"
#include "core/jobs/bias_correction.h"
#include "core/jobs/compare.h"
#include "core/jobs/integer_comparison.h"
#include "core/jobs/samples.h"
#include "core/prepare/integer_network.h"
#include "core/prepare/quantized_weights.h"
#include "core/project/project.h"
#include "core/stats/observation.h"
#include "core/targets/amct/export.h"
#include "core/targets/amct/record_text.h"
#include "tests/support/networks.h"
#include "tests/support/open_networks.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qs {

namespace {

struct Case {
    std::shared_ptr<const Model> model;
    std::shared_ptr<const DataSet> data;
    Configuration configuration;
};

Case demo()
{
    const std::filesystem::path folder = QS_SOURCE_DIR "/resources/demo";
    Case result;
    const auto project = loadProject(folder / "demo.qsproj");
    EXPECT_TRUE(project.ok());
    result.model = *importModel({project->model, project->weights});
    result.data = *openDataSet(*project->data, result.model->value(result.model->inputs().front()).shape);
    result.configuration = project->configuration;
    return result;
}

Case mixed(const std::filesystem::path& folder)
{
    Case result;
    result.model = test::mixedNetwork(folder);
    result.data = std::make_shared<test::RandomData>(Shape{3, 8, 8});
    result.configuration = createQuantConfig(*result.model, 4);
    return result;
}

void all(Configuration& configuration, bool WeightSetting::*flag)
{
    for (auto& [name, setting] : configuration.layers)
        if (setting.weights)
            *setting.weights.*flag = true;
}

struct Quantized {
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const Calibration> calibration;
    std::shared_ptr<const QuantizedNetwork> network;
};

Result<Quantized> quantized(const Case& network)
{
    Quantized result;
    QS_TRY(result.prepared, prepareNetwork(network.model, network.configuration));
    QS_TRY(result.calibration, calibrate(test::engine(), *result.prepared, *network.data, {}));
    QS_TRY(result.network, quantizeNetwork(*result.prepared, result.calibration->record));
    return result;
}

/// The mixed network with AdaRound and bias correction wherever they apply.
struct RoundedAndCorrected : testing::Test {
    void SetUp() override
    {
        network = mixed(folder.path());
        all(network.configuration, &WeightSetting::adaRound);
        all(network.configuration, &WeightSetting::biasCorrection);
        const auto result = quantized(network);
        QS_ASSERT_OK(result);
        run = *result;
    }

    test::TemporaryFolder folder;
    Case network;
    Quantized run;
};

/// Per channel, mean over the samples that calibrated, of the float and of the quantized network's output of `layer`.
std::pair<std::vector<double>, std::vector<double>> means(const Case& network, const Quantized& run, const std::string& layer)
{
    std::vector<double> floating;
    std::vector<double> fake;
    const int samples = run.calibration->samples;
    for (int sample = 0; sample < samples; ++sample) {
        const auto compared = compareSample(test::engine(), *run.prepared, *run.network, *network.data, sample, layer, {});
        EXPECT_TRUE(compared.ok()) << (compared.ok() ? "" : errorText(compared.error()));
        const auto add = [&](const Buffer& output, std::vector<double>& sums) {
            const auto channels = static_cast<size_t>(output.shape()[1]);
            const size_t inner = output.floats().size() / channels;
            sums.resize(channels);
            for (size_t i = 0; i < output.floats().size(); ++i)
                sums[i / inner] += static_cast<double>(output.floats()[i]) / static_cast<double>(inner) / samples;
        };
        add((*compared)->floatOutput, floating);
        add((*compared)->quantizedOutput, fake);
    }
    return {floating, fake};
}

void expectCorrected(Case network)
{
    all(network.configuration, &WeightSetting::biasCorrection);
    const auto run = quantized(network);
    QS_ASSERT_OK(run);
    int layers = 0;
    for (const auto& [name, factors] : run->network->record.layers) {
        if (factors.weightScales.empty())
            continue;
        ++layers;
        EXPECT_TRUE(run->network->effective[network.model->findLayer(name)].biasCorrected) << name;
        const auto [floating, fake] = means(network, *run, name);
        for (size_t c = 0; c < floating.size(); ++c) {
            const double step = static_cast<double>(factors.weightScales[factors.weightScales.size() == 1 ? 0 : c]) *
                                static_cast<double>(factors.inputs.front().params.scale);
            EXPECT_NEAR(floating[c], fake[c], 0.51 * step + 1e-5 * std::fabs(floating[c])) << name << " " << c;
        }
    }
    EXPECT_GT(layers, 3);
}

TEST(BiasCorrection, TakesOutTheMeanErrorOfEveryChannel)
{
    test::TemporaryFolder folder;
    expectCorrected(mixed(folder.path()));
    expectCorrected(demo());
}

/// Of tokens the outputs lie on the last axis, more of them than there are.
TEST(BiasCorrection, FindsTheOutputsOfTokens)
{
    ModelBuilder builder("tokens", "onnx");
    constexpr int64_t tokens = 11;
    constexpr int64_t outputs = 5;
    Layer input;
    input.name = input.type = input.op = "Input";
    input.outputs = {builder.addValue("x")};
    builder.setInputShape(input.outputs.front(), {1, tokens, 8});
    Layer product;
    product.name = "fc";
    product.type = product.op = "InnerProduct";
    product.attributes.set("axis", int64_t{2});
    product.attributes.set("outputs", outputs);
    product.weights = {std::make_shared<const Buffer>(Buffer::fromFloats({outputs, 8}, test::randomValues(outputs * 8, 3))),
                       std::make_shared<const Buffer>(DType::F32, Shape{outputs})};
    product.inputs = input.outputs;
    product.outputs = {builder.addValue("y")};
    builder.addLayer(std::move(input));
    builder.addLayer(std::move(product));
    Case network;
    network.model = *std::move(builder).build();
    network.data = std::make_shared<test::RandomData>(Shape{tokens, 8});
    network.configuration = createQuantConfig(*network.model, 4);
    const auto prepared = prepareNetwork(network.model, network.configuration);
    QS_ASSERT_OK(prepared);
    auto calibration = calibrate(test::engine(), **prepared, *network.data, {});
    QS_ASSERT_OK(calibration);
    network.configuration.layers.at("fc").weights->biasCorrection = true;
    const auto corrected = prepareNetwork(network.model, network.configuration);
    QS_ASSERT_OK(corrected);
    QuantRecord record = (*calibration)->record;
    QS_ASSERT_OK(correctBiases(test::engine(), **corrected, *network.data, 4, record, {}));
    ASSERT_EQ(record.layers.at("fc").bias.size(), static_cast<size_t>(outputs));
    // The mean error of every output is gone, to the step of a bias.
    const auto quantized = quantizeNetwork(**corrected, record);
    QS_ASSERT_OK(quantized);
    std::vector<double> errors(outputs);
    for (int sample = 0; sample < 4; ++sample) {
        const Buffer values = network.data->sample(sample)->reshaped({1, tokens, 8});
        LayerRunner runner(test::engine(), network.model);
        const LayerId fc = network.model->findLayer("fc");
        const Tensor tensor = tensorFrom(values, runner.pool());
        const Buffer floating = bufferFrom(runner.run(fc, std::vector{tensor}, nullptr)->front());
        const Buffer found = bufferFrom(runner.run(fc, std::vector{tensor}, &(*quantized)->layers[fc])->front());
        for (size_t i = 0; i < floating.floats().size(); ++i)
            errors[i % outputs] += static_cast<double>(found.floats()[i] - floating.floats()[i]) / (4 * tokens);
    }
    for (const double error : errors)
        EXPECT_NEAR(error, 0, 1e-3);
}

TEST(BiasCorrection, GivesALayerWithoutBiasOne)
{
    test::TemporaryFolder folder;
    Case network = mixed(folder.path());
    network.configuration.doFusion = false;
    network.configuration.layers.at("conv1").weights->biasCorrection = true;
    const auto run = quantized(network);
    QS_ASSERT_OK(run);
    const Layer& conv = run->network->network->layer(run->network->network->findLayer("conv1"));
    ASSERT_EQ(conv.weights.size(), 2U);
    const auto integers = integerNetwork(*run->network);
    QS_ASSERT_OK(integers);
    const auto agreement = compareIntegers(test::engine(), *run->network, *network.data, 4, {});
    QS_ASSERT_OK(agreement);
    for (const IntegerLayer& layer : agreement->layers)
        EXPECT_GE(layer.local.share(), 0.999) << layer.layer;
    const auto plan = planAmct({run->prepared.get(), run->network.get(), folder.path() / "out"});
    QS_ASSERT_OK(plan);
    const auto prototxt = std::find_if(plan->files.begin(), plan->files.end(),
                                       [](const ExportFile& file) { return file.path.string().find("deploy_model.prototxt") != std::string::npos; });
    ASSERT_NE(prototxt, plan->files.end());
    EXPECT_EQ(prototxt->content.find("bias_term: false"), std::string::npos);
}

/// A layer with correlated inputs, as those behind a ReLU are, and the moments of `count` samples.
struct Patches {
    Layer layer;
    std::vector<std::vector<float>> samples;
};

Patches patches(const char* op, int64_t group)
{
    Patches result;
    result.layer.op = op;
    result.layer.name = "layer";
    result.layer.attributes.set("kernel", std::vector<int64_t>{3, 2});
    result.layer.attributes.set("pad", std::vector<int64_t>{1, 0, 2, 1});
    result.layer.attributes.set("stride", std::vector<int64_t>{2, 1});
    result.layer.attributes.set("dilation", std::vector<int64_t>{1, 2});
    result.layer.attributes.set("group", group);
    result.layer.attributes.set("outputs", int64_t{12});
    result.layer.weights = {
        std::make_shared<Buffer>(Buffer::fromFloats({12, 6 / group, 3, 2}, test::randomValues(static_cast<size_t>(72 / group * 6), 3)))};
    for (unsigned i = 0; i < 6; ++i) {
        result.samples.push_back(test::randomValues(6 * 9 * 8, 10 + i, 1, 0.5F));
        for (float& value : result.samples.back())
            value = std::max(value, 0.0F);
    }
    return result;
}

/// The engine's outputs of the layer with other weights.
std::vector<float> outputsOf(const Patches& patches, const std::vector<float>& weights, const std::vector<float>& sample)
{
    ModelBuilder builder("layer", "caffe");
    Layer input;
    input.name = input.type = input.op = "Input";
    input.outputs = {builder.addValue("data")};
    const ValueId data = input.outputs.front();
    builder.addLayer(input);
    builder.setInputShape(data, {1, 6, 9, 8});
    Layer layer = patches.layer;
    layer.type = layer.op;
    layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats(patches.layer.weights[0]->shape(), weights))};
    layer.inputs = {data};
    layer.outputs = {builder.addValue("out")};
    builder.addLayer(layer);
    const auto model = std::move(builder).build();
    EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
    LayerRunner runner(test::engine(), *model);
    Forward forward;
    forward.inputs = {tensorFrom(Buffer::fromFloats({1, 6, 9, 8}, sample), runner.pool())};
    const auto outputs = Evaluator(runner).run(forward, {});
    EXPECT_TRUE(outputs.ok()) << (outputs.ok() ? "" : errorText(outputs.error()));
    const Buffer buffer = bufferFrom(outputs->front());
    return {buffer.floats().begin(), buffer.floats().end()};
}

TEST(AdaRound, LossIsThatOfTheLayersOutputs)
{
    for (const auto& [op, group] : {std::pair{"Convolution", int64_t{1}}, {"Convolution", int64_t{2}}, {"DepthwiseConv", int64_t{6}}}) {
        const Patches given = patches(op, group);
        const WeightChannels channels(given.layer);
        const WeightInput weight{given.layer.weights[0]->floats(), channels};
        const auto grid = arqGrid(weight, {});
        QS_ASSERT_OK(grid);
        PatchMoments moments(given.layer, {1, 6, 9, 8}, 1'000'000);
        for (const auto& sample : given.samples)
            moments.add(sample);
        const std::vector<int8_t> codes = weightCodes(weight, *grid, 8);
        std::vector<float> rounded(codes.size());
        for (size_t i = 0; i < codes.size(); ++i)
            rounded[i] = static_cast<float>(codes[i]) * grid->scales[i / static_cast<size_t>(channels.inner())];
        double sum = 0;
        size_t count = 0;
        for (const auto& sample : given.samples) {
            const auto wanted = outputsOf(given, {weight.values.begin(), weight.values.end()}, sample);
            const auto found = outputsOf(given, rounded, sample);
            for (size_t i = 0; i < wanted.size(); ++i, ++count)
                sum += std::pow(static_cast<double>(wanted[i]) - static_cast<double>(found[i]), 2);
        }
        const double loss = sum / static_cast<double>(count);
        EXPECT_NEAR(reconstructionLoss(weight, *grid, codes, moments), loss, loss * 1e-3) << op << group;
    }
}

/// The loss of the best of all roundings, each channel by itself.
double leastLoss(const WeightInput& weight, WeightGrid grid, const PatchMoments& moments)
{
    const auto inner = static_cast<size_t>(weight.channels.inner());
    grid.roundUp.assign(weight.values.size(), 0);
    for (size_t channel = 0; channel < weight.values.size(); channel += inner) {
        std::vector<uint8_t> best;
        double least = std::numeric_limits<double>::infinity();
        for (size_t bits = 0; bits < size_t{1} << inner; ++bits) {
            for (size_t k = 0; k < inner; ++k)
                grid.roundUp[channel + k] = static_cast<uint8_t>(bits >> k & 1);
            if (const double loss = reconstructionLoss(weight, grid, weightCodes(weight, grid, 8), moments); loss < least) {
                least = loss;
                best = grid.roundUp;
            }
        }
        grid.roundUp = best;
    }
    return reconstructionLoss(weight, grid, weightCodes(weight, grid, 8), moments);
}

TEST(AdaRound, IsNeverWorseThanNearestAndWithinACodeOfIt)
{
    for (const auto& [op, group] : {std::pair{"Convolution", int64_t{1}}, {"Convolution", int64_t{2}}, {"DepthwiseConv", int64_t{6}}}) {
        const Patches given = patches(op, group);
        const WeightChannels channels(given.layer);
        const WeightInput weight{given.layer.weights[0]->floats(), channels};
        auto grid = arqGrid(weight, {});
        QS_ASSERT_OK(grid);
        PatchMoments moments(given.layer, {1, 6, 9, 8}, 1'000'000);
        for (const auto& sample : given.samples)
            moments.add(sample);
        const std::vector<int8_t> nearest = weightCodes(weight, *grid, 8);
        const double before = reconstructionLoss(weight, *grid, nearest, moments);
        const auto up = adaRound(weight, *grid, 8, moments, {});
        QS_ASSERT_OK(up);
        EXPECT_EQ(*up, *adaRound(weight, *grid, 8, moments, {})) << "nothing is random";
        grid->roundUp = *up;
        const std::vector<int8_t> codes = weightCodes(weight, *grid, 8);
        for (size_t i = 0; i < codes.size(); ++i)
            EXPECT_LE(std::abs(codes[i] - nearest[i]), 1);
        const double after = reconstructionLoss(weight, *grid, codes, moments);
        // Of six weights a channel all roundings can be tried.
        if (channels.inner() == 6)
            EXPECT_LE(after, 1.01 * leastLoss(weight, *grid, moments));
        else
            EXPECT_LT(after, 0.7 * before) << op << group;
    }
}

TEST(AdaRound, CanBeCancelled)
{
    const Patches given = patches("Convolution", 1);
    const WeightChannels channels(given.layer);
    const WeightInput weight{given.layer.weights[0]->floats(), channels};
    const auto grid = arqGrid(weight, {});
    PatchMoments moments(given.layer, {1, 6, 9, 8}, 100);
    moments.add(given.samples.front());
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(adaRound(weight, *grid, 8, moments, {.stop = stop.get_token(), .progress = {}}).error().code, ErrorCode::Cancelled);
}

/// Mean squared error of each layer's own output on float inputs, over the samples that calibrated.
std::map<std::string, double> localErrors(const Case& network, const Quantized& run)
{
    LayerRunner runner(test::engine(), run.prepared->network);
    std::map<std::string, double> errors;
    for (int sample = 0; sample < run.calibration->samples; ++sample) {
        ById<ValueId, Tensor> values(runner.model().values().size());
        Forward forward;
        forward.inputs = *inputTensors(runner.model(), *network.data->sample(sample), "", runner.pool());
        forward.tapped.assign(values.size(), 1);
        forward.tap = [&](ValueId value, const Tensor& tensor) -> Result<void> {
            values[value] = tensor;
            return {};
        };
        EXPECT_TRUE(Evaluator(runner).run(forward, {}).ok());
        for (const LayerId id : runner.model().layerIds()) {
            const Layer& layer = runner.model().layer(id);
            const auto factors = run.network->record.layers.find(layer.name);
            if (factors == run.network->record.layers.end() || factors->second.weightScales.empty())
                continue;
            LayerQuantization weights;
            weights.weights = fakeQuantizedWeightsOnly(layer, factors->second);
            const auto outputs = runner.run(id, std::vector<Tensor>{values[layer.inputs.front()]}, &weights);
            EXPECT_TRUE(outputs.ok());
            const Tensor wanted = convertLayout(values[layer.outputs.front()], outputs->front().layout(), runner.pool());
            for (size_t i = 0; i < wanted.values().size(); ++i)
                errors[layer.name] += std::pow(static_cast<double>(wanted.values()[i]) - static_cast<double>(outputs->front().values()[i]), 2);
        }
    }
    return errors;
}

void expectBetterLayers(Case network)
{
    const auto plain = quantized(network);
    QS_ASSERT_OK(plain);
    all(network.configuration, &WeightSetting::adaRound);
    const auto rounded = quantized(network);
    QS_ASSERT_OK(rounded);
    const auto before = localErrors(network, *plain);
    const auto after = localErrors(network, *rounded);
    int better = 0;
    for (const auto& [name, error] : after) {
        EXPECT_LE(error, before.at(name) * (1 + 1e-6)) << name;
        better += error < before.at(name) * 0.99 ? 1 : 0;
    }
    EXPECT_GT(2 * better, static_cast<int>(after.size()));
}

TEST(AdaRound, EveryLayerOfTheDemoIsAtLeastAsGoodAndMostAreBetter)
{
    expectBetterLayers(demo());
}

TEST(AdaRound, RealNetworkIsBetterLayerByLayer)
{
    const auto models = test::sharedModels();
    if (!models)
        GTEST_SKIP() << "no shared models";
    for (const test::OpenNetwork& network : test::openNetworks(*models)) {
        if (network.name != "ResNet-20")
            continue;
        Case given;
        given.model = *importModel({network.model, network.weights});
        DataSpec spec = network.data;
        spec.limit = 16;
        given.data = *openDataSet(spec, given.model->value(given.model->inputs().front()).shape);
        given.configuration = createQuantConfig(*given.model, 16);
        expectBetterLayers(given);
    }
}

TEST_F(RoundedAndCorrected, FakeQuantIntegersAndExportUseTheSameCodes)
{
    const auto integers = integerNetwork(*run.network);
    QS_ASSERT_OK(integers);
    int other = 0;
    for (const auto& [name, factors] : run.network->record.layers) {
        if (factors.roundUp.empty())
            continue;
        const LayerId id = run.network->network->findLayer(name);
        const Layer& layer = run.network->network->layer(id);
        const auto codes = (*integers)->layer((*integers)->findLayer(name)).weights[0];
        const auto fake = run.network->layers[id].weights[0]->floats();
        const WeightChannels channels(layer);
        for (size_t i = 0; i < fake.size(); ++i) {
            const float scale = factors.weightScales[factors.weightScales.size() == 1 ? 0 : i / static_cast<size_t>(channels.inner())];
            const int8_t code = std::as_const(*codes).as<int8_t>()[i];
            ASSERT_EQ(fake[i], static_cast<float>(code) * scale) << name;
            other += code != std::nearbyint(layer.weights[0]->floats()[i] / scale) ? 1 : 0;
        }
    }
    EXPECT_GT(other, 0) << "AdaRound has rounded something otherwise";
    const auto agreement = compareIntegers(test::engine(), *run.network, *network.data, 4, {});
    QS_ASSERT_OK(agreement);
    for (const IntegerLayer& layer : agreement->layers)
        EXPECT_GE(layer.local.share(), 0.999) << layer.layer;
}

TEST(Refinements, ARecordFileWithoutThemIsRefused)
{
    test::TemporaryFolder folder;
    for (bool WeightSetting::*flag : {&WeightSetting::equalize, &WeightSetting::adaRound, &WeightSetting::biasCorrection}) {
        Case network = demo();
        all(network.configuration, flag);
        const auto run = quantized(network);
        QS_ASSERT_OK(run);
        std::vector<std::string> order;
        for (const auto& [name, factors] : run->calibration->record.layers)
            order.push_back(name);
        const auto fromFile = recordFromText(recordToText(run->calibration->record, order), "record.txt");
        QS_ASSERT_OK(fromFile);
        const auto refused = quantizeNetwork(*run->prepared, *fromFile);
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code, ErrorCode::MissingValue);
        EXPECT_NE(errorText(refused.error()).find("calibrate again"), std::string::npos);
    }
    // And the other way round: factors of an equalized network do not fit the plain one.
    Case network = demo();
    all(network.configuration, &WeightSetting::equalize);
    const auto run = quantized(network);
    QS_ASSERT_OK(run);
    const auto plain = prepareNetwork(network.model, demo().configuration);
    EXPECT_EQ(quantizeNetwork(**plain, run->calibration->record).error().code, ErrorCode::MissingValue);
}

TEST_F(RoundedAndCorrected, SolvingAgainKeepsWhatWasFoundAndAnswersForAnotherCalibrator)
{
    Configuration changed = network.configuration;
    for (auto& [name, setting] : changed.layers)
        for (ActivationSetting& activation : setting.activations)
            activation.algorithm = "minmax";
    EXPECT_FALSE(needsOtherData(changed, network.configuration));
    const auto prepared = prepareNetwork(network.model, changed);
    QS_ASSERT_OK(prepared);
    const QuantRecord again = solveAgain(**prepared, *run.calibration);
    QS_ASSERT_OK(quantizeNetwork(**prepared, again));
    for (const auto& [name, factors] : again.layers) {
        const LayerFactors& before = run.calibration->record.layers.at(name);
        EXPECT_EQ(factors.roundUp, before.roundUp) << name;
        EXPECT_EQ(factors.bias, before.bias) << name;
        for (const InputFactors& input : factors.inputs) {
            const auto& seen = run.calibration->observed.at({name, input.port})->histogram();
            EXPECT_EQ(input.params, *paramsFromRange(seen.minimum(), seen.maximum(), input.params.bits, true)) << name;
        }
    }
    // Off again: nearest rounding and the layer's own bias.
    const auto plain = prepareNetwork(network.model, createQuantConfig(*network.model, 4));
    EXPECT_FALSE(needsOtherData((*plain)->configuration, network.configuration));
    for (const auto& [name, factors] : solveAgain(**plain, *run.calibration).layers) {
        EXPECT_TRUE(factors.roundUp.empty()) << name;
        EXPECT_TRUE(factors.bias.empty()) << name;
    }
}

TEST(Refinements, KnowWhenTheyNeedAnotherCalibration)
{
    test::TemporaryFolder folder;
    const Case network = mixed(folder.path());
    const Configuration& plain = network.configuration;
    const auto with = [&](Configuration configuration, bool WeightSetting::*flag) {
        *configuration.layers.at("left").weights.*flag = true;
        return configuration;
    };
    const Configuration equalized = with(plain, &WeightSetting::equalize);
    const Configuration rounded = with(plain, &WeightSetting::adaRound);
    const Configuration both = with(rounded, &WeightSetting::biasCorrection);
    EXPECT_FALSE(needsOtherData(plain, plain));
    EXPECT_TRUE(needsOtherData(equalized, plain));
    EXPECT_TRUE(needsOtherData(plain, equalized));
    EXPECT_TRUE(needsOtherData(rounded, plain));
    EXPECT_FALSE(needsOtherData(plain, rounded));
    EXPECT_TRUE(needsOtherData(both, rounded));
    EXPECT_FALSE(needsOtherData(rounded, both));
    EXPECT_TRUE(needsOtherData(with(plain, &WeightSetting::biasCorrection), both)) << "that correction was made for other roundings";
    Configuration perTensor = rounded;
    perTensor.layers.at("left").weights->channelWise = false;
    EXPECT_TRUE(needsOtherData(perTensor, rounded));
    Configuration bits = rounded;
    bits.layers.at("left").activations.front().bits = 12;
    EXPECT_FALSE(needsOtherData(bits, rounded));
}

TEST(Refinements, SayWhatDoesNotApply)
{
    test::TemporaryFolder folder;
    Case network = mixed(folder.path());
    WeightSetting& snq = *network.configuration.layers.at("left").weights;
    snq.algorithm = "snq";
    snq.bits = 4;
    snq.adaRound = true;
    network.configuration.layers.at("deconv").weights->adaRound = true;
    const auto prepared = prepareNetwork(network.model, network.configuration);
    QS_ASSERT_OK(prepared);
    for (const char* name : {"left", "deconv"}) {
        const Effective& effective = (*prepared)->effective[network.model->findLayer(name)];
        EXPECT_TRUE(effective.quantized);
        EXPECT_FALSE(effective.adaRounded);
        EXPECT_EQ(effective.reason, Reason::NotAdaRounded);
    }
    network.configuration.layers.at("left").activations.front().algorithm = "magic";
    const auto refused = prepareNetwork(network.model, network.configuration);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::OutOfRange);
    EXPECT_NE(errorText(refused.error()).find("entropy"), std::string::npos);
}

}  // namespace

}  // namespace qs

// A target in one file: three operators, 4 bits, unsigned, quantizers behind the layers instead of before them. Everything that a chip of another
// kind needs of the program is asked of it here: sites, grids, calibration, evaluation in every way, checks, export, project.
#include "core/base/json.h"
#include "core/engine/incremental.h"
#include "core/ir/builder.h"
#include "core/jobs/compare.h"
#include "core/jobs/integer_comparison.h"
#include "core/jobs/samples.h"
#include "core/jobs/sensitivity.h"
#include "core/ops/weight_channels.h"
#include "core/prepare/quantized_weights.h"
#include "core/project/project.h"
#include "core/quant/fake_quant.h"
#include "core/targets/target.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <array>
#include <set>

namespace qs {

namespace {

constexpr LayerRule toyLayers[] = {
    {"Convolution", Quantizable::WeightsAndData, true},
    {"ReLU", Quantizable::DataOnly, true},
    {"Pooling", Quantizable::DataOnly, true},
};
constexpr std::array four{4};

/// Behind the layer, but for a convolution whose output goes on into a ReLU: the chip has one unit for both.
std::vector<int> toySites(const Model& model, LayerId id)
{
    const Layer& layer = model.layer(id);
    const auto& readers = model.value(layer.outputs.front()).consumers;
    if (layer.op == "Convolution" && readers.size() == 1 && model.layer(readers.front()).op == "ReLU")
        return {};
    return {-1};
}

const QuantScheme& toyScheme()
{
    static const QuantScheme scheme{.layers = toyLayers,
                                    .sites = &toySites,
                                    .channelWise = [](std::string_view) { return true; },
                                    .activationWidths = four,
                                    .weightWidths = four,
                                    .codebooks = false,
                                    .activations = {.isUnsigned = true, .rounding = Rounding::HalfUp},
                                    .weights = {.narrow = true},
                                    .joinsScales = false,
                                    .takesFloatBias = true};
    return scheme;
}

void onTheProcessor(const CheckInput& input, const RuleFound& found)
{
    for (const Layer& layer : input.prepared.original->layers())
        if (layer.op != "Input" && !toyScheme().rule(layer.op))
            found(layer.name, {layer.type});
}

std::span<const Rule> toyRules()
{
    static const Rule rules[] = {
        {"toy.operator", Severity::Slow, "%1 runs on the processor", "our own", "Use a Convolution, a ReLU or a Pooling", &onTheProcessor}};
    return rules;
}

Result<ExportPlan> planToy(const ExportRequest& request)
{
    QS_CHECK(requireFactors(*request.prepared, *request.quantized));
    Json json = Json::object();
    for (const auto& [name, factors] : request.quantized->record.layers)
        for (const InputFactors& site : factors.inputs)
            json[name] = {{"scale", jsonNumber(site.params.scale)}, {"zero", site.params.offset}, {"most", site.params.qmax()}};
    ExportPlan plan;
    plan.files.push_back({request.prefix.string() + "_toy.json", "factors for the toy", jsonText(json)});
    return plan;
}

constexpr std::array toyFiles{"_toy.json"};

const Target& toy()
{
    static const bool added = [] {
        addTarget({"toy", "Toy", "Nobody", "three operators in 4 bits", &toyScheme, toyFiles, false, &planToy, &toyRules});
        return true;
    }();
    EXPECT_TRUE(added);
    return **findTarget("toy");
}

class ToyTarget : public ::testing::Test {
    test::TemporaryFolder m_folder;

protected:
    std::filesystem::path folder() const { return m_folder.path(); }

    void SetUp() override
    {
        m_configuration = adaptedTo(toy(), *m_model, createQuantConfig(*m_model, 4)).configuration;
        calibrated();
    }
    void calibrated()
    {
        const auto prepared = prepareNetwork(m_model, m_configuration);
        QS_ASSERT_OK(prepared);
        m_prepared = *prepared;
        const auto calibration = calibrate(test::engine(), *m_prepared, m_data, {});
        QS_ASSERT_OK(calibration);
        m_calibration = *calibration;
        const auto quantized = quantizeNetwork(*m_prepared, m_calibration->record);
        QS_ASSERT_OK(quantized);
        m_quantized = *quantized;
    }
    const LayerFactors& factors(const char* layer) const { return m_quantized->record.layers.at(layer); }

    /// Layer by layer, as the definition says: fake-quantized weights, the float kernel, then every output value by itself.
    std::map<ValueId, Buffer> byDefinition(int sample)
    {
        const Model& network = *m_prepared->network;
        LayerRunner runner(test::engine(), m_prepared->network);
        std::map<ValueId, Tensor> values;
        auto inputs = inputTensors(network, m_data, sample, runner.pool());
        EXPECT_TRUE(inputs.ok());
        values[network.inputs().front()] = inputs->front();
        std::map<ValueId, Buffer> buffers;
        for (const LayerId id : network.layerIds()) {
            const Layer& layer = network.layer(id);
            if (layer.op == "Input")
                continue;
            const LayerQuantization& quantization = m_quantized->layers[id];
            LayerQuantization weights;
            weights.weights = quantization.weights;
            std::vector<Tensor> read;
            for (const ValueId input : layer.inputs)
                read.push_back(values.at(input));
            const auto outputs = runner.run(id, read, &weights);
            EXPECT_TRUE(outputs.ok());
            Tensor output = outputs->front();
            if (!quantization.outputs.empty() && quantization.outputs.front()) {
                const QuantParams& params = *quantization.outputs.front();
                for (float& value : output.values()) {
                    const double code = std::clamp(std::floor(static_cast<double>(value / params.scale) + 0.5) + params.offset, 0.0, 15.0);
                    value = static_cast<float>(code - params.offset) * params.scale;
                }
            }
            values[layer.outputs.front()] = output;
            buffers[layer.outputs.front()] = bufferFrom(output);
        }
        return buffers;
    }

    std::shared_ptr<const Model> m_model = test::mixedNetwork(m_folder.path());
    test::RandomData m_data{{1, 3, 8, 8}};
    Configuration m_configuration;
    std::shared_ptr<const PreparedNetwork> m_prepared;
    std::shared_ptr<const Calibration> m_calibration;
    std::shared_ptr<const QuantizedNetwork> m_quantized;
};

void expectEqual(const Buffer& actual, const Buffer& expected, const std::string& what)
{
    ASSERT_EQ(actual.shape(), expected.shape()) << what;
    for (int64_t i = 0; i < actual.count(); ++i)
        ASSERT_EQ(actual.floats()[static_cast<size_t>(i)], expected.floats()[static_cast<size_t>(i)]) << what << ", " << i;
}

}  // namespace

TEST_F(ToyTarget, ChangingToItSaysWhatIsCarriedOver)
{
    const Adapted adapted = adaptedTo(toy(), *m_model, createQuantConfig(*m_model));
    EXPECT_EQ(adapted.configuration.target, "toy");
    EXPECT_EQ(adapted.dropped, (std::vector<std::string>{"sum", "deconv", "join", "fc", "prob"}));
    std::set<std::string> changed;
    for (const Adapted::Width& width : adapted.changed) {
        EXPECT_EQ(width.before, 8);
        EXPECT_EQ(width.after, 4);
        changed.insert(width.layer);
    }
    EXPECT_EQ(changed, (std::set<std::string>{"conv1", "conv2", "relu1", "left", "pool", "average"}));
    QS_ASSERT_OK(checkConfiguration(*m_model, adapted.configuration));
    // And back: AMCT's defaults where the toy had none.
    const Adapted back = adaptedTo(standardTarget(), *m_model, adapted.configuration);
    QS_ASSERT_OK(checkConfiguration(*m_model, back.configuration));
    EXPECT_TRUE(back.configuration.layers.at("fc").quantEnable);
    EXPECT_EQ(back.configuration.layers.at("conv2").activation(0).bits, 8);
}

TEST_F(ToyTarget, ALayerThatCannotRunKeepsItsSetting)
{
    ModelBuilder builder(*m_model);
    builder.layer(m_model->findLayer("fc")).notRunnable = "its weights are missing";
    const auto model = std::move(builder).build();
    QS_ASSERT_OK(model);
    const Adapted adapted = adaptedTo(toy(), **model, createQuantConfig(*m_model));
    EXPECT_TRUE(adapted.configuration.layers.contains("fc"));
    EXPECT_EQ(std::count(adapted.dropped.begin(), adapted.dropped.end(), "fc"), 0);
    QS_ASSERT_OK(checkConfiguration(**model, adapted.configuration));
}

TEST_F(ToyTarget, QuantizersStandBehindTheLayers)
{
    EXPECT_EQ(m_prepared->effective[m_model->findLayer("fc")].reason, Reason::TypeNotQuantizable);
    for (const char* layer : {"conv2", "left", "pool", "average", "relu1"}) {
        ASSERT_EQ(factors(layer).inputs.size(), 1) << layer;
        const InputFactors& site = factors(layer).inputs.front();
        EXPECT_EQ(site.port, -1);
        EXPECT_EQ(site.params.bits, 4);
        EXPECT_TRUE(site.params.form.isUnsigned);
        EXPECT_EQ(site.params.qmax(), 15);
    }
    // What a ReLU gives starts at zero: all 16 codes are above it.
    EXPECT_EQ(factors("relu1").inputs.front().params.offset, 0);
    EXPECT_GT(factors("conv2").inputs.front().params.offset, 0);
    EXPECT_EQ(factors("conv2").weightBits, 4);
    const auto codes = integerWeights(m_prepared->network->layer(m_prepared->network->findLayer("left")), factors("left"));
    QS_ASSERT_OK(codes);
    EXPECT_EQ(codes->front()->dtype(), DType::I8);
    EXPECT_EQ((*codes)[1]->dtype(), DType::F32);  // its bias has no grid: the input has no scale
}

TEST_F(ToyTarget, EveryWayToRunGivesTheDefinitionsBits)
{
    const Model& network = *m_prepared->network;
    std::vector<ValueId> wanted;
    for (const Layer& layer : network.layers())
        if (layer.op != "Input")
            wanted.push_back(layer.outputs.front());
    IncrementalEvaluator incremental(test::engine(), m_prepared->network, std::make_shared<ValueCache>(size_t{64} << 20));
    const Variant variant = incremental.variant(m_quantized->layers);
    const Variant floating = incremental.floating();
    for (int sample = 0; sample < 2; ++sample) {
        const auto expected = byDefinition(sample);
        const Sample source{ValueKey{static_cast<uint64_t>(sample), 1},
                            [&] { return inputTensors(network, m_data, sample, incremental.runner().pool()); }};
        // In float first: the cache must not mix them up.
        QS_ASSERT_OK(incremental.values(floating, source, wanted, true, {}));
        const auto cached = incremental.values(variant, source, wanted, true, {});
        QS_ASSERT_OK(cached);
        for (const ValueId value : wanted)
            expectEqual(bufferFrom(cached->at(value)), expected.at(value), "incremental " + network.value(value).name);
        // Only the end is wanted: layers are fused, run in bands and written side by side.
        LayerRunner runner(test::engine(), m_prepared->network);
        Forward forward;
        forward.quantization = &m_quantized->layers;
        auto inputs = inputTensors(network, m_data, sample, runner.pool());
        QS_ASSERT_OK(inputs);
        forward.inputs = *inputs;
        const auto outputs = Evaluator(runner).run(forward, {});
        QS_ASSERT_OK(outputs);
        expectEqual(bufferFrom(outputs->front()), expected.at(network.outputs().front()), "whole pass");
        const auto pair = compareSample(test::engine(), *m_prepared, *m_quantized, m_data, sample, "conv2", {});
        QS_ASSERT_OK(pair);
        expectEqual((*pair)->quantizedOutput, expected.at(network.findValue("conv2")), "compared");
        std::set<float> levels((*pair)->quantizedOutput.floats().begin(), (*pair)->quantizedOutput.floats().end());
        EXPECT_LE(levels.size(), 16);
        EXPECT_GT(levels.size(), 4);
    }
}

TEST_F(ToyTarget, IsComparedAndRunInIntegers)
{
    const auto comparison = compare(test::engine(), *m_prepared, *m_quantized, m_data, {}, {});
    QS_ASSERT_OK(comparison);
    const LayerComparison* conv = (*comparison)->layer("conv2");
    ASSERT_NE(conv, nullptr);
    EXPECT_GT(conv->local.cosine, 0.9);
    EXPECT_LT(conv->local.cosine, 1);
    ASSERT_NE((*comparison)->histogram("conv2", -1), nullptr);
    const auto integers = compareIntegers(test::engine(), *m_quantized, m_data, 4, {});
    QS_ASSERT_OK(integers);
    for (const IntegerLayer& layer : integers->layers)
        EXPECT_EQ(layer.local.share(), 1) << layer.layer;
}

TEST_F(ToyTarget, SensitivityIsMeasuredAndNotPredicted)
{
    IncrementalEvaluator evaluator(test::engine(), m_prepared->network, std::make_shared<ValueCache>(size_t{64} << 20));
    const auto result = sensitivity(evaluator, *m_quantized, m_data, {.samples = 2, .predict = true, .publish = {}}, {});
    QS_ASSERT_OK(result);
    // A figure without the error of the outputs would be wrong.
    EXPECT_NE((*result)->noPrediction.find("its output is quantized"), std::string::npos) << (*result)->noPrediction;
    const auto conv =
        std::find_if((*result)->layers.begin(), (*result)->layers.end(), [](const LayerSensitivity& layer) { return layer.layer == "conv2"; });
    ASSERT_NE(conv, (*result)->layers.end());
    EXPECT_LT(conv->oneQuantized.cosine, 1);
    EXPECT_GT(conv->oneQuantized.cosine, 0.5);
}

TEST_F(ToyTarget, LimitsByHandAndOtherTargetsKeepTheLimits)
{
    m_configuration.layers.at("conv2").activations.front().clip = std::pair{-0.5F, 1.0F};
    const auto prepared = prepareNetwork(m_model, m_configuration);
    QS_ASSERT_OK(prepared);
    const QuantRecord record = effectiveRecord(**prepared, m_calibration->record);
    const QuantParams& params = record.layers.at("conv2").inputs.front().params;
    EXPECT_EQ(params.form, toyScheme().activations);
    EXPECT_FLOAT_EQ(params.scale, 0.1F);
    EXPECT_EQ(params.offset, 5);
    // Settings are solved again from what was seen, on the same grid.
    const QuantRecord again = solveAgain(*m_prepared, *m_calibration);
    for (const auto& [name, factors] : m_calibration->record.layers)
        EXPECT_EQ(again.layers.at(name), factors) << name;
}

TEST_F(ToyTarget, WeightsAreRoundedAdaptivelyInsideTheNarrowRange)
{
    for (const char* layer : {"conv1", "conv2", "left"})
        m_configuration.layers.at(layer).weights->adaRound = true;
    ASSERT_NO_FATAL_FAILURE(calibrated());
    for (const char* name : {"conv2", "left"}) {
        const Layer& layer = m_prepared->network->layer(m_prepared->network->findLayer(name));
        EXPECT_FALSE(factors(name).roundUp.empty());
        const auto quantized = fakeQuantizedWeightsOnly(layer, factors(name)).front();
        const auto weights = quantized->floats();
        const WeightChannels channels(layer);
        for (int64_t run = 0; run < channels.runs(); ++run)
            for (int64_t i = run * channels.inner(); i < (run + 1) * channels.inner(); ++i) {
                const float code = weights[static_cast<size_t>(i)] / factors(name).weightScales[static_cast<size_t>(channels.of(run))];
                EXPECT_LE(std::fabs(code), 7.001F);
            }
    }
}

TEST_F(ToyTarget, ChecksAndExports)
{
    std::vector<std::string> layers;
    for (const CheckResult& result : runChecks(toy().rules(), {*m_prepared, m_quantized.get(), m_calibration.get()}))
        layers.push_back(result.layer);
    EXPECT_EQ(layers, (std::vector<std::string>{"bn1", "scale1", "sum", "deconv", "join", "fc", "prob"}));
    const auto plan = toy().plan({.prepared = m_prepared.get(), .quantized = m_quantized.get(), .prefix = folder() / "net"});
    QS_ASSERT_OK(plan);
    QS_ASSERT_OK(writeExport(*plan));
    const auto text = readFile(folder() / "net_toy.json", largestText);
    QS_ASSERT_OK(text);
    const auto json = parseJson(*text, "net_toy.json");
    QS_ASSERT_OK(json);
    EXPECT_EQ((*json)["pool"]["most"], 15);
    EXPECT_EQ((*json)["pool"]["scale"].get<float>(), factors("pool").inputs.front().params.scale);
}

TEST_F(ToyTarget, AProjectKeepsItsFactors)
{
    Project project;
    project.model = folder() / "net.prototxt";
    project.configuration = m_configuration;
    project.recordConfiguration = m_configuration;
    project.record = m_calibration->record;
    const auto read = projectFromJson(projectToJson(project, folder()), folder(), "p.qsproj");
    QS_ASSERT_OK(read);
    EXPECT_EQ(read->configuration, m_configuration);
    ASSERT_TRUE(read->record.has_value());
    EXPECT_EQ(read->record->layers, m_calibration->record.layers);
    // A width that no grid has is refused, not shifted by.
    std::string broken = projectToJson(project, folder());
    const size_t at = broken.find("\"bits\": 4", broken.find("\"sites\""));
    ASSERT_NE(at, std::string::npos);
    broken.replace(at, 9, "\"bits\": 40");
    EXPECT_EQ(projectFromJson(broken, folder(), "p.qsproj").error().code, ErrorCode::OutOfRange);
}

}  // namespace qs

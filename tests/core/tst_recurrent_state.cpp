// The hidden state of a recurrent layer as a site of a scheme: a target that quantizes it finds it observed, run, cached, compared and exported.
#include "core/engine/incremental.h"
#include "core/ir/builder.h"
#include "core/jobs/compare.h"
#include "core/jobs/diagnose.h"
#include "core/jobs/integer_comparison.h"
#include "core/jobs/samples.h"
#include "core/jobs/sensitivity.h"
#include "core/ops/weight_channels.h"
#include "tests/support/networks.h"
#include "tests/support/run_model.h"
#include "tests/support/temporary_folder.h"

#include <array>

namespace qs {

namespace {

constexpr LayerRule rules[] = {{"LSTM", Quantizable::WeightsAndData, true}, {"GRU", Quantizable::WeightsAndData, true}};
constexpr std::array four{4, 8};

std::vector<int> inputAndState(const Model& model, LayerId id)
{
    return outputIsState(model.layer(id).op) ? std::vector<int>{0, stateSite} : std::vector<int>{0};
}

const QuantScheme& scheme()
{
    static const QuantScheme scheme{.layers = rules,
                                    .sites = &inputAndState,
                                    .channelWise = [](std::string_view) { return false; },
                                    .activationWidths = four,
                                    .weightWidths = four,
                                    .codebooks = false,
                                    .activations = {},
                                    .weights = {},
                                    .joinsScales = false,
                                    .takesFloatBias = true};
    return scheme;
}

constexpr int64_t steps = 6, width = 5, hidden = 6;

std::string layerText(const std::string& type, bool exposed, int64_t length)
{
    const std::string size = std::to_string(length);
    std::string text = "layer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { dim: " + size + " dim: 1 dim: 5 } } }\n";
    text += "layer { name: \"cont\" type: \"Parameter\" top: \"cont\" parameter_param { shape { dim: " + size + " dim: 1 } } }\n";
    for (const char* state : {"h0", "c0"})
        if (exposed)
            text += std::string("layer { name: \"") + state + "\" type: \"Input\" top: \"" + state +
                    "\" input_param { shape { dim: 1 dim: 1 dim: 6 } } }\n";
    text += "layer { name: \"r\" type: \"" + type + "\" bottom: \"data\" bottom: \"cont\" ";
    if (exposed)
        text += "bottom: \"h0\" bottom: \"c0\" top: \"r\" top: \"h\" top: \"c\" recurrent_param { num_output: 6 expose_hidden: true } }\n";
    else
        text += "top: \"r\" recurrent_param { num_output: 6 } }\n";
    return text;
}

std::shared_ptr<const Model> network(const std::filesystem::path& folder, const std::string& type, bool exposed, int64_t length)
{
    const int64_t gates = type == "GRU" ? 3 : 4;
    const std::vector<test::Blob> blobs{test::randomBlob({gates * hidden, width}, 1, 0.6F), test::randomBlob({gates * hidden}, 2, 0.2F),
                                        test::randomBlob({gates * hidden, hidden}, 3, 0.9F)};
    test::Blob marks{{length, 1}, std::vector<float>(static_cast<size_t>(length), 1)};
    marks.values.front() = exposed ? 1.0F : 0.0F;
    test::writeNetwork(folder, layerText(type, exposed, length), {{"r", blobs}, {"cont", {marks}}});
    const auto model = test::openNetwork(folder);
    EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
    return model.ok() ? *model : nullptr;
}

class RecurrentState : public ::testing::TestWithParam<const char*> {
    test::TemporaryFolder m_folder;

protected:
    void SetUp() override
    {
        m_model = network(m_folder.path(), GetParam(), false, steps);
        ASSERT_TRUE(m_model);
        Configuration configuration;
        configuration.scheme = &scheme();
        LayerSetting setting = *defaultSetting(*m_model, m_model->findLayer("r"), scheme());
        setting.activations.resize(2, setting.activations.front());
        setting.activations[1].bits = 4;
        configuration.layers["r"] = setting;
        configuration.batchNum = 4;
        const auto prepared = prepareNetwork(m_model, configuration);
        QS_ASSERT_OK(prepared);
        m_prepared = *prepared;
        const auto calibration = calibrate(test::engine(), *m_prepared, m_data, {});
        QS_ASSERT_OK(calibration);
        m_calibration = *calibration;
        const auto quantized = quantizeNetwork(*m_prepared, m_calibration->record);
        QS_ASSERT_OK(quantized);
        m_quantized = *quantized;
    }
    LayerId layer() const { return m_prepared->network->findLayer("r"); }

    std::shared_ptr<const Model> m_model;
    test::RandomData m_data{{steps, 1, width}};
    std::shared_ptr<const PreparedNetwork> m_prepared;
    std::shared_ptr<const QuantizedNetwork> m_quantized;
    std::shared_ptr<const Calibration> m_calibration;
};

}  // namespace

TEST_P(RecurrentState, IsObservedWhereTheLayerGivesIt)
{
    const LayerFactors& factors = m_quantized->record.layers.at("r");
    const InputFactors* state = factors.input(stateSite);
    ASSERT_NE(state, nullptr);
    EXPECT_EQ(state->params.bits, 4);
    EXPECT_EQ(siteText(stateSite), "state");
    const auto seen = std::find_if(m_calibration->observations.begin(), m_calibration->observations.end(),
                                   [](const PortObservation& one) { return one.port == stateSite; });
    ASSERT_NE(seen, m_calibration->observations.end());
    EXPECT_LE(std::fabs(seen->histogram.maximum), 1);  // a gate times tanh
    EXPECT_GT(seen->histogram.maximum, 0.05);
}

TEST_P(RecurrentState, EveryWayToRunGivesTheSameBits)
{
    const ValueId value = m_prepared->network->layer(layer()).outputs.front();
    IncrementalEvaluator incremental(test::engine(), m_prepared->network, std::make_shared<ValueCache>(size_t{16} << 20));
    ById<LayerId, LayerQuantization> floatState = m_quantized->layers;
    floatState[layer()].state.reset();
    const Variant with = incremental.variant(m_quantized->layers);
    const Variant without = incremental.variant(floatState);
    const Sample source{ValueKey{0, 1}, [&] { return inputTensors(*m_prepared->network, m_data, 0, incremental.runner().pool()); }};
    const std::vector<ValueId> wanted{value};
    // The state's grid is part of what a value is known by.
    const auto first = incremental.values(without, source, wanted, true, {});
    const auto cached = incremental.values(with, source, wanted, true, {});
    QS_ASSERT_OK(first);
    QS_ASSERT_OK(cached);
    const Buffer quantized = bufferFrom(cached->at(value));
    EXPECT_NE(test::listOf(quantized), test::listOf(bufferFrom(first->at(value))));
    const auto pair = compareSample(test::engine(), *m_prepared, *m_quantized, m_data, 0, "r", {});
    QS_ASSERT_OK(pair);
    for (int64_t i = 0; i < quantized.count(); ++i)
        ASSERT_EQ((*pair)->quantizedOutput.floats()[static_cast<size_t>(i)], quantized.floats()[static_cast<size_t>(i)]) << i;
    const auto integers = compareIntegers(test::engine(), *m_quantized, m_data, 2, {});
    QS_ASSERT_OK(integers);
    EXPECT_EQ(integers->layers.back().cumulative.share(), 1);
}

TEST_P(RecurrentState, IsDiagnosedAndNotPredicted)
{
    IncrementalEvaluator evaluator(test::engine(), m_prepared->network, std::make_shared<ValueCache>(size_t{16} << 20));
    const auto result = sensitivity(evaluator, *m_quantized, m_data, {.samples = 2, .predict = true, .publish = {}}, {});
    QS_ASSERT_OK(result);
    EXPECT_NE((*result)->noPrediction.find("its state is quantized"), std::string::npos) << (*result)->noPrediction;
    const auto diagnosis = diagnose(test::engine(), *m_prepared, *m_quantized, m_data, 2, {});
    QS_ASSERT_OK(diagnosis);
    ASSERT_EQ((*diagnosis)->layers.size(), 1U);
    const PlaceDiagnosis* state = (*diagnosis)->layers.front().at(ChannelPlace::State, 0);
    ASSERT_NE(state, nullptr);
    EXPECT_EQ(state->channels.size(), static_cast<size_t>(hidden));
    EXPECT_EQ(state->codes.size(), 16U);
}

INSTANTIATE_TEST_SUITE_P(Ops, RecurrentState, ::testing::Values("LSTM", "GRU"));

// A long layer whose state is quantized is a short one, run step by step, that is given the quantized state: to the last bit.
TEST(RecurrentStateByDefinition, IsWhatEachStepReads)
{
    test::TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "long");
    std::filesystem::create_directories(folder.path() / "short");
    const auto whole = network(folder.path() / "long", "LSTM", false, steps);
    const auto step = network(folder.path() / "short", "LSTM", true, 1);
    ASSERT_TRUE(whole && step);
    const QuantParams params{.scale = 0.11F, .offset = 2, .bits = 4};
    LayerRunner runner(test::engine(), whole);
    LayerRunner single(test::engine(), step);
    const test::RandomData data({steps, 1, width});
    const auto inputs = inputTensors(*whole, data, 0, runner.pool());
    QS_ASSERT_OK(inputs);
    LayerQuantization quantization;
    quantization.state = params;
    const LayerId id = whole->findLayer("r");
    const auto read = [](const Model& model, LayerRunner& on, std::vector<Tensor> given) {
        const auto outputs = on.run(model.findLayer("r"), given, nullptr);
        EXPECT_TRUE(outputs.ok());
        return *outputs;
    };
    Tensor ones = runner.pool().allocate({steps, 1});
    std::fill(ones.values().begin(), ones.values().end(), 1.0F);
    const auto outputs = runner.run(id, std::vector<Tensor>{inputs->front(), ones}, &quantization);
    QS_ASSERT_OK(outputs);
    Tensor h = single.pool().allocate({1, 1, hidden});
    Tensor c = single.pool().allocate({1, 1, hidden});
    std::fill(h.values().begin(), h.values().end(), 0.0F);
    std::fill(c.values().begin(), c.values().end(), 0.0F);
    Tensor mark = single.pool().allocate({1, 1});
    mark.values()[0] = 1;
    for (int64_t t = 0; t < steps; ++t) {
        Tensor x = single.pool().allocate({1, 1, width});
        std::copy_n(inputs->front().data() + t * width, width, x.data());
        const auto found = read(*step, single, {x, mark, single.fakeQuantized(h, params), c});
        for (int64_t i = 0; i < hidden; ++i)
            ASSERT_EQ(outputs->front().data()[t * hidden + i], found[0].data()[i]) << t << ", " << i;
        h = found[1];
        c = found[2];
    }
}

}  // namespace qs

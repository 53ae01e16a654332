// Diagnosis: figures by channel against their definitions, parts of the error against measured ones, the demo's own defect, and every remedy.
#include "core/jobs/diagnose.h"

#include "core/ir/builder.h"
#include "core/jobs/remedies.h"
#include "core/project/project.h"
#include "core/quant/fake_quant.h"
#include "tests/support/networks.h"
#include "tests/support/open_networks.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <set>

namespace qs {

namespace {

struct Analysed {
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const Calibration> calibration;
    std::shared_ptr<const QuantizedNetwork> quantized;
    std::shared_ptr<const Diagnosis> diagnosis;
};

Analysed analysed(const std::shared_ptr<const Model>& model, const DataSet& data, Configuration configuration)
{
    Analysed result;
    const auto prepared = prepareNetwork(model, configuration);
    EXPECT_TRUE(prepared.ok());
    result.prepared = *prepared;
    const auto calibration = calibrate(test::engine(), *result.prepared, data, {});
    EXPECT_TRUE(calibration.ok()) << (calibration.ok() ? "" : errorText(calibration.error()));
    result.calibration = *calibration;
    result.quantized = *quantizeNetwork(*result.prepared, result.calibration->record);
    const auto diagnosis = diagnose(test::engine(), *result.prepared, *result.quantized, data, result.calibration->samples, {});
    EXPECT_TRUE(diagnosis.ok()) << (diagnosis.ok() ? "" : errorText(diagnosis.error()));
    result.diagnosis = *diagnosis;
    return result;
}

const Cause* causeOf(const LayerDiagnosis& layer, std::string_view id)
{
    const auto found = std::find_if(layer.causes.begin(), layer.causes.end(), [&](const Cause& cause) { return cause.rule->id == id; });
    return found == layer.causes.end() ? nullptr : &*found;
}

/// One Convolution or Deconvolution of two groups, 8 channels of random values in front.
std::shared_ptr<const Model> groupedNetwork(const std::filesystem::path& folder, const std::string& type = "Convolution")
{
    const std::string text = R"(name: "grouped"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 8 dim: 9 dim: 9 } } }
layer { name: "conv" type: ")" +
                             type +
                             R"(" bottom: "data" top: "conv" convolution_param { num_output: 6 kernel_size: 3 pad: 1 group: 2 bias_term: false } }
)";
    const Shape shape = type == "Convolution" ? Shape{6, 4, 3, 3} : Shape{8, 3, 3, 3};
    test::writeNetwork(folder, text, {{"conv", {test::randomBlob(shape, 3, 0.5F)}}});
    return *test::openNetwork(folder);
}

}  // namespace

TEST(Diagnose, ChannelsAreTalliedAsTheyAreDefined)
{
    for (const QuantParams params : {QuantParams{.scale = 0.02F, .offset = 13, .bits = 8}, QuantParams{.scale = 0.5F, .offset = 0, .bits = 4},
                                     QuantParams{.scale = 0.001F, .offset = -20, .bits = 12, .form = {.isUnsigned = false, .narrow = true}}})
        for (const int64_t inner : {1, 7, 5000}) {
            const int64_t channels = 11;
            std::vector<float> values = test::randomValues(static_cast<size_t>(2 * channels * inner), 5);
            values[3] = std::numeric_limits<float>::quiet_NaN();
            ChannelTally tally(channels, params);
            tally.add(values, inner);
            std::vector<float> quantized(values.size());
            fakeQuantize(values, quantized, params);
            std::vector<ChannelFigures> expected(static_cast<size_t>(channels));
            std::vector<std::set<float>> levels(expected.size());
            for (size_t i = 0; i < values.size(); ++i) {
                if (std::isnan(values[i]))
                    continue;
                const size_t channel = i / static_cast<size_t>(inner) % expected.size();
                ChannelFigures& figures = expected[channel];
                const double error = static_cast<double>(quantized[i]) - static_cast<double>(values[i]);
                const bool cut = std::fabs(error) > static_cast<double>(params.scale) * 0.501;
                figures.minimum = figures.count == 0 ? values[i] : std::min(figures.minimum, values[i]);
                figures.maximum = figures.count == 0 ? values[i] : std::max(figures.maximum, values[i]);
                ++figures.count;
                figures.clipped += cut;
                figures.xx += static_cast<double>(values[i]) * static_cast<double>(values[i]);
                figures.nn += error * error;
                figures.clippedNn += cut ? error * error : 0;
                levels[channel].insert(quantized[i]);
            }
            const auto found = tally.figures();
            ASSERT_EQ(found.size(), expected.size());
            for (size_t channel = 0; channel < expected.size(); ++channel) {
                EXPECT_EQ(found[channel].minimum, expected[channel].minimum);
                EXPECT_EQ(found[channel].maximum, expected[channel].maximum);
                EXPECT_EQ(found[channel].count, expected[channel].count);
                EXPECT_EQ(found[channel].clipped, expected[channel].clipped) << params.bits << " " << inner << " " << channel;
                EXPECT_EQ(found[channel].levels, static_cast<int>(levels[channel].size()));
                EXPECT_NEAR(found[channel].nn, expected[channel].nn, 1e-9 * expected[channel].nn);
                EXPECT_NEAR(found[channel].clippedNn, expected[channel].clippedNn, 1e-9 * expected[channel].nn);
            }
            uint64_t counted = 0;
            for (const uint64_t count : tally.codes())
                counted += count;
            EXPECT_EQ(counted, values.size() - 1);
        }
}

class DiagnosePart : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Layers, DiagnosePart, testing::Values("Convolution", "Deconvolution"));

TEST_P(DiagnosePart, OfAChannelIsWhatQuantizingItAloneCosts)
{
    const test::TemporaryFolder folder;
    const auto model = groupedNetwork(folder.path(), GetParam());
    const test::RandomData data({8, 9, 9}, 16);
    Configuration configuration = createQuantConfig(*model, 16);
    configuration.layers.at("conv").activations.front().bits = 8;
    const Analysed found = analysed(model, data, configuration);
    const LayerDiagnosis& layer = *found.diagnosis->layer("conv");
    const PlaceDiagnosis& input = *layer.at(ChannelPlace::Input, 0);
    const PlaceDiagnosis& weights = *layer.at(ChannelPlace::Weights, 0);
    ASSERT_EQ(input.channels.size(), 8U);
    ASSERT_EQ(weights.channels.size(), 6U);
    EXPECT_NEAR(input.part() + weights.part(), 1, 1e-9);

    // Measured: the layer with only one thing quantized, the squared error of its output.
    LayerRunner runner(test::engine(), found.prepared->network);
    const LayerId id = found.prepared->network->findLayer("conv");
    const LayerQuantization& quantization = found.quantized->layers[id];
    std::vector<double> byChannel(8);
    double byWeights = 0;
    for (int sample = 0; sample < data.size(); ++sample) {
        const Buffer values = *data.sample(sample);
        const auto run = [&](const Buffer& buffer, bool quantizedWeights) {
            LayerQuantization weightsOnly;
            weightsOnly.weights = quantization.weights;
            const Tensor tensor = tensorFrom(buffer.reshaped({1, 8, 9, 9}), runner.pool());
            return bufferFrom(runner.run(id, std::vector{tensor}, quantizedWeights ? &weightsOnly : nullptr)->front());
        };
        const Buffer expected = run(values, false);
        const auto errorOf = [&](const Buffer& buffer) { return errorSums(expected.floats(), buffer.floats()).nn; };
        byWeights += errorOf(run(values, true));
        for (size_t channel = 0; channel < 8; ++channel) {
            Buffer changed = Buffer::fromFloats(values.shape(), values.floats());
            const auto part = changed.floats().subspan(channel * 81, 81);
            fakeQuantize(part, part, *quantization.inputs.front());
            byChannel[channel] += errorOf(run(changed, false));
        }
    }
    double all = byWeights;
    for (const double error : byChannel)
        all += error;
    // The border of the padding, where fewer weights read a value, and chance: 16 samples of 81 values.
    for (size_t channel = 0; channel < 8; ++channel)
        EXPECT_NEAR(input.parts[channel], byChannel[channel] / all, 0.2 * byChannel[channel] / all) << channel;
    EXPECT_NEAR(weights.part(), byWeights / all, 0.2 * byWeights / all);
}

TEST(Diagnose, OfEveryKindOfLayerItSaysSomethingThatAddsUp)
{
    const test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    const test::RandomData data({3, 8, 8}, 8);
    Configuration configuration = createQuantConfig(*model, 8);
    for (auto& [name, setting] : configuration.layers)
        setting.quantEnable = true;
    const Analysed found = analysed(model, data, configuration);
    EXPECT_GT(found.diagnosis->layers.size(), 6U);
    const auto comparison = *compare(test::engine(), *found.prepared, *found.quantized, data, {}, {});
    for (const LayerDiagnosis& layer : found.diagnosis->layers) {
        EXPECT_EQ(layer.local.cosine, comparison->layer(layer.layer)->local.cosine) << layer.layer;
        EXPECT_EQ(layer.cumulative.mse, comparison->layer(layer.layer)->cumulative.mse) << layer.layer;
        double sum = 0;
        for (const PlaceDiagnosis& place : layer.places) {
            EXPECT_EQ(place.parts.size(), place.channels.size());
            if (place.place != ChannelPlace::Result)
                sum += place.part();
            if (place.place == ChannelPlace::Input)
                EXPECT_EQ(place.ranges.size(), 8U);
        }
        EXPECT_NEAR(sum, 1, 1e-9) << layer.layer;
    }
    // Figures of an InnerProduct's weights stand by row.
    EXPECT_EQ(found.diagnosis->layer("fc")->at(ChannelPlace::Weights, 0)->channels.size(), 6U);
    EXPECT_EQ(found.diagnosis->layer("fc")->at(ChannelPlace::Input, 0)->channels.size(), 9U);
    EXPECT_EQ(found.diagnosis->layer("join")->at(ChannelPlace::Input, 1)->channels.size(), 4U);
}

TEST(Diagnose, ChannelsAreFeaturesOfTokensAndHeadsOfAttention)
{
    ModelBuilder builder("attention", "onnx");
    const auto add = [&builder](const char* name, const char* op, std::vector<ValueId> inputs, Attributes attributes = {}) {
        const ValueId value = builder.addValue(name);
        Layer layer;
        layer.name = name;
        layer.type = layer.op = op;
        layer.attributes = std::move(attributes);
        layer.inputs = std::move(inputs);
        layer.outputs = {value};
        builder.addLayer(std::move(layer));
        return value;
    };
    const ValueId tokens = add("tokens", "Input", {});
    builder.setInputShape(tokens, {1, 6, 8});
    Attributes last;
    last.set("axis", int64_t{-1});
    const ValueId normed = add("normed", "LayerNormalization", {tokens}, last);
    const ValueId half = add("half", "Sigmoid", {normed});
    const ValueId plain = add("plain", "TanH", {half});
    Layer rows;
    rows.name = "rows";
    rows.type = rows.op = "Convolution";
    rows.attributes.set("kernel", std::vector<int64_t>{1});
    rows.attributes.set("outputs", int64_t{6});
    rows.weights = {std::make_shared<const Buffer>(DType::F32, Shape{6, 6, 1})};
    rows.inputs = {normed};
    rows.outputs = {builder.addValue("rows")};
    add("again", "LayerNormalization", {rows.outputs.front()}, last);
    builder.addLayer(std::move(rows));
    builder.setOutputs({add("product", "MatMul", {half, half}), plain});
    const auto model = std::move(builder).build();
    QS_ASSERT_OK(model);
    const auto axis = [&](const char* layer, const Shape& shape) { return channelAxis(**model, (*model)->findLayer(layer), shape); };
    EXPECT_EQ(axis("normed", {1, 6, 8}), 2U);
    EXPECT_EQ(axis("half", {1, 6, 8}), 2U) << "what a layer norm wrote";
    EXPECT_EQ(axis("plain", {1, 6, 8}), 1U) << "nothing is known of it";
    EXPECT_EQ(axis("plain", {1, 6}), 1U);
    EXPECT_EQ(axis("rows", {1, 6, 8}), 1U) << "a convolution's own, between two layer norms";
    EXPECT_EQ(axis("product", {1, 3, 6, 8}), 1U) << "heads";
    EXPECT_EQ(axis("product", {3, 6, 8}), 0U) << "heads, of torch's own attention";
    EXPECT_EQ(axis("product", {6, 8}), 1U);
}

TEST(Diagnose, WeightsThatReadAChannelAreFound)
{
    const test::TemporaryFolder folder;
    for (const char* type : {"Convolution", "Deconvolution"}) {
        const auto model = groupedNetwork(folder.path(), type);
        const Analysed found = analysed(model, test::RandomData({8, 9, 9}, 2), createQuantConfig(*model, 2));
        const PlaceDiagnosis& input = *found.diagnosis->layer("conv")->at(ChannelPlace::Input, 0);
        ASSERT_EQ(input.readBy.size(), 8U);
        const Buffer& weights = *model->layer(model->findLayer("conv")).weights.front();
        // Channel 5 is the second of the second group: of a Convolution weights (3..5, 1), of a Deconvolution (5, all).
        std::vector<float> values;
        for (int64_t row = 0; row < 3; ++row) {
            const int64_t first = type == std::string("Convolution") ? ((3 + row) * 4 + 1) * 9 : (5 * 3 + row) * 9;
            const auto taps = weights.floats().subspan(static_cast<size_t>(first), 9);
            values.insert(values.end(), taps.begin(), taps.end());
        }
        EXPECT_EQ(input.readBy[5].minimum, *std::min_element(values.begin(), values.end()));
        EXPECT_EQ(input.readBy[5].maximum, *std::max_element(values.begin(), values.end()));
    }
}

TEST(Diagnose, EveryCauseHasItsWords)
{
    std::set<std::string> ids;
    for (const CauseRule& rule : causeRules()) {
        EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
        EXPECT_TRUE(std::string_view(rule.definition).ends_with(".")) << rule.id;
        EXPECT_NE(std::string_view(rule.text).find('%'), std::string_view::npos) << rule.id;
    }
}

TEST(Diagnose, CutScoresOnePictureAndDeadChannelsAreSaid)
{
    const test::TemporaryFolder folder;
    std::ofstream(folder.path() / "net.prototxt") << R"(name: "scores"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 4 dim: 6 dim: 6 } } }
layer { name: "pool" type: "Pooling" bottom: "data" top: "pool" pooling_param { pool: AVE global_pooling: true } }
layer { name: "prob" type: "Softmax" bottom: "pool" top: "prob" }
)";
    const auto opened = importModel({folder.path() / "net.prototxt", {}});
    QS_ASSERT_OK(opened);
    const std::shared_ptr<const Model>& model = *opened;
    /// Channel 2 is constant; the third sample is five times as wide as the others.
    class Scores final : public DataSet {
    public:
        int size() const override { return 8; }
        std::string sampleName(int index) const override { return "#" + std::to_string(index); }
        Result<Buffer> sample(int index) const override
        {
            std::vector<float> values = test::randomValues(144, 7 + static_cast<unsigned>(index), index == 3 ? 15.0F : 3.0F);
            std::fill_n(values.begin() + 72, 36, 1.0F);
            return Buffer::fromFloats({4, 6, 6}, values);
        }
        Result<Buffer> picture(int) const override { return Buffer(); }
        int label(int) const override { return -1; }
        const std::vector<std::string>& skipped() const override { return m_skipped; }
        const DataSpec& spec() const override { return m_spec; }

    private:
        std::vector<std::string> m_skipped;
        DataSpec m_spec;
    } data;
    Configuration configuration = createQuantConfig(*model, 8);
    ASSERT_TRUE(configuration.layers.contains("pool"));
    configuration.layers.at("pool").quantEnable = true;
    configuration.layers.at("pool").activations.front().clip = {-2.0F, 2.0F};
    const Analysed found = analysed(model, data, configuration);
    const LayerDiagnosis& pool = *found.diagnosis->layer("pool");
    ASSERT_TRUE(causeOf(pool, "scores-cut"));
    EXPECT_GT(causeOf(pool, "scores-cut")->evidence, 4);
    ASSERT_TRUE(causeOf(pool, "cut-tail"));
    ASSERT_TRUE(causeOf(pool, "one-picture"));
    EXPECT_EQ(causeOf(pool, "one-picture")->arguments.front(), "#3");
    ASSERT_TRUE(causeOf(pool, "dead"));
    EXPECT_EQ(causeOf(pool, "dead")->channel, 2);
}

TEST(Diagnose, OfNothingNothingIsSaid)
{
    ChannelTally tally(3, {.scale = 0.1F, .offset = 0, .bits = 8});
    tally.add({}, 0);
    tally.add({}, 5);
    EXPECT_EQ(tally.figures().front().count, 0);
    // Zeros throughout: there is neither a tail nor anything to repair.
    const test::TemporaryFolder folder;
    const auto model = groupedNetwork(folder.path());
    const test::RandomData data({8, 9, 9}, 4, 0);
    const Analysed found = analysed(model, data, createQuantConfig(*model, 4));
    const LayerDiagnosis& layer = *found.diagnosis->layer("conv");
    EXPECT_EQ(layer.local.mse, 0);
    EXPECT_FALSE(causeOf(layer, "long-tail"));
    RemedyTrial trial(test::engine(), found.prepared, found.quantized, *found.calibration, data, {.samples = 4, .cache = nullptr});
    EXPECT_TRUE(tryRemedies(trial, *found.prepared, layer, {}, {})->results.empty());
}

class DiagnosedDemo : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        auto project = loadProject(std::filesystem::path(QS_SOURCE_DIR "/resources/demo/demo.qsproj"));
        QS_ASSERT_OK(project);
        s_model = *importModel({project->model, project->weights});
        s_data = *openDataSet(*project->data, s_model->value(s_model->inputs().front()).shape);
        s_found = analysed(s_model, *s_data, project->configuration);
    }
    static void TearDownTestSuite()
    {
        s_model.reset();
        s_data.reset();
        s_found = {};
    }

    static inline std::shared_ptr<const Model> s_model;
    static inline std::shared_ptr<const DataSet> s_data;
    static inline Analysed s_found;
};

TEST_F(DiagnosedDemo, NamesTheOneWideChannelAndItsFactor)
{
    const auto worst = s_found.diagnosis->worst(1);
    ASSERT_EQ(worst.size(), 1U);
    EXPECT_EQ(worst.front()->layer, "dw4");
    const Cause* wide = causeOf(*worst.front(), "wide-channel");
    ASSERT_TRUE(wide);
    EXPECT_EQ(wide->place, ChannelPlace::Input);
    // The channel that was made 64 times larger: its weights are the smallest of all.
    const auto& weights = worst.front()->at(ChannelPlace::Weights, 0)->channels;
    const auto smallest = std::min_element(weights.begin(), weights.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    EXPECT_EQ(wide->channel, static_cast<int>(smallest - weights.begin()));
    EXPECT_EQ(std::round(std::log2(wide->evidence)), 6);
    EXPECT_EQ(wide->arguments[4], "6") << "bits, of";
    EXPECT_EQ(wide->arguments.back(), "8");
    EXPECT_TRUE(causeOf(*worst.front(), "few-levels"));
    // What stands behind it is well by itself.
    const Cause* upstream = causeOf(*s_found.diagnosis->layer("sum4"), "upstream");
    ASSERT_TRUE(upstream);
    EXPECT_EQ(upstream->arguments[1], "dw4");
}

TEST_F(DiagnosedDemo, ErrorsThatAddUpAreToldFromOneBadLayer)
{
    // As if the layer that is bad were not: what stands behind it is as wrong as it is.
    Diagnosis changed = *s_found.diagnosis;
    for (LayerDiagnosis& layer : changed.layers)
        layer.local.cosine = std::max(layer.local.cosine, 0.9995);
    const LayerDiagnosis& sum = *changed.layer("sum4");
    const auto causes = findCauses({*s_found.prepared, *s_found.quantized, changed, sum, s_found.prepared->network->findLayer("sum4")});
    ASSERT_EQ(causes.size(), 1U);
    EXPECT_STREQ(causes.front().rule->id, "adds-up");
    EXPECT_GT(causes.front().evidence, 0.99);
    EXPECT_TRUE(remediesFor(*s_found.prepared, "sum4", causes)->empty());
}

TEST_F(DiagnosedDemo, TheBestRemedyReachesNinetyNinePercent)
{
    const LayerDiagnosis& layer = *s_found.diagnosis->layer("dw4");
    RemedyTrial trial(test::engine(), s_found.prepared, s_found.quantized, *s_found.calibration, *s_data, {.samples = 200, .cache = nullptr});
    const auto before = trial.before("dw4", {});
    QS_ASSERT_OK(before);
    EXPECT_LT(*before->agreement, 0.9);
    const auto changes = remediesFor(*s_found.prepared, "dw4", layer.causes);
    QS_ASSERT_OK(changes);
    std::vector<RemedyResult> results;
    for (const RemedyChange& change : *changes) {
        const auto result = trial.measure(change, "dw4", {});
        QS_ASSERT_OK(result);
        EXPECT_EQ(result->failed, "") << change.name();
        results.push_back(*result);
    }
    sortRemedies(results, *before);
    EXPECT_GE(*results.front().agreement, 0.99);
    EXPECT_EQ(results.front().change.remedy, Remedy::Equalize);
    EXPECT_EQ(results.front().cost.share, 1);
    // Each is what its configuration gives when it is computed from the beginning.
    for (const RemedyResult& result : results) {
        if (result.change.calibrates)
            continue;
        const auto prepared = *prepareNetwork(s_model, withRemedy(s_found.prepared->configuration, result.change));
        const auto quantized = *quantizeNetwork(*prepared, solveAgain(*prepared, *s_found.calibration));
        const auto comparison = *compare(test::engine(), *prepared, *quantized, *s_data, {.histograms = false, .local = true}, {});
        EXPECT_EQ(result.agreement, comparison->classification.agreement) << result.change.name();
        EXPECT_NEAR(result.output.cosine, comparison->outputs.front().cumulative.cosine, 1e-12) << result.change.name();
        if (result.change.remedy != Remedy::Float)
            EXPECT_NEAR(result.local.cosine, comparison->layer("dw4")->local.cosine, 1e-12) << result.change.name();
    }
}

TEST_F(DiagnosedDemo, NothingIsTriedWhereALayerIsWell)
{
    const LayerDiagnosis& layer = *s_found.diagnosis->layer("sum4");
    EXPECT_TRUE(remediesFor(*s_found.prepared, "sum4", layer.causes)->empty());
    EXPECT_FALSE(remediesFor(*s_found.prepared, "sum4", {})->empty());
    EXPECT_EQ(remediesFor(*s_found.prepared, "nobody", {}).error().code, ErrorCode::UnknownLayer);
}

TEST_F(DiagnosedDemo, CanBeCancelledAndNeedsData)
{
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(diagnose(test::engine(), *s_found.prepared, *s_found.quantized, *s_data, 8, {.stop = stop.get_token(), .progress = {}}).error().code,
              ErrorCode::Cancelled);
    EXPECT_EQ(diagnose(test::engine(), *s_found.prepared, *s_found.quantized, *s_data, 0, {}).error().code, ErrorCode::NoData);
}

}  // namespace qs

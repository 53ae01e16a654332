// Calibration, comparison and evaluation on a small real network.
#include "core/jobs/compare.h"

#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

class CompareTest : public testing::Test {
protected:
    void SetUp() override
    {
        m_model = test::mixedNetwork(m_folder.path());
        ASSERT_TRUE(m_model);
        prepare(createQuantConfig(*m_model, 4));
    }
    void prepare(const Configuration& configuration)
    {
        auto prepared = prepareNetwork(m_model, configuration);
        QS_ASSERT_OK(prepared);
        m_prepared = *prepared;
    }
    std::shared_ptr<const Calibration> calibrated(const JobContext& job = {})
    {
        const auto result = calibrate(test::engine(), *m_prepared, m_data, job);
        EXPECT_TRUE(result.ok()) << (result.ok() ? "" : errorText(result.error()));
        return result.ok() ? *result : nullptr;
    }
    std::shared_ptr<const Comparison> compared(const QuantRecord& record)
    {
        const auto quantized = quantizeNetwork(*m_prepared, record);
        EXPECT_TRUE(quantized.ok());
        const auto result = compare(test::engine(), *m_prepared, **quantized, m_data, {}, {});
        EXPECT_TRUE(result.ok()) << (result.ok() ? "" : errorText(result.error()));
        return result.ok() ? *result : nullptr;
    }

    test::TemporaryFolder m_folder;
    test::RandomData m_data{{3, 8, 8}};
    std::shared_ptr<const Model> m_model;
    std::shared_ptr<const PreparedNetwork> m_prepared;
};

}  // namespace

TEST_F(CompareTest, EveryQuantizedLayerHasFactors)
{
    const auto calibration = calibrated();
    ASSERT_TRUE(calibration);
    EXPECT_EQ(calibration->samples, 4);
    for (const LayerId id : m_model->layerIds()) {
        const std::string& name = m_model->layer(id).name;
        const bool quantized = m_prepared->effective[id].quantized;
        EXPECT_EQ(calibration->record.layers.contains(name), quantized) << name;
        if (quantized)
            EXPECT_EQ(calibration->record.layers.at(name).inputs.size(), m_prepared->effective[id].inputs.size()) << name;
    }
    EXPECT_EQ(calibration->record.layers.at("conv1").weightScales.size(), 8U);
    EXPECT_EQ(calibration->record.layers.at("deconv").weightScales.size(), 4U);
    EXPECT_EQ(calibration->record.layers.at("fc").weightScales.size(), 1U);
    EXPECT_EQ(calibration->record.layers.at("sum").inputs.size(), 2U);
}

TEST_F(CompareTest, FiguresComeAsTheyAre)
{
    const auto calibration = calibrated();
    const auto quantized = quantizeNetwork(*m_prepared, calibration->record);
    QS_ASSERT_OK(quantized);
    std::vector<std::shared_ptr<const Comparison>> published;
    CompareOptions options;
    options.publish = [&](std::shared_ptr<const Comparison> soFar) { published.push_back(std::move(soFar)); };
    options.pause = {};
    const auto whole = compare(test::engine(), *m_prepared, **quantized, m_data, options, {});
    QS_ASSERT_OK(whole);
    ASSERT_EQ(published.size(), static_cast<size_t>(m_data.size()) - 1);
    for (size_t i = 0; i < published.size(); ++i) {
        const Comparison& some = *published[i];
        EXPECT_FALSE(some.complete());
        EXPECT_EQ(some.samples, static_cast<int>(i) + 1);
        ASSERT_EQ(some.bySample.size(), i + 1);
        EXPECT_EQ(some.bySample.back().sums.nn, (*whole)->bySample[i].sums.nn);
        EXPECT_TRUE(some.layer("conv2")->run);
        EXPECT_EQ(some.layer("relu1")->local.cosine, 1);
    }
    EXPECT_TRUE((*whole)->complete());
    EXPECT_FALSE((*whole)->histograms.empty());
}

TEST_F(CompareTest, QuantizationErrsALittleAndMoreBitsLess)
{
    const auto calibration = calibrated();
    const auto eight = compared(calibration->record);
    ASSERT_TRUE(eight);
    const LayerComparison* conv2 = eight->layer("conv2");
    ASSERT_TRUE(conv2 && conv2->run);
    EXPECT_GT(conv2->local.cosine, 0.999);
    EXPECT_LT(conv2->local.cosine, 1);
    EXPECT_LE(conv2->cumulative.cosineWorst, conv2->cumulative.cosine);
    // The first layer sees float inputs: both scopes are the same.
    EXPECT_EQ(eight->layer("conv1")->local.mse, eight->layer("conv1")->cumulative.mse);
    // Layers that are not quantized have no local error.
    EXPECT_EQ(eight->layer("relu1")->local.cosine, 1);
    EXPECT_LT(eight->layer("relu1")->cumulative.cosine, 1);
    EXPECT_FALSE(eight->layer("data")->run);

    Configuration wide = m_prepared->configuration;
    for (auto& [name, setting] : wide.layers)
        setting.activations[0].bits = 16;
    prepare(wide);
    const auto sixteen = compared(calibrated()->record);
    EXPECT_GT(sixteen->layer("pool")->local.sqnrDb, eight->layer("pool")->local.sqnrDb + 30);
}

TEST_F(CompareTest, HistogramsCountEveryValue)
{
    const auto comparison = compared(calibrated()->record);
    const PortHistograms* input = comparison->histogram("conv2", 0);
    ASSERT_TRUE(input);
    EXPECT_EQ(input->floatValues.total, 8U * 8 * 8 * 8);
    EXPECT_EQ(input->quantizedValues.total, 8U * 8 * 8 * 8);
    ASSERT_TRUE(comparison->histogram("conv2", -1));
    EXPECT_EQ(comparison->histogram("conv2", 1), nullptr);
}

TEST_F(CompareTest, NothingQuantizedIsExact)
{
    Configuration off = createQuantConfig(*m_model, 1);
    for (auto& [name, setting] : off.layers)
        setting.quantEnable = false;
    prepare(off);
    const auto comparison = compared(calibrated()->record);
    for (const OutputComparison& output : comparison->outputs) {
        EXPECT_EQ(output.cumulative.mse, 0);
        EXPECT_TRUE(std::isinf(output.cumulative.sqnrDb));
    }
    EXPECT_EQ(comparison->classification.agreement, 1);
}

TEST_F(CompareTest, ClipsByHandReplaceTheFactors)
{
    const auto calibration = calibrated();
    Configuration clipped = m_prepared->configuration;
    clipped.layers.at("conv2").activations[0].clip = {-0.25F, 0.5F};
    prepare(clipped);
    const QuantRecord record = effectiveRecord(*m_prepared, calibration->record);
    const InputFactors* factors = record.layers.at("conv2").input(0);
    EXPECT_TRUE(factors->byHand);
    EXPECT_FLOAT_EQ(factors->params.scale, 0.75F / 255);
    EXPECT_LT(compared(calibration->record)->layer("conv2")->local.cosine, 0.99);
}

TEST_F(CompareTest, EachInputHasItsOwnSetting)
{
    Configuration configuration = m_prepared->configuration;
    configuration.layers.at("sum").activations = {ActivationSetting{}, ActivationSetting{}};
    configuration.layers.at("sum").activations[1].bits = 12;
    configuration.layers.at("sum").activations[1].clip = {-1.0F, 1.0F};
    prepare(configuration);
    const Effective& effective = m_prepared->effective[m_model->findLayer("sum")];
    ASSERT_EQ(effective.inputs.size(), 2U);
    EXPECT_EQ(effective.inputs[0].bits, 8);
    EXPECT_EQ(effective.inputs[1].bits, 12);
    EXPECT_FALSE(effective.inputs[0].byHand);
    EXPECT_TRUE(effective.inputs[1].byHand);
    const QuantRecord record = effectiveRecord(*m_prepared, calibrated()->record);
    EXPECT_FALSE(record.layers.at("sum").input(0)->byHand);
    EXPECT_TRUE(record.layers.at("sum").input(1)->byHand);
    EXPECT_FLOAT_EQ(record.layers.at("sum").input(1)->params.scale, 2.0F / 4095);
}

TEST_F(CompareTest, ChangedBitsAreSolvedFromWhatWasSeen)
{
    const auto calibration = calibrated();
    Configuration wide = m_prepared->configuration;
    wide.layers.at("conv2").activations[0].bits = 12;
    prepare(wide);
    const QuantRecord again = solveAgain(*m_prepared, *calibration);
    EXPECT_EQ(again.layers.at("conv2").input(0)->params.bits, 12);
    // The untouched layers keep their factors exactly.
    EXPECT_EQ(again.layers.at("conv1").input(0)->params, calibration->record.layers.at("conv1").input(0)->params);
    const auto fresh = calibrated();
    // The finer histogram of a new pass may prefer a neighbouring candidate: one search step of 0.01.
    EXPECT_NEAR(again.layers.at("conv2").input(0)->params.scale / fresh->record.layers.at("conv2").input(0)->params.scale, 1, 0.02);
}

TEST_F(CompareTest, SolvingAgainTakesOverWhatIsKnown)
{
    const auto calibration = calibrated();
    const Configuration before = m_prepared->configuration;
    QuantRecord marked = calibration->record;
    for (auto& [name, factors] : marked.layers) {
        factors.inputs[0].params.scale *= 2;  // not what solving would give
        for (float& scale : factors.weightScales)
            scale *= 2;
    }
    Configuration changed = before;
    changed.layers.at("conv2").activations[0].bits = 12;
    changed.layers.at("left").weights->algorithm = "snq";
    changed.layers.at("left").weights->bits = 4;
    prepare(changed);
    const KnownFactors known{marked, before};
    const QuantRecord again = solveAgain(*m_prepared, *calibration, &known);
    const QuantRecord anew = solveAgain(*m_prepared, *calibration);
    EXPECT_EQ(again.layers.at("conv1").input(0)->params, marked.layers.at("conv1").input(0)->params);
    EXPECT_EQ(again.layers.at("conv2").input(0)->params, anew.layers.at("conv2").input(0)->params);
    EXPECT_EQ(again.layers.at("conv2").weightScales, marked.layers.at("conv2").weightScales);
    EXPECT_EQ(again.layers.at("left").codebook, anew.layers.at("left").codebook);
    EXPECT_FALSE(again.layers.at("left").codebook.empty());
    EXPECT_EQ(again.layers.at("left").input(0)->params, marked.layers.at("left").input(0)->params);
    // The network's offset reaches every layer that has none of its own.
    changed = before;
    changed.activationOffset = false;
    prepare(changed);
    EXPECT_EQ(solveAgain(*m_prepared, *calibration, &known).layers.at("conv1").input(0)->params.offset, 0);
}

TEST_F(CompareTest, SwitchingToSnqChangesTheResult)
{
    const auto calibration = calibrated();
    const auto uniform = compared(calibration->record);
    std::vector<double> snq;
    for (const char* init : {"uniform", "gaussian", "d2sampling"}) {
        Configuration changed = m_prepared->configuration;
        changed.layers.at("conv2").weights =
            WeightSetting{.algorithm = "snq", .channelWise = true, .bits = 4, .maxIteration = 500, .minDistance = 1e-3, .initAlgorithm = init};
        prepare(changed);
        const auto comparison = compared(solveAgain(*m_prepared, *calibration));
        snq.push_back(comparison->layer("conv2")->local.cosine);
        EXPECT_LT(snq.back(), uniform->layer("conv2")->local.cosine) << init;
        EXPECT_GT(snq.back(), 0.98) << init;
        EXPECT_EQ(comparison->layer("left")->local.cosine, uniform->layer("left")->local.cosine);
    }
    // The first centres are heard: three starts do not all end alike.
    EXPECT_FALSE(snq[0] == snq[1] && snq[1] == snq[2]);
}

TEST_F(CompareTest, AnEnabledLayerWithoutFactorsIsNamed)
{
    const auto calibration = calibrated();
    QuantRecord partly = calibration->record;
    partly.layers.erase("conv2");
    const auto quantized = quantizeNetwork(*m_prepared, partly);
    QS_ASSERT_OK(quantized);
    EXPECT_EQ((*quantized)->effective[m_model->findLayer("conv2")].reason, Reason::NoFactors);
    partly = calibration->record;
    partly.layers.at("conv2").weightScales.resize(3);
    EXPECT_EQ(quantizeNetwork(*m_prepared, partly).error().code, ErrorCode::ShapeMismatch);
}

TEST_F(CompareTest, TooFewBatchesSayHowMany)
{
    prepare(createQuantConfig(*m_model, 9));
    const auto result = calibrate(test::engine(), *m_prepared, m_data, {});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::TooFewBatches);
    EXPECT_NE(result.error().detail.find("9"), std::string::npos);
    EXPECT_NE(result.error().detail.find("8"), std::string::npos);
    // As many as there are is enough.
    prepare(createQuantConfig(*m_model, 8));
    const auto enough = calibrate(test::engine(), *m_prepared, m_data, {});
    QS_ASSERT_OK(enough);
    EXPECT_EQ((*enough)->samples, 8);
}

TEST_F(CompareTest, IllegalRangesLeaveTheLayerFloat)
{
    test::RandomData huge({3, 8, 8}, 2, 1e30F);
    prepare(createQuantConfig(*m_model, 1));
    const auto calibration = calibrate(test::engine(), *m_prepared, huge, {});
    QS_ASSERT_OK(calibration);
    const Effective& conv1 = (*calibration)->effective[m_model->findLayer("conv1")];
    EXPECT_EQ(conv1.reason, Reason::IllegalScale);
    EXPECT_NE(conv1.reasonDetail.find("IfmrQuantWithOffset scale is illegal"), std::string::npos);
    EXPECT_FALSE((*calibration)->record.layers.contains("conv1"));
    QS_ASSERT_OK(quantizeNetwork(*m_prepared, (*calibration)->record));
}

TEST_F(CompareTest, CancelledIsAValue)
{
    std::stop_source stop;
    const JobContext job{stop.get_token(), [&](const Progress&) { stop.request_stop(); }};
    const auto result = calibrate(test::engine(), *m_prepared, m_data, job);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
}

TEST_F(CompareTest, EvaluateAgreesWithCompare)
{
    const auto calibration = calibrated();
    const auto quantized = quantizeNetwork(*m_prepared, calibration->record);
    QS_ASSERT_OK(quantized);
    const auto evaluation = evaluate(test::engine(), *m_prepared, **quantized, m_data, {});
    QS_ASSERT_OK(evaluation);
    const Classification& evaluated = evaluation->classification;
    const Classification compared = this->compared(calibration->record)->classification;
    EXPECT_TRUE(evaluated.valid && evaluated.labelled);
    EXPECT_EQ(evaluated.floatTop1, compared.floatTop1);
    EXPECT_EQ(evaluated.quantizedTop5, compared.quantizedTop5);
    EXPECT_EQ(evaluated.agreement, compared.agreement);
    EXPECT_FALSE(evaluation->detection.valid) << "it has no boxes";
}

TEST_F(CompareTest, OneSamplesValuesAreThoseOfTheSet)
{
    const auto quantized = quantizeNetwork(*m_prepared, calibrated()->record);
    const auto sample = compareSample(test::engine(), *m_prepared, **quantized, m_data, 2, "conv2", {});
    QS_ASSERT_OK(sample);
    EXPECT_EQ((*sample)->floatOutput.shape(), (Shape{1, 8, 8, 8}));
    EXPECT_GT((*sample)->metrics.cosine, 0.99);
    EXPECT_EQ((*sample)->floatOutputs.size(), 1U);
    EXPECT_EQ(compareSample(test::engine(), *m_prepared, **quantized, m_data, 99, "conv2", {}).error().code, ErrorCode::OutOfRange);
}

TEST_F(CompareTest, SamplesOfAnotherShapeAreNamed)
{
    test::RandomData wrong({3, 9, 8});
    const auto result = calibrate(test::engine(), *m_prepared, wrong, {});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::ShapeMismatch);
    EXPECT_NE(errorText(result.error()).find("3x9x8"), std::string::npos);
}

TEST(ClassVectors, AreOneVectorASample)
{
    EXPECT_TRUE(isClassVector({1, 10}));
    EXPECT_TRUE(isClassVector({1, 10, 1, 1}));
    EXPECT_FALSE(isClassVector({1, 1}));          // a single score
    EXPECT_FALSE(isClassVector({10}));            // no axis of samples
    EXPECT_FALSE(isClassVector({4, 1, 5}));       // a sequence
    EXPECT_FALSE(isClassVector({1, 21, 8, 8}));   // a map of classes
    EXPECT_FALSE(isClassVector({1, 1, 100, 7}));  // detections
    EXPECT_FALSE(isClassVector({}));
}

}  // namespace qs

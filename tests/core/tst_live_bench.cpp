// The live comparison: the figures of compare() after every edit, whatever was cached, cancelled or undone before.
#include "core/jobs/live_bench.h"

#include "core/data/selection.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

class LiveBenchTest : public testing::Test {
protected:
    void SetUp() override
    {
        m_model = test::mixedNetwork(m_folder.path());
        ASSERT_TRUE(m_model);
        m_configuration = createQuantConfig(*m_model, 4);
        const auto prepared = prepareNetwork(m_model, m_configuration);
        QS_ASSERT_OK(prepared);
        const auto calibration = calibrate(test::engine(), **prepared, *m_data, {});
        QS_ASSERT_OK(calibration);
        m_record = (*calibration)->record;
        apply();
    }
    /// As the window does after each edit: what can be taken over from the state before is.
    void apply()
    {
        auto prepared = prepareNetwork(m_model, m_configuration, m_prepared.get());
        QS_ASSERT_OK(prepared);
        auto quantized = quantizeNetwork(**prepared, m_record, m_quantized.get());
        QS_ASSERT_OK(quantized);
        m_prepared = *prepared;
        m_quantized = *quantized;
    }
    void edit(std::mt19937& random)
    {
        auto setting = m_configuration.layers.begin();
        std::advance(setting, static_cast<long>(random() % m_configuration.layers.size()));
        switch (random() % 3) {
            case 0:
                setting->second.quantEnable = !setting->second.quantEnable;
                break;
            case 1:
                setting->second.activations.front().bits = 8 + static_cast<int>(random() % 9);
                break;
            default:
                setting->second.activations.front().clip = {{-1, 1 + static_cast<float>(random() % 5)}};
        }
        apply();
    }
    std::shared_ptr<const Comparison> full()
    {
        const auto result = compare(test::engine(), *m_prepared, *m_quantized, *m_data, {.histograms = false, .local = true}, {});
        EXPECT_TRUE(result.ok()) << (result.ok() ? "" : errorText(result.error()));
        return *result;
    }
    std::shared_ptr<const Comparison> refreshed(LiveBench& bench, bool whole = true, const JobContext& job = {})
    {
        bench.setState(m_prepared, m_quantized, m_data, m_serial);
        const auto result = bench.refresh({.subset = 3, .most = whole ? 0 : 3, .publish = {}}, job);
        EXPECT_TRUE(result.ok()) << (result.ok() ? "" : errorText(result.error()));
        return result.ok() ? *result : nullptr;
    }
    static void expectSame(const Metrics& a, const Metrics& b, const std::string& where)
    {
        EXPECT_EQ(a.cosine, b.cosine) << where;
        EXPECT_EQ(a.cosineWorst, b.cosineWorst) << where;
        EXPECT_EQ(a.worstSample, b.worstSample) << where;
        EXPECT_EQ(a.sqnrDb, b.sqnrDb) << where;
        EXPECT_EQ(a.mse, b.mse) << where;
        EXPECT_EQ(a.maxAbs, b.maxAbs) << where;
    }
    static void expectSame(const Comparison& live, const Comparison& expected)
    {
        EXPECT_EQ(live.freshness, Freshness::Full);
        EXPECT_EQ(live.samples, expected.samples);
        ASSERT_EQ(live.layers.size(), expected.layers.size());
        for (size_t i = 0; i < live.layers.size(); ++i) {
            EXPECT_EQ(live.layers[i].layer, expected.layers[i].layer);
            ASSERT_EQ(live.layers[i].run, expected.layers[i].run) << live.layers[i].layer;
            if (!live.layers[i].run)
                continue;
            EXPECT_EQ(live.layers[i].freshness, Freshness::Full);
            expectSame(live.layers[i].cumulative, expected.layers[i].cumulative, live.layers[i].layer);
            expectSame(live.layers[i].local, expected.layers[i].local, live.layers[i].layer + ", local");
        }
        ASSERT_EQ(live.outputs.size(), expected.outputs.size());
        for (size_t i = 0; i < live.outputs.size(); ++i)
            expectSame(live.outputs[i].cumulative, expected.outputs[i].cumulative, live.outputs[i].name);
        EXPECT_EQ(live.classification.agreement, expected.classification.agreement);
        EXPECT_EQ(live.classification.quantizedTop5, expected.classification.quantizedTop5);
        ASSERT_EQ(live.bySample.size(), expected.bySample.size());
        for (size_t i = 0; i < live.bySample.size(); ++i) {
            EXPECT_EQ(live.bySample[i].sample, expected.bySample[i].sample);
            EXPECT_EQ(cosineOf(live.bySample[i].sums), cosineOf(expected.bySample[i].sums)) << i;
            EXPECT_EQ(live.bySample[i].sums.maxAbs, expected.bySample[i].sums.maxAbs) << i;
            EXPECT_EQ(live.bySample[i].vote.quantizedClass, expected.bySample[i].vote.quantizedClass) << i;
            EXPECT_EQ(live.bySample[i].vote.floatScore, expected.bySample[i].vote.floatScore) << i;
        }
    }

    test::TemporaryFolder m_folder;
    std::shared_ptr<const DataSet> m_data = std::make_shared<test::RandomData>(Shape{3, 8, 8});
    uint64_t m_serial = 1;
    std::shared_ptr<const Model> m_model;
    Configuration m_configuration;
    QuantRecord m_record;
    std::shared_ptr<const PreparedNetwork> m_prepared;
    std::shared_ptr<const QuantizedNetwork> m_quantized;
};

}  // namespace

TEST_F(LiveBenchTest, EveryEditEqualsAFullComparison)
{
    // Nothing fits, little fits, everything fits.
    for (const size_t budget : {size_t{0}, size_t{6000}, size_t{64} << 20}) {
        LiveBench bench(test::engine(), std::make_shared<ValueCache>(budget));
        std::mt19937 random(3);
        for (int i = 0; i < 20; ++i) {
            SCOPED_TRACE("budget " + std::to_string(budget) + ", edit " + std::to_string(i));
            edit(random);
            const auto live = refreshed(bench);
            ASSERT_TRUE(live);
            expectSame(*live, *full());
        }
    }
}

TEST_F(LiveBenchTest, WhatIsLeftOutIsNotCompared)
{
    const auto all = full();
    const std::string worst = m_data->sampleName(all->outputs.front().cumulative.worstSample);
    m_data = withNotEvaluated(m_data, {worst, m_data->sampleName(0)});
    LiveBench bench(test::engine(), std::make_shared<ValueCache>(64 << 20));
    const auto live = refreshed(bench);
    const auto expected = full();
    expectSame(*live, *expected);
    EXPECT_EQ(expected->samples, all->samples - 2);
    // The others are as they were, under the numbers that they have in the whole set.
    EXPECT_GT(expected->outputs.front().cumulative.cosineWorst, all->outputs.front().cumulative.cosineWorst);
    for (const SampleFigures& figures : expected->bySample) {
        EXPECT_NE(m_data->sampleName(figures.sample), worst);
        EXPECT_EQ(cosineOf(figures.sums), cosineOf(all->bySample[static_cast<size_t>(figures.sample)].sums));
    }
}

TEST_F(LiveBenchTest, TogglingBackComputesNothing)
{
    LiveBench bench(test::engine(), std::make_shared<ValueCache>(64 << 20));
    const auto first = refreshed(bench);
    const Configuration before = m_configuration;
    m_configuration.layers.at("conv2").quantEnable = false;
    apply();
    const int64_t ran = bench.evaluator().layersRun();
    const auto other = refreshed(bench);
    EXPECT_GT(bench.evaluator().layersRun(), ran);
    EXPECT_NE(other->outputs.front().cumulative.relL2, first->outputs.front().cumulative.relL2);
    m_configuration = before;
    apply();
    const int64_t back = bench.evaluator().layersRun();
    expectSame(*refreshed(bench), *first);
    EXPECT_EQ(bench.evaluator().layersRun(), back);
}

TEST_F(LiveBenchTest, StaleFiguresAreSaidToBe)
{
    LiveBench bench(test::engine(), std::make_shared<ValueCache>(64 << 20));
    ASSERT_TRUE(refreshed(bench));
    m_configuration.layers.at("conv1").quantEnable = false;
    apply();
    // Stopped before anything: what is shown is the old comparison, as stale.
    std::stop_source stop;
    stop.request_stop();
    bench.setState(m_prepared, m_quantized, m_data, m_serial);
    const auto stopped = bench.refresh({.subset = 3, .most = 0, .publish = {}}, {.stop = stop.get_token(), .progress = {}});
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
    // The subset alone.
    const auto subset = refreshed(bench, false);
    EXPECT_EQ(subset->freshness, Freshness::Subset);
    EXPECT_EQ(subset->samples, 3);
    for (const LayerComparison& layer : subset->layers)
        if (layer.run)
            EXPECT_EQ(layer.freshness, Freshness::Subset) << layer.layer;
    expectSame(*refreshed(bench), *full());
}

TEST_F(LiveBenchTest, TheOutputComesFirst)
{
    LiveBench bench(test::engine(), std::make_shared<ValueCache>(64 << 20));
    const auto before = refreshed(bench);
    m_configuration.layers.at("conv1").quantEnable = false;
    apply();
    bench.setState(m_prepared, m_quantized, m_data, m_serial);
    std::shared_ptr<const Comparison> first;
    const auto publish = [&](const std::shared_ptr<const Comparison>& comparison) { first = first ? first : comparison; };
    const auto last = bench.refresh({.subset = m_data->size(), .most = 0, .publish = publish}, {});
    QS_ASSERT_OK(last);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->freshness, Freshness::Full);
    EXPECT_FALSE(first->complete());
    expectSame(first->outputs.front().cumulative, (*last)->outputs.front().cumulative, "output");
    EXPECT_EQ(first->classification.agreement, (*last)->classification.agreement);
    // The layers' figures are still those from before, and said to be.
    EXPECT_EQ(first->layer("conv1")->freshness, Freshness::Stale);
    expectSame(first->layer("conv1")->cumulative, before->layer("conv1")->cumulative, "conv1");
    EXPECT_TRUE((*last)->complete());
    expectSame(**last, *full());
}

TEST_F(LiveBenchTest, LocalErrorIsThatOfTheComparison)
{
    LiveBench bench(test::engine(), std::make_shared<ValueCache>(64 << 20));
    bench.setState(m_prepared, m_quantized, m_data, m_serial);
    const auto expected = full();
    for (const LayerComparison& layer : expected->layers) {
        if (!layer.run)
            continue;
        const auto local = bench.localError(layer.layer, 100, {});
        QS_ASSERT_OK(local);
        expectSame(*local, layer.local, layer.layer);
    }
    EXPECT_EQ(bench.localError("nobody", 1, {}).error().code, ErrorCode::UnknownLayer);
}

TEST_F(LiveBenchTest, OtherDataIsOtherData)
{
    LiveBench bench(test::engine(), std::make_shared<ValueCache>(64 << 20));
    ASSERT_TRUE(refreshed(bench));
    m_data = std::make_shared<test::RandomData>(Shape{3, 8, 8}, 8, 2.0F);
    ++m_serial;
    expectSame(*refreshed(bench), *full());
}

TEST_F(LiveBenchTest, AnEditOfASettingKeepsTheNetwork)
{
    const auto before = m_prepared->network;
    const auto weights = m_quantized->layers;
    m_configuration.layers.at("conv2").activations.front().bits = 12;
    apply();
    EXPECT_EQ(m_prepared->network, before);
    const LayerId conv1 = before->findLayer("conv1");
    EXPECT_EQ(m_quantized->layers[conv1].weights, weights[conv1].weights);
    m_configuration.doFusion = false;
    apply();
    EXPECT_NE(m_prepared->network, before);
}

}  // namespace qs

// What a project keeps of what was computed: the same figures, histograms and observations again, and nothing of a file that is not whole.
#include "core/project/results.h"

#include "core/engine/value_cache.h"
#include "core/jobs/search_journal.h"
#include "core/proto/qs_results.pb.h"
#include "core/stats/observation.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <random>

namespace qs {

namespace {

class ResultsTest : public testing::Test {
protected:
    void SetUp() override
    {
        m_model = test::mixedNetwork(m_folder.path());
        ASSERT_TRUE(m_model);
        m_content.configuration = createQuantConfig(*m_model, 3);
        const auto prepared = prepareNetwork(m_model, m_content.configuration);
        QS_ASSERT_OK(prepared);
        const auto calibration = calibrate(test::engine(), **prepared, m_data, {});
        QS_ASSERT_OK(calibration);
        m_content.calibration = *calibration;
        m_content.calibrationConfiguration = m_content.configuration;
        m_content.recordConfiguration = m_content.configuration;
        m_content.recordIsCalibrated = true;
        m_content.record = (*calibration)->record;
        m_content.recordSerial = 5;
        const auto quantized = quantizeNetwork(**prepared, *m_content.record);
        QS_ASSERT_OK(quantized);
        const auto comparison = compare(test::engine(), **prepared, **quantized, m_data, {}, {});
        QS_ASSERT_OK(comparison);
        m_content.result = {*comparison, *prepared, *quantized, 5, 2};
        m_content.histograms = m_content.result;
    }
    ProjectResults results() const { return {"test", networkKey(*m_model), dataKey(m_data), {resultsOf("main", m_content, 2)}}; }
    /// As it is opened again: settings and factors, nothing else.
    BranchContent opened() const
    {
        BranchContent content;
        content.configuration = m_content.configuration;
        content.record = m_content.record;
        content.recordConfiguration = m_content.recordConfiguration;
        content.recordSerial = 9;
        return content;
    }
    static void expectSame(const Histogram& a, const Histogram& b)
    {
        EXPECT_EQ(a.lower, b.lower);
        EXPECT_EQ(a.width, b.width);
        EXPECT_EQ(a.counts, b.counts);
        EXPECT_EQ(a.total, b.total);
        EXPECT_EQ(a.minimum, b.minimum);
        EXPECT_EQ(a.maximum, b.maximum);
    }

    test::TemporaryFolder m_folder;
    test::RandomData m_data{{3, 8, 8}};
    std::shared_ptr<const Model> m_model;
    BranchContent m_content;
};

}  // namespace

TEST_F(ResultsTest, AreTheSameAgain)
{
    const auto read = resultsFromBytes(resultsToBytes(results()), "r");
    QS_ASSERT_OK(read);
    ASSERT_EQ(read->branches.size(), 1U);
    EXPECT_EQ(read->network, networkKey(*m_model));
    EXPECT_EQ(read->branches.front().fits, resultsKey(m_content.configuration, m_content.record));
    const auto restored = restoredContent(m_model, read->branches.front(), opened());
    QS_ASSERT_OK(restored);

    const Comparison& before = *m_content.result.comparison;
    const Comparison& after = *restored->result.comparison;
    EXPECT_EQ(after.samples, before.samples);
    EXPECT_TRUE(after.complete());
    ASSERT_EQ(after.layers.size(), before.layers.size());
    for (size_t i = 0; i < after.layers.size(); ++i) {
        EXPECT_EQ(after.layers[i].layer, before.layers[i].layer);
        EXPECT_EQ(after.layers[i].run, before.layers[i].run);
        EXPECT_EQ(after.layers[i].local, before.layers[i].local);
        EXPECT_EQ(after.layers[i].cumulative, before.layers[i].cumulative);
    }
    ASSERT_EQ(after.outputs.size(), before.outputs.size());
    EXPECT_EQ(after.outputs.front().cumulative, before.outputs.front().cumulative);
    ASSERT_EQ(after.histograms.size(), before.histograms.size());
    for (size_t i = 0; i < after.histograms.size(); ++i) {
        EXPECT_EQ(after.histograms[i].port, before.histograms[i].port);
        expectSame(after.histograms[i].floatValues, before.histograms[i].floatValues);
        expectSame(after.histograms[i].quantizedValues, before.histograms[i].quantizedValues);
    }
    ASSERT_EQ(after.bySample.size(), before.bySample.size());
    for (size_t i = 0; i < after.bySample.size(); ++i) {
        EXPECT_EQ(after.bySample[i].sums.xy, before.bySample[i].sums.xy);
        EXPECT_EQ(after.bySample[i].vote.quantizedClass, before.bySample[i].vote.quantizedClass);
        EXPECT_EQ(after.bySample[i].vote.agrees, before.bySample[i].vote.agrees);
    }
    EXPECT_EQ(after.classification.agreement, before.classification.agreement);
    EXPECT_FALSE(restored->result.staleFor(9, 0, restored->configuration));

    ASSERT_EQ(restored->calibration->observations.size(), m_content.calibration->observations.size());
    for (size_t i = 0; i < restored->calibration->observations.size(); ++i) {
        expectSame(restored->calibration->observations[i].histogram, m_content.calibration->observations[i].histogram);
        EXPECT_EQ(restored->calibration->observations[i].highest.front().name, m_content.calibration->observations[i].highest.front().name);
    }
    EXPECT_EQ(restored->calibration->effective, m_content.calibration->effective);
}

TEST_F(ResultsTest, TheDiagnosisIsTheSameAgain)
{
    const auto diagnosis = diagnose(test::engine(), *m_content.result.prepared, *m_content.result.quantized, m_data, 3, {});
    QS_ASSERT_OK(diagnosis);
    m_content.diagnosis = {*diagnosis, m_content.configuration, 5, 2};
    const auto read = resultsFromBytes(resultsToBytes(results()), "r");
    QS_ASSERT_OK(read);
    const auto restored = restoredContent(m_model, read->branches.front(), opened());
    QS_ASSERT_OK(restored);
    EXPECT_FALSE(restored->diagnosis.staleFor(9, 0, m_content.configuration));
    const Diagnosis& before = **diagnosis;
    const Diagnosis& after = *restored->diagnosis.diagnosis;
    EXPECT_EQ(after.samples, before.samples);
    ASSERT_EQ(after.layers.size(), before.layers.size());
    for (size_t i = 0; i < before.layers.size(); ++i) {
        EXPECT_EQ(after.layers[i].local, before.layers[i].local);
        ASSERT_EQ(after.layers[i].places.size(), before.layers[i].places.size());
        for (size_t k = 0; k < before.layers[i].places.size(); ++k) {
            const PlaceDiagnosis& was = before.layers[i].places[k];
            const PlaceDiagnosis& is = after.layers[i].places[k];
            EXPECT_EQ(is.params.scale, was.params.scale);
            EXPECT_EQ(is.parts, was.parts);
            EXPECT_EQ(is.codes, was.codes);
            ASSERT_EQ(is.channels.size(), was.channels.size());
            EXPECT_EQ(is.channels.back().levels, was.channels.back().levels);
            EXPECT_EQ(is.channels.back().nn, was.channels.back().nn);
            ASSERT_EQ(is.readBy.size(), was.readBy.size());
            ASSERT_EQ(is.ranges.size(), was.ranges.size());
            if (!was.ranges.empty())
                EXPECT_EQ(is.ranges.back().maximum, was.ranges.back().maximum);
        }
        ASSERT_EQ(after.layers[i].causes.size(), before.layers[i].causes.size()) << before.layers[i].layer;
        for (size_t k = 0; k < before.layers[i].causes.size(); ++k)
            EXPECT_EQ(causeText(after.layers[i].causes[k]), causeText(before.layers[i].causes[k]));
    }
    // Of other settings it is not worth keeping.
    m_content.diagnosis.recordSerial = 4;
    EXPECT_FALSE(resultsOf("main", m_content, 2).diagnosis);
}

TEST_F(ResultsTest, AnswerForOtherSettingsAsTheCalibrationDid)
{
    const auto read = resultsFromBytes(resultsToBytes(results()), "r");
    QS_ASSERT_OK(read);
    const auto restored = restoredContent(m_model, read->branches.front(), opened());
    QS_ASSERT_OK(restored);
    Configuration other = m_content.configuration;
    const char* const ways[] = {"ifmr", "minmax", "percentile", "entropy", "mse"};
    size_t next = 0;
    for (auto& [name, layer] : other.layers) {
        layer.activations.front().bits = 8 + static_cast<int>(next % 9);
        layer.activations.front().algorithm = ways[next++ % std::size(ways)];
    }
    const auto prepared = prepareNetwork(m_model, other);
    QS_ASSERT_OK(prepared);
    const QuantRecord before = solveAgain(**prepared, *m_content.calibration);
    const QuantRecord after = solveAgain(**prepared, *restored->calibration);
    ASSERT_EQ(after.layers.size(), before.layers.size());
    for (const auto& [name, factors] : before.layers)
        for (size_t i = 0; i < factors.inputs.size(); ++i) {
            EXPECT_EQ(after.layers.at(name).inputs[i].params.scale, factors.inputs[i].params.scale) << name;
            EXPECT_EQ(after.layers.at(name).inputs[i].params.offset, factors.inputs[i].params.offset) << name;
        }
}

TEST_F(ResultsTest, KeepOnlyWhatHolds)
{
    // Other settings since, with the float histograms of the last comparison.
    m_content.configuration.layers.begin()->second.quantEnable = false;
    const BranchResults branch = resultsOf("main", m_content, 2);
    EXPECT_FALSE(branch.comparison);
    ASSERT_TRUE(branch.histograms);
    EXPECT_FALSE(branch.histogramsFresh);
    // Other data: neither.
    EXPECT_FALSE(resultsOf("main", m_content, 3).histograms);
    // The keys tell settings, networks and data apart.
    Configuration other = m_content.configuration;
    other.batchNum = 7;
    EXPECT_NE(resultsKey(other, m_content.record), resultsKey(m_content.configuration, m_content.record));
    EXPECT_NE(resultsKey(other, std::nullopt), resultsKey(other, m_content.record));
    EXPECT_NE(dataKey(test::RandomData({3, 8, 8}, 4)), dataKey(m_data));
    const test::TemporaryFolder folder;
    const auto rewritten = test::mixedNetwork(folder.path());
    EXPECT_EQ(networkKey(*rewritten), networkKey(*m_model)) << "the same files elsewhere";
}

TEST_F(ResultsTest, ADamagedFileIsAnErrorAtMost)
{
    const std::string bytes = resultsToBytes(results());
    EXPECT_FALSE(resultsFromBytes("", "r").ok());
    EXPECT_FALSE(resultsFromBytes("no results at all", "r").ok());
    // One bit of a figure is enough to say so.
    std::string tipped = bytes;
    tipped[bytes.size() / 2] = static_cast<char>(tipped[bytes.size() / 2] ^ 1);
    const auto told = resultsFromBytes(tipped, "r");
    ASSERT_FALSE(told.ok());
    EXPECT_NE(errorText(told.error()).find("damaged"), std::string::npos);
    // With a check that fits, too: anybody can write one.
    quantscope_results::File file;
    ASSERT_TRUE(file.ParseFromString(bytes));
    const std::string whole = file.results();
    std::mt19937 random(1);
    for (int i = 0; i < 300; ++i) {
        std::string results = whole;
        if (i % 3 == 0)
            results.resize(random() % whole.size());
        else
            for (unsigned k = 0; k <= random() % 4; ++k)
                results[random() % results.size()] = static_cast<char>(random());
        file.set_results(results);
        file.set_check(keyText(KeyBuilder().add(results).key()));
        const std::string damaged = file.SerializeAsString();
        const auto read = resultsFromBytes(damaged, "r");
        if (!read)
            continue;
        for (const BranchResults& branch : read->branches)
            if (const auto content = restoredContent(m_model, branch, opened()); content && content->calibration)
                solveAgain(*m_content.result.prepared, *content->calibration);
    }
}

}  // namespace qs

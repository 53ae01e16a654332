// The jobs around the built-in demo: what a change of settings sets going by itself.
#include "app/commands/configuration_command.h"
#include "tests/support/bench.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <thread>

using namespace qs;

namespace {

const QString sensitive = QStringLiteral("dw4");

struct Bench : TestBench {
    Bench() { openDemo(); }
    void calibrate()
    {
        workflow.calibrate();
        settle();
    }
    void compare()
    {
        workflow.compare();
        settle();
    }
    QuantParams factors(const char* layer) const { return session.record()->layers.at(layer).inputs.front().params; }
    double localCosine(const char* layer) const { return session.result().comparison->layer(layer)->local.cosine; }
};

void editDw4(Session& session, const std::function<void(LayerSetting&)>& change)
{
    editLayers(session, {sensitive}, QStringLiteral("test"), change);
}

}  // namespace

TEST(Workflow, ChangedSettingsAreSolvedWithoutAnotherCalibration)
{
    Bench bench;
    ASSERT_TRUE(bench.session.data());
    bench.calibrate();
    ASSERT_TRUE(bench.session.record());
    const QuantParams before = bench.factors("dw4");
    const QuantParams other = bench.factors("conv1");
    setActivationBits(bench.session, {sensitive}, 12);
    EXPECT_EQ(bench.session.nextStep(), NextStep::Compare);
    bench.settle();
    EXPECT_FALSE(bench.session.calibrationStale());
    EXPECT_EQ(bench.factors("dw4").bits, 12);
    EXPECT_EQ(bench.factors("conv1"), other);
    editDw4(bench.session, [](LayerSetting& s) { s.activations[0].maxPercentile = 0.9; });
    bench.settle();
    EXPECT_LT(bench.factors("dw4").clipMax(), before.clipMax());
    bench.session.undoStack().undo();
    bench.session.undoStack().undo();
    bench.settle();
    EXPECT_FALSE(bench.session.calibrationStale());
    EXPECT_EQ(bench.factors("dw4"), before);
}

TEST(Workflow, ACancelledCalibrationLeavesNothingUnsolved)
{
    Bench bench;
    bench.calibrate();
    // The calibration waits behind this, until both are cancelled.
    bench.jobs.run<int>(
        {QStringLiteral("before"), QStringLiteral("Before"), Lane::Compute},
        [](const JobContext& job, const auto&) -> Result<int> {
            while (!job.cancelled())
                std::this_thread::yield();
            return cancelledError();
        },
        [](const Result<int>&) {});
    bench.workflow.calibrate();
    setActivationBits(bench.session, {sensitive}, 12);
    while (!bench.session.preparedIsFresh())
        QCoreApplication::processEvents();
    EXPECT_TRUE(bench.session.solvable()) << "the calibration is expected to answer";
    bench.jobs.cancelAll();
    bench.settle();
    EXPECT_FALSE(bench.session.calibrationStale());
    EXPECT_EQ(bench.factors("dw4").bits, 12);
}

TEST(Workflow, ALayerThatWasOffWhileSolvingHasItsFactorsAgain)
{
    Bench bench;
    bench.calibrate();
    const QuantParams before = bench.factors("dw4");
    setQuantized(bench.session, {sensitive}, false);
    setActivationBits(bench.session, {QStringLiteral("conv1")}, 10);
    bench.settle();
    EXPECT_FALSE(bench.session.calibrationStale());
    setQuantized(bench.session, {sensitive}, true);
    bench.settle();
    EXPECT_EQ(bench.factors("dw4"), before);
    EXPECT_FALSE(bench.session.solvable());
}

TEST(Workflow, WhatNeedsTheDataAsksForACalibration)
{
    Bench bench;
    bench.calibrate();
    const auto stale = [&](const std::function<void(Configuration&)>& change) {
        editConfiguration(bench.session, QStringLiteral("test"), change);
        bench.settle();
        const bool result = bench.session.calibrationStale() && bench.session.nextStep() == NextStep::Calibrate;
        bench.session.undoStack().undo();
        bench.settle();
        EXPECT_FALSE(bench.session.calibrationStale());
        return result;
    };
    EXPECT_TRUE(stale([](Configuration& c) { c.updateBn = true; }));
    EXPECT_TRUE(stale([](Configuration& c) { c.doFusion = false; }));
    EXPECT_TRUE(stale([](Configuration& c) { c.skipFusionLayers = {"conv1"}; }));
    EXPECT_TRUE(stale([](Configuration& c) { c.batchNum = 2; }));
    EXPECT_FALSE(stale([](Configuration& c) { c.activationOffset = false; }));
    EXPECT_FALSE(stale([](Configuration& c) { c.jointQuant = true; }));
    // A record that the user opened is theirs: the calibration does not answer for it.
    bench.session.setRecord(*bench.session.record(), bench.session.configuration());
    EXPECT_TRUE(stale([](Configuration& c) { c.layers.at("dw4").activations[0].bits = 12; }));
}

TEST(Workflow, ComparingWaitsForTheFactors)
{
    Bench bench;
    bench.calibrate();
    bench.compare();
    ASSERT_TRUE(bench.session.result().comparison);
    const double before = bench.localCosine("dw4");
    EXPECT_LT(before, 0.99);
    // The very moment after the edit, before anything was prepared.
    setActivationBits(bench.session, {sensitive}, 16);
    bench.workflow.compare();
    bench.settle();
    EXPECT_FALSE(bench.session.comparisonStale());
    EXPECT_GT(bench.localCosine("dw4"), 0.999);
}

TEST(Workflow, SnqChangesTheLayerAndItsStartIsHeard)
{
    Bench bench;
    bench.calibrate();
    bench.compare();
    const double uniform = bench.localCosine("mix3b");
    std::vector<std::vector<int8_t>> books;
    std::vector<double> cosines;
    for (const char* init : {"uniform", "gaussian", "d2sampling"}) {
        editLayers(bench.session, {QStringLiteral("mix3b")}, QStringLiteral("test"), [&](LayerSetting& s) {
            s.weights->algorithm = "snq";
            s.weights->bits = 4;
            s.weights->initAlgorithm = init;
            s.weights->maxIteration = 500;
            s.weights->minDistance = 1e-3;
        });
        bench.workflow.compare();
        bench.settle();
        ASSERT_FALSE(bench.session.comparisonStale());
        EXPECT_EQ(bench.session.record()->layers.at("mix3b").weightBits, 4);
        books.push_back(bench.session.record()->layers.at("mix3b").codebook);
        cosines.push_back(bench.localCosine("mix3b"));
        EXPECT_LT(cosines.back(), uniform);
        EXPECT_GT(cosines.back(), 0.9);
    }
    EXPECT_FALSE(books[0] == books[1] && books[1] == books[2]);
}

TEST(Workflow, AnalyseDoesWhatIsMissing)
{
    Bench bench;
    bench.workflow.analyse();
    bench.settle();
    ASSERT_TRUE(bench.session.result().comparison);
    EXPECT_EQ(bench.session.nextStep(), NextStep::Export);
    const auto calibration = bench.session.calibration();
    setQuantized(bench.session, {sensitive}, false);
    bench.workflow.analyse();
    bench.settle();
    EXPECT_FALSE(bench.session.comparisonStale());
    EXPECT_EQ(bench.session.calibration(), calibration);
    editConfiguration(bench.session, QStringLiteral("test"), [](Configuration& c) { c.doFusion = false; });
    bench.workflow.analyse();
    bench.settle();
    EXPECT_FALSE(bench.session.comparisonStale());
    EXPECT_NE(bench.session.calibration(), calibration);
}

namespace {

/// The first samples of another set, each only after a while.
class SlowSamples final : public DataSet {
public:
    SlowSamples(std::shared_ptr<const DataSet> all, int size) : m_all(std::move(all)), m_size(size) {}
    int size() const override { return m_size; }
    std::string sampleName(int index) const override { return m_all->sampleName(index); }
    Result<Buffer> sample(int index) const override
    {
        std::this_thread::sleep_for(CompareOptions().pause + std::chrono::milliseconds(20));
        return m_all->sample(index);
    }
    Result<Buffer> picture(int index) const override { return m_all->picture(index); }
    int label(int index) const override { return m_all->label(index); }
    const std::vector<std::string>& skipped() const override { return m_all->skipped(); }
    const DataSpec& spec() const override { return m_all->spec(); }

private:
    std::shared_ptr<const DataSet> m_all;
    int m_size;
};

}  // namespace

TEST(Workflow, AComparisonIsShownWhileItGrows)
{
    Bench bench;
    bench.calibrate();
    bench.session.setData(bench.session.data()->spec(), std::make_shared<SlowSamples>(bench.session.data(), 3));
    std::vector<int> shown;
    QObject::connect(&bench.session, &Session::changed, &bench.session, [&] {
        if (const auto& comparison = bench.session.result().comparison; comparison && (shown.empty() || shown.back() != comparison->samples))
            shown.push_back(comparison->samples);
    });
    bench.compare();
    EXPECT_EQ(shown, (std::vector<int>{1, 2, 3}));
    EXPECT_TRUE(bench.session.result().comparison->complete());
    // Figures of all samples are not given up for figures of some.
    shown.clear();
    bench.compare();
    EXPECT_EQ(shown, (std::vector<int>{3}));
}

TEST(Workflow, ATorchScriptNetworkAsksForItsSizeOnce)
{
    TestBench bench;
    QStringList asked;
    QObject::connect(&bench.workflow, &Workflow::sizeAsked, &bench.session, [&](const QString& input) { asked << input; });
    const std::filesystem::path file = QS_SOURCE_DIR "/tests/core/torchscript/scripted.pt";
    bench.workflow.openModel(file);
    bench.settle();
    EXPECT_EQ(asked, QStringList{QStringLiteral("x")});
    bench.workflow.openModel(file, {}, {{"x", {1, 3, 13, 13}}});
    bench.settle();
    ASSERT_NE(bench.session.model()->findLayer("blocks.0.conv"), noId);
    DataSpec data;
    data.kind = DataKind::Npy;
    data.path = QS_SOURCE_DIR "/tests/core/torchscript/in.npy";
    bench.workflow.openData(data, false);
    bench.settle();
    bench.workflow.analyse();
    bench.settle();
    ASSERT_TRUE(bench.session.result().comparison);
    EXPECT_GT(bench.session.result().comparison->layer("blocks.1.conv")->local.cosine, 0.99);
    // A project remembers what was answered.
    const test::TemporaryFolder folder;
    ASSERT_TRUE(bench.workflow.saveProjectAs(folder.path() / "net.qsproj"));
    bench.workflow.openProject(folder.path() / "net.qsproj");
    bench.settle();
    EXPECT_EQ(asked.size(), 1);
    EXPECT_NE(bench.session.model()->findLayer("blocks.0.conv"), noId);
}

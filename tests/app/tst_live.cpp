// The live bench in the program: edits are answered by themselves, and what is shown is what a full computation gives.
#include "app/commands/configuration_command.h"
#include "app/session/live.h"
#include "app/session/searcher.h"
#include "tests/support/bench.h"

#include <gtest/gtest.h>

namespace qs {

namespace {

struct LiveTest : testing::Test {
    void SetUp() override
    {
        bench.openDemo();
        bench.workflow.calibrate();
        bench.settle();
        bench.workflow.compare();
        bench.settle();
        ASSERT_TRUE(bench.session.result().comparison);
        bench.live.setEnabled(true);
    }
    /// What is shown equals a comparison that is run now.
    void expectFresh()
    {
        ASSERT_FALSE(bench.session.comparisonStale());
        const auto shown = bench.session.result().comparison;
        ASSERT_EQ(shown->freshness, Freshness::Full);
        bench.live.setEnabled(false);
        bench.workflow.compare();
        bench.settle();
        const auto exact = bench.session.result().comparison;
        ASSERT_NE(shown, exact);
        ASSERT_EQ(shown->layers.size(), exact->layers.size());
        for (size_t i = 0; i < shown->layers.size(); ++i) {
            ASSERT_EQ(shown->layers[i].run, exact->layers[i].run) << shown->layers[i].layer;
            if (!shown->layers[i].run)
                continue;
            EXPECT_EQ(shown->layers[i].cumulative.cosine, exact->layers[i].cumulative.cosine) << shown->layers[i].layer;
            EXPECT_EQ(shown->layers[i].local.sqnrDb, exact->layers[i].local.sqnrDb) << shown->layers[i].layer;
        }
        EXPECT_EQ(shown->classification.agreement, exact->classification.agreement);
        bench.live.setEnabled(true);
    }

    TestBench bench;
};

}  // namespace

TEST_F(LiveTest, AnEditIsAnsweredByItself)
{
    const double before = bench.session.result().comparison->outputs.front().cumulative.cosine;
    setQuantized(bench.session, {QStringLiteral("dw4")}, false);
    EXPECT_TRUE(bench.session.comparisonStale());
    bench.settle();
    EXPECT_GT(bench.session.result().comparison->outputs.front().cumulative.cosine, before);
    expectFresh();
    setActivationBits(bench.session, {QStringLiteral("conv1")}, 12);
    bench.settle();
    expectFresh();
    bench.session.undoStack().undo();
    bench.session.undoStack().undo();
    bench.settle();
    EXPECT_EQ(bench.session.result().comparison->outputs.front().cumulative.cosine, before);
    expectFresh();
    EXPECT_GT(bench.live.cacheBytes(), 0U);
}

TEST_F(LiveTest, EditsFasterThanAnswers)
{
    for (int i = 0; i < 6; ++i) {
        toggleQuantized(bench.session, {QString::fromStdString(i % 2 ? "conv1" : "dw4")});
        QCoreApplication::processEvents();
    }
    setClip(bench.session, QStringLiteral("dw4"), 0, std::pair{-1.0F, 2.0F});
    bench.settle();
    expectFresh();
}

TEST_F(LiveTest, HistogramsOfOtherSettingsAreSaidToBe)
{
    EXPECT_FALSE(bench.session.histogramsStale());
    setQuantized(bench.session, {QStringLiteral("dw4")}, false);
    bench.settle();
    EXPECT_TRUE(bench.session.histogramsStale());
    EXPECT_TRUE(bench.session.histograms().comparison->histogram("conv1", 0));
}

TEST_F(LiveTest, SensitivityFindsTheSensitiveLayer)
{
    bench.live.runSensitivity();
    bench.settle();
    const auto found = bench.live.sensitivity().sensitivity;
    ASSERT_TRUE(found);
    EXPECT_EQ(found->samples, 8);
    const LayerSensitivity* worst = &found->layers.front();
    for (const LayerSensitivity& layer : found->layers)
        if (layer.oneQuantized.cosine < worst->oneQuantized.cosine)
            worst = &layer;
    EXPECT_EQ(worst->layer, "dw4");
    EXPECT_FALSE(bench.live.sensitivityStale());
    bench.session.setData(*bench.session.dataSpec(), bench.session.data(), false);
    EXPECT_TRUE(bench.live.sensitivityStale()) << "other data";
    bench.live.runSensitivity();
    bench.settle();
    EXPECT_FALSE(bench.live.sensitivityStale());
    setQuantized(bench.session, {QStringLiteral("conv1")}, false);
    bench.settle();
    EXPECT_TRUE(bench.live.sensitivityStale());
    // Another network has a conv1, too.
    bench.openToy();
    EXPECT_FALSE(bench.live.sensitivity().sensitivity);
}

TEST_F(LiveTest, ASearchPausesGoesOnAndIsApplied)
{
    const SearchGoal goal{.target = SearchTarget::Cosine, .value = 0.995, .budget = 0.5};
    bench.searcher.forget(goal, 20);
    // Paused after the first points.
    bool paused = false;
    const auto connection = QObject::connect(&bench.searcher, &Searcher::changed, [&] {
        if (!paused && bench.searcher.result() && bench.searcher.result()->points.size() >= 3) {
            paused = true;
            bench.searcher.pause();
        }
    });
    bench.searcher.start(goal, 20);
    bench.settle();
    QObject::disconnect(connection);
    bench.searcher.start(goal, 20);
    bench.settle();
    const auto result = bench.searcher.result();
    ASSERT_TRUE(result) << bench.searcher.error().toStdString();
    EXPECT_TRUE(result->finished && result->met);
    const Configuration before = bench.session.configuration();
    const int steps = bench.session.undoStack().count();
    bench.searcher.apply(result->best);
    EXPECT_EQ(bench.session.undoStack().count(), steps + 1);
    EXPECT_FALSE(bench.session.configuration() == before);
    bench.settle();
    expectFresh();
    bench.session.undoStack().undo();
    EXPECT_TRUE(bench.session.configuration() == before);
    // What is applied is what was searched: an edit since then is no part of it.
    setActivationBits(bench.session, {QStringLiteral("conv1")}, 10);
    bench.searcher.apply(result->best);
    EXPECT_EQ(bench.session.configuration().layers.at("conv1").activations.front().bits, 8);
    bench.session.undoStack().undo();
    bench.session.undoStack().undo();
    bench.settle();
    const auto front = bench.searcher.front();
    ASSERT_EQ(front.size(), result->front.size());
    EXPECT_EQ(front.front().accuracy, result->points[result->front.front()].cosine);
    // A report of another network does not tell of this search, nor does it when this one is opened again: its data may be others.
    bench.openToy();
    EXPECT_TRUE(bench.searcher.stale());
    EXPECT_TRUE(bench.searcher.front().empty());
    bench.openDemo();
    EXPECT_TRUE(bench.searcher.front().empty());
    bench.searcher.forget(goal, 20);
}

TEST(JobRunnerOrder, AnInteractiveJobOvertakesARunningOne)
{
    JobRunner jobs;
    std::atomic<bool> begun = false;
    std::atomic<bool> passed = false;
    std::atomic<bool> before = false;
    jobs.run<int>(
        {QStringLiteral("long"), QStringLiteral("long"), Lane::Compute},
        [&](const JobContext& job, const std::shared_ptr<Engine>&) -> Result<int> {
            begun = true;
            for (int i = 0; i < 2000 && !passed; ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                job.report(i / 2000.0, Phase::Sample, {"long"});
            }
            before = passed.load();
            return 1;
        },
        [](const Result<int>&) {});
    while (!begun)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    jobs.run<int>(
        {QStringLiteral("short"), QStringLiteral("short"), Lane::Compute, true, true},
        [&](const JobContext&, const std::shared_ptr<Engine>&) -> Result<int> {
            passed = true;
            return 2;
        },
        [](const Result<int>&) {});
    ASSERT_TRUE(jobs.waitUntilIdle(60000));
    EXPECT_TRUE(before);
}

}  // namespace qs

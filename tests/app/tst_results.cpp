// A project that is opened again in the real window shows what was computed before it was saved, and says what of it is stale.
#include "app/commands/configuration_command.h"
#include "app/session/branches.h"
#include "core/project/results.h"
#include "tests/support/bench.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>

using namespace qs;

namespace {

struct Reopened : testing::Test {
    TestBench bench;
    test::TemporaryFolder folder;
    std::filesystem::path file = folder.path() / "demo.qsproj";

    void SetUp() override
    {
        // Pictures of its own: the demo's are another's to touch.
        std::filesystem::copy(Workflow::demoFolder(), folder.path() / "demo", std::filesystem::copy_options::recursive);
        bench.openDemo();
        bench.workflow.analyse();
        bench.settle();
        ASSERT_TRUE(bench.session.result().comparison);
    }
    void reopen()
    {
        ASSERT_TRUE(bench.workflow.saveProjectAs(file));
        openAgain();
    }
    void openAgain()
    {
        bench.workflow.openProject(file);
        bench.settle();
    }
};

}  // namespace

TEST_F(Reopened, ItShowsItsFiguresAtOnce)
{
    const auto before = bench.session.result().comparison;
    const auto observed = bench.session.calibration()->observations.size();
    bench.diagnoser.run();
    bench.settle();
    ASSERT_TRUE(bench.diagnoser.result().diagnosis);
    reopen();
    ASSERT_TRUE(bench.diagnoser.result().diagnosis);
    EXPECT_FALSE(bench.diagnoser.stale());
    EXPECT_EQ(bench.diagnoser.result().diagnosis->worst(1).front()->layer, "dw4");
    ASSERT_TRUE(bench.session.result().comparison);
    EXPECT_NE(bench.session.result().comparison, before);
    EXPECT_FALSE(bench.session.comparisonStale());
    EXPECT_FALSE(bench.session.histogramsStale());
    EXPECT_FALSE(bench.session.calibrationStale());
    EXPECT_EQ(bench.session.nextStep(), NextStep::Export);
    EXPECT_EQ(bench.session.result().comparison->outputs.front().cumulative, before->outputs.front().cumulative);
    EXPECT_EQ(bench.session.worstLayer(), QStringLiteral("dw4"));
    EXPECT_EQ(bench.session.calibration()->observations.size(), observed);
    EXPECT_FALSE(bench.session.modified());
    // Settings are answered from what the calibration saw then.
    setActivationBits(bench.session, {QStringLiteral("dw4")}, 10);
    EXPECT_TRUE(bench.session.solvable());
    bench.settle();
    EXPECT_FALSE(bench.session.calibrationStale());
    EXPECT_EQ(bench.session.record()->layers.at("dw4").inputs.front().params.bits, 10);
}

TEST_F(Reopened, EachBranchHasItsOwn)
{
    bench.session.branches().create(QStringLiteral("wider"));
    setActivationBits(bench.session, {QStringLiteral("dw4")}, 12);
    bench.settle();
    bench.workflow.analyse();
    bench.settle();
    const Metrics wider = bench.session.result().comparison->outputs.front().cumulative;
    reopen();
    EXPECT_EQ(bench.session.branches().current(), QStringLiteral("wider"));
    ASSERT_TRUE(bench.session.result().comparison);
    EXPECT_EQ(bench.session.result().comparison->outputs.front().cumulative, wider);
    EXPECT_TRUE(bench.session.branches().resultHolds(QStringLiteral("main")));
    EXPECT_NE(bench.session.branches().result(QStringLiteral("main")).comparison->outputs.front().cumulative, wider);
}

TEST_F(Reopened, OtherDataMakeThemStale)
{
    DataSpec spec = *bench.session.dataSpec();
    spec.path = folder.path() / "demo" / spec.path.filename();
    ASSERT_TRUE(std::filesystem::exists(spec.path)) << spec.path;
    bench.workflow.openData(spec);
    bench.settle();
    bench.workflow.analyse();
    bench.settle();
    reopen();
    EXPECT_FALSE(bench.session.comparisonStale());
    // A picture that is touched may be another one.
    for (const auto& entry : std::filesystem::recursive_directory_iterator(spec.path))
        if (entry.is_regular_file()) {
            std::filesystem::last_write_time(entry.path(), std::filesystem::last_write_time(entry.path()) + std::chrono::seconds(5));
            break;
        }
    openAgain();
    ASSERT_TRUE(bench.session.result().comparison);
    EXPECT_TRUE(bench.session.comparisonStale());
    EXPECT_EQ(bench.session.nextStep(), NextStep::Compare);
}

TEST_F(Reopened, SavingWithoutTheDataLosesNothing)
{
    DataSpec spec = *bench.session.dataSpec();
    spec.path = folder.path() / "demo" / spec.path.filename();
    bench.workflow.openData(spec);
    bench.settle();
    bench.workflow.analyse();
    bench.settle();
    ASSERT_TRUE(bench.workflow.saveProjectAs(file));
    std::filesystem::rename(spec.path, folder.path() / "elsewhere");
    openAgain();
    // What is known is shown, and said to be of data that are not there.
    ASSERT_TRUE(bench.session.result().comparison);
    EXPECT_TRUE(bench.session.comparisonStale());
    ASSERT_TRUE(bench.workflow.saveProjectAs(file));
    std::filesystem::rename(folder.path() / "elsewhere", spec.path);
    openAgain();
    EXPECT_FALSE(bench.session.comparisonStale());
}

TEST_F(Reopened, DataThatCannotBeOpenedStayInTheProject)
{
    DataSpec spec = *bench.session.dataSpec();
    spec.path = folder.path() / "demo" / spec.path.filename();
    spec.labels = folder.path() / "labels.txt";
    std::filesystem::copy_file(Workflow::demoFolder() / "labels.txt", spec.labels);
    bench.workflow.openData(spec);
    bench.settle();
    ASSERT_TRUE(bench.workflow.saveProjectAs(file));
    // There, but of other files.
    std::ofstream(spec.labels) << "nobody.png 3\n";
    openAgain();
    EXPECT_FALSE(bench.session.data());
    ASSERT_TRUE(bench.workflow.saveProjectAs(file));
    const auto saved = loadProject(file);
    ASSERT_TRUE(saved.ok());
    ASSERT_TRUE(saved->data) << "its path and preprocessing are gone";
    EXPECT_EQ(saved->data->labels, spec.labels);
}

TEST_F(Reopened, WhatDoesNotFitIsDropped)
{
    ASSERT_TRUE(bench.workflow.saveProjectAs(file));
    // Of another program: stale. Of other settings, or no results at all: as if there were none.
    const auto bytes = readFile(resultsPath(file));
    ASSERT_TRUE(bytes.ok());
    auto results = resultsFromBytes(*bytes, "r");
    ASSERT_TRUE(results.ok());
    const auto with = [&](const auto& change) {
        ProjectResults changed = *results;
        change(changed);
        EXPECT_TRUE(writeFile(resultsPath(file), resultsToBytes(changed)).ok());
        openAgain();
    };
    with([](ProjectResults& r) { r.program = "0.0"; });
    ASSERT_TRUE(bench.session.result().comparison);
    EXPECT_TRUE(bench.session.comparisonStale());
    with([](ProjectResults& r) { r.network = "another"; });
    EXPECT_FALSE(bench.session.result().comparison);
    EXPECT_TRUE(bench.session.record()) << "the project's own";
    with([](ProjectResults& r) { r.branches.front().fits = "others"; });
    EXPECT_FALSE(bench.session.result().comparison);
    std::ofstream(resultsPath(file), std::ios::binary) << "torn";
    openAgain();
    EXPECT_TRUE(bench.session.logLines().join(QLatin1Char('\n')).contains(QStringLiteral("cannot be read")));
    EXPECT_TRUE(bench.session.model());
    EXPECT_FALSE(bench.session.result().comparison);
    // Nothing computed, nothing kept.
    bench.openDemo();
    ASSERT_TRUE(bench.workflow.saveProjectAs(file));
    EXPECT_FALSE(std::filesystem::exists(resultsPath(file)));
}

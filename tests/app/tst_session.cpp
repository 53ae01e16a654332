#include "app/commands/configuration_command.h"
#include "app/session/workflow.h"
#include "core/targets/amct/config_json.h"
#include "tests/support/toy_model.h"

#include <gtest/gtest.h>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace qs;

namespace {

struct Bench {
    Session session;
    JobRunner jobs;
    Workflow workflow{session, jobs};

    Bench()
    {
        const auto model = toyModel();
        session.setModel(model, "/tmp/toy.prototxt", {}, createQuantConfig(*model));
        jobs.waitUntilIdle(5000);
    }
    QString dump() const { return QString::fromStdString(configurationToJson(*session.model(), session.configuration())); }
};

}  // namespace

TEST(Session, AChangeOfSeveralLayersLeavesThoseThatCannotTakeIt)
{
    Bench bench;
    const QStringList both{QStringLiteral("conv1"), QStringLiteral("fc1")};
    const auto setting = [&](const char* layer) { return bench.session.configuration().layers.at(layer); };
    editLayers(bench.session, both, QStringLiteral("off"), [](LayerSetting& s) { s.weights->channelWise = false; });
    ASSERT_FALSE(setting("conv1").weights->channelWise);
    editLayers(bench.session, both, QStringLiteral("on"), [](LayerSetting& s) { s.weights->channelWise = true; });
    EXPECT_TRUE(setting("conv1").weights->channelWise);
    EXPECT_FALSE(setting("fc1").weights->channelWise) << "InnerProduct has one scale (seed 003)";
    EXPECT_TRUE(bench.session.logLines().back().contains(QStringLiteral("fc1")));

    // A step that fits the range of one and is wider than the other's.
    editLayers(bench.session, {QStringLiteral("fc1")}, QStringLiteral("narrow"), [](LayerSetting& s) {
        s.activations.front().searchStart = 0.9;
        s.activations.front().searchEnd = 1.0;
        s.activations.front().searchStep = 0.05;
    });
    editLayers(bench.session, both, QStringLiteral("step"), [](LayerSetting& s) { s.activations.front().searchStep = 0.25; });
    EXPECT_EQ(setting("conv1").activations.front().searchStep, 0.25);
    EXPECT_EQ(setting("fc1").activations.front().searchStep, 0.05);
    const auto checked = checkConfiguration(*bench.session.model(), bench.session.configuration());
    EXPECT_TRUE(checked.ok());
}

TEST(Session, UndoAndRedoRestoreTheVeryConfiguration)
{
    Bench bench;
    std::vector<Configuration> states{bench.session.configuration()};
    const auto note = [&] { states.push_back(bench.session.configuration()); };
    setQuantized(bench.session, {QStringLiteral("conv1")}, false);
    note();
    setActivationBits(bench.session, {QStringLiteral("conv1"), QStringLiteral("fc1")}, 12);
    note();
    setClip(bench.session, QStringLiteral("fc1"), 0, std::pair{-1.0F, 2.0F});
    note();
    editConfiguration(bench.session, QStringLiteral("offset"), [](Configuration& c) { c.activationOffset = false; });
    note();
    setCalibrator(bench.session, {QStringLiteral("conv1"), QStringLiteral("fc1")}, QStringLiteral("mse"));
    note();
    setRefinement(bench.session, {QStringLiteral("conv1"), QStringLiteral("fc1")}, &WeightSetting::adaRound, QStringLiteral("AdaRound"), true);
    note();
    EXPECT_EQ(bench.session.configuration().layers.at("fc1").activations.front().algorithm, "mse");
    EXPECT_TRUE(bench.session.configuration().layers.at("fc1").weights->adaRound);
    ASSERT_EQ(bench.session.undoStack().count(), 6);
    for (size_t i = states.size() - 1; i-- > 0;) {
        bench.session.undoStack().undo();
        EXPECT_EQ(bench.session.configuration(), states[i]);
    }
    for (size_t i = 1; i < states.size(); ++i) {
        bench.session.undoStack().redo();
        EXPECT_EQ(bench.session.configuration(), states[i]);
    }
}

TEST(Session, EditsOfOneKindBecomeOneCommand)
{
    Bench bench;
    const auto edit = [&](int batches, const char* key) {
        editConfiguration(
            bench.session, QStringLiteral("edit"), [=](Configuration& c) { c.batchNum = batches; }, QLatin1String(key));
        return bench.session.undoStack().count();
    };
    EXPECT_EQ(edit(2, "batch"), 1);
    EXPECT_EQ(edit(3, "batch"), 1);
    EXPECT_EQ(edit(4, "other"), 2);
    EXPECT_EQ(edit(5, ""), 3);
    bench.session.undoStack().undo();
    bench.session.undoStack().undo();
    EXPECT_EQ(bench.session.configuration().batchNum, 3);
}

TEST(Session, FiguresOfOtherDataAreStale)
{
    Bench bench;
    bench.session.setRecord({}, bench.session.configuration());
    bench.session.setResult(
        {std::make_shared<Comparison>(), bench.session.prepared(), nullptr, bench.session.recordSerial(), bench.session.dataSerial()});
    EXPECT_FALSE(bench.session.comparisonStale());
    bench.session.setData(DataSpec{}, nullptr, false);
    EXPECT_TRUE(bench.session.comparisonStale());
}

/// By the local error: what it has done itself, not what came in.
TEST(Session, TheWorstLayerIsThatOfTheLocalError)
{
    Bench bench;
    auto comparison = std::make_shared<Comparison>();
    const auto add = [&](const char* name, double local, double cumulative) {
        LayerComparison& layer = comparison->layers.emplace_back();
        layer.layer = name;
        layer.run = true;
        layer.local.cosine = local;
        layer.cumulative.cosine = cumulative;
    };
    add("conv1", 0.9, 0.9);
    add("fc1", 0.99, 0.8);
    auto quantized = std::make_shared<QuantizedNetwork>();
    quantized->effective.resize(bench.session.model()->layers().size());
    for (Effective& effective : quantized->effective)
        effective.quantized = true;
    bench.session.setResult({comparison, bench.session.prepared(), quantized, bench.session.recordSerial(), bench.session.dataSerial()});
    EXPECT_EQ(bench.session.worstLayer(), QStringLiteral("conv1"));
}

TEST(Session, AnEditThatChangesNothingIsNoCommand)
{
    Bench bench;
    setQuantized(bench.session, {QStringLiteral("conv1")}, true);
    EXPECT_EQ(bench.session.undoStack().count(), 0);
    EXPECT_FALSE(bench.session.modified());
}

TEST(Session, SettingsArePreparedInTheBackground)
{
    Bench bench;
    ASSERT_TRUE(bench.session.preparedIsFresh());
    setQuantized(bench.session, {QStringLiteral("conv1")}, false);
    EXPECT_FALSE(bench.session.preparedIsFresh());
    QCoreApplication::processEvents();
    ASSERT_TRUE(bench.jobs.waitUntilIdle(5000));
    ASSERT_TRUE(bench.session.preparedIsFresh());
    const LayerId id = bench.session.model()->findLayer("conv1");
    EXPECT_FALSE(bench.session.effective()[id].quantized);
}

TEST(Session, KnowsTheNextStepAndWhatIsStale)
{
    Bench bench;
    EXPECT_EQ(bench.session.nextStep(), NextStep::Data);
    QuantRecord record;
    for (const char* name : {"conv1", "fc1"})
        record.layers[name].inputs = {InputFactors{}};
    bench.session.setRecord(record, bench.session.configuration());
    EXPECT_FALSE(bench.session.calibrationStale());
    setQuantized(bench.session, {QStringLiteral("conv1")}, false);
    EXPECT_FALSE(bench.session.calibrationStale());  // its factors are kept
    setClip(bench.session, QStringLiteral("fc1"), 0, std::pair{-1.0F, 1.0F});
    EXPECT_FALSE(bench.session.calibrationStale());  // replaces the calibrated limits
    setActivationBits(bench.session, {QStringLiteral("fc1")}, 10);
    EXPECT_TRUE(bench.session.calibrationStale());
    bench.session.undoStack().undo();
    EXPECT_FALSE(bench.session.calibrationStale());
}

TEST(Session, SelectionSpeaksOnceAndOnlyWhenItChanges)
{
    Bench bench;
    QSignalSpy changed(&bench.session, &Session::selectionChanged);
    bench.session.setSelection({QStringLiteral("fc1")});
    bench.session.setSelection({QStringLiteral("fc1")});
    EXPECT_EQ(changed.size(), 1);
    EXPECT_EQ(bench.session.selectedId(), bench.session.model()->findLayer("fc1"));
}

TEST(Session, AProjectRoundTripKeepsEverySetting)
{
    const QTemporaryDir folder;
    Bench bench;
    setClip(bench.session, QStringLiteral("fc1"), 0, std::pair{-1.0F, 2.0F});
    setActivationBits(bench.session, {QStringLiteral("conv1")}, 14);
    setCalibrator(bench.session, {QStringLiteral("conv1")}, QStringLiteral("entropy"));
    setRefinement(bench.session, {QStringLiteral("conv1")}, &WeightSetting::equalize, QStringLiteral("CLE"), true);
    const std::filesystem::path file = folder.filePath(QStringLiteral("toy.qsproj")).toStdString();
    EXPECT_TRUE(bench.session.modified());
    ASSERT_TRUE(bench.workflow.saveProjectAs(file, QByteArray("layout")));
    EXPECT_FALSE(bench.session.modified());
    const auto loaded = loadProject(file);
    ASSERT_TRUE(loaded.ok()) << errorText(loaded.error());
    EXPECT_EQ(loaded->configuration, bench.session.configuration());
    EXPECT_EQ(QByteArray::fromBase64(QByteArray::fromStdString(loaded->layout)), QByteArray("layout"));
}

TEST(Workflow, AMissingFileIsAMessageAndChangesNothing)
{
    Bench bench;
    QSignalSpy failed(&bench.workflow, &Workflow::failed);
    const auto model = bench.session.model();
    bench.workflow.openModel("/nonexistent/x.prototxt");
    ASSERT_TRUE(bench.jobs.waitUntilIdle(5000));
    ASSERT_EQ(failed.size(), 1);
    EXPECT_TRUE(failed.front().front().toString().contains(QStringLiteral("/nonexistent/x.prototxt")));
    EXPECT_EQ(bench.session.model(), model);
}

TEST(Session, EndsInSilence)
{
    int heard = 0;
    QObject listener;
    {
        Bench bench;
        setQuantized(bench.session, {QStringLiteral("conv1")}, false);
        QObject::connect(&bench.session, &Session::changed, &listener, [&] { ++heard; });
    }
    EXPECT_EQ(heard, 0);
}

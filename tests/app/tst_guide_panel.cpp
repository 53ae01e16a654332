// The panels around the demo, as a user works them: tuning, the comparison in integers, the settings of the whole network.
#include "app/commands/configuration_command.h"
#include "app/views/guide_panel.h"
#include "app/views/views.h"
#include "tests/support/bench.h"
#include "widgets/editors/network_editor.h"

#include <gtest/gtest.h>
#include <QCheckBox>
#include <QCoreApplication>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QTabBar>
#include <QTableWidget>
#include <QTest>

#include <memory>

using namespace qs;

namespace {

const QString sensitive = QStringLiteral("dw4");

}  // namespace

TEST(GuidePanel, SaysWhatIsMissingAndDoesIt)
{
    TestBench bench;
    GuidePanel panel(bench.parts, nullptr);
    panel.show();
    EXPECT_EQ(panel.plan(), nullptr);
    EXPECT_FALSE(panel.startButton()->isVisible());
    bench.openDemo();
    ASSERT_TRUE(panel.startButton()->isVisible());
    panel.startButton()->click();
    bench.settle();
    EXPECT_NE(bench.session.result().comparison, nullptr);
    ASSERT_NE(panel.plan(), nullptr);
    EXPECT_FALSE(panel.startButton()->isVisible());
}

TEST(GuidePanel, SwitchesTheSensitiveLayerOffInOneCommandAndShowsBothFigures)
{
    TestBench bench;
    GuidePanel panel(bench.parts, nullptr);
    panel.show();
    bench.openDemo();
    bench.workflow.analyse();
    bench.settle();
    ASSERT_NE(panel.plan(), nullptr);
    GuideStepCard* card = panel.card(GuideStep::SwitchOff);
    EXPECT_TRUE(card->isCurrent());
    EXPECT_FALSE(panel.plan()->met);
    EXPECT_EQ(card->ticked(), QStringList{sensitive});
    EXPECT_TRUE(card->applyButton()->isEnabled());
    EXPECT_TRUE(card->figures().isEmpty());
    const Configuration before = bench.session.configuration();
    const QString worst = QString::fromStdString(panel.plan()->figures.worstLayer);
    const int commands = bench.session.undoStack().count();
    card->applyButton()->click();
    EXPECT_EQ(bench.session.undoStack().count(), commands + 1);
    EXPECT_FALSE(bench.session.configuration().layers.at("dw4").quantEnable);
    EXPECT_FALSE(card->applyButton()->isEnabled()) << "stale until compared";
    bench.settle();
    EXPECT_FALSE(bench.session.comparisonStale());
    EXPECT_TRUE(panel.plan()->met);
    EXPECT_FALSE(card->isCurrent());
    EXPECT_TRUE(card->figures().contains(worst)) << card->figures().toStdString();
    EXPECT_FALSE(card->figures().contains(QStringLiteral("…")));
    EXPECT_TRUE(card->applyButton()->isHidden());
    bench.session.undoStack().undo();
    EXPECT_EQ(bench.session.configuration(), before);
}

TEST(GuidePanel, AnUntickedLayerIsLeftAlone)
{
    TestBench bench;
    GuidePanel panel(bench.parts, nullptr);
    panel.show();
    bench.openDemo();
    bench.workflow.analyse();
    bench.settle();
    GuideStepCard* card = panel.card(GuideStep::SwitchOff);
    card->findChild<QTableWidget*>()->item(0, 0)->setCheckState(Qt::Unchecked);
    EXPECT_TRUE(card->ticked().isEmpty());
    EXPECT_FALSE(card->applyButton()->isEnabled());
}

TEST(GuidePanel, ChangesParametersAndSolvesThemFromTheLastCalibration)
{
    TestBench bench;
    GuidePanel panel(bench.parts, nullptr);
    panel.show();
    bench.openDemo();
    bench.workflow.analyse();
    bench.settle();
    ASSERT_NE(panel.plan(), nullptr);
    const auto calibration = bench.session.calibration();
    const double before = panel.plan()->figures.worstCosine;
    GuideStepCard* card = panel.card(GuideStep::Parameters);
    for (int round = 0; round < 5 && !panel.plan()->met; ++round) {
        ASSERT_TRUE(card->ticked().contains(sensitive));
        card->applyButton()->click();
        bench.settle();
        EXPECT_FALSE(bench.session.comparisonStale());
    }
    EXPECT_TRUE(panel.plan()->met);
    EXPECT_GT(panel.plan()->figures.worstCosine, before);
    EXPECT_EQ(bench.session.calibration(), calibration) << "no other pass over the data";
    EXPECT_TRUE(bench.session.configuration().layers.at("dw4").quantEnable);
}

TEST(GuidePanel, MoreBatchesCalibrateAgain)
{
    TestBench bench;
    GuidePanel panel(bench.parts, nullptr);
    panel.show();
    bench.openDemo();
    DataSpec spec = *bench.session.dataSpec();
    spec.preprocess.batch = 4;
    bench.workflow.openData(spec, false);
    bench.settle();
    bench.workflow.analyse();
    bench.settle();
    ASSERT_NE(panel.plan(), nullptr);
    EXPECT_EQ(panel.plan()->next, GuideStep::Batches);
    EXPECT_EQ(bench.session.calibration()->samples, 4);
    panel.card(GuideStep::Batches)->applyButton()->click();
    bench.settle();
    EXPECT_EQ(bench.session.configuration().batchNum, 8);
    EXPECT_EQ(bench.session.calibration()->samples, 32);
    EXPECT_FALSE(bench.session.comparisonStale());
    EXPECT_TRUE(panel.card(GuideStep::Batches)->applyButton()->isHidden());
    EXPECT_FALSE(panel.card(GuideStep::Batches)->figures().isEmpty());
}

TEST(ComparePanel, RunsInIntegersOnlyWhenAsked)
{
    TestBench bench;
    std::unique_ptr<QWidget> panel(makeComparePanel(bench.parts, nullptr));
    panel->resize(1000, 260);
    panel->show();
    bench.openDemo();
    bench.session.setSelection({QStringLiteral("conv5")});
    bench.workflow.analyse();
    bench.settle();
    ASSERT_NE(bench.probe.result(), nullptr);
    EXPECT_EQ(bench.probe.integers(), nullptr);
    auto* toggle = panel->findChild<QCheckBox*>(QStringLiteral("inIntegers"));
    toggle->setChecked(true);
    bench.settle();
    ASSERT_NE(bench.probe.integers(), nullptr);
    EXPECT_EQ(bench.probe.integers()->layer, "conv5");
    EXPECT_GE(bench.probe.integers()->agreement.share(), 0.99);
    EXPECT_FALSE(bench.probe.integersStale());
    auto* note = panel->findChild<QLabel*>(QStringLiteral("integerNote"));
    EXPECT_TRUE(note->isVisible());
    EXPECT_TRUE(note->text().contains(QLatin1Char('%')));
    EXPECT_TRUE(panel->findChild<QLabel*>(QStringLiteral("overflow"))->text().isEmpty());
    // Remembered, and silent while it is off.
    EXPECT_TRUE(QSettings().value(QStringLiteral("compare/integers")).toBool());
    toggle->setChecked(false);
    bench.session.setSelection({QStringLiteral("fc6")});
    bench.settle();
    EXPECT_EQ(bench.probe.integers()->layer, "conv5");
    EXPECT_FALSE(note->isVisible());
}

TEST(NetworkSettings, AreEditedAsCommandsAndRemarkedOn)
{
    TestBench bench;
    const auto model = toyModel();
    bench.session.setModel(model, "/tmp/toy.prototxt", {}, createQuantConfig(*model));
    std::unique_ptr<QWidget> panel(makeInspectorPanel(bench.parts, nullptr));
    panel->show();
    bench.settle();
    auto* tabs = panel->findChild<QTabBar*>(QStringLiteral("inspectorTabs"));
    auto* editor = panel->findChild<NetworkEditor*>();
    auto* notes = editor->findChild<QLabel*>(QStringLiteral("notes"));
    bench.session.setSelection({QStringLiteral("conv1")});
    EXPECT_EQ(tabs->currentIndex(), 0);
    bench.session.setSelection({});
    EXPECT_EQ(tabs->currentIndex(), 1);
    EXPECT_TRUE(notes->isHidden());
    Configuration changed = bench.session.configuration();
    changed.updateBn = true;
    changed.jointQuant = true;
    Q_EMIT editor->configurationEdited(QStringLiteral("update_bn"), changed);
    EXPECT_EQ(bench.session.configuration(), changed);
    EXPECT_EQ(bench.session.undoStack().count(), 1);
    bench.settle();
    EXPECT_FALSE(notes->isHidden());
    EXPECT_TRUE(notes->text().contains(QStringLiteral("update_bn")) && notes->text().contains(QStringLiteral("joint_quant")));
    EXPECT_FALSE(tabs->tabIcon(1).isNull());
    EXPECT_TRUE(bench.session.logLines().join(QLatin1Char('\n')).contains(QStringLiteral("update_bn")));
    // A name that is no layer's is refused.
    changed.skipFusionLayers = {"no such layer"};
    Q_EMIT editor->configurationEdited(QStringLiteral("skip_fusion_layers"), changed);
    EXPECT_TRUE(bench.session.configuration().skipFusionLayers.empty());
    // The remark on SNQ stands beside the layer, too.
    setWeightAlgorithm(bench.session, {QStringLiteral("conv1")}, QStringLiteral("snq"));
    bench.session.setSelection({QStringLiteral("conv1")});
    bench.settle();
    bool said = false;
    for (const QLabel* label : panel->findChildren<QLabel*>())
        said |= label->isVisible() && label->text().contains(QStringLiteral("'conv1' is the first"));
    EXPECT_TRUE(said);
}

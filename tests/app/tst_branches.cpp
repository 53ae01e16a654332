// Branches in the real window, around the demo: what each keeps, how two are compared and merged, what a project brings back.
#include "app/commands/configuration_command.h"
#include "app/session/branches.h"
#include "app/views/graph_panel.h"
#include "app/window/main_window.h"
#include "app/window/status_strip.h"
#include "tests/support/bench.h"
#include "widgets/graph/graph_view.h"
#include "widgets/plots/error_profile_plot.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QComboBox>
#include <QDeadlineTimer>
#include <QDockWidget>
#include <QInputDialog>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTreeWidget>

using namespace qs;

namespace {

const QString sensitive = QStringLiteral("dw4");
const QString wide = QStringLiteral("wide");
const QString mainName = QStringLiteral("main");

struct Bench : TestBench {
    MainWindow window{parts};
    Branches& branches = session.branches();

    Bench()
    {
        window.show();
        openDemo();
    }
    ~Bench() { window.closeQuietly(); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    void analyse()
    {
        workflow.analyse();
        settle();
    }
    int bits() const { return session.configuration().layers.at("dw4").activation(0).bits; }
    int factorBits() const { return session.record()->layers.at("dw4").inputs.front().params.bits; }
    void showDock()
    {
        window.showView(QStringLiteral("branches"));
        settle();
    }
    template <class T>
    T* find(const char* name)
    {
        return window.findChild<T*>(QLatin1String(name));
    }
};

}  // namespace

TEST(Branches, TwoBranchesAreTwoTargets)
{
    Bench bench;
    bench.analyse();
    const auto* dock = bench.window.dock(QStringLiteral("checks"));
    const auto shown = [&] {
        // The rules are asked once the settings rest.
        const QDeadlineTimer deadline(60000);
        do {
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
            bench.settle();
        } while (!bench.session.checksAreFresh() && !deadline.hasExpired());
        bench.window.showView(QStringLiteral("checks"));
        bench.settle();
        QStringList rules;
        const auto* tree = bench.find<QTreeWidget>("checks");
        for (int i = 0; tree && i < tree->topLevelItemCount(); ++i)
            rules << tree->topLevelItem(i)->child(2)->text(2) + QLatin1Char(' ') + tree->topLevelItem(i)->text(1);
        return rules;
    };
    setActivationBits(bench.session, {sensitive}, 12);
    bench.settle();
    EXPECT_TRUE(shown().filter(QStringLiteral("onnxruntime")).isEmpty());
    bench.branches.create(wide);
    bench.analyse();
    EXPECT_FALSE(bench.session.comparisonStale());
    const int steps = bench.session.undoStack().count();
    setTarget(bench.session, **findTarget("onnxruntime"));
    EXPECT_EQ(bench.session.undoStack().count(), steps + 1);
    EXPECT_STREQ(bench.session.target().name, "onnxruntime");
    // ONNX has no 12 bits, and the log says so.
    EXPECT_EQ(bench.bits(), 16);
    EXPECT_FALSE(bench.session.logLines().filter(QStringLiteral("dw4")).filter(QStringLiteral("16")).isEmpty());
    EXPECT_TRUE(shown().contains(QStringLiteral("onnxruntime.sixteen-bits dw4")));
    EXPECT_EQ(dock->windowTitle(), QStringLiteral("Checks (%1)").arg(bench.session.checks().size()));
    bench.branches.switchTo(mainName);
    EXPECT_STREQ(bench.session.target().name, "amct-ss928");
    EXPECT_EQ(bench.bits(), 12);
    EXPECT_TRUE(shown().filter(QStringLiteral("onnxruntime")).isEmpty());
    bench.branches.switchTo(wide);
    // A click on a result selects its layer.
    EXPECT_TRUE(shown().contains(QStringLiteral("onnxruntime.sixteen-bits dw4")));
    auto* tree = bench.find<QTreeWidget>("checks");
    bench.session.setSelection({});
    for (int i = 0; i < tree->topLevelItemCount(); ++i)
        if (tree->topLevelItem(i)->text(1) == sensitive)
            tree->setCurrentItem(tree->topLevelItem(i));
    EXPECT_EQ(bench.session.selection(), QStringList{sensitive});
    bench.session.undoStack().undo();
    EXPECT_STREQ(bench.session.target().name, "amct-ss928");
    EXPECT_EQ(bench.bits(), 12);
    // Saved and opened again, each branch has its own.
    bench.session.undoStack().redo();
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.filePath(QStringLiteral("two.qsproj")).toStdString();
    ASSERT_TRUE(bench.workflow.saveProjectAs(file));
    bench.workflow.openProject(file);
    bench.settle();
    EXPECT_STREQ(bench.session.target().name, "onnxruntime");
    EXPECT_EQ(bench.branches.configuration(mainName).target, "");
}

TEST(Branches, EachKeepsSettingsFactorsResultsAndHistory)
{
    Bench bench;
    bench.analyse();
    const QuantRecord record = *bench.session.record();
    const auto compared = bench.session.result().comparison;
    setQuantized(bench.session, {QStringLiteral("conv1")}, false);
    setQuantized(bench.session, {QStringLiteral("conv1")}, true);
    const Configuration before = bench.session.configuration();
    bench.branches.create(wide);
    EXPECT_EQ(bench.branches.current(), wide);
    EXPECT_EQ(bench.branches.names(), (QStringList{mainName, wide}));
    EXPECT_EQ(bench.session.configuration(), before);
    EXPECT_FALSE(bench.session.comparisonStale());
    setActivationBits(bench.session, {sensitive}, 16);
    bench.settle();
    EXPECT_EQ(bench.factorBits(), 16);
    bench.analyse();
    const int steps = bench.session.undoStack().count();

    QSignalSpy changed(&bench.session, &Session::changed);
    bench.branches.switchTo(mainName);
    EXPECT_EQ(changed.size(), 1);
    bench.settle();
    EXPECT_EQ(bench.session.configuration(), before);
    EXPECT_EQ(bench.factorBits(), 8);
    EXPECT_EQ(bench.session.record()->layers.at("dw4").inputs.front().params, record.layers.at("dw4").inputs.front().params);
    EXPECT_EQ(bench.session.result().comparison, compared);
    EXPECT_FALSE(bench.session.comparisonStale());
    EXPECT_FALSE(bench.session.calibrationStale());
    EXPECT_EQ(bench.session.undoStack().count(), steps - 1);
    EXPECT_TRUE(bench.session.modified());
    // The way back is each branch's own.
    bench.session.undoStack().undo();
    EXPECT_FALSE(bench.session.configuration().layers.at("conv1").quantEnable);
    bench.branches.switchTo(wide);
    bench.settle();
    EXPECT_EQ(bench.bits(), 16);
    EXPECT_EQ(bench.factorBits(), 16);
    EXPECT_FALSE(bench.session.comparisonStale());
    EXPECT_EQ(bench.session.undoStack().count(), steps);
    bench.session.undoStack().undo();
    EXPECT_EQ(bench.session.configuration(), before);
    bench.session.undoStack().redo();
    EXPECT_EQ(bench.bits(), 16);
    bench.branches.switchTo(mainName);
    EXPECT_TRUE(bench.session.undoStack().canRedo());
    EXPECT_EQ(bench.session.undoStack().count(), steps - 1);
}

TEST(Branches, OneBeforeThePresentOneGoesWithoutMovingIt)
{
    Bench bench;
    bench.branches.create(wide);
    bench.branches.create(QStringLiteral("third"));
    bench.branches.remove(mainName);
    EXPECT_EQ(bench.branches.current(), QStringLiteral("third"));
    EXPECT_EQ(bench.branches.names(), (QStringList{wide, QStringLiteral("third")}));
    setActivationBits(bench.session, {QStringLiteral("dw4")}, 16);
    EXPECT_EQ(bench.branches.configuration(QStringLiteral("third")), bench.session.configuration());
    EXPECT_NE(bench.branches.configuration(wide), bench.session.configuration());
}

TEST(Branches, TwoThatWereComparedStandSideBySide)
{
    Bench bench;
    bench.analyse();
    bench.branches.create(wide);
    setActivationBits(bench.session, {sensitive}, 16);
    editConfiguration(bench.session, QStringLiteral("test"), [](Configuration& c) { c.jointQuant = true; });
    bench.settle();
    bench.showDock();
    EXPECT_EQ(bench.branches.reference(), mainName);
    auto* settings = bench.find<QTableWidget>("settingsDifference");
    ASSERT_EQ(settings->rowCount(), 2);
    const auto cell = [](const QTableWidget* table, int row, int column) { return table->item(row, column)->text(); };
    EXPECT_EQ(cell(settings, 0, 1), QStringLiteral("joint_quant"));
    EXPECT_EQ(cell(settings, 1, 0), sensitive);
    EXPECT_EQ(cell(settings, 1, 1), QStringLiteral("activation.num_bits"));
    EXPECT_EQ(cell(settings, 1, 2), QStringLiteral("8"));
    EXPECT_EQ(cell(settings, 1, 3), QStringLiteral("16"));
    // This branch's comparison is of other settings: the button asks for it.
    auto* metrics = bench.find<QTableWidget>("metricDifference");
    auto* compare = bench.find<QPushButton>("compareBranch");
    EXPECT_FALSE(metrics->isVisible());
    ASSERT_TRUE(compare->isVisible());
    EXPECT_TRUE(compare->text().contains(wide));
    compare->click();
    bench.settle();
    ASSERT_TRUE(metrics->isVisible());
    EXPECT_FALSE(compare->isVisible());
    int row = 0;
    while (row < metrics->rowCount() && cell(metrics, row, 0) != sensitive)
        ++row;
    ASSERT_LT(row, metrics->rowCount());
    const auto number = [&](int column) { return metrics->item(row, column)->data(Qt::UserRole).toDouble(); };
    EXPECT_EQ(number(4), bench.branches.result(mainName).comparison->layer("dw4")->local.cosine);
    EXPECT_EQ(number(5), bench.session.result().comparison->layer("dw4")->local.cosine);
    EXPECT_EQ(number(6), number(5) - number(4));
    EXPECT_GT(number(6), 0.05);
    // In the profile and over the graph.
    bench.window.showView(QStringLiteral("error-profile"));
    bench.settle();
    EXPECT_TRUE(bench.window.grab().width() > 0);
    const auto* box = bench.window.graphPanel()->findChild<QComboBox*>();
    const int overlay = box->findData(static_cast<int>(Overlay::BranchDifference));
    ASSERT_GE(overlay, 0);
    bench.window.graphPanel()->setOverlay(Overlay::BranchDifference);
    bench.settle();
    const auto& nodes = bench.window.graphPanel()->graph()->scene().nodes;
    const auto node = std::find_if(nodes.begin(), nodes.end(), [](const GraphNode& n) { return n.name == sensitive; });
    EXPECT_TRUE(node->value.contains(QLatin1Char('+'))) << node->value.toStdString();
    // Without a second branch, without the overlay.
    bench.branches.remove(mainName);
    bench.settle();
    EXPECT_EQ(box->findData(static_cast<int>(Overlay::BranchDifference)), -1);
}

TEST(Branches, AnotherBranchIsComparedWithoutGoingThere)
{
    Bench bench;
    bench.workflow.calibrate();
    bench.settle();
    bench.branches.create(wide);
    setActivationBits(bench.session, {sensitive}, 16);
    bench.analyse();
    ASSERT_TRUE(bench.session.result().comparison);
    EXPECT_FALSE(bench.branches.result(mainName).comparison);
    bench.showDock();
    auto* compare = bench.find<QPushButton>("compareBranch");
    ASSERT_TRUE(compare->isVisible());
    EXPECT_TRUE(compare->text().contains(mainName));
    const Configuration mine = bench.session.configuration();
    compare->click();
    bench.settle();
    EXPECT_EQ(bench.branches.current(), wide);
    EXPECT_EQ(bench.session.configuration(), mine);
    ASSERT_TRUE(bench.branches.result(mainName).comparison);
    EXPECT_LT(bench.branches.result(mainName).comparison->layer("dw4")->local.cosine, 0.99);
    EXPECT_GT(bench.session.result().comparison->layer("dw4")->local.cosine, 0.999);
    // One without factors of its settings is calibrated first.
    bench.branches.switchTo(mainName);
    editConfiguration(bench.session, QStringLiteral("test"), [](Configuration& c) { c.doFusion = false; });
    bench.branches.switchTo(wide);
    bench.settle();
    EXPECT_FALSE(bench.branches.resultHolds(mainName));
    bench.workflow.analyseBranch(mainName);
    bench.settle();
    EXPECT_TRUE(bench.branches.resultHolds(mainName));
    EXPECT_FALSE(bench.session.comparisonStale());
}

TEST(Branches, AResultReachesTheBranchThatAskedForIt)
{
    Bench bench;
    bench.branches.create(wide);
    setActivationBits(bench.session, {sensitive}, 16);
    bench.workflow.calibrate();
    // Gone on before it is done.
    bench.branches.switchTo(mainName);
    bench.settle();
    EXPECT_FALSE(bench.session.record());
    bench.branches.switchTo(wide);
    bench.settle();
    ASSERT_TRUE(bench.session.record());
    EXPECT_EQ(bench.factorBits(), 16);
    EXPECT_FALSE(bench.session.calibrationStale());
    // Of a branch that is gone there is nothing to keep.
    bench.workflow.compare();
    bench.branches.switchTo(mainName);
    bench.branches.remove(wide);
    bench.settle();
    EXPECT_FALSE(bench.session.result().comparison);
    EXPECT_FALSE(bench.session.record());
}

TEST(Branches, LayersAreMergedInOneStep)
{
    Bench bench;
    bench.analyse();
    bench.branches.create(wide);
    setActivationBits(bench.session, {sensitive}, 16);
    setQuantized(bench.session, {QStringLiteral("conv1")}, false);
    bench.branches.switchTo(mainName);
    bench.settle();
    const Configuration before = bench.session.configuration();
    const int steps = bench.session.undoStack().count();
    bench.showDock();
    EXPECT_EQ(bench.branches.reference(), wide);
    auto* settings = bench.find<QTableWidget>("settingsDifference");
    ASSERT_EQ(settings->rowCount(), 2);
    EXPECT_EQ(settings->item(1, 0)->text(), sensitive);
    EXPECT_FALSE(bench.find<QPushButton>("takeOver")->isEnabled());
    settings->selectRow(1);
    EXPECT_EQ(bench.session.selection(), QStringList{sensitive});
    ASSERT_TRUE(bench.find<QPushButton>("takeOver")->isEnabled());
    bench.find<QPushButton>("takeOver")->click();
    EXPECT_EQ(bench.bits(), 16);
    EXPECT_TRUE(bench.session.configuration().layers.at("conv1").quantEnable);
    EXPECT_EQ(bench.session.undoStack().count(), steps + 1);
    bench.turns.finish();
    EXPECT_EQ(settings->rowCount(), 1);
    bench.settle();
    EXPECT_EQ(bench.factorBits(), 16);
    bench.window.action(QStringLiteral("undo"))->trigger();
    EXPECT_EQ(bench.session.configuration(), before);
    // The same from the menu, for what is selected anywhere.
    ASSERT_TRUE(bench.window.action(QStringLiteral("mergeBranch"))->isEnabled());
    bench.window.action(QStringLiteral("mergeBranch"))->trigger();
    EXPECT_EQ(bench.bits(), 16);
    bench.settle();
}

TEST(Branches, AProjectBringsThemBackWithTheirHistories)
{
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.filePath(QStringLiteral("demo.qsproj")).toStdString();
    Configuration narrow;
    Configuration before;
    QuantParams factors;
    {
        Bench bench;
        bench.analyse();
        setQuantized(bench.session, {QStringLiteral("conv1")}, false);
        bench.branches.create(wide);
        before = bench.session.configuration();
        setActivationBits(bench.session, {sensitive}, 16);
        bench.settle();
        factors = bench.session.record()->layers.at("dw4").inputs.front().params;
        bench.branches.switchTo(mainName);
        bench.session.undoStack().undo();
        narrow = bench.session.configuration();
        bench.branches.switchTo(wide);
        bench.settle();
        ASSERT_TRUE(bench.workflow.saveProjectAs(file));
        EXPECT_FALSE(bench.session.modified());
    }
    Bench bench;
    bench.workflow.openProject(file);
    bench.settle();
    EXPECT_FALSE(bench.session.modified());
    EXPECT_EQ(bench.branches.names().size(), 2);
    EXPECT_EQ(bench.branches.current(), wide);
    EXPECT_EQ(bench.find<QComboBox>("branchBox")->currentText(), wide);
    EXPECT_EQ(bench.bits(), 16);
    EXPECT_EQ(bench.session.record()->layers.at("dw4").inputs.front().params, factors);
    EXPECT_FALSE(bench.session.calibrationStale());
    ASSERT_TRUE(bench.window.action(QStringLiteral("undo"))->isEnabled());
    bench.window.action(QStringLiteral("undo"))->trigger();
    EXPECT_EQ(bench.session.configuration(), before);
    EXPECT_TRUE(bench.session.modified());
    bench.window.action(QStringLiteral("undo"))->trigger();
    EXPECT_EQ(bench.session.configuration(), narrow);
    bench.window.action(QStringLiteral("redo"))->trigger();
    bench.window.action(QStringLiteral("redo"))->trigger();
    EXPECT_FALSE(bench.session.modified());
    bench.branches.switchTo(mainName);
    EXPECT_EQ(bench.session.configuration(), narrow);
    EXPECT_EQ(bench.factorBits(), 8);
    // What was undone can be redone in another session.
    EXPECT_TRUE(bench.session.undoStack().canRedo());
    bench.session.undoStack().redo();
    EXPECT_EQ(bench.session.configuration(), before);
    bench.settle();
}

TEST(Branches, MenuAndToolBarNameMakeAndDeleteThem)
{
    Bench bench;
    const auto answer = [&](const char* action, const QString& name) {
        bench.window.action(QLatin1String(action))->trigger();
        auto* dialog = bench.window.findChild<QInputDialog*>();
        dialog->setTextValue(name);
        dialog->accept();
        delete dialog;
        bench.settle();
    };
    auto* box = bench.find<QComboBox>("branchBox");
    EXPECT_FALSE(bench.window.action(QStringLiteral("nextBranch"))->isEnabled());
    answer("newBranch", wide);
    EXPECT_EQ(bench.branches.current(), wide);
    EXPECT_EQ(box->currentText(), wide);
    EXPECT_EQ(box->count(), 2);
    answer("newBranch", QStringLiteral(" main "));
    EXPECT_EQ(box->count(), 2);
    EXPECT_TRUE(bench.window.messages()->isVisible());
    EXPECT_TRUE(bench.window.messages()->text().contains(mainName));
    answer("renameBranch", QStringLiteral("16 bits"));
    EXPECT_EQ(bench.branches.names(), (QStringList{mainName, QStringLiteral("16 bits")}));
    bench.window.action(QStringLiteral("nextBranch"))->trigger();
    EXPECT_EQ(bench.branches.current(), mainName);
    Q_EMIT box->textActivated(QStringLiteral("16 bits"));
    EXPECT_EQ(bench.branches.current(), QStringLiteral("16 bits"));
    bench.window.removeBranch(mainName);
    EXPECT_EQ(box->count(), 1);
    // Nothing is lost by a slip of the hand.
    const auto buttons = bench.window.messages()->findChildren<QPushButton*>();
    ASSERT_EQ(buttons.size(), 2);
    buttons.front()->click();
    bench.settle();
    EXPECT_EQ(box->count(), 2);
    // Another network has its own.
    bench.openToy();
    EXPECT_EQ(bench.branches.names(), QStringList{mainName});
}

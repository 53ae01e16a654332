// Diagnosis in the real window: asked for by its key, causes and channels of the demo's layer, remedies tried and taken.
#include "app/commands/configuration_command.h"
#include "app/session/branches.h"
#include "app/window/main_window.h"
#include "tests/support/bench.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QComboBox>
#include <QDockWidget>
#include <QListWidget>
#include <QPushButton>
#include <QTableWidget>
#include <QToolButton>

using namespace qs;

namespace {

const QString sensitive = QStringLiteral("dw4");

struct Diagnosed : testing::Test {
    TestBench bench;
    MainWindow window{bench.parts};
    QDockWidget* dock = nullptr;

    void SetUp() override
    {
        window.resize(1280, 720);
        window.show();
        bench.openDemo();
        dock = window.dock(QStringLiteral("diagnosis"));
        window.showView(QStringLiteral("diagnosis"));
        bench.settle();
        EXPECT_FALSE(button("Diagnose")->isEnabled()) << "there are no factors yet";
        bench.workflow.calibrate();
        bench.settle();
        window.action(QStringLiteral("diagnose"))->trigger();
        bench.settle();
        ASSERT_TRUE(bench.diagnoser.result().diagnosis);
    }
    void TearDown() override { window.closeQuietly(); }
    QPushButton* button(const char* text) const
    {
        for (auto* one : dock->findChildren<QPushButton*>())
            if (one->text() == QLatin1String(text))
                return one;
        return nullptr;
    }
    QTableWidget* table(const char* name) const { return dock->findChild<QTableWidget*>(QLatin1String(name)); }
    void tryRemedies()
    {
        button("Try remedies")->click();
        bench.settle();
    }
};

}  // namespace

TEST_F(Diagnosed, TheWorstLayerStandsFirstWithItsCauseAndChannel)
{
    EXPECT_EQ(bench.session.selection(), QStringList{sensitive});
    EXPECT_EQ(table("diagnosisLayers")->item(0, 0)->text(), sensitive);
    EXPECT_TRUE(table("diagnosisLayers")->item(0, 2)->text().startsWith(QStringLiteral("wide channel")));
    const auto* causes = dock->findChild<QListWidget*>(QStringLiteral("causes"));
    ASSERT_GE(causes->count(), 1);
    EXPECT_TRUE(causes->item(0)->text().startsWith(QStringLiteral("input 0: channel 38 is ")));
    EXPECT_FALSE(causes->item(0)->toolTip().isEmpty());
    // The first cause's place and channel are shown.
    EXPECT_TRUE(dock->findChild<QComboBox*>()->currentText().startsWith(QStringLiteral("input 0")));
    ASSERT_EQ(table("channelTable")->selectedItems().isEmpty(), false);
    EXPECT_EQ(table("channelTable")->selectedItems().front()->text(), QStringLiteral("38"));
    EXPECT_EQ(table("channelTable")->rowCount(), 80);
    const auto* beside = dock->findChild<QWidget*>(QStringLiteral("channels-beside"));
    EXPECT_FALSE(beside->isHidden()) << "the weights that read each channel";
    // Another layer is followed, and one that no diagnosis knows shows nothing.
    bench.session.setSelection({QStringLiteral("conv1")});
    bench.settle();
    EXPECT_LE(table("channelTable")->rowCount(), 16) << "its input, or its weights where they are the cause";
    bench.session.setSelection({QStringLiteral("dw4_bn")});
    bench.settle();
    EXPECT_EQ(table("channelTable")->rowCount(), 0);
    EXPECT_TRUE(beside->isHidden());
    EXPECT_FALSE(button("Try remedies")->isEnabled());
}

TEST_F(Diagnosed, TheBestRemedyIsTakenAndUndone)
{
    EXPECT_FALSE(button("Apply")->isEnabled());
    tryRemedies();
    QTableWidget* remedies = table("remedies");
    ASSERT_GT(remedies->rowCount(), 5);
    EXPECT_EQ(remedies->item(1, 0)->text(), QStringLiteral("equalize expand4 with dw4"));
    const Configuration before = bench.session.configuration();
    remedies->selectRow(1);
    ASSERT_TRUE(button("Apply")->isEnabled());
    button("Apply")->click();
    bench.settle();
    EXPECT_TRUE(bench.session.configuration().layers.at("expand4").weights->equalize);
    EXPECT_TRUE(bench.diagnoser.stale());
    // Equalization asks for the data again: until then nothing can be tried.
    EXPECT_FALSE(button("Try remedies")->isEnabled());
    // What was tried before the edit would undo it.
    EXPECT_FALSE(button("Apply")->isEnabled());
    bench.session.undoStack().undo();
    bench.settle();
    EXPECT_EQ(bench.session.configuration(), before);
    EXPECT_FALSE(bench.diagnoser.stale());
}

TEST_F(Diagnosed, ARemedyOnABranchLeavesTheOthersAlone)
{
    tryRemedies();
    QTableWidget* remedies = table("remedies");
    int row = 0;
    for (int i = 1; i < remedies->rowCount(); ++i)
        if (remedies->item(i, 0)->text() == QStringLiteral("12 bits"))
            row = i;
    ASSERT_GT(row, 0);
    remedies->selectRow(row);
    const Configuration before = bench.session.configuration();
    button("On a branch")->click();
    bench.settle();
    EXPECT_EQ(bench.session.branches().current(), QStringLiteral("dw4, 12 bits"));
    EXPECT_EQ(bench.session.configuration().layers.at("dw4").activation(0).bits, 12);
    bench.session.branches().switchTo(QStringLiteral("main"));
    bench.settle();
    EXPECT_EQ(bench.session.configuration(), before);
    EXPECT_FALSE(bench.diagnoser.stale());
    EXPECT_GT(table("remedies")->rowCount(), 5);
}

TEST_F(Diagnosed, AnotherNetworkForgetsAndStaleIsSaid)
{
    setActivationBits(bench.session, {sensitive}, 12);
    bench.settle();
    EXPECT_TRUE(bench.diagnoser.stale());
    bench.diagnoser.run();
    bench.settle();
    EXPECT_FALSE(bench.diagnoser.stale());
    bench.openToy();
    EXPECT_FALSE(bench.diagnoser.result().diagnosis);
    EXPECT_FALSE(bench.diagnoser.cannotTry(sensitive).isEmpty());
}

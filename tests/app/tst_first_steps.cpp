#include "app/commands/configuration_command.h"
#include "app/window/first_steps.h"
#include "app/window/main_window.h"
#include "tests/support/bench.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QPushButton>
#include <QToolButton>

using namespace qs;

namespace {

using Step = FirstSteps::Step;

QPushButton& next(const FirstSteps& steps)
{
    return *steps.findChild<QPushButton*>();
}

}  // namespace

TEST(FirstSteps, LeadThroughTheDemo)
{
    TestBench bench;
    MainWindow window(bench.parts);
    window.show();
    FirstSteps& steps = *window.firstSteps();
    EXPECT_EQ(steps.step(), Step::Open);
    EXPECT_FALSE(steps.isVisible());  // the empty window says it itself
    bench.openDemo();
    EXPECT_TRUE(steps.isVisible());
    EXPECT_EQ(steps.step(), Step::Calibrate);
    EXPECT_TRUE(steps.text().startsWith(QStringLiteral("32 samples"))) << steps.text().toStdString();
    const auto go = [&](Step expected, const char* said) {
        ASSERT_TRUE(next(steps).isEnabled());
        next(steps).click();
        bench.settle();
        EXPECT_EQ(steps.step(), expected);
        EXPECT_TRUE(steps.text().contains(QLatin1String(said))) << steps.text().toStdString();
    };
    go(Step::Compare, "layers have factors now");
    go(Step::Repair, "dw4");
    go(Step::Repair, "dw4: ");
    go(Step::Repair, "Best for dw4");
    const Configuration before = bench.session.configuration();
    // Equalization asks for the data again.
    go(Step::Calibrate, "The settings have changed");
    EXPECT_NE(bench.session.configuration(), before);
    go(Step::Compare, "shows where they part");
    go(Step::Export, "agreement");
    Q_EMIT bench.workflow.exported(QStringLiteral("/somewhere"));
    EXPECT_EQ(steps.step(), Step::Done);
    EXPECT_TRUE(steps.text().contains(QStringLiteral("/somewhere")));
    // What was repaired and is undone is broken again.
    bench.session.undoStack().undo();
    EXPECT_NE(steps.step(), Step::Done);
    window.closeQuietly();
}

TEST(FirstSteps, AreLeftOutClosedAndOpenedAgain)
{
    TestBench bench;
    MainWindow window(bench.parts);
    window.show();
    FirstSteps& steps = *window.firstSteps();
    bench.openToy();
    EXPECT_EQ(steps.step(), Step::Data);
    steps.findChild<QToolButton*>(QStringLiteral("leaveOut"))->click();
    EXPECT_EQ(steps.step(), Step::Calibrate);
    steps.findChild<QToolButton*>(QStringLiteral("closeSteps"))->click();
    EXPECT_FALSE(steps.isVisible());
    window.closeQuietly();
    // That is remembered.
    MainWindow another(bench.parts);
    another.show();
    EXPECT_FALSE(another.firstSteps()->isVisible());
    EXPECT_FALSE(another.action(QStringLiteral("firstSteps"))->isChecked());
    another.action(QStringLiteral("firstSteps"))->trigger();
    EXPECT_TRUE(another.firstSteps()->isVisible());
    EXPECT_EQ(another.firstSteps()->step(), Step::Data);
    another.closeQuietly();
}

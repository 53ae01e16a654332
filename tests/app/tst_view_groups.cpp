#include "app/views/views.h"
#include "app/window/main_window.h"
#include "tests/support/bench.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QDockWidget>
#include <QSettings>
#include <QTabBar>
#include <QTest>
#include <QToolButton>

#include <memory>

using namespace qs;

namespace {

struct Groups : testing::Test {
    TestBench bench;
    std::unique_ptr<MainWindow> window;

    void SetUp() override { start(); }
    void TearDown() override { window->closeQuietly(); }

    void start()
    {
        window = std::make_unique<MainWindow>(bench.parts);
        window->resize(1280, 720);
        window->show();
        bench.openToy();
    }
    void restart()
    {
        window->closeQuietly();
        start();
    }
    void press(Qt::Key key)
    {
        window->activateWindow();
        QTest::keyClick(window.get(), key, Qt::ControlModifier);
        bench.settle();
    }
    void showView(const char* id)
    {
        window->showView(QLatin1String(id));
        bench.settle();
    }
    QDockWidget* dock(const char* id) const { return window->dock(QLatin1String(id)); }
    QTabBar* tabBar() const
    {
        for (auto* bar : window->findChildren<QTabBar*>(Qt::FindDirectChildrenOnly))
            if (bar->isVisible())
                return bar;
        return nullptr;
    }
    /// From left to right, the one in front in brackets.
    std::string tabs() const
    {
        std::string text;
        const QTabBar* bar = tabBar();
        for (int i = 0; bar && i < bar->count(); ++i) {
            const std::string name = bar->tabText(i).section(QLatin1String(" ("), 0, 0).toStdString();
            text += (i ? " " : "") + (i == bar->currentIndex() ? "[" + name + "]" : name);
        }
        return text;
    }
};

}  // namespace

TEST_F(Groups, KeysChooseTheGroupAndEachKeepsItsTab)
{
    EXPECT_EQ(tabs(), "[Error profile] Sensitivity Diagnosis Checks");
    press(Qt::Key_2);
    EXPECT_EQ(tabs(), "[Distribution] Compare Samples Output");
    EXPECT_TRUE(window->action(QStringLiteral("groupLook"))->isChecked());
    press(Qt::Key_1);
    press(Qt::Key_2);
    EXPECT_EQ(tabs(), "[Distribution] Compare Samples Output");
    tabBar()->setCurrentIndex(1);
    press(Qt::Key_3);
    EXPECT_EQ(tabs(), "[Search] Guide Branches Jobs Log");
    tabBar()->setCurrentIndex(4);
    press(Qt::Key_2);
    EXPECT_EQ(tabs(), "Distribution [Compare] Samples Output");
    EXPECT_FALSE(dock("compare")->visibleRegion().isEmpty());
    press(Qt::Key_3);
    EXPECT_EQ(tabs(), "Search Guide Branches Jobs [Log]");
    press(Qt::Key_1);
    EXPECT_EQ(tabs(), "[Error profile] Sensitivity Diagnosis Checks");
}

TEST_F(Groups, TheSwitchChoosesToo)
{
    const auto* panel = window->findChild<QDockWidget*>(QStringLiteral("groups"));
    EXPECT_TRUE(panel->isVisible());
    QStringList names;
    for (auto* button : panel->findChildren<QToolButton*>()) {
        names << button->text();
        button->click();
        bench.settle();
        EXPECT_TRUE(button->isChecked());
    }
    EXPECT_EQ(names.join(QLatin1Char(' ')).toStdString(), "Find Look Work");
    EXPECT_EQ(tabs(), "[Search] Guide Branches Jobs Log");
    EXPECT_LT(panel->geometry().right(), dock("search")->x());
}

TEST_F(Groups, AViewBringsItsGroup)
{
    showView("branches");
    EXPECT_EQ(tabs(), "Search Guide [Branches] Jobs Log");
    // Again, though it is the uppermost widget still.
    showView("branches");
    dock("branches")->close();
    bench.settle();
    EXPECT_EQ(tabs().find("[Branches]"), std::string::npos);
    showView("branches");
    EXPECT_EQ(tabs(), "Search Guide [Branches] Jobs Log");
    showView("compare");
    EXPECT_EQ(tabs(), "Distribution [Compare] Samples Output");
    showView("branches");
    EXPECT_EQ(tabs(), "Search Guide [Branches] Jobs Log");
    window->action(QStringLiteral("search"))->trigger();
    EXPECT_EQ(tabs(), "[Search] Guide Branches Jobs Log");
    dock("output")->toggleViewAction()->trigger();
    bench.settle();
    EXPECT_EQ(tabs(), "Distribution Compare Samples [Output]");
    for (const ViewEntry& view : views()) {
        if (view.place == Place::Centre)
            continue;
        showView(view.id);
        EXPECT_FALSE(dock(view.id)->visibleRegion().isEmpty()) << view.id;
    }
}

TEST_F(Groups, WhatIsClosedStaysClosed)
{
    press(Qt::Key_2);
    dock("compare")->close();
    press(Qt::Key_1);
    press(Qt::Key_2);
    EXPECT_EQ(tabs(), "[Distribution] Samples Output");
    press(Qt::Key_3);
    restart();
    press(Qt::Key_2);
    EXPECT_EQ(tabs(), "[Distribution] Samples Output");
    showView("compare");
    EXPECT_EQ(tabs(), "Distribution [Compare] Samples Output");
}

TEST_F(Groups, TheSwitchGoesWithTheLastViewAndItsKeyBringsAllBack)
{
    const auto* panel = window->findChild<QDockWidget*>(QStringLiteral("groups"));
    press(Qt::Key_2);
    for (const char* id : {"distribution", "compare", "samples", "output"})
        dock(id)->close();
    bench.settle();
    EXPECT_FALSE(panel->isVisible());
    press(Qt::Key_2);
    EXPECT_TRUE(panel->isVisible());
    EXPECT_EQ(tabs().size(), std::string("[Distribution] Compare Samples Output").size());
}

TEST_F(Groups, WhatFloatsStaysWhateverTheGroup)
{
    showView("log");
    dock("log")->setFloating(true);
    bench.settle();
    press(Qt::Key_1);
    EXPECT_TRUE(dock("log")->isVisible());
    EXPECT_EQ(tabs(), "[Error profile] Sensitivity Diagnosis Checks");
    showView("log");
    EXPECT_EQ(tabs(), "[Error profile] Sensitivity Diagnosis Checks");
    window->addDockWidget(Qt::RightDockWidgetArea, dock("jobs"));
    showView("jobs");
    press(Qt::Key_2);
    EXPECT_TRUE(dock("jobs")->isVisible());
    EXPECT_TRUE(dock("log")->isVisible());
}

TEST_F(Groups, AStartRestoresGroupAndTabs)
{
    showView("checks");
    showView("output");
    showView("jobs");
    restart();
    EXPECT_EQ(tabs(), "Search Guide Branches [Jobs] Log");
    EXPECT_TRUE(window->action(QStringLiteral("groupWork"))->isChecked());
    press(Qt::Key_2);
    EXPECT_EQ(tabs(), "Distribution Compare Samples [Output]");
    press(Qt::Key_1);
    EXPECT_EQ(tabs(), "Error profile Sensitivity Diagnosis [Checks]");
    window->resetLayout();
    bench.settle();
    EXPECT_EQ(tabs(), "[Error profile] Sensitivity Diagnosis Checks");
}

TEST_F(Groups, AnOlderLayoutLosesNoView)
{
    // As it was written before there were groups: the window's own state, with all views in one row.
    showView("jobs");
    const QByteArray old = window->saveState(1);
    window->closeQuietly();
    QSettings().setValue(QStringLiteral("window/state"), old);
    start();
    EXPECT_EQ(tabs(), "[Error profile] Sensitivity Diagnosis Checks");
    Q_EMIT bench.workflow.layoutLoaded(old);
    Q_EMIT bench.workflow.layoutLoaded(QByteArray("not a layout"));
    bench.settle();
    for (const ViewEntry& view : views()) {
        if (view.place == Place::Centre)
            continue;
        showView(view.id);
        EXPECT_FALSE(dock(view.id)->visibleRegion().isEmpty()) << view.id;
    }
}

// What a user has done is asked about before it goes, and files that have moved are found again.
#include "app/commands/configuration_command.h"
#include "app/window/main_window.h"
#include "app/window/status_strip.h"
#include "core/base/file.h"
#include "core/project/project.h"
#include "tests/support/bench.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QApplication>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTest>
#include <QTimer>

using namespace qs;

namespace {

namespace fs = std::filesystem;

class Window : public TestBench {
public:
    Window()
    {
        window.show();
        openDemo();
    }
    ~Window() { window.closeQuietly(); }
    /// Answers the next question; how many were asked is counted.
    void answer(QMessageBox::StandardButton button)
    {
        QTimer::singleShot(0, &window, [this, button] {
            if (auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget())) {
                ++asked;
                box->button(button)->click();
            }
        });
    }
    void copyDemo(const fs::path& to)
    {
        for (const char* name : {"demo.prototxt", "demo.caffemodel", "demo.qsproj", "labels.txt"})
            fs::copy(Workflow::demoFolder() / name, to / name);
        fs::create_directory(to / "pictures");
        for (const auto& entry : fs::directory_iterator(Workflow::demoFolder() / "pictures"))
            if (entry.path().filename().string() < "004")
                fs::copy(entry.path(), to / "pictures" / entry.path().filename());
    }

    MainWindow window{parts};
    test::TemporaryFolder folder;
    int asked = 0;
};

}  // namespace

TEST(NothingLost, OpeningOverChangesAsks)
{
    Window w;
    const auto model = w.session.model();
    setQuantized(w.session, {QStringLiteral("conv1")}, false);
    w.answer(QMessageBox::Cancel);
    w.window.openDemo();
    w.settle();
    EXPECT_EQ(w.asked, 1);
    EXPECT_EQ(w.session.model(), model);
    EXPECT_TRUE(w.session.modified());
    w.answer(QMessageBox::Discard);
    w.window.openDemo();
    w.settle();
    EXPECT_EQ(w.asked, 2);
    EXPECT_NE(w.session.model(), model);
}

TEST(NothingLost, TheDemoHasNoNameYet)
{
    Window w;
    w.session.markSaved();
    w.window.openDemo();
    w.settle();
    EXPECT_TRUE(w.session.projectPath().empty());
    EXPECT_FALSE(w.session.modified());
    EXPECT_NE(w.session.data(), nullptr);
}

TEST(NothingLost, DataThatMovedStayInTheProjectAndAreFound)
{
    Window w;
    w.copyDemo(w.folder.path());
    fs::rename(w.folder.path() / "pictures", w.folder.path() / "moved");
    const fs::path project = w.folder.path() / "demo.qsproj";
    w.workflow.openProject(project);
    w.settle();
    ASSERT_TRUE(w.session.dataSpec());
    EXPECT_EQ(w.session.data(), nullptr);
    EXPECT_FALSE(w.session.modified());
    EXPECT_TRUE(w.window.messages()->isVisible());
    EXPECT_NE(w.window.messages()->findChild<QPushButton*>(), nullptr);
    const DataSpec before = *w.session.dataSpec();
    ASSERT_TRUE(w.workflow.saveProjectAs(project));
    const auto saved = loadProject(project);
    ASSERT_TRUE(saved.ok());
    ASSERT_TRUE(saved->data);
    EXPECT_EQ(*saved->data, before);
    // What "Locate..." does with the folder that is chosen.
    std::function<void(const fs::path&)> found;
    QObject::connect(&w.workflow, &Workflow::lost, &w.window, [&](const QString&, const fs::path&, const auto& take) { found = take; });
    w.workflow.openProject(project);
    w.settle();
    ASSERT_TRUE(found);
    found(w.folder.path() / "moved");
    w.settle();
    ASSERT_NE(w.session.data(), nullptr);
    EXPECT_EQ(w.session.data()->size(), 4);
    EXPECT_EQ(w.session.dataSpec()->preprocess, before.preprocess);
    EXPECT_TRUE(w.session.modified());
}

TEST(NothingLost, ANetworkThatMovedIsFound)
{
    Window w;
    w.copyDemo(w.folder.path());
    fs::create_directory(w.folder.path() / "moved");
    for (const char* name : {"demo.prototxt", "demo.caffemodel"})
        fs::rename(w.folder.path() / name, w.folder.path() / "moved" / name);
    std::function<void(const fs::path&)> found;
    QObject::connect(&w.workflow, &Workflow::lost, &w.window, [&](const QString&, const fs::path&, const auto& take) { found = take; });
    w.workflow.openProject(w.folder.path() / "demo.qsproj");
    w.settle();
    ASSERT_TRUE(found);
    found(w.folder.path() / "moved" / "demo.prototxt");
    w.settle();
    EXPECT_EQ(w.session.modelPath(), w.folder.path() / "moved" / "demo.prototxt");
    EXPECT_NE(w.session.data(), nullptr);
    EXPECT_TRUE(w.session.modified());
}

TEST(NothingLost, WhatWasExportedOpensWithItsWeights)
{
    Window w;
    w.workflow.calibrate();
    w.settle();
    std::optional<ExportPlan> plan;
    w.workflow.planExport({w.folder.path() / "m"}, [&plan](Result<ExportPlan> made) {
        if (made)
            plan = *std::move(made);
    });
    w.settle();
    ASSERT_TRUE(plan);
    w.workflow.writeExportPlan(*plan);
    w.settle();
    for (const char* kind : {"deploy", "fake_quant"}) {
        w.workflow.openAny(w.folder.path() / (std::string("m_") + kind + "_model.prototxt"));
        w.settle();
        ASSERT_NE(w.session.model(), nullptr);
        for (const Layer& layer : w.session.model()->layers())
            EXPECT_TRUE(layer.notRunnable.empty()) << kind << " " << layer.name << ": " << layer.notRunnable;
    }
    // Without them it says so where it is seen, and what to do.
    fs::remove(w.folder.path() / "m_deploy_weights.caffemodel");
    fs::copy(w.folder.path() / "m_fake_quant_weights.caffemodel", w.folder.path() / "other.caffemodel");
    w.workflow.openAny(w.folder.path() / "m_deploy_model.prototxt");
    w.settle();
    EXPECT_TRUE(w.window.messages()->isVisible());
    EXPECT_NE(w.window.messages()->findChild<QPushButton*>(), nullptr);
}

TEST(NothingLost, EscapeInAFieldLeavesTheField)
{
    Window w;
    QApplication::setActiveWindow(&w.window);
    w.window.action(QStringLiteral("find"))->trigger();
    auto* field = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    ASSERT_NE(field, nullptr);
    w.workflow.calibrate();
    w.window.action(QStringLiteral("cancel"))->trigger();
    EXPECT_FALSE(field->hasFocus());
    w.settle();
    EXPECT_TRUE(w.session.record());
}

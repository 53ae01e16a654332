// What goes in and out of the window as files: report, export, conversion, what is dropped on it, what is left after a crash.
#include "app/commands/configuration_command.h"
#include "app/dialogs/data_dialog.h"
#include "app/dialogs/export_dialog.h"
#include "app/session/branches.h"
#include "app/session/report_file.h"
#include "app/window/main_window.h"
#include "app/window/shell.h"
#include "app/window/status_strip.h"
#include "core/base/file.h"
#include "tests/support/bench.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QDropEvent>
#include <QFile>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QToolBar>
#include <QTranslator>
#include <QXmlStreamReader>

using namespace qs;

namespace {

struct Bench : TestBench {
    MainWindow window{parts};
    QTemporaryDir folder;

    Bench() { window.show(); }
    ~Bench() { window.closeQuietly(); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    std::filesystem::path path(const char* name) const { return folder.filePath(QLatin1String(name)).toStdString(); }
    QStringList written(const char* sub) const { return QDir(folder.filePath(QLatin1String(sub))).entryList(QDir::Files); }
    void analyse()
    {
        openDemo();
        workflow.analyse();
        settle();
    }
    /// Until the dialog's plan, which waits a moment for more typing, is there.
    void plan(ExportDialog& dialog)
    {
        const QDeadlineTimer deadline(60000);
        do {
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
            jobs.waitUntilIdle(60000);
        } while (!dialog.planned() && !deadline.hasExpired());
        settle();
    }
};

void drop(MainWindow& window, const std::filesystem::path& path)
{
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(QString::fromStdString(path.string()))});
    QDragEnterEvent enter(QPoint(200, 200), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window, &enter);
    EXPECT_TRUE(enter.isAccepted());
    QDropEvent event(QPointF(200, 200), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window, &event);
    EXPECT_TRUE(event.isAccepted());
}

}  // namespace

TEST(Files, TheReportHasEveryLayerInTheWindowsLanguage)
{
    Bench bench;
    bench.openDemo();
    EXPECT_FALSE(bench.window.action(QStringLiteral("report"))->isEnabled());
    bench.workflow.writeReport(bench.path("r.html"));
    EXPECT_TRUE(bench.window.messages()->isVisible());
    bench.workflow.analyse();
    bench.settle();
    EXPECT_TRUE(bench.window.action(QStringLiteral("report"))->isEnabled());
    QTranslator translator;
    ASSERT_TRUE(translator.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")));
    for (const bool chinese : {false, true}) {
        if (chinese)
            QCoreApplication::installTranslator(&translator);
        bench.workflow.writeReport(bench.path("r.html"));
        bench.settle();
        QFile file(QString::fromStdString(bench.path("r.html").string()));
        ASSERT_TRUE(file.open(QIODevice::ReadOnly));
        QString text = QString::fromUtf8(file.readAll());
        EXPECT_TRUE(text.contains(chinese ? QStringLiteral("量化报告") : QStringLiteral("Quantization report")));
        EXPECT_EQ(text.contains(QStringLiteral("Worst layers")), !chinese);
        for (const Layer& layer : bench.session.model()->layers())
            EXPECT_TRUE(text.contains(QStringLiteral("<td>%1</td>").arg(QString::fromStdString(layer.name)))) << layer.name;
        for (const char* outside : {"href", "src=", "url(", "@import", "<script"})
            EXPECT_FALSE(text.contains(QLatin1String(outside))) << outside;
        QXmlStreamReader xml(text.remove(QStringLiteral("<!DOCTYPE html>")));
        int plots = 0;
        while (!xml.atEnd()) {
            xml.readNext();
            plots += xml.isStartElement() && xml.name() == QLatin1String("svg");
        }
        EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString();
        EXPECT_GT(plots, 20);
    }
    QCoreApplication::removeTranslator(&translator);
    // On paper, too.
    bench.workflow.writeReport(bench.path("r.pdf"));
    bench.settle();
    EXPECT_TRUE(readFile(bench.path("r.pdf"))->starts_with("%PDF"));
    const auto pages = reportPages(reportInput(bench.session), 2);
    ASSERT_EQ(pages.size(), 2U);
    EXPECT_NE(pages[0], pages[1]);
    // Wherever the pages end, also within a row of the worst layers, none is left empty.
    ReportInput input = reportInput(bench.session);
    input.data = nullptr;  // shorter: the worst layers begin on the first page
    for (int lines = 0; lines < 12; ++lines) {
        for (int word = 0; word < 40; ++word)
            input.source.branch += " and on";
        for (const QImage& page : reportPages(input, 6)) {
            int dark = 0;
            for (int y = 0; y < page.height() * 9 / 10; y += 3)
                for (int x = 0; x < page.width(); x += 3)
                    dark += qGray(page.pixel(x, y)) < 160;
            EXPECT_GT(dark, 50) << lines;
        }
    }
    EXPECT_EQ(bench.written(""), (QStringList{QStringLiteral("r.html"), QStringLiteral("r.pdf")}));
    // Of other settings there is none.
    setQuantized(bench.session, {QStringLiteral("conv1")}, false);
    EXPECT_FALSE(bench.window.action(QStringLiteral("report"))->isEnabled());
}

TEST(Files, EveryReportWordIsTranslated)
{
    QTranslator translator;
    ASSERT_TRUE(translator.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")));
    for (const char* word : reportWords())
        EXPECT_FALSE(translator.translate("Report", word).isEmpty()) << word;
}

TEST(Files, SaveTypeChoosesTheModelsAndARecordIsConverted)
{
    Bench bench;
    bench.analyse();
    const QString prefix = bench.folder.filePath(QStringLiteral("one/net"));
    ExportDialog dialog(bench.parts, prefix, &bench.window);
    dialog.show();
    bench.plan(dialog);
    auto* type = dialog.findChild<QComboBox*>(QStringLiteral("saveType"));
    ASSERT_EQ(type->count(), 3);
    type->setCurrentIndex(2);
    EXPECT_FALSE(dialog.planned());
    bench.plan(dialog);
    dialog.write();
    bench.settle();
    const QStringList deploy = bench.written("one");
    EXPECT_TRUE(deploy.contains(QStringLiteral("net_deploy_model.prototxt")));
    EXPECT_FALSE(deploy.contains(QStringLiteral("net_fake_quant_model.prototxt")));
    dialog.close();
    // The record that was written makes the same deploy model again, whatever the session's settings are by now.
    const QString record = deploy.filter(QStringLiteral("scale_offset_record.txt")).value(0);
    ASSERT_FALSE(record.isEmpty()) << deploy.join(QLatin1Char(' ')).toStdString();
    setQuantized(bench.session, {QStringLiteral("conv1"), QStringLiteral("dw4")}, false);
    bench.settle();
    bench.window.convertFiles(bench.path("one") / record.toStdString());
    auto* convert = bench.window.findChildren<ExportDialog*>().back();
    bench.plan(*convert);
    ASSERT_TRUE(convert->planned());
    ExportDialog again(bench.parts, bench.folder.filePath(QStringLiteral("two/net")), &bench.window, bench.path("one") / record.toStdString());
    bench.plan(again);
    again.write();
    bench.settle();
    const char* const weights = "net_deploy_weights.caffemodel";
    EXPECT_TRUE(bench.written("two").contains(QStringLiteral("net_fake_quant_model.prototxt")));
    for (const char* sub : {"one", "two"})
        ASSERT_TRUE(bench.written(sub).contains(QLatin1String(weights))) << sub << ": " << bench.written(sub).join(QLatin1Char(' ')).toStdString();
    EXPECT_EQ(*readFile(bench.path("two") / weights), *readFile(bench.path("one") / weights));
    convert->close();
}

TEST(Files, TheTargetDecidesWhatIsWrittenAndStaysWithTheProject)
{
    Bench bench;
    bench.analyse();
    auto* box = bench.window.findChild<QToolBar*>(QStringLiteral("toolbar"))->findChild<QComboBox*>(QStringLiteral("target"));
    ASSERT_NE(box, nullptr);
    EXPECT_EQ(box->currentText(), QStringLiteral("AMCT SS928"));
    bench.session.markSaved();
    box->setCurrentIndex(1);
    Q_EMIT box->activated(1);
    EXPECT_STREQ(bench.session.target().name, "onnxruntime");
    EXPECT_TRUE(bench.session.modified());
    ExportDialog dialog(bench.parts, bench.folder.filePath(QStringLiteral("onnx/net")), &bench.window);
    dialog.show();
    bench.plan(dialog);
    EXPECT_FALSE(dialog.findChild<QComboBox*>(QStringLiteral("saveType"))->isVisible());
    dialog.write();
    bench.settle();
    EXPECT_EQ(bench.written("onnx"), (QStringList{QStringLiteral("net_float.onnx"), QStringLiteral("net_qdq.onnx")}));
    dialog.close();
    const std::filesystem::path file = bench.path("target.qsproj");
    ASSERT_TRUE(bench.workflow.saveProjectAs(file));
    // One step back.
    bench.session.undoStack().undo();
    EXPECT_EQ(box->currentText(), QStringLiteral("AMCT SS928"));
    bench.workflow.openProject(file);
    bench.settle();
    EXPECT_STREQ(bench.session.target().name, "onnxruntime");
    EXPECT_EQ(box->currentText(), QStringLiteral("ONNX Runtime"));
    // A target of a later program is kept for it.
    Configuration later = bench.session.configuration();
    later.target = "abacus-9";
    bench.session.setConfiguration(later);
    EXPECT_STREQ(bench.session.target().name, "amct-ss928");
    EXPECT_EQ(bench.session.toProject().configuration.target, "abacus-9");
}

TEST(Files, InPlaceLayersAreWrittenOut)
{
    Bench bench;
    bench.openDemo();
    ASSERT_TRUE(bench.window.action(QStringLiteral("uninplace"))->isEnabled());
    bench.workflow.writeUninplaced(bench.path("u.prototxt"));
    bench.settle();
    const auto text = readFile(bench.path("u.prototxt"));
    ASSERT_TRUE(text.ok());
    EXPECT_NE(text->find("top: \"conv1_relu\""), std::string::npos);
    EXPECT_TRUE(bench.window.messages()->isVisible());
    bench.workflow.writeUninplaced("/nowhere/at/all/u.prototxt");
    bench.settle();
}

TEST(Files, WhatIsDroppedIsOpened)
{
    Bench bench;
    const std::filesystem::path demo = Workflow::demoFolder();
    drop(bench.window, demo / "demo.prototxt");
    bench.settle();
    ASSERT_TRUE(bench.session.model());
    EXPECT_FALSE(bench.session.data());
    // A folder is data for the network that is open: how it becomes the input is asked.
    drop(bench.window, demo / "pictures");
    bench.settle();
    auto* dialog = bench.window.findChild<DataDialog*>();
    ASSERT_TRUE(dialog);
    EXPECT_EQ(dialog->spec().path, demo / "pictures");
    dialog->reject();
    drop(bench.window, demo / "demo.qsproj");
    bench.settle();
    EXPECT_EQ(bench.session.projectPath(), demo / "demo.qsproj");
    EXPECT_TRUE(bench.session.data());
    // Not a network: a message, and what is open stays.
    const auto model = bench.session.model();
    QFile junk(bench.folder.filePath(QStringLiteral("junk.prototxt")));
    ASSERT_TRUE(junk.open(QIODevice::WriteOnly));
    junk.write("not { a network");
    junk.close();
    drop(bench.window, bench.path("junk.prototxt"));
    bench.settle();
    EXPECT_TRUE(bench.window.messages()->isVisible());
    EXPECT_EQ(bench.session.model(), model);
}

TEST(Files, ACrashLeavesTheSettingsToBeRestored)
{
    QSettings().clear();
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    const QString backup = folder + QStringLiteral("/autosave.qsproj");
    QDir().mkpath(folder);
    QFile::remove(backup);
    // What a program leaves that ends without its destructors: the file that it kept writing.
    Configuration lost;
    {
        Bench bench;
        bench.openDemo();
        bench.session.branches().create(QStringLiteral("wide"));
        setActivationBits(bench.session, {QStringLiteral("dw4")}, 16);
        lost = bench.session.configuration();
        ASSERT_TRUE(saveProject(bench.session.toProject(), backup.toStdString()).ok());
    }
    const auto settle = [](Shell& shell) {
        for (int i = 0; i < 8; ++i) {
            QCoreApplication::processEvents();
            shell.jobs().waitUntilIdle(60000);
        }
    };
    auto& app = *static_cast<QApplication*>(QCoreApplication::instance());
    {
        Shell shell(app);
        shell.start();
        settle(shell);
        ASSERT_TRUE(shell.window()->messages()->isVisible());
        const auto buttons = shell.window()->messages()->findChildren<QPushButton*>();
        ASSERT_EQ(buttons.size(), 2);
        buttons.front()->click();
        settle(shell);
        EXPECT_EQ(shell.session().configuration(), lost);
        // Not the user's file: it goes with the program, so nothing must be saved into it.
        EXPECT_TRUE(shell.session().projectPath().empty());
        EXPECT_TRUE(shell.session().modified());
        EXPECT_EQ(shell.session().branches().current(), QStringLiteral("wide"));
        EXPECT_TRUE(shell.session().undoStack().canUndo());
        shell.window()->closeQuietly();
    }
    // A clean end leaves nothing; discarding leaves nothing.
    EXPECT_FALSE(QFile::exists(backup));
    QFile file(backup);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write("{}");
    file.close();
    {
        Shell shell(app);
        shell.start();
        settle(shell);
        const auto buttons = shell.window()->messages()->findChildren<QPushButton*>();
        ASSERT_EQ(buttons.size(), 2);
        buttons.back()->click();
        EXPECT_FALSE(QFile::exists(backup));
        EXPECT_FALSE(shell.session().model());
        shell.window()->closeQuietly();
    }
}

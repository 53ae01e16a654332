// Every view and dialog of the window at 1280 x 720 (under QT_SCALE_FACTOR as well), in both languages: no text of the frame is cut.
#include "app/session/branches.h"
#include "app/views/views.h"
#include "app/window/main_window.h"
#include "tests/support/bench.h"
#include "tests/support/clipped.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QLibraryInfo>
#include <QTranslator>

using namespace qs;

namespace {

/// The demo with everything found out, so that every view has what it can show.
void findOut(TestBench& bench)
{
    bench.openDemo();
    bench.workflow.analyse();
    bench.settle();
    // Beside another, of which everything below is.
    bench.session.branches().create(QStringLiteral("another"));
    bench.settle();
    bench.workflow.analyse();
    bench.settle();
    bench.session.branches().setReference(QStringLiteral("main"));
    bench.settle();
    bench.session.setSelection({bench.session.worstLayer()});
    bench.diagnoser.run();
    bench.settle();
    bench.diagnoser.tryRemedies(bench.session.worstLayer());
    bench.settle();
    bench.live.runSensitivity();
    bench.settle();
    const SearchGoal goal{.target = SearchTarget::Cosine, .value = 0.9995, .budget = 0.5};
    bench.searcher.forget(goal, 16);
    bench.searcher.start(goal, 16);
    bench.settle();
}

void look(QWidget& window, const QString& where, QStringList& found)
{
    for (const QString& text : clippedTexts(window))
        if (const QString line = where + QStringLiteral(": ") + text; !found.contains(line))
            found << line;
    if (const QByteArray folder = qgetenv("QS_GRAB"); !folder.isEmpty())
        window.grab().save(QStringLiteral("%1/%2.png").arg(QString::fromLocal8Bit(folder), where));
}

QStringList clippedIn(TestBench& bench, const QString& language)
{
    QStringList found;
    MainWindow window(bench.parts);
    window.resize(1280, 720);
    window.show();
    bench.settle();
    EXPECT_LE(window.width(), 1280);
    EXPECT_LE(window.height(), 720);
    for (const ViewEntry& entry : views()) {
        if (entry.place == Place::Centre)
            continue;
        window.showView(QLatin1String(entry.id));
        bench.settle();
        look(window, language + QLatin1Char('-') + QLatin1String(entry.id), found);
    }
    for (const char* id : {"data", "export", "definitions", "layerTypes", "parameters", "keys", "manual", "goToLayer"}) {
        window.action(QLatin1String(id))->trigger();
        bench.settle();
        for (QWidget* top : QApplication::topLevelWidgets())
            if (top != &window && top->isVisible()) {
                look(*top, language + QLatin1Char('-') + QLatin1String(id), found);
                EXPECT_LE(top->width(), 1280) << id;
                EXPECT_LE(top->height(), 720) << id;
                top->close();
            }
        bench.settle();
    }
    window.closeQuietly();
    return found;
}

}  // namespace

TEST(ClippedTexts, ThereAreNone)
{
    TestBench bench;
    findOut(bench);
    QStringList found = clippedIn(bench, QStringLiteral("en"));
    QTranslator words;
    QTranslator qtWords;
    ASSERT_TRUE(words.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")));
    QCoreApplication::installTranslator(&words);
    if (qtWords.load(QStringLiteral("qtbase_zh_CN"), QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(&qtWords);
    found << clippedIn(bench, QStringLiteral("zh"));
    EXPECT_TRUE(found.isEmpty()) << found.join(QLatin1Char('\n')).toStdString();
}

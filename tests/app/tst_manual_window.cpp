// The manual: whole in both languages, and opened at the page on what has the focus.
#include "app/dialogs/manual_window.h"
#include "app/views/graph_panel.h"
#include "app/views/views.h"
#include "app/window/main_window.h"
#include "tests/support/bench.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QDir>
#include <QDockWidget>
#include <QFile>
#include <QListWidget>
#include <QRegularExpression>
#include <QTextBrowser>

using namespace qs;

namespace {

QStringList linesOf(const QString& language, const QString& page)
{
    QFile file(QStringLiteral(":/manual/%1/%2").arg(language, page));
    EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << language.toStdString() << '/' << page.toStdString();
    return QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
}

/// "1 2 2 3": the levels of the headings, outside code.
QString headingsOf(const QStringList& lines)
{
    QString levels;
    bool code = false;
    for (const QString& line : lines) {
        code ^= line.startsWith(QLatin1String("```"));
        const auto level = line.indexOf(QRegularExpression(QStringLiteral("[^#]")));
        if (!code && level > 0 && line[level] == QLatin1Char(' '))
            levels += QString::number(level) + QLatin1Char(' ');
    }
    return levels;
}

}  // namespace

TEST(Manual, BothLanguagesHaveTheSamePagesHeadingsAndLinks)
{
    const QStringList pages = QDir(QStringLiteral(":/manual/en")).entryList();
    EXPECT_GE(pages.size(), 12);
    EXPECT_EQ(QDir(QStringLiteral(":/manual/zh_CN")).entryList(), pages);
    const QRegularExpression link(QStringLiteral("\\]\\(([^)]*)\\)"));
    for (const QString& page : pages) {
        QStringList targets[2];
        for (const QString& language : {QStringLiteral("en"), QStringLiteral("zh_CN")}) {
            const QStringList lines = linesOf(language, page);
            EXPECT_TRUE(lines.front().startsWith(QLatin1String("# "))) << page.toStdString();
            for (auto found = link.globalMatch(lines.join(QLatin1Char('\n'))); found.hasNext();) {
                const QString target = found.next().captured(1).section(QLatin1Char('#'), 0, 0);
                EXPECT_TRUE(pages.contains(target)) << page.toStdString() << ": " << target.toStdString();
                targets[language == QLatin1String("en") ? 0 : 1] << target;
            }
        }
        targets[0].sort();
        targets[1].sort();
        EXPECT_EQ(targets[0], targets[1]) << page.toStdString();
        EXPECT_EQ(headingsOf(linesOf(QStringLiteral("en"), page)), headingsOf(linesOf(QStringLiteral("zh_CN"), page))) << page.toStdString();
    }
    for (const ViewEntry& view : views())
        EXPECT_TRUE(pages.contains(QLatin1String(view.page) + QStringLiteral(".md"))) << view.id;
}

TEST(Manual, OpensAtThePageOfTheViewThatHasTheFocus)
{
    TestBench bench;
    MainWindow window(bench.parts);
    window.show();
    bench.openDemo();
    const auto opened = [&window] {
        window.action(QStringLiteral("manual"))->trigger();
        auto* manual = window.findChild<ManualWindow*>();
        return manual ? manual->page() : QString();
    };
    window.graphPanel()->focusSearch();
    EXPECT_EQ(opened(), QStringLiteral("finding-the-layer"));
    EXPECT_EQ(window.findChildren<ManualWindow*>().size(), 1);
    auto* manual = window.findChild<ManualWindow*>();
    auto* text = manual->findChild<QTextBrowser*>();
    EXPECT_GT(text->toPlainText().size(), 500);
    // The list follows the text, and the text the list.
    auto* list = manual->findChild<QListWidget*>();
    ASSERT_NE(list->currentItem(), nullptr);
    EXPECT_EQ(list->currentItem()->data(Qt::UserRole).toString(), QStringLiteral("finding-the-layer"));
    list->setCurrentRow(0);
    EXPECT_EQ(manual->page(), QStringLiteral("index"));
    text->backward();
    EXPECT_EQ(manual->page(), QStringLiteral("finding-the-layer"));
    manual->hide();
    window.activateWindow();
    window.showView(QStringLiteral("branches"));
    bench.settle();
    window.dock(QStringLiteral("branches"))->widget()->setFocusPolicy(Qt::StrongFocus);
    window.dock(QStringLiteral("branches"))->widget()->setFocus();
    EXPECT_EQ(opened(), QStringLiteral("branches"));
    window.closeQuietly();
}

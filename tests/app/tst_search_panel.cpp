#include "app/views/views.h"
#include "core/jobs/search.h"
#include "tests/support/bench.h"

#include <gtest/gtest.h>
#include <QPushButton>
#include <QTableWidget>

#include <memory>

using namespace qs;

TEST(SearchPanel, TheRowThatIsChosenIsApplied)
{
    TestBench bench;
    bench.openDemo();
    bench.workflow.analyse();
    bench.settle();
    const std::unique_ptr<QWidget> panel(makeSearchPanel(bench.parts, nullptr));
    panel->show();
    const SearchGoal goal{.target = SearchTarget::Cosine, .value = 0.9995, .budget = 0.5};
    bench.searcher.forget(goal, 16);
    bench.searcher.start(goal, 16);
    bench.settle();
    ASSERT_TRUE(bench.searcher.result());
    const SearchResult& result = *bench.searcher.result();
    auto* table = panel->findChild<QTableWidget*>(QStringLiteral("searchTable"));
    ASSERT_GE(table->rowCount(), 2);
    const auto row = [table] { return table->selectionModel()->selectedRows().value(0).row(); };
    // The best one at first, in bold.
    EXPECT_TRUE(table->item(row(), 0)->font().bold());
    const int other = row() == 0 ? table->rowCount() - 1 : 0;
    table->selectRow(other);
    EXPECT_EQ(row(), other);
    for (auto* button : panel->findChildren<QPushButton*>())
        if (button->text() == QLatin1String("Apply"))
            button->click();
    bench.settle();
    const auto applied = bench.session.configuration();
    bench.session.undoStack().undo();
    bench.searcher.apply(result.front[static_cast<size_t>(other)]);
    EXPECT_EQ(bench.session.configuration(), applied);
    bench.session.undoStack().undo();
    bench.searcher.apply(result.best);
    EXPECT_NE(bench.session.configuration(), applied);
    // Another search has rows of its own, and its best one is chosen again.
    bench.session.undoStack().undo();
    bench.workflow.analyse();
    bench.settle();
    const SearchGoal easier{.target = SearchTarget::Cosine, .value = 0.99, .budget = 0.5};
    bench.searcher.forget(easier, 16);
    bench.searcher.start(easier, 16);
    bench.settle();
    ASSERT_NE(bench.searcher.result(), nullptr) << bench.searcher.error().toStdString();
    ASSERT_GE(table->rowCount(), 1);
    EXPECT_EQ(table->selectionModel()->selectedRows().size(), 1);
    EXPECT_TRUE(table->item(row(), 0)->font().bold());
}

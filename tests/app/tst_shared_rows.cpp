// What views keep of the layers from one change to the next is what they would show if they were made anew.
#include "app/commands/configuration_command.h"
#include "app/session/branches.h"
#include "app/views/graph_panel.h"
#include "app/window/main_window.h"
#include "tests/support/bench.h"
#include "widgets/graph/graph_view.h"
#include "widgets/models/layer_table_model.h"

#include <gtest/gtest.h>
#include <QDockWidget>
#include <QSignalSpy>
#include <QTableView>

using namespace qs;

namespace {

struct Bench : TestBench {
    MainWindow window{parts};

    Bench()
    {
        window.resize(1400, 900);
        window.show();
        openDemo();
        workflow.analyse();
        settle();
    }
    ~Bench() { window.closeQuietly(); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    LayerRows anew() const
    {
        return layerRows({.model = session.model().get(),
                          .configuration = &session.configuration(),
                          .effective = session.effective(),
                          .comparison = session.result().comparison.get(),
                          .reference = session.branches().referenceComparison(),
                          .sensitivity = live.sensitivity().sensitivity.get(),
                          .sensitivityStale = live.sensitivityStale(),
                          .checks = session.checks()});
    }
    LayerTableModel& shown() { return *window.findChild<LayerTableModel*>(); }
    const GraphView& graph() { return *window.findChild<GraphPanel*>()->graph(); }
    void expectAsMadeAnew(const char* after)
    {
        SCOPED_TRACE(after);
        const LayerRows wanted = anew();
        ASSERT_EQ(rows.now().size(), wanted.size());
        for (size_t i = 0; i < wanted.size(); ++i)
            EXPECT_TRUE(*rows.now()[i] == *wanted[i]) << wanted[i]->name.toStdString();
        LayerTableModel table;
        table.setRows(wanted, session.comparisonStale());
        ASSERT_EQ(shown().rowCount(), table.rowCount());
        for (int row = 0; row < table.rowCount(); ++row)
            for (int column = 0; column < LayerTableModel::ColumnCount; ++column)
                for (const int role :
                     {int(Qt::DisplayRole), int(Qt::CheckStateRole), int(Qt::ToolTipRole), int(Qt::ForegroundRole), int(LayerTableModel::StaleRole)})
                    EXPECT_EQ(shown().index(row, column).data(role), table.index(row, column).data(role))
                        << wanted[static_cast<size_t>(row)]->name.toStdString() << ", column " << column << ", role " << role;
        EXPECT_TRUE(graph().scene().nodes == graphScene(*session.model(), wanted, Overlay::CumulativeCosine, rows.blocks().get()).nodes);
    }
    void step(const char* what, const std::function<void()>& edit)
    {
        edit();
        turns.finish();
        expectAsMadeAnew(what);
        settle();
        expectAsMadeAnew(what);
    }
};

}  // namespace

TEST(SharedRows, AreThoseMadeAnewAfterAnySeriesOfEdits)
{
    Bench bench;
    Session& session = bench.session;
    const auto undo = [&] { session.undoStack().undo(); };
    const auto redo = [&] { session.undoStack().redo(); };
    bench.expectAsMadeAnew("opened");
    bench.step("off", [&] { setQuantized(session, {QStringLiteral("dw4")}, false); });
    bench.step("undo", undo);
    bench.step("redo", redo);
    bench.step("undo", undo);
    bench.step("bits", [&] { setActivationBits(session, {QStringLiteral("dw4"), QStringLiteral("pw4")}, 12); });
    bench.step("fusion", [&] { editConfiguration(session, {}, [](Configuration& c) { c.doFusion = false; }); });
    bench.step("undo", undo);
    bench.step("compared", [&] { bench.workflow.analyse(); });
    bench.step("live", [&] { bench.live.setEnabled(true); });
    bench.step("limits", [&] { setClip(session, QStringLiteral("dw4"), 0, std::pair{-1.0F, 1.0F}); });
    bench.step("target", [&] { setTarget(session, **findTarget("onnxruntime")); });
    bench.step("undo", undo);
    bench.step("sensitivity", [&] { bench.live.runSensitivity(); });
    bench.step("branch", [&] { session.branches().create(QStringLiteral("wide")); });
    bench.step("beside main", [&] { session.branches().setReference(QStringLiteral("main")); });
    bench.step("all off", [&] {
        editConfiguration(session, {}, [](Configuration& c) {
            for (auto& [name, setting] : c.layers)
                setting.quantEnable = false;
        });
    });
    bench.step("back to main", [&] { session.branches().switchTo(QStringLiteral("main")); });
    bench.step("another network", [&] { bench.openToy(); });
}

TEST(SharedRows, KeepWhatAnEditDoesNotTouch)
{
    Bench bench;
    const LayerRows before = bench.rows.now();
    QSignalSpy told(&bench.shown(), &LayerTableModel::dataChanged);
    setActivationBits(bench.session, {QStringLiteral("dw4")}, 12);
    bench.turns.finish();
    const LayerRows& after = bench.rows.now();
    ASSERT_EQ(after.size(), before.size());
    for (size_t i = 0; i < after.size(); ++i)
        EXPECT_EQ(after[i] == before[i], after[i]->name != QLatin1String("dw4")) << after[i]->name.toStdString();
    // The row itself, and that all figures are stale.
    ASSERT_EQ(told.size(), 2);
    EXPECT_EQ(told[0][0].toModelIndex().row(), bench.shown().indexOf(QStringLiteral("dw4")));
    EXPECT_EQ(told[0][1].toModelIndex().row(), bench.shown().indexOf(QStringLiteral("dw4")));
}

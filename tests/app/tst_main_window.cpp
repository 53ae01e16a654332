#include "app/commands/configuration_command.h"
#include "app/dialogs/help_dialogs.h"
#include "app/views/graph_panel.h"
#include "app/views/views.h"
#include "app/window/main_window.h"
#include "app/window/status_strip.h"
#include "tests/support/bench.h"
#include "widgets/common/theme.h"
#include "widgets/graph/graph_view.h"
#include "widgets/models/layer_table_model.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDockWidget>
#include <QLineEdit>
#include <QMenu>
#include <QSet>
#include <QSettings>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>

#include <algorithm>

using namespace qs;

TEST(MainWindow, StartsEmptyAndFillsWhenANetworkOpens)
{
    TestBench bench;
    MainWindow window(bench.parts);
    window.show();
    bench.settle();
    EXPECT_FALSE(window.dock(QStringLiteral("layers"))->isVisible());
    EXPECT_FALSE(window.action(QStringLiteral("calibrate"))->isEnabled());
    bench.openToy();
    EXPECT_TRUE(window.dock(QStringLiteral("layers"))->isVisible());
    EXPECT_EQ(window.graphPanel()->graph()->scene().nodes.size(), bench.session.model()->layers().size());
    auto* table = window.findChild<QTableView*>(QStringLiteral("layerTable"));
    EXPECT_EQ(table->model()->rowCount(), static_cast<int>(bench.session.model()->layers().size()));
    window.closeQuietly();
}

TEST(MainWindow, EveryViewStandsInTheMenuOfDocks)
{
    TestBench bench;
    const MainWindow window(bench.parts);
    QSet<QAction*> inMenus;
    for (const QMenu* menu : window.findChildren<QMenu*>())
        for (QAction* action : menu->actions())
            inMenus.insert(action);
    for (const ViewEntry& view : views()) {
        if (view.place == Place::Centre)
            continue;
        const QDockWidget* dock = window.dock(QLatin1String(view.id));
        ASSERT_NE(dock, nullptr) << view.id;
        EXPECT_TRUE(inMenus.contains(dock->toggleViewAction())) << view.id;
    }
}

TEST(MainWindow, GraphShowsTheSensitivityAndRemembersThat)
{
    TestBench bench;
    MainWindow window(bench.parts);
    window.show();
    bench.openDemo();
    bench.workflow.calibrate();
    bench.settle();
    auto* choice = window.graphPanel()->findChild<QComboBox*>();
    const int place = choice->findData(static_cast<int>(Overlay::OneQuantized));
    ASSERT_GE(place, 0);
    EXPECT_FALSE(choice->itemData(place, Qt::ToolTipRole).toString().isEmpty());
    choice->setCurrentIndex(place);
    Q_EMIT choice->activated(place);
    const auto sensitive = [&window] {
        const auto& nodes = window.graphPanel()->graph()->scene().nodes;
        return *std::find_if(nodes.begin(), nodes.end(), [](const GraphNode& node) { return node.name == QLatin1String("dw4"); });
    };
    EXPECT_FALSE(sensitive().color.isValid());
    bench.live.runSensitivity();
    bench.settle();
    EXPECT_EQ(sensitive().color, wrongColor(wrongSteps - 1));
    EXPECT_FALSE(sensitive().stale);
    setQuantized(bench.session, {QStringLiteral("conv1")}, false);
    bench.settle();
    EXPECT_TRUE(sensitive().stale);
    bench.openToy();
    EXPECT_FALSE(window.graphPanel()->graph()->scene().nodes.front().color.isValid());
    const GraphPanel another(bench.parts);
    EXPECT_EQ(another.findChild<QComboBox*>()->currentIndex(), place);
    window.closeQuietly();
}

TEST(MainWindow, SimilarityIsWrittenAlikeEverywhere)
{
    TestBench bench;
    bench.openDemo();
    bench.workflow.analyse();
    bench.settle();
    ASSERT_NE(bench.session.result().comparison, nullptr);
    const LayerComparison& layer = *bench.session.result().comparison->layer("dw4");
    for (const SimilarityForm form : {SimilarityForm::OneMinusCosine, SimilarityForm::Sqnr, SimilarityForm::Cosine}) {
        setSimilarityForm(form);
        MainWindow window(bench.parts);
        window.show();
        bench.settle();
        const QAbstractItemModel& table = *window.findChild<QTableView*>(QStringLiteral("layerTable"))->model();
        const auto rows = table.match(table.index(0, LayerTableModel::Name), Qt::DisplayRole, QStringLiteral("dw4"), 1, Qt::MatchExactly);
        ASSERT_EQ(rows.size(), 1);
        EXPECT_EQ(rows.front().siblingAtColumn(LayerTableModel::LocalCosine).data().toString(), similarityText(layer.local));
        EXPECT_EQ(table.headerData(LayerTableModel::LocalCosine, Qt::Horizontal).toString(), similaritySymbol() + QStringLiteral(" local"));
        const auto& nodes = window.graphPanel()->graph()->scene().nodes;
        const auto card = std::find_if(nodes.begin(), nodes.end(), [](const GraphNode& node) { return node.name == QLatin1String("dw4"); });
        EXPECT_EQ(card->value, similarityPhrase(layer.cumulative));
        window.closeQuietly();
    }
}

TEST(MainWindow, LayerTypesCanBeSearched)
{
    QWidget parent;
    showLayerTypes(&parent);
    auto* table = parent.findChild<QTableWidget*>(QStringLiteral("layerTypes"));
    auto* search = parent.findChild<QLineEdit*>();
    ASSERT_TRUE(table && search);
    const auto visible = [table] {
        QStringList types;
        for (int row = 0; row < table->rowCount(); ++row)
            if (!table->isRowHidden(row))
                types.append(table->item(row, 0)->text());
        return types;
    };
    EXPECT_GT(visible().size(), 100);
    search->setText(QStringLiteral("expose_hidden"));
    EXPECT_EQ(visible(), (QStringList{QStringLiteral("LSTM"), QStringLiteral("RNN"), QStringLiteral("GRU")}));
    search->setText(QStringLiteral("nothing has this"));
    EXPECT_TRUE(visible().isEmpty());
    if (const QByteArray folder = qgetenv("QS_GRAB"); !folder.isEmpty()) {
        search->clear();
        parent.findChild<QDialog*>()->grab().save(QString::fromLocal8Bit(folder) + QStringLiteral("/layer_types.png"));
    }
}

TEST(MainWindow, SelectingAnywhereSelectsEverywhere)
{
    TestBench bench;
    MainWindow window(bench.parts);
    window.show();
    bench.openToy();
    auto* table = window.findChild<QTableView*>(QStringLiteral("layerTable"));
    table->selectRow(1);
    EXPECT_EQ(bench.session.selectedLayer(), table->model()->index(1, 0).data().toString());
    EXPECT_EQ(window.graphPanel()->graph()->selectedNames(), bench.session.selection());
    bench.session.setSelection({QStringLiteral("fc1")});
    ASSERT_EQ(table->selectionModel()->selectedRows().size(), 1);
    EXPECT_EQ(table->selectionModel()->selectedRows().front().data().toString(), QStringLiteral("fc1"));
    window.closeQuietly();
}

TEST(MainWindow, EveryCommandHasAnActionAndUndoIsOne)
{
    TestBench bench;
    MainWindow window(bench.parts);
    window.show();
    bench.openToy();
    for (const char* id : {"open", "demo", "save", "export", "undo", "redo", "calibrate", "compare", "cancel", "goToLayer", "data"})
        EXPECT_NE(window.action(QLatin1String(id)), nullptr) << id;
    EXPECT_EQ(window.action(QStringLiteral("calibrate"))->shortcut(), QKeySequence(Qt::Key_F5));
    EXPECT_EQ(window.action(QStringLiteral("goToLayer"))->shortcut(), QKeySequence(QStringLiteral("Ctrl+K")));
    const Configuration before = bench.session.configuration();
    bench.session.setSelection({QStringLiteral("conv1")});
    window.action(QStringLiteral("toggle"))->trigger();
    EXPECT_NE(bench.session.configuration(), before);
    window.action(QStringLiteral("undo"))->trigger();
    EXPECT_EQ(bench.session.configuration(), before);
    window.closeQuietly();
}

TEST(MainWindow, AFailureIsShownWithoutABox)
{
    TestBench bench;
    MainWindow window(bench.parts);
    window.show();
    bench.workflow.openModel("/nonexistent/x.prototxt");
    bench.settle();
    EXPECT_TRUE(window.messages()->isVisible());
    EXPECT_TRUE(window.messages()->text().contains(QStringLiteral("x.prototxt")));
    window.closeQuietly();
}

TEST(MainWindow, EveryLayerHasACompareView)
{
    TestBench bench;
    MainWindow window(bench.parts);
    window.show();
    bench.openDemo();
    bench.workflow.calibrate();
    bench.settle();
    window.showView(QStringLiteral("compare"));
    window.findChild<QCheckBox*>(QStringLiteral("inIntegers"))->setChecked(true);
    // From many channels to few and back, and to the input, which is never compared.
    for (const Layer& layer : bench.session.model()->layers()) {
        bench.session.setSelection({QString::fromStdString(layer.name)});
        bench.settle();
        ASSERT_TRUE(bench.probe.result()) << layer.name;
        for (auto* box : window.dock(QStringLiteral("compare"))->findChildren<QSpinBox*>())
            box->setValue(box->maximum());
        bench.settle();
    }
    bench.session.setSelection({QString::fromStdString(bench.session.model()->layers().front().name)});
    bench.settle();
    window.closeQuietly();
}

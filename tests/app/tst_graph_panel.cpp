// Blocks in the window: what opens when a layer is chosen elsewhere, what a block's card does, and what is remembered.
#include "app/views/graph_panel.h"
#include "app/window/main_window.h"
#include "tests/support/bench.h"
#include "widgets/common/tables.h"
#include "widgets/graph/graph_view.h"
#include "widgets/models/layer_group_model.h"

#include <gtest/gtest.h>
#include <QDockWidget>
#include <QLineEdit>
#include <QTableView>
#include <QTest>
#include <QToolButton>

using namespace qs;

namespace {

/// data, a {conv, relu, tanh}, b {tanh, absval}, named by their paths.
std::shared_ptr<const Model> modularModel()
{
    ModelBuilder builder("modular", "caffe");
    ValueId value = addToyConvolution(builder, "a.conv", addToyInput(builder));
    for (const auto& [name, op] : {std::pair("a.relu", "ReLU"), {"a.tanh", "TanH"}, {"b.tanh", "TanH"}, {"b.absval", "AbsVal"}}) {
        const Layer layer = toyLayer(builder, name, op, {value});
        builder.addLayer(layer);
        value = layer.outputs.front();
    }
    auto model = std::move(builder).build();
    return model ? *model : nullptr;
}

class GraphPanelTest : public testing::Test, protected TestBench {
protected:
    GraphPanelTest()
    {
        m_window.resize(1280, 720);
        m_window.show();
        open("/tmp/modular.prototxt");
    }
    ~GraphPanelTest() override { m_window.closeQuietly(); }
    void open(const char* path)
    {
        const auto model = modularModel();
        session.setModel(model, path, {}, createQuantConfig(*model));
        settle();
    }
    GraphView& graph() { return *m_window.graphPanel()->graph(); }
    QTableView& table() { return *m_window.findChild<QTableView*>(QStringLiteral("layerTable")); }
    QToolButton& grouped()
    {
        for (auto* button : m_window.dock(QStringLiteral("layers"))->findChildren<QToolButton*>())
            if (button->text() == QLatin1String("Grouped"))
                return *button;
        throw std::logic_error("no button");
    }
    QStringList rows()
    {
        QStringList texts;
        for (int row = 0; row < table().model()->rowCount(); ++row)
            texts << table().model()->index(row, 0).data().toString();
        return texts;
    }

    MainWindow m_window{parts};
};

const QStringList all{"a.conv", "a.relu", "a.tanh"};

}  // namespace

TEST_F(GraphPanelTest, ALayerThatIsChosenElsewhereIsShown)
{
    graph().closeBlock(QStringLiteral("a"));
    const int closed = graph().cards().count();
    // Its own selection opens nothing, and what follows an edit does not either.
    QTest::keyClick(&graph(), Qt::Key_Home);
    QTest::keyClick(&graph(), Qt::Key_Down);
    settle();
    EXPECT_EQ(graph().blockToOpen(), QStringLiteral("a"));
    EXPECT_EQ(graph().cards().count(), closed);
    session.setSelection({QStringLiteral("a.tanh")});
    settle();
    EXPECT_GT(graph().cards().count(), closed);
    EXPECT_EQ(graph().current(), QStringLiteral("a.tanh"));
    // Closed again it stays so.
    graph().closeBlock(QStringLiteral("a"));
    Q_EMIT session.changed(session.revision());
    settle();
    EXPECT_EQ(graph().cards().count(), closed);
}

TEST_F(GraphPanelTest, SpaceOnABlockSwitchesAllInOneStep)
{
    graph().closeBlock(QStringLiteral("a"));
    QTest::keyClick(&graph(), Qt::Key_Home);
    QTest::keyClick(&graph(), Qt::Key_Down);
    EXPECT_EQ(session.selection().front(), QStringLiteral("a.conv"));
    ASSERT_TRUE(session.configuration().layers.at("a.conv").quantEnable);
    const int steps = session.undoStack().count();
    QTest::keyClick(&graph(), Qt::Key_Space);
    settle();
    EXPECT_FALSE(session.configuration().layers.at("a.conv").quantEnable);
    EXPECT_EQ(session.undoStack().count(), steps + 1);
    session.undoStack().undo();
    EXPECT_TRUE(session.configuration().layers.at("a.conv").quantEnable);
}

TEST_F(GraphPanelTest, OpenBlocksAndPlaceAreRememberedByNetwork)
{
    graph().closeBlock(QStringLiteral("b"));
    graph().showPlace(0.7, QPointF(100, 120));
    const QPointF centre = graph().visibleRect().center();
    open("/tmp/other.prototxt");
    EXPECT_FALSE(graph().openBlocks());
    EXPECT_NE(graph().zoom(), 0.7);
    open("/tmp/modular.prototxt");
    ASSERT_TRUE(graph().openBlocks());
    EXPECT_FALSE(graph().openBlocks()->contains(QStringLiteral("b")));
    EXPECT_DOUBLE_EQ(graph().zoom(), 0.7);
    EXPECT_LT((graph().visibleRect().center() - centre).manhattanLength(), 1);
}

TEST_F(GraphPanelTest, TheTableIsGroupedByKeysAndSavedFlat)
{
    const QStringList flat = rows();
    const QString saved = tableText(table(), QLatin1Char(','), false);
    grouped().click();
    EXPECT_EQ(rows(), (QStringList{"data", "▾ a (3)", "   conv", "   relu", "   tanh", "▾ b (2)", "   tanh", "   absval"}));
    table().setCurrentIndex(table().model()->index(1, 0));
    EXPECT_EQ(session.selection(), all);
    QTest::keyClick(&table(), Qt::Key_Left);
    EXPECT_EQ(rows(), (QStringList{"data", "▸ a (3)", "▾ b (2)", "   tanh", "   absval"}));
    EXPECT_EQ(session.selection(), all);
    EXPECT_EQ(tableText(table(), QLatin1Char(','), false), saved);
    EXPECT_EQ(tableText(table(), QLatin1Char('\t'), true).count(QLatin1Char('\n')), 4);
    // Chosen elsewhere.
    session.setSelection({QStringLiteral("a.relu")});
    settle();
    EXPECT_EQ(rows().size(), 8);
    EXPECT_EQ(table().currentIndex().data().toString(), QStringLiteral("   relu"));
    QTest::keyClick(&table(), Qt::Key_Left);
    QTest::keyClick(&table(), Qt::Key_Left);
    EXPECT_EQ(rows().size(), 5);
    grouped().click();
    EXPECT_EQ(rows(), flat);
    EXPECT_EQ(session.selection(), all);
}

TEST_F(GraphPanelTest, FilterAndGroupsAreRememberedByNetwork)
{
    auto* find = m_window.dock(QStringLiteral("layers"))->findChild<QLineEdit*>();
    find->setText(QStringLiteral("type:tanh"));
    grouped().click();
    const QStringList shown = rows();
    EXPECT_EQ(shown, (QStringList{"a.tanh", "b.tanh"}));
    open("/tmp/other.prototxt");
    EXPECT_TRUE(find->text().isEmpty());
    EXPECT_FALSE(grouped().isChecked());
    open("/tmp/modular.prototxt");
    EXPECT_EQ(find->text(), QStringLiteral("type:tanh"));
    EXPECT_TRUE(grouped().isChecked());
    EXPECT_EQ(rows(), shown);
}

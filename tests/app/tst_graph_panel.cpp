// Blocks in the window: what opens when a layer is chosen elsewhere, and what a block's card does.
#include "app/views/graph_panel.h"
#include "app/window/main_window.h"
#include "tests/support/bench.h"
#include "widgets/graph/graph_view.h"

#include <gtest/gtest.h>
#include <QTest>

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
    MainWindow m_window{parts};
};

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

#include "tests/support/synthetic_graph.h"
#include "widgets/graph/graph_view.h"

#include <gtest/gtest.h>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFile>
#include <QImage>
#include <QMouseEvent>
#include <QSet>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace qs;

namespace {

/// Every look that a node can have.
GraphScene variedScene(const SyntheticGraph& graph)
{
    GraphScene scene = sceneOf(graph);
    for (size_t i = 0; i < scene.nodes.size(); ++i)
        scene.nodes[i].state = static_cast<NodeState>(i % 4);
    return scene;
}

GraphScene diamond()
{
    SyntheticGraph graph;
    for (int i = 0; i < 4; ++i)
        graph.add();
    graph.link(0, 1);
    graph.link(0, 2);
    graph.link(1, 3);
    graph.link(2, 3);
    return variedScene(graph);
}

/// Colours in the picture: cards, their borders, edges and texts are more than a background.
qsizetype coloursOf(GraphView& view)
{
    QImage image(view.size(), QImage::Format_RGB32);
    view.render(&image);
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            colours.insert(image.pixel(x, y));
    return colours.size();
}

}  // namespace

TEST(GraphView, ArrowsWalkAlongEdges)
{
    GraphView view;
    view.resize(800, 600);
    view.show();
    view.setScene(diamond());
    QSignalSpy edited(&view, &GraphView::selectionEdited);
    QTest::keyClick(&view, Qt::Key_Home);
    EXPECT_EQ(view.selectedNames(), QStringList{QStringLiteral("layer0")});
    QTest::keyClick(&view, Qt::Key_Down);
    const QString side = view.selectedNames().front();
    EXPECT_TRUE(side == QStringLiteral("layer1") || side == QStringLiteral("layer2"));
    QTest::keyClick(&view, side == QStringLiteral("layer1") ? Qt::Key_Right : Qt::Key_Left);
    const QString other = view.selectedNames().front();
    EXPECT_NE(other, QStringLiteral("layer0"));
    QTest::keyClick(&view, Qt::Key_Down);
    EXPECT_EQ(view.selectedNames(), QStringList{QStringLiteral("layer3")});
    QTest::keyClick(&view, Qt::Key_Up);
    EXPECT_GE(edited.size(), 5);
}

TEST(GraphView, SpaceAsksToToggleTheSelection)
{
    GraphView view;
    view.resize(800, 600);
    view.show();
    view.setScene(diamond());
    QSignalSpy toggled(&view, &GraphView::toggleRequested);
    QTest::keyClick(&view, Qt::Key_Space);
    EXPECT_EQ(toggled.size(), 0);
    view.setSelectedNames({QStringLiteral("layer1"), QStringLiteral("layer2")});
    QTest::keyClick(&view, Qt::Key_Space);
    ASSERT_EQ(toggled.size(), 1);
    EXPECT_EQ(toggled.front().front().toStringList().size(), 2);
}

TEST(GraphView, NeighboursAndWaysAreFound)
{
    GraphView view;
    view.setScene(diamond());
    const auto layers = [](std::initializer_list<int> numbers) {
        QStringList names;
        for (const int number : numbers)
            names << QStringLiteral("layer%1").arg(number);
        return names;
    };
    EXPECT_EQ(view.producers(QStringLiteral("layer3")), layers({1, 2}));
    EXPECT_EQ(view.consumers(QStringLiteral("layer0")), layers({1, 2}));
    EXPECT_TRUE(view.consumers(QStringLiteral("nobody")).isEmpty());
    EXPECT_EQ(view.between(layers({0, 3})), layers({0, 1, 2, 3}));
    EXPECT_EQ(view.between(layers({3, 1})), layers({1, 3}));
    EXPECT_EQ(view.between(layers({1, 2})), layers({1, 2}));
    EXPECT_EQ(view.ofType(view.scene().nodes.front().type).size(), 4);
}

TEST(GraphView, MenuIsOfTheCardBelowOrOfTheOneThatTheKeysStandAt)
{
    GraphView view;
    view.resize(800, 600);
    view.show();
    view.setScene(diamond());
    view.zoomFit();
    QSignalSpy asked(&view, &GraphView::menuRequested);
    const QPoint at = ((view.index().box(2).center() - view.visibleRect().topLeft()) * view.zoom()).toPoint();
    QContextMenuEvent click(QContextMenuEvent::Mouse, at, view.mapToGlobal(at));
    QCoreApplication::sendEvent(&view, &click);
    EXPECT_EQ(view.selectedNames(), QStringList{QStringLiteral("layer2")});
    ASSERT_EQ(asked.size(), 1);
    EXPECT_EQ(asked.front().front().toPoint(), view.mapToGlobal(at));
    view.goTo(QStringLiteral("layer0"));
    QContextMenuEvent key(QContextMenuEvent::Keyboard, {}, {});
    QCoreApplication::sendEvent(&view, &key);
    EXPECT_EQ(view.current(), QStringLiteral("layer0"));
    EXPECT_EQ(asked.size(), 2);
    QTest::keyClick(&view, Qt::Key_C, Qt::ControlModifier);
    EXPECT_EQ(QApplication::clipboard()->text(), QStringLiteral("layer0"));
}

TEST(GraphView, AllOfItIsSavedAsAPicture)
{
    QTemporaryDir folder;
    GraphView view;
    view.resize(200, 150);
    view.show();
    view.setScene(variedScene(syntheticNetwork(200)));
    view.zoomTo(2);
    const QRectF before = view.visibleRect();
    ASSERT_TRUE(view.save(folder.filePath(QStringLiteral("g.png"))));
    ASSERT_TRUE(view.save(folder.filePath(QStringLiteral("g.svg"))));
    EXPECT_EQ(view.visibleRect(), before);
    const QImage picture(folder.filePath(QStringLiteral("g.png")));
    EXPECT_GE(picture.width(), static_cast<int>(view.index().bounds().width()));
    EXPECT_GE(picture.height(), static_cast<int>(view.index().bounds().height()));
    QFile file(folder.filePath(QStringLiteral("g.svg")));
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const QByteArray svg = file.readAll();
    EXPECT_TRUE(svg.contains("layer199"));
    EXPECT_TRUE(svg.contains("layer0"));
    EXPECT_FALSE(view.save(folder.filePath(QStringLiteral("missing/g.png"))));
}

TEST(GraphView, SettersEmitNoIntents)
{
    GraphView view;
    view.resize(400, 300);
    view.show();
    QSignalSpy edited(&view, &GraphView::selectionEdited);
    view.setScene(diamond());
    view.setSelectedNames({QStringLiteral("layer1")});
    view.setScene(diamond());
    EXPECT_EQ(edited.size(), 0);
    EXPECT_EQ(view.selectedNames(), QStringList{QStringLiteral("layer1")});
}

TEST(GraphView, ClickSelectsTheCardBelow)
{
    GraphView view;
    view.resize(800, 600);
    view.show();
    view.setScene(diamond());
    view.zoomFit();
    const QRectF box = view.index().box(3);
    const QPointF at = (box.center() - view.visibleRect().topLeft()) * view.zoom();
    QTest::mouseClick(&view, Qt::LeftButton, Qt::NoModifier, at.toPoint());
    EXPECT_EQ(view.selectedNames(), QStringList{QStringLiteral("layer3")});
}

TEST(GraphView, SearchFindsAndWalks)
{
    GraphView view;
    view.resize(400, 300);
    view.show();
    view.setScene(variedScene(syntheticNetwork(50)));
    view.setSearch(QStringLiteral("layer1"));
    EXPECT_GE(view.searchCount(), 11);
    view.searchNext();
    EXPECT_EQ(view.selectedNames(), QStringList{QStringLiteral("layer1")});
}

/// How fast is tests/bench's to say.
TEST(GraphView, TenThousandCardsAreDrawnAtEveryZoom)
{
    GraphView view;
    view.resize(800, 600);
    view.show();
    view.setScene({});
    const qsizetype nothing = coloursOf(view);
    view.setScene(variedScene(syntheticNetwork(10000)));
    view.zoomFit();
    EXPECT_GT(coloursOf(view), nothing);
    view.zoomTo(1);
    EXPECT_GT(coloursOf(view), nothing + 4);
    view.zoomTo(0.31);
    EXPECT_GT(coloursOf(view), nothing + 4);
}

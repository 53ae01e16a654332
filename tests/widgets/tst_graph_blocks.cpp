// Blocks of the graph: which cards there are, where they stand, and how they are opened and closed.
#include "tests/support/synthetic_graph.h"
#include "widgets/graph/graph_cards.h"
#include "widgets/graph/graph_nest.h"
#include "widgets/graph/graph_view.h"

#include <gtest/gtest.h>
#include <QContextMenuEvent>
#include <QSignalSpy>
#include <QTest>

using namespace qs;

namespace {

/// in - a {a1 - p {p1 - p2} - a2} - b {b1, b2 beside each other} - out.
GraphScene blocks()
{
    SyntheticGraph graph;
    for (int i = 0; i < 8; ++i)
        graph.add();
    for (const auto& [from, to] : std::vector<std::pair<int, int>>{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {4, 6}, {5, 7}, {6, 7}})
        graph.link(from, to);
    GraphScene scene = sceneOf(graph);
    const auto block = [](const char* name, bool pattern, int parent, int layers) {
        return GraphBlock{QString::fromLatin1(name), QString::fromLatin1(name), QStringLiteral("module"), pattern, parent, layers};
    };
    scene.blocks = {block("a", false, -1, 4), block("p", true, 0, 2), block("b", false, -1, 2)};
    scene.blockOf = {-1, 0, 1, 1, 0, 2, 2, -1};
    for (size_t i = 0; i < scene.nodes.size(); ++i) {
        scene.nodes[i].value = QStringLiteral("cos 0.%1").arg(9 - i);
        scene.nodes[i].wrong = static_cast<double>(i);
        scene.nodes[i].color = QColor(static_cast<int>(i) * 10, 0, 0);
    }
    return scene;
}

QStringList layers(std::initializer_list<int> numbers)
{
    QStringList names;
    for (const int number : numbers)
        names << QStringLiteral("layer%1").arg(number);
    return names;
}

QPoint inWindow(const GraphView& view, const QPointF& scenePoint)
{
    return ((scenePoint - view.visibleRect().topLeft()) * view.zoom()).toPoint();
}

struct Shown {
    GraphView view;
    explicit Shown(const std::optional<QStringList>& open = std::nullopt)
    {
        view.resize(800, 700);
        view.show();
        view.setOpenBlocks(open);
        view.setScene(blocks());
        view.zoomFit();
    }
    QStringList cards() const
    {
        QStringList names;
        for (int card = 0; card < view.cards().count(); ++card)
            names << view.look(card).name;
        return names;
    }
};

}  // namespace

TEST(GraphCards, AClosedBlockIsOneCard)
{
    const GraphScene scene = blocks();
    GraphCards cards;
    cards.build(scene, openBlocksNamed(scene, {QStringLiteral("a")}));
    ASSERT_EQ(cards.count(), 6);
    EXPECT_EQ(cards.card(2).block, 1);
    EXPECT_EQ(cards.frameOf(2), 0);
    EXPECT_EQ(cards.nodesOf(2), (std::vector<int>{2, 3}));
    EXPECT_EQ(cards.cardOf(6), cards.cardOf(5));
    std::vector<std::pair<int, int>> edges;
    for (const LayoutEdge& edge : cards.edges())
        edges.emplace_back(edge.from, edge.to);
    EXPECT_EQ(edges, (std::vector<std::pair<int, int>>{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}));
}

TEST(GraphCards, ABlockShowsTheWorstFigureInside)
{
    GraphScene scene = blocks();
    scene.nodes[5].state = NodeState::NotRun;
    scene.nodes[6].mark = 2;
    const GraphNode card = blockNode(scene, 2, {5, 6});
    EXPECT_EQ(card.value, scene.nodes[6].value);
    EXPECT_EQ(card.color, scene.nodes[6].color);
    EXPECT_EQ(card.worst, QStringLiteral("layer6"));
    EXPECT_EQ(card.mark, 2);
    EXPECT_EQ(card.notRun, 1);
    EXPECT_TRUE(card.shape.contains(QLatin1String("1 not run")));
    // Colours without figures stand beside each other.
    for (GraphNode& node : scene.nodes)
        node.value.clear();
    EXPECT_EQ(blockNode(scene, 2, {5, 6}).mix.size(), 2U);
}

TEST(GraphCards, PatternsAreClosedUntilTheyAreOpened)
{
    EXPECT_EQ(defaultOpenBlocks(blocks()), (OpenBlocks{1, 0, 1}));
}

TEST(GraphCards, OfALargeNetworkAsMuchIsOpenAsCanBeLookedOver)
{
    // 100 blocks of 20 in 10 of 10.
    SyntheticGraph graph;
    GraphScene scene;
    for (int i = 0; i < 2000; ++i) {
        graph.add();
        if (i > 0)
            graph.link(i - 1, i);
    }
    scene = sceneOf(graph);
    for (int outer = 0; outer < 10; ++outer) {
        scene.blocks.push_back({QString::number(outer), {}, {}, false, -1, 200});
        const int parent = static_cast<int>(scene.blocks.size()) - 1;
        for (int inner = 0; inner < 10; ++inner) {
            scene.blocks.push_back({QStringLiteral("%1.%2").arg(outer).arg(inner), {}, {}, false, parent, 20});
            scene.blockOf.insert(scene.blockOf.end(), 20, static_cast<int>(scene.blocks.size()) - 1);
        }
    }
    GraphCards cards;
    cards.build(scene, defaultOpenBlocks(scene));
    EXPECT_GE(cards.count(), 30);
    EXPECT_LE(cards.count(), 60);
}

TEST(GraphNest, FramesHoldTheirCardsAndNoOthers)
{
    for (const auto& open : {QSet<QString>{}, {QStringLiteral("a")}, {QStringLiteral("a"), QStringLiteral("p"), QStringLiteral("b")}}) {
        const GraphScene scene = blocks();
        GraphCards cards;
        cards.build(scene, openBlocksNamed(scene, open));
        NestedGraph graph;
        for (int card = 0; card < cards.count(); ++card) {
            graph.nodes.push_back(cardSize(cards.look(scene, card)));
            graph.frameOf.push_back(cards.frameOf(card));
        }
        for (const GraphBlock& block : scene.blocks) {
            graph.parents.push_back(block.parent);
            graph.minWidths.push_back(100);
        }
        graph.edges = cards.edges();
        const NestedLayout layout = layoutNested(graph);
        const auto isIn = [&](int frame, size_t card) {
            for (int f = graph.frameOf[card]; f >= 0; f = graph.parents[static_cast<size_t>(f)])
                if (f == frame)
                    return true;
            return false;
        };
        for (size_t f = 0; f < layout.frames.size(); ++f)
            for (size_t card = 0; card < graph.nodes.size() && layout.frames[f].width > 0; ++card) {
                const LayoutBox& b = layout.frames[f];
                const QRectF frame(b.x, b.y, b.width, b.height);
                const QRectF box(layout.cards.nodes[card].x, layout.cards.nodes[card].y, graph.nodes[card].width, graph.nodes[card].height);
                EXPECT_EQ(frame.contains(box), isIn(static_cast<int>(f), card)) << f << " " << card;
                EXPECT_EQ(frame.intersects(box), isIn(static_cast<int>(f), card)) << f << " " << card;
            }
        // Wires begin and end at cards, and go down.
        for (size_t e = 0; e < graph.edges.size(); ++e) {
            const auto& route = layout.cards.routes[e];
            const auto from = static_cast<size_t>(graph.edges[e].from);
            EXPECT_FLOAT_EQ(route.front().y, layout.cards.nodes[from].y + graph.nodes[from].height);
            EXPECT_FLOAT_EQ(route.back().y, layout.cards.nodes[static_cast<size_t>(graph.edges[e].to)].y);
            for (size_t i = 0; i + 1 < route.size(); ++i)
                EXPECT_LE(route[i].y, route[i + 1].y + 0.01F);
        }
    }
}

TEST(GraphBlocks, KeysOpenAndClose)
{
    Shown shown(QStringList{});
    EXPECT_EQ(shown.cards(), (QStringList{"layer0", "a", "b", "layer7"}));
    QSignalSpy edited(&shown.view, &GraphView::openBlocksEdited);
    QTest::keyClick(&shown.view, Qt::Key_Home);
    QTest::keyClick(&shown.view, Qt::Key_Down);
    EXPECT_EQ(shown.view.current(), QStringLiteral("a"));
    EXPECT_EQ(shown.view.selectedNames(), layers({1, 2, 3, 4}));
    QTest::keyClick(&shown.view, Qt::Key_Return);
    EXPECT_EQ(shown.cards(), (QStringList{"layer0", "layer1", "p", "layer4", "b", "layer7"}));
    EXPECT_EQ(shown.view.current(), QStringLiteral("layer1"));
    QTest::keyClick(&shown.view, Qt::Key_Down);
    QTest::keyClick(&shown.view, Qt::Key_Return);
    EXPECT_EQ(shown.cards().size(), 7);
    EXPECT_EQ(*shown.view.openBlocks(), (QStringList{"a", "p"}));
    QTest::keyClick(&shown.view, Qt::Key_Backspace);
    QTest::keyClick(&shown.view, Qt::Key_Backspace);
    EXPECT_EQ(shown.cards(), (QStringList{"layer0", "a", "b", "layer7"}));
    EXPECT_EQ(edited.size(), 4);
}

TEST(GraphBlocks, DoubleClickAndChevronKeepThePlace)
{
    Shown shown(QStringList{});
    GraphView& view = shown.view;
    view.zoomTo(1);
    const QRectF card = view.index().box(1);
    const QPoint corner = inWindow(view, card.topLeft());
    QTest::mouseDClick(&view, Qt::LeftButton, Qt::NoModifier, inWindow(view, card.center()));
    ASSERT_EQ(shown.cards().size(), 6);
    // The frame's chevron is where the card's was.
    QTest::mouseClick(&view, Qt::LeftButton, Qt::NoModifier, corner + QPoint(14, 12));
    EXPECT_EQ(shown.cards().size(), 4);
    EXPECT_LE((inWindow(view, view.index().box(1).topLeft()) - corner).manhattanLength(), 2);
    QTest::mouseClick(&view, Qt::LeftButton, Qt::NoModifier, corner + QPoint(14, 12));
    EXPECT_EQ(shown.cards().size(), 6);
    // A click on the title selects what is inside, a double click closes.
    QTest::mouseClick(&view, Qt::LeftButton, Qt::NoModifier, corner + QPoint(60, 12));
    EXPECT_EQ(view.selectedNames(), layers({1, 2, 3, 4}));
    QTest::mouseDClick(&view, Qt::LeftButton, Qt::NoModifier, corner + QPoint(60, 12));
    EXPECT_EQ(shown.cards().size(), 4);
}

TEST(GraphBlocks, WhatIsInsideIsFoundAndShown)
{
    Shown shown(QStringList{});
    GraphView& view = shown.view;
    view.setSearch(QStringLiteral("name:layer3"));
    EXPECT_EQ(view.searchCount(), 1);
    EXPECT_EQ(shown.cards().size(), 4);
    view.searchNext();
    EXPECT_EQ(view.selectedNames(), layers({3}));
    EXPECT_EQ(shown.cards(), (QStringList{"layer0", "layer1", "layer2", "layer3", "layer4", "b", "layer7"}));
    // Ways and types are of all layers, closed or not.
    EXPECT_EQ(view.between(layers({0, 7})).size(), 8);
    EXPECT_EQ(view.ofType(QStringLiteral("Convolution")).size(), 8);
    EXPECT_EQ(view.consumers(QStringLiteral("layer4")), QStringList{QStringLiteral("b")});
}

TEST(GraphBlocks, AllAreOpenedAndClosedToALevel)
{
    Shown shown;
    shown.view.openAll();
    EXPECT_EQ(shown.cards().size(), 8);
    shown.view.goTo(QStringLiteral("layer2"));
    EXPECT_EQ(shown.view.blockToClose(), QStringLiteral("p"));
    shown.view.closeLevel(QStringLiteral("p"));
    EXPECT_EQ(shown.cards().size(), 7);
    EXPECT_EQ(shown.view.blockToOpen(), QStringLiteral("p"));
    shown.view.closeLevel(QStringLiteral("a"));
    EXPECT_EQ(shown.cards().size(), 4);
}

TEST(GraphBlocks, FiguresThatComeReachClosedBlocks)
{
    Shown shown(QStringList{});
    GraphNode node = shown.view.scene().nodes[5];
    node.value = QStringLiteral("cos 0.1");
    node.wrong = 100;
    ASSERT_TRUE(shown.view.setNodes({{5, node}}));
    EXPECT_EQ(shown.view.look(2).worst, QStringLiteral("layer5"));
    EXPECT_EQ(shown.view.look(2).value, QStringLiteral("cos 0.1"));
    GraphScene scene = blocks();
    scene.nodes[6].wrong = 1000;
    shown.view.setScene(scene);
    EXPECT_EQ(shown.view.look(2).worst, QStringLiteral("layer6"));
    EXPECT_EQ(shown.cards().size(), 4);
}

TEST(GraphBlocks, MenuOfATitleIsOfItsBlock)
{
    Shown shown(QStringList{QStringLiteral("a")});
    GraphView& view = shown.view;
    QSignalSpy asked(&view, &GraphView::menuRequested);
    const QRectF first = view.index().box(view.cards().cardOf(1));
    const QPoint title = inWindow(view, first.topLeft() - QPointF(-60, 28));
    QContextMenuEvent click(QContextMenuEvent::Mouse, title, view.mapToGlobal(title));
    QCoreApplication::sendEvent(&view, &click);
    EXPECT_EQ(asked.size(), 1);
    EXPECT_EQ(view.blockToClose(), QStringLiteral("a"));
    EXPECT_TRUE(view.blockToOpen().isEmpty());
    EXPECT_EQ(view.selectedNames(), layers({1, 2, 3, 4}));
}

#include "tests/support/synthetic_graph.h"
#include "widgets/graph/graph_index.h"

#include <gtest/gtest.h>

using namespace qs;

namespace {

bool overlap(const SyntheticGraph& graph, const GraphLayout& layout)
{
    // Cards overlap only inside a layer: compare neighbours there.
    std::vector<std::vector<int>> layers;
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
        const auto layer = static_cast<size_t>(layout.layers[i]);
        if (layers.size() <= layer)
            layers.resize(layer + 1);
        layers[layer].push_back(static_cast<int>(i));
    }
    for (auto& row : layers) {
        std::sort(row.begin(), row.end(),
                  [&](int a, int b) { return layout.nodes[static_cast<size_t>(a)].x < layout.nodes[static_cast<size_t>(b)].x; });
        for (size_t i = 0; i + 1 < row.size(); ++i) {
            const auto a = static_cast<size_t>(row[i]);
            const auto b = static_cast<size_t>(row[i + 1]);
            if (layout.nodes[a].x + graph.nodes[a].width > layout.nodes[b].x + 0.01F)
                return true;
        }
    }
    return false;
}

}  // namespace

TEST(GraphLayout, EmptyAndSingle)
{
    EXPECT_TRUE(layoutGraph({}, {}).nodes.empty());
    const GraphLayout one = layoutGraph({{100, 50}}, {});
    ASSERT_EQ(one.nodes.size(), 1U);
    EXPECT_FLOAT_EQ(one.width, 100);
    EXPECT_FLOAT_EQ(one.height, 50);
}

TEST(GraphLayout, ChainIsStraight)
{
    SyntheticGraph graph;
    int tip = graph.add();
    for (int i = 0; i < 20; ++i) {
        const int next = graph.add(i % 2 == 0 ? 220 : 120);
        graph.link(tip, next);
        tip = next;
    }
    const GraphLayout layout = layoutGraph(graph.nodes, graph.edges);
    for (const auto& route : layout.routes)
        EXPECT_NEAR(route.front().x, route.back().x, 0.01);
}

TEST(GraphLayout, ADeepChainIsFoldedIntoColumns)
{
    SyntheticGraph graph = syntheticNetwork(120, 3);
    LayoutOptions options;
    options.foldAbove = 2000;
    const GraphLayout tall = layoutGraph(graph.nodes, graph.edges);
    const GraphLayout folded = layoutGraph(graph.nodes, graph.edges, options);
    EXPECT_GT(tall.height, 8 * tall.width);
    EXPECT_LT(folded.height, 2 * folded.width);
    EXPECT_GT(folded.height, folded.width / 3);
    for (size_t i = 0; i < graph.nodes.size(); ++i)
        for (size_t j = 0; j < i; ++j) {
            const auto box = [&](size_t n) {
                return QRectF(static_cast<qreal>(folded.nodes[n].x), static_cast<qreal>(folded.nodes[n].y), static_cast<qreal>(graph.nodes[n].width),
                              static_cast<qreal>(graph.nodes[n].height));
            };
            EXPECT_FALSE(box(i).intersects(box(j))) << i << " and " << j;
            EXPECT_TRUE(QRectF(0, 0, static_cast<qreal>(folded.width) + 0.1, static_cast<qreal>(folded.height)).contains(box(i))) << i;
        }
    for (size_t e = 0; e < graph.edges.size(); ++e) {
        const auto from = static_cast<size_t>(graph.edges[e].from);
        const auto to = static_cast<size_t>(graph.edges[e].to);
        EXPECT_FLOAT_EQ(folded.routes[e].front().y, folded.nodes[from].y + graph.nodes[from].height);
        EXPECT_FLOAT_EQ(folded.routes[e].back().y, folded.nodes[to].y);
    }
}

TEST(GraphLayout, WhatNoCardHoldsTogetherIsNotFolded)
{
    // Two chains side by side.
    SyntheticGraph graph;
    int tips[] = {graph.add(), graph.add()};
    for (int i = 0; i < 60; ++i)
        for (int& tip : tips) {
            const int next = graph.add();
            graph.link(tip, next);
            tip = next;
        }
    LayoutOptions options;
    options.foldAbove = 2000;
    EXPECT_FLOAT_EQ(layoutGraph(graph.nodes, graph.edges, options).height, layoutGraph(graph.nodes, graph.edges).height);
}

TEST(GraphLayout, EdgesGoDownAndCardsDoNotOverlap)
{
    for (unsigned seed = 1; seed < 30; ++seed) {
        const SyntheticGraph graph = syntheticNetwork(300, seed);
        const GraphLayout layout = layoutGraph(graph.nodes, graph.edges);
        EXPECT_FALSE(overlap(graph, layout)) << "seed " << seed;
        for (const auto& route : layout.routes)
            for (size_t i = 0; i + 1 < route.size(); ++i)
                EXPECT_LE(route[i].y, route[i + 1].y + 0.01F) << "seed " << seed;
    }
}

TEST(GraphLayout, DiamondHasNoCrossing)
{
    // Branches listed in an order that would cross.
    SyntheticGraph graph;
    for (int i = 0; i < 8; ++i)
        graph.add();
    for (const auto& [a, b] : std::vector<std::pair<int, int>>{{0, 1}, {0, 2}, {0, 3}, {1, 6}, {2, 5}, {3, 4}, {4, 7}, {5, 7}, {6, 7}})
        graph.link(a, b);
    EXPECT_EQ(crossingCount(layoutGraph(graph.nodes, graph.edges), graph.edges), 0);
}

TEST(GraphLayout, SurvivesACycleAndLooseNodes)
{
    SyntheticGraph graph;
    for (int i = 0; i < 6; ++i)
        graph.add();
    graph.link(0, 1);
    graph.link(1, 2);
    graph.link(2, 1);
    const GraphLayout layout = layoutGraph(graph.nodes, graph.edges);
    EXPECT_EQ(layout.nodes.size(), 6U);
    EXPECT_FALSE(overlap(graph, layout));
}

TEST(GraphLayout, DenseBlocksDoNotOverlap)
{
    const SyntheticGraph graph = syntheticDense(3, 16);
    EXPECT_FALSE(overlap(graph, layoutGraph(graph.nodes, graph.edges)));
}

TEST(GraphLayout, TenThousandNodesAllHaveAPlace)
{
    const SyntheticGraph graph = syntheticNetwork(10000);
    const GraphLayout layout = layoutGraph(graph.nodes, graph.edges);
    EXPECT_EQ(layout.nodes.size(), graph.nodes.size());
}

TEST(GraphIndex, ATallCardIsFoundDownToItsEnd)
{
    GraphLayout layout;
    layout.nodes = {{0, 0}, {300, 0}};
    layout.width = 500;
    layout.height = 5000;
    GraphIndex index;
    index.build(layout, {{200, 5000}, {200, 60}});
    EXPECT_EQ(index.nodeAt({100, 10}), 0);
    EXPECT_EQ(index.nodeAt({100, 4990}), 0);
    EXPECT_EQ(index.nodeAt({400, 30}), 1);
    EXPECT_EQ(index.nodeAt({400, 4990}), -1);
}

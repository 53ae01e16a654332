// Graphs like networks, made from a seed, for layout tests and the bench.
#pragma once

#include "widgets/graph/graph_view.h"

#include <random>

namespace qs {

struct SyntheticGraph {
    std::vector<LayoutNode> nodes;
    std::vector<LayoutEdge> edges;

    int add(float width = 220, float height = 62)
    {
        nodes.push_back({width, height});
        return static_cast<int>(nodes.size()) - 1;
    }
    void link(int from, int to) { edges.push_back({from, to}); }
};

/// A spine of plain layers, residual blocks and inception-like blocks with up to four branches, some with side shortcuts.
inline SyntheticGraph syntheticNetwork(int nodeCount, unsigned seed = 1)
{
    std::mt19937 random(seed);
    SyntheticGraph graph;
    int tip = graph.add();
    while (static_cast<int>(graph.nodes.size()) < nodeCount) {
        const auto kind = random() % 3;
        if (kind == 0) {
            const int next = graph.add();
            graph.link(tip, next);
            tip = next;
            continue;
        }
        const int branches = kind == 1 ? 2 : 2 + static_cast<int>(random() % 3);
        std::vector<int> ends;
        for (int b = 0; b < branches; ++b) {
            const int depth = kind == 1 && b == 0 ? 0 : 1 + static_cast<int>(random() % 4);
            int end = tip;
            for (int d = 0; d < depth; ++d) {
                const int next = graph.add();
                graph.link(end, next);
                end = next;
            }
            ends.push_back(end);
        }
        const int join = graph.add();
        for (const int end : ends)
            graph.link(end, join);
        tip = join;
    }
    return graph;
}

/// Every layer of a block takes all earlier ones of the block.
inline SyntheticGraph syntheticDense(int blocks, int layersPerBlock)
{
    SyntheticGraph graph;
    int tip = graph.add();
    for (int b = 0; b < blocks; ++b) {
        std::vector<int> earlier{tip};
        for (int i = 0; i < layersPerBlock; ++i) {
            const int concat = graph.add();
            for (const int from : earlier)
                graph.link(from, concat);
            const int conv = graph.add();
            graph.link(concat, conv);
            earlier.push_back(conv);
        }
        tip = graph.add();
        graph.link(earlier.back(), tip);
    }
    return graph;
}

/// The graph as the view draws it, every node alike.
inline GraphScene sceneOf(const SyntheticGraph& graph)
{
    GraphScene scene;
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
        GraphNode node;
        node.name = QStringLiteral("layer%1").arg(i);
        node.type = QStringLiteral("Convolution");
        node.shape = QStringLiteral("64×56×56 → 64×56×56");
        node.bits = QStringLiteral("A8 W8");
        node.color = QColor(Qt::blue);
        scene.nodes.push_back(node);
    }
    scene.edges = graph.edges;
    return scene;
}

/// Blocks of `each` nodes in blocks of `each` blocks, in the order of the scene.
inline void addSyntheticBlocks(GraphScene& scene, int each)
{
    const int count = static_cast<int>(scene.nodes.size());
    int outer = -1;
    for (int i = 0; i < count; ++i) {
        const auto open = [&](int size, int parent) {
            const QString name = QStringLiteral("block%1").arg(scene.blocks.size());
            scene.blocks.push_back({name, name, QStringLiteral("module"), false, parent, std::min(size, count - i)});
            return static_cast<int>(scene.blocks.size()) - 1;
        };
        if (i % (each * each) == 0)
            outer = open(each * each, -1);
        if (i % each == 0)
            open(each, outer);
        scene.blockOf.push_back(static_cast<int>(scene.blocks.size()) - 1);
    }
}

}  // namespace qs

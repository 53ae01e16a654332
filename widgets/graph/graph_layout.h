// Places a layered graph: longest-path layers, median and transpose ordering, Brandes-Koepf coordinates; pieces between cut vertices
// are placed on their own, so that a long network stays a straight spine. No Qt: measured in tests/bench.
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace qs {

struct LayoutPoint {
    float x = 0;
    float y = 0;
};

struct LayoutNode {
    float width = 200;
    float height = 60;
};

struct LayoutEdge {
    int from = 0;
    int to = 0;
};

struct LayoutOptions {
    float nodeGap = 36;
    float layerGap = 44;
    float wireGap = 14;  ///< between two wires, or a wire and a card
    /// Drawings taller than this are folded into columns (graph_fold.h) for a window that is as wide by high as `aspect`.
    float foldAbove = std::numeric_limits<float>::infinity();
    float aspect = 1.5F;
};

struct GraphLayout {
    std::vector<LayoutPoint> nodes;                ///< top left corners
    std::vector<int> layers;                       ///< by node
    std::vector<std::vector<LayoutPoint>> routes;  ///< by edge: from the bottom of one card to the top of the next, with bends
    float width = 0;
    float height = 0;
};

/// Edges must not form a cycle; one that does is drawn but not used for placing.
GraphLayout layoutGraph(const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges, const LayoutOptions& options = {});

/// Edge crossings of a drawing between neighbouring layers (for tests).
int64_t crossingCount(const GraphLayout& layout, const std::vector<LayoutEdge>& edges);

}  // namespace qs

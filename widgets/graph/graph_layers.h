// The layered form of a graph that the layout works on: real nodes and the bends of long edges, by layer and order.
#pragma once

#include "widgets/graph/graph_layout.h"

#include <span>

namespace qs {

/// Vertices 0..nodeCount-1 are the graph's nodes, the rest are bends. A node's long edges share one chain of bends.
struct LayeredGraph {
    int nodeCount = 0;
    std::vector<int> layer;                ///< by vertex
    std::vector<int> position;             ///< by vertex: index inside its layer
    std::vector<std::vector<int>> layers;  ///< vertices by layer, in order
    std::vector<std::vector<int>> up;      ///< by vertex: neighbours one layer up
    std::vector<std::vector<int>> down;
    std::vector<std::vector<int>> chains;  ///< by edge: its bends; empty for a short or an unplaced edge

    bool isBend(int vertex) const { return vertex >= nodeCount; }
};

LayeredGraph makeLayers(int nodeCount, const std::vector<LayoutEdge>& edges);
/// Orders the layers [first, last] to have few crossings.
void orderLayers(LayeredGraph& graph, int first, int last);
/// Brandes-Koepf x coordinates (centres) of the vertices in layers [first, last], into `x`.
void placeLayers(const LayeredGraph& graph, int first, int last, const std::vector<LayoutNode>& nodes, const LayoutOptions& options,
                 std::vector<float>& x);

}  // namespace qs

// Places cards that stand in frames: each frame is a drawing of its own, and one node of the drawing around it.
#pragma once

#include "widgets/graph/graph_layout.h"

namespace qs {

struct NestedGraph {
    std::vector<LayoutNode> nodes;
    std::vector<LayoutEdge> edges;
    std::vector<int> frameOf;      ///< by node, the innermost frame; -1: none
    std::vector<int> parents;      ///< by frame, the one around it, which stands before it; -1: none
    std::vector<float> minWidths;  ///< by frame, for its title
};

struct LayoutBox {
    float x = 0;
    float y = 0;
    float width = 0;
    float height = 0;
};

struct NestedLayout {
    GraphLayout cards;              ///< routes go through the heads and feet of the frames
    std::vector<LayoutBox> frames;  ///< by frame; empty for one without cards
};

/// Of a frame, for its title, and around what it holds.
constexpr float frameHead = 26;
constexpr float framePadding = 14;

/// Without frames as layoutGraph() has it. Each drawing is folded on its own.
NestedLayout layoutNested(const NestedGraph& graph, const LayoutOptions& options = {});

}  // namespace qs

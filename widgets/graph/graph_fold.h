// Folds a tall drawing into columns that stand side by side and are read one after the other: a deep chain fits a window at a size that can be read.
#pragma once

#include "widgets/graph/graph_layout.h"

namespace qs {

/// Cuts only where a single card holds the network together, so that one wire alone goes from the foot of a column to the head of the next.
/// Into as many as make the drawing largest in a window of options.aspect; as it is where that gains little, or no such card is there.
void foldColumns(GraphLayout& layout, const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges, const LayoutOptions& options);

}  // namespace qs

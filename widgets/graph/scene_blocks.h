// Blocks of a network as blocks of its cards.
#pragma once

#include "core/ir/blocks.h"
#include "widgets/graph/graph_scene.h"

namespace qs {

/// `nodeOf`: by layer, its card; -1: none. What holds one card alone, or all that the block around it holds, is none.
void addBlocks(GraphScene& scene, const Blocks& blocks, const std::vector<int>& nodeOf);

}  // namespace qs

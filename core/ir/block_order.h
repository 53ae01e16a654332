// An order of the parts of a block in which all edges go forward, whatever the parts hold.
#pragma once

#include "core/ir/model.h"

#include <vector>

namespace qs {

/// Layers that are wished to be in one block, or one layer.
struct BlockItem {
    int wish = -1;                ///< of the caller; -1: a layer
    std::vector<LayerId> layers;  ///< in the order of the network
};

/// By item those that it feeds, each once.
using BlockLinks = std::vector<std::vector<int>>;

class BlockOrder {
public:
    explicit BlockOrder(const Model& model) : m_model(model), m_place(model.layers().size(), -1) {}
    /// Items that a cycle goes through are split; the rest stays whole. As near to the order of the network as can be.
    std::vector<BlockItem> forwards(std::vector<BlockItem> items, BlockLinks& links);

private:
    BlockLinks linksOf(const std::vector<BlockItem>& items);
    const Model& m_model;
    ById<LayerId, int> m_place;  ///< scratch: -1 outside of linksOf()
};

}  // namespace qs

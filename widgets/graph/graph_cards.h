// What stands for a network some of whose blocks are closed: a card for each layer that is seen and for each closed block, a frame for each open one.
#pragma once

#include "widgets/graph/graph_scene.h"

#include <QSet>

namespace qs {

/// By block of the scene: whether it is open.
using OpenBlocks = std::vector<char>;

/// A network that can be looked over is open, but for its patterns; of a larger one as many blocks as make about 60 cards, the outer ones first.
OpenBlocks defaultOpenBlocks(const GraphScene& scene);
/// Blocks of these names are open, no others.
OpenBlocks openBlocksNamed(const GraphScene& scene, const QSet<QString>& names);

class GraphCards {
public:
    struct Card {
        int node = -1;   ///< of the scene; -1: a closed block
        int block = -1;  ///< the closed block; -1: a layer
    };

    /// `scene` is not kept.
    void build(const GraphScene& scene, const OpenBlocks& open);
    int count() const { return static_cast<int>(m_cards.size()); }
    const Card& card(int index) const { return m_cards[static_cast<size_t>(index)]; }
    const std::vector<LayoutEdge>& edges() const { return m_edges; }
    /// The card that a node of the scene is, or is inside of.
    int cardOf(int node) const { return m_cardOf[static_cast<size_t>(node)]; }
    /// The innermost open block around a card; -1: none.
    int frameOf(int card) const { return m_frameOf[static_cast<size_t>(card)]; }
    /// The nodes of a block, nested ones too, ascending.
    const std::vector<int>& inside(int block) const { return m_inside[static_cast<size_t>(block)]; }
    /// The nodes that a card stands for.
    std::vector<int> nodesOf(int card) const;
    /// What is drawn of it.
    const GraphNode& look(const GraphScene& scene, int card) const;
    /// Figures of the node's closed block are gathered again; nothing for a layer's own card.
    void refresh(const GraphScene& scene, int card);

private:
    std::vector<Card> m_cards;
    std::vector<GraphNode> m_looks;  ///< of closed blocks, by card; empty for layers
    std::vector<LayoutEdge> m_edges;
    std::vector<int> m_cardOf;
    std::vector<int> m_frameOf;
    std::vector<std::vector<int>> m_inside;
};

/// A closed block, from the nodes inside.
GraphNode blockNode(const GraphScene& scene, int block, const std::vector<int>& inside);

}  // namespace qs

#include "widgets/graph/graph_cards.h"

#include "widgets/common/blocks.h"

#include <algorithm>
#include <unordered_set>

namespace qs {

namespace {

/// More cards than these are not looked over at once.
constexpr size_t manyNodes = 150;
constexpr int manyCards = 60;

/// By block, the items that it shows when it is open.
std::vector<int> itemsInside(const GraphScene& scene)
{
    std::vector<int> items(scene.blocks.size(), 0);
    for (const int block : scene.blockOf)
        if (block >= 0)
            ++items[static_cast<size_t>(block)];
    for (const GraphBlock& block : scene.blocks)
        if (block.parent >= 0)
            ++items[static_cast<size_t>(block.parent)];
    return items;
}

/// Where the edge ends are two nodes of one card there is none; each once, in the order of the scene.
std::vector<LayoutEdge> edgesBetween(const GraphScene& scene, const std::vector<int>& cardOf)
{
    std::vector<LayoutEdge> edges;
    std::unordered_set<uint64_t> seen;
    seen.reserve(scene.edges.size());
    for (const LayoutEdge& edge : scene.edges) {
        const int from = cardOf[static_cast<size_t>(edge.from)];
        const int to = cardOf[static_cast<size_t>(edge.to)];
        const uint64_t key = static_cast<uint64_t>(static_cast<uint32_t>(from)) << 32 | static_cast<uint32_t>(to);
        if (from != to && seen.insert(key).second)
            edges.push_back({from, to});
    }
    return edges;
}

}  // namespace

OpenBlocks defaultOpenBlocks(const GraphScene& scene)
{
    OpenBlocks open(scene.blocks.size(), 0);
    if (scene.nodes.size() <= manyNodes) {
        for (size_t i = 0; i < open.size(); ++i)
            open[i] = !scene.blocks[i].pattern;
        return open;
    }
    const std::vector<int> items = itemsInside(scene);
    int seen = static_cast<int>(std::count(scene.blockOf.begin(), scene.blockOf.end(), -1));
    std::vector<OpenChoice> choices;
    for (size_t i = 0; i < scene.blocks.size(); ++i) {
        const GraphBlock& block = scene.blocks[i];
        choices.push_back({block.parent, items[i], block.layers, block.pattern});
        seen += block.parent < 0 ? 1 : 0;
    }
    return openAtFirst(choices, seen, manyCards);
}

OpenBlocks openBlocksNamed(const GraphScene& scene, const QSet<QString>& names)
{
    OpenBlocks open;
    for (const GraphBlock& block : scene.blocks)
        open.push_back(names.contains(block.name));
    return open;
}

void GraphCards::build(const GraphScene& scene, const OpenBlocks& open)
{
    // By block, the outermost closed one that it is in, or is.
    std::vector<int> closed(scene.blocks.size(), -1);
    for (size_t i = 0; i < scene.blocks.size(); ++i) {
        const int parent = scene.blocks[i].parent;
        closed[i] = parent >= 0 && closed[static_cast<size_t>(parent)] >= 0 ? closed[static_cast<size_t>(parent)]
                    : open[i]                                               ? -1
                                                                            : static_cast<int>(i);
    }
    m_inside.assign(scene.blocks.size(), {});
    m_cards.clear();
    m_frameOf.clear();
    m_cardOf.assign(scene.nodes.size(), -1);
    std::vector<int> cardOfBlock(scene.blocks.size(), -1);
    for (size_t i = 0; i < scene.nodes.size(); ++i) {
        const int own = scene.blockOf.empty() ? -1 : scene.blockOf[i];
        for (int block = own; block >= 0; block = scene.blocks[static_cast<size_t>(block)].parent)
            m_inside[static_cast<size_t>(block)].push_back(static_cast<int>(i));
        const int block = own < 0 ? -1 : closed[static_cast<size_t>(own)];
        int& card = block < 0 ? m_cardOf[i] : cardOfBlock[static_cast<size_t>(block)];
        if (card < 0) {
            card = count();
            m_cards.push_back(block < 0 ? Card{static_cast<int>(i), -1} : Card{-1, block});
            m_frameOf.push_back(block < 0 ? own : scene.blocks[static_cast<size_t>(block)].parent);
        }
        m_cardOf[i] = card;
    }
    m_looks.assign(m_cards.size(), {});
    for (int i = 0; i < count(); ++i)
        refresh(scene, i);
    m_edges = edgesBetween(scene, m_cardOf);
}

std::vector<int> GraphCards::nodesOf(int index) const
{
    const Card& which = card(index);
    return which.block < 0 ? std::vector<int>{which.node} : inside(which.block);
}

const GraphNode& GraphCards::look(const GraphScene& scene, int index) const
{
    const Card& which = card(index);
    return which.block < 0 ? scene.nodes[static_cast<size_t>(which.node)] : m_looks[static_cast<size_t>(index)];
}

void GraphCards::refresh(const GraphScene& scene, int index)
{
    if (const int block = card(index).block; block >= 0)
        m_looks[static_cast<size_t>(index)] = blockNode(scene, block, inside(block));
}

}  // namespace qs

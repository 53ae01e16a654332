#include "widgets/graph/graph_nest.h"

#include <algorithm>
#include <unordered_map>

namespace qs {

namespace {

/// A point where all wires into, or out of, a frame meet.
constexpr LayoutNode port{1, 1};

/// The drawing inside one frame, or of the whole.
struct Level {
    std::vector<int> cards;   ///< by local node; -1: a frame or a port
    std::vector<int> frames;  ///< by local node; -1: a card or a port
    std::vector<LayoutNode> sizes;
    std::vector<LayoutEdge> edges;
    std::unordered_map<uint64_t, int> known;  ///< edges by their ends
    int entry = -1;
    int exit = -1;
    GraphLayout layout;
    LayoutPoint shift;   ///< from the layout to the frame's corner, later to the scene
    LayoutNode outside;  ///< of the frame

    int add(int card, int frame, LayoutNode size)
    {
        cards.push_back(card);
        frames.push_back(frame);
        sizes.push_back(size);
        return static_cast<int>(sizes.size()) - 1;
    }
    int portAt(int& which)
    {
        if (which < 0)
            which = add(-1, -1, port);
        return which;
    }
    int link(int from, int to)
    {
        const uint64_t key = static_cast<uint64_t>(static_cast<uint32_t>(from)) << 32 | static_cast<uint32_t>(to);
        const auto [found, fresh] = known.try_emplace(key, static_cast<int>(edges.size()));
        if (fresh)
            edges.push_back({from, to});
        return found->second;
    }
};

struct Piece {
    size_t level = 0;
    int edge = 0;
};

/// Level 0 is the whole, level i + 1 frame i.
class Nest {
public:
    Nest(const NestedGraph& graph, const LayoutOptions& options) : m_graph(graph), m_options(options), m_levels(graph.parents.size() + 1)
    {
        m_frameNode.assign(graph.parents.size(), -1);
        // In the order of the cards, so that the drawing does not depend on which frames there are.
        for (size_t i = 0; i < graph.nodes.size(); ++i) {
            enter(graph.frameOf[i]);
            m_cardNode.push_back(levelOf(graph.frameOf[i]).add(static_cast<int>(i), -1, graph.nodes[i]));
        }
        for (const LayoutEdge& edge : graph.edges)
            m_pieces.push_back(piecesOf(edge));
    }

    NestedLayout layout()
    {
        for (size_t level = m_levels.size(); level-- > 0;)
            place(level);
        NestedLayout all;
        all.frames.resize(m_graph.parents.size());
        all.cards.nodes.resize(m_graph.nodes.size());
        all.cards.layers.resize(m_graph.nodes.size());
        for (size_t level = 0; level < m_levels.size(); ++level)
            settle(level, all);
        for (const auto& pieces : m_pieces)
            all.cards.routes.push_back(routeOf(pieces));
        all.cards.width = m_levels.front().layout.width;
        all.cards.height = m_levels.front().layout.height;
        return all;
    }

private:
    Level& levelOf(int frame) { return m_levels[static_cast<size_t>(frame + 1)]; }

    void enter(int frame)
    {
        if (frame < 0 || m_frameNode[static_cast<size_t>(frame)] >= 0)
            return;
        const int parent = m_graph.parents[static_cast<size_t>(frame)];
        enter(parent);
        m_frameNode[static_cast<size_t>(frame)] = levelOf(parent).add(-1, frame, {});
    }

    int depthOf(int frame) const
    {
        int depth = 0;
        for (; frame >= 0; frame = m_graph.parents[static_cast<size_t>(frame)])
            ++depth;
        return depth;
    }

    /// Out of frames, across, and into frames.
    std::vector<Piece> piecesOf(const LayoutEdge& edge)
    {
        int fromFrame = m_graph.frameOf[static_cast<size_t>(edge.from)];
        int toFrame = m_graph.frameOf[static_cast<size_t>(edge.to)];
        int from = m_cardNode[static_cast<size_t>(edge.from)];
        int to = m_cardNode[static_cast<size_t>(edge.to)];
        std::vector<Piece> out;
        std::vector<Piece> in;
        const auto leave = [&] {
            Level& level = levelOf(fromFrame);
            out.push_back({static_cast<size_t>(fromFrame + 1), level.link(from, level.portAt(level.exit))});
            from = m_frameNode[static_cast<size_t>(fromFrame)];
            fromFrame = m_graph.parents[static_cast<size_t>(fromFrame)];
        };
        const auto arrive = [&] {
            Level& level = levelOf(toFrame);
            in.push_back({static_cast<size_t>(toFrame + 1), level.link(level.portAt(level.entry), to)});
            to = m_frameNode[static_cast<size_t>(toFrame)];
            toFrame = m_graph.parents[static_cast<size_t>(toFrame)];
        };
        int fromDepth = depthOf(fromFrame);
        int toDepth = depthOf(toFrame);
        while (fromFrame != toFrame) {
            if (fromDepth >= toDepth) {
                leave();
                --fromDepth;
            } else {
                arrive();
                --toDepth;
            }
        }
        out.push_back({static_cast<size_t>(fromFrame + 1), levelOf(fromFrame).link(from, to)});
        out.insert(out.end(), in.rbegin(), in.rend());
        return out;
    }

    void place(size_t index)
    {
        Level& level = m_levels[index];
        for (size_t i = 0; i < level.sizes.size(); ++i)
            if (level.frames[i] >= 0)
                level.sizes[i] = levelOf(level.frames[i]).outside;
        level.layout = layoutGraph(level.sizes, level.edges, m_options);
        if (index > 0 && !level.sizes.empty())
            frame(level, m_graph.minWidths[index - 1]);
    }

    /// Ports go to the border; the frame is as large as what it holds.
    static void frame(Level& level, float minWidth)
    {
        float top = level.layout.height;
        float bottom = 0;
        for (size_t i = 0; i < level.sizes.size(); ++i)
            if (static_cast<int>(i) != level.entry && static_cast<int>(i) != level.exit) {
                top = std::min(top, level.layout.nodes[i].y);
                bottom = std::max(bottom, level.layout.nodes[i].y + level.sizes[i].height);
            }
        for (const auto& route : level.layout.routes)
            for (size_t i = 1; i + 1 < route.size(); ++i) {
                top = std::min(top, route[i].y);
                bottom = std::max(bottom, route[i].y);
            }
        for (size_t e = 0; e < level.edges.size(); ++e) {
            if (level.edges[e].from == level.entry)
                level.layout.routes[e].front().y = top - framePadding;
            if (level.edges[e].to == level.exit)
                level.layout.routes[e].back().y = bottom + framePadding;
        }
        const float width = level.layout.width + 2 * framePadding;
        level.outside = {std::max(width, minWidth), bottom - top + frameHead + 2 * framePadding};
        level.shift = {(level.outside.width - level.layout.width) / 2, frameHead + framePadding - top};
    }

    /// From the frame's corner to the scene: levels stand before those inside them.
    void settle(size_t index, NestedLayout& all)
    {
        Level& level = m_levels[index];
        for (size_t i = 0; i < level.sizes.size(); ++i) {
            const LayoutPoint at{level.layout.nodes[i].x + level.shift.x, level.layout.nodes[i].y + level.shift.y};
            if (level.cards[i] >= 0) {
                all.cards.nodes[static_cast<size_t>(level.cards[i])] = at;
                all.cards.layers[static_cast<size_t>(level.cards[i])] = level.layout.layers[i];
            } else if (level.frames[i] >= 0) {
                all.frames[static_cast<size_t>(level.frames[i])] = {at.x, at.y, level.sizes[i].width, level.sizes[i].height};
                Level& inside = levelOf(level.frames[i]);
                inside.shift = {inside.shift.x + at.x, inside.shift.y + at.y};
            }
        }
    }

    std::vector<LayoutPoint> routeOf(const std::vector<Piece>& pieces) const
    {
        std::vector<LayoutPoint> route;
        for (const Piece& piece : pieces) {
            const Level& level = m_levels[piece.level];
            for (const LayoutPoint& point : level.layout.routes[static_cast<size_t>(piece.edge)])
                route.push_back({point.x + level.shift.x, point.y + level.shift.y});
        }
        return route;
    }

    const NestedGraph& m_graph;
    const LayoutOptions& m_options;
    std::vector<Level> m_levels;
    std::vector<int> m_frameNode;  ///< by frame, in the level around it
    std::vector<int> m_cardNode;   ///< by card, in its level
    std::vector<std::vector<Piece>> m_pieces;
};

}  // namespace

NestedLayout layoutNested(const NestedGraph& graph, const LayoutOptions& options)
{
    if (graph.parents.empty())
        return {layoutGraph(graph.nodes, graph.edges, options), {}};
    return Nest(graph, options).layout();
}

}  // namespace qs

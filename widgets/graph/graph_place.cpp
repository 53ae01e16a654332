// Brandes and Koepf, "Fast and simple horizontal coordinate assignment": four alignments, each compacted, then averaged. Compaction
// walks a graph of blocks twice (from the left, then closing gaps from the right), which also holds for cards of different widths.
#include "widgets/graph/graph_layers.h"

#include <algorithm>
#include <array>
#include <limits>

namespace qs {

namespace {

class Placer {
public:
    Placer(const LayeredGraph& graph, int first, int last, const std::vector<LayoutNode>& nodes, const LayoutOptions& options)
        : m_graph(graph), m_first(first), m_last(last), m_nodes(nodes), m_options(options)
    {
        // Local numbers keep the arrays as small as the piece.
        for (int layer = first; layer <= last; ++layer)
            for (const int v : graph.layers[static_cast<size_t>(layer)])
                m_vertices.push_back(v);
        m_start.push_back(0);
        for (int layer = first; layer <= last; ++layer)
            m_start.push_back(m_start.back() + static_cast<int>(graph.layers[static_cast<size_t>(layer)].size()));
        markConflicts();
    }

    void place(std::vector<float>& x)
    {
        std::array<std::vector<float>, 4> results;
        for (int k = 0; k < 4; ++k) {
            align(k & 1, k & 2);
            results[static_cast<size_t>(k)] = compact(k & 2);
        }
        balance(results, x);
    }

private:
    size_t indexOf(int vertex) const
    {
        const int layer = m_graph.layer[static_cast<size_t>(vertex)];
        return static_cast<size_t>(m_start[static_cast<size_t>(layer - m_first)] + m_graph.position[static_cast<size_t>(vertex)]);
    }
    float widthOf(int vertex) const { return m_graph.isBend(vertex) ? 0.0F : m_nodes[static_cast<size_t>(vertex)].width; }
    float separation(int u, int v) const
    {
        const bool wire = m_graph.isBend(u) || m_graph.isBend(v);
        return (widthOf(u) + widthOf(v)) / 2 + (wire ? m_options.wireGap : m_options.nodeGap);
    }

    /// Type 1: a wire between two bends is crossed by another edge; the wire stays straight, the other edge gives way.
    void markConflicts()
    {
        m_conflict.assign(m_vertices.size(), {});
        for (int layer = m_first + 1; layer <= m_last; ++layer) {
            const auto& row = m_graph.layers[static_cast<size_t>(layer)];
            const auto& above = m_graph.layers[static_cast<size_t>(layer) - 1];
            if (above.empty())
                continue;
            int left = 0;
            size_t scan = 0;
            for (size_t i = 0; i < row.size(); ++i) {
                const int inner = innerNeighbour(row[i]);
                if (inner < 0 && i + 1 < row.size())
                    continue;
                const int right = inner >= 0 ? m_graph.position[static_cast<size_t>(inner)] : static_cast<int>(above.size()) - 1;
                for (; scan <= i; ++scan)
                    for (const int u : m_graph.up[static_cast<size_t>(row[scan])]) {
                        const int p = m_graph.position[static_cast<size_t>(u)];
                        if ((p < left || p > right) && !(m_graph.isBend(u) && m_graph.isBend(row[scan])))
                            m_conflict[indexOf(row[scan])].push_back(u);
                    }
                left = right;
            }
        }
    }
    int innerNeighbour(int vertex) const
    {
        if (!m_graph.isBend(vertex))
            return -1;
        for (const int u : m_graph.up[static_cast<size_t>(vertex)])
            if (m_graph.isBend(u))
                return u;
        return -1;
    }
    bool conflicts(int upper, int lower) const
    {
        const auto& list = m_conflict[indexOf(lower)];
        return std::find(list.begin(), list.end(), upper) != list.end();
    }

    void align(bool fromBelow, bool fromRight)
    {
        const size_t n = m_vertices.size();
        m_root.resize(n);
        m_next.resize(n);
        for (size_t i = 0; i < n; ++i)
            m_root[i] = m_next[i] = static_cast<int>(i);
        std::vector<int> sorted;
        for (int step = 1; step <= m_last - m_first; ++step) {
            const int layer = fromBelow ? m_last - step : m_first + step;
            const auto& row = m_graph.layers[static_cast<size_t>(layer)];
            int border = -1;  // position of the last neighbour used, counted from the side we come from
            const int rowSize = static_cast<int>(row.size());
            for (int i = 0; i < rowSize; ++i) {
                const int v = row[static_cast<size_t>(fromRight ? rowSize - 1 - i : i)];
                const auto& all = fromBelow ? m_graph.down[static_cast<size_t>(v)] : m_graph.up[static_cast<size_t>(v)];
                if (all.empty())
                    continue;
                const int otherLayer = fromBelow ? layer + 1 : layer - 1;
                const int otherSize = static_cast<int>(m_graph.layers[static_cast<size_t>(otherLayer)].size());
                sorted.assign(all.begin(), all.end());
                const auto place = [&](int w) {
                    const int p = m_graph.position[static_cast<size_t>(w)];
                    return fromRight ? otherSize - 1 - p : p;
                };
                std::sort(sorted.begin(), sorted.end(), [&](int a, int b) { return place(a) < place(b); });
                const size_t lower = (sorted.size() - 1) / 2;
                const size_t upper = sorted.size() / 2;
                const size_t local = indexOf(v);
                for (size_t m = lower; m <= upper; ++m) {
                    const int w = sorted[m];
                    if (m_next[local] != static_cast<int>(local) || place(w) <= border)
                        continue;
                    if (fromBelow ? conflicts(v, w) : conflicts(w, v))
                        continue;
                    const size_t other = indexOf(w);
                    m_next[other] = static_cast<int>(local);
                    m_root[local] = m_root[other];
                    m_next[local] = m_root[local];
                    border = place(w);
                }
            }
        }
    }

    std::vector<float> compact(bool fromRight)
    {
        const size_t n = m_vertices.size();
        struct Link {
            int from;
            int to;
            float gap;
        };
        std::vector<Link> links;
        std::vector<int> indegree(n, 0);
        for (int layer = m_first; layer <= m_last; ++layer) {
            const auto& row = m_graph.layers[static_cast<size_t>(layer)];
            for (size_t i = 0; i + 1 < row.size(); ++i) {
                const int a = m_root[indexOf(row[i])];
                const int b = m_root[indexOf(row[i + 1])];
                if (a == b)
                    continue;
                links.push_back({a, b, separation(row[i], row[i + 1])});
                ++indegree[static_cast<size_t>(b)];
            }
        }
        std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) { return a.from < b.from; });
        std::vector<int> start(n + 1, 0);
        for (const Link& link : links)
            ++start[static_cast<size_t>(link.from) + 1];
        for (size_t i = 0; i < n; ++i)
            start[i + 1] += start[i];
        std::vector<int> order;
        order.reserve(n);
        for (size_t i = 0; i < n; ++i)
            if (m_root[i] == static_cast<int>(i) && indegree[i] == 0)
                order.push_back(static_cast<int>(i));
        std::vector<float> x(n, 0);
        for (size_t head = 0; head < order.size(); ++head) {
            const auto a = static_cast<size_t>(order[head]);
            for (int k = start[a]; k < start[a + 1]; ++k) {
                const Link& link = links[static_cast<size_t>(k)];
                const auto b = static_cast<size_t>(link.to);
                x[b] = std::max(x[b], x[a] + link.gap);
                if (--indegree[b] == 0)
                    order.push_back(link.to);
            }
        }
        // Close the gaps that pushing to one side has left: each block moves towards its right neighbours.
        float furthest = 0;
        for (const int b : order)
            furthest = std::max(furthest, x[static_cast<size_t>(b)]);
        for (auto it = order.rbegin(); it != order.rend(); ++it) {
            const auto a = static_cast<size_t>(*it);
            float limit = std::numeric_limits<float>::max();
            for (int k = start[a]; k < start[a + 1]; ++k) {
                const Link& link = links[static_cast<size_t>(k)];
                limit = std::min(limit, x[static_cast<size_t>(link.to)] - link.gap);
            }
            if (fromRight && limit == std::numeric_limits<float>::max())
                limit = furthest;
            if (limit != std::numeric_limits<float>::max())
                x[a] = std::max(x[a], limit);
        }
        for (size_t i = 0; i < n; ++i)
            x[i] = x[static_cast<size_t>(m_root[i])];
        return x;
    }

    void balance(std::array<std::vector<float>, 4>& results, std::vector<float>& x) const
    {
        // All four are moved to the narrowest one's side, then the mean of the two middle ones is taken.
        size_t narrowest = 0;
        std::array<float, 4> low{};
        std::array<float, 4> high{};
        for (size_t k = 0; k < 4; ++k) {
            low[k] = std::numeric_limits<float>::max();
            high[k] = std::numeric_limits<float>::lowest();
            for (size_t i = 0; i < m_vertices.size(); ++i) {
                const float half = widthOf(m_vertices[i]) / 2;
                low[k] = std::min(low[k], results[k][i] - half);
                high[k] = std::max(high[k], results[k][i] + half);
            }
            if (high[k] - low[k] < high[narrowest] - low[narrowest])
                narrowest = k;
        }
        for (size_t k = 0; k < 4; ++k) {
            const float shift = (k & 2) ? high[narrowest] - high[k] : low[narrowest] - low[k];
            for (float& value : results[k])
                value += shift;
        }
        for (size_t i = 0; i < m_vertices.size(); ++i) {
            std::array<float, 4> four{results[0][i], results[1][i], results[2][i], results[3][i]};
            std::sort(four.begin(), four.end());
            x[static_cast<size_t>(m_vertices[i])] = (four[1] + four[2]) / 2;
        }
    }

    const LayeredGraph& m_graph;
    int m_first;
    int m_last;
    const std::vector<LayoutNode>& m_nodes;
    const LayoutOptions& m_options;
    std::vector<int> m_vertices;
    std::vector<int> m_start;
    std::vector<std::vector<int>> m_conflict;
    std::vector<int> m_root;
    std::vector<int> m_next;
};

}  // namespace

void placeLayers(const LayeredGraph& graph, int first, int last, const std::vector<LayoutNode>& nodes, const LayoutOptions& options,
                 std::vector<float>& x)
{
    Placer(graph, first, last, nodes, options).place(x);
}

}  // namespace qs

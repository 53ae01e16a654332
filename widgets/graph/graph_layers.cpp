#include "widgets/graph/graph_layers.h"

#include <algorithm>

namespace qs {

namespace {

/// An edge that would need more bends than this is drawn straight: bends are for reading, and nobody follows a wire that far.
constexpr int longestChain = 2000;
constexpr size_t mostBends = 400'000;

std::vector<int> longestPathLayers(int nodeCount, const std::vector<LayoutEdge>& edges)
{
    const auto n = static_cast<size_t>(nodeCount);
    std::vector<int> indegree(n, 0);
    std::vector<int> start(n + 1, 0);
    for (const LayoutEdge& edge : edges) {
        ++indegree[static_cast<size_t>(edge.to)];
        ++start[static_cast<size_t>(edge.from) + 1];
    }
    for (size_t i = 0; i < n; ++i)
        start[i + 1] += start[i];
    std::vector<int> targets(edges.size());
    std::vector<int> fill(start.begin(), start.end() - 1);
    for (const LayoutEdge& edge : edges)
        targets[static_cast<size_t>(fill[static_cast<size_t>(edge.from)]++)] = edge.to;

    std::vector<int> layer(n, 0);
    std::vector<int> queue;
    queue.reserve(n);
    for (size_t i = 0; i < n; ++i)
        if (indegree[i] == 0)
            queue.push_back(static_cast<int>(i));
    for (size_t head = 0; head < queue.size(); ++head) {
        const auto from = static_cast<size_t>(queue[head]);
        for (int k = start[from]; k < start[from + 1]; ++k) {
            const auto to = static_cast<size_t>(targets[static_cast<size_t>(k)]);
            layer[to] = std::max(layer[to], layer[from] + 1);
            if (--indegree[to] == 0)
                queue.push_back(static_cast<int>(to));
        }
    }
    // A source sinks to just above its first consumer: a side input stands beside the place where it is used.
    std::vector<int> nearest(n, -1);
    std::vector<char> hasInput(n, 0);
    for (const LayoutEdge& edge : edges) {
        int& best = nearest[static_cast<size_t>(edge.from)];
        const int below = layer[static_cast<size_t>(edge.to)];
        best = best < 0 ? below : std::min(best, below);
        hasInput[static_cast<size_t>(edge.to)] = 1;
    }
    for (size_t i = 0; i < n; ++i)
        if (!hasInput[i] && nearest[i] > 0)
            layer[i] = std::max(layer[i], nearest[i] - 1);
    return layer;
}

void addVertex(LayeredGraph& graph, int layer)
{
    graph.layer.push_back(layer);
    graph.up.emplace_back();
    graph.down.emplace_back();
}

}  // namespace

LayeredGraph makeLayers(int nodeCount, const std::vector<LayoutEdge>& edges)
{
    LayeredGraph graph;
    graph.nodeCount = nodeCount;
    graph.layer = longestPathLayers(nodeCount, edges);
    graph.up.resize(static_cast<size_t>(nodeCount));
    graph.down.resize(static_cast<size_t>(nodeCount));
    graph.chains.resize(edges.size());
    // The chain of bends of each node so far: a second long edge of the same node follows the first as far as it goes.
    std::vector<std::vector<int>> bends(static_cast<size_t>(nodeCount));
    const auto connect = [&](int a, int b) {
        auto& below = graph.down[static_cast<size_t>(a)];
        if (std::find(below.begin(), below.end(), b) != below.end())
            return;
        below.push_back(b);
        graph.up[static_cast<size_t>(b)].push_back(a);
    };
    for (size_t e = 0; e < edges.size(); ++e) {
        const auto [from, to] = edges[e];
        const int first = graph.layer[static_cast<size_t>(from)];
        const int last = graph.layer[static_cast<size_t>(to)];
        if (last <= first)
            continue;  // part of a cycle
        if (last - first - 1 > longestChain || graph.layer.size() > mostBends + static_cast<size_t>(nodeCount))
            continue;
        auto& chain = bends[static_cast<size_t>(from)];
        int previous = from;
        for (int layer = first + 1; layer < last; ++layer) {
            const auto step = static_cast<size_t>(layer - first - 1);
            if (step == chain.size()) {
                chain.push_back(static_cast<int>(graph.layer.size()));
                addVertex(graph, layer);
            }
            connect(previous, chain[step]);
            previous = chain[step];
        }
        connect(previous, to);
        graph.chains[e].assign(chain.begin(), chain.begin() + (last - first - 1));
    }
    int count = 0;
    for (const int layer : graph.layer)
        count = std::max(count, layer + 1);
    graph.layers.resize(static_cast<size_t>(count));
    graph.position.resize(graph.layer.size());
    for (size_t v = 0; v < graph.layer.size(); ++v) {
        auto& row = graph.layers[static_cast<size_t>(graph.layer[v])];
        graph.position[v] = static_cast<int>(row.size());
        row.push_back(static_cast<int>(v));
    }
    return graph;
}

namespace {

/// Crossings between the edges of u (left) and v (right) towards one side, minus those when swapped.
int swapGain(const LayeredGraph& graph, const std::vector<std::vector<int>>& neighbours, int u, int v)
{
    int gain = 0;
    for (const int a : neighbours[static_cast<size_t>(u)])
        for (const int b : neighbours[static_cast<size_t>(v)]) {
            const int pa = graph.position[static_cast<size_t>(a)];
            const int pb = graph.position[static_cast<size_t>(b)];
            gain += pa > pb ? 1 : pa < pb ? -1 : 0;
        }
    return gain;
}

void renumber(LayeredGraph& graph, int layer)
{
    const auto& row = graph.layers[static_cast<size_t>(layer)];
    for (size_t i = 0; i < row.size(); ++i)
        graph.position[static_cast<size_t>(row[i])] = static_cast<int>(i);
}

bool transpose(LayeredGraph& graph, int layer)
{
    auto& row = graph.layers[static_cast<size_t>(layer)];
    bool improved = false;
    for (size_t i = 0; i + 1 < row.size(); ++i) {
        const int u = row[i];
        const int v = row[i + 1];
        if (swapGain(graph, graph.up, u, v) + swapGain(graph, graph.down, u, v) > 0) {
            std::swap(row[i], row[i + 1]);
            std::swap(graph.position[static_cast<size_t>(u)], graph.position[static_cast<size_t>(v)]);
            improved = true;
        }
    }
    return improved;
}

void sortByMedian(LayeredGraph& graph, int layer, bool downwards)
{
    auto& row = graph.layers[static_cast<size_t>(layer)];
    if (row.size() < 2)
        return;
    static thread_local std::vector<std::pair<float, int>> keyed;
    keyed.clear();
    static thread_local std::vector<int> positions;
    for (const int v : row) {
        const auto& neighbours = downwards ? graph.up[static_cast<size_t>(v)] : graph.down[static_cast<size_t>(v)];
        positions.clear();
        for (const int w : neighbours)
            positions.push_back(graph.position[static_cast<size_t>(w)]);
        std::sort(positions.begin(), positions.end());
        float key = static_cast<float>(graph.position[static_cast<size_t>(v)]);
        if (!positions.empty()) {
            const size_t middle = positions.size() / 2;
            key =
                positions.size() % 2 == 1 ? static_cast<float>(positions[middle]) : static_cast<float>(positions[middle - 1] + positions[middle]) / 2;
        }
        keyed.emplace_back(key, v);
    }
    std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (size_t i = 0; i < row.size(); ++i)
        row[i] = keyed[i].second;
    renumber(graph, layer);
}

int64_t layerCrossings(const LayeredGraph& graph, int layer)
{
    // Pairs of edges to the next layer, counted with a Fenwick tree.
    const auto& row = graph.layers[static_cast<size_t>(layer)];
    const size_t width = graph.layers[static_cast<size_t>(layer) + 1].size();
    static thread_local std::vector<int> tree;
    static thread_local std::vector<int> targets;
    tree.assign(width + 1, 0);
    int64_t crossings = 0;
    int64_t seen = 0;
    for (const int v : row) {
        targets.clear();
        for (const int w : graph.down[static_cast<size_t>(v)])
            targets.push_back(graph.position[static_cast<size_t>(w)]);
        for (const int t : targets) {
            int64_t notRight = 0;
            for (int i = t + 1; i > 0; i -= i & -i)
                notRight += tree[static_cast<size_t>(i)];
            crossings += seen - notRight;
        }
        for (const int t : targets) {
            for (auto i = static_cast<size_t>(t) + 1; i <= width; i += i & (~i + 1))
                ++tree[i];
            ++seen;
        }
    }
    return crossings;
}

int64_t crossings(const LayeredGraph& graph, int first, int last)
{
    int64_t sum = 0;
    for (int layer = first; layer < last; ++layer)
        sum += layerCrossings(graph, layer);
    return sum;
}

}  // namespace

void orderLayers(LayeredGraph& graph, int first, int last)
{
    constexpr int sweeps = 8;
    // A wide piece costs quadratically in transpose(); it gets fewer rounds.
    size_t widest = 0;
    for (int layer = first; layer <= last; ++layer)
        widest = std::max(widest, graph.layers[static_cast<size_t>(layer)].size());
    const int rounds = widest > 64 ? 1 : 4;
    int64_t best = crossings(graph, first, last);
    std::vector<std::vector<int>> kept(graph.layers.begin() + first, graph.layers.begin() + last + 1);
    int idle = 0;
    for (int sweep = 0; sweep < sweeps && best > 0 && idle < 3; ++sweep) {
        const bool downwards = sweep % 2 == 0;
        if (downwards)
            for (int layer = first + 1; layer <= last; ++layer)
                sortByMedian(graph, layer, true);
        else
            for (int layer = last - 1; layer >= first; --layer)
                sortByMedian(graph, layer, false);
        bool improved = true;
        for (int round = 0; round < rounds && improved; ++round) {
            improved = false;
            for (int layer = first; layer <= last; ++layer)
                improved |= transpose(graph, layer);
        }
        const int64_t now = crossings(graph, first, last);
        ++idle;
        if (now < best) {
            best = now;
            idle = 0;
            std::copy(graph.layers.begin() + first, graph.layers.begin() + last + 1, kept.begin());
        }
    }
    std::copy(kept.begin(), kept.end(), graph.layers.begin() + first);
    for (int layer = first; layer <= last; ++layer)
        renumber(graph, layer);
}

}  // namespace qs

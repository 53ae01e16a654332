#include "widgets/graph/graph_layout.h"

#include "widgets/graph/graph_fold.h"
#include "widgets/graph/graph_layers.h"

#include <algorithm>
#include <limits>

namespace qs {

namespace {

/// x of one piece, moved so that its two cut vertices stand at 0.
void placePiece(LayeredGraph& graph, int first, int last, const std::vector<LayoutNode>& nodes, const LayoutOptions& options, std::vector<float>& x)
{
    orderLayers(graph, first, last);
    placeLayers(graph, first, last, nodes, options, x);
    const auto& top = graph.layers[static_cast<size_t>(first)];
    const auto& bottom = graph.layers[static_cast<size_t>(last)];
    float sum = 0;
    int count = 0;
    for (const auto* row : {&top, &bottom})
        if (row->size() == 1) {
            sum += x[static_cast<size_t>(row->front())];
            ++count;
        }
    const float shift = count > 0 ? sum / static_cast<float>(count) : 0;
    for (int layer = first; layer <= last; ++layer)
        for (const int v : graph.layers[static_cast<size_t>(layer)])
            x[static_cast<size_t>(v)] -= shift;
    for (const auto* row : {&top, &bottom})
        if (row->size() == 1)
            x[static_cast<size_t>(row->front())] = 0;
}

std::vector<float> placeAll(LayeredGraph& graph, const std::vector<LayoutNode>& nodes, const LayoutOptions& options)
{
    std::vector<float> x(graph.layer.size(), 0);
    const int count = static_cast<int>(graph.layers.size());
    const auto isCut = [&](int layer) { return graph.layers[static_cast<size_t>(layer)].size() == 1; };
    int first = 0;
    while (first < count) {
        int last = first + 1;
        while (last < count && !isCut(last))
            ++last;
        last = std::min(last, count - 1);
        if (last > first + 1 || !isCut(first) || !isCut(last))
            placePiece(graph, first, last, nodes, options, x);
        if (last <= first)
            break;
        first = last;
        if (last == count - 1)
            break;
    }
    return x;
}

}  // namespace

GraphLayout layoutGraph(const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges, const LayoutOptions& options)
{
    GraphLayout layout;
    if (nodes.empty())
        return layout;
    LayeredGraph graph = makeLayers(static_cast<int>(nodes.size()), edges);
    const std::vector<float> x = placeAll(graph, nodes, options);

    std::vector<float> top(graph.layers.size() + 1, 0);
    std::vector<float> height(graph.layers.size(), 0);
    for (size_t i = 0; i < graph.layers.size(); ++i) {
        for (const int v : graph.layers[i])
            if (!graph.isBend(v))
                height[i] = std::max(height[i], nodes[static_cast<size_t>(v)].height);
        top[i + 1] = top[i] + height[i] + options.layerGap;
    }
    float left = std::numeric_limits<float>::max();
    float right = std::numeric_limits<float>::lowest();
    for (size_t v = 0; v < x.size(); ++v) {
        const float half = v < nodes.size() ? nodes[v].width / 2 : 0;
        left = std::min(left, x[v] - half);
        right = std::max(right, x[v] + half);
    }
    layout.width = right - left;
    layout.height = top.back() - options.layerGap;
    layout.nodes.resize(nodes.size());
    layout.layers.assign(graph.layer.begin(), graph.layer.begin() + static_cast<std::ptrdiff_t>(nodes.size()));
    for (size_t i = 0; i < nodes.size(); ++i) {
        const auto layer = static_cast<size_t>(graph.layer[i]);
        layout.nodes[i] = {x[i] - nodes[i].width / 2 - left, top[layer] + (height[layer] - nodes[i].height) / 2};
    }
    layout.routes.resize(edges.size());
    for (size_t e = 0; e < edges.size(); ++e) {
        const auto from = static_cast<size_t>(edges[e].from);
        const auto to = static_cast<size_t>(edges[e].to);
        auto& route = layout.routes[e];
        route.push_back({layout.nodes[from].x + nodes[from].width / 2, layout.nodes[from].y + nodes[from].height});
        for (const int bend : graph.chains[e]) {
            // A bend goes straight down beside the cards of its layer.
            const auto layer = static_cast<size_t>(graph.layer[static_cast<size_t>(bend)]);
            const float bx = x[static_cast<size_t>(bend)] - left;
            if (route.size() >= 2 && route.back().x == bx && route[route.size() - 2].x == bx)
                route.back().y = top[layer] + height[layer];
            else {
                route.push_back({bx, top[layer]});
                route.push_back({bx, top[layer] + height[layer]});
            }
        }
        route.push_back({layout.nodes[to].x + nodes[to].width / 2, layout.nodes[to].y});
    }
    foldColumns(layout, nodes, edges, options);
    return layout;
}

int64_t crossingCount(const GraphLayout& layout, const std::vector<LayoutEdge>& edges)
{
    int64_t count = 0;
    for (size_t i = 0; i < edges.size(); ++i)
        for (size_t j = i + 1; j < edges.size(); ++j) {
            const auto layerOf = [&](int node) { return layout.layers[static_cast<size_t>(node)]; };
            if (layerOf(edges[i].from) != layerOf(edges[j].from) || layerOf(edges[i].to) != layerOf(edges[j].to) ||
                layerOf(edges[i].to) != layerOf(edges[i].from) + 1)
                continue;
            const float a = layout.routes[i].front().x - layout.routes[j].front().x;
            const float b = layout.routes[i].back().x - layout.routes[j].back().x;
            count += a * b < 0 ? 1 : 0;
        }
    return count;
}

}  // namespace qs

#include "widgets/graph/graph_fold.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace qs {

namespace {

/// Between two columns.
float gutterOf(const LayoutOptions& options)
{
    return options.nodeGap + options.wireGap;
}

struct Band {
    float top = std::numeric_limits<float>::max();
    float bottom = 0;
    int cards = 0;
    int passing = 0;  ///< wires that go by
};

std::vector<Band> bandsOf(const GraphLayout& layout, const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges)
{
    std::vector<Band> bands(layout.layers.empty() ? 0 : 1 + static_cast<size_t>(*std::max_element(layout.layers.begin(), layout.layers.end())));
    for (size_t i = 0; i < nodes.size(); ++i) {
        Band& band = bands[static_cast<size_t>(layout.layers[i])];
        band.top = std::min(band.top, layout.nodes[i].y);
        band.bottom = std::max(band.bottom, layout.nodes[i].y + nodes[i].height);
        ++band.cards;
    }
    std::vector<int> change(bands.size() + 1, 0);
    for (const LayoutEdge& edge : edges) {
        const auto [first, last] = std::minmax(layout.layers[static_cast<size_t>(edge.from)], layout.layers[static_cast<size_t>(edge.to)]);
        ++change[static_cast<size_t>(first) + 1];
        --change[static_cast<size_t>(std::max(last, first + 1))];
    }
    int passing = 0;
    for (size_t i = 0; i < bands.size(); ++i)
        bands[i].passing = passing += change[i];
    return bands;
}

/// By layer of the drawing, the column that it goes to: a new one behind a card that all wires meet in, once the column is as tall as it should be.
std::vector<int> columnsOf(const std::vector<Band>& bands, float wanted)
{
    std::vector<int> column(bands.size(), 0);
    int at = 0;
    float start = 0;
    for (size_t i = 0; i < bands.size(); ++i) {
        column[i] = at;
        // A last column of one card or two would be for nothing.
        const bool ends = bands.back().bottom - bands[i].bottom < wanted / 3;
        if (bands[i].cards == 1 && bands[i].passing == 0 && bands[i].bottom - start >= wanted && !ends) {
            ++at;
            start = bands[std::min(i + 1, bands.size() - 1)].top;
        }
    }
    return column;
}

struct Column {
    float left = std::numeric_limits<float>::max();
    float right = std::numeric_limits<float>::lowest();
    float top = std::numeric_limits<float>::max();
    float bottom = 0;
    float shift = 0;  ///< to the right
};

/// A drawing in columns, before anything has moved.
struct Folding {
    std::vector<Column> columns;
    std::vector<int> columnOf;  ///< by node
    float width = 0;
    float height = 0;

    /// Of a window as wide as `aspect` and 1 high.
    float zoom(float aspect) const { return std::min(aspect / width, 1 / height); }
};

Folding folded(const GraphLayout& layout, const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges, const std::vector<Band>& bands,
               float wanted, const LayoutOptions& options)
{
    const std::vector<int> columnOfBand = columnsOf(bands, wanted);
    Folding folding;
    folding.columns.resize(static_cast<size_t>(columnOfBand.back()) + 1);
    for (const int layer : layout.layers)
        folding.columnOf.push_back(columnOfBand[static_cast<size_t>(layer)]);
    const auto take = [&](int node, float left, float right) {
        Column& column = folding.columns[static_cast<size_t>(folding.columnOf[static_cast<size_t>(node)])];
        column.left = std::min(column.left, left);
        column.right = std::max(column.right, right);
    };
    for (size_t i = 0; i < nodes.size(); ++i) {
        take(static_cast<int>(i), layout.nodes[i].x, layout.nodes[i].x + nodes[i].width);
        Column& column = folding.columns[static_cast<size_t>(folding.columnOf[i])];
        column.top = std::min(column.top, layout.nodes[i].y);
        column.bottom = std::max(column.bottom, layout.nodes[i].y + nodes[i].height);
    }
    for (size_t e = 0; e < edges.size(); ++e)
        for (size_t i = 1; i < layout.routes[e].size(); ++i)
            take(edges[e].to, layout.routes[e][i].x, layout.routes[e][i].x);
    for (Column& column : folding.columns) {
        column.shift = folding.width - column.left;
        folding.width += column.right - column.left + gutterOf(options);
        folding.height = std::max(folding.height, column.bottom - column.top);
    }
    folding.width -= gutterOf(options);
    // Head and foot have room for the wire from column to column.
    folding.height += 2 * options.layerGap;
    return folding;
}

}  // namespace

void foldColumns(GraphLayout& layout, const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges, const LayoutOptions& options)
{
    if (layout.nodes.empty() || layout.height < options.foldAbove)
        return;
    const std::vector<Band> bands = bandsOf(layout, nodes, edges);
    // One drawing is followed more easily: several columns must be worth it.
    constexpr float gain = 1.4F;
    constexpr int most = 24;
    float best = gain * std::min(options.aspect / layout.width, 1 / layout.height);
    std::optional<Folding> chosen;
    for (int count = 2; count <= most; ++count) {
        Folding folding = folded(layout, nodes, edges, bands, layout.height / static_cast<float>(count) - options.layerGap, options);
        if (folding.zoom(options.aspect) > best) {
            best = folding.zoom(options.aspect);
            chosen = std::move(folding);
        }
    }
    if (!chosen)
        return;
    layout.width = chosen->width;
    layout.height = chosen->height;
    const float head = options.layerGap;
    const auto columnOf = [&](int node) -> const Column& {
        return chosen->columns[static_cast<size_t>(chosen->columnOf[static_cast<size_t>(node)])];
    };
    const auto moved = [&](const Column& column, LayoutPoint p) { return LayoutPoint{p.x + column.shift, p.y - column.top + head}; };
    for (size_t i = 0; i < nodes.size(); ++i)
        layout.nodes[i] = moved(columnOf(static_cast<int>(i)), layout.nodes[i]);
    for (size_t e = 0; e < edges.size(); ++e) {
        auto& route = layout.routes[e];
        const Column& from = columnOf(edges[e].from);
        const Column& to = columnOf(edges[e].to);
        for (size_t i = 0; i < route.size(); ++i)
            route[i] = moved(i == 0 ? from : to, route[i]);
        if (&from == &to)
            continue;
        // Down from the last card, up between the columns, and down again.
        const LayoutPoint start = route.front();
        const float between = to.left + to.shift - gutterOf(options) / 2;
        const float foot = start.y + head / 2;
        route.insert(route.begin() + 1, {{start.x, foot}, {between, foot}, {between, head / 2}, {route[1].x, head / 2}});
    }
}

}  // namespace qs

#include "widgets/graph/graph_fold.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qs {

namespace {

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

}  // namespace

void foldColumns(GraphLayout& layout, const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges, const LayoutOptions& options)
{
    // What is little too tall is read better as one.
    if (layout.nodes.empty() || layout.height < 4 * layout.width / options.aspect || layout.height < options.foldAbove)
        return;
    const std::vector<Band> bands = bandsOf(layout, nodes, edges);
    const float gutter = options.nodeGap + options.wireGap;
    const float count = std::max(1.F, std::round(std::sqrt(options.aspect * layout.height / (layout.width + gutter))));
    const std::vector<int> columnOfBand = columnsOf(bands, layout.height / count - options.layerGap);
    std::vector<Column> columns(static_cast<size_t>(columnOfBand.back()) + 1);
    if (columns.size() < 2)
        return;
    const auto columnOf = [&](int node) -> size_t {
        return static_cast<size_t>(columnOfBand[static_cast<size_t>(layout.layers[static_cast<size_t>(node)])]);
    };
    const auto take = [&](Column& column, float left, float right) {
        column.left = std::min(column.left, left);
        column.right = std::max(column.right, right);
    };
    for (size_t i = 0; i < nodes.size(); ++i) {
        Column& column = columns[columnOf(static_cast<int>(i))];
        take(column, layout.nodes[i].x, layout.nodes[i].x + nodes[i].width);
        column.top = std::min(column.top, layout.nodes[i].y);
        column.bottom = std::max(column.bottom, layout.nodes[i].y + nodes[i].height);
    }
    for (size_t e = 0; e < edges.size(); ++e)
        for (size_t i = 1; i < layout.routes[e].size(); ++i)
            take(columns[columnOf(edges[e].to)], layout.routes[e][i].x, layout.routes[e][i].x);

    // Head and foot have room for the wire from column to column.
    const float head = options.layerGap;
    float x = 0;
    float height = 0;
    for (Column& column : columns) {
        column.shift = x - column.left;
        x += column.right - column.left + gutter;
        height = std::max(height, column.bottom - column.top);
    }
    layout.width = x - gutter;
    layout.height = height + 2 * head;
    const auto moved = [&](const Column& column, LayoutPoint p) { return LayoutPoint{p.x + column.shift, p.y - column.top + head}; };
    for (size_t i = 0; i < nodes.size(); ++i)
        layout.nodes[i] = moved(columns[columnOf(static_cast<int>(i))], layout.nodes[i]);
    for (size_t e = 0; e < edges.size(); ++e) {
        auto& route = layout.routes[e];
        const size_t from = columnOf(edges[e].from);
        const size_t to = columnOf(edges[e].to);
        for (size_t i = 0; i < route.size(); ++i)
            route[i] = moved(columns[i == 0 ? from : to], route[i]);
        if (from == to)
            continue;
        // Down from the last card, up between the columns, and down again.
        const LayoutPoint start = route.front();
        const float between = columns[to].left + columns[to].shift - gutter / 2;
        const float foot = start.y + head / 2;
        route.insert(route.begin() + 1, {{start.x, foot}, {between, foot}, {between, head / 2}, {route[1].x, head / 2}});
    }
}

}  // namespace qs

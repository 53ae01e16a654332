#include "widgets/graph/graph_index.h"

#include <algorithm>

namespace qs {

void GraphIndex::build(const GraphLayout& layout, const std::vector<LayoutNode>& sizes)
{
    m_boxes.clear();
    m_segments.clear();
    m_bands.clear();
    m_bounds = QRectF(0, 0, static_cast<qreal>(layout.width), static_cast<qreal>(layout.height));
    if (layout.nodes.empty())
        return;
    m_bands.resize(static_cast<size_t>(m_bounds.height() / bandHeight) + 1);
    for (size_t i = 0; i < sizes.size(); ++i) {
        const LayoutPoint p = layout.nodes[i];
        m_boxes.emplace_back(static_cast<qreal>(p.x), static_cast<qreal>(p.y), static_cast<qreal>(sizes[i].width),
                             static_cast<qreal>(sizes[i].height));
        for (int band = bandOf(m_boxes.back().top()); band <= bandOf(m_boxes.back().bottom()); ++band)
            m_bands[static_cast<size_t>(band)].nodes.push_back(static_cast<int>(i));
    }
    for (size_t e = 0; e < layout.routes.size(); ++e) {
        const auto& route = layout.routes[e];
        for (size_t i = 0; i + 1 < route.size(); ++i) {
            const int index = static_cast<int>(m_segments.size());
            m_segments.push_back({route[i], route[i + 1], static_cast<int>(e), i + 2 == route.size()});
            const auto [low, high] = std::minmax(route[i].y, route[i + 1].y);
            for (int band = bandOf(static_cast<qreal>(low)); band <= bandOf(static_cast<qreal>(high)); ++band)
                m_bands[static_cast<size_t>(band)].segments.push_back(index);
        }
    }
}

int GraphIndex::nodeAt(const QPointF& point) const
{
    int found = -1;
    nodesIn(QRectF(point, QSizeF(0.01, 0.01)), [&](int node) { found = node; });
    return found;
}

}  // namespace qs

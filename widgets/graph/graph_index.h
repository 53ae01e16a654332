// Finds what lies in a rectangle: bands along y, for graphs are tall.
#pragma once

#include "widgets/graph/graph_layout.h"

#include <QRectF>

#include <vector>

namespace qs {

class GraphIndex {
public:
    struct Segment {
        LayoutPoint from;
        LayoutPoint to;
        int edge = 0;
        bool last = false;  ///< ends at a card: gets the arrow
    };

    void build(const GraphLayout& layout, const std::vector<LayoutNode>& sizes);
    /// Calls visit(node) for each card that touches the rectangle.
    template <class Visit>
    void nodesIn(const QRectF& rect, Visit visit) const
    {
        forBands(rect, [&](const Band& band, bool firstBand) {
            for (const int node : band.nodes) {
                const QRectF& box = m_boxes[static_cast<size_t>(node)];
                if ((firstBand || bandOf(box.top()) == m_current) && box.intersects(rect))
                    visit(node);
            }
        });
    }
    template <class Visit>
    void segmentsIn(const QRectF& rect, Visit visit) const
    {
        forBands(rect, [&](const Band& band, bool firstBand) {
            for (const int index : band.segments) {
                const Segment& s = m_segments[static_cast<size_t>(index)];
                const qreal top = std::min(s.from.y, s.to.y);
                if (!firstBand && bandOf(top) != m_current)
                    continue;  // seen in an earlier band
                if (std::max(s.from.y, s.to.y) >= rect.top() && top <= rect.bottom() && std::max(s.from.x, s.to.x) >= rect.left() &&
                    std::min(s.from.x, s.to.x) <= rect.right())
                    visit(s);
            }
        });
    }
    /// -1: none.
    int nodeAt(const QPointF& point) const;
    const QRectF& box(int node) const { return m_boxes[static_cast<size_t>(node)]; }
    size_t nodeCount() const { return m_boxes.size(); }
    const std::vector<Segment>& segments() const { return m_segments; }
    QRectF bounds() const { return m_bounds; }

private:
    struct Band {
        std::vector<int> nodes;
        std::vector<int> segments;
    };
    static constexpr qreal bandHeight = 400;
    int bandOf(qreal y) const { return std::clamp(static_cast<int>(y / bandHeight), 0, static_cast<int>(m_bands.size()) - 1); }
    template <class Visit>
    void forBands(const QRectF& rect, Visit visit) const
    {
        if (m_bands.empty())
            return;
        const int first = bandOf(rect.top());
        const int last = bandOf(rect.bottom());
        for (m_current = first; m_current <= last; ++m_current)
            visit(m_bands[static_cast<size_t>(m_current)], m_current == first);
    }

    std::vector<QRectF> m_boxes;
    std::vector<Segment> m_segments;
    std::vector<Band> m_bands;
    QRectF m_bounds;
    mutable int m_current = 0;
};

}  // namespace qs

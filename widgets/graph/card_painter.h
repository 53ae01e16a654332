// Paints one node's card at a given zoom: everything, the name only, or a plain block.
#pragma once

#include "widgets/graph/graph_scene.h"

#include <QFont>
#include <QRectF>

class QPainter;

namespace qs {

class CardPainter {
public:
    enum class Detail : uint8_t { Block, Name, Full };

    /// What the view makes of a card.
    struct Look {
        bool selected = false;
        bool found = false;
        bool stale = false;  ///< its figure belongs to other settings
    };

    CardPainter(const QFont& base, qreal zoom);
    Detail detail() const { return m_detail; }
    /// `box` in device coordinates.
    void paint(QPainter& painter, const GraphNode& node, const QRectF& box, const Look& look) const;
    /// Around an open block, with its name in a head of this height.
    void paintFrame(QPainter& painter, const GraphBlock& block, const QRectF& box, qreal head) const;
    /// What opens or closes, in the corner of a block's card or frame; in the scene's coordinates.
    static QRectF chevronOf(const QRectF& box);

private:
    void paintBlock(QPainter& painter, const GraphNode& node, const QRectF& box, const Look& look) const;
    void paintEdge(QPainter& painter, const GraphNode& node, const QRectF& box, bool stale) const;
    void paintChevron(QPainter& painter, const QRectF& box, bool open) const;
    static void paintMark(QPainter& painter, int mark, const QRectF& box);
    void paintTexts(QPainter& painter, const GraphNode& node, const QRectF& box, bool stale) const;

    qreal m_zoom;
    Detail m_detail;
    QFont m_name;
    QFont m_text;
};

}  // namespace qs

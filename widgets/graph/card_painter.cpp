#include "widgets/graph/card_painter.h"

#include "widgets/common/theme.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>
#include <QPolygonF>

#include <algorithm>

namespace qs {

namespace {

constexpr qreal cardWidth = 228;
constexpr qreal lineHeight = 18;
constexpr qreal edgeWidth = 6;
constexpr qreal padding = 7;
/// Of the last card in a pile.
constexpr qreal pileOffset = 5;
/// Where a block's name begins, for the chevron.
constexpr qreal chevronWidth = 14;

QFont scaled(QFont font, qreal pixels, bool bold)
{
    font.setPixelSize(std::max(1, qRound(pixels)));
    font.setBold(bold);
    return font;
}

const QString& fitting(const GraphNode& node, const QFontMetricsF& metrics, qreal width)
{
    const bool fits = !node.block && metrics.horizontalAdvance(node.name) <= width;
    return fits || node.label.isEmpty() ? node.name : node.label;
}

}  // namespace

LayoutNode cardSize(const GraphNode& node)
{
    const qreal lines = node.block ? 4.4 : 2 + (node.bits.isEmpty() && node.value.isEmpty() ? 0 : 1);
    const qreal fused = static_cast<qreal>(node.fused.size());
    return {static_cast<float>(cardWidth), static_cast<float>(lines * lineHeight + 10 + (fused > 0 ? fused * 16 + 4 : 0))};
}

CardPainter::CardPainter(const QFont& base, qreal zoom)
    : m_zoom(zoom),
      m_detail(zoom < 0.2    ? Detail::Block
               : zoom < 0.55 ? Detail::Name
                             : Detail::Full),
      // When only the name is shown it may fill the card, and stays as large as can be read.
      m_name(scaled(base, m_detail == Detail::Name ? std::max(20 * zoom, 8.0) : 12.5 * zoom, m_detail != Detail::Name || zoom > 0.35)),
      m_text(scaled(base, 11.5 * zoom, false))
{
}

void CardPainter::paint(QPainter& painter, const GraphNode& node, const QRectF& box, const Look& look) const
{
    if (m_detail == Detail::Block) {
        paintBlock(painter, node, box, look);
        return;
    }
    const Theme& t = theme();
    QColor fill = t.card;
    if (node.state == NodeState::Disabled || node.state == NodeState::NotRun)
        fill = t.background;
    else if (node.state == NodeState::Plain)
        fill = mixed(t.card, t.panel, 0.7);
    if (look.found)
        fill = mixed(fill, t.accent, 0.18);
    QPen pen(look.selected ? t.accent : node.state == NodeState::Plain ? t.line : mixed(t.line, t.secondary, 0.45), look.selected ? 2 : 1);
    if (node.state == NodeState::NotRun)
        pen.setStyle(Qt::DashLine);
    const qreal radius = 4 * m_zoom;
    // A pile: what is behind looks out at two sides.
    const qreal pile = node.block ? pileOffset * m_zoom : 0;
    const QRectF front = box.adjusted(0, 0, -pile, -pile);
    if (node.block)
        for (const qreal behind : {pile, pile / 2}) {
            painter.setPen(QPen(pen.color(), 1));
            painter.setBrush(fill);
            painter.drawRoundedRect(front.translated(behind, behind), radius, radius);
        }
    QPainterPath outline;
    outline.addRoundedRect(front, radius, radius);
    painter.fillPath(outline, fill);
    if (node.color.isValid()) {
        painter.save();
        painter.setClipPath(outline);
        paintEdge(painter, node, QRectF(front.left(), front.top(), edgeWidth * m_zoom, front.height()), look.stale);
        painter.restore();
    }
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(outline);
    paintTexts(painter, node, front, look.stale);
}

void CardPainter::paintEdge(QPainter& painter, const GraphNode& node, const QRectF& box, bool stale) const
{
    const Theme& t = theme();
    if (stale) {
        painter.fillRect(box, mixed(t.secondary, t.panel, 0.5));
        painter.fillRect(box, QBrush(t.text, Qt::BDiagPattern));
        return;
    }
    painter.fillRect(box, node.color);
    const auto count = static_cast<qreal>(node.mix.size());
    for (size_t i = 0; i < node.mix.size(); ++i)
        painter.fillRect(QRectF(box.left(), box.top() + box.height() * static_cast<qreal>(i) / count, box.width(), box.height() / count + 0.5),
                         node.mix[i]);
}

QRectF CardPainter::chevronOf(const QRectF& box)
{
    return {box.left() + edgeWidth, box.top() + 2, 20, 22};
}

void CardPainter::paintChevron(QPainter& painter, const QRectF& box, bool open) const
{
    const QPointF at = box.topLeft() + QPointF(edgeWidth + 9, 13) * m_zoom;
    const qreal size = 3.5 * m_zoom;
    const QPolygonF line = open ? QPolygonF({at + QPointF(-size, -size / 2), at + QPointF(0, size / 2), at + QPointF(size, -size / 2)})
                                : QPolygonF({at + QPointF(-size / 2, -size), at + QPointF(size / 2, 0), at + QPointF(-size / 2, size)});
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme().secondary, std::max(1.0, 1.6 * m_zoom), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(line);
    painter.restore();
}

void CardPainter::paintFrame(QPainter& painter, const GraphBlock& block, const QRectF& box, qreal head) const
{
    const Theme& t = theme();
    painter.setPen(QPen(mixed(t.line, t.secondary, 0.25), 1));
    painter.setBrush(mixed(t.background, t.panel, 0.6));
    painter.drawRect(box);
    if (m_detail == Detail::Block)
        return;
    paintChevron(painter, box, true);
    QRectF row(box.left() + (edgeWidth + 20) * m_zoom, box.top(), box.width() - (edgeWidth + 20 + padding) * m_zoom, head);
    painter.setFont(m_name);
    painter.setPen(t.secondary);
    const QFontMetricsF metrics(m_name);
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(block.label, Qt::ElideMiddle, row.width()));
    if (m_detail != Detail::Full)
        return;
    row.setLeft(row.left() + metrics.horizontalAdvance(block.label) + 8 * m_zoom);
    painter.setFont(m_text);
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, QFontMetricsF(m_text).elidedText(block.kind, Qt::ElideRight, row.width()));
}

void CardPainter::paintBlock(QPainter& painter, const GraphNode& node, const QRectF& box, const Look& look) const
{
    const Theme& t = theme();
    QColor color = node.color.isValid() && !look.stale ? node.color : mixed(t.line, t.secondary, node.state == NodeState::Plain ? 0.15 : 0.4);
    if (look.selected)
        color = t.accent;
    const QRectF visible(box.left(), box.top(), std::max(1.0, box.width()), std::max(1.0, box.height()));
    if (node.state == NodeState::Disabled && !look.selected && box.height() > 3) {
        painter.setPen(color);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(visible.adjusted(0, 0, -1, -1));
    } else
        painter.fillRect(visible, color);
    if (look.found) {
        painter.setPen(QPen(t.accent, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(visible.adjusted(-2, -2, 2, 2));
    }
}

void CardPainter::paintMark(QPainter& painter, int mark, const QRectF& box)
{
    // A full octagon stops, an open triangle warns.
    const Theme& t = theme();
    QPainterPath shape;
    if (mark == 2) {
        const qreal cut = box.width() * 0.29;
        shape.addPolygon(QPolygonF({{box.left() + cut, box.top()},
                                    {box.right() - cut, box.top()},
                                    {box.right(), box.top() + cut},
                                    {box.right(), box.bottom() - cut},
                                    {box.right() - cut, box.bottom()},
                                    {box.left() + cut, box.bottom()},
                                    {box.left(), box.bottom() - cut},
                                    {box.left(), box.top() + cut}}));
    } else {
        shape.addPolygon(QPolygonF({{box.center().x(), box.top()}, box.bottomRight(), box.bottomLeft()}));
    }
    shape.closeSubpath();
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    if (mark == 2)
        painter.fillPath(shape, t.warning);
    painter.setPen(QPen(t.warning, 1.3));
    painter.drawPath(shape);
    painter.setPen(QPen(mark == 2 ? t.card : t.warning, 1.5));
    const qreal top = box.top() + box.height() * (mark == 2 ? 0.25 : 0.38);
    painter.drawLine(QPointF(box.center().x(), top), QPointF(box.center().x(), box.top() + box.height() * 0.62));
    painter.drawPoint(QPointF(box.center().x(), box.top() + box.height() * 0.8));
    painter.restore();
}

void CardPainter::paintTexts(QPainter& painter, const GraphNode& node, const QRectF& box, bool stale) const
{
    const Theme& t = theme();
    const bool dim = node.state == NodeState::Disabled || node.state == NodeState::NotRun;
    const qreal left = box.left() + (edgeWidth + padding) * m_zoom;
    const qreal width = box.right() - padding * m_zoom - left;
    painter.setFont(m_name);
    painter.setPen(dim ? t.secondary : t.text);
    const QFontMetricsF nameMetrics(m_name);
    if (m_detail == Detail::Name) {
        const QString name = node.block ? QStringLiteral("▸ ") + node.label : fitting(node, nameMetrics, width);
        painter.drawText(QRectF(left, box.top(), width, box.height()), Qt::AlignVCenter | Qt::AlignLeft,
                         nameMetrics.elidedText(name, Qt::ElideMiddle, width));
        return;
    }
    const QFontMetricsF textMetrics(m_text);
    const qreal line = lineHeight * m_zoom;
    QRectF row(left, box.top() + 4 * m_zoom, width, line);
    const qreal typeWidth = std::min(textMetrics.horizontalAdvance(node.type), width * 0.6);
    const qreal chevron = node.block ? chevronWidth * m_zoom : 0;
    const qreal nameWidth = width - typeWidth - 8 * m_zoom - chevron;
    if (node.block)
        paintChevron(painter, box, false);
    painter.drawText(row.adjusted(chevron, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     nameMetrics.elidedText(fitting(node, nameMetrics, nameWidth), Qt::ElideMiddle, nameWidth));
    painter.setFont(m_text);
    painter.setPen(t.secondary);
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, textMetrics.elidedText(node.type, Qt::ElideRight, typeWidth + 1));
    row.translate(0, line);
    const qreal mark = node.mark > 0 ? line : 0;
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft, textMetrics.elidedText(node.shape, Qt::ElideRight, width - mark));
    if (mark > 0)
        paintMark(painter, node.mark, QRectF(row.right() - mark, row.top(), mark, mark).adjusted(2, 2, -2, -2));
    if (!node.bits.isEmpty() || !node.value.isEmpty()) {
        row.translate(0, line);
        painter.setPen(dim ? t.secondary : t.text);
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft, node.bits);
        painter.setPen(stale ? t.secondary : t.text);
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, node.value);
    }
    if (!node.worst.isEmpty()) {
        row.translate(0, line);
        painter.setPen(t.secondary);
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, textMetrics.elidedText(node.worst, Qt::ElideMiddle, width));
    }
    if (node.fused.isEmpty())
        return;
    row.translate(0, line + 2 * m_zoom);
    painter.setPen(QPen(t.line, 1));
    painter.drawLine(row.topLeft(), row.topRight());
    row.setHeight(16 * m_zoom);
    painter.setPen(t.secondary);
    for (const QString& fused : node.fused) {
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft, textMetrics.elidedText(QStringLiteral("+ ") + fused, Qt::ElideMiddle, width));
        row.translate(0, 16 * m_zoom);
    }
}

}  // namespace qs

#include "widgets/graph/minimap.h"

#include "widgets/common/theme.h"
#include "widgets/graph/graph_view.h"

#include <QMouseEvent>
#include <QPainter>

namespace qs {

namespace {

constexpr int margin = 10;
constexpr int frame = 4;

}  // namespace

Minimap::Minimap(GraphView* view) : QWidget(view), m_view(view)
{
    setCursor(Qt::PointingHandCursor);
    connect(view, &GraphView::viewChanged, this, [this] {
        relocate();
        update();
    });
}

void Minimap::invalidate()
{
    relocate();
    recolour();
}

void Minimap::recolour()
{
    m_picture = {};
    update();
}

void Minimap::relocate()
{
    const QRectF bounds = m_view->index().bounds();
    // When everything is in the window there is nothing to find.
    if (bounds.isEmpty() || m_view->visibleRect().contains(bounds)) {
        hide();
        return;
    }
    const QSize most(std::min(150, m_view->width() / 4), std::min(260, m_view->height() - 2 * margin));
    if (most.width() < 20 || most.height() < 40) {
        hide();
        return;
    }
    const qreal factor = std::min((most.width() - 2 * frame) / bounds.width(), (most.height() - 2 * frame) / bounds.height());
    const QSize size(std::max(26, qRound(bounds.width() * factor) + 2 * frame), std::max(26, qRound(bounds.height() * factor) + 2 * frame));
    if (size != this->size())
        m_picture = {};
    setGeometry(m_view->width() - size.width() - margin, m_view->height() - size.height() - margin, size.width(), size.height());
    show();
}

qreal Minimap::scale() const
{
    const QRectF bounds = m_view->index().bounds();
    return std::min((width() - 2 * frame) / std::max(1.0, bounds.width()), (height() - 2 * frame) / std::max(1.0, bounds.height()));
}

void Minimap::paintEvent(QPaintEvent*)
{
    const Theme& t = theme();
    const QRectF bounds = m_view->index().bounds();
    const qreal factor = scale();
    const QPointF shift((width() - bounds.width() * factor) / 2, (height() - bounds.height() * factor) / 2);
    if (m_picture.isNull()) {
        m_picture = QPixmap(size() * devicePixelRatioF());
        m_picture.setDevicePixelRatio(devicePixelRatioF());
        m_picture.fill(t.panel);
        QPainter painter(&m_picture);
        for (int card = 0; card < m_view->cards().count(); ++card) {
            const GraphNode& node = m_view->look(card);
            const QRectF& box = m_view->index().box(card);
            const QRectF small(box.topLeft() * factor + shift, box.size() * factor);
            const QColor color = node.color.isValid() && !m_view->stale(node) ? node.color : mixed(t.line, t.secondary, 0.35);
            painter.fillRect(QRectF(small.left(), small.top(), std::max(2.0, small.width()), std::max(1.0, small.height())), color);
        }
    }
    QPainter painter(this);
    painter.drawPixmap(0, 0, m_picture);
    const QRectF visible = m_view->visibleRect();
    const QRectF view = QRectF(visible.topLeft() * factor + shift, visible.size() * factor).intersected(QRectF(rect()).adjusted(1, 1, -1, -1));
    painter.fillRect(view, QColor(t.accent.red(), t.accent.green(), t.accent.blue(), 40));
    painter.setPen(t.accent);
    painter.drawRect(view.adjusted(0.5, 0.5, -0.5, -0.5));
    painter.setPen(t.line);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void Minimap::mousePressEvent(QMouseEvent* event)
{
    moveTo(event->position());
}

void Minimap::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton)
        moveTo(event->position());
}

void Minimap::moveTo(const QPointF& position)
{
    const QRectF bounds = m_view->index().bounds();
    const qreal factor = scale();
    const QPointF shift((width() - bounds.width() * factor) / 2, (height() - bounds.height() * factor) / 2);
    m_view->centerOn((position - shift) / factor);
}

}  // namespace qs

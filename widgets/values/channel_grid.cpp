#include "widgets/values/channel_grid.h"

#include "widgets/common/buffer_image.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <numeric>

namespace qs {

namespace {

constexpr int gap = 6;
constexpr int smallest = 16;
constexpr int largest = 256;

}  // namespace

ChannelGrid::ChannelGrid(QWidget* parent) : QAbstractScrollArea(parent)
{
    setObjectName(QStringLiteral("channelGrid"));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(120, 90);
}

void ChannelGrid::setChannels(const Buffer& tensor, std::vector<double> errors, float low, float high, bool signedScale)
{
    m_tensor = tensor;
    m_errors = std::move(errors);
    m_low = low;
    m_high = high;
    m_signed = signedScale;
    m_images.assign(static_cast<size_t>(channelCount(m_tensor)), {});
    m_errors.resize(m_images.size());
    m_current = std::clamp(m_current, 0, std::max(0, static_cast<int>(m_images.size()) - 1));
    arrange();
}

void ChannelGrid::clear()
{
    setChannels({}, {}, 0, 0, false);
}

void ChannelGrid::setSorted(bool byError)
{
    m_byError = byError;
    arrange();
    scrollToCurrent();
}

void ChannelGrid::setCurrent(int channel)
{
    if (channel == m_current)
        return;
    m_current = channel;
    scrollToCurrent();
    viewport()->update();
}

void ChannelGrid::setCellSize(int pixels)
{
    m_cell = std::clamp(pixels, smallest, largest);
    arrange();
    scrollToCurrent();
}

void ChannelGrid::arrange()
{
    m_order.resize(m_images.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    if (m_byError)
        std::stable_sort(m_order.begin(), m_order.end(),
                         [&](int a, int b) { return m_errors[static_cast<size_t>(a)] > m_errors[static_cast<size_t>(b)]; });
    const int rows = (static_cast<int>(m_order.size()) + columns() - 1) / columns();
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(cell().height());
    verticalScrollBar()->setRange(0, std::max(0, rows * cell().height() + gap - viewport()->height()));
    viewport()->update();
}

QSize ChannelGrid::cell() const
{
    return {m_cell + gap, m_cell + gap + fontMetrics().height()};
}

int ChannelGrid::columns() const
{
    return std::max(1, (viewport()->width() - gap) / cell().width());
}

QRect ChannelGrid::cellAt(size_t position) const
{
    const int row = static_cast<int>(position) / columns();
    const int column = static_cast<int>(position) % columns();
    return {gap + column * cell().width(), gap + row * cell().height() - verticalScrollBar()->value(), m_cell, m_cell + fontMetrics().height()};
}

int ChannelGrid::channelAt(const QPoint& position) const
{
    for (size_t i = 0; i < m_order.size(); ++i)
        if (cellAt(i).contains(position))
            return m_order[i];
    return -1;
}

void ChannelGrid::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), theme().background);
    for (size_t i = 0; i < m_order.size(); ++i) {
        const QRect at = cellAt(i);
        if (!at.intersects(viewport()->rect()))
            continue;
        const int channel = m_order[i];
        QImage& image = m_images[static_cast<size_t>(channel)];
        if (image.isNull())
            image = channelImage(m_tensor, channel, m_low, m_high, m_signed);
        const QRect room(at.topLeft(), QSize(m_cell, m_cell));
        const QSize size = image.size().scaled(room.size(), Qt::KeepAspectRatio);
        painter.drawImage(QRect(room.center() - QPoint(size.width() / 2, size.height() / 2), size), image);
        if (channel == m_current) {
            painter.setPen(QPen(hasFocus() ? theme().accent : theme().secondary, 2));
            painter.drawRect(room.adjusted(-2, -2, 1, 1));
        }
        painter.setPen(channel == m_current ? theme().text : theme().secondary);
        painter.drawText(QRect(at.left() - gap / 2, room.bottom() + 1, m_cell + gap, fontMetrics().height()), Qt::AlignHCenter | Qt::AlignTop,
                         QString::number(channel));
    }
}

void ChannelGrid::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    arrange();
}

void ChannelGrid::changeEvent(QEvent* event)
{
    QAbstractScrollArea::changeEvent(event);
    // The colours of differences are the theme's.
    if (event->type() == QEvent::PaletteChange) {
        m_images.assign(m_images.size(), {});
        viewport()->update();
    }
}

void ChannelGrid::choose(int channel)
{
    if (channel < 0 || channel == m_current)
        return;
    setCurrent(channel);
    Q_EMIT chosen(channel);
}

void ChannelGrid::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        choose(channelAt(event->position().toPoint()));
}

void ChannelGrid::mouseReleaseEvent(QMouseEvent* event)
{
    event->accept();
}

void ChannelGrid::keyPressEvent(QKeyEvent* event)
{
    const auto here = std::find(m_order.begin(), m_order.end(), m_current) - m_order.begin();
    const std::pair<int, std::ptrdiff_t> steps[] = {{Qt::Key_Left, -1},       {Qt::Key_Right, 1},
                                                    {Qt::Key_Up, -columns()}, {Qt::Key_Down, columns()},
                                                    {Qt::Key_Home, -here},    {Qt::Key_End, static_cast<std::ptrdiff_t>(m_order.size()) - 1 - here}};
    for (const auto& [key, step] : steps)
        if (event->key() == key) {
            if (const auto next = here + step; next >= 0 && next < static_cast<std::ptrdiff_t>(m_order.size()))
                choose(m_order[static_cast<size_t>(next)]);
            return;
        }
    QAbstractScrollArea::keyPressEvent(event);
}

void ChannelGrid::wheelEvent(QWheelEvent* event)
{
    if (!(event->modifiers() & Qt::ControlModifier)) {
        QAbstractScrollArea::wheelEvent(event);
        return;
    }
    setCellSize(m_cell + (event->angleDelta().y() > 0 ? 1 : -1) * std::max(4, m_cell / 4));
    event->accept();
}

bool ChannelGrid::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int channel = channelAt(help->pos());
        QToolTip::showText(help->globalPos(),
                           channel < 0
                               ? QString()
                               : tr("channel %1: %2 % of the squared error").arg(channel).arg(percentText(m_errors[static_cast<size_t>(channel)], 2)),
                           this);
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void ChannelGrid::scrollToCurrent()
{
    const auto position = static_cast<size_t>(std::find(m_order.begin(), m_order.end(), m_current) - m_order.begin());
    if (position >= m_order.size())
        return;
    const QRect at = cellAt(position);
    QScrollBar* bar = verticalScrollBar();
    if (at.top() < 0)
        bar->setValue(bar->value() + at.top() - gap);
    else if (at.bottom() > viewport()->height())
        bar->setValue(bar->value() + at.bottom() + gap - viewport()->height());
}

}  // namespace qs

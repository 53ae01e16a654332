#include "widgets/values/value_box.h"

#include "core/base/file.h"
#include "core/data/npy.h"
#include "widgets/common/buffer_image.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QMenu>
#include <QMessageBox>
#include <QMouseEvent>
#include <QPainter>

namespace qs {

namespace {

constexpr int barHeight = 6;

}  // namespace

ValueBox::ValueBox(const QString& caption, const QString& name, QWidget* parent) : QWidget(parent), m_caption(caption), m_name(name)
{
    setMinimumSize(90, 90);
    setMouseTracking(true);
}

void ValueBox::setPicture(QImage picture)
{
    m_shown = {};
    m_shown.picture = std::move(picture);
    m_marked = {};
    update();
}

void ValueBox::setValues(ShownValues shown)
{
    m_shown = std::move(shown);
    m_shown.picture = channelImage(m_shown.tensor, m_shown.channel, m_shown.low, m_shown.high, m_shown.signedScale);
    update();
}

void ValueBox::setMarked(const QRect& pixels)
{
    if (pixels == m_marked)
        return;
    m_marked = pixels;
    update();
}

void ValueBox::setFrames(std::vector<Frame> frames)
{
    m_frames = std::move(frames);
    update();
}

QRect ValueBox::place() const
{
    const int line = fontMetrics().height();
    const QRect room(0, line + 2, width(), height() - line - 2 - (hasValues() ? line + barHeight + 4 : 0));
    if (m_shown.picture.isNull())
        return {};
    const QSize size = m_shown.picture.size().scaled(room.size() - QSize(4, 4), Qt::KeepAspectRatio);
    return QRect(room.center() - QPoint(size.width() / 2, size.height() / 2), size);
}

std::optional<QPoint> ValueBox::pixelAt(const QPointF& position) const
{
    const QRect at = place();
    if (at.isEmpty() || !at.contains(position.toPoint()))
        return std::nullopt;
    const QPointF inside = position - at.topLeft();
    const QSize pixels = m_shown.picture.size();
    return QPoint(std::clamp(static_cast<int>(inside.x() * pixels.width() / at.width()), 0, pixels.width() - 1),
                  std::clamp(static_cast<int>(inside.y() * pixels.height() / at.height()), 0, pixels.height() - 1));
}

void ValueBox::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const int line = fontMetrics().height();
    painter.setPen(theme().secondary);
    painter.drawText(QRect(0, 0, width(), line + 2), Qt::AlignHCenter | Qt::AlignTop, m_caption);
    painter.fillRect(QRect(0, line + 2, width(), height() - line - 2), theme().background);
    const QRect at = place();
    if (at.isEmpty())
        return;
    // Without smoothing: pixels are values here.
    painter.drawImage(at, m_shown.picture);
    if (!m_marked.isNull()) {
        const double across = static_cast<double>(at.width()) / m_shown.picture.width();
        const double down = static_cast<double>(at.height()) / m_shown.picture.height();
        painter.setPen(QPen(theme().warning, 2));
        painter.drawRect(QRectF(at.x() + m_marked.x() * across, at.y() + m_marked.y() * down, m_marked.width() * across, m_marked.height() * down));
    }
    for (const Frame& frame : m_frames) {
        painter.setPen(QPen(frame.color, 2, frame.dashed ? Qt::DashLine : Qt::SolidLine));
        painter.drawRect(QRectF(at.x() + frame.place.x() * at.width(), at.y() + frame.place.y() * at.height(), frame.place.width() * at.width(),
                                frame.place.height() * at.height()));
    }
    if (hasValues())
        paintBar(painter, QRect(4, height() - line - barHeight - 2, width() - 8, barHeight));
}

void ValueBox::paintBar(QPainter& painter, const QRect& place) const
{
    // The scale itself is a picture of its values, drawn as the tensor is.
    constexpr int steps = 64;
    std::vector<float> values(2 * steps);
    for (size_t i = 0; i < values.size(); ++i)
        values[i] = m_shown.low + (m_shown.high - m_shown.low) * static_cast<float>(i % steps) / (steps - 1);
    painter.drawImage(place, channelImage(Buffer::fromFloats({1, 2, steps}, values), 0, m_shown.low, m_shown.high, m_shown.signedScale));
    painter.setPen(theme().secondary);
    const QRect texts(place.left(), place.bottom() + 1, place.width(), fontMetrics().height());
    painter.drawText(texts, Qt::AlignLeft | Qt::AlignTop, significantText(static_cast<double>(m_shown.low), 3));
    painter.drawText(texts, Qt::AlignRight | Qt::AlignTop, significantText(static_cast<double>(m_shown.high), 3));
}

void ValueBox::mouseMoveEvent(QMouseEvent* event)
{
    const auto pixel = pixelAt(event->position());
    Q_EMIT hovered(pixel && hasValues() ? *pixel : QPoint(-1, -1));
}

void ValueBox::leaveEvent(QEvent*)
{
    Q_EMIT hovered(QPoint(-1, -1));
}

void ValueBox::copy() const
{
    QApplication::clipboard()->setImage(m_shown.picture);
}

bool ValueBox::save(const QString& path) const
{
    if (path.endsWith(QLatin1String(".npy")))
        return hasValues() && writeFile(path.toStdString(), npyBytes(m_shown.tensor)).ok();
    return m_shown.picture.save(path, "PNG");
}

void ValueBox::saveAs(const QString& filter, const QString& suffix)
{
    QString path = QFileDialog::getSaveFileName(this, {}, m_name + QLatin1Char('.') + suffix, filter);
    if (path.isEmpty())
        return;
    if (!path.endsWith(QLatin1Char('.') + suffix))
        path += QLatin1Char('.') + suffix;
    if (!save(path))
        QMessageBox::warning(this, {}, tr("%1 cannot be written").arg(path));
}

void ValueBox::contextMenuEvent(QContextMenuEvent* event)
{
    if (m_shown.picture.isNull())
        return;
    QMenu menu(this);
    menu.addAction(tr("Copy picture"), this, &ValueBox::copy);
    menu.addAction(tr("Save as PNG…"), this, [this] { saveAs(tr("PNG picture (*.png)"), QStringLiteral("png")); });
    menu.addAction(tr("Save all channels as .npy…"), this, [this] { saveAs(tr("NumPy array (*.npy)"), QStringLiteral("npy")); })
        ->setEnabled(hasValues());
    menu.exec(event->globalPos());
}

}  // namespace qs

// One channel of a tensor as a picture: pixels are values, with a colour bar, the value under the mouse, and a way to take them away.
#pragma once

#include "core/base/buffer.h"

#include <QColor>
#include <QImage>
#include <QWidget>

#include <optional>
#include <vector>

namespace qs {

/// What a box shows; without values (a photograph) the picture alone.
struct ShownValues {
    QImage picture = {};
    Buffer tensor = {};  ///< NCHW, CHW or a vector, as channelImage() draws it
    int channel = 0;
    float low = 0;
    float high = 0;
    bool signedScale = false;
};

/// A rectangle on the picture, in shares of its width and height.
struct Frame {
    QRectF place;
    QColor color;
    bool dashed = false;
};

class ValueBox : public QWidget {
    Q_OBJECT

public:
    /// `name`: of files that are saved.
    ValueBox(const QString& caption, const QString& name, QWidget* parent = nullptr);
    void setPicture(QImage picture);
    void setValues(ShownValues shown);
    void clear() { setPicture({}); }
    /// A frame around these pixels; a null rectangle: none.
    void setMarked(const QRect& pixels);
    const QRect& marked() const { return m_marked; }
    void setFrames(std::vector<Frame> frames);
    const QImage& image() const { return m_shown.picture; }
    /// Which pixel stands there; nothing beside the picture.
    std::optional<QPoint> pixelAt(const QPointF& position) const;
    /// Where the picture stands.
    QRect place() const;
    void copy() const;
    /// PNG, or the tensor as .npy, by suffix.
    bool save(const QString& path) const;

Q_SIGNALS:
    /// (-1, -1) when the mouse has left.
    void hovered(const QPoint& pixel);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    bool hasValues() const { return !m_shown.tensor.empty(); }
    void paintBar(QPainter& painter, const QRect& place) const;
    void saveAs(const QString& filter, const QString& suffix);

    QString m_caption;
    QString m_name;
    ShownValues m_shown;
    QRect m_marked;
    std::vector<Frame> m_frames;
};

}  // namespace qs

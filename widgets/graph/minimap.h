// The whole graph in a corner, with the visible part as a frame that can be dragged.
#pragma once

#include <QPixmap>
#include <QWidget>

namespace qs {

class GraphView;

class Minimap : public QWidget {
    Q_OBJECT

public:
    explicit Minimap(GraphView* view);
    /// The scene, its colours or the theme changed.
    void invalidate();
    /// Only colours of the scene changed.
    void recolour();
    /// The window was resized: takes its place in the corner.
    void relocate();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    qreal scale() const;
    void moveTo(const QPointF& position);

    GraphView* m_view;
    QPixmap m_picture;
};

}  // namespace qs

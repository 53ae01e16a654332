// The network as cards and wires, painted by hand: only what is visible, in as much detail as fits.
#pragma once

#include "widgets/graph/graph_index.h"
#include "widgets/graph/graph_scene.h"

#include <QSet>
#include <QWidget>

namespace qs {

class Minimap;

class GraphView : public QWidget {
    Q_OBJECT

public:
    explicit GraphView(QWidget* parent = nullptr);

    /// Keeps the place and the zoom when boxes and wires are the same; shows the beginning otherwise.
    void setScene(GraphScene scene);
    /// Other contents of some cards, by index; what they have inside stays. Paints these alone. False, and nothing done, where one is of another
    /// height.
    bool setNodes(std::vector<std::pair<int, GraphNode>> nodes);
    /// All figures belong to other settings.
    void setStale(bool stale);
    bool stale(const GraphNode& node) const { return node.stale || (m_stale && !node.value.isEmpty()); }
    const GraphScene& scene() const { return m_scene; }
    const GraphIndex& index() const { return m_index; }
    void setSelectedNames(const QStringList& names);
    QStringList selectedNames() const;
    /// Highlights matching cards; searchNext() walks them.
    void setSearch(const QString& text);
    int searchCount() const { return static_cast<int>(m_found.size()); }
    void searchNext(int step = 1);

    qreal zoom() const { return m_zoom; }
    void zoomFit();
    void zoomTo(qreal zoom);  ///< about the middle of the window
    void zoomSelection();
    void ensureVisible(const QString& name);
    /// Selects it and goes there, as a click would.
    void goTo(const QString& name);
    /// Cards before and behind one, by name.
    QStringList producers(const QString& name) const { return neighbours(m_up, name); }
    QStringList consumers(const QString& name) const { return neighbours(m_down, name); }
    /// All on a way from one of `names` to another, these included.
    QStringList between(const QStringList& names) const;
    QStringList ofType(const QString& type) const;
    /// The card that the keys walk from; empty: none.
    QString current() const { return m_current < 0 ? QString() : m_scene.nodes[static_cast<size_t>(m_current)].name; }
    /// All of the graph as a .png or .svg file.
    bool save(const QString& path);
    /// Fit where cards stay readable, else the beginning of the network at full size.
    void showStart();

    QRectF visibleRect() const;  ///< in scene coordinates
    void centerOn(const QPointF& scenePoint);
    QSize sizeHint() const override { return {640, 480}; }

Q_SIGNALS:
    void selectionEdited(const QStringList& names);
    void toggleRequested(const QStringList& names);
    /// By the right button or the menu key; what it is about is selected.
    void menuRequested(const QPoint& global);
    void viewChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool event(QEvent* event) override;

private:
    QPointF toScene(const QPointF& device) const { return device / m_zoom + m_origin; }
    QRectF toDevice(const QRectF& scene) const { return {(scene.topLeft() - m_origin) * m_zoom, scene.size() * m_zoom}; }
    QPointF toDevice(const LayoutPoint& p) const { return (QPointF(static_cast<qreal>(p.x), static_cast<qreal>(p.y)) - m_origin) * m_zoom; }
    void zoomAbout(qreal zoom, const QPointF& device);
    void clampView();
    void select(int node, bool toggle);
    int neighbour(int node, int key) const;
    int indexOf(const QString& name) const;
    QStringList neighbours(const std::vector<std::vector<int>>& links, const QString& name) const;
    /// What lies in `device`.
    void paintGraph(QPainter& painter, const QRect& device) const;
    void paintEdges(QPainter& painter, const QRectF& visible, const QRect& device) const;
    void viewMoved();

    GraphScene m_scene;
    GraphIndex m_index;
    bool m_stale = false;
    std::vector<char> m_selected;
    std::vector<int> m_found;
    std::vector<char> m_isFound;
    std::vector<std::vector<int>> m_up;
    std::vector<std::vector<int>> m_down;
    int m_current = -1;
    int m_foundAt = -1;
    QString m_search;
    qreal m_zoom = 1;
    QPointF m_origin;
    QPointF m_dragStart;
    QPointF m_dragOrigin;
    bool m_dragging = false;
    bool m_pressed = false;
    bool m_atStart = false;  ///< nobody has moved the view yet: it follows the window
    QSize m_sizeBefore;
    Minimap* m_minimap;
};

}  // namespace qs

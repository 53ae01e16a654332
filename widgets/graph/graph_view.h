// The network as cards and wires, painted by hand: only what is visible, in as much detail as fits.
#pragma once

#include "widgets/graph/graph_cards.h"
#include "widgets/graph/graph_index.h"

#include <QHash>
#include <QWidget>

#include <functional>
#include <optional>

namespace qs {

class Minimap;

class GraphView : public QWidget {
    Q_OBJECT

public:
    explicit GraphView(QWidget* parent = nullptr);

    /// Keeps the place and the zoom when boxes and wires are the same; shows the beginning otherwise.
    void setScene(GraphScene scene);
    /// Other contents of some cards, by index; what they have inside and their labels stay. Paints these alone. False, and nothing done, where one is
    /// of another height.
    bool setNodes(std::vector<std::pair<int, GraphNode>> nodes);
    /// All figures belong to other settings.
    void setStale(bool stale);
    bool stale(const GraphNode& node) const { return node.stale || (m_stale && !node.value.isEmpty()); }
    const GraphScene& scene() const { return m_scene; }
    /// Of the cards that are seen: without blocks those of the scene.
    const GraphIndex& index() const { return m_index; }
    const GraphCards& cards() const { return m_cards; }
    const GraphNode& look(int card) const { return m_cards.look(m_scene, card); }
    void setSelectedNames(const QStringList& names);
    QStringList selectedNames() const;
    /// Which blocks are open, by name; nothing: as many as can be looked over. Of the scene that comes next, and of this one.
    void setOpenBlocks(std::optional<QStringList> names);
    /// Nothing: nobody has chosen.
    const std::optional<QStringList>& openBlocks() const { return m_chosen; }
    /// What stands where the block stood keeps its place in the window.
    void openBlock(const QString& name) { setOpen(blockNamed(name), true); }
    void closeBlock(const QString& name) { setOpen(blockNamed(name), false); }
    void openAll();
    /// All blocks that lie as deep as this one, or deeper.
    void closeLevel(const QString& name);
    /// What the keys and the menu are about: the closed block that the current card is, the open one around it; empty: none.
    QString blockToOpen() const;
    QString blockToClose() const;
    /// Opens what the layer is inside of.
    void reveal(const QString& name);
    /// Highlights matching cards (models/layer_pattern.h); searchNext() walks the layers and opens what they are in.
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
    /// All layers on a way from one of `names` to another, these included.
    QStringList between(const QStringList& names) const;
    QStringList ofType(const QString& type) const;
    /// The card that the keys walk from; empty: none.
    QString current() const { return m_current < 0 ? QString() : look(m_current).name; }
    /// All of the graph as a .png or .svg file.
    bool save(const QString& path);
    /// Fit where cards stay readable, else the beginning of the network at full size.
    void showStart();

    QRectF visibleRect() const;  ///< in scene coordinates
    /// Where somebody has moved the view to; nothing: nobody has.
    bool moved() const { return !m_atStart; }
    void showPlace(qreal zoom, const QPointF& centre);
    void centerOn(const QPointF& scenePoint);
    QSize sizeHint() const override { return {640, 480}; }

Q_SIGNALS:
    void selectionEdited(const QStringList& names);
    void toggleRequested(const QStringList& names);
    /// By the right button or the menu key; what it is about is selected.
    void menuRequested(const QPoint& global);
    void viewChanged();
    /// By the user, or to show what is selected.
    void openBlocksEdited();

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
    void select(int card, bool toggle);
    void choose(const std::vector<int>& nodes, bool toggle);
    int neighbour(int card, int key) const;
    /// The card of a layer, or of a closed block; -1: none.
    int cardNamed(const QString& name) const;
    int blockNamed(const QString& name) const;
    QStringList neighbours(const std::vector<std::vector<int>>& links, const QString& name) const;
    void showCard(int card);
    /// Cards of the scene and the blocks that are open, and their places.
    void place();
    /// By card, what of its nodes is selected or found.
    void markCards();
    void setOpen(int block, bool open);
    /// After `m_open` has changed: what is `corner` of the window stays there.
    /// The block stays where it is in the window.
    void changeOpen(int block, const std::function<void()>& change);
    void openChanged(int block);
    QPointF cornerOf(int block) const;
    bool isOpen(int block) const { return block >= 0 && m_open[static_cast<size_t>(block)]; }
    /// The innermost open block whose title is there; -1: none.
    int titleAt(const QPointF& scenePoint) const;
    bool onChevron(const QRectF& box, const QPointF& scenePoint) const;
    QString blockName(int block) const { return block < 0 ? QString() : m_scene.blocks[static_cast<size_t>(block)].name; }
    QString tipOf(const GraphNode& node) const;
    void paintFrames(QPainter& painter, const QRectF& visible) const;
    /// What lies in `device`.
    void paintGraph(QPainter& painter, const QRect& device) const;
    void paintEdges(QPainter& painter, const QRectF& visible, const QRect& device) const;
    void viewMoved();

    GraphScene m_scene;
    QHash<QString, int> m_nodeNamed;
    OpenBlocks m_open;
    std::optional<QStringList> m_chosen;  ///< names of open blocks
    GraphCards m_cards;
    GraphIndex m_index;
    std::vector<QRectF> m_frames;  ///< by block; empty for a closed one
    bool m_stale = false;
    std::vector<char> m_selected;      ///< by node
    std::vector<char> m_cardSelected;  ///< by card
    std::vector<int> m_found;          ///< nodes
    std::vector<char> m_cardFound;     ///< by card
    std::vector<std::vector<int>> m_up;
    std::vector<std::vector<int>> m_down;
    int m_current = -1;    ///< card
    int m_menuBlock = -1;  ///< the open block whose title has the menu
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

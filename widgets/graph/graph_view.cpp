#include "widgets/graph/graph_view.h"

#include "widgets/common/theme.h"
#include "widgets/graph/card_painter.h"
#include "widgets/graph/minimap.h"
#include "widgets/models/layer_pattern.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QImage>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QSvgGenerator>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace qs {

namespace {

constexpr qreal smallestZoom = 0.005;
constexpr qreal largestZoom = 3;
constexpr qreal readableZoom = 0.5;
constexpr qreal plainLineZoom = 0.3;
constexpr qreal margin = 24;
/// Of a picture's longer side, in pixels: more than that viewers do not take.
constexpr qreal longestPicture = 16000;

}  // namespace

bool GraphScene::sameStructure(const GraphScene& other) const
{
    if (nodes.size() != other.nodes.size() || edges.size() != other.edges.size())
        return false;
    for (size_t i = 0; i < nodes.size(); ++i)
        if (nodes[i].name != other.nodes[i].name || nodes[i].fused != other.nodes[i].fused ||
            cardSize(nodes[i]).height != cardSize(other.nodes[i]).height)
            return false;
    if (blocks != other.blocks || blockOf != other.blockOf)
        return false;
    return std::equal(edges.begin(), edges.end(), other.edges.begin(),
                      [](const LayoutEdge& a, const LayoutEdge& b) { return a.from == b.from && a.to == b.to; });
}

GraphView::GraphView(QWidget* parent) : QWidget(parent), m_minimap(new Minimap(this))
{
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(160, 120);
    setAccessibleName(tr("Graph of the network"));
    m_minimap->hide();
}

void GraphView::setScene(GraphScene scene)
{
    const bool same = m_scene.sameStructure(scene);
    const bool sameNames = !same && !m_scene.nodes.empty() && !scene.nodes.empty() && m_scene.nodes.front().name == scene.nodes.front().name &&
                           m_scene.nodes.back().name == scene.nodes.back().name;
    const QStringList selected = selectedNames();
    m_scene = std::move(scene);
    if (same)
        for (int card = 0; card < m_cards.count(); ++card)
            m_cards.refresh(m_scene, card);
    else {
        m_nodeNamed.clear();
        for (size_t i = 0; i < m_scene.nodes.size(); ++i)
            m_nodeNamed.insert(m_scene.nodes[i].name, static_cast<int>(i));
        m_selected.assign(m_scene.nodes.size(), 0);
        setOpenBlocks(std::move(m_chosen));
        if (sameNames)
            clampView();  // an edit that moved fused layers: stay where the user was
        else
            showStart();
    }
    setSelectedNames(selected);
    setSearch(m_search);
    m_minimap->invalidate();
    update();
}

bool GraphView::setNodes(std::vector<std::pair<int, GraphNode>> nodes)
{
    for (auto& [index, node] : nodes) {
        const GraphNode& shown = m_scene.nodes[static_cast<size_t>(index)];
        node.fused = shown.fused;
        node.label = shown.label;
        if (cardSize(node).height != cardSize(shown).height)
            return false;
    }
    bool recoloured = false;
    const QRectF visible = visibleRect();
    std::vector<char> told(static_cast<size_t>(m_cards.count()), 0);
    for (auto& [index, node] : nodes) {
        GraphNode& shown = m_scene.nodes[static_cast<size_t>(index)];
        recoloured |= node.color != shown.color || node.stale != shown.stale;
        const int card = m_cards.cardOf(index);
        if (!(node == shown) && !std::exchange(told[static_cast<size_t>(card)], 1) && m_index.box(card).intersects(visible))
            // Its frame stands half outside.
            update(toDevice(m_index.box(card)).toAlignedRect().adjusted(-2, -2, 2, 2));
        shown = std::move(node);
    }
    for (int card = 0; card < m_cards.count(); ++card)
        if (told[static_cast<size_t>(card)])
            m_cards.refresh(m_scene, card);
    if (recoloured)
        m_minimap->recolour();
    return true;
}

void GraphView::setStale(bool stale)
{
    if (std::exchange(m_stale, stale) == stale)
        return;
    m_minimap->recolour();
    update();
}

void GraphView::setSelectedNames(const QStringList& names)
{
    const QSet<QString> set(names.begin(), names.end());
    std::vector<char> selected(m_scene.nodes.size(), 0);
    int last = -1;
    for (size_t i = 0; i < m_scene.nodes.size(); ++i)
        if (set.contains(m_scene.nodes[i].name)) {
            selected[i] = 1;
            last = static_cast<int>(i);
        }
    const bool differs = selected != m_selected;
    m_selected = std::move(selected);
    markCards();
    if (m_current < 0 || !m_cardSelected[static_cast<size_t>(m_current)])
        m_current = last < 0 ? -1 : m_cards.cardOf(last);
    if (differs)
        update();
}

QStringList GraphView::selectedNames() const
{
    QStringList names;
    for (size_t i = 0; i < m_selected.size(); ++i)
        if (m_selected[i])
            names << m_scene.nodes[i].name;
    return names;
}

void GraphView::setSearch(const QString& text)
{
    m_search = text;
    m_found.clear();
    if (const LayerPattern pattern(text); !pattern.empty())
        for (size_t i = 0; i < m_scene.nodes.size(); ++i)
            if (pattern.meets(m_scene.nodes[i].name, m_scene.nodes[i].type))
                m_found.push_back(static_cast<int>(i));
    m_foundAt = -1;
    markCards();
    update();
}

void GraphView::searchNext(int step)
{
    if (m_found.empty())
        return;
    const int count = static_cast<int>(m_found.size());
    m_foundAt = m_foundAt < 0 ? (step > 0 ? 0 : count - 1) : (m_foundAt + step + count) % count;
    goTo(m_scene.nodes[static_cast<size_t>(m_found[static_cast<size_t>(m_foundAt)])].name);
}

QRectF GraphView::visibleRect() const
{
    return {m_origin, QSizeF(size()) / m_zoom};
}

void GraphView::centerOn(const QPointF& scenePoint)
{
    m_origin = scenePoint - QPointF(width(), height()) / (2 * m_zoom);
    viewMoved();
}

void GraphView::viewMoved()
{
    m_atStart = false;
    clampView();
    update();
    Q_EMIT viewChanged();
}

void GraphView::clampView()
{
    // Something of the graph always stays in the window.
    const QRectF bounds = m_index.bounds();
    if (bounds.isEmpty())
        return;
    const QSizeF view = QSizeF(size()) / m_zoom;
    const auto clampAxis = [keep = margin * 3 / m_zoom](qreal origin, qreal extent, qreal low, qreal high) {
        return std::clamp(origin, std::min(low - extent + keep, low - keep), std::max(high - keep, low - keep));
    };
    m_origin.setX(clampAxis(m_origin.x(), view.width(), bounds.left(), bounds.right()));
    m_origin.setY(clampAxis(m_origin.y(), view.height(), bounds.top(), bounds.bottom()));
}

void GraphView::zoomFit()
{
    const QRectF bounds = m_index.bounds();
    if (bounds.isEmpty())
        return;
    m_zoom = std::clamp(std::min((width() - 2 * margin) / bounds.width(), (height() - 2 * margin) / bounds.height()), smallestZoom, 1.0);
    centerOn(bounds.center());
}

void GraphView::showStart()
{
    zoomFit();
    if (m_zoom < readableZoom && !m_index.bounds().isEmpty()) {
        const QRectF& first = m_index.box(0);
        m_zoom = 0.9;
        centerOn(QPointF(first.center().x(), (height() / 2.0 - margin) / m_zoom));
    }
    m_atStart = true;
}

void GraphView::zoomAbout(qreal zoom, const QPointF& device)
{
    const QPointF fixed = toScene(device);
    m_zoom = std::clamp(zoom, smallestZoom, largestZoom);
    m_origin = fixed - device / m_zoom;
    viewMoved();
}

void GraphView::zoomTo(qreal zoom)
{
    zoomAbout(zoom, QPointF(width(), height()) / 2);
}

void GraphView::zoomSelection()
{
    QRectF area;
    for (int card = 0; card < m_cards.count(); ++card)
        if (m_cardSelected[static_cast<size_t>(card)])
            area = area.united(m_index.box(card));
    if (area.isEmpty())
        return;
    m_zoom = std::clamp(std::min((width() - 4 * margin) / area.width(), (height() - 4 * margin) / area.height()), smallestZoom, 1.0);
    centerOn(area.center());
}

void GraphView::showPlace(qreal zoom, const QPointF& centre)
{
    m_zoom = std::clamp(zoom, smallestZoom, largestZoom);
    centerOn(centre);
}

int GraphView::cardNamed(const QString& name) const
{
    if (const auto node = m_nodeNamed.find(name); node != m_nodeNamed.end())
        return m_cards.cardOf(*node);
    for (int card = 0; card < m_cards.count(); ++card)
        if (m_cards.card(card).block >= 0 && look(card).name == name)
            return card;
    return -1;
}

void GraphView::showCard(int card)
{
    if (card >= 0 && !visibleRect().contains(m_index.box(card)))
        centerOn(m_index.box(card).center());
}

void GraphView::ensureVisible(const QString& name)
{
    showCard(cardNamed(name));
}

void GraphView::goTo(const QString& name)
{
    reveal(name);
    if (const int card = cardNamed(name); card >= 0)
        select(card, false);
}

QStringList GraphView::neighbours(const std::vector<std::vector<int>>& links, const QString& name) const
{
    QStringList names;
    if (const int card = cardNamed(name); card >= 0)
        for (const int other : links[static_cast<size_t>(card)])
            names << look(other).name;
    return names;
}

QStringList GraphView::between(const QStringList& names) const
{
    std::vector<std::vector<int>> down(m_scene.nodes.size());
    std::vector<std::vector<int>> up(m_scene.nodes.size());
    for (const LayoutEdge& edge : m_scene.edges) {
        down[static_cast<size_t>(edge.from)].push_back(edge.to);
        up[static_cast<size_t>(edge.to)].push_back(edge.from);
    }
    // What can be reached from one of them, and reaches one of them.
    const auto reached = [&](const std::vector<std::vector<int>>& links) {
        std::vector<char> seen(m_scene.nodes.size(), 0);
        std::vector<int> open;
        for (const QString& name : names)
            if (const int node = m_nodeNamed.value(name, -1); node >= 0) {
                seen[static_cast<size_t>(node)] = 1;
                open.push_back(node);
            }
        while (!open.empty()) {
            const int node = open.back();
            open.pop_back();
            for (const int next : links[static_cast<size_t>(node)])
                if (!std::exchange(seen[static_cast<size_t>(next)], 1))
                    open.push_back(next);
        }
        return seen;
    };
    const std::vector<char> below = reached(down);
    const std::vector<char> above = reached(up);
    QStringList all;
    for (size_t i = 0; i < m_scene.nodes.size(); ++i)
        if (below[i] && above[i])
            all << m_scene.nodes[i].name;
    return all;
}

QStringList GraphView::ofType(const QString& type) const
{
    QStringList names;
    for (const GraphNode& node : m_scene.nodes)
        if (node.type == type)
            names << node.name;
    return names;
}

bool GraphView::save(const QString& path)
{
    const QRectF bounds = m_index.bounds().adjusted(-margin, -margin, margin, margin);
    const qreal side = std::max(bounds.width(), bounds.height());
    // As it is painted, in another place and size.
    const auto before = std::pair(m_zoom, m_origin);
    m_zoom = std::min(1.0, longestPicture / side);
    m_origin = bounds.topLeft();
    const QRect all(QPoint(0, 0), (bounds.size() * m_zoom).toSize());
    bool saved = false;
    if (path.endsWith(QLatin1String(".svg"))) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setSize(all.size());
        generator.setViewBox(all);
        QPainter painter;
        if (painter.begin(&generator)) {
            paintGraph(painter, all);
            saved = painter.end();
        }
    } else {
        QImage picture(all.size(), QImage::Format_RGB32);
        QPainter painter(&picture);
        paintGraph(painter, all);
        painter.end();
        saved = picture.save(path, "PNG");
    }
    std::tie(m_zoom, m_origin) = before;
    return saved;
}

void GraphView::select(int card, bool toggle)
{
    if (card >= 0) {
        m_current = card;
        showCard(card);
    }
    choose(card < 0 ? std::vector<int>() : m_cards.nodesOf(card), toggle);
}

void GraphView::choose(const std::vector<int>& nodes, bool toggle)
{
    const bool on = !toggle || !std::all_of(nodes.begin(), nodes.end(), [&](int node) { return m_selected[static_cast<size_t>(node)]; });
    if (!toggle)
        std::fill(m_selected.begin(), m_selected.end(), 0);
    for (const int node : nodes)
        m_selected[static_cast<size_t>(node)] = on ? 1 : 0;
    markCards();
    update();
    Q_EMIT selectionEdited(selectedNames());
}

void GraphView::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    paintGraph(painter, event->rect());
    if (hasFocus() && !m_scene.nodes.empty()) {
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(mixed(theme().accent, theme().background, 0.4));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void GraphView::paintGraph(QPainter& painter, const QRect& device) const
{
    painter.fillRect(device, theme().background);
    if (m_scene.nodes.empty())
        return;
    const QRectF visible(toScene(device.topLeft()), QSizeF(device.size()) / m_zoom);
    paintFrames(painter, visible);
    paintEdges(painter, visible, device);
    const CardPainter cards(font(), m_zoom);
    painter.setRenderHint(QPainter::Antialiasing, cards.detail() != CardPainter::Detail::Block);
    m_index.nodesIn(visible, [&](int card) {
        const auto i = static_cast<size_t>(card);
        cards.paint(painter, look(card), toDevice(m_index.box(card)), {bool(m_cardSelected[i]), bool(m_cardFound[i]), stale(look(card))});
    });
}

void GraphView::paintEdges(QPainter& painter, const QRectF& visible, const QRect& device) const
{
    const Theme& t = theme();
    const QColor color = mixed(t.line, t.secondary, 0.6);
    if (m_zoom < plainLineZoom) {
        std::vector<QLineF> lines;
        m_index.segmentsIn(visible, [&](const GraphIndex::Segment& s) { lines.emplace_back(toDevice(s.from), toDevice(s.to)); });
        painter.setPen(QPen(color, 0));
        painter.drawLines(lines.data(), static_cast<int>(lines.size()));
        return;
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    QPainterPath path;
    QPainterPath chosen;
    QPainterPath arrows;
    const qreal arrow = 5 * m_zoom;
    m_index.segmentsIn(visible.adjusted(-8, -8, 8, 8), [&](const GraphIndex::Segment& s) {
        const LayoutEdge& edge = m_cards.edges()[static_cast<size_t>(s.edge)];
        const bool highlighted = m_cardSelected[static_cast<size_t>(edge.from)] || m_cardSelected[static_cast<size_t>(edge.to)];
        QPainterPath& target = highlighted ? chosen : path;
        // Long straight runs are cut to the window: a stroke of 100,000 pixels is slow.
        QPointF a = toDevice(s.from);
        QPointF b = toDevice(s.to);
        if (std::abs(a.x() - b.x()) < 0.5) {
            const auto [low, high] = std::pair(device.top() - 20.0, device.bottom() + 20.0);
            a.setY(std::clamp(a.y(), low, high));
            const qreal end = std::clamp(b.y(), low, high);
            target.moveTo(a);
            target.lineTo(b.x(), end);
        } else {
            const qreal bend = (b.y() - a.y()) / 2;
            target.moveTo(a);
            target.cubicTo(QPointF(a.x(), a.y() + bend), QPointF(b.x(), b.y() - bend), b);
        }
        if (s.last) {
            arrows.moveTo(b);
            arrows.lineTo(b + QPointF(-arrow * 0.7, -arrow * 1.4));
            arrows.lineTo(b + QPointF(arrow * 0.7, -arrow * 1.4));
            arrows.closeSubpath();
        }
    });
    const qreal width = std::max(1.0, 1.2 * m_zoom);
    painter.strokePath(path, QPen(color, width));
    painter.strokePath(chosen, QPen(t.accent, width * 1.3));
    painter.fillPath(arrows, color);
}

void GraphView::resizeEvent(QResizeEvent*)
{
    m_minimap->relocate();
    if (m_atStart)
        showStart();
    else if (m_sizeBefore.isValid()) {
        // The middle stays the middle.
        m_origin += QPointF(m_sizeBefore.width() - width(), m_sizeBefore.height() - height()) / (2 * m_zoom);
        viewMoved();
    }
    m_sizeBefore = size();
}

void GraphView::wheelEvent(QWheelEvent* event)
{
    if (!event->pixelDelta().isNull() && !(event->modifiers() & Qt::ControlModifier)) {
        m_origin -= QPointF(event->pixelDelta()) / m_zoom;
        viewMoved();
    } else if (event->modifiers() & Qt::ShiftModifier) {
        m_origin.rx() -= (event->angleDelta().y() + event->angleDelta().x()) / 2.0 / m_zoom;
        viewMoved();
    } else
        zoomAbout(m_zoom * std::pow(1.0015, event->angleDelta().y()), event->position());
    event->accept();
}

void GraphView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
        return;
    m_pressed = true;
    m_dragging = false;
    m_dragStart = event->position();
    m_dragOrigin = m_origin;
}

void GraphView::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_pressed)
        return;
    const QPointF moved = event->position() - m_dragStart;
    if (!m_dragging && moved.manhattanLength() > 4) {
        m_dragging = true;
        setCursor(Qt::ClosedHandCursor);
    }
    if (m_dragging) {
        m_origin = m_dragOrigin - moved / m_zoom;
        viewMoved();
    }
}

void GraphView::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_pressed && !m_dragging && event->button() == Qt::LeftButton) {
        const QPointF at = toScene(event->position());
        const bool toggle = event->modifiers() & Qt::ControlModifier;
        const int card = m_index.nodeAt(at);
        const int title = card < 0 ? titleAt(at) : -1;
        if (card >= 0 && m_cards.card(card).block >= 0 && onChevron(m_index.box(card), at))
            setOpen(m_cards.card(card).block, true);
        else if (title >= 0 && onChevron(m_frames[static_cast<size_t>(title)], at))
            setOpen(title, false);
        else if (title >= 0)
            choose(m_cards.inside(title), toggle);
        else
            select(card, toggle);
    }
    m_pressed = false;
    m_dragging = false;
    unsetCursor();
}

void GraphView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const QPointF scenePoint = toScene(event->position());
    const int card = m_index.nodeAt(scenePoint);
    if (const int title = card < 0 ? titleAt(scenePoint) : -1; title >= 0) {
        // The first click on a chevron has opened or closed already.
        if (!onChevron(m_frames[static_cast<size_t>(title)], scenePoint))
            setOpen(title, false);
        return;
    }
    if (card < 0)
        return;
    if (const int block = m_cards.card(card).block; block >= 0) {
        if (!onChevron(m_index.box(card), scenePoint))
            setOpen(block, true);
        return;
    }
    m_zoom = std::abs(m_zoom - 1) < 0.01 ? 1.6 : 1;
    centerOn(scenePoint);
}

int GraphView::neighbour(int card, int key) const
{
    const auto i = static_cast<size_t>(card);
    const QPointF here = m_index.box(card).center();
    int best = -1;
    qreal bestDistance = std::numeric_limits<qreal>::max();
    const auto consider = [&](int other, qreal distance) {
        if (distance < bestDistance) {
            bestDistance = distance;
            best = other;
        }
    };
    if (key == Qt::Key_Up || key == Qt::Key_Down)
        for (const int other : key == Qt::Key_Up ? m_up[i] : m_down[i])
            consider(other, std::abs(m_index.box(other).center().x() - here.x()) + std::abs(m_index.box(other).center().y() - here.y()) / 100);
    else {
        // Beside it: the nearest card in the same band.
        const QRectF band(m_index.bounds().left() - 1, m_index.box(card).top(), m_index.bounds().width() + 2, m_index.box(card).height());
        m_index.nodesIn(band, [&](int other) {
            const qreal dx = m_index.box(other).center().x() - here.x();
            if (other != card && (key == Qt::Key_Left ? dx < 0 : dx > 0))
                consider(other, std::abs(dx));
        });
    }
    return best;
}

void GraphView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy)) {
        QApplication::clipboard()->setText(selectedNames().join(QLatin1Char('\n')));
        return;
    }
    switch (event->key()) {
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_Left:
        case Qt::Key_Right:
            if (m_cards.count() == 0)
                return;
            if (const int next = m_current < 0 ? 0 : neighbour(m_current, event->key()); next >= 0)
                select(next, false);
            return;
        case Qt::Key_Home:
        case Qt::Key_End:
            if (m_cards.count() > 0)
                select(event->key() == Qt::Key_Home ? 0 : m_cards.count() - 1, false);
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (const QString block = blockToOpen(); !block.isEmpty())
                return openBlock(block);
            return QWidget::keyPressEvent(event);
        case Qt::Key_Backspace:
            m_menuBlock = -1;
            if (const QString block = blockToClose(); !block.isEmpty())
                return closeBlock(block);
            return QWidget::keyPressEvent(event);
        case Qt::Key_Space:
            if (const QStringList names = selectedNames(); !names.isEmpty())
                Q_EMIT toggleRequested(names);
            return;
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            zoomTo(m_zoom * 1.25);
            return;
        case Qt::Key_Minus:
            zoomTo(m_zoom / 1.25);
            return;
        case Qt::Key_0:
            zoomFit();
            return;
        case Qt::Key_1:
            zoomTo(1);
            return;
        case Qt::Key_2:
            zoomSelection();
            return;
        default:
            QWidget::keyPressEvent(event);
    }
}

void GraphView::contextMenuEvent(QContextMenuEvent* event)
{
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    const int card = byKey ? m_current : m_index.nodeAt(toScene(event->pos()));
    m_menuBlock = byKey || card >= 0 ? -1 : titleAt(toScene(event->pos()));
    if (m_menuBlock >= 0)
        choose(m_cards.inside(m_menuBlock), false);
    else if (card >= 0 && !m_cardSelected[static_cast<size_t>(card)])
        select(card, false);
    else if (card >= 0)
        m_current = card;
    const QPoint place = !byKey ? event->pos() : card >= 0 ? toDevice(m_index.box(card)).center().toPoint() : rect().center();
    Q_EMIT menuRequested(mapToGlobal(place));
}

bool GraphView::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QPointF at = toScene(help->pos());
        if (const int card = m_index.nodeAt(at); card >= 0)
            QToolTip::showText(help->globalPos(), tipOf(look(card)), this);
        else if (const int title = titleAt(at); title >= 0)
            QToolTip::showText(help->globalPos(), tipOf(blockNode(m_scene, title, m_cards.inside(title))), this);
        else
            QToolTip::hideText();
        return true;
    }
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange)
        m_minimap->invalidate();
    return QWidget::event(event);
}

}  // namespace qs

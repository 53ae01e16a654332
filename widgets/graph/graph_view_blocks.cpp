// Of the graph view what opens and closes blocks.
#include "widgets/common/theme.h"
#include "widgets/graph/card_painter.h"
#include "widgets/graph/graph_nest.h"
#include "widgets/graph/graph_view.h"
#include "widgets/graph/minimap.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace qs {

namespace {

/// About as many cards as one below the other can still be read in a window.
constexpr float tallest = 2400;
/// Beyond it a title is cut.
constexpr float widestTitle = 420;

QRectF rectOf(const LayoutBox& box)
{
    return {static_cast<qreal>(box.x), static_cast<qreal>(box.y), static_cast<qreal>(box.width), static_cast<qreal>(box.height)};
}

}  // namespace

void GraphView::place()
{
    m_cards.build(m_scene, m_open);
    NestedGraph graph;
    QFont title(font());
    title.setPixelSize(12);
    const QFontMetricsF metrics(title);
    for (int card = 0; card < m_cards.count(); ++card) {
        graph.nodes.push_back(cardSize(look(card)));
        graph.frameOf.push_back(m_cards.frameOf(card));
    }
    for (const GraphBlock& block : m_scene.blocks) {
        graph.parents.push_back(block.parent);
        const qreal width = metrics.horizontalAdvance(block.label) + metrics.horizontalAdvance(block.kind) + 4 * static_cast<qreal>(frameHead);
        graph.minWidths.push_back(std::min(static_cast<float>(width), widestTitle));
    }
    graph.edges = m_cards.edges();
    LayoutOptions options;
    options.foldAbove = tallest;
    const NestedLayout layout = layoutNested(graph, options);
    m_index.build(layout.cards, graph.nodes);
    m_frames.assign(m_scene.blocks.size(), {});
    std::transform(layout.frames.begin(), layout.frames.end(), m_frames.begin(), rectOf);
    m_up.assign(graph.nodes.size(), {});
    m_down.assign(graph.nodes.size(), {});
    for (const LayoutEdge& edge : m_cards.edges()) {
        m_down[static_cast<size_t>(edge.from)].push_back(edge.to);
        m_up[static_cast<size_t>(edge.to)].push_back(edge.from);
    }
    m_current = -1;
    m_menuBlock = -1;
    markCards();
}

void GraphView::markCards()
{
    m_cardSelected.assign(static_cast<size_t>(m_cards.count()), 0);
    m_cardFound.assign(static_cast<size_t>(m_cards.count()), 0);
    for (size_t node = 0; node < m_selected.size(); ++node)
        if (m_selected[node])
            m_cardSelected[static_cast<size_t>(m_cards.cardOf(static_cast<int>(node)))] = 1;
    for (const int node : m_found)
        m_cardFound[static_cast<size_t>(m_cards.cardOf(node))] = 1;
}

void GraphView::setOpenBlocks(std::optional<QStringList> names)
{
    m_chosen = std::move(names);
    m_open = m_chosen ? openBlocksNamed(m_scene, QSet<QString>(m_chosen->begin(), m_chosen->end())) : defaultOpenBlocks(m_scene);
    // What was found are nodes of the scene before.
    m_found.clear();
    place();
    setSearch(m_search);
    m_minimap->invalidate();
}

int GraphView::blockNamed(const QString& name) const
{
    const auto found = std::find_if(m_scene.blocks.begin(), m_scene.blocks.end(), [&](const GraphBlock& block) { return block.name == name; });
    return found == m_scene.blocks.end() ? -1 : static_cast<int>(found - m_scene.blocks.begin());
}

QPointF GraphView::cornerOf(int block) const
{
    // Where it is inside of a closed one, that one's card.
    if (isOpen(block) && !m_frames[static_cast<size_t>(block)].isEmpty())
        return m_frames[static_cast<size_t>(block)].topLeft();
    return m_index.box(m_cards.cardOf(m_cards.inside(block).front())).topLeft();
}

void GraphView::setOpen(int block, bool open)
{
    if (block < 0 || isOpen(block) == open)
        return;
    changeOpen(block, [&] { m_open[static_cast<size_t>(block)] = open ? 1 : 0; });
    // Of a frame that is left from far below, the card is above the window.
    if (!open)
        showCard(m_current);
}

void GraphView::changeOpen(int block, const std::function<void()>& change)
{
    const QPointF before = cornerOf(block);
    change();
    openChanged(block);
    m_origin += cornerOf(block) - before;
    viewMoved();
}

void GraphView::openChanged(int block)
{
    QStringList names;
    for (size_t i = 0; i < m_open.size(); ++i)
        if (m_open[i])
            names << m_scene.blocks[i].name;
    m_chosen = std::move(names);
    place();
    if (block >= 0)
        m_current = m_cards.cardOf(m_cards.inside(block).front());
    m_minimap->invalidate();
    update();
    Q_EMIT openBlocksEdited();
}

void GraphView::openAll()
{
    if (m_scene.blocks.empty())
        return;
    changeOpen(std::max(0, blockNamed(blockToOpen())), [&] { std::fill(m_open.begin(), m_open.end(), 1); });
}

void GraphView::closeLevel(const QString& name)
{
    const auto depthOf = [&](int block) {
        int depth = 0;
        for (; block >= 0; block = m_scene.blocks[static_cast<size_t>(block)].parent)
            ++depth;
        return depth;
    };
    const int block = blockNamed(name);
    if (block < 0)
        return;
    const int depth = depthOf(block);
    changeOpen(block, [&] {
        for (size_t i = 0; i < m_open.size(); ++i)
            if (m_open[i] && depthOf(static_cast<int>(i)) >= depth)
                m_open[i] = 0;
    });
    showCard(m_current);
}

QString GraphView::blockToOpen() const
{
    return m_current < 0 || m_menuBlock >= 0 ? QString() : blockName(m_cards.card(m_current).block);
}

QString GraphView::blockToClose() const
{
    return blockName(m_menuBlock >= 0 ? m_menuBlock : m_current < 0 ? -1 : m_cards.frameOf(m_current));
}

void GraphView::reveal(const QString& name)
{
    const int node = m_nodeNamed.value(name, -1);
    if (node < 0 || m_scene.blockOf.empty())
        return;
    bool opened = false;
    for (int block = m_scene.blockOf[static_cast<size_t>(node)]; block >= 0; block = m_scene.blocks[static_cast<size_t>(block)].parent) {
        opened = opened || !isOpen(block);
        m_open[static_cast<size_t>(block)] = 1;
    }
    if (!opened)
        return;
    openChanged(-1);
    m_current = m_cards.cardOf(node);
    clampView();
    Q_EMIT viewChanged();
}

int GraphView::titleAt(const QPointF& scenePoint) const
{
    // The inner ones stand behind.
    for (size_t i = m_frames.size(); i-- > 0;)
        if (m_frames[i].contains(scenePoint) && scenePoint.y() < m_frames[i].top() + static_cast<qreal>(frameHead))
            return static_cast<int>(i);
    return -1;
}

bool GraphView::onChevron(const QRectF& box, const QPointF& scenePoint) const
{
    return CardPainter::chevronOf(box).contains(scenePoint);
}

void GraphView::paintFrames(QPainter& painter, const QRectF& visible) const
{
    const CardPainter cards(font(), m_zoom);
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (size_t i = 0; i < m_frames.size(); ++i)
        if (!m_frames[i].isEmpty() && m_frames[i].intersects(visible))
            cards.paintFrame(painter, m_scene.blocks[i], toDevice(m_frames[i]), static_cast<qreal>(frameHead) * m_zoom);
}

QString GraphView::tipOf(const GraphNode& node) const
{
    QStringList lines{QStringLiteral("<b>%1</b> %2").arg(node.name.toHtmlEscaped(), node.type.toHtmlEscaped()), node.shape};
    for (const QString& text : {node.bits.trimmed(), node.value, node.reason})
        if (!text.isEmpty())
            lines << text.toHtmlEscaped();
    if (!node.worst.isEmpty())
        lines << tr("worst inside: %1").arg(node.worst).toHtmlEscaped();
    for (const QString& check : node.checks)
        lines << check.toHtmlEscaped();
    if (stale(node))
        lines << tr("stale: the settings have changed, run again");
    return lines.join(QStringLiteral("<br>"));
}

}  // namespace qs

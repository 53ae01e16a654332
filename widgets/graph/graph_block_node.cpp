// The card of a closed block.
#include "widgets/graph/graph_cards.h"

#include <QCoreApplication>

#include <algorithm>

namespace qs {

namespace {

QString translated(const char* text)
{
    return QCoreApplication::translate("GraphBlock", text);
}

/// "A8 W8" where all that have bits have the same.
QString commonBits(const std::vector<const GraphNode*>& nodes)
{
    QStringList all;
    for (const GraphNode* node : nodes)
        if (const QString bits = node->bits.trimmed(); !bits.isEmpty() && !all.contains(bits))
            all << bits;
    // A layer without weights has "A8" alone.
    if (all.size() == 2 && (all[0].startsWith(all[1] + QLatin1Char(' ')) || all[1].startsWith(all[0] + QLatin1Char(' '))))
        return std::max(all[0], all[1]);
    return all.size() > 1 ? translated(QT_TRANSLATE_NOOP("GraphBlock", "mixed bits")) : all.isEmpty() ? QStringLiteral(" ") : all.front();
}

NodeState commonState(const std::vector<const GraphNode*>& nodes)
{
    const auto any = [&](NodeState state) {
        return std::any_of(nodes.begin(), nodes.end(), [&](const GraphNode* node) { return node->state == state; });
    };
    return any(NodeState::Quantized)  ? NodeState::Quantized
           : any(NodeState::Disabled) ? NodeState::Disabled
           : any(NodeState::Plain)    ? NodeState::Plain
                                      : NodeState::NotRun;
}

/// The worst figure inside and whose it is; without figures, colours by their share.
void takeFigure(GraphNode& block, const std::vector<const GraphNode*>& nodes)
{
    const GraphNode* worst = nullptr;
    for (const GraphNode* node : nodes)
        if (node->color.isValid() && !node->value.isEmpty() && (!worst || node->wrong > worst->wrong))
            worst = node;
    if (worst) {
        block.color = worst->color;
        block.value = worst->value;
        block.wrong = worst->wrong;
        block.stale = worst->stale;
        block.worst = worst->name;
        return;
    }
    for (const GraphNode* node : nodes)
        if (node->color.isValid())
            block.mix.push_back(node->color);
    std::stable_sort(block.mix.begin(), block.mix.end(), [](const QColor& a, const QColor& b) { return a.rgb() < b.rgb(); });
    if (!block.mix.empty())
        block.color = block.mix.front();
}

}  // namespace

GraphNode blockNode(const GraphScene& scene, int index, const std::vector<int>& inside)
{
    const GraphBlock& block = scene.blocks[static_cast<size_t>(index)];
    std::vector<const GraphNode*> nodes;
    for (const int node : inside)
        nodes.push_back(&scene.nodes[static_cast<size_t>(node)]);
    GraphNode card;
    card.block = true;
    card.name = block.name;
    card.label = block.label;
    card.type = block.kind;
    card.shape = translated(QT_TRANSLATE_NOOP("GraphBlock", "%1 layers")).arg(block.layers);
    card.bits = commonBits(nodes);
    card.state = commonState(nodes);
    constexpr qsizetype mostChecks = 6;
    for (const GraphNode* node : nodes) {
        card.mark = std::max(card.mark, node->mark);
        card.notRun += node->state == NodeState::NotRun ? 1 : 0;
        for (const QString& check : node->checks)
            if (card.checks.size() < mostChecks)
                card.checks << node->name + QStringLiteral(": ") + check;
    }
    if (card.notRun > 0)
        card.shape += QStringLiteral(" · ") + translated(QT_TRANSLATE_NOOP("GraphBlock", "%1 not run")).arg(card.notRun);
    takeFigure(card, nodes);
    return card;
}

}  // namespace qs

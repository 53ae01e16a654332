// What the graph view shows: plain values, made by graph_content.cpp from core's.
#pragma once

#include "widgets/graph/graph_layout.h"

#include <QColor>
#include <QString>
#include <QStringList>

#include <vector>

namespace qs {

enum class NodeState : uint8_t {
    Quantized,  ///< or to be quantized
    Disabled,   ///< quantizable, switched off: outline only
    Plain,      ///< cannot be quantized
    NotRun,     ///< dashed, with the reason
};

struct GraphNode {
    QString name;
    QString type;
    QString shape;       ///< "3×227×227 → 64×113×113"
    QString bits;        ///< "A8 W8"
    QString value;       ///< of the overlay, "cos 0.9987"
    QString reason;      ///< tooltip: why it is not as requested
    QStringList checks;  ///< tooltip: what the target's rules say of it
    int mark = 0;        ///< of the worst of them: 2 cannot be compiled, 1 slow or inexact, 0 none of these
    QStringList fused;   ///< "bn1  BatchNorm": drawn inside the card
    NodeState state = NodeState::Plain;
    QColor color;  ///< of the overlay; invalid: none
    bool stale = false;
    double wrong = 0;         ///< how bad the overlay's figure is, where it has one: of a block the worst is shown
    QString label;            ///< the name without the path of the block around it: of a block always, of a layer where the name is too long
    int notRun = 0;           ///< of a block: layers inside that are not run
    QString worst;            ///< of a block: which layer has the figure
    std::vector<QColor> mix;  ///< of a block where no colour is the worst: by layer inside, a colour's share of the edge
    bool block = false;       ///< a closed block's card
    bool operator==(const GraphNode&) const = default;
};

/// Layers that may be closed to one card (core/ir/blocks.h), of which at least two have a card.
struct GraphBlock {
    QString name;
    QString label;         ///< without the path of the block around it
    QString kind;          ///< in the user's language: "module", "Gelu"
    bool pattern = false;  ///< one function: closed unless somebody opens it
    int parent = -1;       ///< the block around it, which stands before it; -1: none
    int layers = 0;        ///< inside, fused ones too
    bool operator==(const GraphBlock&) const = default;
};

struct GraphScene {
    std::vector<GraphNode> nodes;
    std::vector<LayoutEdge> edges;
    std::vector<GraphBlock> blocks;
    std::vector<int> blockOf;  ///< by node, the innermost; -1: none. Empty without blocks

    /// The same boxes and wires: a layout can be kept.
    bool sameStructure(const GraphScene& other) const;
};

LayoutNode cardSize(const GraphNode& node);

}  // namespace qs

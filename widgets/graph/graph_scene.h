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
    bool operator==(const GraphNode&) const = default;
};

struct GraphScene {
    std::vector<GraphNode> nodes;
    std::vector<LayoutEdge> edges;

    /// The same boxes and wires: a layout can be kept.
    bool sameStructure(const GraphScene& other) const;
};

LayoutNode cardSize(const GraphNode& node);

}  // namespace qs

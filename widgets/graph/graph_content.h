// From layer rows to cards and wires, coloured by an overlay.
#pragma once

#include "core/ir/blocks.h"
#include "widgets/graph/graph_scene.h"
#include "widgets/graph/overlay_legend.h"
#include "widgets/models/layer_rows.h"

namespace qs {

/// BranchDifference: cumulative cosine minus that of the branch beside this one. OneQuantized and OneFloat: what a layer has to do with the error of
/// the network's output, of a sensitivity.
enum class Overlay : uint8_t { CumulativeCosine, LocalCosine, Sqnr, Bits, Type, BranchDifference, OneQuantized, OneFloat };

QString overlayLabel(Overlay overlay);
/// What figure and colour mean; empty where the label says all.
QString overlayDefinition(Overlay overlay);
/// Its figures are a comparison's.
bool ofComparison(Overlay overlay);
/// A layer that is fused stands inside its host's card. With `blocks` of the model they can be closed.
GraphScene graphScene(const Model& model, const LayerRows& rows, Overlay overlay, const Blocks* blocks = nullptr);
/// The cards, by their index in the scene of `before`, of the rows that differ; nullopt where `rows` make other cards and wires than `before`.
std::optional<std::vector<std::pair<int, GraphNode>>> differingNodes(const LayerRows& before, const LayerRows& rows, Overlay overlay);
OverlayLegend::Entries overlayLegend(Overlay overlay, const LayerRows& rows);

}  // namespace qs

// A quantization scheme: which layers a chip's tool quantizes, where the quantizers stand and which grids they have. A target says one
// (core/targets); a configuration points at it, and everything that asks what can be quantized asks there.
#pragma once

#include "core/ir/model.h"
#include "core/quant/params.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qs {

/// What can be quantized of a layer type.
enum class Quantizable : uint8_t {
    No,
    DataOnly,        ///< its inputs or outputs
    WeightsAndData,  ///< and its weights
};

/// Where a quantizer of a layer stands: an input port from 0 on, output k as -1 - k, or the hidden state of a recurrent layer as its next step reads
/// it. Settings and factors of a layer go by these numbers.
constexpr int stateSite = 1 << 16;
constexpr bool isStateSite(int site)
{
    return site == stateSite;
}
constexpr bool isOutputSite(int site)
{
    return site < 0;
}
constexpr bool isInputSite(int site)
{
    return site >= 0 && site < stateSite;
}
constexpr size_t outputOf(int site)
{
    return static_cast<size_t>(-1 - site);
}
/// "input 0", "output 0", "state".
std::string siteText(int site);
/// The value that is quantized there. The states of all steps are output 0 of the layers that may have the site (outputIsState).
inline ValueId valueAt(const Layer& layer, int site)
{
    if (isStateSite(site))
        return layer.outputs.front();
    return isOutputSite(site) ? layer.outputs[outputOf(site)] : layer.inputs[static_cast<size_t>(site)];
}

/// What is done where a bias would leave int32 on scale_w * scale_d.
enum class WideBias : uint8_t {
    RaisesScale,  ///< its channel's scale_w is raised until it fits
    StaysFloat,   ///< the layer is not quantized
};

struct LayerRule {
    const char* op;
    Quantizable quantizable;
    bool enabled;  ///< by default
};

struct QuantScheme {
    std::span<const LayerRule> layers;  ///< an op that is not listed is not quantized
    /// Of a listed op: inputs, outputs, the state (where outputIsState, core/ops/weight_channels.h); null: every input that carries activations.
    std::vector<int> (*sites)(const Model& model, LayerId);
    bool (*channelWise)(std::string_view op);  ///< whether weights may have a scale for each output channel (defaultSetting: who has)
    std::span<const int> activationWidths;
    std::span<const int> weightWidths;  ///< of uniform weights
    bool codebooks;                     ///< whether weights may have 16 levels of their own (SNQ)
    GridForm activations;
    GridForm weights;
    bool joinsScales;     ///< the inputs of a Concat or Eltwise share one scale
    bool takesFloatBias;  ///< a bias may stay in float where the weights are integers
    WideBias wideBias = WideBias::RaisesScale;
    bool symmetric = false;  ///< activations have no zero point

    /// Null for an op that is not listed.
    const LayerRule* rule(std::string_view op) const;
};

/// That of the target that holds where nobody says otherwise (core/targets).
const QuantScheme& standardScheme();

/// Quantizable::No for an op that is not listed, a layer that does not run, one with integer weights, one that reads no activations, and one without
/// sites and weights.
Quantizable layerQuantizable(const Model& model, LayerId id, const QuantScheme& scheme = standardScheme());
/// The sites of a layer, inputs first; none for ops that are not listed.
std::vector<int> quantizableSites(const Model& model, LayerId id, const QuantScheme& scheme = standardScheme());
/// "weights and data", "data, off by default", "no"...
std::string quantizableText(std::string_view op, const QuantScheme& scheme = standardScheme());
/// The widths of weights that can be chosen: uniform ones, then that of codebooks where the scheme has them.
std::vector<int> weightWidthsOffered(const QuantScheme& scheme);
/// The width itself where it is one of them, else the next larger one, or the largest.
int nearestWidth(int bits, std::span<const int> widths);
/// "[8, 16]", or "{8}" for one: which of them a chip takes is for its rules (core/targets) to say.
std::string widthsText(std::span<const int> widths);

}  // namespace qs

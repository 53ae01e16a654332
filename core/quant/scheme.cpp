#include "core/quant/scheme.h"

#include "core/ops/op.h"

#include <algorithm>

namespace qs {

const LayerRule* QuantScheme::rule(std::string_view op) const
{
    const auto found = std::find_if(layers.begin(), layers.end(), [op](const LayerRule& rule) { return op == rule.op; });
    return found == layers.end() ? nullptr : &*found;
}

std::string siteText(int site)
{
    if (isStateSite(site))
        return "state";
    return isOutputSite(site) ? "output " + std::to_string(outputOf(site)) : "input " + std::to_string(site);
}

std::vector<int> quantizableSites(const Model& model, LayerId id, const QuantScheme& scheme)
{
    const LayerRule* rule = scheme.rule(model.layer(id).op);
    if (!rule || rule->quantizable == Quantizable::No)
        return {};
    return scheme.sites ? scheme.sites(model, id) : activationPorts(model, id);
}

Quantizable layerQuantizable(const Model& model, LayerId id, const QuantScheme& scheme)
{
    const Layer& layer = model.layer(id);
    // A deploy model's integer layers are quantized already.
    const bool integers = !layer.weights.empty() && layer.weights.front() && layer.weights.front()->dtype() != DType::F32;
    const LayerRule* rule = scheme.rule(layer.op);
    if (!rule || integers || !layer.notRunnable.empty() || activationPorts(model, id).empty())
        return Quantizable::No;
    // Of a layer whose output goes on into another one that is quantized, the weights may be all.
    if (rule->quantizable == Quantizable::DataOnly && quantizableSites(model, id, scheme).empty())
        return Quantizable::No;
    return rule->quantizable;
}

std::string quantizableText(std::string_view op, const QuantScheme& scheme)
{
    const LayerRule* rule = scheme.rule(op);
    if (!rule || rule->quantizable == Quantizable::No)
        return "no";
    const std::string what = rule->quantizable == Quantizable::WeightsAndData ? "weights and data" : "data";
    return rule->enabled ? what : what + ", off by default";
}

std::vector<int> weightWidthsOffered(const QuantScheme& scheme)
{
    constexpr int codebookBits = 4;
    std::vector<int> widths(scheme.weightWidths.begin(), scheme.weightWidths.end());
    if (scheme.codebooks && std::find(widths.begin(), widths.end(), codebookBits) == widths.end())
        widths.push_back(codebookBits);
    return widths;
}

int nearestWidth(int bits, std::span<const int> widths)
{
    const auto found = std::lower_bound(widths.begin(), widths.end(), bits);
    return found == widths.end() ? widths.back() : *found;
}

std::string widthsText(std::span<const int> widths)
{
    if (widths.size() == 1)
        return "{" + std::to_string(widths.front()) + "}";
    return "[" + std::to_string(widths.front()) + ", " + std::to_string(widths.back()) + "]";
}

}  // namespace qs

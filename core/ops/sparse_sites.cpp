#include "core/ops/sparse_sites.h"

#include <algorithm>

namespace qs {

namespace {

/// The sites that a SparseRules layer reads, and their grid.
SparseSites readBy(const Layer& rules)
{
    return {rules.inputs.front(), rules.attributes.integers("spatialShape")};
}

/// Of a convolution's rules.
std::optional<SparseSites> sitesBehind(const Model& model, ValueId rules)
{
    const LayerId producer = model.value(rules).producer;
    if (producer == noId)
        return std::nullopt;
    const Layer& layer = model.layer(producer);
    if (layer.op == "SparseRules")
        return layer.attributes.flag("subm", false) ? readBy(layer) : SparseSites{layer.outputs.front(), sidesBehind(layer)};
    if (layer.op != "SparseInverseRules")
        return std::nullopt;
    // Back to what the rules that it turns around have read.
    const LayerId forward = model.value(layer.inputs.front()).producer;
    return forward == noId || model.layer(forward).op != "SparseRules" ? std::nullopt : std::optional(readBy(model.layer(forward)));
}

/// Of an input: what the rules of a convolution that reads it read.
std::optional<SparseSites> sitesOfInput(const Model& model, ValueId features)
{
    for (const LayerId reader : model.value(features).consumers) {
        const Layer& layer = model.layer(reader);
        const LayerId rules = layer.op == "SparseConvolution" ? model.value(layer.inputs[1]).producer : noId;
        if (rules != noId && model.layer(rules).op == "SparseRules")
            return readBy(model.layer(rules));
    }
    return std::nullopt;
}

}  // namespace

bool areSites(const Model& model, ValueId value)
{
    const auto& readers = model.value(value).consumers;
    return std::any_of(readers.begin(), readers.end(), [&](LayerId reader) {
        const Layer& layer = model.layer(reader);
        return (layer.op == "SparseRules" && layer.inputs[0] == value) || (layer.op == "ScatterDense" && layer.inputs[1] == value);
    });
}

std::vector<int64_t> sidesBehind(const Layer& rules)
{
    std::vector<int64_t> sides = rules.attributes.integers("spatialShape");
    if (rules.attributes.flag("subm", false))
        return sides;
    const std::vector<int64_t> ones(sides.size(), 1);
    const std::vector<int64_t> kernel = rules.attributes.integers("kernel", ones);
    const std::vector<int64_t> stride = rules.attributes.integers("stride", ones);
    const std::vector<int64_t> dilation = rules.attributes.integers("dilation", ones);
    const std::vector<int64_t> pad = rules.attributes.integers("pad", std::vector<int64_t>(sides.size(), 0));
    for (size_t side = 0; side < sides.size(); ++side) {
        const int64_t room = sides[side] + 2 * pad[side] - dilation[side] * (kernel[side] - 1) - 1;
        sides[side] = room < 0 ? 0 : room / stride[side] + 1;
    }
    return sides;
}

std::optional<SparseSites> sparseSites(const Model& model, ValueId features)
{
    // Layers that work on features alone hand the sites on.
    for (ValueId value = features; model.value(value).shape.size() == 2;) {
        const LayerId producer = model.value(value).producer;
        if (producer == noId)
            return std::nullopt;
        const Layer& layer = model.layer(producer);
        if (layer.op == "SparseConvolution")
            return sitesBehind(model, layer.inputs[1]);
        if (layer.op == "SparseRules" || layer.op == "SparseInverseRules")
            return std::nullopt;
        if (layer.op == "Input" || layer.inputs.empty())
            return sitesOfInput(model, value);
        value = layer.inputs.front();
    }
    return std::nullopt;
}

}  // namespace qs

#include "core/jobs/cost.h"

#include "core/ops/op.h"

#include <algorithm>

namespace qs {

namespace {

/// Multiply-accumulates, or the elements written where a layer has none: switching off a pooling is cheap, not free.
double operationsOf(const Model& model, LayerId id)
{
    if (const int64_t macs = layerMacs(model, id); macs > 0)
        return static_cast<double>(macs);
    if (model.layer(id).outputs.empty())
        return 0;
    return static_cast<double>(elementCount(model.value(model.layer(id).outputs.front()).shape) / declaredBatch(model));
}

}  // namespace

QuantizationCost quantizationCost(const PreparedNetwork& base, const QuantizedNetwork& quantized, bool byWeights)
{
    QuantizationCost cost;
    const Model& network = *base.network;
    double all = 0;
    double done = 0;
    for (const LayerId id : network.layerIds()) {
        const Effective& effective = quantized.effective[base.originalLayer[id]];
        const auto parameters = static_cast<double>(network.parameterCount(id));
        const double bits = effective.weightBits != 0 ? effective.weightBits : 32;
        cost.weightBytes += parameters * bits / 8;
        if (!base.effectiveOf(id).quantized)
            continue;
        const double size = byWeights ? parameters : operationsOf(network, id);
        all += size;
        if (!effective.quantized)
            continue;
        int widest = 8;
        for (const EffectiveInput& input : effective.inputs)
            widest = std::max(widest, input.bits);
        done += size * 8 / widest;
    }
    cost.share = all > 0 ? done / all : 1;
    return cost;
}

}  // namespace qs

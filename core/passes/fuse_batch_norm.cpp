#include "core/ops/weight_channels.h"
#include "core/passes/affine.h"
#include "core/passes/pass.h"

namespace qs {

namespace {

bool isHost(const Layer& layer)
{
    return multipliesByWeights(layer.op) && !layer.weights.empty() && layer.weights[0] && layer.weights[0]->dtype() == DType::F32 &&
           layer.inputs.size() == 1 && layer.outputs.size() == 1;
}

bool isConvolution(const Layer& layer)
{
    return layer.op == "Convolution" && isHost(layer);
}

}  // namespace

Result<Fused> fuseBatchNorm(const Model& model, const std::vector<std::string>& skip)
{
    const std::set<std::string> skipped(skip.begin(), skip.end());
    ModelBuilder builder(model);
    Fused fused;
    for (LayerId id = 0; id < static_cast<LayerId>(model.layers().size()); ++id) {
        const Layer& host = model.layer(id);
        if (!isHost(host) || skipped.contains(host.name))
            continue;
        for (const LayerId folded : foldChain(builder, model, id, onlyReader(model, host.outputs.front()), skipped))
            fused.hosts[model.layer(folded).name] = host.name;
    }
    QS_TRY(fused.model, std::move(builder).build());
    return fused;
}

Result<Fused> fuseBatchNormBefore(const Model& model, const std::vector<std::string>& skip)
{
    const std::set<std::string> skipped(skip.begin(), skip.end());
    ModelBuilder builder(model);
    Fused fused;
    for (LayerId id = 0; id < static_cast<LayerId>(model.layers().size()); ++id) {
        const Layer& first = model.layer(id);
        if (first.op != "BatchNorm" || first.inputs.size() != 1 || first.outputs.size() != 1)
            continue;
        const std::vector<LayerId> chain = affineChain(model, id, skipped);
        const LayerId host = chain.empty() ? noId : onlyReader(model, model.layer(chain.back()).outputs.front());
        if (host == noId || !isConvolution(model.layer(host)) || skipped.contains(model.layer(host).name) || !foldBefore(builder, model, host, chain))
            continue;
        for (const LayerId folded : chain)
            fused.hosts[model.layer(folded).name] = model.layer(host).name;
    }
    QS_TRY(fused.model, std::move(builder).build());
    return fused;
}

}  // namespace qs

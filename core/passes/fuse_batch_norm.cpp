#include "core/passes/affine.h"
#include "core/passes/pass.h"

namespace qs {

Result<Fused> fuseBatchNorm(const Model& model, const std::vector<std::string>& skip)
{
    const std::set<std::string> skipped(skip.begin(), skip.end());
    ModelBuilder builder(model);
    Fused fused;
    for (const LayerId id : model.layerIds()) {
        const Layer& host = model.layer(id);
        if (!isFoldable(host) || skipped.contains(host.name))
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
    for (const LayerId id : model.layerIds()) {
        const Layer& first = model.layer(id);
        if (first.op != "BatchNorm" || first.inputs.size() != 1)
            continue;
        LayerId host = noId;
        for (const LayerId folded : foldBefore(builder, model, id, skipped, host))
            fused.hosts[model.layer(folded).name] = model.layer(host).name;
    }
    QS_TRY(fused.model, std::move(builder).build());
    return fused;
}

}  // namespace qs

#include "core/ir/builder.h"
#include "core/passes/affine.h"
#include "core/passes/pass.h"

namespace qs {

namespace {

/// A depthwise convolution with a window of one pixel that changes nothing.
void becomeIdentity(Layer& layer, int64_t channels, size_t sides)
{
    const std::vector<int64_t> one(sides, 1);
    Shape shape{channels, 1};
    shape.insert(shape.end(), one.begin(), one.end());
    auto weight = std::make_shared<Buffer>(DType::F32, shape);
    std::fill(weight->floats().begin(), weight->floats().end(), 1.0F);
    layer.op = layer.type = "DepthwiseConv";
    layer.source = -1;
    layer.attributes = {};
    layer.attributes.set("outputs", channels);
    layer.attributes.set("group", channels);
    layer.attributes.set("kernel", one);
    layer.attributes.set("stride", one);
    layer.attributes.set("pad", std::vector<int64_t>(2 * sides));
    layer.attributes.set("dilation", one);
    layer.weights = {std::move(weight)};
}

}  // namespace

Result<Fused> accelerateBatchNorm(const Model& model, const std::set<std::string>& enabled)
{
    ModelBuilder builder(model);
    Fused fused;
    for (const LayerId id : model.layerIds()) {
        const Layer& head = model.layer(id);
        if (!enabled.contains(head.name) || fused.hosts.contains(head.name) || affineRank(head.op) == 0 || head.inputs.size() != 1)
            continue;
        const Value& input = model.value(head.inputs.front());
        if (!input.shaped || input.shape.size() < 3 || input.shape.size() > 5)
            continue;
        const Layer before = builder.layer(id);
        becomeIdentity(builder.layer(id), input.shape[1], input.shape.size() - 2);
        const std::vector<LayerId> folded = foldChain(builder, model, id, id, {});
        if (folded.empty()) {
            builder.layer(id) = before;
            continue;
        }
        for (const LayerId layer : folded)
            if (layer != id)
                fused.hosts[model.layer(layer).name] = head.name;
    }
    QS_TRY(fused.model, std::move(builder).build());
    return fused;
}

}  // namespace qs

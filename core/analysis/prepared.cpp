#include "core/analysis/prepared.h"

#include "core/ops/op.h"
#include "core/passes/pass.h"

namespace qs {

namespace {

Effective decide(const Model& model, LayerId id, const Configuration& configuration, const std::map<std::string, std::string>& hosts)
{
    const Layer& layer = model.layer(id);
    Effective effective;
    const auto reason = [&](Reason code, std::string detail = {}) {
        effective.reason = code;
        effective.reasonDetail = std::move(detail);
        return effective;
    };
    const auto entry = configuration.layers.find(layer.name);
    if (const auto host = hosts.find(layer.name); host != hosts.end()) {
        effective.reasonLayer = host->second;
        return reason(Reason::FusedInto);
    }
    if (!layer.notRunnable.empty())
        return reason(Reason::NotRunnable, layer.notRunnable);
    const Quantizable quantizable = layerQuantizable(model, id);
    if (quantizable == Quantizable::No)
        return reason(Reason::TypeNotQuantizable);
    if (entry == configuration.layers.end())
        return reason(Reason::NotConfigured);
    const LayerSetting& setting = entry->second;
    if (!setting.quantEnable)
        return effective;  // as requested
    if (quantizable == Quantizable::WeightsAndData) {
        const WeightSetting weights = setting.weights.value_or(WeightSetting{});
        effective.weightBits = weights.bits;
        effective.channelWise = weights.channelWise && channelWiseAllowed(layer.op);
        effective.algorithm = weights.algorithm;
    }
    effective.quantized = true;
    const std::vector<int> ports = quantizablePorts(model, id);
    for (size_t i = 0; i < ports.size(); ++i) {
        const ActivationSetting& activation = setting.activation(i);
        effective.inputs.push_back({.port = ports[i],
                                    .bits = activation.bits,
                                    .withOffset = activation.withOffset.value_or(configuration.activationOffset),
                                    .byHand = activation.clip.has_value()});
    }
    return effective;
}

/// The manual: "the first and the last layer are to be set to uniform quantization" beside SNQ.
void warnOfSnq(PreparedNetwork& prepared)
{
    std::vector<size_t> weighted;
    for (size_t id = 0; id < prepared.effective.size(); ++id)
        if (prepared.effective[id].weightBits != 0)
            weighted.push_back(id);
    const auto warn = [&](size_t id, const char* place) {
        if (prepared.effective[id].algorithm == "snq_quantize")
            prepared.notes.push_back("layer '" + prepared.original->layers()[id].name + "' is the " + place +
                                     " with weights: the manual keeps it on arq_quantize, 4 bits cost much accuracy there");
    };
    if (!weighted.empty())
        warn(weighted.front(), "first");
    if (weighted.size() > 1)
        warn(weighted.back(), "last");
}

}  // namespace

std::string reasonText(const Effective& effective)
{
    switch (effective.reason) {
        case Reason::None:
            return {};
        case Reason::FusedInto:
            return "fused into " + effective.reasonLayer;
        case Reason::NotConfigured:
            return "not listed in the configuration";
        case Reason::TypeNotQuantizable:
            return "type not quantizable";
        case Reason::NotRunnable:
            return "not run: " + effective.reasonDetail;
        case Reason::NoFactors:
            return "no quantization factors" + (effective.reasonDetail.empty() ? std::string() : ": " + effective.reasonDetail);
        case Reason::IllegalScale:
            return "illegal scale: " + effective.reasonDetail;
    }
    return {};
}

Result<std::shared_ptr<const PreparedNetwork>> prepareNetwork(std::shared_ptr<const Model> model, const Configuration& configuration)
{
    QS_CHECK(checkConfiguration(*model, configuration));
    auto prepared = std::make_shared<PreparedNetwork>();
    prepared->original = model;
    prepared->network = model;
    prepared->configuration = configuration;
    if (configuration.updateBn.value_or(false))
        prepared->notes.emplace_back("update_bn is not in this version: the statistics of BatchNorm layers stay as they are");
    if (configuration.jointQuant.value_or(false))
        prepared->notes.emplace_back("joint_quant is kept in the file and has no effect: the manual does not say what it does");
    std::map<std::string, std::string> hosts;
    if (configuration.doFusion) {
        QS_TRY(Fused fused, fuseBatchNorm(*model, configuration.skipFusionLayers));
        if (!fused.hosts.empty())
            prepared->network = std::move(fused.model);
        hosts = std::move(fused.hosts);
    }
    std::map<std::string, LayerId> byName;
    for (size_t id = 0; id < prepared->network->layers().size(); ++id)
        byName.emplace(prepared->network->layers()[id].name, static_cast<LayerId>(id));
    prepared->originalLayer.assign(prepared->network->layers().size(), noId);
    for (LayerId id = 0; id < static_cast<LayerId>(model->layers().size()); ++id) {
        const std::string& name = model->layer(id).name;
        prepared->effective.push_back(decide(*model, id, configuration, hosts));
        const auto host = hosts.find(name);
        const auto found = byName.find(host == hosts.end() ? name : host->second);
        prepared->networkLayer.push_back(found == byName.end() ? noId : found->second);
        if (host == hosts.end() && found != byName.end())
            prepared->originalLayer[static_cast<size_t>(found->second)] = id;
    }
    warnOfSnq(*prepared);
    return std::shared_ptr<const PreparedNetwork>(std::move(prepared));
}

}  // namespace qs

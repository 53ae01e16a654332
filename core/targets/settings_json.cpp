#include "core/targets/settings_json.h"

#include "core/prepare/refinements.h"
#include "core/targets/forms.h"

#include <cmath>

namespace qs {

Json requestedJson(const Configuration& configuration, const std::string& layer)
{
    const auto found = configuration.layers.find(layer);
    Json json = Json::object();
    if (found == configuration.layers.end())
        return json;
    const LayerSetting& setting = found->second;
    json["quantEnable"] = setting.quantEnable;
    json["activations"] = Json::array();
    for (const ActivationSetting& activation : setting.activations) {
        Json entry;
        entry["bits"] = activation.bits;
        entry["withOffset"] = activation.withOffset.value_or(configuration.activationOffset);
        entry["calibrator"] = activation.algorithm;
        if (activation.clip)
            entry["clip"] = {jsonNumber(activation.clip->first), jsonNumber(activation.clip->second)};
        json["activations"].push_back(std::move(entry));
    }
    if (setting.weights) {
        json["weightBits"] = setting.weights->bits;
        json["algorithm"] = standardForms().words(setting.weights->algorithm);
        json["channelWise"] = setting.weights->channelWise;
        for (const Refinement& refinement : refinements())
            json[refinement.name] = (*setting.weights).*refinement.flag;
    }
    return json;
}

Json effectiveJson(const Effective& effective)
{
    Json json;
    json["quantized"] = effective.quantized;
    if (!effective.equalizedWith.empty())
        json["equalizedWith"] = effective.equalizedWith;
    if (!effective.quantized)
        return json;
    json["inputs"] = Json::array();
    for (const EffectiveInput& input : effective.inputs)
        json["inputs"].push_back(Json{{"index", input.port},
                                      {"bits", input.bits},
                                      {"withOffset", input.withOffset},
                                      {"calibrator", input.algorithm},
                                      {"byHand", input.byHand}});
    if (effective.weightBits != 0) {
        json["weightBits"] = effective.weightBits;
        json["algorithm"] = standardForms().words(effective.algorithm);
        json["channelWise"] = effective.channelWise;
        for (const Refinement& refinement : refinements())
            if (refinement.entered)
                json[refinement.name] = effective.*refinement.entered;
    }
    return json;
}

Json metricsJson(const Metrics& metrics)
{
    Json json;
    json["cosine"] = metrics.cosine;
    json["cosineWorst"] = metrics.cosineWorst;
    // JSON has no infinity: equal values are null, as the definition says.
    json["sqnrDb"] = std::isfinite(metrics.sqnrDb) ? Json(metrics.sqnrDb) : Json(nullptr);
    json["mse"] = metrics.mse;
    json["maxAbs"] = metrics.maxAbs;
    json["relL2"] = metrics.relL2;
    return json;
}

}  // namespace qs

#include "core/quant/configuration.h"

#include "core/base/text.h"
#include "core/ops/op.h"

#include <algorithm>

namespace qs {

namespace {

Error outOfRange(const std::string& layer, const std::string& key, const std::string& value, const std::string& range)
{
    return {ErrorCode::OutOfRange, value + " is not in " + range, "layer '" + layer + "', key '" + key + "'"};
}

Result<void> checkActivation(const std::string& layer, const ActivationSetting& setting)
{
    if (setting.bits < 8 || setting.bits > 16)
        return outOfRange(layer, "activation_quant_params.num_bits", std::to_string(setting.bits), "[8, 16]");
    if (!(setting.maxPercentile > 0.5 && setting.maxPercentile <= 1))
        return outOfRange(layer, "activation_quant_params.max_percentile", numberText(setting.maxPercentile), "(0.5, 1]");
    if (!(setting.minPercentile > 0.5 && setting.minPercentile <= 1))
        return outOfRange(layer, "activation_quant_params.min_percentile", numberText(setting.minPercentile), "(0.5, 1]");
    if (!(setting.searchStart > 0 && setting.searchStart < setting.searchEnd && setting.searchEnd <= 1e6))
        return outOfRange(layer, "activation_quant_params.search_range",
                          "[" + numberText(setting.searchStart) + ", " + numberText(setting.searchEnd) + "]",
                          "0 < search_range_start < search_range_end");
    const double width = setting.searchEnd - setting.searchStart;
    // The step may equal the range; decimal fractions do not subtract exactly.
    if (!(setting.searchStep > 0 && setting.searchStep <= width * (1 + 1e-9)))
        return outOfRange(layer, "activation_quant_params.search_step", numberText(setting.searchStep), "(0, " + numberText(width) + "]");
    constexpr double mostCandidates = 1e5;
    if (width / setting.searchStep > mostCandidates)
        return outOfRange(layer, "activation_quant_params.search_step", numberText(setting.searchStep), "at most 100000 search iterations");
    if (setting.clip && !(setting.clip->first <= 0 && setting.clip->second >= 0 && setting.clip->first < setting.clip->second))
        return outOfRange(layer, "clip", "[" + numberText(setting.clip->first) + ", " + numberText(setting.clip->second) + "]",
                          "min <= 0 <= max, min < max");
    return {};
}

Result<void> checkWeights(const std::string& layer, const std::string& op, const WeightSetting& setting)
{
    const bool uniform = setting.algorithm == "arq_quantize";
    if (!uniform && setting.algorithm != "snq_quantize")
        return outOfRange(layer, "weight_quant_params.wts_algo", "'" + setting.algorithm + "'", "{arq_quantize, snq_quantize}");
    if (setting.bits != (uniform ? 8 : 4))
        return outOfRange(layer, "weight_quant_params.num_bits", std::to_string(setting.bits),
                          uniform ? "{8} for arq_quantize" : "{4} for snq_quantize");
    if (setting.channelWise && !channelWiseAllowed(op))
        return outOfRange(layer, "weight_quant_params.channel_wise", "true", "{false}: " + op + " has no channels");
    if (setting.maxIteration && (*setting.maxIteration < 500 || *setting.maxIteration > 2000))
        return outOfRange(layer, "weight_quant_params.max_iteration", std::to_string(*setting.maxIteration), "[500, 2000]");
    if (setting.minDistance && !(*setting.minDistance >= 1e-10 && *setting.minDistance <= 1e-3))
        return outOfRange(layer, "weight_quant_params.min_distance", numberText(*setting.minDistance), "[1e-10, 1e-3]");
    if (setting.initAlgorithm && *setting.initAlgorithm != "uniform" && *setting.initAlgorithm != "gaussian" &&
        *setting.initAlgorithm != "d2sampling")
        return outOfRange(layer, "weight_quant_params.init_algo", "'" + *setting.initAlgorithm + "'", "{uniform, gaussian, d2sampling}");
    return {};
}

}  // namespace

std::optional<LayerSetting> defaultSetting(const Model& model, LayerId id)
{
    const Layer& layer = model.layer(id);
    const Quantizable quantizable = layerQuantizable(model, id);
    if (quantizable == Quantizable::No)
        return std::nullopt;
    LayerSetting setting;
    setting.quantEnable = findOp(layer.op)->defaultEnable;
    if (quantizable == Quantizable::WeightsAndData) {
        setting.weights = WeightSetting{};
        setting.weights->channelWise = channelWiseAllowed(layer.op);
    }
    return setting;
}

Configuration createQuantConfig(const Model& model, int batchNum, bool activationOffset)
{
    Configuration configuration;
    configuration.batchNum = batchNum;
    configuration.activationOffset = activationOffset;
    for (LayerId id = 0; id < static_cast<LayerId>(model.layers().size()); ++id)
        if (auto setting = defaultSetting(model, id))
            configuration.layers.emplace(model.layer(id).name, std::move(*setting));
    return configuration;
}

Result<void> checkLayerSetting(const Model& model, LayerId id, const LayerSetting& setting)
{
    const Layer& layer = model.layer(id);
    const Quantizable quantizable = layerQuantizable(model, id);
    if (quantizable == Quantizable::No)
        return Error{ErrorCode::OutOfRange, "the type " + layer.type + " cannot be quantized", "layer '" + layer.name + "'"};
    const size_t ports = quantizablePorts(model, id).size();
    if (setting.activations.empty() || (setting.activations.size() > 1 && setting.activations.size() != ports))
        return outOfRange(layer.name, "activation_quant_params", std::to_string(setting.activations.size()) + " entries",
                          "{1, " + std::to_string(ports) + "} (one for all inputs, or one an input)");
    for (const ActivationSetting& activation : setting.activations)
        QS_CHECK(checkActivation(layer.name, activation));
    if (setting.weights && quantizable != Quantizable::WeightsAndData)
        return Error{ErrorCode::OutOfRange, "the type " + layer.type + " has no weights to quantize",
                     "layer '" + layer.name + "', key 'weight_quant_params'"};
    if (setting.weights)
        QS_CHECK(checkWeights(layer.name, layer.op, *setting.weights));
    return {};
}

Result<void> checkConfiguration(const Model& model, const Configuration& configuration)
{
    if (configuration.version != 1)
        return Error{ErrorCode::OutOfRange, std::to_string(configuration.version) + " is not in {1}", "key 'version'"};
    if (configuration.batchNum <= 0)
        return Error{ErrorCode::OutOfRange, std::to_string(configuration.batchNum) + " is not greater than 0", "key 'batch_num'"};
    if (configuration.bnUpdate) {
        const BnUpdateSetting& update = *configuration.bnUpdate;
        if (!(update.movingAverageFraction > 0 && update.movingAverageFraction < 1))
            return Error{ErrorCode::OutOfRange, numberText(update.movingAverageFraction) + " is not in (0, 1)",
                         "key 'bn_update_config.bn_moving_average_fraction'"};
        if (update.iterations <= 0 || update.iterations >= 1000)
            return Error{ErrorCode::OutOfRange, std::to_string(update.iterations) + " is not in (0, 1000)",
                         "key 'bn_update_config.bn_update_iterations'"};
    }
    const auto unknown = [&](const std::string& name, const std::string& key) {
        std::vector<std::string> names;
        for (const Layer& layer : model.layers())
            names.push_back(layer.name);
        const std::string near = nearestWord(name, names);
        return Error{ErrorCode::UnknownLayer, "'" + name + "'" + (near.empty() ? "" : " (did you mean '" + near + "'?)"), key};
    };
    for (const std::string& name : configuration.skipFusionLayers)
        if (model.findLayer(name) == noId)
            return unknown(name, "key 'skip_fusion_layers'");
    for (const auto& [name, setting] : configuration.layers) {
        const LayerId id = model.findLayer(name);
        if (id == noId)
            return unknown(name, "configuration");
        // A layer that cannot run keeps its entry: it is reported as effective, not refused.
        if (!model.layer(id).notRunnable.empty())
            continue;
        QS_CHECK(checkLayerSetting(model, id, setting));
    }
    return {};
}

}  // namespace qs

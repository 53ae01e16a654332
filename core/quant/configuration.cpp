#include "core/quant/configuration.h"

#include "core/base/text.h"
#include "core/ops/op.h"
#include "core/quant/fields.h"

#include <algorithm>

namespace qs {

namespace {

Error outOfRange(const std::string& layer, const std::string& key, const std::string& value, const std::string& range)
{
    return {ErrorCode::OutOfRange, value + " is not in " + range, "layer '" + layer + "', key '" + key + "'"};
}

Error outOfRange(const std::string& layer, const Violation& violation)
{
    return outOfRange(layer, violation.key, violation.value, violation.range);
}

}  // namespace

std::optional<LayerSetting> defaultSetting(const Model& model, LayerId id, const QuantScheme& scheme)
{
    const Layer& layer = model.layer(id);
    const Quantizable quantizable = layerQuantizable(model, id, scheme);
    if (quantizable == Quantizable::No)
        return std::nullopt;
    LayerSetting setting;
    setting.quantEnable = scheme.rule(layer.op)->enabled;
    if (quantizable == Quantizable::WeightsAndData) {
        setting.weights = WeightSetting{};
        // An InnerProduct has one scale everywhere until somebody asks for more.
        setting.weights->channelWise = hasOutputChannels(layer.op) && scheme.channelWise(layer.op);
        setting.weights->bits = nearestWidth(setting.weights->bits, scheme.weightWidths);
    }
    setting.activations.front().bits = nearestWidth(setting.activations.front().bits, scheme.activationWidths);
    return setting;
}

bool sameSettings(const Configuration& a, const Configuration& b)
{
    if (&a == &b)
        return true;
    // The target is swapped for an equal one: nothing else is copied twice.
    if (a.target == b.target)
        return a == b;
    Configuration other = b;
    other.target = a.target;
    return a == other;
}

Result<void> checkNotQuantized(const Model& model)
{
    for (const Layer& layer : model.layers()) {
        const bool integers = !layer.weights.empty() && layer.weights.front() && layer.weights.front()->dtype() != DType::F32;
        if (integers || layer.op == "Quant" || layer.op == "AntiQuant" || layer.op == "DeQuant")
            return Error{ErrorCode::AlreadyQuantized, "it holds a quantization layer or integer weights",
                         "layer '" + layer.name + "' (" + layer.type + ")"};
    }
    return {};
}

Configuration createQuantConfig(const Model& model, int batchNum, bool activationOffset, const QuantScheme& scheme)
{
    Configuration configuration;
    configuration.scheme = &scheme;
    configuration.batchNum = batchNum;
    configuration.activationOffset = activationOffset;
    if (!checkNotQuantized(model).ok())
        return configuration;
    for (const LayerId id : model.layerIds())
        if (auto setting = defaultSetting(model, id, scheme))
            configuration.layers.emplace(model.layer(id).name, std::move(*setting));
    return configuration;
}

Result<void> checkLayerSetting(const Model& model, LayerId id, const LayerSetting& setting, const QuantScheme& scheme, Wording words)
{
    const Layer& layer = model.layer(id);
    const Quantizable quantizable = layerQuantizable(model, id, scheme);
    if (quantizable == Quantizable::No)
        return Error{ErrorCode::OutOfRange, "the type " + layer.type + " cannot be quantized", "layer '" + layer.name + "'"};
    const size_t ports = quantizableSites(model, id, scheme).size();
    // What is switched off is judged by its ranges, not by what the layer's type takes (the manual: its parameters have no effect).
    const bool judged = setting.quantEnable;
    if (setting.activations.empty() || (judged && setting.activations.size() > 1 && setting.activations.size() != ports))
        return outOfRange(layer.name, words(field::activation.name), std::to_string(setting.activations.size()) + " entries",
                          "{1, " + std::to_string(ports) + "} (one for all inputs, or one an input)");
    for (const ActivationSetting& activation : setting.activations) {
        if (const auto violation = findViolation(activation, scheme, words))
            return outOfRange(layer.name, *violation);
        if (const auto& clip = activation.clip; clip && !(clip->first <= 0 && clip->second >= 0 && clip->first < clip->second))
            return outOfRange(layer.name, words(field::clip.name), "[" + numberText(clip->first) + ", " + numberText(clip->second) + "]",
                              field::clip.range);
    }
    if (judged && setting.weights && quantizable != Quantizable::WeightsAndData)
        return Error{ErrorCode::OutOfRange, "the type " + layer.type + " has no weights to quantize",
                     "layer '" + layer.name + "', key '" + words(field::weight.name) + "'"};
    if (setting.weights)
        if (const auto violation = findViolation(*setting.weights, judged ? layer.op : "Convolution", scheme, words))
            return outOfRange(layer.name, *violation);
    return {};
}

Result<void> checkConfiguration(const Model& model, const Configuration& configuration, Wording words)
{
    if (const auto violation = findViolation(configuration, words))
        return Error{ErrorCode::OutOfRange, violation->value + " is not in " + violation->range, "key '" + violation->key + "'"};
    const auto enabled = [](const auto& entry) { return entry.second.quantEnable; };
    if (std::any_of(configuration.layers.begin(), configuration.layers.end(), enabled))
        QS_CHECK(checkNotQuantized(model));
    const auto unknown = [&](const std::string& name, const std::string& key) {
        std::vector<std::string> names;
        for (const Layer& layer : model.layers())
            names.push_back(layer.name);
        const std::string near = nearestWord(name, names);
        return Error{ErrorCode::UnknownLayer, "'" + name + "'" + (near.empty() ? "" : " (did you mean '" + near + "'?)"), key};
    };
    for (const std::string& name : configuration.skipFusionLayers)
        if (model.findLayer(name) == noId)
            return unknown(name, "key '" + words(field::skipFusionLayers.name) + "'");
    for (const auto& [name, setting] : configuration.layers) {
        const LayerId id = model.findLayer(name);
        if (id == noId)
            return unknown(name, "configuration");
        // A layer that cannot run keeps its entry: it is reported as effective, not refused.
        if (!model.layer(id).notRunnable.empty())
            continue;
        QS_CHECK(checkLayerSetting(model, id, setting, *configuration.scheme, words));
    }
    return {};
}

}  // namespace qs

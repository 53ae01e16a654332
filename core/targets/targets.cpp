#include "core/targets/amct/export.h"
#include "core/targets/amct/forms.h"
#include "core/targets/amct/rules.h"
#include "core/targets/amct/scheme.h"
#include "core/targets/onnxruntime/onnxruntime.h"
#include "core/targets/onnxruntime/rules.h"
#include "core/targets/target.h"
#include "core/targets/tensorrt/tensorrt.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace qs {

namespace {

constexpr std::array caffeFiles{"_fake_quant_model.prototxt",
                                "_fake_quant_weights.caffemodel",
                                "_deploy_model.prototxt",
                                "_deploy_weights.caffemodel",
                                "_quant.json",
                                "_quant_param_record.txt",
                                "_quant_param_record.bin",
                                "_scale_offset_record.txt",
                                "_config.json"};
constexpr std::array qdqFiles{"_qdq.onnx", "_float.onnx"};

// name, label, vendor, description, scheme, files, save types, writer, rules, forms of its own
std::vector<Target>& table()
{
    static std::vector<Target> targets = [] {
        std::vector<Target> made{
            {"amct-ss928", "AMCT SS928", "HiSilicon", "SS928, through AMCT for Caffe and ATC", &amctScheme, caffeFiles, true, &planAmct, &amctRules,
             &amctForms},
            {"onnxruntime", "ONNX Runtime", "Microsoft", "ONNX Runtime, and TensorRT: QDQ ONNX", &onnxruntimeScheme, qdqFiles, false, &planQdq,
             &onnxruntimeRules},
            {"tensorrt", "TensorRT", "NVIDIA", "TensorRT: symmetric 8 bits, QDQ ONNX; sparse networks of BEVFusion", &tensorrtScheme, qdqFiles, false,
             &planTensorrt, &tensorrtRules},
        };
        // Whoever holds one keeps it when another is added.
        made.reserve(32);
        return made;
    }();
    return targets;
}

}  // namespace

std::span<const Target> targets()
{
    return table();
}

void addTarget(const Target& target)
{
    table().push_back(target);
}

Result<const Target*> findTarget(const std::string& name)
{
    const auto found = std::find_if(table().begin(), table().end(), [&name](const Target& target) { return name == target.name; });
    if (found != table().end())
        return &*found;
    std::string names;
    for (const Target& target : table())
        names += (names.empty() ? "" : ", ") + std::string(target.name);
    return Error{ErrorCode::UnknownKey, "'" + name + "' is no target: there are " + names, "target"};
}

void setTarget(Configuration& configuration, const Target& target)
{
    configuration.target = &target == &standardTarget() ? std::string() : std::string(target.name);
    configuration.scheme = &target.scheme();
    configuration.joinScales = configuration.scheme->joinsScales;
    configuration.activationOffset &= !configuration.scheme->symmetric;
}

std::vector<std::string> fitLayers(const Model& model, Configuration& configuration)
{
    const QuantScheme& scheme = *configuration.scheme;
    std::vector<std::string> dropped;
    if (!checkNotQuantized(model).ok())
        return dropped;
    for (const LayerId id : model.layerIds()) {
        const std::string& name = model.layer(id).name;
        const auto standard = defaultSetting(model, id, scheme);
        const auto found = configuration.layers.find(name);
        // What cannot run (weights are missing) keeps its setting: it may run the next time.
        if (found == configuration.layers.end() || !model.layer(id).notRunnable.empty())
            continue;
        LayerSetting& setting = found->second;
        if (!standard) {
            if (setting.quantEnable)
                dropped.push_back(name);
            configuration.layers.erase(found);
            continue;
        }
        if (const size_t sites = quantizableSites(model, id, scheme).size(); setting.activations.size() > std::max<size_t>(sites, 1))
            setting.activations.resize(std::max<size_t>(sites, 1));
        if (standard->weights && setting.weights)
            setting.weights->channelWise &= standard->weights->channelWise || scheme.channelWise(model.layer(id).op);
        else
            setting.weights = standard->weights;
    }
    return dropped;
}

Adapted adaptedTo(const Target& target, const Model& model, Configuration configuration)
{
    Adapted adapted;
    const QuantScheme& before = *configuration.scheme;
    setTarget(configuration, target);
    const QuantScheme& scheme = *configuration.scheme;
    adapted.dropped = fitLayers(model, configuration);
    for (const LayerId id : model.layerIds()) {
        auto standard = defaultSetting(model, id, scheme);
        const auto old = defaultSetting(model, id, before);
        const auto found = configuration.layers.find(model.layer(id).name);
        if (standard && !old)
            configuration.layers.emplace(model.layer(id).name, std::move(*standard));
        else if (standard && found != configuration.layers.end() && found->second.quantEnable == old->quantEnable)
            found->second.quantEnable = standard->quantEnable;
    }
    const auto fit = [&adapted](const std::string& layer, int& bits, std::span<const int> widths) {
        if (const int old = std::exchange(bits, nearestWidth(bits, widths)); old != bits)
            adapted.changed.push_back({layer, old, bits});
    };
    for (auto& [name, setting] : configuration.layers) {
        for (ActivationSetting& activation : setting.activations)
            fit(name, activation.bits, scheme.activationWidths);
        if (setting.weights && setting.weights->algorithm == WeightSetting{}.algorithm)
            fit(name, setting.weights->bits, scheme.weightWidths);
    }
    adapted.configuration = std::move(configuration);
    return adapted;
}

const Target& targetOf(const Configuration& configuration)
{
    const auto found = findTarget(configuration.target);
    return found ? **found : standardTarget();
}

const Target& targetFor(const Model& model)
{
    const auto arithmetic = [&model](const QuantScheme& scheme) {
        int64_t layers = 0;
        for (const LayerId id : model.layerIds())
            layers += layerQuantizable(model, id, scheme) == Quantizable::WeightsAndData ? 1 : 0;
        return layers;
    };
    if (arithmetic(standardScheme()) > 0)
        return standardTarget();
    const auto found = std::find_if(table().begin(), table().end(), [&](const Target& target) { return arithmetic(target.scheme()) > 0; });
    return found == table().end() ? standardTarget() : *found;
}

const Forms& standardForms()
{
    return *standardTarget().forms;
}

const Target& standardTarget()
{
    return table().front();
}

const QuantScheme& standardScheme()
{
    return standardTarget().scheme();
}

}  // namespace qs

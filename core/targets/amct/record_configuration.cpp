#include "core/targets/amct/record_configuration.h"

#include "core/ops/op.h"
#include "core/prepare/quantized_weights.h"

#include <algorithm>

namespace qs::amct {

namespace {

Result<LayerSetting> settingFrom(const Model& model, LayerId id, LayerFactors factors, const std::string& where)
{
    const Layer& layer = model.layer(id);
    LayerSetting setting = *defaultSetting(model, id);
    setting.quantEnable = true;
    const std::vector<int> ports = quantizableSites(model, id);
    setting.activations.assign(ports.size(), ActivationSetting{});
    setting.activationsAsList = ports.size() > 1;
    for (const InputFactors& input : factors.inputs)
        if (std::find(ports.begin(), ports.end(), input.port) == ports.end())
            return Error{ErrorCode::OutOfRange, "index " + std::to_string(input.port) + " is not a quantizable input of the layer", where};
    for (size_t i = 0; i < ports.size(); ++i) {
        const InputFactors* input = factors.input(ports[i]);
        if (!input)
            return Error{ErrorCode::MissingValue, "Cannot find scale_d of input " + std::to_string(ports[i]) + " in record file", where};
        setting.activations[i].bits = input->params.bits;
        setting.activations[i].withOffset = input->params.offset != 0;
    }
    if (!setting.weights)
        return setting;
    factors.takeUnitScale();
    if (factors.weightScales.empty())
        return Error{ErrorCode::MissingValue, "scale_w: the layer has weights", where};
    QS_CHECK(checkWeightScaleCount(layer, factors.weightScales.size(), standardScheme().channelWise(layer.op), where));
    setting.weights->channelWise = factors.weightScales.size() != 1 && hasOutputChannels(layer.op);
    setting.weights->bits = factors.weightBits;
    setting.weights->algorithm = factors.codebook.empty() ? "arq" : "snq";
    if (factors.weightBits == 4 && factors.codebook.empty())
        return Error{ErrorCode::MissingValue, "4-bit weights need their 16 levels (cluster)", where};
    return setting;
}

}  // namespace

Result<Configuration> configurationFromRecord(const Model& model, const QuantRecord& record, const std::string& fileName)
{
    Configuration configuration;
    for (const auto& [name, factors] : record.layers) {
        const std::string where = fileName + ": layer '" + name + "'";
        const LayerId id = model.findLayer(name);
        if (id == noId)
            return Error{ErrorCode::UnknownLayer, "the network has no layer of this name", where};
        if (!defaultSetting(model, id))
            return Error{ErrorCode::UnknownLayer, "a layer of type " + model.layer(id).type + " cannot be quantized", where};
        QS_TRY(configuration.layers[name], settingFrom(model, id, factors, where));
        if (factors.skipFusion)
            configuration.skipFusionLayers.push_back(name);
    }
    return configuration;
}

}  // namespace qs::amct

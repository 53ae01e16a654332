#include "core/prepare/integer_network.h"

#include "core/ir/builder.h"
#include "core/ops/weight_channels.h"
#include "core/prepare/quantized_weights.h"
#include "core/quant/code_grid.h"

namespace qs {

namespace {

/// `output`: noId for a new value.
ValueId addQuantLayer(ModelBuilder& builder, const std::string& type, const std::string& name, ValueId input, const QuantParams& params,
                      ValueId output = noId)
{
    Layer layer;
    layer.name = name;
    layer.type = type;
    layer.op = type;
    setCodeGrid(layer.attributes, params);
    layer.inputs = {input};
    if (output == noId)
        output = builder.addValue(name);
    layer.outputs = {output};
    builder.addLayer(std::move(layer));
    return output;
}

/// What the layer gives is quantized before anybody reads it.
void quantizeOutput(ModelBuilder& builder, LayerId id, size_t index, const QuantParams& params)
{
    const std::string name = builder.layer(id).name;
    const std::string suffix = "_out" + std::to_string(index);
    const ValueId output = builder.layer(id).outputs[index];
    const ValueId floats = builder.addValue(name + suffix);
    builder.layer(id).outputs[index] = floats;
    const ValueId codes = addQuantLayer(builder, "Quant", name + "_quant" + suffix, floats, params);
    addQuantLayer(builder, "AntiQuant", name + "_antiquant" + suffix, codes, params, output);
}

void addDeQuant(ModelBuilder& builder, LayerId id, const LayerFactors& factors)
{
    Layer dequant;
    dequant.name = builder.layer(id).name + "_dequant";
    dequant.type = dequant.op = "DeQuant";
    Buffer scales(DType::F32, {static_cast<int64_t>(factors.weightScales.size())});
    for (size_t c = 0; c < factors.weightScales.size(); ++c)
        scales.floats()[c] = factors.weightScales[c] * factors.input(0)->params.scale;
    dequant.weights = {std::make_shared<const Buffer>(std::move(scales))};
    dequant.outputs = builder.layer(id).outputs;
    // The channels of an InnerProduct come last.
    if (const size_t rank = builder.value(dequant.outputs.front()).shape.size(); builder.layer(id).op == "InnerProduct" && rank > 2)
        dequant.attributes.set("axis", static_cast<int64_t>(rank) - 1);
    const ValueId sums = builder.addValue(builder.layer(id).name + "_int32");
    builder.layer(id).outputs = {sums};
    dequant.inputs = {sums};
    builder.addLayer(std::move(dequant));
}

}  // namespace

Result<std::shared_ptr<const Model>> integerNetwork(const QuantizedNetwork& quantized)
{
    const Model& network = *quantized.network;
    ModelBuilder builder(network);
    for (const LayerId id : network.layerIds()) {
        const Layer& layer = network.layer(id);
        const LayerQuantization& quantization = quantized.layers[id];
        if (!quantization.active())
            continue;
        for (size_t output = 0; output < quantization.outputs.size(); ++output)
            if (quantization.outputs[output])
                quantizeOutput(builder, id, output, *quantization.outputs[output]);
        if (quantization.state)
            setCodeGrid(builder.layer(id).attributes, *quantization.state, stateGrid);
        const auto factors = quantized.record.layers.find(layer.name);
        const bool integers = factors != quantized.record.layers.end() && deployedInIntegers(layer, factors->second);
        for (size_t port = 0; port < quantization.inputs.size(); ++port) {
            if (!quantization.inputs[port])
                continue;
            const std::string suffix = "_" + std::to_string(port);
            const QuantParams& params = *quantization.inputs[port];
            ValueId value = addQuantLayer(builder, "Quant", layer.name + "_quant" + suffix, layer.inputs[port], params);
            if (integers && readsCodes(layer, port))
                setCodes(builder.layer(id), port, params.offset, params.bits);
            else
                value = addQuantLayer(builder, "AntiQuant", layer.name + "_antiquant" + suffix, value, params);
            builder.layer(id).inputs[port] = value;
        }
        if (!integers) {
            if (!quantization.weights.empty())
                builder.layer(id).weights = quantization.weights;
            continue;
        }
        QS_TRY(builder.layer(id).weights, integerWeights(layer, factors->second));
        if (isRecurrent(layer.op)) {
            const std::vector<float> scales = productScales(layer, factors->second);
            builder.layer(id).attributes.set("weightScales", std::vector<double>(scales.begin(), scales.end()));
        } else {
            addDeQuant(builder, id, factors->second);
        }
    }
    return std::move(builder).build();
}

}  // namespace qs

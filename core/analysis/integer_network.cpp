#include "core/analysis/integer_network.h"

#include "core/analysis/compare.h"
#include "core/analysis/quantized_weights.h"
#include "core/ir/builder.h"
#include "core/ops/op.h"

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

bool computesInIntegers(const Layer& layer)
{
    return layer.op == "Convolution" || layer.op == "DepthwiseConv" || layer.op == "Deconvolution" || layer.op == "InnerProduct";
}

ValueId addQuantLayer(ModelBuilder& builder, const std::string& type, const std::string& name, ValueId input, const QuantParams& params)
{
    Layer layer;
    layer.name = name;
    layer.type = type;
    layer.op = type;
    layer.attributes.set("scale", static_cast<double>(params.scale));
    layer.attributes.set("offset", int64_t{params.offset});
    layer.attributes.set("bits", int64_t{params.bits});
    layer.inputs = {input};
    const ValueId output = builder.addValue(name);
    layer.outputs = {output};
    builder.addLayer(std::move(layer));
    return output;
}

void addDeQuant(ModelBuilder& builder, LayerId id, const LayerFactors& factors)
{
    Layer dequant;
    dequant.name = builder.layer(id).name + "_dequant";
    dequant.type = dequant.op = "DeQuant";
    Buffer scales(DType::F32, {static_cast<int64_t>(factors.weightScales.size())});
    for (size_t c = 0; c < factors.weightScales.size(); ++c)
        scales.floats()[c] = factors.weightScales[c] * factors.inputs.front().params.scale;
    dequant.weights = {std::make_shared<const Buffer>(std::move(scales))};
    dequant.outputs = builder.layer(id).outputs;
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
    for (LayerId id = 0; id < static_cast<LayerId>(network.layers().size()); ++id) {
        const Layer& layer = network.layer(id);
        const LayerQuantization& quantization = quantized.layers[static_cast<size_t>(id)];
        if (!quantization.active())
            continue;
        const auto factors = quantized.record.layers.find(layer.name);
        const bool integers = computesInIntegers(layer) && factors != quantized.record.layers.end();
        for (size_t port = 0; port < quantization.inputs.size(); ++port) {
            if (!quantization.inputs[port])
                continue;
            const std::string suffix = "_" + std::to_string(port);
            const QuantParams& params = *quantization.inputs[port];
            ValueId value = addQuantLayer(builder, "Quant", layer.name + "_quant" + suffix, layer.inputs[port], params);
            if (!integers)
                value = addQuantLayer(builder, "AntiQuant", layer.name + "_antiquant" + suffix, value, params);
            builder.layer(id).inputs[port] = value;
        }
        if (!integers) {
            if (!quantization.weights.empty())
                builder.layer(id).weights = quantization.weights;
            continue;
        }
        QS_TRY(builder.layer(id).weights, integerWeights(layer, factors->second));
        builder.layer(id).attributes.set("inputOffset", int64_t{factors->second.inputs.front().params.offset});
        builder.layer(id).attributes.set("inputBits", int64_t{factors->second.inputs.front().params.bits});
        addDeQuant(builder, id, factors->second);
    }
    return std::move(builder).build();
}

namespace {

/// The smallest scale_d at which the value is read quantized; 0 where nobody does.
double stepOf(const QuantizedNetwork& quantized, ValueId value)
{
    double step = 0;
    for (const LayerId reader : quantized.network->value(value).consumers) {
        const Layer& layer = quantized.network->layer(reader);
        const auto& inputs = quantized.layers[static_cast<size_t>(reader)].inputs;
        for (size_t port = 0; port < inputs.size(); ++port)
            if (layer.inputs[port] == value && inputs[port])
                step = step == 0 ? static_cast<double>(inputs[port]->scale) : std::min(step, static_cast<double>(inputs[port]->scale));
    }
    return step;
}

void addDifferences(IntegerLayer& entry, std::span<const float> expected, std::span<const float> actual, double step)
{
    if (step == 0 && !expected.empty()) {
        const auto [low, high] = std::minmax_element(expected.begin(), expected.end());
        step = (static_cast<double>(*high) - static_cast<double>(*low)) / 255;
    }
    // A constant output has no range: what differs by float rounding only is within.
    step = std::max(step, 1e-6);
    for (size_t i = 0; i < expected.size(); ++i) {
        const double difference = std::fabs(static_cast<double>(expected[i]) - static_cast<double>(actual[i])) / step;
        entry.within += difference <= 1.0001 ? 1 : 0;
        entry.largest = std::max(entry.largest, difference);
    }
    entry.values += static_cast<int64_t>(expected.size());
}

}  // namespace

Result<IntegerComparison> compareIntegers(const std::shared_ptr<Engine>& engine, const QuantizedNetwork& quantized, const DataSet& data, int samples,
                                          const JobContext& job)
{
    QS_TRY(const auto integers, integerNetwork(quantized));
    const Model& network = *quantized.network;
    LayerRunner fakeRunner(engine, quantized.network);
    LayerRunner integerRunner(engine, integers);
    IntegerComparison comparison;
    comparison.samples = std::min(samples, data.size());
    struct Watched {
        ValueId value = noId;         // in the fake-quant network
        ValueId integerValue = noId;  // the value of the same name
        double step = 0;
    };
    std::vector<Watched> watched;
    std::vector<size_t> byValue(network.values().size(), SIZE_MAX);
    for (const Layer& layer : network.layers()) {
        if (layer.op == "Input" || !layer.notRunnable.empty() || layer.outputs.empty())
            continue;
        const ValueId value = layer.outputs.front();
        byValue[static_cast<size_t>(value)] = watched.size();
        watched.push_back({value, integers->findValue(network.value(value).name), stepOf(quantized, value)});
        comparison.layers.push_back({.layer = layer.name});
    }
    Forward fake;
    fake.quantization = &quantized.layers;
    fake.outputs = false;
    fake.tapped.resize(network.values().size());
    Forward integer;
    integer.outputs = false;
    integer.tapped.resize(integers->values().size());
    std::vector<size_t> byIntegerValue(integers->values().size(), SIZE_MAX);
    for (size_t i = 0; i < watched.size(); ++i) {
        fake.tapped[static_cast<size_t>(watched[i].value)] = 1;
        integer.tapped[static_cast<size_t>(watched[i].integerValue)] = 1;
        byIntegerValue[static_cast<size_t>(watched[i].integerValue)] = i;
    }
    std::vector<Tensor> expected(watched.size());
    fake.tap = [&](ValueId value, const Tensor& tensor) -> Result<void> {
        if (byValue[static_cast<size_t>(value)] != SIZE_MAX)
            expected[byValue[static_cast<size_t>(value)]] = tensor;
        return {};
    };
    integer.tap = [&](ValueId value, const Tensor& tensor) -> Result<void> {
        const size_t i = byIntegerValue[static_cast<size_t>(value)];
        if (i == SIZE_MAX || expected[i].empty() || expected[i].count() != tensor.count())
            return {};
        const Tensor same = convertLayout(tensor, expected[i].layout(), integerRunner.pool());
        addDifferences(comparison.layers[i], expected[i].values(), same.values(), watched[i].step);
        return {};
    };
    Evaluator fakeEvaluator(fakeRunner);
    Evaluator integerEvaluator(integerRunner);
    for (int sample = 0; sample < comparison.samples; ++sample) {
        job.report(static_cast<double>(sample) / comparison.samples,
                   "running in integers " + std::to_string(sample + 1) + " of " + std::to_string(comparison.samples));
        QS_TRY(const Buffer picture, data.sample(sample));
        QS_TRY(fake.inputs, inputTensors(network, picture, data.sampleName(sample), fakeRunner.pool()));
        integer.inputs = fake.inputs;
        std::fill(expected.begin(), expected.end(), Tensor());
        QS_CHECK(fakeEvaluator.run(fake, job));
        QS_CHECK(integerEvaluator.run(integer, job));
    }
    for (IntegerLayer& entry : comparison.layers)
        if (const LayerId id = integers->findLayer(entry.layer); id != noId)
            entry.overflows = integerRunner.overflows(id);
    return comparison;
}

}  // namespace qs

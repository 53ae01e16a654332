#include "core/targets/common_rules.h"

#include "core/base/text.h"
#include "core/export/onnx/net.h"
#include "core/ops/op.h"
#include "core/ops/weight_channels.h"
#include "core/prepare/quantized_weights.h"

#include <algorithm>
#include <cmath>

namespace qs::rules {

namespace {

/// Layers of the original network with a function of their effective setting.
template <class Visit>
void eachLayer(const CheckInput& input, const Visit& visit)
{
    const auto& layers = input.prepared.original->layers();
    const auto& effective = input.quantized ? input.quantized->effective : input.prepared.effective;
    for (const LayerId id : layers.ids())
        visit(id, layers[id], effective[id]);
}

void eachReason(const CheckInput& input, Reason reason, const RuleFound& found)
{
    eachLayer(input, [&](LayerId, const Layer& layer, const Effective& effective) {
        if (effective.reason == reason)
            found(layer.name, {effective.reasonDetail});
    });
}

/// Largest and smallest code that an input gives, minus its zero point.
struct CodeRange {
    double low;
    double high;
};

CodeRange widestCodes(int bits)
{
    const double most = std::ldexp(1.0, bits) - 1;
    return {-most, most};
}

CodeRange codesOf(const QuantParams& params)
{
    return {static_cast<double>(params.qmin()) - params.offset, static_cast<double>(params.qmax()) - params.offset};
}

/// By channel: the largest magnitude that the accumulator can reach.
std::vector<double> largestSums(const Layer& layer, std::span<const int8_t> codes, const CodeRange& inputs)
{
    const WeightChannels channels(layer);
    std::vector<double> above(static_cast<size_t>(channels.channels()));
    std::vector<double> below(above.size());
    for (int64_t run = 0; run < channels.runs(); ++run) {
        const auto channel = static_cast<size_t>(channels.of(run));
        double positive = 0;
        double negative = 0;
        for (int64_t i = run * channels.inner(); i < (run + 1) * channels.inner(); ++i) {
            const int8_t code = codes[static_cast<size_t>(i)];
            (code > 0 ? positive : negative) += code;
        }
        above[channel] += positive * inputs.high + negative * inputs.low;
        below[channel] += positive * inputs.low + negative * inputs.high;
    }
    for (size_t c = 0; c < above.size(); ++c)
        above[c] = std::max(above[c], -below[c]);
    return above;
}

void checkAccumulator(const Layer& layer, const LayerFactors& factors, const CodeRange& inputs, bool withBias, const RuleFound& found)
{
    Layer plain = layer;
    if (!withBias)
        plain.weights.resize(1);
    const auto weights = integerWeights(plain, factors);
    if (!weights.ok() || weights->front()->dtype() != DType::I8)
        return;
    std::vector<double> sums = largestSums(layer, std::as_const(*weights->front()).as<int8_t>(), inputs);
    if (weights->size() > 1 && (*weights)[1] && (*weights)[1]->dtype() == DType::I32) {
        const auto bias = std::as_const(*(*weights)[1]).as<int32_t>();
        for (size_t c = 0; c < std::min(sums.size(), bias.size()); ++c)
            sums[c] += std::fabs(static_cast<double>(bias[c]));
    }
    const auto worst = std::max_element(sums.begin(), sums.end());
    constexpr double most = 2147483647.0;
    if (worst != sums.end() && *worst > most)
        found(layer.name, {std::to_string(worst - sums.begin()), fixedText(*worst / most, 2)});
}

}  // namespace

void notRun(const CheckInput& input, const RuleFound& found)
{
    eachLayer(input, [&](LayerId, const Layer& layer, const Effective&) {
        if (!layer.notRunnable.empty())
            found(layer.name, {layer.notRunnable});
    });
}

void typeStaysFloat(const CheckInput& input, const RuleFound& found)
{
    const Model& model = *input.prepared.original;
    eachLayer(input, [&](LayerId id, const Layer& layer, const Effective& effective) {
        if (effective.reason == Reason::TypeNotQuantizable && (layerMacs(model, id) > 0 || !layer.weights.empty()))
            found(layer.name, {layer.type});
    });
}

void onnxCannotHold(const CheckInput& input, const RuleFound& found)
{
    refusals(input, onnxRefusals(*input.prepared.network), found);
}

void eachInput(const CheckInput& input, const std::function<void(const std::string& layer, const EffectiveInput& port)>& visit)
{
    const auto& effective = input.quantized ? input.quantized->effective : input.prepared.effective;
    for (const LayerId id : effective.ids())
        for (const EffectiveInput& port : effective[id].inputs)
            if (effective[id].quantized)
                visit(input.prepared.original->layer(id).name, port);
}

void illegalScale(const CheckInput& input, const RuleFound& found)
{
    eachReason(input, Reason::IllegalScale, found);
}

void biasRaisesScale(const CheckInput& input, const RuleFound& found)
{
    eachReason(input, Reason::LargerScale, found);
}

void accumulatorLeavesInt32(const CheckInput& input, const RuleFound& found)
{
    if (input.quantized) {
        for (const Layer& layer : input.quantized->network->layers()) {
            const auto factors = input.quantized->record.layers.find(layer.name);
            if (factors != input.quantized->record.layers.end() && multipliesByWeights(layer.op) && deployedInIntegers(layer, factors->second))
                checkAccumulator(layer, factors->second, codesOf(factors->second.input(0)->params), true, found);
        }
        return;
    }
    const auto record = weightRecord(input.prepared, *input.prepared.network);
    if (!record.ok())
        return;
    for (const LayerId id : input.prepared.network->layerIds()) {
        const Layer& layer = input.prepared.network->layer(id);
        const auto factors = record->layers.find(layer.name);
        if (factors == record->layers.end() || factors->second.weightScales.empty() || !multipliesByWeights(layer.op))
            continue;
        const Effective& effective = input.prepared.effectiveOf(id);
        if (!effective.inputs.empty() && isInputSite(effective.inputs.front().port))
            checkAccumulator(layer, factors->second, widestCodes(effective.inputs.front().bits), false, found);
    }
}

void becomesZero(const CheckInput& input, const RuleFound& found)
{
    if (!input.quantized || !input.calibration)
        return;
    for (const PortObservation& seen : input.calibration->observations) {
        const auto factors = input.quantized->record.layers.find(seen.layer);
        const InputFactors* port = factors == input.quantized->record.layers.end() ? nullptr : factors->second.input(seen.port);
        const double largest = std::max(std::fabs(seen.histogram.minimum), std::fabs(seen.histogram.maximum));
        // Half a step goes to the even code, which is 0.
        if (port && largest > 0 && largest <= static_cast<double>(port->params.scale) / 2)
            found(seen.layer, {std::to_string(seen.port), numberText(static_cast<float>(largest)), numberText(port->params.scale)});
    }
}

void oneScaleForUnlikeRows(const CheckInput& input, const RuleFound& found)
{
    constexpr double unlike = 16;
    eachLayer(input, [&](LayerId, const Layer& layer, const Effective& effective) {
        if (!effective.quantized || layer.op != "InnerProduct" || effective.channelWise || layer.weights.empty() || !layer.weights.front() ||
            layer.weights.front()->dtype() != DType::F32)
            return;
        const WeightChannels channels(layer);
        const auto weights = layer.weights.front()->floats();
        double least = 0;
        double most = 0;
        for (int64_t row = 0; row < channels.runs(); ++row) {
            const Range range = rangeOf(weights.subspan(static_cast<size_t>(row * channels.inner()), static_cast<size_t>(channels.inner())));
            const double width = std::max(std::fabs(static_cast<double>(range.minimum)), std::fabs(static_cast<double>(range.maximum)));
            // A row of zeros is exact whatever the scale.
            if (width > 0)
                least = least == 0 ? width : std::min(least, width);
            most = std::max(most, width);
        }
        if (least > 0 && most / least >= unlike)
            found(layer.name, {fixedText(most / least, 0)});
    });
}

void refusals(const CheckInput& input, const std::vector<Refusal>& refused, const RuleFound& found)
{
    // A layer of the network after fusion has the name of one of the original.
    for (const Refusal& refusal : refused)
        if (input.prepared.original->findLayer(refusal.layer) != noId)
            found(refusal.layer, {refusal.why});
}

}  // namespace qs::rules

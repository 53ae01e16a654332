#include "core/prepare/quantized.h"

#include "core/ir/builder.h"
#include "core/prepare/quantized_weights.h"

#include <algorithm>

namespace qs {

void markFloat(ById<LayerId, Effective>& effective, const Model& model, const std::string& layer, Reason reason, std::string detail)
{
    Effective& entry = effective[model.findLayer(layer)];
    entry.quantized = false;
    entry.inputs.clear();
    entry.weightBits = 0;
    entry.adaRounded = entry.biasCorrected = false;
    entry.reason = reason;
    entry.reasonDetail = std::move(detail);
}

Result<QuantRecord> weightRecord(const PreparedNetwork& prepared, const Model& network)
{
    QuantRecord record;
    for (const LayerId id : network.layerIds()) {
        const Effective& effective = prepared.effectiveOf(id);
        if (!effective.quantized)
            continue;
        const Layer& layer = network.layer(id);
        LayerFactors factors;
        const Result<void> solved = effective.weightBits == 0 ? Result<void>()
                                                              : solveWeights(layer, effectiveWeightSetting(prepared, layer.name, effective),
                                                                             prepared.configuration.scheme->weights, factors);
        if (solved)
            record.layers.emplace(layer.name, std::move(factors));
        else if (solved.error().code == ErrorCode::InvalidNumber || solved.error().code == ErrorCode::IllegalScale)
            record.illegal.emplace(layer.name, solved.error().detail);
        else
            return solved.error();
    }
    return record;
}

namespace {

/// One grid for all inputs that are joined, so that no code has to be converted: the limits of the widest. Limits by hand and unlike widths stay.
void joinScales(const Layer& layer, const std::vector<EffectiveInput>& effective, std::vector<InputFactors>& inputs)
{
    const auto unlike = [&](const InputFactors& input) {
        return !isInputSite(input.port) || input.byHand || input.params.bits != inputs.front().params.bits;
    };
    if (!joinsInputs(layer) || inputs.size() < 2 || std::any_of(inputs.begin(), inputs.end(), unlike))
        return;
    float low = 0;
    float high = 0;
    for (const InputFactors& input : inputs) {
        low = std::min(low, input.params.clipMin());
        high = std::max(high, input.params.clipMax());
    }
    if (const auto params = paramsFromRange(low, high, inputs.front().params.bits, effective.front().withOffset, inputs.front().params.form))
        for (InputFactors& input : inputs)
            input.params = *params;
}

}  // namespace

bool joinsInputs(const Layer& layer)
{
    return layer.op == "Concat" || layer.op == "Eltwise";
}

QuantRecord effectiveRecord(const PreparedNetwork& prepared, const QuantRecord& record, LayerId only)
{
    QuantRecord result;
    result.statistics = record.statistics;
    result.illegal = record.illegal;
    result.equalized = record.equalized;
    for (const LayerId id : prepared.original->layerIds()) {
        if (only != noId && id != only)
            continue;
        const Effective& effective = prepared.effective[id];
        const std::string& name = prepared.original->layer(id).name;
        const auto found = record.layers.find(name);
        if (!effective.quantized || (found == record.layers.end() && effective.weightBits != 0))
            continue;
        LayerFactors factors = found == record.layers.end() ? LayerFactors{} : found->second;
        std::vector<InputFactors> inputs;
        for (size_t index = 0; index < effective.inputs.size(); ++index) {
            const EffectiveInput& input = effective.inputs[index];
            const auto& clip = prepared.configuration.layers.at(name).activation(index).clip;
            const GridForm& form = prepared.configuration.scheme->activations;
            const InputFactors* known = factors.input(input.port);
            if (clip) {
                if (const auto params = paramsFromRange(clip->first, clip->second, input.bits, input.withOffset, form))
                    inputs.push_back({.port = input.port, .params = *params, .byHand = true});
            } else if (known && known->params.bits == input.bits && known->params.form == form) {
                inputs.push_back(*known);
            } else if (known) {
                // Another grid than was calibrated: the same limits on the new one.
                if (const auto params = paramsFromRange(known->params.clipMin(), known->params.clipMax(), input.bits, input.withOffset, form))
                    inputs.push_back({.port = input.port, .params = *params});
            }
        }
        if (prepared.configuration.joinScales)
            joinScales(prepared.original->layer(id), effective.inputs, inputs);
        factors.inputs = std::move(inputs);
        factors.floatBias &= prepared.configuration.scheme->takesFloatBias;
        if (factors.inputs.size() == effective.inputs.size())
            result.layers.emplace(name, std::move(factors));
    }
    return result;
}

namespace {

/// The fake-quantized weights of `before`, where they come from the same weights by the same factors.
const std::vector<std::shared_ptr<const Buffer>>* knownWeights(const QuantizedNetwork* before, LayerId id, const Layer& layer,
                                                               const LayerFactors& factors)
{
    if (!before || !before->layers.contains(id) || before->network->layer(id).weights != layer.weights)
        return nullptr;
    const auto known = before->record.layers.find(layer.name);
    return known != before->record.layers.end() && known->second == factors ? &before->layers[id].weights : nullptr;
}

/// The network with the biases that bias correction found: quantized, exported and run as if they had always been its own.
Result<std::shared_ptr<const Model>> networkWithBiases(std::shared_ptr<const Model> network, const PreparedNetwork& prepared,
                                                       const QuantRecord& record)
{
    ModelBuilder builder(*network);
    bool changed = false;
    for (const LayerId id : network->layerIds()) {
        const Layer& layer = network->layer(id);
        const auto found = record.layers.find(layer.name);
        if (!prepared.effectiveOf(id).biasCorrected || found == record.layers.end())
            continue;
        const std::vector<float>& bias = found->second.bias;
        if (bias.size() != weightScaleCount(layer, true))
            return Error{ErrorCode::ShapeMismatch, "the corrected bias has " + std::to_string(bias.size()) + " channels",
                         "layer '" + layer.name + "'"};
        auto& weights = builder.layer(id).weights;
        weights.resize(std::max<size_t>(weights.size(), 2));
        weights[1] = std::make_shared<const Buffer>(Buffer::fromFloats({static_cast<int64_t>(bias.size())}, bias));
        changed = true;
    }
    return changed ? std::move(builder).build() : Result<std::shared_ptr<const Model>>(std::move(network));
}

/// What a record file does not hold, and a configuration that it was not calibrated for lacks, must not go missing silently.
Result<void> checkRefinements(const PreparedNetwork& prepared, const QuantRecord& record)
{
    const auto missing = [](const std::string& what, const std::string& where) {
        return Error{ErrorCode::MissingValue, what + " (a record file does not hold that): calibrate again, or change the setting", where};
    };
    if (record.statistics.empty() && !record.layers.empty() && updatesBatchNorm(prepared))
        return Error{ErrorCode::MissingValue,
                     "update_bn is on, and these factors come without refreshed BatchNorm statistics (a record file does not hold them): calibrate "
                     "again, or switch update_bn off",
                     "key 'update_bn'"};
    if (!record.layers.empty() && record.equalized != prepared.equalized)
        return missing("these factors belong to a network with other layers equalized", "equalization");
    for (const LayerId id : prepared.effective.ids()) {
        const std::string& name = prepared.original->layer(id).name;
        const auto found = record.layers.find(name);
        if (found == record.layers.end())
            continue;
        if (prepared.effective[id].adaRounded && found->second.roundUp.empty())
            return missing("AdaRound is on, and these factors come without its roundings", "layer '" + name + "'");
        if (prepared.effective[id].biasCorrected && found->second.bias.empty())
            return missing("bias correction is on, and these factors come without corrected biases", "layer '" + name + "'");
    }
    return {};
}

Result<void> enterWeights(const Layer& layer, const WeightSetting& setting, const QuantScheme& scheme, const Effective& effective,
                          LayerFactors& factors)
{
    const std::string where = "layer '" + layer.name + "'";
    const size_t wanted = weightScaleCount(layer, setting.channelWise);
    factors.takeUnitScale();
    QS_CHECK(checkWeightScaleCount(layer, factors.weightScales.size(), scheme.channelWise(layer.op), where));
    if (!effective.adaRounded)
        factors.roundUp.clear();
    else if (static_cast<int64_t>(factors.roundUp.size()) != layer.weights.front()->count())
        return Error{ErrorCode::ShapeMismatch, "AdaRound's roundings are " + std::to_string(factors.roundUp.size()), where};
    // channel_wise and wts_algo can change without another calibration: both follow from the weights alone.
    if (factors.weightScales.size() != wanted || factors.weightBits != effective.weightBits || factors.weightForm != scheme.weights) {
        if (effective.adaRounded)
            return Error{ErrorCode::MissingValue, "AdaRound's roundings belong to other scales: calibrate again", where};
        QS_CHECK(solveWeights(layer, setting, scheme.weights, factors));
    }
    return {};
}

void noteRaised(Effective& effective, const std::vector<size_t>& channels)
{
    if (channels.empty() || effective.reason != Reason::None)
        return;
    effective.reason = Reason::LargerScale;
    for (size_t i = 0; i < std::min<size_t>(channels.size(), 5); ++i)
        effective.reasonDetail += (i == 0 ? "" : ", ") + std::to_string(channels[i]);
    if (channels.size() > 5)
        effective.reasonDetail += " and " + std::to_string(channels.size() - 5) + " more";
}

}  // namespace

Result<std::shared_ptr<const QuantizedNetwork>> quantizeNetwork(const PreparedNetwork& prepared, const QuantRecord& given,
                                                                const QuantizedNetwork* before)
{
    const QuantRecord record = effectiveRecord(prepared, given);
    QS_CHECK(checkRefinements(prepared, record));
    auto quantized = std::make_shared<QuantizedNetwork>();
    quantized->effective = prepared.effective;
    quantized->record.statistics = record.statistics;
    quantized->record.equalized = record.equalized;
    QS_TRY(auto refreshed, networkWithStatistics(prepared, record.statistics));
    QS_TRY(quantized->network, networkWithBiases(std::move(refreshed), prepared, record));
    const Model& network = *quantized->network;
    quantized->layers.resize(network.layers().size());
    for (const LayerId id : network.layerIds()) {
        const Layer& layer = network.layer(id);
        const Effective& effective = prepared.effectiveOf(id);
        // Float layers, too, take part in what update_bn has changed.
        if (layer.weights != prepared.network->layer(id).weights)
            quantized->layers[id].weights = layer.weights;
        if (!effective.quantized)
            continue;
        const auto found = record.layers.find(layer.name);
        if (found == record.layers.end()) {
            const auto illegal = record.illegal.find(layer.name);
            if (illegal != record.illegal.end())
                markFloat(quantized->effective, *prepared.original, layer.name, Reason::IllegalScale, illegal->second);
            else
                markFloat(quantized->effective, *prepared.original, layer.name, Reason::NoFactors, "the record has none for it: calibrate again");
            continue;
        }
        LayerFactors factors = found->second;
        const std::string where = "layer '" + layer.name + "'";
        LayerQuantization& result = quantized->layers[id];
        result.inputs.resize(layer.inputs.size());
        result.outputs.resize(layer.outputs.size());
        for (const InputFactors& input : factors.inputs) {
            if (const auto checked = checkParams(input.params); !checked.ok())
                return Error{checked.error().code, checked.error().detail, where + ", " + siteText(input.port)};
            result.set(input.port, input.params);
        }
        if (effective.weightBits != 0) {
            QS_CHECK(
                enterWeights(layer, effectiveWeightSetting(prepared, layer.name, effective), *prepared.configuration.scheme, effective, factors));
            const auto raised = fitBiases(layer, prepared.configuration.scheme->wideBias, factors);
            if (!raised) {
                markFloat(quantized->effective, *prepared.original, layer.name, Reason::IllegalScale, raised.error().detail);
                result.inputs.clear();
                result.outputs.clear();
                continue;
            }
            noteRaised(quantized->effective[prepared.originalLayer[id]], *raised);
            if (const auto* known = knownWeights(before, id, layer, factors)) {
                result.weights = *known;
            } else {
                QS_TRY(result.weights, fakeQuantizedWeights(layer, factors));
            }
        }
        quantized->record.layers.emplace(layer.name, std::move(factors));
    }
    return std::shared_ptr<const QuantizedNetwork>(std::move(quantized));
}

}  // namespace qs

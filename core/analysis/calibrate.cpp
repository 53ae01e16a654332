#include "core/analysis/calibrate.h"

#include "core/analysis/compare.h"
#include "core/analysis/quantized_weights.h"
#include "core/analysis/update_batch_norm.h"
#include "core/calib/ifmr.h"
#include "core/ops/op.h"

#include <algorithm>
#include <chrono>

namespace qs {

namespace {

const LayerSetting& settingOf(const PreparedNetwork& prepared, const std::string& layer)
{
    return prepared.configuration.layers.at(layer);
}

IfmrOptions optionsOf(const PreparedNetwork& prepared, const std::string& layer, size_t index)
{
    const ActivationSetting& setting = settingOf(prepared, layer).activation(index);
    return {.bits = setting.bits,
            .withOffset = setting.withOffset.value_or(prepared.configuration.activationOffset),
            .maxPercentile = setting.maxPercentile,
            .minPercentile = setting.minPercentile,
            .searchStart = setting.searchStart,
            .searchEnd = setting.searchEnd,
            .searchStep = setting.searchStep};
}

/// Observers of the values that quantized ports read; a value read by several ports with equal needs is observed once.
struct Watch {
    struct Port {
        std::string layer;
        int port = 0;
        size_t index = 0;  ///< among the layer's quantizable ports
        size_t observer = 0;
    };
    struct Observer {
        ValueId value = noId;
        size_t tail = 1;
        int bins = 0;
        std::shared_ptr<Observation> observation;
    };
    std::vector<Port> ports;
    std::vector<Observer> observers;
    std::vector<std::vector<size_t>> byValue;
};

Watch makeWatch(const PreparedNetwork& prepared, int64_t samples, bool exact)
{
    const Model& network = *prepared.network;
    Watch watch;
    watch.byValue.resize(network.values().size());
    for (LayerId id = 0; id < static_cast<LayerId>(network.layers().size()); ++id) {
        const Effective& effective = prepared.effectiveOf(id);
        for (size_t index = 0; index < effective.inputs.size(); ++index) {
            const Layer& layer = network.layer(id);
            const ValueId value = layer.inputs[static_cast<size_t>(effective.inputs[index].port)];
            const IfmrOptions options = optionsOf(prepared, layer.name, index);
            // The declared batch does not matter: samples are run one at a time.
            const Shape& shape = network.value(value).shape;
            const int64_t batch = shape.empty() ? 1 : std::max<int64_t>(shape[0], 1);
            const auto count = static_cast<uint64_t>(samples * std::max<int64_t>(elementCount(shape) / batch, 1));
            const size_t tail = ifmrTail(options.maxPercentile, options.minPercentile, count);
            auto& known = watch.byValue[static_cast<size_t>(value)];
            if (known.empty()) {
                known.push_back(watch.observers.size());
                watch.observers.emplace_back().value = value;
            }
            Watch::Observer& observer = watch.observers[known.front()];
            observer.tail = std::max(observer.tail, tail);
            observer.bins = std::max(observer.bins, ifmrBins(options.bits));
            watch.ports.push_back({layer.name, effective.inputs[index].port, index, known.front()});
        }
    }
    for (Watch::Observer& observer : watch.observers)
        observer.observation = std::make_shared<Observation>(observer.tail, observer.bins, exact);
    return watch;
}

void markLayer(std::vector<Effective>& effective, const Model& model, const std::string& layer, Reason reason, std::string detail)
{
    Effective& entry = effective[static_cast<size_t>(model.findLayer(layer))];
    entry.quantized = false;
    entry.inputs.clear();
    entry.weightBits = 0;
    entry.reason = reason;
    entry.reasonDetail = std::move(detail);
}

}  // namespace

Result<QuantRecord> weightRecord(const PreparedNetwork& prepared, const Model& network)
{
    QuantRecord record;
    for (LayerId id = 0; id < static_cast<LayerId>(network.layers().size()); ++id) {
        const Effective& effective = prepared.effectiveOf(id);
        if (!effective.quantized)
            continue;
        const Layer& layer = network.layer(id);
        LayerFactors& factors = record.layers[layer.name];
        if (effective.weightBits != 0)
            QS_CHECK(solveWeights(layer, effectiveWeightSetting(prepared, layer.name, effective), factors));
    }
    return record;
}

Result<std::shared_ptr<const Calibration>> calibrate(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const DataSet& data,
                                                     const JobContext& job, const CalibrateOptions& options)
{
    const auto started = std::chrono::steady_clock::now();
    const int batch = std::max(1, data.spec().preprocess.batch);
    const int64_t samples = static_cast<int64_t>(prepared.configuration.batchNum) * batch;
    if (samples > data.size())
        return Error{ErrorCode::TooFewBatches,
                     "batch_num " + std::to_string(prepared.configuration.batchNum) + " times batch " + std::to_string(batch) + " needs " +
                         std::to_string(samples) + " samples, there are " + std::to_string(data.size()) +
                         " (AMCT: Cannot find scale_d of layer in record file)",
                     data.spec().path.string()};
    auto calibration = std::make_shared<Calibration>();
    calibration->samples = static_cast<int>(samples);
    calibration->effective = prepared.effective;
    BatchNormStatistics statistics;
    if (updatesBatchNorm(prepared)) {
        QS_TRY(statistics, updateBatchNorm(engine, prepared, data, job));
    }
    QS_TRY(const auto refreshed, networkWithStatistics(prepared, statistics));
    const Model& network = *refreshed;
    QS_TRY(calibration->record, weightRecord(prepared, network));
    calibration->record.statistics = std::move(statistics);

    // Activations are observed on the network with fake-quantized weights, as AMCT does.
    std::vector<LayerQuantization> weightsOnly(network.layers().size());
    for (LayerId id = 0; id < static_cast<LayerId>(network.layers().size()); ++id) {
        const Layer& layer = network.layer(id);
        if (prepared.effectiveOf(id).weightBits == 0)
            continue;
        weightsOnly[static_cast<size_t>(id)].weights = fakeQuantizedWeightsOnly(layer, calibration->record.layers[layer.name]);
    }
    Watch watch = makeWatch(prepared, samples, options.exact);
    LayerRunner runner(engine, refreshed);
    Evaluator evaluator(runner);
    Forward forward;
    forward.quantization = &weightsOnly;
    forward.outputs = false;
    forward.tapped.resize(network.values().size());
    for (const Watch::Observer& observer : watch.observers)
        forward.tapped[static_cast<size_t>(observer.value)] = 1;
    forward.tap = [&](ValueId value, const Tensor& tensor) -> Result<void> {
        for (const size_t observer : watch.byValue[static_cast<size_t>(value)])
            watch.observers[observer].observation->add(tensor.values());
        return {};
    };
    for (int sample = 0; sample < samples; ++sample) {
        job.report(static_cast<double>(sample) / static_cast<double>(samples),
                   "calibrating " + std::to_string(sample + 1) + " of " + std::to_string(samples));
        QS_TRY(const Buffer picture, data.sample(sample));
        QS_TRY(forward.inputs, inputTensors(network, picture, data.sampleName(sample), runner.pool()));
        QS_CHECK(evaluator.run(forward, job));
    }
    for (const Watch::Port& port : watch.ports) {
        const auto& observation = watch.observers[port.observer].observation;
        calibration->observed[{port.layer, port.port}] = observation;
        calibration->observations.push_back({port.layer, port.port, observation->histogram().display()});
        const auto solved = ifmrSolve(*observation, optionsOf(prepared, port.layer, port.index));
        if (solved)
            calibration->record.layers[port.layer].inputs.push_back({.port = port.port, .params = *solved});
        else
            markLayer(calibration->effective, *prepared.original, port.layer, Reason::IllegalScale, solved.error().detail);
    }
    for (size_t i = 0; i < prepared.original->layers().size(); ++i)
        if (prepared.effective[i].quantized && !calibration->effective[i].quantized)
            calibration->record.layers.erase(prepared.original->layers()[i].name);
    calibration->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return std::shared_ptr<const Calibration>(std::move(calibration));
}

namespace {

const LayerSetting* knownSetting(const KnownFactors* known, const std::string& layer)
{
    if (!known || !known->record.layers.contains(layer))
        return nullptr;
    const auto found = known->configuration.layers.find(layer);
    return found == known->configuration.layers.end() ? nullptr : &found->second;
}

/// Clips apart: they are entered afterwards.
bool sameActivation(ActivationSetting before, bool offsetBefore, ActivationSetting now, bool offsetNow)
{
    before.withOffset = before.withOffset.value_or(offsetBefore);
    now.withOffset = now.withOffset.value_or(offsetNow);
    before.clip.reset();
    now.clip.reset();
    return before == now;
}

/// False where the layer was not observed or its range cannot be quantized.
bool solveLayer(const PreparedNetwork& prepared, const Layer& layer, const Effective& effective, const Calibration& calibration,
                const KnownFactors* known, LayerFactors& factors)
{
    const LayerSetting& setting = settingOf(prepared, layer.name);
    const LayerSetting* before = knownSetting(known, layer.name);
    const LayerFactors* old = before ? &known->record.layers.at(layer.name) : nullptr;
    if (effective.weightBits != 0) {
        if (old && before->weights == setting.weights && !old->weightScales.empty()) {
            factors = *old;
            factors.inputs.clear();
        } else if (!solveWeights(layer, effectiveWeightSetting(prepared, layer.name, effective), factors).ok())
            return false;
    }
    for (size_t index = 0; index < effective.inputs.size(); ++index) {
        const int port = effective.inputs[index].port;
        const InputFactors* input = old ? old->input(port) : nullptr;
        if (input && sameActivation(before->activation(index), known->configuration.activationOffset, setting.activation(index),
                                    prepared.configuration.activationOffset)) {
            factors.inputs.push_back(*input);
            continue;
        }
        const auto observed = calibration.observed.find({layer.name, port});
        if (observed == calibration.observed.end())
            return false;
        const auto params = ifmrSolve(*observed->second, optionsOf(prepared, layer.name, index));
        if (!params)
            return false;
        factors.inputs.push_back({.port = port, .params = *params});
    }
    return true;
}

}  // namespace

QuantRecord solveAgain(const PreparedNetwork& prepared, const Calibration& calibration, const KnownFactors* known)
{
    const auto refreshed = networkWithStatistics(prepared, calibration.record.statistics);
    if (!refreshed)
        return calibration.record;
    const Model& network = **refreshed;
    QuantRecord record;
    record.statistics = calibration.record.statistics;
    for (LayerId id = 0; id < static_cast<LayerId>(network.layers().size()); ++id) {
        const Effective& effective = prepared.effectiveOf(id);
        LayerFactors factors;
        if (effective.quantized && solveLayer(prepared, network.layer(id), effective, calibration, known, factors))
            record.layers.emplace(network.layer(id).name, std::move(factors));
    }
    return record;
}

QuantRecord effectiveRecord(const PreparedNetwork& prepared, const QuantRecord& record)
{
    QuantRecord result;
    result.statistics = record.statistics;
    for (size_t id = 0; id < prepared.original->layers().size(); ++id) {
        const Effective& effective = prepared.effective[id];
        const std::string& name = prepared.original->layers()[id].name;
        const auto found = record.layers.find(name);
        if (!effective.quantized || (found == record.layers.end() && effective.weightBits != 0))
            continue;
        LayerFactors factors = found == record.layers.end() ? LayerFactors{} : found->second;
        std::vector<InputFactors> inputs;
        for (size_t index = 0; index < effective.inputs.size(); ++index) {
            const EffectiveInput& input = effective.inputs[index];
            const auto& clip = settingOf(prepared, name).activation(index).clip;
            const InputFactors* known = factors.input(input.port);
            if (clip) {
                if (const auto params = paramsFromRange(clip->first, clip->second, input.bits, input.withOffset))
                    inputs.push_back({.port = input.port, .params = *params, .byHand = true});
            } else if (known && known->params.bits == input.bits) {
                inputs.push_back(*known);
            } else if (known) {
                // Another width than was calibrated: the same limits on the new grid.
                if (const auto params = paramsFromRange(known->params.clipMin(), known->params.clipMax(), input.bits, input.withOffset))
                    inputs.push_back({.port = input.port, .params = *params});
            }
        }
        factors.inputs = std::move(inputs);
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
    if (!before || static_cast<size_t>(id) >= before->layers.size() || before->network->layer(id).weights != layer.weights)
        return nullptr;
    const auto known = before->record.layers.find(layer.name);
    return known != before->record.layers.end() && known->second == factors ? &before->layers[static_cast<size_t>(id)].weights : nullptr;
}

}  // namespace

Result<std::shared_ptr<const QuantizedNetwork>> quantizeNetwork(const PreparedNetwork& prepared, const QuantRecord& given,
                                                                const QuantizedNetwork* before)
{
    const QuantRecord record = effectiveRecord(prepared, given);
    if (record.statistics.empty() && !record.layers.empty() && updatesBatchNorm(prepared))
        return Error{ErrorCode::MissingValue,
                     "update_bn is on, and these factors come without refreshed BatchNorm statistics (a record file does not hold them): calibrate "
                     "again, or switch update_bn off",
                     "key 'update_bn'"};
    auto quantized = std::make_shared<QuantizedNetwork>();
    quantized->effective = prepared.effective;
    quantized->record.statistics = record.statistics;
    QS_TRY(quantized->network, networkWithStatistics(prepared, record.statistics));
    const Model& network = *quantized->network;
    quantized->layers.resize(network.layers().size());
    for (LayerId id = 0; id < static_cast<LayerId>(network.layers().size()); ++id) {
        const Layer& layer = network.layer(id);
        const Effective& effective = prepared.effectiveOf(id);
        // Float layers, too, take part in what update_bn has changed.
        if (layer.weights != prepared.network->layer(id).weights)
            quantized->layers[static_cast<size_t>(id)].weights = layer.weights;
        if (!effective.quantized)
            continue;
        const auto found = record.layers.find(layer.name);
        if (found == record.layers.end()) {
            markLayer(quantized->effective, *prepared.original, layer.name, Reason::NoFactors, "the record has none for it: calibrate again");
            continue;
        }
        LayerFactors factors = found->second;
        const std::string where = "layer '" + layer.name + "'";
        LayerQuantization& result = quantized->layers[static_cast<size_t>(id)];
        result.inputs.resize(layer.inputs.size());
        for (const InputFactors& input : factors.inputs) {
            if (const auto checked = checkParams(input.params); !checked.ok())
                return Error{checked.error().code, checked.error().detail, where + ", input " + std::to_string(input.port)};
            result.inputs[static_cast<size_t>(input.port)] = input.params;
        }
        if (effective.weightBits != 0) {
            const WeightSetting setting = effectiveWeightSetting(prepared, layer.name, effective);
            const size_t wanted = weightScaleCount(layer, setting.channelWise);
            const size_t channels = weightScaleCount(layer, true);
            if (factors.weightScales.size() != 1 && factors.weightScales.size() != channels)
                return Error{
                    ErrorCode::ShapeMismatch,
                    "the record has " + std::to_string(factors.weightScales.size()) + " scale_w, the layer " + std::to_string(channels) + " channels",
                    where};
            // channel_wise and wts_algo can change without another calibration: both follow from the weights alone.
            if (factors.weightScales.size() != wanted || factors.weightBits != effective.weightBits)
                QS_CHECK(solveWeights(layer, setting, factors));
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

#include "core/jobs/calibrate.h"

#include "core/base/parallel.h"
#include "core/calib/ifmr.h"
#include "core/data/selection.h"
#include "core/engine/lanes.h"
#include "core/ir/builder.h"
#include "core/jobs/bias_correction.h"
#include "core/jobs/rounding.h"
#include "core/jobs/samples.h"
#include "core/jobs/update_batch_norm.h"
#include "core/ops/op.h"
#include "core/prepare/quantized_weights.h"
#include "core/prepare/refinements.h"
#include "core/quant/setting_fields.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>

namespace qs {

namespace {

const LayerSetting& settingOf(const PreparedNetwork& prepared, const std::string& layer)
{
    return prepared.configuration.layers.at(layer);
}

const ActivationSetting& activationOf(const PreparedNetwork& prepared, const std::string& layer, size_t index)
{
    return settingOf(prepared, layer).activation(index);
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
    ById<ValueId, std::vector<size_t>> byValue;
};

Watch makeWatch(const PreparedNetwork& prepared, int64_t samples, bool exact)
{
    const Model& network = *prepared.network;
    Watch watch;
    watch.byValue.resize(network.values().size());
    for (const LayerId id : network.layerIds()) {
        const Effective& effective = prepared.effectiveOf(id);
        for (size_t index = 0; index < effective.inputs.size(); ++index) {
            const Layer& layer = network.layer(id);
            const ValueId value = valueAt(layer, effective.inputs[index].port);
            const ActivationSetting& setting = activationOf(prepared, layer.name, index);
            // The declared batch does not matter: samples are run one at a time.
            const Shape& shape = network.value(value).shape;
            const int64_t batch = shape.empty() ? 1 : std::max<int64_t>(shape[0], 1);
            const auto count = static_cast<uint64_t>(samples * std::max<int64_t>(elementCount(shape) / batch, 1));
            const size_t tail = ifmrTail(setting.maxPercentile, setting.minPercentile, count);
            auto& known = watch.byValue[value];
            if (known.empty()) {
                known.push_back(watch.observers.size());
                watch.observers.emplace_back().value = value;
            }
            Watch::Observer& observer = watch.observers[known.front()];
            observer.tail = std::max(observer.tail, tail);
            observer.bins = std::max(observer.bins, ifmrBins(setting.bits));
            watch.ports.push_back({layer.name, effective.inputs[index].port, index, known.front()});
        }
    }
    for (Watch::Observer& observer : watch.observers)
        observer.observation = std::make_shared<Observation>(observer.tail, observer.bins, exact);
    return watch;
}

/// Hands the values of samples that are run side by side to their observers, to each in the order of the samples: every figure keeps its bits.
/// A sample that comes too early waits, and then follows the one before it by about an observer: no more than one value a lane is held.
class Observing {
public:
    explicit Observing(Watch& watch) : m_watch(watch), m_next(watch.observers.size()) {}

    /// One sample's turn. One that ends before it is complete lets none of those behind it go on.
    class Turn {
    public:
        Turn(Observing& observing, int sample) : m_observing(observing), m_sample(sample) {}
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn()
        {
            if (!m_complete)
                m_observing.stop(m_sample);
        }

        /// Errors: Cancelled where the samples before it have ended early.
        Result<void> add(ValueId value, const Tensor& tensor)
        {
            for (const size_t observer : m_observing.m_watch.byValue[value]) {
                QS_CHECK(m_observing.await(observer, m_sample));
                m_observing.m_watch.observers[observer].observation->add(tensor.values());
                m_observing.pass(observer);
            }
            return {};
        }
        void complete() { m_complete = true; }

    private:
        Observing& m_observing;
        int m_sample;
        bool m_complete = false;
    };

private:
    Result<void> await(size_t observer, int sample)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_ended < sample || m_next[observer] == sample; });
        return m_next[observer] == sample ? Result<void>() : Result<void>(cancelledError());
    }
    void pass(size_t observer)
    {
        const std::lock_guard lock(m_mutex);
        ++m_next[observer];
        m_changed.notify_all();
    }
    void stop(int sample)
    {
        const std::lock_guard lock(m_mutex);
        m_ended = std::min(m_ended, sample);
        m_changed.notify_all();
    }

    Watch& m_watch;
    std::vector<int> m_next;                        ///< sample, by observer
    int m_ended = std::numeric_limits<int>::max();  ///< the first sample that ended early
    std::mutex m_mutex;
    std::condition_variable m_changed;
};

/// Runs the samples, as many side by side as it is worth, and shows the observers their values.
Result<void> observe(const std::shared_ptr<Engine>& engine, const std::shared_ptr<const Model>& network,
                     const ById<LayerId, LayerQuantization>& quantization, const DataSet& data, int samples, Watch& watch, const JobContext& job)
{
    struct Lane {
        Lane(const std::shared_ptr<Engine>& engine, const std::shared_ptr<const Model>& network, const TensorPool& pool)
            : runner(engine, network, pool), evaluator(runner)
        {
        }
        LayerRunner runner;
        Evaluator evaluator;
    };
    TensorPool pool;
    std::vector<std::unique_ptr<Lane>> lanes(static_cast<size_t>(laneCount(*engine, *network)));
    for (auto& lane : lanes)
        lane = std::make_unique<Lane>(engine, network, pool);
    Forward wanted;
    wanted.quantization = &quantization;
    wanted.outputs = false;
    wanted.tapped.resize(network->values().size());
    for (const Watch::Observer& observer : watch.observers)
        wanted.tapped[observer.value] = 1;
    Observing observing(watch);
    std::mutex loading;
    const auto report = [&](int sample) { job.count(Phase::Calibrating, sample, samples); };
    report(0);  // lane 0, which alone may report, need not get the first sample
    return forLanes(samples, static_cast<int64_t>(lanes.size()), [&](int64_t lane, int64_t index) -> Result<void> {
        const auto sample = static_cast<int>(index);
        if (lane == 0)
            report(sample);
        Observing::Turn turn(observing, sample);
        Forward forward = wanted;
        {
            const std::lock_guard lock(loading);
            QS_TRY(forward.inputs, inputTensors(*network, data, sample, pool));
        }
        forward.tap = [&](ValueId value, const Tensor& tensor) { return turn.add(value, tensor); };
        QS_CHECK(lanes[static_cast<size_t>(lane)]->evaluator.run(forward, job));
        turn.complete();
        return {};
    });
}

}  // namespace

Result<std::shared_ptr<const Calibration>> calibrate(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const DataSet& all,
                                                     const JobContext& job, const CalibrateOptions& options)
{
    const auto started = std::chrono::steady_clock::now();
    const auto chosen = without(all, prepared.configuration.notCalibrated);
    const DataSet& data = *chosen;
    const int batch = std::max(1, data.spec().preprocess.batch);
    const int64_t samples = static_cast<int64_t>(prepared.configuration.batchNum) * batch;
    if (samples > data.size())
        return Error{ErrorCode::TooFewBatches,
                     "batch_num " + std::to_string(prepared.configuration.batchNum) + " times batch " + std::to_string(batch) + " needs " +
                         std::to_string(samples) + " samples, there are " + std::to_string(data.size()) +
                         (data.size() < all.size() ? ", " + std::to_string(all.size() - data.size()) + " are left out" : "") +
                         " (known as: Cannot find scale_d of layer in record file)",
                     data.spec().path.string()};
    auto calibration = std::make_shared<Calibration>();
    calibration->samples = static_cast<int>(samples);
    calibration->effective = prepared.effective;
    BatchNormStatistics statistics;
    if (updatesBatchNorm(prepared)) {
        const int64_t wanted = int64_t{prepared.configuration.bnUpdate.value_or(BnUpdateSetting{}).iterations} * batch;
        if (wanted > data.size())
            calibration->notes.push_back(
                {NoteCode::BatchNormRepeats, {}, {std::to_string(wanted), std::to_string(batch), std::to_string(data.size())}});
        QS_TRY(statistics, updateBatchNorm(engine, prepared, data, job));
    }
    QS_TRY(const auto refreshed, networkWithStatistics(prepared, statistics));
    const Model& network = *refreshed;
    QS_TRY(calibration->record, weightRecord(prepared, network));
    calibration->record.statistics = std::move(statistics);
    calibration->record.equalized = prepared.equalized;
    for (const auto& [layer, why] : calibration->record.illegal)
        markFloat(calibration->effective, *prepared.original, layer, Reason::IllegalScale, why);
    QS_CHECK(roundAdaptively(engine, prepared, refreshed, data, static_cast<int>(samples), calibration->record, job));

    // Activations are observed on the network with fake-quantized weights, as they will be quantized behind them.
    ById<LayerId, LayerQuantization> weightsOnly(network.layers().size());
    const QuantRecord& record = calibration->record;
    forItems(static_cast<int64_t>(network.layers().size()), [&](int64_t item) {
        const auto id = static_cast<LayerId>(item);
        const Layer& layer = network.layer(id);
        const Effective& effective = prepared.effectiveOf(id);
        if (const auto found = record.layers.find(layer.name); effective.quantized && effective.weightBits != 0 && found != record.layers.end())
            weightsOnly[id].weights = fakeQuantizedWeightsOnly(layer, found->second);
    });
    Watch watch = makeWatch(prepared, samples, options.exact);
    QS_CHECK(observe(engine, refreshed, weightsOnly, data, static_cast<int>(samples), watch, job));
    calibration->observations.resize(watch.ports.size());
    std::vector<std::optional<Result<QuantParams>>> solved(watch.ports.size());
    forItems(static_cast<int64_t>(watch.ports.size()), [&](int64_t i) {
        const Watch::Port& port = watch.ports[static_cast<size_t>(i)];
        const Observation& observation = *watch.observers[port.observer].observation;
        const auto named = [&data](const std::vector<Extreme>& extremes) {
            std::vector<FurthestSample> furthest;
            for (const Extreme& extreme : extremes)
                furthest.push_back({extreme.value, data.sourceIndex(extreme.sample), data.sampleName(extreme.sample)});
            return furthest;
        };
        calibration->observations[static_cast<size_t>(i)] = {port.layer, port.port, observation.histogram().display(), named(observation.highest()),
                                                             named(observation.lowest())};
        solved[static_cast<size_t>(i)] = solveActivation(observation, activationOf(prepared, port.layer, port.index),
                                                         prepared.configuration.activationOffset, prepared.configuration.scheme->activations);
    });
    for (size_t i = 0; i < watch.ports.size(); ++i) {
        const Watch::Port& port = watch.ports[i];
        calibration->observed[{port.layer, port.port}] = watch.observers[port.observer].observation;
        if (const Result<QuantParams>& params = *solved[i])
            calibration->record.layers[port.layer].inputs.push_back({.port = port.port, .params = *params});
        else if (calibration->record.illegal.emplace(port.layer, params.error().detail).second)
            markFloat(calibration->effective, *prepared.original, port.layer, Reason::IllegalScale, params.error().detail);
    }
    for (const LayerId id : prepared.original->layerIds())
        if (prepared.effective[id].quantized && !calibration->effective[id].quantized)
            calibration->record.layers.erase(prepared.original->layer(id).name);
    QS_CHECK(correctBiases(engine, prepared, data, static_cast<int>(samples), calibration->record, job));
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

bool sameActivation(ActivationSetting before, bool offsetBefore, ActivationSetting now, bool offsetNow)
{
    before.withOffset = before.withOffset.value_or(offsetBefore);
    now.withOffset = now.withOffset.value_or(offsetNow);
    return sameFor(Stale::Factors, before, now);
}

/// What only a calibration finds, as the last one found it.
void enterRefinements(const Effective& effective, const QuantRecord& calibrated, const std::string& layer, LayerFactors& factors)
{
    const auto seen = calibrated.layers.find(layer);
    factors.roundUp.clear();
    factors.bias.clear();
    if (seen == calibrated.layers.end())
        return;
    if (effective.adaRounded && seen->second.weightScales == factors.weightScales)
        factors.roundUp = seen->second.roundUp;
    if (effective.biasCorrected)
        factors.bias = seen->second.bias;
}

/// False where the layer was not observed or its range cannot be quantized.
bool solveLayer(const PreparedNetwork& prepared, const Layer& layer, const Effective& effective, const Calibration& calibration,
                const KnownFactors* known, LayerFactors& factors, QuantRecord& record)
{
    const LayerSetting& setting = settingOf(prepared, layer.name);
    const LayerSetting* before = knownSetting(known, layer.name);
    const LayerFactors* old = before ? &known->record.layers.at(layer.name) : nullptr;
    if (effective.weightBits != 0) {
        if (old && before->weights == setting.weights && !old->weightScales.empty()) {
            factors = *old;
            factors.inputs.clear();
        } else if (const auto solved =
                       solveWeights(layer, effectiveWeightSetting(prepared, layer.name, effective), prepared.configuration.scheme->weights, factors);
                   !solved) {
            record.illegal.emplace(layer.name, solved.error().detail);
            return false;
        }
        enterRefinements(effective, calibration.record, layer.name, factors);
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
        const auto params = solveActivation(*observed->second, setting.activation(index), prepared.configuration.activationOffset,
                                            prepared.configuration.scheme->activations);
        if (!params) {
            record.illegal.emplace(layer.name, params.error().detail);
            return false;
        }
        factors.inputs.push_back({.port = port, .params = *params});
    }
    return true;
}

}  // namespace

namespace {

WeightSetting weightsOf(const Configuration& configuration, const std::string& layer)
{
    const auto found = configuration.layers.find(layer);
    return found == configuration.layers.end() ? WeightSetting{} : found->second.weights.value_or(WeightSetting{});
}

/// Whether what was found for the weights `before` serves for `now`: each refinement builds on those before it, not they on it.
bool answers(const WeightSetting& before, const WeightSetting& now)
{
    if (!sameFor(Stale::Calibration, before, now))
        return false;
    WeightSetting known = before;
    const std::span<const Refinement> all = refinements();
    bool builds = false;
    for (size_t i = all.size(); i-- > 0 && !builds;)
        if (all[i].learned()) {
            builds = now.*all[i].flag;
            known.*all[i].flag &= builds;
        }
    return !builds || known == now;
}

}  // namespace

bool needsOtherData(const Configuration& now, const Configuration& calibrated)
{
    if (!sameFor(Stale::Calibration, now, calibrated) || now.updateBn.value_or(false))
        return true;
    const auto alike = [](const auto& a, const auto& b) { return a.first == b.first && a.second.weights == b.second.weights; };
    const auto [before, after] = std::mismatch(calibrated.layers.begin(), calibrated.layers.end(), now.layers.begin(), now.layers.end(), alike);
    for (auto [next, end] : {std::pair{before, calibrated.layers.end()}, std::pair{after, now.layers.end()}})
        for (; next != end; ++next)
            if (next->second.weights && !answers(weightsOf(calibrated, next->first), weightsOf(now, next->first)))
                return true;
    return false;
}

QuantRecord solveAgain(const PreparedNetwork& prepared, const Calibration& calibration, const KnownFactors* known)
{
    const auto refreshed = networkWithStatistics(prepared, calibration.record.statistics);
    if (!refreshed)
        return calibration.record;
    const Model& network = **refreshed;
    QuantRecord record;
    record.statistics = calibration.record.statistics;
    record.equalized = calibration.record.equalized;
    for (const LayerId id : network.layerIds()) {
        const Effective& effective = prepared.effectiveOf(id);
        LayerFactors factors;
        if (effective.quantized && solveLayer(prepared, network.layer(id), effective, calibration, known, factors, record))
            record.layers.emplace(network.layer(id).name, std::move(factors));
    }
    return record;
}

}  // namespace qs

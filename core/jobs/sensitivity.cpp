#include "core/jobs/sensitivity.h"

#include "core/base/parallel.h"
#include "core/data/selection.h"
#include "core/jobs/samples.h"

#include <algorithm>
#include <chrono>

namespace qs {

namespace {

struct Watched {
    LayerId id = noId;
    Variant oneQuantized;
    Variant oneFloat;
    MetricsAccumulator local, cumulative, quantizedError, floatError;
    std::vector<SampleFigures> quantizedFigures, floatFigures;
};

class Sweep {
public:
    Sweep(IncrementalEvaluator& evaluator, const QuantizedNetwork& quantized, const DataSet& data, Reading reading, const SensitivityOptions& options)
        : m_evaluator(evaluator),
          m_data(data),
          m_reading(std::move(reading)),
          m_serial(options.dataSerial),
          m_fromQuantized(options.fromQuantized),
          m_floating(evaluator.floating()),
          m_quantized(evaluator.variant(quantized.layers))
    {
        const Model& model = evaluator.model();
        for (const LayerId id : model.layerIds()) {
            const LayerQuantization& quantization = quantized.layers[id];
            if (!quantization.active() || !model.layer(id).notRunnable.empty() || model.layer(id).outputs.empty())
                continue;
            Watched& watched = m_watched.emplace_back();
            watched.id = id;
            watched.oneQuantized = evaluator.changed(m_floating, id, quantization);
            watched.oneFloat = evaluator.changed(m_quantized, id, {});
            m_values.push_back(model.layer(id).outputs.front());
        }
        m_values.insert(m_values.end(), model.outputs().begin(), model.outputs().end());
        if (options.predict) {
            std::vector<LayerId> layers;
            for (const Watched& watched : m_watched)
                layers.push_back(watched.id);
            m_predictor.emplace(evaluator, quantized, std::move(layers));
        }
    }

    /// The `done`-th of `samples`.
    Result<void> add(int index, int done, int samples, const JobContext& job)
    {
        const Sample sample = sampleOf(m_data, index, m_evaluator, m_serial);
        std::vector<ValueId> floats = m_values;
        if (m_predictor) {
            const std::vector<ValueId> needed = m_predictor->values();
            floats.insert(floats.end(), needed.begin(), needed.end());
        }
        QS_TRY(const Values floating, m_evaluator.values(m_floating, sample, floats, true, job));
        predict(floating, index);
        const std::vector<Tensor> expected = outputsOf(m_evaluator.model(), floating);
        Values quantized;
        if (m_fromQuantized) {
            QS_TRY(quantized, m_evaluator.values(m_quantized, sample, m_values, true, job));
            const std::vector<Tensor> outputs = outputsOf(m_evaluator.model(), quantized);
            m_output.add(outputSums(expected, outputs, m_evaluator.runner().pool()), index);
            m_figures.push_back(figures(expected, outputs, index));
        }
        // Side by side: a layer's figures are its own. Those in front, behind which most is to be run, come first.
        const std::vector<IncrementalEvaluator*> lanes = m_evaluator.lanes();
        const auto layers = static_cast<int64_t>(m_watched.size());
        const auto report = [&](int64_t i) {
            // A job that was stopped says nothing more.
            if (job.cancelled())
                return;
            job.report((done + static_cast<double>(i) / static_cast<double>(layers)) / samples, Phase::MeasuringSensitivity,
                       {std::to_string(done + 1), std::to_string(samples)});
        };
        report(0);  // lane 0, which alone may report, need not get a layer
        return forLanes(layers, static_cast<int64_t>(lanes.size()), [&](int64_t lane, int64_t i) {
            if (lane == 0)
                report(i);
            return addLayer(*lanes[static_cast<size_t>(lane)], m_watched[static_cast<size_t>(i)], sample, index, floating, quantized, expected, job);
        });
    }

    Sensitivity result(int samples, int wanted) const
    {
        Sensitivity result{.samples = samples, .wanted = wanted, .output = m_output.metrics(), .layers = {}, .noPrediction = {}};
        result.outputAgreement = figuresOf(m_figures).agreement();
        for (const Watched& watched : m_watched)
            result.layers.push_back({m_evaluator.model().layer(watched.id).name,
                                     watched.local.metrics(),
                                     watched.cumulative.metrics(),
                                     watched.quantizedError.metrics(),
                                     watched.floatError.metrics(),
                                     {},
                                     figuresOf(watched.quantizedFigures).agreement(),
                                     figuresOf(watched.floatFigures).agreement()});
        enterPredictions(result);
        return result;
    }

private:
    SampleFigures figures(const std::vector<Tensor>& expected, const std::vector<Tensor>& outputs, int index) const
    {
        return {.sample = index, .sums = {}, .vote = voteOf(m_reading, expected, outputs, m_data, index)};
    }

    /// Where it cannot be done, the measured figures are there all the same.
    void predict(const Values& floating, int index)
    {
        if (!m_predictor)
            return;
        if (const auto done = m_predictor->add(floating, index); !done.ok()) {
            m_noPrediction = done.error().where + ": " + done.error().detail;
            m_predictor.reset();
        }
    }

    void enterPredictions(Sensitivity& result) const
    {
        result.noPrediction = m_noPrediction;
        if (!m_predictor)
            return;
        std::vector<Prediction> predictions = m_predictor->predictions();
        std::vector<double> measured;
        std::vector<double> firstOrder;
        std::vector<double> squared;
        for (size_t i = 0; i < predictions.size(); ++i) {
            measured.push_back(result.layers[i].oneQuantized.relL2);
            firstOrder.push_back(predictions[i].widths.front().firstOrder);
            squared.push_back(predictions[i].widths.front().squared);
            result.layers[i].predicted = std::move(predictions[i]);
        }
        result.firstOrderRank = rankCorrelation(firstOrder, measured);
        result.squaredRank = rankCorrelation(squared, measured);
    }

    Result<void> addLayer(IncrementalEvaluator& evaluator, Watched& watched, const Sample& sample, int index, const Values& floating,
                          const Values& quantized, const std::vector<Tensor>& expected, const JobContext& job)
    {
        const Model& model = evaluator.model();
        TensorPool& pool = evaluator.runner().pool();
        const ValueId value = model.layer(watched.id).outputs.front();
        const auto atLayer = [&](const Tensor& tensor) { return outputSums(std::span(&floating.at(value), 1), std::span(&tensor, 1), pool); };
        // The layer's own value is asked for along with the outputs: both scopes from one run.
        std::vector<ValueId> wanted = model.outputs();
        wanted.push_back(value);
        QS_TRY(const Values changed, evaluator.values(watched.oneQuantized, sample, wanted, false, job));
        watched.local.add(atLayer(changed.at(value)), index);
        const std::vector<Tensor> outputs = outputsOf(model, changed);
        watched.quantizedError.add(outputSums(expected, outputs, pool), index);
        watched.quantizedFigures.push_back(figures(expected, outputs, index));
        if (!m_fromQuantized)
            return {};
        watched.cumulative.add(atLayer(quantized.at(value)), index);
        QS_TRY(const Values relaxed, evaluator.values(watched.oneFloat, sample, model.outputs(), false, job));
        const std::vector<Tensor> relaxedOutputs = outputsOf(model, relaxed);
        watched.floatError.add(outputSums(expected, relaxedOutputs, pool), index);
        watched.floatFigures.push_back(figures(expected, relaxedOutputs, index));
        return {};
    }

    IncrementalEvaluator& m_evaluator;
    const DataSet& m_data;
    Reading m_reading;
    uint64_t m_serial;
    bool m_fromQuantized;
    Variant m_floating;
    Variant m_quantized;
    std::vector<Watched> m_watched;
    std::optional<Predictor> m_predictor;
    std::string m_noPrediction;
    std::vector<ValueId> m_values;  // the watched layers' and the outputs
    MetricsAccumulator m_output;
    std::vector<SampleFigures> m_figures;
};

}  // namespace

const LayerSensitivity* Sensitivity::layer(std::string_view name) const
{
    const auto found = std::find_if(layers.begin(), layers.end(), [&](const LayerSensitivity& entry) { return entry.layer == name; });
    return found == layers.end() ? nullptr : &*found;
}

const std::vector<std::pair<std::string, std::string>>& scopeDefinitions()
{
    static const std::vector<std::pair<std::string, std::string>> definitions{
        {"local", "error of the layer's output, only this layer quantized, its inputs float"},
        {"oneQuantized", "error of the network's output, only this layer quantized"},
        {"oneFloat", "error of the network's output, everything quantized but this layer"},
        {"cumulative", "error of the layer's output, the whole configuration up to here"},
        {"predicted",
         "error of the network's output, only this layer quantized, to first order: the gradient times the layer's quantization errors, from one "
         "backward pass a sample over the outputs' projection on random signs"},
        {"predictedSquared", "the same with the products squared one by one, as if the errors of single values were independent"},
    };
    return definitions;
}

Result<std::shared_ptr<const Sensitivity>> sensitivity(IncrementalEvaluator& evaluator, const QuantizedNetwork& quantized, const DataSet& all,
                                                       const SensitivityOptions& options, const JobContext& job)
{
    const auto started = std::chrono::steady_clock::now();
    const auto chosen = evaluated(all);
    const DataSet& data = *chosen;
    const int samples = std::min(options.samples, data.size());
    if (samples <= 0)
        return noSamples(all);
    QS_CHECK(requireOutputs(evaluator.model()));
    QS_TRY(Reading reading, readingOf(evaluator.model(), data));
    Sweep sweep(evaluator, quantized, data, std::move(reading), options);
    std::shared_ptr<const Sensitivity> newest;
    const std::vector<int> order = spreadOrder(data.size(), samples);
    for (int i = 0; i < samples; ++i) {
        QS_CHECK(sweep.add(order[static_cast<size_t>(i)], i, samples, job));
        auto result = std::make_shared<Sensitivity>(sweep.result(i + 1, samples));
        result->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        newest = std::move(result);
        if (options.publish)
            options.publish(newest);
    }
    return newest;
}

}  // namespace qs

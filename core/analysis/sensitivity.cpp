#include "core/analysis/sensitivity.h"

#include "core/analysis/samples.h"

#include <algorithm>
#include <chrono>

namespace qs {

namespace {

/// The values of one run, by value.
using Values = std::map<ValueId, Tensor>;

Tap into(Values& values)
{
    return [&values](ValueId id, const Tensor& tensor) -> Result<void> {
        values[id] = tensor;
        return {};
    };
}

struct Watched {
    LayerId id = noId;
    Variant oneQuantized;
    Variant oneFloat;
    MetricsAccumulator local, cumulative, quantizedError, floatError;
};

class Sweep {
public:
    Sweep(IncrementalEvaluator& evaluator, const QuantizedNetwork& quantized, const DataSet& data, const SensitivityOptions& options)
        : m_evaluator(evaluator),
          m_data(data),
          m_serial(options.dataSerial),
          m_oneFloat(options.oneFloat),
          m_floating(evaluator.floating()),
          m_quantized(evaluator.variant(quantized.layers))
    {
        const Model& model = evaluator.model();
        for (LayerId id = 0; id < static_cast<LayerId>(model.layers().size()); ++id) {
            const LayerQuantization& quantization = quantized.layers[static_cast<size_t>(id)];
            if (!quantization.active() || !model.layer(id).notRunnable.empty() || model.layer(id).outputs.empty())
                continue;
            Watched& watched = m_watched.emplace_back();
            watched.id = id;
            watched.oneQuantized = evaluator.changed(m_floating, id, quantization);
            watched.oneFloat = evaluator.changed(m_quantized, id, {});
            m_values.push_back(model.layer(id).outputs.front());
        }
        m_values.insert(m_values.end(), model.outputs().begin(), model.outputs().end());
    }

    /// The `done`-th of `samples`.
    Result<void> add(int index, int done, int samples, const JobContext& job)
    {
        const Sample sample = sampleOf(m_data, index, m_evaluator, m_serial);
        Values floating;
        Values quantized;
        QS_CHECK(m_evaluator.run(m_floating, sample, m_values, true, into(floating), job));
        QS_CHECK(m_evaluator.run(m_quantized, sample, m_values, true, into(quantized), job));
        const std::vector<Tensor> expected = outputs(floating);
        m_output.add(outputSums(expected, outputs(quantized), m_evaluator.runner().pool()), index);
        for (size_t i = 0; i < m_watched.size(); ++i) {
            const double layers = static_cast<double>(i) / static_cast<double>(m_watched.size());
            job.report((done + layers) / samples, "sensitivity, sample " + std::to_string(done + 1) + " of " + std::to_string(samples));
            QS_CHECK(addLayer(m_watched[i], sample, index, floating, quantized, expected, job));
        }
        return {};
    }

    Sensitivity result(int samples, int wanted) const
    {
        Sensitivity result{.samples = samples, .wanted = wanted, .output = m_output.metrics(), .layers = {}, .seconds = 0};
        for (const Watched& watched : m_watched)
            result.layers.push_back({m_evaluator.model().layer(watched.id).name, watched.local.metrics(), watched.cumulative.metrics(),
                                     watched.quantizedError.metrics(), watched.floatError.metrics()});
        return result;
    }

private:
    std::vector<Tensor> outputs(const Values& values) const
    {
        std::vector<Tensor> outputs;
        for (const ValueId id : m_evaluator.model().outputs())
            outputs.push_back(values.contains(id) ? values.at(id) : Tensor());
        return outputs;
    }

    Result<void> addLayer(Watched& watched, const Sample& sample, int index, const Values& floating, const Values& quantized,
                          const std::vector<Tensor>& expected, const JobContext& job)
    {
        const Model& model = m_evaluator.model();
        TensorPool& pool = m_evaluator.runner().pool();
        const ValueId value = model.layer(watched.id).outputs.front();
        const auto atLayer = [&](const Tensor& tensor) { return outputSums(std::span(&floating.at(value), 1), std::span(&tensor, 1), pool); };
        watched.cumulative.add(atLayer(quantized.at(value)), index);
        // The layer's own value is asked for along with the outputs: both scopes from one run.
        std::vector<ValueId> wanted = model.outputs();
        wanted.push_back(value);
        Values changed;
        QS_CHECK(m_evaluator.run(watched.oneQuantized, sample, wanted, false, into(changed), job));
        watched.local.add(atLayer(changed.at(value)), index);
        watched.quantizedError.add(outputSums(expected, outputs(changed), pool), index);
        if (!m_oneFloat)
            return {};
        changed.clear();
        QS_CHECK(m_evaluator.run(watched.oneFloat, sample, model.outputs(), false, into(changed), job));
        watched.floatError.add(outputSums(expected, outputs(changed), pool), index);
        return {};
    }

    IncrementalEvaluator& m_evaluator;
    const DataSet& m_data;
    uint64_t m_serial;
    bool m_oneFloat;
    Variant m_floating;
    Variant m_quantized;
    std::vector<Watched> m_watched;
    std::vector<ValueId> m_values;  // the watched layers' and the outputs
    MetricsAccumulator m_output;
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
    };
    return definitions;
}

Result<std::shared_ptr<const Sensitivity>> sensitivity(IncrementalEvaluator& evaluator, const QuantizedNetwork& quantized, const DataSet& data,
                                                       const SensitivityOptions& options, const JobContext& job)
{
    const auto started = std::chrono::steady_clock::now();
    const int samples = std::min(options.samples, data.size());
    if (samples <= 0)
        return Error{ErrorCode::NoData, {}, data.spec().path.string()};
    QS_CHECK(requireOutputs(evaluator.model()));
    Sweep sweep(evaluator, quantized, data, options);
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

#include "core/jobs/update_batch_norm.h"

#include "core/ir/builder.h"
#include "core/jobs/samples.h"
#include "core/ops/op.h"
#include "core/prepare/quantized_weights.h"

#include <algorithm>
#include <numeric>

namespace qs {

namespace {

/// The original network with BatchNorm layers that normalize by the batch.
Result<std::shared_ptr<const Model>> batchStatisticsModel(const Model& model)
{
    ModelBuilder builder(model);
    for (const LayerId id : model.layerIds())
        if (model.layer(id).op == "BatchNorm")
            builder.layer(id).attributes.set("batchStatistics", int64_t{1});
    return std::move(builder).build();
}

Result<ById<LayerId, LayerQuantization>> quantizedWeightsOf(const Model& model, const PreparedNetwork& prepared)
{
    ById<LayerId, LayerQuantization> layers(model.layers().size());
    for (const LayerId id : model.layerIds()) {
        const Layer& layer = model.layer(id);
        const LayerId original = prepared.original->findLayer(layer.name);
        const Effective& effective = prepared.effective[original];
        // An accelerated BatchNorm has weights only after fusion.
        if (effective.weightBits == 0 || layerQuantizable(model, id, *prepared.configuration.scheme) != Quantizable::WeightsAndData)
            continue;
        LayerFactors factors;
        QS_CHECK(solveWeights(layer, effectiveWeightSetting(prepared, layer.name, effective), prepared.configuration.scheme->weights, factors));
        layers[id].weights = fakeQuantizedWeightsOnly(layer, factors);
    }
    return layers;
}

/// Several samples along the batch axis.
Result<std::vector<Tensor>> batchTensors(const Model& model, const DataSet& data, int first, int count, TensorPool& pool)
{
    std::vector<std::vector<Tensor>> samples;
    for (int i = 0; i < count; ++i) {
        const int index = (first + i) % data.size();
        QS_TRY(std::vector<Tensor> inputs, inputTensors(model, data, index, pool));
        samples.push_back(std::move(inputs));
    }
    if (count == 1)
        return samples.front();
    std::vector<Tensor> batch;
    for (size_t input = 0; input < samples.front().size(); ++input) {
        Shape shape = samples.front()[input].shape();
        shape[0] *= count;
        Tensor stacked = pool.allocate(shape);
        float* target = stacked.data();
        for (const auto& sample : samples)
            target = std::copy(sample[input].values().begin(), sample[input].values().end(), target);
        batch.push_back(std::move(stacked));
    }
    return batch;
}

/// Mean and unbiased variance per channel (dimension 1) of one batch.
ChannelStatistics statisticsOf(const Tensor& tensor, TensorPool& pool)
{
    const Tensor plain = convertLayout(tensor, Layout::Plain, pool);
    const Shape& shape = plain.shape();
    const int64_t channels = shape[1];
    const int64_t inner = elementCount({shape.begin() + 2, shape.end()});
    const auto count = static_cast<double>(shape[0] * inner);
    ChannelStatistics statistics;
    for (int64_t c = 0; c < channels; ++c) {
        const auto over = [&](auto term) {
            double sum = 0;
            for (int64_t n = 0; n < shape[0]; ++n)
                for (const float value : plain.values().subspan(static_cast<size_t>((n * channels + c) * inner), static_cast<size_t>(inner)))
                    sum += term(static_cast<double>(value));
            return sum;
        };
        const double mean = over([](double value) { return value; }) / count;
        const double squares = over([mean](double value) { return (value - mean) * (value - mean); });
        statistics.mean.push_back(static_cast<float>(mean));
        statistics.variance.push_back(static_cast<float>(squares / std::max(count - 1, 1.0)));
    }
    return statistics;
}

void moveTowards(std::vector<float>& average, const std::vector<float>& now, double beta)
{
    for (size_t c = 0; c < average.size(); ++c)
        average[c] = static_cast<float>((1 - beta) * static_cast<double>(now[c]) + beta * static_cast<double>(average[c]));
}

}  // namespace

Result<BatchNormStatistics> updateBatchNorm(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const DataSet& data,
                                            const JobContext& job)
{
    if (data.size() == 0)
        return Error{ErrorCode::NoData, "update_bn needs samples", data.spec().path.string()};
    const BnUpdateSetting setting = prepared.configuration.bnUpdate.value_or(BnUpdateSetting{});
    QS_TRY(const auto model, batchStatisticsModel(*prepared.original));
    BatchNormStatistics statistics;
    Forward forward;
    forward.outputs = false;
    forward.tapped.resize(model->values().size());
    ById<ValueId, std::vector<LayerId>> readers(model->values().size());
    for (const LayerId id : model->layerIds()) {
        const Layer& layer = model->layer(id);
        if (!refreshable(layer))
            continue;
        const auto mean = layer.weights[0]->floats();
        const auto variance = layer.weights[1]->floats();
        statistics[layer.name] = {{mean.begin(), mean.end()}, {variance.begin(), variance.end()}};
        forward.tapped[layer.inputs.front()] = 1;
        readers[layer.inputs.front()].push_back(id);
    }
    if (statistics.empty())
        return statistics;
    QS_TRY(const auto quantization, quantizedWeightsOf(*model, prepared));
    forward.quantization = &quantization;
    LayerRunner runner(engine, model);
    Evaluator evaluator(runner);
    forward.tap = [&](ValueId value, const Tensor& tensor) -> Result<void> {
        const ChannelStatistics now = statisticsOf(tensor, runner.pool());
        for (const LayerId id : readers[value]) {
            const Layer& layer = model->layer(id);
            const double beta = layer.attributes.real("movingAverageFraction", setting.movingAverageFraction);
            moveTowards(statistics[layer.name].mean, now.mean, beta);
            moveTowards(statistics[layer.name].variance, now.variance, beta);
        }
        return {};
    };
    const int batch = std::max(1, data.spec().preprocess.batch);
    for (int iteration = 0; iteration < setting.iterations; ++iteration) {
        job.count(Phase::UpdatingBatchNorm, iteration, setting.iterations);
        QS_TRY(forward.inputs, batchTensors(*model, data, static_cast<int>(int64_t{iteration} * batch % data.size()), batch, runner.pool()));
        QS_CHECK(evaluator.run(forward, job));
    }
    return statistics;
}

}  // namespace qs

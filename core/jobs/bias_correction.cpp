#include "core/jobs/bias_correction.h"

#include "core/jobs/calibrate.h"
#include "core/jobs/diagnose.h"
#include "core/jobs/samples.h"
#include "core/prepare/quantized_weights.h"

namespace qs {

namespace {

constexpr size_t cacheBytes = size_t{512} << 20;

struct ChannelSums {
    std::vector<double> sums;
    size_t values = 0;  ///< of all channels: how many the samples have, sparse ones say themselves
};

/// Sums over everything but the channels, which a bias is added to.
void addChannelSums(const Tensor& tensor, size_t axis, TensorPool& pool, ChannelSums& channels)
{
    const Tensor plain = convertLayout(tensor, Layout::Plain, pool);
    const Shape& shape = plain.shape();
    const auto inner = static_cast<size_t>(elementCount({shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end()}));
    channels.sums.resize(static_cast<size_t>(shape[axis]));
    channels.values += plain.values().size();
    size_t run = 0;
    for (size_t at = 0; at < plain.values().size(); at += inner, ++run)
        for (const float value : plain.values().subspan(at, inner))
            channels.sums[run % channels.sums.size()] += static_cast<double>(value);
}

/// Sums of every channel of one layer's output over the first samples.
Result<ChannelSums> channelSums(IncrementalEvaluator& evaluator, const Variant& variant, LayerId layer, const DataSet& data, int samples,
                                const JobContext& job)
{
    ChannelSums sums;
    const ValueId value = evaluator.model().layer(layer).outputs.front();
    const auto tap = [&](ValueId, const Tensor& tensor) -> Result<void> {
        addChannelSums(tensor, channelAxis(evaluator.model(), layer, tensor.shape()), evaluator.runner().pool(), sums);
        return {};
    };
    for (int sample = 0; sample < samples; ++sample)
        QS_CHECK(evaluator.run(variant, sampleOf(data, sample, evaluator), {&value, 1}, true, tap, job));
    return sums;
}

std::vector<float> floatsOf(const Buffer& buffer)
{
    const auto values = buffer.floats();
    return {values.begin(), values.end()};
}

std::vector<float> biasOf(const Layer& layer)
{
    if (layer.weights.size() < 2 || !layer.weights[1])
        return std::vector<float>(weightScaleCount(layer, true));
    return floatsOf(*layer.weights[1]);
}

}  // namespace

Result<void> correctBiases(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const DataSet& data, int samples,
                           QuantRecord& record, const JobContext& job)
{
    QS_TRY(const auto network, networkWithStatistics(prepared, record.statistics));
    std::vector<LayerId> corrected;
    for (const LayerId id : network->layerIds())
        if (const auto found = record.layers.find(network->layer(id).name); prepared.effectiveOf(id).biasCorrected && found != record.layers.end()) {
            found->second.bias = biasOf(network->layer(id));
            corrected.push_back(id);
        }
    if (corrected.empty())
        return {};
    // What lies before a corrected layer is the same for the next one: its values are taken from the cache while they have room.
    IncrementalEvaluator evaluator(engine, network, std::make_shared<ValueCache>(cacheBytes));
    const Variant floating = evaluator.floating();
    std::shared_ptr<const QuantizedNetwork> quantized;
    for (size_t i = 0; i < corrected.size(); ++i) {
        job.count(Phase::CorrectingBiases, static_cast<int64_t>(i), static_cast<int64_t>(corrected.size()));
        const LayerId id = corrected[i];
        QS_TRY(quantized, quantizeNetwork(prepared, record, quantized.get()));
        QS_TRY(const ChannelSums wanted, channelSums(evaluator, floating, id, data, samples, job));
        QS_TRY(const ChannelSums found, channelSums(evaluator, evaluator.variant(quantized->layers), id, data, samples, job));
        // The bias that was run lies on its grid: from there, one rounding is left.
        std::vector<float> bias = floatsOf(*quantized->layers[id].weights[1]);
        if (bias.size() != wanted.sums.size() || bias.size() != found.sums.size())
            return Error{ErrorCode::Internal, std::to_string(wanted.sums.size()) + " channels for " + std::to_string(bias.size()) + " biases",
                         "layer '" + network->layer(id).name + "'"};
        const double each = static_cast<double>(wanted.values) / static_cast<double>(bias.size());
        for (size_t c = 0; c < bias.size(); ++c)
            bias[c] += static_cast<float>((wanted.sums[c] - found.sums[c]) / each);
        record.layers[network->layer(id).name].bias = std::move(bias);
    }
    return {};
}

}  // namespace qs

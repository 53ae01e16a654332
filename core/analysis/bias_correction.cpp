#include "core/analysis/bias_correction.h"

#include "core/analysis/compare.h"
#include "core/analysis/quantized_weights.h"

namespace qs {

namespace {

/// Sums over everything but dimension 1, where the channels are.
void addChannelSums(const Tensor& tensor, TensorPool& pool, std::vector<double>& sums)
{
    const Tensor plain = tensor.shape().size() == 4 ? convertLayout(tensor, Layout::Plain, pool) : tensor;
    const Shape& shape = plain.shape();
    const auto inner = static_cast<size_t>(elementCount({shape.begin() + 2, shape.end()}));
    sums.resize(static_cast<size_t>(shape[1]));
    size_t run = 0;
    for (size_t at = 0; at < plain.values().size(); at += inner, ++run)
        for (const float value : plain.values().subspan(at, inner))
            sums[run % sums.size()] += static_cast<double>(value);
}

/// Runs the samples and gives the sums of every channel of the outputs of `layers`.
class ChannelSums {
public:
    ChannelSums(const std::shared_ptr<Engine>& engine, std::shared_ptr<const Model> network, const DataSet& data, int samples)
        : m_runner(engine, std::move(network)), m_data(data), m_samples(samples)
    {
    }

    Result<std::map<LayerId, std::vector<double>>> run(std::span<const LayerId> layers, const std::vector<LayerQuantization>* quantization,
                                                       const JobContext& job)
    {
        const Model& network = m_runner.model();
        std::map<LayerId, std::vector<double>> sums;
        Evaluator evaluator(m_runner);
        Forward forward;
        forward.quantization = quantization;
        forward.outputs = false;
        forward.tapped.resize(network.values().size());
        for (const LayerId id : layers)
            forward.tapped[static_cast<size_t>(network.layer(id).outputs.front())] = 1;
        forward.tap = [&](ValueId value, const Tensor& tensor) -> Result<void> {
            addChannelSums(tensor, m_runner.pool(), sums[network.value(value).producer]);
            return {};
        };
        for (int sample = 0; sample < m_samples; ++sample) {
            QS_TRY(const Buffer picture, m_data.sample(sample));
            QS_TRY(forward.inputs, inputTensors(network, picture, m_data.sampleName(sample), m_runner.pool()));
            QS_CHECK(evaluator.run(forward, job));
        }
        return sums;
    }

private:
    LayerRunner m_runner;
    const DataSet& m_data;
    int m_samples;
};

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
    for (LayerId id = 0; id < static_cast<LayerId>(network->layers().size()); ++id)
        if (const auto found = record.layers.find(network->layer(id).name); prepared.effectiveOf(id).biasCorrected && found != record.layers.end()) {
            found->second.bias = biasOf(network->layer(id));
            corrected.push_back(id);
        }
    if (corrected.empty())
        return {};
    const auto report = [&](size_t done) {
        job.report(static_cast<double>(done) / static_cast<double>(corrected.size()),
                   "correcting bias " + std::to_string(done + 1) + " of " + std::to_string(corrected.size()));
    };
    report(0);
    QS_TRY(auto expected, ChannelSums(engine, network, data, samples).run(corrected, nullptr, job));
    for (size_t i = 0; i < corrected.size(); ++i) {
        report(i);
        const LayerId id = corrected[i];
        QS_TRY(const auto quantized, quantizeNetwork(prepared, record));
        QS_TRY(auto found, ChannelSums(engine, quantized->network, data, samples).run({&id, 1}, &quantized->layers, job));
        const std::vector<double>& wanted = expected[id];
        const int64_t values = elementCount(network->value(network->layer(id).outputs.front()).shape) / static_cast<int64_t>(wanted.size());
        const int64_t batch = std::max<int64_t>(1, network->value(network->layer(id).outputs.front()).shape.front());
        // The bias that was run lies on its grid: from there, one rounding is left.
        std::vector<float> bias = floatsOf(*quantized->layers[static_cast<size_t>(id)].weights[1]);
        for (size_t c = 0; c < wanted.size(); ++c)
            bias[c] += static_cast<float>((wanted[c] - found[id][c]) / static_cast<double>(values / batch * samples));
        record.layers[network->layer(id).name].bias = std::move(bias);
    }
    return {};
}

}  // namespace qs

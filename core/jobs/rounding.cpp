#include "core/jobs/rounding.h"

#include "core/calib/adaround.h"
#include "core/jobs/samples.h"

#include <algorithm>

namespace qs {

namespace {

int64_t patchesPerSample(const Layer& layer, int samples)
{
    constexpr int64_t multiplications = 4'000'000'000;
    constexpr int64_t patchesPerWeight = 4;
    const int64_t inner = WeightChannels(layer).inner();
    const int64_t groups = layer.op == "InnerProduct" ? 1 : layer.attributes.integer("group", 1);
    const int64_t wanted = std::max(patchesPerWeight * inner, multiplications / (inner * inner * groups));
    return std::max<int64_t>(1, (wanted + samples - 1) / samples);
}

}  // namespace

Result<void> roundAdaptively(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const std::shared_ptr<const Model>& network,
                             const DataSet& data, int samples, QuantRecord& record, const JobContext& job)
{
    std::map<LayerId, PatchMoments> moments;
    Forward forward;
    forward.outputs = false;
    forward.tapped.resize(network->values().size());
    for (const LayerId id : network->layerIds()) {
        const Layer& layer = network->layer(id);
        if (!prepared.effectiveOf(id).adaRounded || !record.layers.contains(layer.name))
            continue;
        moments.emplace(id, PatchMoments(layer, network->value(layer.inputs.front()).shape, patchesPerSample(layer, samples)));
        forward.tapped[layer.inputs.front()] = 1;
    }
    if (moments.empty())
        return {};
    LayerRunner runner(engine, network);
    Evaluator evaluator(runner);
    forward.tap = [&](ValueId value, const Tensor& tensor) -> Result<void> {
        const Tensor plain = convertLayout(tensor, Layout::Plain, runner.pool());
        for (auto& [id, gathered] : moments)
            if (network->layer(id).inputs.front() == value)
                gathered.add(plain.values());
        return {};
    };
    for (int sample = 0; sample < samples; ++sample) {
        job.count(Phase::LookingAtInputs, sample, samples);
        QS_TRY(forward.inputs, inputTensors(*network, data, sample, runner.pool()));
        QS_CHECK(evaluator.run(forward, job));
    }
    int64_t done = 0;
    for (const auto& [id, gathered] : moments) {
        job.count(Phase::RoundingWeights, done++, static_cast<int64_t>(moments.size()));
        const Layer& layer = network->layer(id);
        LayerFactors& factors = record.layers[layer.name];
        const WeightChannels channels(layer);
        QS_TRY(factors.roundUp, adaRound({layer.weights.front()->floats(), channels}, {factors.weightScales, {}}, factors.weightBits, gathered, job));
    }
    return {};
}

}  // namespace qs

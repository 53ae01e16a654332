#include "core/jobs/live_bench.h"

#include "core/base/throttle.h"
#include "core/data/selection.h"
#include "core/jobs/pair_walk.h"
#include "core/jobs/samples.h"

#include <algorithm>
#include <chrono>

namespace qs {

namespace {

ValueKey both(const ValueKey& floating, const ValueKey& quantized)
{
    return KeyBuilder().add(floating).add(quantized).key();
}

}  // namespace

LiveBench::LiveBench(std::shared_ptr<Engine> engine, std::shared_ptr<ValueCache> cache) : m_engine(std::move(engine)), m_cache(std::move(cache)) {}

void LiveBench::setState(std::shared_ptr<const PreparedNetwork> prepared, std::shared_ptr<const QuantizedNetwork> quantized,
                         std::shared_ptr<const DataSet> data, uint64_t dataSerial)
{
    if (!m_prepared || m_prepared->network != prepared->network)
        m_evaluator = std::make_unique<IncrementalEvaluator>(m_engine, prepared->network, m_cache);
    if (m_whole != data || m_dataSerial != dataSerial) {
        m_dataSerial = dataSerial;
        m_sums.clear();
        m_knownVotes.clear();
        m_published.reset();
    }
    if (m_prepared && m_prepared->original != prepared->original)
        m_published.reset();
    m_prepared = std::move(prepared);
    m_quantized = std::move(quantized);
    if (m_whole != data)
        m_data = evaluated(data);
    m_whole = std::move(data);
    m_reading = readingOf(*m_prepared->network, *m_whole);
    m_floating = m_evaluator->floating();
    m_variant = m_evaluator->variant(m_quantized->layers);
    watch();
}

void LiveBench::watch()
{
    const Model& network = m_evaluator->model();
    m_watched.clear();
    m_outputs.clear();
    m_votes.clear();
    ById<ValueId, char> seen(network.values().size());
    const auto add = [&](LayerId layer, ValueId value) {
        if (seen[value]++)
            return;
        Watched& watched = m_watched.emplace_back();
        watched.layer = layer;
        watched.value = value;
        watched.pair = both(m_floating.keys[value], m_variant.keys[value]);
        if (layer == noId || !m_variant.layers[layer].active())
            return;
        watched.quantized = true;
        watched.localPair = both(m_floating.keys[value], m_evaluator->changedKey(m_floating, layer, m_variant.layers[layer]));
    };
    for (const LayerId id : network.layerIds())
        if (const Layer& layer = network.layer(id); layer.notRunnable.empty() && layer.op != "Input" && !layer.outputs.empty())
            add(id, layer.outputs.front());
    for (const ValueId output : network.outputs())
        if (const LayerId producer = network.value(output).producer;
            producer != noId && network.layer(producer).notRunnable.empty() && network.layer(producer).op != "Input") {
            add(noId, output);
            m_outputs.push_back({output, both(m_floating.keys[output], m_variant.keys[output]), {}});
        }
}

Sample LiveBench::sample(int index)
{
    return sampleOf(*m_data, index, *m_evaluator, m_dataSerial);
}

ValueKey LiveBench::pairKey(const ValueKey& pair, int index) const
{
    return KeyBuilder().add(pair).add(static_cast<uint64_t>(index)).key();
}

bool LiveBench::known(const Watched& watched, int index) const
{
    return m_sums.contains(pairKey(watched.pair, index)) && (!watched.quantized || m_sums.contains(pairKey(watched.localPair, index)));
}

void LiveBench::take(Watched& watched, int index)
{
    watched.cumulative.push_back(m_sums.at(pairKey(watched.pair, index)));
    if (watched.quantized)
        watched.local.push_back(m_sums.at(pairKey(watched.localPair, index)));
}

Metrics LiveBench::metricsOf(const std::vector<ErrorSums>& sums) const
{
    std::vector<std::pair<int, const ErrorSums*>> ordered;
    for (size_t i = 0; i < sums.size(); ++i)
        ordered.emplace_back(m_order[i], &sums[i]);
    std::sort(ordered.begin(), ordered.end());
    MetricsAccumulator metrics;
    for (const auto& [index, sample] : ordered)
        metrics.add(*sample, m_data->sourceIndex(index));
    return metrics.metrics();
}

void LiveBench::forgetOld()
{
    // Some hundred bytes a figure: forgotten as a whole before they weigh more than the values do.
    constexpr size_t most = 500'000;
    if (m_sums.size() > most)
        m_sums.clear();
    // A vote may hold hundreds of boxes.
    constexpr size_t mostVotes = 20'000;
    if (m_knownVotes.size() > mostVotes)
        m_knownVotes.clear();
}

Result<Values> LiveBench::values(const Variant& variant, const std::vector<ValueId>& wanted, int index, const JobContext& job)
{
    return m_evaluator->values(variant, sample(index), wanted, true, job);
}

Result<ErrorSums> LiveBench::localSums(const Watched& watched, const Values& floating)
{
    std::vector<Tensor> inputs;
    for (const ValueId input : m_evaluator->model().layer(watched.layer).inputs)
        inputs.push_back(floating.contains(input) ? floating.at(input) : Tensor());
    LayerRunner& runner = m_evaluator->runner();
    QS_TRY(const auto outputs, runner.run(watched.layer, inputs, &m_variant.layers[watched.layer]));
    return errorSums(floating.at(watched.value), outputs.front(), runner.pool());
}

Result<void> LiveBench::know(const std::vector<const Watched*>& watched, int index, const JobContext& job)
{
    const Model& network = m_evaluator->model();
    std::vector<ValueId> compared;
    std::vector<ValueId> floats;
    std::vector<const Watched*> locals;
    for (const Watched* value : watched) {
        floats.push_back(value->value);
        if (!m_sums.contains(pairKey(value->pair, index)))
            compared.push_back(value->value);
        // Where nothing upstream is quantized, both scopes are one.
        if (value->quantized && value->localPair != value->pair && !m_sums.contains(pairKey(value->localPair, index))) {
            locals.push_back(value);
            const auto& inputs = network.layer(value->layer).inputs;
            floats.insert(floats.end(), inputs.begin(), inputs.end());
        }
    }
    QS_TRY(const Values floating, values(m_floating, floats, index, job));
    QS_TRY(const Values quantized, values(m_variant, compared, index, job));
    for (const Watched* value : watched) {
        const ValueKey key = pairKey(value->pair, index);
        if (m_sums.contains(key))
            continue;
        m_sums[key] = errorSums(floating.at(value->value), quantized.at(value->value), m_evaluator->runner().pool());
    }
    for (const Watched* value : locals) {
        if (job.cancelled())
            return cancelledError();
        QS_TRY(const ErrorSums sums, localSums(*value, floating));
        m_sums[pairKey(value->localPair, index)] = sums;
    }
    return {};
}

Result<void> LiveBench::knowSideBySide(int index, const JobContext& job)
{
    const Model& network = m_evaluator->model();
    TensorPool& pool = m_evaluator->runner().pool();
    ById<ValueId, const Watched*> byValue(network.values().size());
    for (const Watched& watched : m_watched)
        byValue[watched.value] = &watched;
    const auto watchedOf = [&](LayerId id) { return byValue[network.layer(id).outputs.front()]; };
    const auto missesLocal = [&](LayerId id) { return !m_sums.contains(pairKey(watchedOf(id)->localPair, index)); };
    const auto visit = [&](LayerId id, const PairWalk::LayerValues& values) -> Result<void> {
        const Layer& layer = network.layer(id);
        for (size_t i = 0; i < layer.outputs.size(); ++i) {
            const Watched* watched = byValue[layer.outputs[i]];
            const PairWalk::Pair& output = values.outputs[i];
            if (watched && !m_sums.contains(pairKey(watched->pair, index)))
                m_sums[pairKey(watched->pair, index)] = errorSums(output.floating, output.quantized, pool);
        }
        if (!values.local.empty())
            m_sums[pairKey(watchedOf(id)->localPair, index)] = errorSums(values.outputs.front().floating, values.local.front(), pool);
        return {};
    };
    QS_TRY(const std::vector<Tensor> inputs, sample(index).load());
    PairWalk walk(m_evaluator->runner(), m_variant.layers, missesLocal);
    QS_TRY(const std::vector<PairWalk::Pair> outputs, walk.run(inputs, visit, job));
    std::vector<Tensor> floating, quantized;
    for (const PairWalk::Pair& output : outputs) {
        floating.push_back(output.floating);
        quantized.push_back(output.quantized);
    }
    if (!outputs.empty())
        m_knownVotes[voteKey(index)] = voteOf(*m_reading, floating, quantized, *m_data, index);
    m_cache->trimPool();
    return {};
}

ValueKey LiveBench::voteKey(int index) const
{
    // A vote is of all outputs: scores may stay when boxes change.
    KeyBuilder key;
    for (const ValueId output : m_evaluator->model().outputs())
        key.add(m_floating.keys[output]).add(m_variant.keys[output]);
    return pairKey(key.key(), index);
}

Result<void> LiveBench::knowOutputs(int index, const JobContext& job)
{
    const auto known = [&](const Output& output) { return m_sums.contains(pairKey(output.pair, index)); };
    if (m_knownVotes.contains(voteKey(index)) && std::all_of(m_outputs.begin(), m_outputs.end(), known))
        return {};
    std::vector<ValueId> wanted;
    for (const Output& output : m_outputs)
        wanted.push_back(output.value);
    QS_TRY(const Values floating, values(m_floating, wanted, index, job));
    // Nothing of this pass is kept: in storage that is used again, and with the ReLUs inside the convolutions, it takes half the time.
    QS_TRY(const Values quantized, m_evaluator->values(m_variant, sample(index), wanted, false, job));
    for (const Output& output : m_outputs)
        m_sums[pairKey(output.pair, index)] = errorSums(floating.at(output.value), quantized.at(output.value), m_evaluator->runner().pool());
    const Model& network = m_evaluator->model();
    m_knownVotes[voteKey(index)] = voteOf(*m_reading, outputsOf(network, floating), outputsOf(network, quantized), *m_data, index);
    return {};
}

Result<void> LiveBench::advanceOutputs(int done, const JobContext& job)
{
    if (m_evaluator->model().outputs().empty() || static_cast<int>(m_votes.size()) > done)
        return {};
    const int index = m_order[static_cast<size_t>(done)];
    QS_CHECK(knowOutputs(index, job));
    for (Output& output : m_outputs)
        output.sums.push_back(m_sums.at(pairKey(output.pair, index)));
    m_votes.push_back(m_knownVotes.at(voteKey(index)));
    return {};
}

void LiveBench::takeKnown(Watched& watched, int samples)
{
    while (watched.samples() < samples && known(watched, m_order[static_cast<size_t>(watched.samples())]))
        take(watched, m_order[static_cast<size_t>(watched.samples())]);
}

Result<void> LiveBench::advance(Watched& watched, int samples, const JobContext& job)
{
    for (takeKnown(watched, samples); watched.samples() < samples; takeKnown(watched, samples)) {
        forgetOld();
        if (job.cancelled())
            return cancelledError();
        QS_CHECK(know({&watched}, m_order[static_cast<size_t>(watched.samples())], job));
    }
    return {};
}

Result<void> LiveBench::advanceAll(int done, const JobContext& job)
{
    const int index = m_order[static_cast<size_t>(done)];
    forgetOld();
    std::vector<const Watched*> missing;
    for (const Watched& watched : m_watched)
        if (watched.samples() == done && !known(watched, index))
            missing.push_back(&watched);
    if (job.cancelled())
        return cancelledError();
    if (!missing.empty())
        QS_CHECK(sampleBytes() > m_cache->budget() / 2 ? knowSideBySide(index, job) : know(missing, index, job));
    for (Watched& watched : m_watched)
        if (watched.samples() == done)
            take(watched, index);
    return {};
}

size_t LiveBench::sampleBytes() const
{
    size_t bytes = 0;
    for (const Value& value : m_evaluator->model().values())
        if (!value.constant)
            bytes += static_cast<size_t>(elementCount(value.shape)) * sizeof(float);
    return 2 * bytes;
}

const LayerComparison* LiveBench::publishedBefore(size_t index, const std::string& layer) const
{
    if (!m_published)
        return nullptr;
    // Mostly of the same network.
    const auto& layers = m_published->layers;
    return index < layers.size() && layers[index].layer == layer ? &layers[index] : m_published->layer(layer);
}

std::shared_ptr<Comparison> LiveBench::comparison(int subset) const
{
    const Model& network = m_evaluator->model();
    auto result = std::make_shared<Comparison>();
    const int all = m_data->size();
    const auto freshness = [&](int samples) { return samples >= all ? Freshness::Full : samples >= subset ? Freshness::Subset : Freshness::Stale; };
    ById<LayerId, const Watched*> byLayer(network.layers().size());
    for (const Watched& watched : m_watched)
        if (watched.layer != noId)
            byLayer[watched.layer] = &watched;
    for (const LayerId id : network.layerIds()) {
        LayerComparison entry;
        entry.layer = network.layer(id).name;
        const Watched* watched = byLayer[id];
        if (!watched) {
            result->layers.push_back(entry);
            continue;
        }
        entry.freshness = freshness(watched->samples());
        if (entry.freshness == Freshness::Stale) {
            if (const LayerComparison* before = publishedBefore(id, entry.layer)) {
                entry = *before;
                entry.freshness = Freshness::Stale;
            }
        } else {
            entry.run = true;
            entry.cumulative = metricsOf(watched->cumulative);
            entry.local = metricsOf(watched->quantized ? watched->local : std::vector<ErrorSums>(watched->cumulative.size()));
        }
        result->layers.push_back(std::move(entry));
    }
    result->samples = static_cast<int>(m_votes.size());
    result->freshness = freshness(result->samples);
    if (result->freshness == Freshness::Stale) {
        if (m_published) {
            result->outputs = m_published->outputs;
            result->bySample = m_published->bySample;
            for (OutputComparison& output : result->outputs)
                output.freshness = Freshness::Stale;
            static_cast<OutputFigures&>(*result) = *m_published;
            result->samples = m_published->samples;
        }
        return result;
    }
    for (const Output& output : m_outputs)
        result->outputs.push_back({network.value(output.value).name, metricsOf(output.sums), result->freshness});
    for (size_t i = 0; i < m_votes.size(); ++i) {
        SampleFigures& figures =
            result->bySample.emplace_back(SampleFigures{.sample = m_data->sourceIndex(m_order[i]), .sums = {}, .vote = m_votes[i]});
        for (const Output& output : m_outputs)
            figures.sums += output.sums[i];
    }
    std::sort(result->bySample.begin(), result->bySample.end(), [](const auto& a, const auto& b) { return a.sample < b.sample; });
    static_cast<OutputFigures&>(*result) = figuresOf(result->bySample);
    return result;
}

Result<Metrics> LiveBench::localError(const std::string& layer, int samples, const JobContext& job)
{
    const auto found = std::find_if(m_watched.begin(), m_watched.end(), [&](const Watched& watched) {
        return watched.layer != noId && m_evaluator->model().layer(watched.layer).name == layer;
    });
    if (found == m_watched.end())
        return Error{ErrorCode::UnknownLayer, "it is not run", "layer '" + layer + "'"};
    MetricsAccumulator metrics;
    const std::vector<int> order = spreadOrder(m_data->size(), samples);
    for (int done = 0; done < std::min(samples, m_data->size()); ++done) {
        const int index = order[static_cast<size_t>(done)];
        if (!found->quantized) {
            metrics.add({}, m_data->sourceIndex(index));
            continue;
        }
        const ValueKey key = pairKey(found->localPair, index);
        if (!m_sums.contains(key)) {
            if (job.cancelled())
                return cancelledError();
            std::vector<ValueId> wanted = m_evaluator->model().layer(found->layer).inputs;
            wanted.push_back(found->value);
            QS_TRY(const Values floating, values(m_floating, wanted, index, job));
            QS_TRY(const ErrorSums sums, localSums(*found, floating));
            m_sums[key] = sums;
        }
        metrics.add(m_sums.at(key), m_data->sourceIndex(index));
    }
    return metrics.metrics();
}

Result<std::shared_ptr<const Comparison>> LiveBench::refresh(const LiveOptions& options, const JobContext& job)
{
    if (!m_reading)
        return m_reading.error();
    const auto started = std::chrono::steady_clock::now();
    if (m_data->size() == 0)
        return noSamples(*m_whole);
    const int subset = std::clamp(options.subset, 1, m_data->size());
    if (std::vector<int> order = spreadOrder(m_data->size(), subset); order != m_order) {
        m_order = std::move(order);
        watch();
    }
    const int all = options.most == 0 ? m_data->size() : std::clamp(options.most, subset, m_data->size());
    Throttle throttle(std::chrono::milliseconds(50));
    const auto now = [&] {
        auto result = comparison(subset);
        result->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        m_published = std::move(result);
    };
    const auto publish = [&](bool always) {
        if (!options.publish || !(always || throttle.due()))
            return;
        now();
        options.publish(m_published);
    };
    // An edit's first answer is the network's output; what it did on the way there comes layer by layer.
    if (m_published && static_cast<int>(m_votes.size()) < subset) {
        for (int samples = 0; samples < subset; ++samples) {
            job.report(static_cast<double>(samples) / subset, Phase::Output, {std::to_string(subset)});
            if (job.cancelled())
                return cancelledError();
            QS_CHECK(advanceOutputs(samples, job));
        }
        // What the edit does not touch is of these settings already.
        for (Watched& watched : m_watched)
            takeKnown(watched, subset);
        publish(true);
    }
    if (sampleBytes() * static_cast<size_t>(subset) <= m_cache->budget() / 2)
        for (size_t i = 0; i < m_watched.size(); ++i) {
            job.report(static_cast<double>(i) / static_cast<double>(m_watched.size()), Phase::SettingsOnSubset, {std::to_string(subset)});
            // Whoever overtook this job while it reported may have brought another state.
            if (job.cancelled())
                return cancelledError();
            QS_CHECK(advance(m_watched[i], subset, job));
            publish(false);
        }
    for (int samples = 1; samples <= all; ++samples) {
        if (samples > subset)
            job.report(static_cast<double>(samples) / all, Phase::SettingsOnSample, {std::to_string(samples), std::to_string(all)});
        if (job.cancelled())
            return cancelledError();
        QS_CHECK(advanceAll(samples - 1, job));
        QS_CHECK(advanceOutputs(samples - 1, job));
        if (samples < all)
            publish(samples == subset);
    }
    now();
    return m_published;
}

}  // namespace qs

#include "core/jobs/compare.h"

#include "core/base/throttle.h"
#include "core/data/selection.h"
#include "core/jobs/pair_walk.h"
#include "core/jobs/samples.h"
#include "core/ops/sparse_sites.h"
#include "core/stats/bird_view.h"
#include "core/stats/vectors.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace qs {

namespace {

int argMax(std::span<const float> values)
{
    return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

/// Whether fewer than `k` values are larger than that of `label` (ties count for the label that comes first).
bool inTop(std::span<const float> values, int label, int k)
{
    if (label < 0 || label >= static_cast<int>(values.size()))
        return false;
    int before = 0;
    for (int i = 0; i < static_cast<int>(values.size()); ++i)
        before += values[static_cast<size_t>(i)] > values[static_cast<size_t>(label)] ||
                  (values[static_cast<size_t>(i)] == values[static_cast<size_t>(label)] && i < label);
    return before < k;
}

Metrics perfect(std::span<const SampleFigures> samples)
{
    MetricsAccumulator metrics;
    for (const SampleFigures& sample : samples)
        metrics.add({}, sample.sample);
    return metrics.metrics();
}

struct LayerCollector {
    MetricsAccumulator local;
    MetricsAccumulator cumulative;
    bool quantized = false;
    bool run = false;
};

struct PortCollector {
    static constexpr int bins = 1 << 12;
    WideningHistogram floating{bins};
    WideningHistogram quantized{bins};
};

/// A port's histograms stay empty where nothing is quantized at or before it: both would be the same.
struct Collector {
    explicit Collector(const Model& model) : layers(model.layers().size()), ports(model.layers().size()) {}
    ById<LayerId, LayerCollector> layers;
    ById<LayerId, std::vector<PortCollector>> ports;  ///< inputs, then output 0

    void addHistograms(LayerId id, const PairWalk::LayerValues& values)
    {
        auto& collectors = ports[id];
        collectors.resize(values.inputs.size() + 1);
        const auto add = [](PortCollector& collector, const PairWalk::Pair& pair) {
            if (pair.floating.empty())
                return;
            collector.floating.add(pair.floating.values());
            collector.quantized.add(pair.quantized.values());
        };
        for (size_t port = 0; port < values.inputs.size(); ++port)
            add(collectors[port], values.inputs[port]);
        if (!values.outputs.empty())
            add(collectors.back(), values.outputs.front());
    }

    void addMetrics(LayerId id, const PairWalk::LayerValues& values, int sample, bool quantized, TensorPool& pool)
    {
        if (values.outputs.empty())
            return;
        LayerCollector& layer = layers[id];
        layer.run = true;
        layer.quantized = quantized;
        const PairWalk::Pair& output = values.outputs.front();
        const ErrorSums sums = errorSums(output.floating, output.quantized, pool);
        layer.cumulative.add(sums, sample);
        if (values.localIsCumulative)
            layer.local.add(sums, sample);
        else if (!values.local.empty())
            layer.local.add(errorSums(output.floating, values.local.front(), pool), sample);
    }
};

}  // namespace

ClassVote ClassificationCounter::vote(const Tensor& floatOutput, const Tensor& quantizedOutput, int label)
{
    if (floatOutput.empty() || floatOutput.shape() != quantizedOutput.shape() || !isClassVector(floatOutput.shape()))
        return {};
    ClassVote vote{.valid = true, .labelled = label >= 0, .label = label};
    vote.floatClass = argMax(floatOutput.values());
    vote.quantizedClass = argMax(quantizedOutput.values());
    vote.floatScore = floatOutput.values()[static_cast<size_t>(vote.floatClass)];
    vote.quantizedScore = quantizedOutput.values()[static_cast<size_t>(vote.quantizedClass)];
    vote.agrees = vote.floatClass == vote.quantizedClass;
    if (vote.labelled) {
        vote.floatTop1 = inTop(floatOutput.values(), label, 1);
        vote.floatTop5 = inTop(floatOutput.values(), label, 5);
        vote.quantizedTop1 = inTop(quantizedOutput.values(), label, 1);
        vote.quantizedTop5 = inTop(quantizedOutput.values(), label, 5);
    }
    return vote;
}

namespace {

std::shared_ptr<const SampleBoxes> boxesOf(const Reading& reading, std::span<const Tensor> floating, std::span<const Tensor> quantized,
                                           const std::vector<DetectedBox>* labelled)
{
    // Rows that are no boxes (a NaN among them) are none: the outputs' figures say that something is wrong.
    auto x = boxesIn(reading, buffersFrom(floating));
    auto y = boxesIn(reading, buffersFrom(quantized));
    if (!x || !y)
        return nullptr;
    SampleBoxes boxes{*std::move(x), *std::move(y)};
    if (labelled) {
        boxes.truth = *labelled;
        for (DetectedBox& box : *boxes.truth)
            box.label += reading.firstLabel;
    }
    return std::make_shared<const SampleBoxes>(std::move(boxes));
}

std::shared_ptr<const std::vector<ClassPixels>> pixelsOf(const Tensor& floating, const Tensor& quantized)
{
    if (floating.empty() || floating.shape() != quantized.shape() || !isClassMap(floating.shape()))
        return nullptr;
    return std::make_shared<const std::vector<ClassPixels>>(
        countPixels(classMap(bufferFrom(floating)), classMap(bufferFrom(quantized)), static_cast<int>(floating.shape()[1])));
}

std::shared_ptr<const SampleVectors> vectorsOf(const Tensor& floating, const Tensor& quantized)
{
    if (floating.empty() || floating.shape() != quantized.shape())
        return nullptr;
    const auto values = [](const Tensor& tensor) {
        const Buffer buffer = bufferFrom(tensor);
        return std::vector<float>(buffer.floats().begin(), buffer.floats().end());
    };
    return std::make_shared<const SampleVectors>(SampleVectors{values(floating), values(quantized)});
}

/// Float and quantized against what is labelled, at one overlap after the other.
void judgeByLabels(Detection& detection, std::span<const SampleFigures> samples)
{
    constexpr int overlaps = 10;
    constexpr double step = 0.05;
    for (int i = 0; i < overlaps; ++i) {
        DetectionScore floating(0.5 + step * i);
        DetectionScore quantized(0.5 + step * i);
        for (const SampleFigures& sample : samples)
            if (const auto& truth = sample.vote.boxes->truth) {
                detection.labelled = true;
                floating.add(*truth, sample.vote.boxes->floating);
                quantized.add(*truth, sample.vote.boxes->quantized);
            }
        if (!detection.labelled)
            return;
        for (const auto& [score, figures] : {std::pair(&floating, &detection.floatLabelled), std::pair(&quantized, &detection.quantizedLabelled)}) {
            const double precision = score->meanAveragePrecision();
            if (i == 0)
                figures->at50 = precision;
            figures->mean += precision;
        }
    }
    detection.floatLabelled.mean /= overlaps;
    detection.quantizedLabelled.mean /= overlaps;
}

Detection detectionOf(std::span<const SampleFigures> samples, const BoxRule& rule)
{
    Detection detection;
    DetectionScore score(rule.overlap);
    for (const SampleFigures& sample : samples) {
        if (!sample.vote.boxes)
            return {};
        const BoxMatches matches = countedMatches(*sample.vote.boxes, rule);
        detection.matched += static_cast<int>(matches.matched.size());
        detection.missed += static_cast<int>(matches.missed.size());
        detection.extra += static_cast<int>(matches.extra.size());
        score.add(boxesAbove(sample.vote.boxes->floating, rule.score), sample.vote.boxes->quantized);
    }
    detection.valid = !samples.empty();
    if (detection.matched + detection.missed > 0)
        detection.meanAveragePrecision = score.meanAveragePrecision();
    judgeByLabels(detection, samples);
    return detection;
}

Segmentation segmentationOf(std::span<const SampleFigures> samples)
{
    std::vector<ClassPixels> all;
    for (const SampleFigures& sample : samples) {
        if (!sample.vote.pixels)
            return {};
        all.resize(std::max(all.size(), sample.vote.pixels->size()));
        for (size_t label = 0; label < sample.vote.pixels->size(); ++label) {
            all[label].both += (*sample.vote.pixels)[label].both;
            all[label].first += (*sample.vote.pixels)[label].first;
            all[label].second += (*sample.vote.pixels)[label].second;
        }
    }
    return {.valid = !samples.empty(), .agreement = pixelAgreement(all), .meanIou = meanIntersectionOverUnion(all)};
}

Embedding embeddingOf(std::span<const SampleFigures> samples)
{
    Embedding embedding{.valid = !samples.empty(), .worstCosine = 1};
    std::vector<const std::vector<float>*> floating, quantized;
    for (const SampleFigures& sample : samples) {
        if (!sample.vote.vectors)
            return {};
        const auto& [x, y] = *sample.vote.vectors;
        const double cosine = vectorCosine(x, y);
        embedding.cosine += cosine / static_cast<double>(samples.size());
        embedding.worstCosine = std::min(embedding.worstCosine, cosine);
        embedding.distance += vectorDistance(x, y) / static_cast<double>(samples.size());
        if (floating.size() < mostRanked) {
            floating.push_back(&x);
            quantized.push_back(&y);
        }
    }
    if (floating.size() > 1) {
        const std::vector<int> x = nearestNeighbours(floating);
        const std::vector<int> y = nearestNeighbours(quantized);
        const int same = std::inner_product(x.begin(), x.end(), y.begin(), 0, std::plus<>(), std::equal_to<>());
        embedding.rankAgreement = static_cast<double>(same) / static_cast<double>(x.size());
    }
    return embedding;
}

}  // namespace

ClassVote voteOf(const Reading& reading, std::span<const Tensor> floating, std::span<const Tensor> quantized, const DataSet& data, int index)
{
    if (reading.output >= floating.size() || reading.output >= quantized.size())
        return {};
    const Tensor& x = floating[reading.output];
    const Tensor& y = quantized[reading.output];
    ClassVote vote;
    switch (reading.kind) {
        case OutputKind::Classes:
            return ClassificationCounter::vote(x, y, data.label(index));
        case OutputKind::Boxes:
            vote.boxes = boxesOf(reading, floating, quantized, data.boxes(index));
            break;
        case OutputKind::ClassMap:
            vote.pixels = pixelsOf(x, y);
            break;
        case OutputKind::Vector:
            vote.vectors = vectorsOf(x, y);
            break;
        case OutputKind::Automatic:
        case OutputKind::Plain:
            break;
    }
    return vote;
}

BoxMatches countedMatches(const SampleBoxes& boxes, const BoxRule& rule)
{
    return matchBoxes(boxesAbove(boxes.floating, rule.score), boxesAbove(boxes.quantized, rule.score), rule.overlap);
}

OutputFigures figuresOf(std::span<const SampleFigures> samples, const BoxRule& rule)
{
    ClassificationCounter classes;
    for (const SampleFigures& sample : samples)
        classes.add(sample.vote);
    return {classes.result(), detectionOf(samples, rule), segmentationOf(samples), embeddingOf(samples)};
}

std::optional<double> OutputFigures::agreement() const
{
    const auto known = [](double value) { return std::isnan(value) ? std::nullopt : std::optional(value); };
    return classification.valid ? std::optional(classification.agreement)
           : detection.valid    ? known(detection.meanAveragePrecision)
           : segmentation.valid ? std::optional(segmentation.agreement)
           : embedding.valid    ? known(embedding.rankAgreement)
                                : std::nullopt;
}

void ClassificationCounter::add(const ClassVote& vote)
{
    if (!vote.valid) {
        m_valid = false;
        return;
    }
    ++m_samples;
    m_agreeing += vote.agrees;
    m_labelled += vote.labelled;
    m_floatTop1 += vote.floatTop1;
    m_floatTop5 += vote.floatTop5;
    m_quantizedTop1 += vote.quantizedTop1;
    m_quantizedTop5 += vote.quantizedTop5;
}

Classification ClassificationCounter::result() const
{
    Classification result;
    result.valid = m_valid && m_samples > 0;
    if (!result.valid)
        return result;
    result.labelled = m_labelled > 0;
    result.agreement = static_cast<double>(m_agreeing) / m_samples;
    if (result.labelled) {
        result.floatTop1 = static_cast<double>(m_floatTop1) / m_labelled;
        result.floatTop5 = static_cast<double>(m_floatTop5) / m_labelled;
        result.quantizedTop1 = static_cast<double>(m_quantizedTop1) / m_labelled;
        result.quantizedTop5 = static_cast<double>(m_quantizedTop5) / m_labelled;
    }
    return result;
}

bool Comparison::complete() const
{
    return freshness == Freshness::Full &&
           std::all_of(layers.begin(), layers.end(), [](const LayerComparison& layer) { return layer.freshness == Freshness::Full; });
}

const LayerComparison* Comparison::layer(std::string_view name) const
{
    const auto found = std::find_if(layers.begin(), layers.end(), [&](const LayerComparison& entry) { return entry.layer == name; });
    return found == layers.end() ? nullptr : &*found;
}

const PortHistograms* Comparison::histogram(std::string_view name, int port) const
{
    const auto found =
        std::find_if(histograms.begin(), histograms.end(), [&](const PortHistograms& entry) { return entry.layer == name && entry.port == port; });
    return found == histograms.end() ? nullptr : &*found;
}

namespace {

/// What all samples so far have given.
struct Sums {
    explicit Sums(const Model& network) : layers(network), outputs(network.outputs().size()) {}
    Collector layers;
    std::vector<MetricsAccumulator> outputs;
    std::vector<SampleFigures> samples;

    void addOutputs(const Reading& reading, std::span<const PairWalk::Pair> results, const DataSet& data, int index, TensorPool& pool)
    {
        const int sample = data.sourceIndex(index);
        SampleFigures figures{.sample = sample, .sums = {}, .vote = {}};
        std::vector<Tensor> floating, fake;
        for (size_t i = 0; i < results.size(); ++i) {
            floating.push_back(results[i].floating);
            fake.push_back(results[i].quantized);
            if (results[i].floating.empty())
                continue;
            const ErrorSums sums = errorSums(results[i].floating, results[i].quantized, pool);
            outputs[i].add(sums, sample);
            figures.sums += sums;
        }
        figures.vote = voteOf(reading, floating, fake, data, index);
        samples.push_back(std::move(figures));
    }
};

std::shared_ptr<Comparison> comparisonOf(const Model& network, const Sums& sums, Freshness freshness)
{
    auto comparison = std::make_shared<Comparison>();
    comparison->samples = static_cast<int>(sums.samples.size());
    comparison->freshness = freshness;
    static_cast<OutputFigures&>(*comparison) = figuresOf(sums.samples);
    comparison->bySample = sums.samples;
    const Metrics unchanged = perfect(sums.samples);
    for (const LayerId id : network.layerIds()) {
        const LayerCollector& collected = sums.layers.layers[id];
        LayerComparison entry{
            .layer = network.layer(id).name, .run = collected.run, .freshness = freshness, .local = {}, .cumulative = collected.cumulative.metrics()};
        entry.local = collected.local.samples() > 0 ? collected.local.metrics() : unchanged;
        comparison->layers.push_back(std::move(entry));
    }
    for (size_t i = 0; i < sums.outputs.size(); ++i)
        if (sums.outputs[i].samples() > 0)
            comparison->outputs.push_back({network.value(network.outputs()[i]).name, sums.outputs[i].metrics(), freshness});
    return comparison;
}

void addHistograms(Comparison& comparison, const Model& network, const Collector& collector)
{
    for (const LayerId id : network.layerIds())
        for (size_t port = 0; port < collector.ports[id].size(); ++port) {
            const PortCollector& histograms = collector.ports[id][port];
            if (histograms.floating.total() > 0)
                comparison.histograms.push_back({network.layer(id).name, port + 1 == collector.ports[id].size() ? -1 : static_cast<int>(port),
                                                 histograms.floating.display(), histograms.quantized.display()});
        }
}

}  // namespace

Result<std::shared_ptr<const Comparison>> compare(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared,
                                                  const QuantizedNetwork& quantized, const DataSet& all, const CompareOptions& options,
                                                  const JobContext& job)
{
    const auto started = std::chrono::steady_clock::now();
    const auto seconds = [started] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(); };
    const auto chosen = evaluated(all);
    const DataSet& data = *chosen;
    if (data.size() == 0)
        return noSamples(all);
    const Model& network = *prepared.network;
    QS_TRY(const Reading reading, readingOf(network, data));
    LayerRunner runner(engine, prepared.network);
    PairWalk walk(runner, quantized.layers, [&](LayerId) { return options.local; });
    Sums sums(network);
    Throttle throttle(options.pause);
    for (int sample = 0; sample < data.size(); ++sample) {
        job.count(Phase::Comparing, sample, data.size());
        if (options.publish && sample > 0 && throttle.due()) {
            const auto soFar = comparisonOf(network, sums, Freshness::Subset);
            soFar->seconds = seconds();
            options.publish(soFar);
        }
        QS_TRY(const std::vector<Tensor> inputs, inputTensors(network, data, sample, runner.pool()));
        const int index = data.sourceIndex(sample);
        const auto visit = [&](LayerId id, const PairWalk::LayerValues& values) -> Result<void> {
            sums.layers.addMetrics(id, values, index, quantized.layers[id].active(), runner.pool());
            if (options.histograms)
                sums.layers.addHistograms(id, values);
            return {};
        };
        QS_TRY(const std::vector<PairWalk::Pair> results, walk.run(inputs, visit, job));
        sums.addOutputs(reading, results, data, sample, runner.pool());
    }
    const auto comparison = comparisonOf(network, sums, Freshness::Full);
    addHistograms(*comparison, network, sums.layers);
    comparison->seconds = seconds();
    return std::shared_ptr<const Comparison>(comparison);
}

Result<Evaluation> evaluate(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const QuantizedNetwork& quantized,
                            const DataSet& all, const JobContext& job, const BoxRule& rule)
{
    const auto chosen = evaluated(all);
    const DataSet& data = *chosen;
    if (data.size() == 0)
        return noSamples(all);
    QS_TRY(const Reading reading, readingOf(*prepared.network, data));
    LayerRunner runner(engine, prepared.network);
    Evaluator evaluator(runner);
    std::vector<SampleFigures> samples;
    for (int sample = 0; sample < data.size(); ++sample) {
        job.count(Phase::Evaluating, sample, data.size());
        Forward forward;
        QS_TRY(forward.inputs, inputTensors(*prepared.network, data, sample, runner.pool()));
        QS_TRY(const std::vector<Tensor> floating, evaluator.run(forward, job));
        forward.quantization = &quantized.layers;
        QS_TRY(const std::vector<Tensor> quantizedOutputs, evaluator.run(forward, job));
        samples.push_back({.sample = data.sourceIndex(sample), .sums = {}, .vote = voteOf(reading, floating, quantizedOutputs, data, sample)});
    }
    return Evaluation{figuresOf(samples, rule), data.size()};
}

namespace {

/// Empty: the value is no input.
Buffer inputBuffer(const Model& network, std::span<const Tensor> inputs, ValueId value)
{
    const auto found = std::find(network.inputs().begin(), network.inputs().end(), value);
    return found == network.inputs().end() ? Buffer() : bufferFrom(inputs[static_cast<size_t>(found - network.inputs().begin())]);
}

}  // namespace

Result<std::shared_ptr<const SampleComparison>> compareSample(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared,
                                                              const QuantizedNetwork& quantized, const DataSet& data, int sample,
                                                              const std::string& layer, const JobContext& job)
{
    if (sample < 0 || sample >= data.size())
        return Error{ErrorCode::OutOfRange, "sample " + std::to_string(sample) + " of " + std::to_string(data.size()), data.spec().path.string()};
    LayerRunner runner(engine, prepared.network);
    PairWalk walk(runner, quantized.layers);
    auto result = std::make_shared<SampleComparison>();
    result->layer = layer;
    result->sample = sample;
    if (const LayerId id = prepared.network->findLayer(layer); id != noId && !prepared.network->layer(id).weights.empty()) {
        const auto& own = prepared.network->layer(id).weights;
        const auto& fake = quantized.layers[id].weights;
        result->floatWeights = own.front();
        result->quantizedWeights = fake.empty() ? own.front() : fake.front();
    }
    QS_TRY(const std::vector<Tensor> inputs, inputTensors(*prepared.network, data, sample, runner.pool()));
    const LayerId shown = prepared.network->findLayer(layer);
    const auto sparse = shown == noId || prepared.network->layer(shown).outputs.empty()
                            ? std::nullopt
                            : sparseSites(*prepared.network, prepared.network->layer(shown).outputs.front());
    Buffer sites = sparse ? inputBuffer(*prepared.network, inputs, sparse->value) : Buffer();
    const auto visit = [&](LayerId id, const PairWalk::LayerValues& values) -> Result<void> {
        if (sparse && !values.outputs.empty() && prepared.network->layer(id).outputs.front() == sparse->value)
            sites = bufferFrom(values.outputs.front().floating);
        if (id == shown && !values.outputs.empty()) {
            result->floatOutput = bufferFrom(values.outputs.front().floating);
            result->quantizedOutput = bufferFrom(values.outputs.front().quantized);
            if (sparse)
                result->sites = result->floatOutput.shape().front();
            for (Buffer* output : {&result->floatOutput, &result->quantizedOutput})
                if (Buffer above = sparse ? birdView(*output, sites, sparse->sides) : birdView(*output); !above.empty())
                    *output = std::move(above);
            MetricsAccumulator metrics;
            metrics.add(errorSums(values.outputs.front().floating, values.outputs.front().quantized, runner.pool()), sample);
            result->metrics = metrics.metrics();
        }
        return {};
    };
    QS_TRY(const std::vector<PairWalk::Pair> outputs, walk.run(inputs, visit, job));
    for (const PairWalk::Pair& output : outputs)
        if (!output.floating.empty()) {
            result->floatOutputs.push_back(bufferFrom(output.floating));
            result->quantizedOutputs.push_back(bufferFrom(output.quantized));
        }
    return std::shared_ptr<const SampleComparison>(std::move(result));
}

}  // namespace qs

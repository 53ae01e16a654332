#include "core/jobs/remedies.h"

#include "core/base/text.h"
#include "core/calib/calibrators.h"
#include "core/data/selection.h"
#include "core/jobs/samples.h"
#include "core/prepare/refinements.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <limits>
#include <set>

namespace qs {

namespace {

constexpr std::array everything{Remedy::NoClipping,    Remedy::Percentile,     Remedy::Calibrators, Remedy::WithOffset,
                                Remedy::WithoutOffset, Remedy::PerChannel,     Remedy::Equalize,    Remedy::AdaRound,
                                Remedy::Wider,         Remedy::BiasCorrection, Remedy::Float};
constexpr double usualPercentile = 0.9999;

/// Every input of a layer with its own setting, so that each can be changed.
LayerSetting withActivations(LayerSetting setting, const std::function<void(ActivationSetting&)>& change)
{
    for (ActivationSetting& activation : setting.activations) {
        activation.clip.reset();
        change(activation);
    }
    return setting;
}

class Changes {
public:
    Changes(const PreparedNetwork& prepared, const std::string& layer)
        : m_prepared(prepared),
          m_configuration(prepared.configuration),
          m_layer(prepared.original->layer(prepared.original->findLayer(layer))),
          m_setting(m_configuration.layers.at(layer)),
          m_name(layer)
    {
    }

    std::vector<RemedyChange> of(const std::set<Remedy>& wanted)
    {
        for (const Remedy remedy : everything)
            if (wanted.contains(remedy))
                add(remedy);
        std::stable_sort(m_changes.begin(), m_changes.end(),
                         [](const RemedyChange& a, const RemedyChange& b) { return a.calibrates < b.calibrates; });
        return std::move(m_changes);
    }

private:
    void offer(Remedy remedy, std::vector<std::string> arguments, LayerSetting setting, bool calibrates = false)
    {
        if (setting != m_setting && checkLayerSetting(*m_prepared.original, m_prepared.original->findLayer(m_name), setting, *m_configuration.scheme))
            m_changes.push_back({remedy, std::move(arguments), m_name, std::move(setting), calibrates});
    }

    void add(Remedy remedy)
    {
        switch (remedy) {
            case Remedy::NoClipping:
                return offer(remedy, {}, withActivations(m_setting, keepEverything));
            case Remedy::Percentile:
                return offer(remedy, {numberText(usualPercentile)}, withActivations(m_setting, [](ActivationSetting& activation) {
                                 activation.algorithm = "percentile";
                                 activation.maxPercentile = activation.minPercentile = usualPercentile;
                             }));
            case Remedy::Calibrators:
                for (const Calibrator& calibrator : calibrators())
                    // These two are remedies of their own.
                    if (calibrator.name != std::string_view("percentile") && calibrator.name != std::string_view("minmax"))
                        offer(remedy, {calibrator.name},
                              withActivations(m_setting, [&](ActivationSetting& activation) { activation.algorithm = calibrator.name; }));
                return;
            case Remedy::WithOffset:
            case Remedy::WithoutOffset: {
                const bool on = remedy == Remedy::WithOffset;
                if (on && m_configuration.scheme->symmetric)
                    return;
                if (m_setting.activation(0).withOffset.value_or(m_configuration.activationOffset) != on)
                    offer(remedy, {}, withActivations(m_setting, [on](ActivationSetting& activation) { activation.withOffset = on; }));
                return;
            }
            case Remedy::PerChannel:
                return addWeights(remedy, false, [](WeightSetting& weights) { weights.channelWise = true; });
            case Remedy::AdaRound:
                return addRefinement(remedy, &WeightSetting::adaRound);
            case Remedy::BiasCorrection:
                return addRefinement(remedy, &WeightSetting::biasCorrection);
            case Remedy::Equalize:
                return addEqualization();
            case Remedy::Wider:
                for (const int bits : {12, 16})
                    if (const auto& widths = m_configuration.scheme->activationWidths;
                        bits > m_setting.activation(0).bits && bits >= widths.front() && bits <= widths.back())
                        offer(remedy, {std::to_string(bits)},
                              withActivations(m_setting, [bits](ActivationSetting& activation) { activation.bits = bits; }));
                return;
            case Remedy::Float: {
                LayerSetting setting = m_setting;
                setting.quantEnable = false;
                return offer(remedy, {}, std::move(setting));
            }
        }
    }

    template <class Change>
    void addWeights(Remedy remedy, bool calibrates, const Change& change)
    {
        if (!m_setting.weights)
            return;
        LayerSetting setting = m_setting;
        change(*setting.weights);
        offer(remedy, {}, std::move(setting), calibrates);
    }

    void addRefinement(Remedy remedy, bool WeightSetting::*flag)
    {
        const auto refinement = std::find_if(refinements().begin(), refinements().end(), [&](const Refinement& one) { return one.flag == flag; });
        if (m_setting.weights && refinement->possible(m_layer, *m_setting.weights))
            addWeights(remedy, true, [flag](WeightSetting& weights) { weights.*flag = true; });
    }

    /// The layer that this one's input comes from shares its channels' ranges with it, or this one with the layer behind.
    void addEqualization()
    {
        const auto first = equalizableLayers(m_prepared.original, m_configuration);
        if (!first)
            return;
        // All pairs at once say who stands behind whom.
        Configuration configuration = m_configuration;
        for (const std::string& name : *first)
            configuration.layers.at(name).weights->equalize = true;
        const auto prepared = prepareNetwork(m_prepared.original, configuration, &m_prepared);
        if (!prepared)
            return;
        for (const auto& [name, behind] : (*prepared)->simplified->equalized) {
            LayerSetting setting = m_configuration.layers.at(name);
            if ((name != m_name && behind != m_name) || setting.weights->equalize)
                continue;
            setting.weights->equalize = true;
            m_changes.push_back({Remedy::Equalize, {name, behind}, name, std::move(setting), true});
        }
    }

    const PreparedNetwork& m_prepared;
    const Configuration& m_configuration;
    const Layer& m_layer;
    const LayerSetting& m_setting;
    std::string m_name;
    std::vector<RemedyChange> m_changes;
};

}  // namespace

const char* remedyName(Remedy remedy)
{
    switch (remedy) {
        case Remedy::NoClipping:
            return "no-clipping";
        case Remedy::Percentile:
            return "percentile";
        case Remedy::Calibrators:
            return "calibrator";
        case Remedy::WithOffset:
            return "offset";
        case Remedy::WithoutOffset:
            return "no-offset";
        case Remedy::PerChannel:
            return "per-channel";
        case Remedy::Equalize:
            return "equalize";
        case Remedy::AdaRound:
            return "adaround";
        case Remedy::BiasCorrection:
            return "bias-correction";
        case Remedy::Wider:
            return "bits";
        case Remedy::Float:
            return "float";
    }
    return "";
}

const char* remedyText(Remedy remedy)
{
    switch (remedy) {
        case Remedy::NoClipping:
            return "no clipping";
        case Remedy::Percentile:
            return "percentile %1";
        case Remedy::Calibrators:
            return "calibrator %1";
        case Remedy::WithOffset:
            return "with offset";
        case Remedy::WithoutOffset:
            return "symmetric";
        case Remedy::PerChannel:
            return "weights per channel";
        case Remedy::Equalize:
            return "equalize %1 with %2";
        case Remedy::AdaRound:
            return "AdaRound";
        case Remedy::BiasCorrection:
            return "bias correction";
        case Remedy::Wider:
            return "%1 bits";
        case Remedy::Float:
            return "float";
    }
    return "";
}

Result<std::vector<RemedyChange>> remediesFor(const PreparedNetwork& prepared, const std::string& layer, std::span<const Cause> causes)
{
    if (prepared.original->findLayer(layer) == noId || !prepared.configuration.layers.contains(layer))
        return Error{ErrorCode::UnknownLayer, "it is not quantized", "layer '" + layer + "'"};
    std::set<Remedy> wanted;
    for (const Cause& cause : causes)
        wanted.insert(cause.rule->remedies.begin(), cause.rule->remedies.end());
    if (wanted.empty() && std::none_of(causes.begin(), causes.end(), [](const Cause& cause) { return cause.elsewhere; }))
        wanted.insert(everything.begin(), everything.end());
    return Changes(prepared, layer).of(wanted);
}

void sortRemedies(std::vector<RemedyResult>& remedies, const RemedyResult& before)
{
    const auto gain = [&](const RemedyResult& result) {
        if (!result.failed.empty())
            return -std::numeric_limits<double>::infinity();
        const double won = result.output.cosine - before.output.cosine;
        // A thousandth of the network is the least that a change is taken to cost, as the search has it.
        return won > 0 ? won / (std::max(before.cost.share - result.cost.share, 0.0) + 1e-3) : won;
    };
    std::stable_sort(remedies.begin(), remedies.end(), [&](const RemedyResult& a, const RemedyResult& b) { return gain(a) > gain(b); });
}

Configuration withRemedy(Configuration configuration, const RemedyChange& change)
{
    configuration.layers[change.layer] = change.setting;
    return configuration;
}

RemedyTrial::RemedyTrial(std::shared_ptr<Engine> engine, std::shared_ptr<const PreparedNetwork> prepared,
                         std::shared_ptr<const QuantizedNetwork> quantized, const Calibration& calibration, const DataSet& data,
                         RemedyOptions options)
    : m_engine(std::move(engine)),
      m_prepared(std::move(prepared)),
      m_quantized(std::move(quantized)),
      m_calibration(calibration),
      m_data(data),
      m_evaluated(evaluated(data)),
      m_options(std::move(options)),
      m_evaluator(m_engine, m_prepared->network,
                  m_options.cache ? m_options.cache : (m_options.cache = std::make_shared<ValueCache>(size_t{1} << 30))),
      m_floating(m_evaluator.floating())
{
    const int count = std::min(m_options.samples, m_evaluated->size());
    m_samples = spreadOrder(m_evaluated->size(), count);
    m_samples.resize(static_cast<size_t>(count));
}

Result<RemedyResult> RemedyTrial::before(const std::string& layer, const JobContext& job)
{
    RemedyResult result;
    QS_CHECK(enterFigures({m_prepared, m_quantized}, layer, result, job));
    return result;
}

Result<RemedyResult> RemedyTrial::measure(const RemedyChange& change, const std::string& layer, const JobContext& job)
{
    const auto started = std::chrono::steady_clock::now();
    RemedyResult result;
    result.change = change;
    const Result<Tried> found = tried(change, job);
    if (!found.ok() && found.error().code == ErrorCode::Cancelled)
        return found.error();
    if (found.ok())
        QS_CHECK(enterFigures(*found, layer, result, job));
    else
        result.failed = errorText(found.error());
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return result;
}

Result<RemedyTrial::Tried> RemedyTrial::tried(const RemedyChange& change, const JobContext& job) const
{
    Tried result;
    QS_TRY(result.prepared, prepareNetwork(m_prepared->original, withRemedy(m_prepared->configuration, change), m_prepared.get()));
    if (needsOtherData(result.prepared->configuration, m_prepared->configuration)) {
        QS_TRY(const auto calibration, calibrate(m_engine, *result.prepared, m_data, {.stop = job.stop, .progress = {}}));
        QS_TRY(result.quantized, quantizeNetwork(*result.prepared, calibration->record));
        return result;
    }
    const KnownFactors known{m_quantized->record, m_prepared->configuration};
    QS_TRY(result.quantized, quantizeNetwork(*result.prepared, solveAgain(*result.prepared, m_calibration, &known), m_quantized.get()));
    return result;
}

Result<void> RemedyTrial::measureFloat(const JobContext& job)
{
    if (!m_expected.empty())
        return {};
    if (m_samples.empty())
        return noSamples(m_data);
    QS_CHECK(requireOutputs(*m_prepared->network));
    std::vector<std::vector<Tensor>> expected;
    for (const int index : m_samples) {
        const Sample sample = sampleOf(*m_evaluated, index, m_evaluator, m_options.dataSerial);
        QS_TRY(const Values values, m_evaluator.values(m_floating, sample, m_evaluator.model().outputs(), true, job));
        expected.push_back(outputsOf(m_evaluator.model(), values));
    }
    m_expected = std::move(expected);
    return {};
}

Result<void> RemedyTrial::enterFigures(const Tried& tried, const std::string& layer, RemedyResult& result, const JobContext& job)
{
    QS_CHECK(measureFloat(job));
    const Model& network = *tried.prepared->network;
    // Another fusion or equalization is another network; what it shares with this one is in the cache all the same.
    std::optional<IncrementalEvaluator> other;
    if (tried.prepared->network != m_prepared->network)
        other.emplace(m_engine, tried.prepared->network, m_options.cache);
    IncrementalEvaluator& evaluator = other ? *other : m_evaluator;
    const LayerId id = tried.prepared->networkLayer[tried.prepared->original->findLayer(layer)];
    const Variant whole = evaluator.variant(tried.quantized->layers);
    const Variant floating = other ? evaluator.floating() : m_floating;
    const Variant alone = id == noId ? floating : evaluator.changed(floating, id, tried.quantized->layers[id]);
    MetricsAccumulator local;
    MetricsAccumulator output;
    QS_TRY(const Reading reading, readingOf(network, *m_evaluated));
    std::vector<SampleFigures> figures;
    TensorPool& pool = evaluator.runner().pool();
    for (size_t i = 0; i < m_samples.size(); ++i) {
        const Sample sample = sampleOf(*m_evaluated, m_samples[i], evaluator, m_options.dataSerial);
        QS_TRY(const Values values, evaluator.values(whole, sample, network.outputs(), true, job));
        const std::vector<Tensor> outputs = outputsOf(network, values);
        output.add(outputSums(m_expected[i], outputs, pool), m_samples[i]);
        figures.push_back({.sample = m_samples[i], .sums = {}, .vote = voteOf(reading, m_expected[i], outputs, *m_evaluated, m_samples[i])});
        if (id == noId || network.layer(id).outputs.empty())
            continue;
        const ValueId value[] = {network.layer(id).outputs.front()};
        QS_TRY(const Values expected, evaluator.values(floating, sample, value, true, job));
        QS_TRY(const Values found, evaluator.values(alone, sample, value, true, job));
        if (expected.contains(value[0]) && found.contains(value[0]))
            local.add(errorSums(expected.at(value[0]), found.at(value[0]), pool), m_samples[i]);
    }
    result.local = local.metrics();
    result.output = output.metrics();
    result.agreement = figuresOf(figures).agreement();
    result.cost = tried.prepared->network == m_prepared->network ? quantizationCost(*m_prepared, *tried.quantized)
                                                                 : quantizationCost(*tried.prepared, *tried.quantized);
    return {};
}

Result<LayerRemedies> tryRemedies(RemedyTrial& trial, const PreparedNetwork& prepared, const LayerDiagnosis& layer,
                                  const std::function<void(const LayerRemedies&)>& publish, const JobContext& job)
{
    LayerRemedies remedies;
    // Nothing is lost there.
    if (layer.local.mse == 0)
        return remedies;
    QS_TRY(const auto changes, remediesFor(prepared, layer.layer, layer.causes));
    remedies.wanted = static_cast<int>(changes.size());
    QS_TRY(remedies.before, trial.before(layer.layer, job));
    for (size_t i = 0; i < changes.size(); ++i) {
        job.count(Phase::TryingRemedies, static_cast<int64_t>(i), remedies.wanted);
        QS_TRY(RemedyResult result, trial.measure(changes[i], layer.layer, job));
        remedies.results.push_back(std::move(result));
        sortRemedies(remedies.results, remedies.before);
        if (publish)
            publish(remedies);
    }
    return remedies;
}

}  // namespace qs

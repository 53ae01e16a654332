#include "core/jobs/guide.h"

#include "core/calib/calibrators.h"
#include "core/ops/op.h"
#include "core/quant/fake_quant.h"
#include "core/quant/setting_fields.h"

#include <algorithm>

namespace qs {

namespace {

constexpr int wantedPictures = 32;
constexpr int mostPictures = 50;
constexpr int wantedBits = 12;
/// An error that is less by less than this is not worth a change.
constexpr double worthwhile = 0.95;

const Effective* effectiveOf(const PreparedNetwork& prepared, const QuantizedNetwork& quantized, const std::string& layer)
{
    const LayerId id = prepared.original->findLayer(layer);
    return id == noId ? nullptr : &quantized.effective[id];
}

/// Squared error of the values that were seen, each taken for its bin's centre.
double lossOf(const Observation& observation, const QuantParams& params)
{
    const WideningHistogram& histogram = observation.histogram();
    std::vector<float> centres;
    std::vector<uint64_t> counts;
    for (size_t i = 0; i < histogram.counts().size(); ++i)
        if (histogram.counts()[i] != 0) {
            centres.push_back(static_cast<float>(static_cast<double>(static_cast<int64_t>(i) + histogram.firstBin()) * histogram.binWidth()));
            counts.push_back(histogram.counts()[i]);
        }
    std::vector<float> quantized(centres.size());
    fakeQuantize(centres, quantized, params);
    double loss = 0;
    for (size_t i = 0; i < centres.size(); ++i) {
        const double error = static_cast<double>(quantized[i]) - static_cast<double>(centres[i]);
        loss += static_cast<double>(counts[i]) * error * error;
    }
    return loss;
}

/// A field that is absent afterwards has no effect any more: no change of its own.
template <class Setting>
void addChanges(ParameterProposal& proposal, int input, const Setting& before, const Setting& after)
{
    const std::vector<FieldText> old = fieldTexts(before);
    std::vector<FieldText> present = fieldTexts(after);
    for (size_t i = 0; i < old.size(); ++i)
        if (old[i].text != present[i].text && !present[i].text.empty())
            proposal.changes.push_back({old[i].field->field->name, input, old[i].text, std::move(present[i].text)});
}

void enterActivation(ParameterProposal& proposal, size_t index, bool several, const ActivationSetting& before, const ActivationSetting& after)
{
    addChanges(proposal, several ? static_cast<int>(index) : -1, before, after);
    proposal.setting.activations[index] = after;
}

/// Losses of one input before and after.
struct Change {
    ActivationSetting setting;
    double before = 0;
    double after = 0;
};

/// The percentiles and the search that quantize what was seen with the least error.
Change bestRange(const Observation& observation, const ActivationSetting& now, const Configuration& network)
{
    Change best{.setting = now};
    const auto solved = solveActivation(observation, now, network.activationOffset, network.scheme->activations);
    if (!solved)
        return best;
    best.before = best.after = lossOf(observation, *solved);
    // The larger the range and the smaller the step, the more limits are tried; sparse tails are cut by the percentiles.
    for (const double percentile : {0.999999, 0.99999, 0.9999, 0.999}) {
        ActivationSetting candidate = now;
        candidate.maxPercentile = std::min(now.maxPercentile, percentile);
        candidate.minPercentile = std::min(now.minPercentile, percentile);
        candidate.searchStart = std::min(now.searchStart, 0.5);
        candidate.searchEnd = std::max(now.searchEnd, 1.5);
        candidate.searchStep = std::min(now.searchStep, 0.005);
        const auto params = solveActivation(observation, candidate, network.activationOffset, network.scheme->activations);
        if (!params)
            continue;
        if (const double loss = lossOf(observation, *params); loss < best.after * 0.999) {
            best.setting = candidate;
            best.after = loss;
        }
    }
    if (best.after > best.before * worthwhile) {
        best.setting = now;
        best.after = best.before;
    }
    return best;
}

/// Each input with its own setting, as the layer's list or as one for all.
std::vector<ActivationSetting> settingsOf(const LayerSetting& setting, size_t inputs)
{
    std::vector<ActivationSetting> all;
    for (size_t i = 0; i < inputs; ++i)
        all.push_back(setting.activation(i));
    return all;
}

void proposeWeights(const PreparedNetwork& prepared, const Effective& effective, ParameterProposal& proposal)
{
    if (effective.weightBits == 0 || !proposal.setting.weights)
        return;
    WeightSetting& weights = *proposal.setting.weights;
    const WeightSetting before = weights;
    // The manual's overview: where non-uniform quantization is not accurate enough, uniform may be.
    if (before.algorithm != WeightSetting{}.algorithm) {
        weights = WeightSetting{};
        weights.channelWise = before.channelWise;
    }
    const LayerId id = prepared.original->findLayer(proposal.layer);
    weights.channelWise = weights.channelWise || prepared.configuration.scheme->channelWise(prepared.original->layer(id).op);
    addChanges(proposal, -1, before, weights);
}

}  // namespace

GuideFigures guideFigures(const PreparedNetwork& prepared, const QuantizedNetwork& quantized, const Comparison& comparison)
{
    GuideFigures figures;
    for (const OutputComparison& output : comparison.outputs)
        figures.outputCosine = std::min(figures.outputCosine, output.cumulative.cosine);
    figures.agreement = comparison.agreement();
    if (comparison.classification.labelled)
        figures.top1 = comparison.classification.quantizedTop1;
    for (const LayerComparison& layer : comparison.layers) {
        const Effective* effective = effectiveOf(prepared, quantized, layer.layer);
        if (!layer.run || !effective || !effective->quantized)
            continue;
        ++figures.quantizedLayers;
        if (figures.worstLayer.empty() || layer.local.cosine < figures.worstCosine) {
            figures.worstLayer = layer.layer;
            figures.worstCosine = layer.local.cosine;
        }
    }
    return figures;
}

BatchFinding findBatches(int batchNum, int batch, int samples)
{
    BatchFinding finding{.batchNum = batchNum, .batch = std::max(1, batch), .available = samples, .proposed = batchNum};
    const int pictures = batchNum * finding.batch;
    // Whole batches only: the engine would miss the samples of a part.
    const int wanted = std::max(1, std::min(wantedPictures, samples) / finding.batch);
    if ((pictures < wantedPictures && wanted > batchNum) || (pictures > mostPictures && wanted < batchNum))
        finding.proposed = wanted;
    return finding;
}

std::vector<SensitiveLayer> findSensitive(const GuideInput& input)
{
    const Model& model = *input.prepared->original;
    std::vector<SensitiveLayer> layers;
    int64_t parameters = 0;
    int64_t weighted = 0;
    size_t first = SIZE_MAX;
    size_t last = SIZE_MAX;
    for (const LayerComparison& layer : input.comparison->layers) {
        const Effective* effective = effectiveOf(*input.prepared, *input.quantized, layer.layer);
        if (!layer.run || !effective || !effective->quantized)
            continue;
        layers.push_back({.layer = layer.layer, .local = layer.local.cosine, .cumulative = layer.cumulative.cosine});
        layers.back().parameters = model.parameterCount(model.findLayer(layer.layer));
        if (effective->weightBits == 0)
            continue;
        first = std::min(first, layers.size() - 1);
        last = layers.size() - 1;
        parameters += layers.back().parameters;
        ++weighted;
    }
    for (size_t i = 0; i < layers.size(); ++i) {
        layers[i].first = i == first;
        layers[i].last = i == last && weighted > 1;
        layers[i].small = layers[i].parameters > 0 && layers[i].parameters * weighted * 4 < parameters;
    }
    std::stable_sort(layers.begin(), layers.end(), [](const SensitiveLayer& a, const SensitiveLayer& b) { return a.local < b.local; });
    const GuideFigures figures = guideFigures(*input.prepared, *input.quantized, *input.comparison);
    const bool anyBelow = !layers.empty() && layers.front().local < input.goal;
    // Many small errors add up: then those that add most.
    const bool addedUp = !anyBelow && figures.outputCosine < input.goal;
    std::erase_if(layers, [&](const SensitiveLayer& layer) { return addedUp ? layer.local >= 1 : layer.local >= input.goal; });
    if (layers.size() > static_cast<size_t>(input.most))
        layers.resize(static_cast<size_t>(input.most));
    return layers;
}

std::optional<ParameterProposal> proposeParameters(const GuideInput& input, const std::string& layer)
{
    const PreparedNetwork& prepared = *input.prepared;
    const Effective* effective = effectiveOf(prepared, *input.quantized, layer);
    const auto found = prepared.configuration.layers.find(layer);
    if (!effective || !effective->quantized || found == prepared.configuration.layers.end())
        return std::nullopt;
    ParameterProposal proposal{.layer = layer, .setting = found->second, .changes = {}, .inputLoss = std::nullopt};
    const Configuration& configuration = prepared.configuration;
    const std::vector<ActivationSetting> now = settingsOf(found->second, effective->inputs.size());
    proposeWeights(prepared, *effective, proposal);
    double before = 0;
    double after = 0;
    std::vector<ActivationSetting> chosen = now;
    const auto observationOf = [&](size_t index) -> const Observation* {
        if (!input.calibration || now[index].clip)
            return nullptr;
        const auto seen = input.calibration->observed.find({layer, effective->inputs[index].port});
        return seen == input.calibration->observed.end() ? nullptr : seen->second.get();
    };
    for (size_t i = 0; i < now.size(); ++i)
        if (const Observation* observation = observationOf(i)) {
            const Change change = bestRange(*observation, now[i], configuration);
            chosen[i] = change.setting;
            before += change.before;
            after += change.after;
        }
    if (proposal.changes.empty() && chosen == now) {
        // Other limits do not help: a wider grid does.
        before = after = 0;
        for (size_t i = 0; i < now.size(); ++i) {
            chosen[i].bits = std::max(now[i].bits, nearestWidth(wantedBits, configuration.scheme->activationWidths));
            const Observation* observation = observationOf(i);
            if (!observation)
                continue;
            const auto old = solveActivation(*observation, now[i], configuration.activationOffset, configuration.scheme->activations);
            const auto wide = solveActivation(*observation, chosen[i], configuration.activationOffset, configuration.scheme->activations);
            if (old && wide) {
                before += lossOf(*observation, *old);
                after += lossOf(*observation, *wide);
            }
        }
    }
    // One setting for all inputs stays one as long as they agree.
    const bool same = std::all_of(chosen.begin(), chosen.end(), [&](const ActivationSetting& a) { return a == chosen.front(); });
    const bool several = now.size() > 1 && (found->second.activations.size() > 1 || !same);
    if (several) {
        proposal.setting.activations = now;
        proposal.setting.activationsAsList = true;
    }
    for (size_t i = 0; i < (several ? chosen.size() : std::min<size_t>(1, chosen.size())); ++i)
        enterActivation(proposal, i, several, now[i], chosen[i]);
    if (proposal.changes.empty())
        return std::nullopt;
    if (before > 0 && !(chosen == now))
        proposal.inputLoss = after / before;
    return proposal;
}

GuidePlan planGuide(const GuideInput& input, const JobContext& job)
{
    GuidePlan plan;
    plan.figures = guideFigures(*input.prepared, *input.quantized, *input.comparison);
    plan.met = plan.figures.meet(input.goal);
    plan.batches = findBatches(input.prepared->configuration.batchNum, input.batch, input.samples);
    if (plan.met)
        return plan;
    plan.sensitive = findSensitive(input);
    for (const SensitiveLayer& layer : plan.sensitive) {
        if (job.cancelled())
            return plan;
        if (auto proposal = proposeParameters(input, layer.layer))
            plan.parameters.push_back(std::move(*proposal));
    }
    plan.next = plan.batches.proposed != plan.batches.batchNum ? GuideStep::Batches
                : !plan.sensitive.empty()                      ? GuideStep::SwitchOff
                : !plan.parameters.empty()                     ? GuideStep::Parameters
                                                               : GuideStep::None;
    return plan;
}

}  // namespace qs

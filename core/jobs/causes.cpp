#include "core/jobs/causes.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace qs {

namespace {

// From where on something is said; every definition below names its own.
constexpr double muchWider = 8;        // of a median: 3 of 8 bits are gone
constexpr double longTail = 8;         // of what 99.9 % of the values need
constexpr double mostOfIt = 0.5;       // of an error
constexpr double onePicture = 1.5;     // of the second widest
constexpr int64_t enoughValues = 128;  // to judge the levels of a channel by
constexpr int fewLevels = 16;          // 4 bits
constexpr double cutScores = 1.1;      // of the limit
constexpr double coarseScores = 0.02;  // of a probability
constexpr double unlikeOperands = 4;   // 2 bits
constexpr double goodLocally = 0.999;  // cosines
constexpr double badTogether = 0.99;
constexpr double mostlyUpstream = 0.8;  // of a squared error

std::string ratioText(double ratio)
{
    return ratio >= 10 ? fixedText(ratio, 0) : fixedText(ratio, 1);
}

std::string percentText(double share)
{
    const double percent = share * 100;
    // A share that is not nothing is not shown as 0.
    const int digits = percent >= 10 ? 0 : percent >= 0.1 || percent <= 0 ? 1 : static_cast<int>(std::ceil(-std::log10(percent)));
    return fixedText(percent, digits) + " %";
}

const Layer& layerOf(const CauseInput& input)
{
    return input.prepared.network->layer(input.layer);
}

/// Whether all channels of the place are quantized with one scale.
bool sharesScale(const CauseInput& input, const PlaceDiagnosis& place)
{
    if (isQuantizer(place.place))
        return true;
    const auto factors = input.quantized.record.layers.find(input.figures.layer);
    return place.place == ChannelPlace::Weights && factors != input.quantized.record.layers.end() && factors->second.weightScales.size() == 1;
}

int bitsOf(const CauseInput& input, const PlaceDiagnosis& place)
{
    if (isQuantizer(place.place))
        return place.params.bits;
    return input.quantized.record.layers.at(input.figures.layer).weightBits;
}

void wideChannel(const CauseInput& input, const CauseFound& found)
{
    for (const PlaceDiagnosis& place : input.figures.places) {
        const double median = medianSize(place.channels);
        if (!sharesScale(input, place) || median <= 0 || place.channels.size() < 4)
            continue;
        size_t widest = 0;
        size_t wide = 0;
        for (size_t channel = 0; channel < place.channels.size(); ++channel) {
            wide += static_cast<double>(place.channels[channel].size()) >= muchWider * median;
            if (place.channels[channel].size() > place.channels[widest].size())
                widest = channel;
        }
        const double ratio = static_cast<double>(place.channels[widest].size()) / median;
        // Where a quarter of them is wide, the range is theirs by right.
        if (ratio < muchWider || wide * 4 > place.channels.size())
            continue;
        found({.place = place.place,
               .index = place.index,
               .channel = static_cast<int>(widest),
               .evidence = ratio,
               .arguments = {std::to_string(widest), ratioText(ratio), std::to_string(wide), std::to_string(place.channels.size()),
                             fixedText(std::round(std::log2(ratio)), 0), std::to_string(bitsOf(input, place))}});
    }
}

/// Of the magnitudes that the codes stand for, the one that this share of the values does not exceed.
double magnitudeOf(const PlaceDiagnosis& place, double share)
{
    const int32_t zero = place.params.offset - place.params.qmin();
    std::vector<std::pair<double, uint64_t>> sizes;
    uint64_t all = 0;
    for (size_t level = 0; level < place.codes.size(); ++level)
        if (place.codes[level] > 0) {
            sizes.emplace_back(std::abs(static_cast<double>(static_cast<int32_t>(level) - zero)) * static_cast<double>(place.params.scale),
                               place.codes[level]);
            all += place.codes[level];
        }
    std::sort(sizes.begin(), sizes.end());
    uint64_t below = 0;
    for (const auto& [size, count] : sizes) {
        below += count;
        if (static_cast<double>(below) >= share * static_cast<double>(all))
            return size;
    }
    return 0;
}

double limitOf(const QuantParams& params)
{
    return std::max(std::abs(static_cast<double>(params.clipMin())), std::abs(static_cast<double>(params.clipMax())));
}

void longTailWidens(const CauseInput& input, const CauseFound& found)
{
    for (const PlaceDiagnosis& place : input.figures.places) {
        // What becomes zero throughout has no body that a tail could leave.
        if (!isQuantizer(place.place) || magnitudeOf(place, 1) <= 0)
            continue;
        const double body = std::max(magnitudeOf(place, 0.999), static_cast<double>(place.params.scale));
        const double ratio = limitOf(place.params) / body;
        if (ratio >= longTail)
            found({.place = place.place, .index = place.index, .evidence = ratio, .arguments = {ratioText(ratio)}});
    }
}

void tailIsCut(const CauseInput& input, const CauseFound& found)
{
    for (const PlaceDiagnosis& place : input.figures.places) {
        const ChannelFigures all = place.all();
        if (!isQuantizer(place.place) || all.nn <= 0 || all.clippedNn < mostOfIt * all.nn)
            continue;
        found({.place = place.place,
               .index = place.index,
               .evidence = all.clippedNn / all.nn,
               .arguments = {percentText(all.clippedNn / all.nn), percentText(static_cast<double>(all.clipped) / static_cast<double>(all.count))}});
    }
}

void onePictureWidens(const CauseInput& input, const CauseFound& found)
{
    for (const PlaceDiagnosis& place : input.figures.places) {
        if (!isQuantizer(place.place) || place.ranges.size() < 4)
            continue;
        const auto sizeOf = [](const Range& range) { return std::max(std::fabs(range.minimum), std::fabs(range.maximum)); };
        const auto widest =
            std::max_element(place.ranges.begin(), place.ranges.end(), [&](const Range& a, const Range& b) { return sizeOf(a) < sizeOf(b); });
        float second = 0;
        for (auto range = place.ranges.begin(); range != place.ranges.end(); ++range)
            if (range != widest)
                second = std::max(second, sizeOf(*range));
        const double ratio = second > 0 ? static_cast<double>(sizeOf(*widest)) / static_cast<double>(second) : 0;
        if (ratio < onePicture)
            continue;
        found({.place = place.place,
               .index = place.index,
               .evidence = ratio,
               .arguments = {input.diagnosis.samples[static_cast<size_t>(widest - place.ranges.begin())], ratioText(ratio)}});
    }
}

void hardlyAnyLevels(const CauseInput& input, const CauseFound& found)
{
    for (const PlaceDiagnosis& place : input.figures.places) {
        if (!isQuantizer(place.place) || place.codes.size() <= static_cast<size_t>(fewLevels))
            continue;
        size_t poor = 0;
        size_t living = 0;
        int least = static_cast<int>(place.codes.size());
        for (const ChannelFigures& channel : place.channels)
            // Few values use few levels whatever the scale is.
            if (channel.count >= enoughValues && channel.maximum > channel.minimum) {
                ++living;
                poor += channel.levels < fewLevels ? 1 : 0;
                least = std::min(least, channel.levels);
            }
        if (poor == 0 || static_cast<double>(poor) < mostOfIt * static_cast<double>(living))
            continue;
        found({.place = place.place,
               .index = place.index,
               .evidence = static_cast<double>(poor) / static_cast<double>(living),
               .arguments = {std::to_string(poor), std::to_string(living), std::to_string(fewLevels), std::to_string(place.codes.size()),
                             std::to_string(least)}});
    }
}

void deadChannels(const CauseInput& input, const CauseFound& found)
{
    for (const PlaceDiagnosis& place : input.figures.places) {
        const auto dead = std::count_if(place.channels.begin(), place.channels.end(),
                                        [](const ChannelFigures& channel) { return channel.count > 1 && channel.maximum <= channel.minimum; });
        if (dead == 0 || place.place == ChannelPlace::Result)
            continue;
        const auto first = std::find_if(place.channels.begin(), place.channels.end(),
                                        [](const ChannelFigures& channel) { return channel.count > 1 && channel.maximum <= channel.minimum; });
        found({.place = place.place,
               .index = place.index,
               .channel = static_cast<int>(first - place.channels.begin()),
               .evidence = static_cast<double>(dead),
               .arguments = {std::to_string(dead), std::to_string(place.channels.size())}});
    }
}

/// Whether a Softmax or a Sigmoid reads the value, straight or through layers that pass values on.
const Layer* squashes(const Model& model, ValueId value)
{
    for (const LayerId reader : model.value(value).consumers) {
        const Layer& layer = model.layer(reader);
        if (layer.op == "Softmax" || layer.op == "Sigmoid")
            return &layer;
    }
    return nullptr;
}

void scoresAreCut(const CauseInput& input, const CauseFound& found)
{
    const Model& model = *input.prepared.network;
    const Layer& layer = layerOf(input);
    for (const PlaceDiagnosis& place : input.figures.places) {
        if (!isQuantizer(place.place))
            continue;
        // Average pooling and flattening pass logits on, and so does the layer itself.
        const bool itself = layer.op == "Softmax" || layer.op == "Sigmoid";
        const bool passes = layer.op == "Pooling" || layer.op == "Reshape" || layer.op == "Flatten" || layer.op == "ReduceMean";
        const Layer* behind = layer.outputs.empty() ? nullptr : squashes(model, layer.outputs.front());
        if (!itself && !((passes || place.place == ChannelPlace::Output) && behind))
            continue;
        const ChannelFigures all = place.all();
        const double ratio = static_cast<double>(all.maximum) / static_cast<double>(place.params.clipMax());
        if (place.params.clipMax() <= 0 || ratio < cutScores)
            continue;
        found({.place = place.place,
               .index = place.index,
               .evidence = ratio,
               .arguments = {numberText(std::round(static_cast<double>(place.params.clipMax()) * 100) / 100),
                             numberText(std::round(static_cast<double>(all.maximum) * 100) / 100), (itself ? layer : *behind).name}});
    }
}

void scoreSteps(const CauseInput& input, const CauseFound& found)
{
    if (layerOf(input).op != "Softmax")
        return;
    for (const PlaceDiagnosis& place : input.figures.places) {
        // A probability is exp(score), up to its norm: half a step is the most that rounding moves a score.
        const double change = std::expm1(static_cast<double>(place.params.scale) / 2);
        if (place.place != ChannelPlace::Input || change < coarseScores)
            continue;
        found({.place = place.place,
               .index = place.index,
               .evidence = change,
               .arguments = {numberText(std::round(static_cast<double>(place.params.scale) * 1000) / 1000), percentText(change)}});
    }
}

void operandsShareScale(const CauseInput& input, const CauseFound& found)
{
    if (!joinsInputs(layerOf(input)))
        return;
    const PlaceDiagnosis* widest = nullptr;
    const PlaceDiagnosis* narrowest = nullptr;
    for (const PlaceDiagnosis& place : input.figures.places) {
        if (place.place != ChannelPlace::Input)
            continue;
        if (!widest || place.all().size() > widest->all().size())
            widest = &place;
        if (!narrowest || place.all().size() < narrowest->all().size())
            narrowest = &place;
    }
    if (!widest || widest == narrowest || widest->params.scale != narrowest->params.scale || narrowest->all().size() <= 0)
        return;
    const double ratio = static_cast<double>(widest->all().size()) / static_cast<double>(narrowest->all().size());
    if (ratio >= unlikeOperands)
        found({.place = ChannelPlace::Input,
               .index = narrowest->index,
               .evidence = ratio,
               .arguments = {std::to_string(widest->index), ratioText(ratio)}});
}

void weightsMakeIt(const CauseInput& input, const CauseFound& found)
{
    const PlaceDiagnosis* weights = input.figures.at(ChannelPlace::Weights, 0);
    if (!weights || weights->part() < mostOfIt)
        return;
    const auto worst = std::max_element(weights->parts.begin(), weights->parts.end());
    found({.place = ChannelPlace::Weights,
           .index = 0,
           .channel = static_cast<int>(worst - weights->parts.begin()),
           .evidence = weights->part(),
           .arguments = {percentText(weights->part()), std::to_string(worst - weights->parts.begin()), percentText(*worst)}});
}

void biasRaisedScale(const CauseInput& input, const CauseFound& found)
{
    const LayerId original = input.prepared.original->findLayer(input.figures.layer);
    const Effective& effective = input.quantized.effective[original];
    if (effective.reason == Reason::LargerScale)
        found({.place = ChannelPlace::Weights, .index = 0, .evidence = 1, .arguments = {effective.reasonDetail}});
}

/// The quantized layers that a layer's inputs come from, through those that are not.
std::vector<const LayerDiagnosis*> layersBefore(const CauseInput& input)
{
    const Model& model = *input.prepared.network;
    ById<LayerId, char> seen(model.layers().size());
    std::vector<LayerId> open{input.layer};
    std::vector<const LayerDiagnosis*> before;
    while (!open.empty()) {
        const LayerId id = open.back();
        open.pop_back();
        for (const ValueId value : model.layer(id).inputs) {
            const LayerId producer = model.value(value).producer;
            if (producer == noId || seen[producer])
                continue;
            seen[producer] = 1;
            open.push_back(producer);
            if (const LayerDiagnosis* figures = input.diagnosis.layer(model.layer(producer).name))
                before.push_back(figures);
        }
    }
    return before;
}

/// What the layers before a layer do to it, where that is most of its error.
struct Upstream {
    double share = 0;   ///< of its squared error
    bool well = false;  ///< the layer itself is
    size_t layers = 0;
    const LayerDiagnosis* worst = nullptr;  ///< null: its error is its own, or small
};

Upstream upstreamOf(const CauseInput& input)
{
    Upstream upstream;
    const LayerDiagnosis& figures = input.figures;
    upstream.share = figures.cumulative.mse > 0 ? std::max(0.0, 1 - figures.local.mse / figures.cumulative.mse) : 0;
    upstream.well = figures.local.cosine >= goodLocally;
    if (figures.cumulative.cosine >= badTogether || upstream.share < mostlyUpstream)
        return upstream;
    for (const LayerDiagnosis* layer : layersBefore(input)) {
        ++upstream.layers;
        if (!upstream.worst || layer->local.cosine < upstream.worst->local.cosine)
            upstream.worst = layer;
    }
    return upstream;
}

void comesFromUpstream(const CauseInput& input, const CauseFound& found)
{
    const Upstream upstream = upstreamOf(input);
    if (upstream.worst && upstream.worst->local.cosine < goodLocally)
        found({.place = ChannelPlace::Result,
               .index = 0,
               .evidence = upstream.share,
               .elsewhere = upstream.well,
               .arguments = {percentText(upstream.share), upstream.worst->layer, fixedText(upstream.worst->local.cosine, 4)}});
}

void addsUp(const CauseInput& input, const CauseFound& found)
{
    const Upstream upstream = upstreamOf(input);
    if (upstream.worst && upstream.worst->local.cosine >= goodLocally)
        found({.place = ChannelPlace::Result,
               .index = 0,
               .evidence = upstream.share,
               .elsewhere = upstream.well,
               .arguments = {percentText(upstream.share), std::to_string(upstream.layers)}});
}

constexpr std::array unlikeChannels{Remedy::Equalize, Remedy::PerChannel, Remedy::Wider, Remedy::Percentile, Remedy::Float};
constexpr std::array widened{Remedy::Percentile, Remedy::Calibrators, Remedy::Wider, Remedy::Float};
constexpr std::array cut{Remedy::NoClipping, Remedy::Calibrators, Remedy::Wider, Remedy::Float};
constexpr std::array poor{Remedy::WithOffset, Remedy::WithoutOffset, Remedy::Percentile, Remedy::Calibrators,
                          Remedy::Equalize,   Remedy::Wider,         Remedy::Float};
constexpr std::array ofWeights{Remedy::PerChannel, Remedy::AdaRound, Remedy::BiasCorrection, Remedy::Float};
constexpr std::array separate{Remedy::Wider, Remedy::Float};

constexpr CauseRule rules[] = {
    {.id = "wide-channel",
     .label = "wide channel",
     .text = "%1: channel %2 is %3 times as wide as the median channel, which takes about %6 of %7 bits (2^%6) from the others; %4 of %5 channels "
             "are so wide",
     .definition = "The largest magnitude of the widest channel, divided by the median of all channels' largest magnitudes; said from 8 on, where at "
                   "most a quarter of the channels is so wide and one scale serves all.",
     .remedies = unlikeChannels,
     .find = wideChannel},
    {.id = "long-tail",
     .label = "long tail",
     .text = "%1: the limits are %2 times as wide as 99.9 % of the values need",
     .definition = "The wider limit, divided by the magnitude that 99.9 % of the values do not exceed; said from 8 on.",
     .remedies = widened,
     .find = longTailWidens},
    {.id = "cut-tail",
     .label = "cut tail",
     .text = "%1: %2 of what quantizing it adds comes from the %3 of its values that the limits cut",
     .definition = "The squared error of the values outside the limits, divided by that of all; said from a half on.",
     .remedies = cut,
     .find = tailIsCut},
    {.id = "one-picture",
     .label = "one picture",
     .text = "%1: %2 alone is %3 times as wide as any other sample",
     .definition = "The largest magnitude in one sample, divided by the largest in any other; said from 1.5 on, of four samples or more.",
     .remedies = widened,
     .find = onePictureWidens},
    {.id = "few-levels",
     .label = "few levels",
     .text = "%1: %2 of %3 channels use fewer than %4 of %5 levels, the least %6",
     .definition =
         "The share of channels that use fewer than 16 levels, of those with 128 values or more that are not constant; said from a half on.",
     .remedies = poor,
     .find = hardlyAnyLevels},
    {.id = "scores-cut",
     .label = "scores cut",
     .text = "%1: its limit is %2, but values go to %3, and %4 decides by them",
     .definition = "The largest value in front of a Softmax or Sigmoid, divided by the limit; said from 1.1 on.",
     .remedies = cut,
     .find = scoresAreCut},
    {.id = "scores-step",
     .label = "coarse scores",
     .text = "%1: one step is %2, and half of it changes a probability by %3",
     .definition = "exp(step / 2) - 1 for the input of a Softmax; said from 2 % on.",
     .remedies = poor,
     .find = scoreSteps},
    {.id = "shared-scale",
     .label = "shared scale",
     .text = "%1 shares a scale with input %2, which is %3 times as wide",
     .definition = "The largest magnitude of the widest operand, divided by that of the narrowest; said from 4 on, where they share a scale.",
     .remedies = separate,
     .find = operandsShareScale},
    {.id = "weights",
     .label = "weights",
     .text = "%2 of the layer's error comes from its weights, most from output channel %3 (%4)",
     .definition = "The part of the layer's local error that comes from its weights' errors, these taken as independent; said from a half on.",
     .remedies = ofWeights,
     .find = weightsMakeIt},
    {.id = "bias-scale",
     .label = "bias scale",
     .text = "scale_w of channel %2 is larger than solved, because the bias would leave int32",
     .definition = "A bias is held in int32 steps of scale_w * scale_d: where it would not fit, scale_w is raised until it does.",
     .remedies = ofWeights,
     .find = biasRaisedScale},
    {.id = "dead",
     .label = "dead channels",
     .text = "%1: %2 of %3 channels never change",
     .definition = "Channels whose smallest value is their largest, in all samples.",
     .remedies = {},
     .find = deadChannels},
    {.id = "upstream",
     .label = "upstream",
     .text = "%2 of its error comes from layers before it, the worst of which is '%3' (local cosine %4)",
     .definition = "1 minus the local squared error divided by the cumulative one; said from 0.8 on, where the cumulative cosine is below 0.99 and "
                   "a layer before it has a local one below 0.999.",
     .remedies = {},
     .find = comesFromUpstream},
    {.id = "adds-up",
     .label = "adds up",
     .text = "%2 of its error comes from the %3 quantized layers before it, none of which is bad by itself",
     .definition = "The same number, where no layer before it has a local cosine below 0.999: many small errors add up.",
     .remedies = {},
     .find = addsUp},
};

}  // namespace

std::span<const CauseRule> causeRules()
{
    return rules;
}

std::vector<Cause> findCauses(const CauseInput& input)
{
    std::vector<Cause> causes;
    for (const CauseRule& rule : rules)
        rule.find(input, [&](Cause cause) {
            cause.rule = &rule;
            causes.push_back(std::move(cause));
        });
    return causes;
}

std::string causeText(const Cause& cause)
{
    std::vector<std::string> arguments{placeText(cause.place, cause.index)};
    arguments.insert(arguments.end(), cause.arguments.begin(), cause.arguments.end());
    return withArguments(cause.rule->text, arguments);
}

}  // namespace qs

#include "core/jobs/diagnose.h"

#include "core/data/selection.h"
#include "core/jobs/causes.h"
#include "core/jobs/pair_walk.h"
#include "core/jobs/samples.h"
#include "core/ops/weight_channels.h"
#include "core/prepare/quantized_weights.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

namespace qs {

namespace {

/// Whether a layer reads or writes features on the last axis of values of this rank.
bool featuresLast(const Layer& layer, int64_t rank)
{
    if (rank < 3)
        return false;
    const int64_t axis = layer.attributes.integer("axis", layer.op == "InnerProduct" ? 1 : -1);
    return (layer.op == "InnerProduct" || layer.op == "LayerNormalization") && (axis == -1 || axis == rank - 1);
}

bool neighbourHasFeaturesLast(const Model& model, LayerId id, int64_t rank)
{
    const Layer& layer = model.layer(id);
    const auto reads = [&](LayerId other) { return featuresLast(model.layer(other), rank); };
    const auto written = [&](ValueId value) { return model.value(value).producer != noId && reads(model.value(value).producer); };
    const auto read = [&](ValueId value) {
        const auto& consumers = model.value(value).consumers;
        return std::any_of(consumers.begin(), consumers.end(), reads);
    };
    return std::any_of(layer.inputs.begin(), layer.inputs.end(), written) || std::any_of(layer.outputs.begin(), layer.outputs.end(), read);
}

struct Channels {
    int64_t count = 1;
    int64_t inner = 1;  ///< values of a channel that lie side by side
};

Channels channelsOf(const Model& model, LayerId layer, const Shape& shape)
{
    Channels channels;
    if (shape.empty())
        return channels;
    const size_t axis = channelAxis(model, layer, shape);
    channels.count = shape[axis];
    for (size_t i = axis + 1; i < shape.size(); ++i)
        channels.inner *= shape[i];
    return channels;
}

/// Which channel of the layer's first input each weight multiplies, where a weight is (rows, columns, inner). `channels`: of that input.
class ReadChannels {
public:
    ReadChannels(const Layer& layer, int64_t channels) : m_channels(channels)
    {
        const Shape& shape = layer.weights.front()->shape();
        m_columns = shape[1];
        m_inner = layer.weights.front()->count() / (shape[0] * m_columns);
        const int64_t groups = std::max<int64_t>(channels / m_columns, 1);
        m_rowsPerGroup = std::max<int64_t>(shape[0] / groups, 1);
        if (channels <= 0)
            return;
        if (layer.op == "Deconvolution")
            m_kind = Kind::Rows;
        else if (layer.op != "InnerProduct")
            m_kind = Kind::Groups;
        else if (m_columns % channels == 0)
            m_kind = Kind::Features;
    }
    /// -1: none that is known.
    int64_t of(int64_t weight) const
    {
        const int64_t row = weight / (m_columns * m_inner);
        const int64_t column = weight / m_inner % m_columns;
        const int64_t channel = m_kind == Kind::Rows       ? row
                                : m_kind == Kind::Groups   ? row / m_rowsPerGroup * m_columns + column
                                : m_kind == Kind::Features ? column / (m_columns / m_channels)
                                                           : -1;
        return channel < m_channels ? channel : -1;
    }

private:
    enum class Kind : uint8_t {
        Unknown,
        Rows,
        Groups,
        Features,  ///< those of a channel lie side by side
    };
    Kind m_kind = Kind::Unknown;
    int64_t m_channels;
    int64_t m_columns = 1;
    int64_t m_inner = 1;
    int64_t m_rowsPerGroup = 1;
};

/// What one channel of an input weighs in the sum of squares of all output channels: the squares of the weights that read it. Empty where the layer
/// does not multiply by weights, or reads others than its channels.
std::vector<double> squaresByInput(const Layer& layer, int64_t channels)
{
    if (!multipliesByWeights(layer.op) || layer.weights.empty() || !layer.weights.front() || layer.weights.front()->count() == 0 ||
        layer.weights.front()->shape().size() < 2 || channels <= 0)
        return {};
    const ReadChannels reads(layer, channels);
    const std::span<const float> values = layer.weights.front()->floats();
    std::vector<double> squares(static_cast<size_t>(channels));
    for (size_t i = 0; i < values.size(); ++i) {
        const int64_t channel = reads.of(static_cast<int64_t>(i));
        if (channel < 0)
            return {};
        squares[static_cast<size_t>(channel)] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    }
    return squares;
}

/// Of the float weights that read each channel of the input; empty as squaresByInput() is.
std::vector<Range> rangesByInput(const Layer& layer, int64_t channels)
{
    if (squaresByInput(layer, channels).empty())
        return {};
    const ReadChannels reads(layer, channels);
    const std::span<const float> values = layer.weights.front()->floats();
    std::vector<Range> ranges(static_cast<size_t>(channels));
    std::vector<bool> begun(ranges.size());
    for (size_t i = 0; i < values.size(); ++i) {
        const auto channel = static_cast<size_t>(reads.of(static_cast<int64_t>(i)));
        Range& range = ranges[channel];
        range = {begun[channel] ? std::min(range.minimum, values[i]) : values[i], begun[channel] ? std::max(range.maximum, values[i]) : values[i]};
        begun[channel] = true;
    }
    return ranges;
}

/// Float weights against quantized ones, by output channel.
std::vector<ChannelFigures> weightFigures(const Layer& layer, const Buffer& quantized, const LayerFactors& factors)
{
    const WeightChannels channels(layer);
    const std::span<const float> from = layer.weights.front()->floats();
    const std::span<const float> to = quantized.floats();
    std::vector<ChannelFigures> figures(static_cast<size_t>(channels.channels()));
    std::vector<std::set<float>> levels(figures.size());
    const QuantParams grid{.bits = factors.weightBits, .form = factors.weightForm};
    for (int64_t run = 0; run < channels.runs(); ++run) {
        const auto channel = static_cast<size_t>(channels.of(run));
        const float scale = factors.weightScales[factors.weightScales.size() == 1 ? 0 : channel];
        const float highest = (static_cast<float>(grid.qmax()) + 0.5F) * scale;
        const float lowest = (static_cast<float>(grid.qmin()) - 0.5F) * scale;
        ChannelFigures& found = figures[channel];
        for (int64_t i = run * channels.inner(); i < (run + 1) * channels.inner(); ++i) {
            const float value = from[static_cast<size_t>(i)];
            const float changed = to[static_cast<size_t>(i)];
            const double error = static_cast<double>(changed) - static_cast<double>(value);
            const bool cut = factors.codebook.empty() && (value < lowest || value > highest);
            found += {.minimum = value,
                      .maximum = value,
                      .count = 1,
                      .clipped = cut,
                      .xx = static_cast<double>(value) * static_cast<double>(value),
                      .nn = error * error,
                      .clippedNn = cut ? error * error : 0};
            levels[channel].insert(changed);
        }
    }
    for (size_t channel = 0; channel < figures.size(); ++channel)
        figures[channel].levels = static_cast<int>(levels[channel].size());
    return figures;
}

/// Of each output channel: squared weight errors times the mean squares of the input channels that they multiply.
std::vector<double> weightErrors(const Layer& layer, const Buffer& quantized, const std::vector<ChannelFigures>& inputs)
{
    if (layer.weights.front()->count() == 0)
        return {};
    const WeightChannels channels(layer);
    const std::span<const float> from = layer.weights.front()->floats();
    const std::span<const float> to = quantized.floats();
    double mean = 0;
    for (const ChannelFigures& input : inputs)
        mean += input.meanSquare() / static_cast<double>(inputs.size());
    std::vector<double> errors(static_cast<size_t>(channels.channels()));
    const ReadChannels reads(layer, static_cast<int64_t>(inputs.size()));
    for (int64_t run = 0; run < channels.runs(); ++run)
        for (int64_t i = run * channels.inner(); i < (run + 1) * channels.inner(); ++i) {
            const int64_t input = reads.of(i);
            const double square = input >= 0 ? inputs[static_cast<size_t>(input)].meanSquare() : mean;
            const double error = static_cast<double>(to[static_cast<size_t>(i)]) - static_cast<double>(from[static_cast<size_t>(i)]);
            errors[static_cast<size_t>(channels.of(run))] += error * error * square;
        }
    return errors;
}

/// One layer while the samples come.
struct Watched {
    struct Tap {
        int site = 0;
        ChannelTally tally;
        std::vector<Range> ranges;
    };
    std::vector<Tap> taps;
    MetricsAccumulator local, cumulative;
    std::vector<ChannelFigures> result;
};

class Diagnosing {
public:
    Diagnosing(const Model& model, const QuantizedNetwork& quantized, TensorPool& pool)
        : m_quantized(quantized), m_model(model), m_pool(pool), m_watched(m_model.layers().size())
    {
    }

    bool watches(LayerId id) const { return m_quantized.layers[id].active(); }

    void visit(LayerId id, const PairWalk::LayerValues& values, int sample)
    {
        if (values.outputs.empty() || values.outputs.front().floating.empty())
            return;
        auto& watched = m_watched[id];
        if (!watched) {
            watched.emplace();
            addTaps(id, values, *watched);
        }
        for (Watched::Tap& tap : watched->taps) {
            const auto [place, index] = placeOf(tap.site);
            const PairWalk::Pair& pair = (place == ChannelPlace::Input ? values.inputs : values.outputs)[static_cast<size_t>(index)];
            const Tensor plain = plainOf(pair.floating);
            tap.ranges.push_back(rangeOf(plain.values()));
            tap.tally.add(plain.values(), channelsOf(m_model, id, plain.shape()).inner);
        }
        const PairWalk::Pair& output = values.outputs.front();
        watched->cumulative.add(errorSums(output.floating, output.quantized, m_pool), sample);
        const Tensor& local = values.local.empty() ? output.quantized : values.local.front();
        watched->local.add(errorSums(output.floating, local, m_pool), sample);
        addResult(id, plainOf(output.floating), plainOf(local), *watched);
    }

    LayerDiagnosis diagnosisOf(LayerId id) const
    {
        const Watched& watched = *m_watched[id];
        LayerDiagnosis found{.layer = m_model.layer(id).name,
                             .local = watched.local.metrics(),
                             .cumulative = watched.cumulative.metrics(),
                             .places = {},
                             .causes = {}};
        for (const Watched::Tap& tap : watched.taps) {
            const auto [where, index] = placeOf(tap.site);
            PlaceDiagnosis place{.place = where,
                                 .index = index,
                                 .params = tap.tally.params(),
                                 .channels = tap.tally.figures(),
                                 .parts = {},
                                 .codes = {tap.tally.codes().begin(), tap.tally.codes().end()},
                                 .ranges = tap.ranges};
            found.places.push_back(std::move(place));
        }
        addWeights(id, found);
        PlaceDiagnosis result{
            .place = ChannelPlace::Result, .index = 0, .params = {}, .channels = watched.result, .parts = {}, .codes = {}, .ranges = {}};
        double all = 0;
        for (const ChannelFigures& channel : result.channels)
            all += channel.nn;
        for (const ChannelFigures& channel : result.channels)
            result.parts.push_back(all > 0 ? channel.nn / all : 0);
        found.places.push_back(std::move(result));
        return found;
    }

    bool seen(LayerId id) const { return m_watched[id].has_value(); }

private:
    Tensor plainOf(const Tensor& tensor) { return convertLayout(toFloat(tensor, m_pool), Layout::Plain, m_pool); }

    void addTaps(LayerId id, const PairWalk::LayerValues& values, Watched& watched) const
    {
        const LayerQuantization& quantization = m_quantized.layers[id];
        const auto tap = [&](int site, const std::optional<QuantParams>& params, const Tensor& value) {
            if (params && !value.empty())
                watched.taps.push_back({site, ChannelTally(channelsOf(m_model, id, value.shape()).count, *params), {}});
        };
        for (size_t port = 0; port < std::min(quantization.inputs.size(), values.inputs.size()); ++port)
            tap(static_cast<int>(port), quantization.inputs[port], values.inputs[port].floating);
        for (size_t k = 0; k < std::min(quantization.outputs.size(), values.outputs.size()); ++k)
            tap(-1 - static_cast<int>(k), quantization.outputs[k], values.outputs[k].floating);
        if (quantization.state)
            tap(stateSite, quantization.state, values.outputs.front().floating);
    }

    void addResult(LayerId id, const Tensor& from, const Tensor& to, Watched& watched) const
    {
        const auto [channels, inner] = channelsOf(m_model, id, from.shape());
        watched.result.resize(static_cast<size_t>(channels));
        // A detector's outputs have as many rows as it finds.
        if (from.shape() != to.shape() || from.count() == 0)
            return;
        const auto row = static_cast<size_t>(inner);
        for (size_t begin = 0, channel = 0; begin + row <= from.values().size(); begin += row) {
            const auto expected = from.values().subspan(begin, row);
            const ErrorSums sums = errorSums(expected, to.values().subspan(begin, row));
            const Range range = rangeOf(expected);
            watched.result[channel] +=
                {.minimum = range.minimum, .maximum = range.maximum, .count = static_cast<int64_t>(row), .xx = sums.xx, .nn = sums.nn};
            channel = channel + 1 == watched.result.size() ? 0 : channel + 1;
        }
    }

    /// The weights' figures, and each channel's part of the layer's error.
    void addWeights(LayerId id, LayerDiagnosis& found) const
    {
        const Layer& layer = m_quantized.network->layer(id);
        const LayerQuantization& quantization = m_quantized.layers[id];
        const auto factors = m_quantized.record.layers.find(layer.name);
        const auto input = std::find_if(found.places.begin(), found.places.end(),
                                        [](const PlaceDiagnosis& place) { return place.place == ChannelPlace::Input && place.index == 0; });
        const bool known = input != found.places.end();
        if (known)
            input->readBy = rangesByInput(layer, static_cast<int64_t>(input->channels.size()));
        std::vector<double> byWeights;
        if (multipliesByWeights(layer.op) && factors != m_quantized.record.layers.end() && !factors->second.weightScales.empty() &&
            !quantization.weights.empty() && quantization.weights.front()) {
            const Buffer& changed = *quantization.weights.front();
            byWeights = weightErrors(layer, changed, known ? input->channels : std::vector<ChannelFigures>());
            PlaceDiagnosis weights{.place = ChannelPlace::Weights,
                                   .index = 0,
                                   .params = {},
                                   .channels = weightFigures(layer, changed, factors->second),
                                   .parts = byWeights,
                                   .codes = {},
                                   .ranges = {}};
            found.places.push_back(std::move(weights));
        }
        double all = 0;
        for (PlaceDiagnosis& place : found.places) {
            if (place.place != ChannelPlace::Weights) {
                const auto squares = squaresByInput(layer, static_cast<int64_t>(place.channels.size()));
                for (size_t channel = 0; channel < place.channels.size(); ++channel)
                    place.parts.push_back(place.channels[channel].meanError() *
                                          (place.place == ChannelPlace::Input && !squares.empty() ? squares[channel] : 1));
            }
            for (const double part : place.parts)
                all += part;
        }
        for (PlaceDiagnosis& place : found.places)
            for (double& part : place.parts)
                part = all > 0 ? part / all : 0;
    }

    const QuantizedNetwork& m_quantized;
    const Model& m_model;
    TensorPool& m_pool;
    ById<LayerId, std::optional<Watched>> m_watched;
};

}  // namespace

size_t channelAxis(const Model& model, LayerId id, const Shape& shape)
{
    const Layer& layer = model.layer(id);
    const auto rank = static_cast<int64_t>(shape.size());
    if (rank < 2)
        return 0;
    int64_t axis = 1;
    if (layer.op == "InnerProduct")
        axis = layer.attributes.integer("axis", 1);
    else if (multipliesByWeights(layer.op))
        axis = 1;  // a convolution's, whatever reads it
    else if (layer.op == "MatMul" && rank > 2)
        axis = rank - 3;
    else if (isRecurrent(layer.op) || featuresLast(layer, rank) || neighbourHasFeaturesLast(model, id, rank))
        axis = rank - 1;
    return static_cast<size_t>(std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank - 1));
}

std::pair<ChannelPlace, int> placeOf(int site)
{
    if (isStateSite(site))
        return {ChannelPlace::State, 0};
    return isOutputSite(site) ? std::pair{ChannelPlace::Output, static_cast<int>(outputOf(site))} : std::pair{ChannelPlace::Input, site};
}

std::string placeText(ChannelPlace place, int index)
{
    switch (place) {
        case ChannelPlace::Input:
            return "input " + std::to_string(index);
        case ChannelPlace::Output:
            return "output " + std::to_string(index);
        case ChannelPlace::State:
            return "state";
        case ChannelPlace::Weights:
            return "weights";
        case ChannelPlace::Result:
            return "result";
    }
    return "";
}

double PlaceDiagnosis::part() const
{
    double sum = 0;
    for (const double part : parts)
        sum += part;
    return sum;
}

ChannelFigures PlaceDiagnosis::all() const
{
    ChannelFigures sum;
    for (const ChannelFigures& channel : channels)
        sum += channel;
    return sum;
}

const PlaceDiagnosis* LayerDiagnosis::at(ChannelPlace place, int index) const
{
    const auto found =
        std::find_if(places.begin(), places.end(), [&](const PlaceDiagnosis& one) { return one.place == place && one.index == index; });
    return found == places.end() ? nullptr : &*found;
}

const LayerDiagnosis* Diagnosis::layer(std::string_view name) const
{
    const auto found = std::find_if(layers.begin(), layers.end(), [&](const LayerDiagnosis& one) { return one.layer == name; });
    return found == layers.end() ? nullptr : &*found;
}

std::vector<const LayerDiagnosis*> Diagnosis::worst(size_t most) const
{
    std::vector<const LayerDiagnosis*> sorted;
    for (const LayerDiagnosis& layer : layers)
        sorted.push_back(&layer);
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->local.cosine < b->local.cosine; });
    sorted.resize(std::min(sorted.size(), most));
    return sorted;
}

Result<std::shared_ptr<const Diagnosis>> diagnose(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared,
                                                  const QuantizedNetwork& quantized, const DataSet& all, int samples, const JobContext& job)
{
    const auto started = std::chrono::steady_clock::now();
    const auto calibrated = without(all, prepared.configuration.notCalibrated);
    const DataSet& data = *calibrated;
    const int count = std::min(samples, data.size());
    if (count <= 0)
        return Error{ErrorCode::NoData, {}, data.spec().path.string()};
    LayerRunner runner(engine, prepared.network);
    Diagnosing diagnosing(*prepared.network, quantized, runner.pool());
    PairWalk walk(runner, quantized.layers, [](LayerId) { return true; });
    auto diagnosis = std::make_shared<Diagnosis>();
    for (int sample = 0; sample < count; ++sample) {
        job.count(Phase::Diagnosing, sample, count);
        QS_TRY(const std::vector<Tensor> inputs, inputTensors(*prepared.network, data, sample, runner.pool()));
        const auto visit = [&](LayerId id, const PairWalk::LayerValues& values) -> Result<void> {
            if (diagnosing.watches(id))
                diagnosing.visit(id, values, sample);
            return {};
        };
        QS_TRY(const auto outputs, walk.run(inputs, visit, job));
        diagnosis->samples.push_back(data.sampleName(sample));
    }
    for (const LayerId id : prepared.network->layerIds())
        if (prepared.effectiveOf(id).quantized && diagnosing.seen(id))
            diagnosis->layers.push_back(diagnosing.diagnosisOf(id));
    // Causes look at the layers before, whose figures are all there now.
    for (LayerDiagnosis& layer : diagnosis->layers)
        layer.causes = findCauses({prepared, quantized, *diagnosis, layer, prepared.network->findLayer(layer.layer)});
    diagnosis->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return std::shared_ptr<const Diagnosis>(std::move(diagnosis));
}

}  // namespace qs

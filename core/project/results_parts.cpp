#include "core/project/results_parts.h"

#include "core/jobs/causes.h"
#include "core/proto/qs_results.pb.h"

#include <stdexcept>

namespace qs {

namespace proto = quantscope_results;

namespace {

void put(proto::Place& out, const PlaceDiagnosis& place)
{
    out.set_place(static_cast<int>(place.place));
    out.set_index(place.index);
    for (const ChannelFigures& channel : place.channels) {
        out.add_minimum(channel.minimum);
        out.add_maximum(channel.maximum);
        out.add_count(channel.count);
        out.add_clipped(channel.clipped);
        out.add_levels(channel.levels);
        out.add_xx(channel.xx);
        out.add_nn(channel.nn);
        out.add_clipped_nn(channel.clippedNn);
    }
    out.mutable_parts()->Add(place.parts.begin(), place.parts.end());
    for (const Range& range : place.readBy) {
        out.add_read_minimum(range.minimum);
        out.add_read_maximum(range.maximum);
    }
    out.mutable_codes()->Add(place.codes.begin(), place.codes.end());
    for (const Range& range : place.ranges) {
        out.add_range_minimum(range.minimum);
        out.add_range_maximum(range.maximum);
    }
}

using Floats = google::protobuf::RepeatedField<float>;
std::vector<Range> takenRanges(const Floats& minimum, const Floats& maximum)
{
    if (minimum.size() != maximum.size())
        throw std::runtime_error("a range without an end");
    std::vector<Range> ranges;
    for (int i = 0; i < minimum.size(); ++i)
        ranges.push_back({minimum[i], maximum[i]});
    return ranges;
}

PlaceDiagnosis taken(const proto::Place& in)
{
    PlaceDiagnosis place;
    if (in.place() < 0 || in.place() > static_cast<int>(ChannelPlace::Result) || in.index() < 0)
        throw std::runtime_error("a place that is none");
    place.place = static_cast<ChannelPlace>(in.place());
    place.index = in.index();
    const int channels = in.minimum_size();
    for (const int size :
         {in.maximum_size(), in.count_size(), in.clipped_size(), in.levels_size(), in.xx_size(), in.nn_size(), in.clipped_nn_size(), in.parts_size()})
        if (size != channels)
            throw std::runtime_error("figures of channels that are not there");
    for (int i = 0; i < channels; ++i)
        place.channels.push_back({.minimum = in.minimum(i),
                                  .maximum = in.maximum(i),
                                  .count = in.count(i),
                                  .clipped = in.clipped(i),
                                  .levels = in.levels(i),
                                  .xx = in.xx(i),
                                  .nn = in.nn(i),
                                  .clippedNn = in.clipped_nn(i)});
    place.parts.assign(in.parts().begin(), in.parts().end());
    place.readBy = takenRanges(in.read_minimum(), in.read_maximum());
    if (!place.readBy.empty() && place.readBy.size() != place.channels.size())
        throw std::runtime_error("figures of channels that are not there");
    place.codes.assign(in.codes().begin(), in.codes().end());
    place.ranges = takenRanges(in.range_minimum(), in.range_maximum());
    return place;
}

/// What stands at a place; null: nothing is quantized there.
const QuantParams* paramsAt(const LayerQuantization& layer, ChannelPlace place, int index)
{
    const auto of = [index](const std::vector<std::optional<QuantParams>>& all) {
        const auto i = static_cast<size_t>(index);
        return i < all.size() && all[i] ? &*all[i] : nullptr;
    };
    switch (place) {
        case ChannelPlace::Input:
            return of(layer.inputs);
        case ChannelPlace::Output:
            return of(layer.outputs);
        case ChannelPlace::State:
            return layer.state ? &*layer.state : nullptr;
        case ChannelPlace::Weights:
        case ChannelPlace::Result:
            break;
    }
    return nullptr;
}

}  // namespace

void putMetrics(proto::Metrics& out, const Metrics& metrics)
{
    out.set_cosine(metrics.cosine);
    out.set_cosine_worst(metrics.cosineWorst);
    out.set_worst_sample(metrics.worstSample);
    out.set_sqnr_db(metrics.sqnrDb);
    out.set_mse(metrics.mse);
    out.set_max_abs(metrics.maxAbs);
    out.set_rel_l2(metrics.relL2);
}

Metrics takenMetrics(const proto::Metrics& in)
{
    return {.cosine = in.cosine(),
            .cosineWorst = in.cosine_worst(),
            .worstSample = in.worst_sample(),
            .sqnrDb = in.sqnr_db(),
            .mse = in.mse(),
            .maxAbs = in.max_abs(),
            .relL2 = in.rel_l2()};
}

void putDiagnosis(proto::Diagnosis& out, const Diagnosis& diagnosis)
{
    for (const std::string& sample : diagnosis.samples)
        out.add_samples(sample);
    for (const LayerDiagnosis& layer : diagnosis.layers) {
        proto::DiagnosedLayer& one = *out.add_layers();
        one.set_name(layer.layer);
        putMetrics(*one.mutable_local(), layer.local);
        putMetrics(*one.mutable_cumulative(), layer.cumulative);
        for (const PlaceDiagnosis& place : layer.places)
            put(*one.add_places(), place);
    }
    out.set_seconds(diagnosis.seconds);
}

std::shared_ptr<const Diagnosis> takenDiagnosis(const proto::Diagnosis& in)
{
    auto diagnosis = std::make_shared<Diagnosis>();
    diagnosis->samples.assign(in.samples().begin(), in.samples().end());
    for (const proto::DiagnosedLayer& one : in.layers()) {
        LayerDiagnosis& layer = diagnosis->layers.emplace_back();
        layer.layer = one.name();
        layer.local = takenMetrics(one.local());
        layer.cumulative = takenMetrics(one.cumulative());
        for (const proto::Place& place : one.places())
            layer.places.push_back(taken(place));
    }
    diagnosis->seconds = in.seconds();
    return diagnosis;
}

Result<std::shared_ptr<const Diagnosis>> restoredDiagnosis(Diagnosis diagnosis, const PreparedNetwork& prepared, const QuantizedNetwork& quantized)
{
    for (LayerDiagnosis& layer : diagnosis.layers) {
        const LayerId id = prepared.network->findLayer(layer.layer);
        if (id == noId)
            return Error{ErrorCode::ModelInvalid, "the diagnosis is of another network", layer.layer};
        for (PlaceDiagnosis& place : layer.places) {
            const QuantParams* params = paramsAt(quantized.layers[id], place.place, place.index);
            if (isQuantizer(place.place) && !params)
                return Error{ErrorCode::ModelInvalid, "the diagnosis is of other settings", layer.layer};
            if (params)
                place.params = *params;
        }
    }
    // Causes look at the layers before.
    for (LayerDiagnosis& layer : diagnosis.layers)
        layer.causes = findCauses({prepared, quantized, diagnosis, layer, prepared.network->findLayer(layer.layer)});
    return std::make_shared<const Diagnosis>(std::move(diagnosis));
}

}  // namespace qs

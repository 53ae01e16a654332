#include "core/jobs/reading.h"

#include "core/stats/class_map.h"

#include <algorithm>

namespace qs {

namespace {

/// Whether an exponential stands shortly before the value: sizes are made of logarithms there.
bool afterExponential(const Model& network, ValueId value, int depth)
{
    const LayerId producer = network.value(value).producer;
    if (producer == noId || depth == 0)
        return false;
    const Layer& layer = network.layer(producer);
    return layer.op == "Exp" || std::any_of(layer.inputs.begin(), layer.inputs.end(),
                                            [&](ValueId input) { return input != noId && afterExponential(network, input, depth - 1); });
}

std::vector<HeadShape> headsOf(const Model& network)
{
    constexpr int layersBack = 8;
    std::vector<HeadShape> heads;
    for (const ValueId id : network.outputs()) {
        const Value& value = network.value(id);
        heads.push_back({value.name, value.shaped ? value.shape : Shape{}, afterExponential(network, id, layersBack)});
    }
    return heads;
}

Shape inputOf(const Model& network)
{
    return network.inputs().empty() ? Shape{} : network.value(network.inputs().front()).shape;
}

/// The output that a DetectionOutput layer gives.
std::optional<size_t> detectionOutput(const Model& network)
{
    for (size_t i = 0; i < network.outputs().size(); ++i)
        if (const LayerId producer = network.value(network.outputs()[i]).producer;
            producer != noId && network.layer(producer).op == "DetectionOutput")
            return i;
    return std::nullopt;
}

Result<Reading> decoded(const Model& network, const DecoderSetting& setting)
{
    QS_TRY(BoxDecoder decoder, BoxDecoder::make(setting, headsOf(network), inputOf(network)));
    const size_t output = decoder.outputs(HeadRole::Boxes).front();
    return Reading{OutputKind::Boxes, output, std::move(decoder), setting.background ? 1 : 0};
}

Result<Reading> boxReading(const Model& network, const std::string& decoder)
{
    if (!decoder.empty()) {
        QS_TRY(const DecoderSetting setting, decoderFromText(decoder));
        return decoded(network, setting);
    }
    if (const auto output = detectionOutput(network)) {
        const Layer& layer = network.layer(network.value(network.outputs()[*output]).producer);
        return Reading{OutputKind::Boxes, *output, std::nullopt, layer.attributes.integer("backgroundLabel", 0) == 0 ? 1 : 0};
    }
    if (const auto setting = proposedDecoder(network))
        return decoded(network, *setting);
    return Error{ErrorCode::NotSupported,
                 "no output comes from a DetectionOutput layer, and no decoder fits the outputs by itself: give one (--decoder)", network.name()};
}

bool madeBy(const Model& network, ValueId value, std::string_view op)
{
    const LayerId producer = network.value(value).producer;
    return producer != noId && network.layer(producer).op == op;
}

bool looksLikeEmbedding(const Model& network, ValueId output)
{
    constexpr int64_t block = 64;
    return elementCount(network.value(output).shape) % block == 0 && !madeBy(network, output, "Softmax") && !madeBy(network, output, "Sigmoid");
}

/// Up to three channels are a picture, unless a Softmax makes classes of them.
bool looksLikeClassMap(const Model& network, ValueId output, const Shape& input)
{
    constexpr int64_t coarsest = 8;
    constexpr int64_t colours = 3;
    const Shape& map = network.value(output).shape;
    return isClassMap(map) && (map[1] > colours || madeBy(network, output, "Softmax")) && input.size() == 4 && map[2] * coarsest >= input[2] &&
           map[3] * coarsest >= input[3];
}

}  // namespace

bool isClassVector(const Shape& shape)
{
    return shape.size() > 1 && shape[1] > 1 && shape[1] == elementCount(shape);
}

std::optional<DecoderSetting> proposedDecoder(const Model& network)
{
    return proposedDecoder(headsOf(network), inputOf(network));
}

Result<Reading> readingOf(const Model& network, const OutputChoice& choice, bool labelled)
{
    if (network.outputs().empty())
        return Reading{};
    if (choice.kind == OutputKind::Boxes || (choice.kind == OutputKind::Automatic && !choice.decoder.empty()))
        return boxReading(network, choice.decoder);
    if (choice.kind != OutputKind::Automatic)
        return Reading{choice.kind};
    const Value& first = network.value(network.outputs().front());
    const bool classes = first.shaped && isClassVector(first.shape);
    // Scores of a detector's cells may look like a vector of classes; a classifier has one output.
    if (detectionOutput(network) || ((!classes || network.outputs().size() > 1) && proposedDecoder(network)))
        return boxReading(network, {});
    if (classes && !labelled && looksLikeEmbedding(network, network.outputs().front()))
        return Reading{OutputKind::Vector};
    // Whose shape is known only when it runs may be a vector, too.
    if (classes || !first.shaped)
        return Reading{OutputKind::Classes};
    return Reading{looksLikeClassMap(network, network.outputs().front(), inputOf(network)) ? OutputKind::ClassMap : OutputKind::Plain};
}

Result<Reading> readingOf(const Model& network, const DataSet& data)
{
    return readingOf(network, data.spec().outputs, data.labelled());
}

Result<std::vector<DetectedBox>> boxesIn(const Reading& reading, std::span<const Buffer> outputs)
{
    if (reading.output >= outputs.size() || outputs[reading.output].empty())
        return Error{ErrorCode::NotRunnable, "the boxes depend on a layer that cannot be run", {}};
    return reading.decoder ? reading.decoder->boxes(outputs) : detectedBoxes(outputs[reading.output]);
}

}  // namespace qs

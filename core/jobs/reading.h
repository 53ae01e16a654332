// How a network's outputs are read: as classes, boxes, a map of classes, a vector, or as nothing but values.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/tensor.h"
#include "core/ir/model.h"
#include "core/stats/decoders.h"

namespace qs {

struct Reading {
    OutputKind kind = OutputKind::Plain;  ///< never Automatic
    size_t output = 0;                    ///< the one that is read, among the network's; for a decoder the first
    std::optional<BoxDecoder> decoder = std::nullopt;
    int firstLabel = 0;  ///< of boxes: 1 where class 0 is the background
};

/// What `choice` says; where it leaves that open, in this order: boxes where a DetectionOutput layer gives them, classes where the first output is a
/// vector (but a vector without a meaning of its own where it has no labels, no Softmax gives it, and it has as many values as embeddings have: a
/// multiple of 64), boxes where a decoder fits the outputs, a map of classes where the first output has more channels than a picture (or a Softmax
/// makes them) and is no coarser than an eighth of it. Errors: those of the decoder that is chosen (stats/decoders.h), NotSupported where boxes are
/// chosen and nothing gives any.
Result<Reading> readingOf(const Model& network, const OutputChoice& choice, bool labelled = false);
/// As the data's specification says.
Result<Reading> readingOf(const Model& network, const DataSet& data);

/// The decoder that fits the network's outputs.
std::optional<DecoderSetting> proposedDecoder(const Model& network);

/// Of a Reading of boxes. Errors: NotRunnable (an output is empty), and those of detectedBoxes and BoxDecoder::boxes.
Result<std::vector<DetectedBox>> boxesIn(const Reading& reading, std::span<const Buffer> outputs);

/// Whether one sample's output of this shape, (1, C) or (1, C, 1, 1), is a vector of more than one value.
bool isClassVector(const Shape& shape);

}  // namespace qs

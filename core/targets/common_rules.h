// Where rules hold that several targets share. What a target says of them (id, sentence, source, remedy) stands in its own table.
#pragma once

#include "core/export/exporter.h"
#include "core/targets/check.h"

#include <functional>

namespace qs::rules {

/// Layers that the program cannot run. %1: why.
void notRun(const CheckInput& input, const RuleFound& found);
/// Layers with arithmetic or weights, enabled or not, of types that cannot be quantized. %1: the type.
void typeStaysFloat(const CheckInput& input, const RuleFound& found);
/// Layers for which calibration found no legal scale. %1: why.
void illegalScale(const CheckInput& input, const RuleFound& found);
/// Layers of which scale_w was raised so that a bias fits into int32. %1: the channels.
void biasRaisesScale(const CheckInput& input, const RuleFound& found);
/// Layers whose int32 accumulator can leave its range for some input of codes: the sum of |code of w| times the largest code, worst channel. %1: the
/// channel, %2: the largest sum, in units of 2^31. Before calibration: of the widest inputs, without biases.
void accumulatorLeavesInt32(const CheckInput& input, const RuleFound& found);
/// Quantized inputs of which everything that was seen becomes code 0. %1: the input, %2: the largest magnitude, %3: the scale.
void becomesZero(const CheckInput& input, const RuleFound& found);
/// Enabled InnerProduct layers with one scale whose rows' ranges differ by 16 or more: 4 of 8 bits are gone for the narrowest. %1: by how much.
void oneScaleForUnlikeRows(const CheckInput& input, const RuleFound& found);

/// What the writer of ONNX files refuses. %1: why.
void onnxCannotHold(const CheckInput& input, const RuleFound& found);
/// Visits the enabled inputs of each layer, by its name in the original network.
void eachInput(const CheckInput& input, const std::function<void(const std::string& layer, const EffectiveInput& port)>& visit);

/// What an exporter refuses, of layers of the original network.
void refusals(const CheckInput& input, const std::vector<Refusal>& refused, const RuleFound& found);

}  // namespace qs::rules

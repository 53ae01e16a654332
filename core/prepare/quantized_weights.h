// A layer's weights on their quantization grid: as the floats that a simulation runs with, and as the integers that the chip gets.
#pragma once

#include "core/ir/model.h"
#include "core/quant/configuration.h"
#include "core/quant/record.h"
#include "core/quant/scheme.h"

namespace qs {

/// Which weights are quantized: weight 0; of LSTM, RNN and GRU every matrix, each with a scale of its own (INFERRED: the manual says only that
/// their weights are quantized and that channel_wise is false).
std::vector<size_t> quantizedWeights(const Layer& layer);
/// scale_w entries of the layer: its channels (one with channelWise off), or its matrices.
size_t weightScaleCount(const Layer& layer, bool channelWise);
/// Error ShapeMismatch naming the numbers that are possible, where a layer cannot have `count` scales. `channelWise`: whether the scheme lets it have
/// one for each output channel.
Result<void> checkWeightScaleCount(const Layer& layer, size_t count, bool channelWise, const std::string& where);

/// Enters scales, levels and width; roundings of AdaRound are gone, for they belonged to the old ones. Errors name the layer: InvalidNumber,
/// IllegalScale.
Result<void> solveWeights(const Layer& layer, const WeightSetting& setting, const GridForm& form, LayerFactors& factors);

/// Whether the deploy model holds the layer's weights as integers: they have a scale_w, and the first input a scale_d.
bool deployedInIntegers(const Layer& layer, const LayerFactors& factors);
/// What each quantized matrix of an LSTM, RNN or GRU is multiplied by: scale_w * scale_d where it meets codes, scale_w where it meets the state,
/// which stays in float (our own: the manual does not say how the chip runs them).
std::vector<float> productScales(const Layer& layer, const LayerFactors& factors);

/// Biases that would leave int32 on scale_w * scale_d. RaisesScale: the channel's scale_w is raised until it fits (of a layer with one scale, that
/// one); the channels, ascending. Errors: IllegalScale for a bias that no scale can hold, or with StaysFloat the first that leaves.
Result<std::vector<size_t>> fitBiases(const Layer& layer, WideBias rule, LayerFactors& factors);

/// As long as layer.weights. Quantized weights are I8 codes; the bias of a convolution or inner product is I32, round(b / (scale_w * scale_d)), where
/// the input has a scale_d; others are the layer's own. Errors name layer and channel: OutOfRange for a bias beyond int32.
Result<std::vector<std::shared_ptr<const Buffer>>> integerWeights(const Layer& layer, const LayerFactors& factors);
/// The same as floats: code * scale_w, and bias code * scale_w * scale_d.
Result<std::vector<std::shared_ptr<const Buffer>>> fakeQuantizedWeights(const Layer& layer, const LayerFactors& factors);
/// The weights alone, before there is a scale_d; the bias as it is.
std::vector<std::shared_ptr<const Buffer>> fakeQuantizedWeightsOnly(const Layer& layer, const LayerFactors& factors);

}  // namespace qs

// The deploy model as a network of this program: Quant, integer layers, DeQuant. What is exported runs here before it runs on a chip.
#pragma once

#include "core/prepare/quantized.h"

namespace qs {

/// quantized.network with every quantized layer in its deploy form (semantics 1.7, 1.8): Quant in front of each quantized input; int8 weights, int32
/// bias and a DeQuant behind a convolution or inner product; int8 matrices in an LSTM, RNN or GRU, which multiplies its inputs' codes in integers and
/// its state, quantized where its site is, in float (our own); an AntiQuant behind the Quant of any other. Values keep their names.
Result<std::shared_ptr<const Model>> integerNetwork(const QuantizedNetwork& quantized);

}  // namespace qs

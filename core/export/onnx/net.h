// A network as an ONNX file: in float, or quantized in the form of QuantizeLinear and DequantizeLinear.
#pragma once

#include "core/export/exporter.h"

namespace qs {

/// The file's bytes; names of values and layers are kept. `opset`: oldestOnnxOpset to newestOnnxOpset. Errors: NotSupported with all the layers that
/// cannot be written and why, OutOfRange for another opset.
Result<std::string> floatOnnx(const Model& network, int opset);

/// The same of a quantized network. In front of each quantized input stand QuantizeLinear and DequantizeLinear: 8 bits as int8, 16 bits as int16 in
/// the domain com.microsoft; where several layers read a value in the same way they share them. Weights are int8 initializers behind a
/// DequantizeLinear (one scale, or one an output channel), their biases int32 on scale_w * scale_d. What is not quantized stays float. Errors
/// besides: NotSupported for other widths.
Result<std::string> qdqOnnx(const QuantizedNetwork& quantized, int opset);

/// What floatOnnx() would refuse.
std::vector<Refusal> onnxRefusals(const Model& network);

}  // namespace qs

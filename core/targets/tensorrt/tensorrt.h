// TensorRT's explicit quantization (semantics 4 and 4b): symmetric 8 bits, dense networks as QDQ ONNX; sparse ones (BEVFusion) are quantized and not
// written yet.
#pragma once

#include "core/export/exporter.h"
#include "core/quant/scheme.h"
#include "core/targets/check.h"

namespace qs {

const QuantScheme& tensorrtScheme();
std::span<const Rule> tensorrtRules();

/// PREFIX_qdq.onnx and PREFIX_float.onnx, as for ONNX Runtime. Errors: NotSupported for a network with sparse convolutions, and those of planQdq().
Result<ExportPlan> planTensorrt(const ExportRequest& request);

}  // namespace qs

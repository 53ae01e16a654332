// QDQ ONNX, which ONNX Runtime runs and TensorRT reads.
#pragma once

#include "core/export/exporter.h"
#include "core/quant/scheme.h"

namespace qs {

const QuantScheme& onnxruntimeScheme();

/// PREFIX_qdq.onnx and PREFIX_float.onnx (export/onnx/net.h). Errors: those of the writer; MissingValue for a quantized layer without factors.
Result<ExportPlan> planQdq(const ExportRequest& request);

}  // namespace qs

#include "core/targets/onnxruntime/onnxruntime.h"

#include "core/export/onnx/net.h"
#include "core/ops/weight_channels.h"

#include <array>

namespace qs {

const QuantScheme& onnxruntimeScheme()
{
    static constexpr std::array eightOrSixteen{8, 16};
    // The standard target's layers and weights: what is an operator of another name there is written as what it does (export/onnx).
    static const QuantScheme scheme = [] {
        QuantScheme made = standardScheme();
        made.activationWidths = eightOrSixteen;
        made.joinsScales = true;
        made.takesFloatBias = true;
        // As ONNX Runtime's own quantizer.
        made.wideBias = WideBias::RaisesScale;
        // Of a Gemm or MatMul, too.
        made.channelWise = &multipliesByWeights;
        return made;
    }();
    return scheme;
}

Result<ExportPlan> planQdq(const ExportRequest& request)
{
    QS_CHECK(requireFactors(*request.prepared, *request.quantized));
    ExportPlan plan;
    QS_TRY(std::string quantized, qdqOnnx(*request.quantized, request.opset));
    plan.files.push_back({request.prefix.string() + "_qdq.onnx", "the quantized network for ONNX Runtime and TensorRT", std::move(quantized)});
    QS_TRY(std::string original, floatOnnx(*request.prepared->original, request.opset));
    plan.files.push_back({request.prefix.string() + "_float.onnx", "the network as it was, in float", std::move(original)});
    plan.differences = exportDifferences(*request.prepared, *request.quantized);
    return plan;
}

}  // namespace qs

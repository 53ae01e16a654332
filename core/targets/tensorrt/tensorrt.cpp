#include "core/targets/tensorrt/tensorrt.h"

#include "core/ops/weight_channels.h"
#include "core/targets/common_rules.h"
#include "core/targets/onnxruntime/onnxruntime.h"

#include <algorithm>
#include <array>
#include <vector>

namespace qs {

namespace {

void zeroPoint(const CheckInput& input, const RuleFound& found)
{
    rules::eachInput(input, [&](const std::string& layer, const EffectiveInput& port) {
        if (port.withOffset)
            found(layer, {std::to_string(port.port)});
    });
}

constexpr Rule table[] = {
    {"tensorrt.onnx-cannot-hold", Severity::Error, "An ONNX file cannot hold it: %1", "ONNX operators, opset 13 to 17",
     "Replace the layer in the network, or leave the export to its own tool", rules::onnxCannotHold},
    {"tensorrt.zero-point", Severity::Error, "Its input %1 may get a zero point other than 0, which TensorRT refuses",
     "TensorRT, explicit quantization: symmetric only", "Switch the offset of the layer off and calibrate again", zeroPoint},
    {"tensorrt.illegal-scale", Severity::Error, "No legal scale: %1", "Quantscope: a scale is legal from FLT_EPSILON to 1/FLT_EPSILON",
     "Look at the layer's values: rescale the network, set limits by hand, or leave it in float", rules::illegalScale},
    {"tensorrt.becomes-zero", Severity::Accuracy, "All values seen at input %1 become zero: the largest is %2, the step %3", "Quantscope",
     "Rescale the network, or leave the layer in float", rules::becomesZero},
};

/// The standard target's layers, and the sparse ones: input per tensor, weights per output channel (semantics 4b).
const std::vector<LayerRule>& layers()
{
    static const std::vector<LayerRule> rules = [] {
        const auto standard = standardScheme().layers;
        std::vector<LayerRule> made(standard.begin(), standard.end());
        made.push_back({"SparseConvolution", Quantizable::WeightsAndData, true});
        made.push_back({"Add", Quantizable::DataOnly, true});
        return made;
    }();
    return rules;
}

}  // namespace

const QuantScheme& tensorrtScheme()
{
    static constexpr std::array eight{8};
    static const QuantScheme scheme = [] {
        QuantScheme made = standardScheme();
        made.layers = layers();
        made.activationWidths = eight;
        made.codebooks = false;
        made.joinsScales = true;
        made.takesFloatBias = true;
        made.symmetric = true;
        made.channelWise = &multipliesByWeights;
        return made;
    }();
    return scheme;
}

std::span<const Rule> tensorrtRules()
{
    return table;
}

Result<ExportPlan> planTensorrt(const ExportRequest& request)
{
    for (const Layer& layer : request.prepared->network->layers())
        if (layer.op == "SparseConvolution")
            return Error{ErrorCode::NotSupported, "networks of sparse convolutions are not written yet",
                         "layer '" + layer.name + "' (" + layer.type + ")"};
    return planQdq(request);
}

}  // namespace qs

#include "core/targets/onnxruntime/rules.h"

#include "core/targets/common_rules.h"

#include <algorithm>

namespace qs {

namespace {

void widthNotInOnnx(const CheckInput& input, const RuleFound& found)
{
    rules::eachInput(input, [&](const std::string& layer, const EffectiveInput& port) {
        if (port.bits != 8 && port.bits != 16)
            found(layer, {std::to_string(port.port), std::to_string(port.bits)});
    });
}

void sixteenBits(const CheckInput& input, const RuleFound& found)
{
    rules::eachInput(input, [&](const std::string& layer, const EffectiveInput& port) {
        if (port.bits == 16)
            found(layer, {std::to_string(port.port)});
    });
}

/// Once for the network: at its first such layer.
void zeroPoints(const CheckInput& input, const RuleFound& found)
{
    int ports = 0;
    std::string first;
    rules::eachInput(input, [&](const std::string& layer, const EffectiveInput& port) {
        if (!port.withOffset)
            return;
        first = ports++ == 0 ? layer : first;
    });
    if (ports > 0)
        found(first, {std::to_string(ports)});
}

void codebooks(const CheckInput& input, const RuleFound& found)
{
    const auto& effective = input.prepared.effective;
    for (const LayerId id : effective.ids())
        if (effective[id].quantized && effective[id].weightBits == 4)
            found(input.prepared.original->layer(id).name, {});
}

/// Operands of one Concat or Eltwise that have different scales.
void unlikeOperands(const CheckInput& input, const RuleFound& found)
{
    if (!input.quantized)
        return;
    for (const auto& [name, factors] : input.quantized->record.layers) {
        const LayerId id = input.prepared.original->findLayer(name);
        if (id == noId || !joinsInputs(input.prepared.original->layer(id)) || factors.inputs.size() < 2)
            continue;
        const QuantParams& first = factors.inputs.front().params;
        const bool alike =
            std::all_of(factors.inputs.begin(), factors.inputs.end(), [&first](const InputFactors& port) { return port.params == first; });
        if (!alike)
            found(name, {});
    }
}

constexpr Rule table[] = {
    {"onnxruntime.onnx-cannot-hold", Severity::Error, "An ONNX file cannot hold it: %1", "ONNX operators, opset 13 to 17",
     "Replace the layer in the network, or choose a target that reads Caffe", rules::onnxCannotHold},
    {"onnxruntime.width", Severity::Error, "Its input %1 has %2 bits; ONNX has 8 and 16",
     "ONNX, QuantizeLinear; ONNX Runtime, com.microsoft.QuantizeLinear", "Give the input 8 or 16 bits", widthNotInOnnx},
    {"onnxruntime.illegal-scale", Severity::Error, "No legal scale: %1", "Quantscope: a scale is legal from FLT_EPSILON to 1/FLT_EPSILON",
     "Look at the layer's values: rescale the network, set limits by hand, or leave it in float", rules::illegalScale},
    {"onnxruntime.sixteen-bits", Severity::Slow, "Its input %1 has 16 bits: ONNX Runtime computes the layer in float, TensorRT refuses the file",
     "ONNX Runtime, quantization: 16-bit types are in the domain com.microsoft", "8 bits, where the accuracy allows it", sixteenBits},
    {"onnxruntime.codebook", Severity::Slow, "Its 4-bit weights are written as 8-bit ones: the file gets no smaller",
     "ONNX before opset 21 has no 4-bit types", "Uniform 8-bit weights lose less", codebooks},
    {"onnxruntime.becomes-zero", Severity::Accuracy, "All values seen at input %1 become zero: the largest is %2, the step %3", "Quantscope",
     "Rescale the network, or leave the layer in float", rules::becomesZero},
    {"onnxruntime.bias-raises-scale", Severity::Accuracy, "scale_w was raised so that the bias fits into int32: channel %1",
     "ONNX Runtime, quantization tool: the weight scale is adjusted where the bias would overflow",
     "Equalize the layer, or give its input a wider range", rules::biasRaisesScale},
    {"onnxruntime.unlike-operands", Severity::Slow, "Its inputs have different scales: the codes are converted before they are joined",
     "TensorRT and ONNX Runtime join without conversion where the scales are the same", "Nothing, unless the time of this layer matters",
     unlikeOperands},
    {"onnxruntime.zero-points", Severity::Advice,
     "%1 inputs of the network may get a zero point other than 0: ONNX Runtime takes that, TensorRT does not",
     "TensorRT, explicit quantization: symmetric only", "For TensorRT switch activation_offset off and calibrate again", zeroPoints},
};

}  // namespace

std::span<const Rule> onnxruntimeRules()
{
    return table;
}

}  // namespace qs

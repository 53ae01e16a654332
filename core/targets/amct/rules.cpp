#include "core/targets/amct/rules.h"

#include "core/export/caffe_net.h"
#include "core/targets/common_rules.h"

namespace qs {

namespace {

void caffeCannotHold(const CheckInput& input, const RuleFound& found)
{
    rules::refusals(input, caffeRefusals(input.prepared.network), found);
}

void codebookAtTheEnds(const CheckInput& input, const RuleFound& found)
{
    for (const auto& [layer, first] : codebooksAtTheEnds(input.prepared))
        found(layer, {first ? "first" : "last"});
}

constexpr Rule table[] = {
    {"amct.caffe-cannot-hold", Severity::Error, "Caffe's files cannot hold it: %1", "Caffe's caffe.proto; AMCT's deploy model",
     "Replace the layer in the network, or choose a target that reads ONNX", caffeCannotHold},
    {"amct.not-run", Severity::Accuracy, "It is not run here; it and what is behind it are not calibrated: %1", "Quantscope",
     "Give what is missing (weights, a custom.proto, an input's shape), or take the layer out of the network", rules::notRun},
    {"amct.illegal-scale", Severity::Error, "No legal scale: %1", "AMCT manual, FAQ: a scale is legal from FLT_EPSILON to 1/FLT_EPSILON",
     "Look at the layer's values: rescale the network, set limits by hand, or switch its quant_enable off", rules::illegalScale},
    {"amct.type-stays-float", Severity::Slow, "AMCT does not quantize layers of type %1: it stays in float",
     "AMCT manual, appendix: layers that can be quantized", "Replace it by a layer of the table where speed matters", rules::typeStaysFloat},
    {"amct.becomes-zero", Severity::Accuracy, "All values seen at input %1 become zero: the largest is %2, the step %3",
     "AMCT manual, FAQ: a scale below FLT_EPSILON is taken as 1", "Rescale the network, or switch its quant_enable off", rules::becomesZero},
    {"amct.bias-raises-scale", Severity::Accuracy, "scale_w was raised so that the bias fits into int32: channel %1",
     "Quantscope; ONNX Runtime does the same", "Equalize the layer, or give its input a wider range", rules::biasRaisesScale},
    {"amct.accumulator", Severity::Accuracy, "The int32 accumulator of channel %1 can reach %2 times its range for the worst input",
     "Quantscope: sum of the weights' codes times the widest input codes",
     "Fewer bits for the input; Compare counts the overflows that really happen", rules::accumulatorLeavesInt32},
    {"amct.codebook-ends", Severity::Accuracy, "It is the %1 layer with weights, and has snq_quantize",
     "AMCT manual, snq_quantize: keep the first and the last layer uniform", "Set its wts_algo to arq_quantize", codebookAtTheEnds},
    {"amct.one-scale-inner-product", Severity::Accuracy, "One scale for all outputs, whose weights' ranges differ by a factor of %1",
     "AMCT manual: InnerProduct has no channel_wise", "Equalize it with the layer before, or give it 8 bits and AdaRound",
     rules::oneScaleForUnlikeRows},
};

}  // namespace

std::span<const Rule> amctRules()
{
    return table;
}

}  // namespace qs

#include "core/ops/shape_rules.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace qs {

namespace {

using namespace ops;

constexpr auto no = Quantizable::No;
constexpr auto data = Quantizable::DataOnly;
constexpr auto both = Quantizable::WeightsAndData;

// Quantizable and default: AMCT's table (semantics 1.14). Types that it lists as off by default are data-only. Resize is not in it and follows
// Interp. Ops that are not in it cannot be quantized.
// name, family, quantizable, on by default, runnable, weights needed, shapes, MACs
constexpr OpInfo table[] = {
    {"Input", OpFamily::Input, no, false, true, 0, nullptr, nullptr},

    {"Convolution", OpFamily::Convolution, both, true, true, 1, convolutionShapes, convolutionMacs},
    {"DepthwiseConv", OpFamily::Convolution, both, true, true, 1, convolutionShapes, convolutionMacs},
    {"Deconvolution", OpFamily::Convolution, both, true, true, 1, deconvolutionShapes, deconvolutionMacs},
    {"Im2col", OpFamily::Convolution, no, false, true, 0, im2colShapes, nullptr},

    {"InnerProduct", OpFamily::Dense, both, true, true, 1, innerProductShapes, innerProductMacs},
    {"MatMul", OpFamily::Dense, data, true, true, 0, matMulShapes, matMulMacs},
    {"Gemm", OpFamily::Dense, data, true, true, 0, gemmShapes, gemmMacs},
    {"Embed", OpFamily::Dense, no, false, true, 1, embedShapes, nullptr},
    {"LSTM", OpFamily::Dense, both, true, true, 3, recurrentShapes, recurrentMacs},
    {"RNN", OpFamily::Dense, both, true, true, 5, recurrentShapes, recurrentMacs},
    {"GRU", OpFamily::Dense, both, true, true, 3, recurrentShapes, recurrentMacs},

    {"Pooling", OpFamily::Pooling, data, true, true, 0, poolingShapes, poolingMacs},
    {"SPP", OpFamily::Pooling, data, true, true, 0, sppShapes, nullptr},
    {"ROIPooling", OpFamily::Pooling, data, true, true, 0, roiPoolingShapes, nullptr},
    {"PSROIPooling", OpFamily::Pooling, data, true, true, 0, psroiPoolingShapes, nullptr},
    {"ROIAlign", OpFamily::Pooling, data, true, true, 0, roiPoolingShapes, nullptr},
    {"Unpooling", OpFamily::Pooling, data, false, true, 0, unpoolingShapes, nullptr},

    {"ReLU", OpFamily::Activation, data, false, true, 0, unaryShapes, elementMacs},
    {"PReLU", OpFamily::Activation, data, false, true, 1, preluShapes, elementMacs},
    {"ReLU6", OpFamily::Activation, data, false, true, 0, unaryShapes, elementMacs},
    {"RReLU", OpFamily::Activation, data, false, true, 0, unaryShapes, elementMacs},
    {"CReLU", OpFamily::Activation, data, true, true, 0, creluShapes, elementMacs},
    {"Clip", OpFamily::Activation, data, false, true, 0, clipShapes, elementMacs},
    {"Sigmoid", OpFamily::Activation, data, true, true, 0, unaryShapes, elementMacs},
    {"TanH", OpFamily::Activation, data, true, true, 0, unaryShapes, elementMacs},
    {"ELU", OpFamily::Activation, data, true, true, 0, unaryShapes, elementMacs},
    {"Swish", OpFamily::Activation, data, false, true, 0, unaryShapes, elementMacs},
    {"Hswish", OpFamily::Activation, data, true, true, 0, unaryShapes, elementMacs},
    {"HardSigmoid", OpFamily::Activation, no, false, true, 0, unaryShapes, elementMacs},
    {"BNLL", OpFamily::Activation, data, true, true, 0, unaryShapes, elementMacs},
    {"Threshold", OpFamily::Activation, data, true, true, 0, unaryShapes, elementMacs},
    {"Softmax", OpFamily::Activation, data, true, true, 0, softmaxShapes, elementMacs},

    {"LRN", OpFamily::Normalization, data, true, true, 0, lrnShapes, elementMacs},
    {"BatchNorm", OpFamily::Normalization, data, false, true, 2, batchNormShapes, elementMacs},
    {"Scale", OpFamily::Normalization, data, false, true, 1, scaleShapes, elementMacs},
    {"Bias", OpFamily::Normalization, data, false, true, 1, biasShapes, elementMacs},
    {"Normalize", OpFamily::Normalization, data, true, true, 1, normalizeShapes, elementMacs},
    {"MVN", OpFamily::Normalization, data, true, true, 0, mvnShapes, elementMacs},
    {"Mvm", OpFamily::Normalization, data, true, true, 0, mvnShapes, elementMacs},
    {"GroupNorm", OpFamily::Normalization, data, true, true, 0, groupNormShapes, elementMacs},
    {"LayerNormalization", OpFamily::Normalization, data, true, true, 0, layerNormShapes, elementMacs},

    {"Eltwise", OpFamily::Elementwise, data, true, true, 0, eltwiseShapes, elementMacs},
    {"Axpy", OpFamily::Elementwise, data, true, true, 0, axpyShapes, elementMacs},
    {"Add", OpFamily::Elementwise, no, false, true, 0, binaryShapes, elementMacs},
    {"Sub", OpFamily::Elementwise, no, false, true, 0, binaryShapes, elementMacs},
    {"Mul", OpFamily::Elementwise, no, false, true, 0, binaryShapes, elementMacs},
    {"Div", OpFamily::Elementwise, no, false, true, 0, binaryShapes, elementMacs},
    {"Pow", OpFamily::Elementwise, no, false, true, 0, binaryShapes, elementMacs},
    {"Mod", OpFamily::Elementwise, no, false, true, 0, binaryShapes, nullptr},
    {"Min", OpFamily::Elementwise, no, false, true, 0, broadcastAllShapes, nullptr},
    {"Max", OpFamily::Elementwise, no, false, true, 0, broadcastAllShapes, nullptr},
    {"And", OpFamily::Elementwise, no, false, true, 0, binaryShapes, nullptr},
    {"Or", OpFamily::Elementwise, no, false, true, 0, binaryShapes, nullptr},
    {"Xor", OpFamily::Elementwise, no, false, true, 0, binaryShapes, nullptr},
    {"Not", OpFamily::Elementwise, no, false, true, 0, unaryShapes, nullptr},
    {"Where", OpFamily::Elementwise, no, false, true, 0, whereShapes, nullptr},
    {"Less", OpFamily::Elementwise, no, false, true, 0, binaryShapes, nullptr},
    {"LessOrEqual", OpFamily::Elementwise, no, false, true, 0, binaryShapes, nullptr},
    {"GreaterOrEqual", OpFamily::Elementwise, no, false, true, 0, binaryShapes, nullptr},
    {"Equal", OpFamily::Elementwise, data, false, true, 0, binaryShapes, nullptr},
    {"Greater", OpFamily::Elementwise, data, false, true, 0, binaryShapes, nullptr},
    {"Power", OpFamily::Elementwise, data, true, true, 0, unaryShapes, elementMacs},
    {"Exp", OpFamily::Elementwise, data, true, true, 0, unaryShapes, elementMacs},
    {"Log", OpFamily::Elementwise, data, true, true, 0, unaryShapes, elementMacs},
    {"AbsVal", OpFamily::Elementwise, data, false, true, 0, unaryShapes, elementMacs},
    {"Sqrt", OpFamily::Elementwise, data, true, true, 0, unaryShapes, elementMacs},
    {"Sign", OpFamily::Elementwise, data, false, true, 0, unaryShapes, nullptr},
    {"Sin", OpFamily::Elementwise, data, false, true, 0, unaryShapes, nullptr},
    {"Cos", OpFamily::Elementwise, data, false, true, 0, unaryShapes, nullptr},
    {"Erf", OpFamily::Elementwise, data, false, true, 0, unaryShapes, nullptr},
    {"Cast", OpFamily::Elementwise, no, false, true, 0, unaryShapes, nullptr},
    {"Floor", OpFamily::Elementwise, no, false, true, 0, unaryShapes, nullptr},
    {"Round", OpFamily::Elementwise, no, false, true, 0, unaryShapes, nullptr},
    {"Ceil", OpFamily::Elementwise, data, true, true, 0, unaryShapes, nullptr},
    {"ReduceMean", OpFamily::Elementwise, data, true, true, 0, reduceShapes, nullptr},
    {"ReduceSum", OpFamily::Elementwise, data, true, true, 0, reduceShapes, nullptr},
    {"ReduceProd", OpFamily::Elementwise, data, true, true, 0, reduceShapes, nullptr},
    {"ReduceMax", OpFamily::Elementwise, data, false, true, 0, reduceShapes, nullptr},
    {"ReduceMin", OpFamily::Elementwise, data, false, true, 0, reduceShapes, nullptr},
    {"Reduction", OpFamily::Elementwise, data, true, true, 0, reductionShapes, nullptr},
    {"ArgMax", OpFamily::Elementwise, data, true, true, 0, argMaxShapes, nullptr},
    {"ArgMin", OpFamily::Elementwise, data, true, true, 0, argMaxShapes, nullptr},
    {"TopK", OpFamily::Elementwise, data, false, true, 0, topKShapes, nullptr},
    {"Sort", OpFamily::Elementwise, data, true, true, 0, sortShapes, nullptr},

    {"Gather", OpFamily::Elementwise, no, false, true, 0, gatherShapes, nullptr},

    {"Concat", OpFamily::Layout, data, true, true, 0, concatShapes, nullptr},
    {"Slice", OpFamily::Layout, data, true, true, 0, sliceShapes, nullptr},
    {"StridedSlice", OpFamily::Layout, no, false, true, 0, stridedSliceShapes, nullptr},
    {"Expand", OpFamily::Layout, no, false, true, 0, expandShapes, nullptr},
    {"Split", OpFamily::Layout, data, true, true, 0, copyShapes, nullptr},
    {"Flatten", OpFamily::Layout, data, true, true, 0, flattenShapes, nullptr},
    {"Reshape", OpFamily::Layout, data, true, true, 0, reshapeShapes, nullptr},
    {"Squeeze", OpFamily::Layout, no, false, true, 0, squeezeShapes, nullptr},
    {"Unsqueeze", OpFamily::Layout, no, false, true, 0, unsqueezeShapes, nullptr},
    {"Permute", OpFamily::Layout, data, true, true, 0, permuteShapes, nullptr},
    {"Crop", OpFamily::Layout, data, true, true, 0, cropShapes, nullptr},
    {"Dropout", OpFamily::Layout, no, false, true, 0, copyShapes, nullptr},
    {"Identity", OpFamily::Layout, no, false, true, 0, copyShapes, nullptr},
    {"Pad", OpFamily::Layout, data, false, true, 0, padShapes, nullptr},
    {"Upsample", OpFamily::Layout, data, true, true, 0, upsampleShapes, nullptr},
    {"Resize", OpFamily::Layout, data, true, true, 0, resizeShapes, nullptr},
    {"Interp", OpFamily::Layout, data, true, true, 0, interpShapes, nullptr},
    {"PassThrough", OpFamily::Layout, data, true, true, 0, passThroughShapes, nullptr},
    {"Reorg", OpFamily::Layout, data, true, true, 0, reorgShapes, nullptr},
    {"ShuffleChannel", OpFamily::Layout, data, true, true, 0, shuffleChannelShapes, nullptr},
    {"Reverse", OpFamily::Layout, data, true, true, 0, reverseShapes, nullptr},
    {"Tile", OpFamily::Layout, data, true, true, 0, tileShapes, nullptr},
    {"BatchReindex", OpFamily::Layout, no, false, true, 0, batchReindexShapes, nullptr},
    {"Filter", OpFamily::Layout, no, false, true, 0, filterShapes, nullptr},
    {"Parameter", OpFamily::Layout, no, false, true, 1, parameterShapes, nullptr},

    {"PriorBox", OpFamily::Detection, no, false, true, 0, priorBoxShapes, nullptr},
    {"DetectionOutput", OpFamily::Detection, no, false, true, 0, detectionOutputShapes, nullptr},
    {"Proposal", OpFamily::Detection, no, false, true, 0, proposalShapes, nullptr},
    {"Nms", OpFamily::Detection, data, true, true, 0, nmsShapes, nullptr},

    {"Quantizer", OpFamily::Quantization, data, true, true, 0, unaryShapes, nullptr},
    {"Quant", OpFamily::Quantization, no, false, true, 0, unaryShapes, nullptr},
    {"AntiQuant", OpFamily::Quantization, no, false, true, 0, unaryShapes, nullptr},
    {"DeQuant", OpFamily::Quantization, no, false, true, 1, unaryShapes, nullptr},
};

/// Ops whose second input is no tensor of activations: a reference of which only the shape counts (Crop, Interp), marks of sequences that go on
/// (LSTM, RNN, GRU), regions (the three ROI poolings), places of maxima (Unpooling, Upsample). Rounding these to 8 bits would be a mistake.
bool secondIsNoActivation(std::string_view op)
{
    static constexpr std::string_view ops[] = {"Crop",       "Interp",       "LSTM",     "RNN",       "GRU",
                                               "ROIPooling", "PSROIPooling", "ROIAlign", "Unpooling", "Upsample"};
    return std::find(std::begin(ops), std::end(ops), op) != std::end(ops);
}

}  // namespace

std::span<const OpInfo> allOps()
{
    return table;
}

const OpInfo* findOp(std::string_view name)
{
    // Asked for several times a layer.
    static const auto byName = [] {
        std::unordered_map<std::string_view, const OpInfo*> ops;
        for (const OpInfo& op : table)
            ops.emplace(op.name, &op);
        return ops;
    }();
    const auto found = byName.find(name);
    return found == byName.end() ? nullptr : found->second;
}

bool weightsMissing(const Layer& layer)
{
    const OpInfo* op = findOp(layer.op);
    // A Scale or Bias with two inputs has its operand from the second.
    if (!op || op->weights == 0 || ((layer.op == "Scale" || layer.op == "Bias") && layer.inputs.size() > 1))
        return false;
    const auto needed = static_cast<size_t>(op->weights);
    return layer.weights.size() < needed ||
           std::any_of(layer.weights.begin(), layer.weights.begin() + op->weights, [](const auto& weight) { return !weight; });
}

int64_t declaredBatch(const Model& model)
{
    const Shape picture = model.inputs().empty() ? Shape{} : model.value(model.inputs().front()).shape;
    return picture.size() == 4 ? std::max<int64_t>(picture[0], 1) : 1;
}

int64_t layerMacs(const Model& model, LayerId id)
{
    const Layer& layer = model.layer(id);
    const OpInfo* op = findOp(layer.op);
    if (!op || !op->macs || layer.outputs.empty())
        return 0;
    std::vector<Shape> inputs;
    std::vector<Shape> outputs;
    for (const ValueId input : layer.inputs) {
        if (!model.value(input).shaped)
            return 0;
        inputs.push_back(model.value(input).shape);
    }
    for (const ValueId output : layer.outputs) {
        if (!model.value(output).shaped)
            return 0;
        outputs.push_back(model.value(output).shape);
    }
    return op->macs(layer, inputs, outputs) / declaredBatch(model);
}

std::vector<int> quantizablePorts(const Model& model, LayerId id)
{
    const Layer& layer = model.layer(id);
    const OpInfo* op = findOp(layer.op);
    std::vector<int> ports;
    if (!op || op->quantizable == Quantizable::No)
        return ports;
    for (size_t port = 0; port < layer.inputs.size(); ++port)
        if (!model.value(layer.inputs[port]).constant && !(port == 1 && secondIsNoActivation(layer.op)))
            ports.push_back(static_cast<int>(port));
    return ports;
}

Quantizable layerQuantizable(const Model& model, LayerId id)
{
    const Layer& layer = model.layer(id);
    const OpInfo* op = findOp(layer.op);
    // A deploy model's integer layers are quantized already.
    const bool integers = !layer.weights.empty() && layer.weights.front() && layer.weights.front()->dtype() != DType::F32;
    if (!op || integers || !layer.notRunnable.empty() || quantizablePorts(model, id).empty())
        return Quantizable::No;
    return op->quantizable;
}

bool channelWiseAllowed(std::string_view op)
{
    return op == "Convolution" || op == "DepthwiseConv" || op == "Deconvolution";
}

}  // namespace qs

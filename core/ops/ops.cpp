#include "core/ops/shape_rules.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace qs {

namespace {

using namespace ops;

// name, family, runnable, weights needed, shapes, MACs
constexpr OpInfo table[] = {
    {"Input", OpFamily::Input, true, 0, nullptr, nullptr},

    {"Convolution", OpFamily::Convolution, true, 1, convolutionShapes, convolutionMacs},
    {"DepthwiseConv", OpFamily::Convolution, true, 1, convolutionShapes, convolutionMacs},
    {"Deconvolution", OpFamily::Convolution, true, 1, deconvolutionShapes, deconvolutionMacs},
    {"Im2col", OpFamily::Convolution, true, 0, im2colShapes, nullptr},

    {"SparseConvolution", OpFamily::Convolution, true, 1, sparseConvolutionShapes, sparseConvolutionMacs},
    {"SparseRules", OpFamily::Layout, true, 0, sparseRulesShapes, nullptr},
    {"SparseInverseRules", OpFamily::Layout, true, 0, sparseInverseRulesShapes, nullptr},
    {"ScatterDense", OpFamily::Layout, true, 0, scatterDenseShapes, nullptr},

    {"InnerProduct", OpFamily::Dense, true, 1, innerProductShapes, innerProductMacs},
    {"MatMul", OpFamily::Dense, true, 0, matMulShapes, matMulMacs},
    {"Gemm", OpFamily::Dense, true, 0, gemmShapes, gemmMacs},
    {"Embed", OpFamily::Dense, true, 1, embedShapes, nullptr},
    {"LSTM", OpFamily::Dense, true, 3, recurrentShapes, recurrentMacs},
    {"RNN", OpFamily::Dense, true, 5, recurrentShapes, recurrentMacs},
    {"GRU", OpFamily::Dense, true, 3, recurrentShapes, recurrentMacs},

    {"Pooling", OpFamily::Pooling, true, 0, poolingShapes, poolingMacs},
    {"SPP", OpFamily::Pooling, true, 0, sppShapes, nullptr},
    {"ROIPooling", OpFamily::Pooling, true, 0, roiPoolingShapes, nullptr},
    {"PSROIPooling", OpFamily::Pooling, true, 0, psroiPoolingShapes, nullptr},
    {"ROIAlign", OpFamily::Pooling, true, 0, roiAlignShapes, nullptr},
    {"MaxUnpool", OpFamily::Pooling, true, 0, maxUnpoolShapes, nullptr},
    {"GridSample", OpFamily::Pooling, true, 0, gridSampleShapes, nullptr},
    {"Unpooling", OpFamily::Pooling, true, 0, unpoolingShapes, nullptr},

    {"ReLU", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"PReLU", OpFamily::Activation, true, 1, preluShapes, elementMacs},
    {"ReLU6", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"RReLU", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"CReLU", OpFamily::Activation, true, 0, creluShapes, elementMacs},
    {"Clip", OpFamily::Activation, true, 0, clipShapes, elementMacs},
    {"Sigmoid", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"TanH", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"ELU", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"Swish", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"Hswish", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"HardSigmoid", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"BNLL", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"Threshold", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"Gelu", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"Mish", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"Selu", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"Celu", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"ThresholdedRelu", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"Softsign", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"Shrink", OpFamily::Activation, true, 0, unaryShapes, elementMacs},
    {"Softmax", OpFamily::Activation, true, 0, softmaxShapes, elementMacs},
    {"LogSoftmax", OpFamily::Activation, true, 0, softmaxShapes, elementMacs},
    {"Hardmax", OpFamily::Activation, true, 0, softmaxShapes, nullptr},

    {"LRN", OpFamily::Normalization, true, 0, lrnShapes, elementMacs},
    {"BatchNorm", OpFamily::Normalization, true, 2, batchNormShapes, elementMacs},
    {"Scale", OpFamily::Normalization, true, 1, scaleShapes, elementMacs},
    {"Bias", OpFamily::Normalization, true, 1, biasShapes, elementMacs},
    {"Normalize", OpFamily::Normalization, true, 1, normalizeShapes, elementMacs},
    {"MVN", OpFamily::Normalization, true, 0, mvnShapes, elementMacs},
    {"Mvm", OpFamily::Normalization, true, 0, mvnShapes, elementMacs},
    {"GroupNorm", OpFamily::Normalization, true, 0, groupNormShapes, elementMacs},
    {"LayerNormalization", OpFamily::Normalization, true, 0, layerNormShapes, elementMacs},

    {"Eltwise", OpFamily::Elementwise, true, 0, eltwiseShapes, elementMacs},
    {"Axpy", OpFamily::Elementwise, true, 0, axpyShapes, elementMacs},
    {"Add", OpFamily::Elementwise, true, 0, binaryShapes, elementMacs},
    {"Sub", OpFamily::Elementwise, true, 0, binaryShapes, elementMacs},
    {"Mul", OpFamily::Elementwise, true, 0, binaryShapes, elementMacs},
    {"Div", OpFamily::Elementwise, true, 0, binaryShapes, elementMacs},
    {"Pow", OpFamily::Elementwise, true, 0, binaryShapes, elementMacs},
    {"Mod", OpFamily::Elementwise, true, 0, binaryShapes, nullptr},
    {"Min", OpFamily::Elementwise, true, 0, broadcastAllShapes, nullptr},
    {"Max", OpFamily::Elementwise, true, 0, broadcastAllShapes, nullptr},
    {"And", OpFamily::Elementwise, true, 0, binaryShapes, nullptr},
    {"Or", OpFamily::Elementwise, true, 0, binaryShapes, nullptr},
    {"Xor", OpFamily::Elementwise, true, 0, binaryShapes, nullptr},
    {"Not", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Where", OpFamily::Elementwise, true, 0, whereShapes, nullptr},
    {"Less", OpFamily::Elementwise, true, 0, binaryShapes, nullptr},
    {"LessOrEqual", OpFamily::Elementwise, true, 0, binaryShapes, nullptr},
    {"GreaterOrEqual", OpFamily::Elementwise, true, 0, binaryShapes, nullptr},
    {"Equal", OpFamily::Elementwise, true, 0, binaryShapes, nullptr},
    {"Greater", OpFamily::Elementwise, true, 0, binaryShapes, nullptr},
    {"Power", OpFamily::Elementwise, true, 0, unaryShapes, elementMacs},
    {"Exp", OpFamily::Elementwise, true, 0, unaryShapes, elementMacs},
    {"Log", OpFamily::Elementwise, true, 0, unaryShapes, elementMacs},
    {"AbsVal", OpFamily::Elementwise, true, 0, unaryShapes, elementMacs},
    {"Sqrt", OpFamily::Elementwise, true, 0, unaryShapes, elementMacs},
    {"Sign", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Sin", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Cos", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Erf", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Tan", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Asin", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Acos", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Atan", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Sinh", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Cosh", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Asinh", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Acosh", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Atanh", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"IsNaN", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"IsInf", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Cast", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Floor", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Round", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"Ceil", OpFamily::Elementwise, true, 0, unaryShapes, nullptr},
    {"ReduceMean", OpFamily::Elementwise, true, 0, reduceShapes, nullptr},
    {"ReduceSum", OpFamily::Elementwise, true, 0, reduceShapes, nullptr},
    {"ReduceProd", OpFamily::Elementwise, true, 0, reduceShapes, nullptr},
    {"ReduceMax", OpFamily::Elementwise, true, 0, reduceShapes, nullptr},
    {"ReduceMin", OpFamily::Elementwise, true, 0, reduceShapes, nullptr},
    {"ReduceL1", OpFamily::Elementwise, true, 0, reduceShapes, nullptr},
    {"ReduceL2", OpFamily::Elementwise, true, 0, reduceShapes, nullptr},
    {"ReduceLogSum", OpFamily::Elementwise, true, 0, reduceShapes, nullptr},
    {"ReduceLogSumExp", OpFamily::Elementwise, true, 0, reduceShapes, nullptr},
    {"ReduceSumSquare", OpFamily::Elementwise, true, 0, reduceShapes, nullptr},
    {"CumSum", OpFamily::Elementwise, true, 0, cumSumShapes, nullptr},
    {"Reduction", OpFamily::Elementwise, true, 0, reductionShapes, nullptr},
    {"ArgMax", OpFamily::Elementwise, true, 0, argMaxShapes, nullptr},
    {"ArgMin", OpFamily::Elementwise, true, 0, argMaxShapes, nullptr},
    {"TopK", OpFamily::Elementwise, true, 0, topKShapes, nullptr},
    {"Sort", OpFamily::Elementwise, true, 0, sortShapes, nullptr},

    {"Gather", OpFamily::Elementwise, true, 0, gatherShapes, nullptr},
    {"GatherElements", OpFamily::Elementwise, true, 0, gatherElementsShapes, nullptr},
    {"GatherND", OpFamily::Elementwise, true, 0, gatherNdShapes, nullptr},
    {"ScatterElements", OpFamily::Elementwise, true, 0, scatterElementsShapes, nullptr},
    {"ScatterND", OpFamily::Elementwise, true, 0, scatterNdShapes, nullptr},
    {"OneHot", OpFamily::Elementwise, true, 0, oneHotShapes, nullptr},

    {"Concat", OpFamily::Layout, true, 0, concatShapes, nullptr},
    {"Slice", OpFamily::Layout, true, 0, sliceShapes, nullptr},
    {"StridedSlice", OpFamily::Layout, true, 0, stridedSliceShapes, nullptr},
    {"Expand", OpFamily::Layout, true, 0, expandShapes, nullptr},
    {"Split", OpFamily::Layout, true, 0, copyShapes, nullptr},
    {"Flatten", OpFamily::Layout, true, 0, flattenShapes, nullptr},
    {"Reshape", OpFamily::Layout, true, 0, reshapeShapes, nullptr},
    {"Squeeze", OpFamily::Layout, true, 0, squeezeShapes, nullptr},
    {"Unsqueeze", OpFamily::Layout, true, 0, unsqueezeShapes, nullptr},
    {"Permute", OpFamily::Layout, true, 0, permuteShapes, nullptr},
    {"Crop", OpFamily::Layout, true, 0, cropShapes, nullptr},
    {"Dropout", OpFamily::Layout, true, 0, copyShapes, nullptr},
    {"Identity", OpFamily::Layout, true, 0, copyShapes, nullptr},
    {"Pad", OpFamily::Layout, true, 0, padShapes, nullptr},
    {"Upsample", OpFamily::Layout, true, 0, upsampleShapes, nullptr},
    {"Resize", OpFamily::Layout, true, 0, resizeShapes, nullptr},
    {"Interp", OpFamily::Layout, true, 0, interpShapes, nullptr},
    {"PassThrough", OpFamily::Layout, true, 0, passThroughShapes, nullptr},
    {"Reorg", OpFamily::Layout, true, 0, reorgShapes, nullptr},
    {"ShuffleChannel", OpFamily::Layout, true, 0, shuffleChannelShapes, nullptr},
    {"Reverse", OpFamily::Layout, true, 0, reverseShapes, nullptr},
    {"Tile", OpFamily::Layout, true, 0, tileShapes, nullptr},
    {"BatchReindex", OpFamily::Layout, true, 0, batchReindexShapes, nullptr},
    {"Filter", OpFamily::Layout, true, 0, filterShapes, nullptr},
    {"Parameter", OpFamily::Layout, true, 1, parameterShapes, nullptr},

    {"PriorBox", OpFamily::Detection, true, 0, priorBoxShapes, nullptr},
    {"DetectionOutput", OpFamily::Detection, true, 0, detectionOutputShapes, nullptr},
    {"Proposal", OpFamily::Detection, true, 0, proposalShapes, nullptr},
    {"Nms", OpFamily::Detection, true, 0, nmsShapes, nullptr},

    {"Quantizer", OpFamily::Quantization, true, 0, unaryShapes, nullptr},
    {"Quant", OpFamily::Quantization, true, 0, unaryShapes, nullptr},
    {"AntiQuant", OpFamily::Quantization, true, 0, unaryShapes, nullptr},
    {"DeQuant", OpFamily::Quantization, true, 1, unaryShapes, nullptr},
};

/// Inputs behind the first that are no tensors of activations: a reference of which only the shape counts (Crop, Interp), marks of sequences that go
/// on (LSTM, RNN, GRU), regions (the three ROI poolings), places of maxima (Unpooling, Upsample) and of values, sites and rules of sparse values.
/// Rounding these to 8 bits would be a mistake.
bool isNoActivation(std::string_view op, size_t port)
{
    // ONNX's ROIAlign has its regions' pictures apart.
    if (port > 1)
        return op == "ROIAlign";
    static constexpr std::string_view ops[] = {"Crop",
                                               "Interp",
                                               "LSTM",
                                               "RNN",
                                               "GRU",
                                               "ROIPooling",
                                               "ROIAlign",
                                               "PSROIPooling",
                                               "Unpooling",
                                               "Upsample",
                                               "GatherElements",
                                               "GatherND",
                                               "ScatterElements",
                                               "ScatterND",
                                               "MaxUnpool",
                                               "GridSample",
                                               "SparseConvolution",
                                               "ScatterDense"};
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
    return picture.size() == 4 || picture.size() == 5 ? std::max<int64_t>(picture[0], 1) : 1;
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

std::vector<int> activationPorts(const Model& model, LayerId id)
{
    const Layer& layer = model.layer(id);
    std::vector<int> ports;
    for (size_t port = 0; port < layer.inputs.size(); ++port)
        if (!model.value(layer.inputs[port]).constant && !(port > 0 && isNoActivation(layer.op, port)))
            ports.push_back(static_cast<int>(port));
    return ports;
}

bool hasOutputChannels(std::string_view op)
{
    return op == "Convolution" || op == "DepthwiseConv" || op == "Deconvolution" || op == "SparseConvolution";
}

}  // namespace qs

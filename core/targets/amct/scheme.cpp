#include "core/targets/amct/scheme.h"

#include "core/ops/op.h"

#include <array>

namespace qs {

namespace {

constexpr auto data = Quantizable::DataOnly;
constexpr auto both = Quantizable::WeightsAndData;

// The manual's table (semantics 1.14). Types that it lists as off by default are data-only. Resize is not in it and follows Interp; Quantizer is our
// own, for the quantizers that a file brings.
// op, what is quantized, quant_enable that create_quant_config writes
constexpr LayerRule table[] = {
    {"Convolution", both, true},   {"DepthwiseConv", both, true},
    {"Deconvolution", both, true}, {"InnerProduct", both, true},
    {"MatMul", data, true},        {"Gemm", data, true},
    {"LSTM", both, true},          {"RNN", both, true},
    {"GRU", both, true},           {"Pooling", data, true},
    {"SPP", data, true},           {"ROIPooling", data, true},
    {"PSROIPooling", data, true},  {"ROIAlign", data, true},
    {"Unpooling", data, false},    {"ReLU", data, false},
    {"PReLU", data, false},        {"ReLU6", data, false},
    {"RReLU", data, false},        {"CReLU", data, true},
    {"Clip", data, false},         {"Sigmoid", data, true},
    {"TanH", data, true},          {"ELU", data, true},
    {"Swish", data, false},        {"Hswish", data, true},
    {"BNLL", data, true},          {"Threshold", data, true},
    {"Softmax", data, true},       {"LRN", data, true},
    {"BatchNorm", data, false},    {"Scale", data, false},
    {"Bias", data, false},         {"Normalize", data, true},
    {"MVN", data, true},           {"Mvm", data, true},
    {"GroupNorm", data, true},     {"LayerNormalization", data, true},
    {"Eltwise", data, true},       {"Axpy", data, true},
    {"Equal", data, false},        {"Greater", data, false},
    {"Power", data, true},         {"Exp", data, true},
    {"Log", data, true},           {"AbsVal", data, false},
    {"Sqrt", data, true},          {"Sign", data, false},
    {"Sin", data, false},          {"Cos", data, false},
    {"Erf", data, false},          {"Ceil", data, true},
    {"ReduceMean", data, true},    {"ReduceSum", data, true},
    {"ReduceProd", data, true},    {"ReduceMax", data, false},
    {"ReduceMin", data, false},    {"Reduction", data, true},
    {"ArgMax", data, true},        {"ArgMin", data, true},
    {"TopK", data, false},         {"Sort", data, true},
    {"Concat", data, true},        {"Slice", data, true},
    {"Split", data, true},         {"Flatten", data, true},
    {"Reshape", data, true},       {"Permute", data, true},
    {"Crop", data, true},          {"Pad", data, false},
    {"Upsample", data, true},      {"Resize", data, true},
    {"Interp", data, true},        {"PassThrough", data, true},
    {"Reorg", data, true},         {"ShuffleChannel", data, true},
    {"Reverse", data, true},       {"Tile", data, true},
    {"Nms", data, true},           {"Quantizer", data, true},
};

constexpr std::array eightToSixteen{8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr std::array eight{8};

}  // namespace

std::span<const LayerRule> amctLayers()
{
    return table;
}

const QuantScheme& amctScheme()
{
    // channel_wise is not for InnerProduct (seed 003). Of a bias outside int32 the manual says nothing, and AMCT for PyTorch ends with an error
    // (semantics 1.7): INFERRED that a raised scale_w, which is legal in every file and said in the reasons, serves better than no file.
    static const QuantScheme scheme{.layers = table,
                                    .sites = nullptr,
                                    .channelWise = &hasOutputChannels,
                                    .activationWidths = eightToSixteen,
                                    .weightWidths = eight,
                                    .codebooks = true,
                                    .activations = {},
                                    .weights = {},
                                    .joinsScales = false,
                                    .takesFloatBias = false,
                                    .wideBias = WideBias::RaisesScale};
    return scheme;
}

}  // namespace qs

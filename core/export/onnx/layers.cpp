#include "core/export/onnx/layers.h"

#include "core/export/onnx/rows.h"

#include <algorithm>

namespace qs {

using namespace onnxrow;

namespace {

/// A node of this type, without attributes.
template <const char* Type>
Result<void> sameAs(const OnnxLayer& l)
{
    l.last(Type, {l.in()});
    return {};
}

constexpr char sigmoidType[] = "Sigmoid", tanhType[] = "Tanh", absType[] = "Abs", softplusType[] = "Softplus", sqrtType[] = "Sqrt",
               signType[] = "Sign", sinType[] = "Sin", cosType[] = "Cos", erfType[] = "Erf", ceilType[] = "Ceil", floorType[] = "Floor",
               roundType[] = "Round";

struct Row {
    const char* op;
    OnnxWrite write;
};

constexpr Row rows[] = {
    {"Convolution", convolution},
    {"DepthwiseConv", convolution},
    {"Deconvolution", convolution},
    {"InnerProduct", innerProduct},
    {"MatMul", matMul},
    {"Gemm", gemm},
    {"Embed", embed},
    {"Pooling", pooling},
    {"ReLU", relu},
    {"RReLU", relu},
    {"ReLU6", relu6},
    {"PReLU", prelu},
    {"CReLU", crelu},
    {"Clip", clip},
    {"Sigmoid", sameAs<sigmoidType>},
    {"TanH", sameAs<tanhType>},
    {"ELU", elu},
    {"Swish", swish},
    {"Hswish", hardSwish},
    {"HardSigmoid", hardSigmoid},
    {"BNLL", sameAs<softplusType>},
    {"Threshold", threshold},
    {"Softmax", softmax},
    {"LogSoftmax", softmax},
    {"Hardmax", softmax},
    {"Gelu", writeGelu},
    {"Mish", writeMish},
    {"Selu", writeSameWithReals},
    {"Celu", writeSameWithReals},
    {"ThresholdedRelu", writeSameWithReals},
    {"Softsign", writeSameWithReals},
    {"Shrink", writeSameWithReals},
    {"Tan", writeSameWithReals},
    {"Asin", writeSameWithReals},
    {"Acos", writeSameWithReals},
    {"Atan", writeSameWithReals},
    {"Sinh", writeSameWithReals},
    {"Cosh", writeSameWithReals},
    {"Asinh", writeSameWithReals},
    {"Acosh", writeSameWithReals},
    {"Atanh", writeSameWithReals},
    {"IsNaN", writeMark},
    {"IsInf", writeMark},
    {"LRN", writeLrn},
    {"BatchNorm", writeBatchNorm},
    {"Scale", writeScale},
    {"Bias", writeScale},
    {"Normalize", writeNormalize},
    {"MVN", writeMvn},
    {"Mvm", writeMvn},
    {"GroupNorm", writeGroupNorm},
    {"LayerNormalization", writeLayerNorm},
    {"Eltwise", eltwise},
    {"Axpy", axpy},
    {"Add", broadcast},
    {"Sub", broadcast},
    {"Mul", broadcast},
    {"Div", broadcast},
    {"Pow", broadcast},
    {"Mod", broadcast},
    {"Min", broadcast},
    {"Max", broadcast},
    {"And", logic},
    {"Or", logic},
    {"Xor", logic},
    {"Not", negated},
    {"Where", where},
    {"Less", comparison},
    {"LessOrEqual", comparison},
    {"GreaterOrEqual", comparison},
    {"Equal", comparison},
    {"Greater", comparison},
    {"Power", power},
    {"Exp", exponential},
    {"Log", logarithm},
    {"AbsVal", sameAs<absType>},
    {"Sqrt", sameAs<sqrtType>},
    {"Sign", sameAs<signType>},
    {"Sin", sameAs<sinType>},
    {"Cos", sameAs<cosType>},
    {"Erf", sameAs<erfType>},
    {"Ceil", sameAs<ceilType>},
    {"Floor", sameAs<floorType>},
    {"Round", sameAs<roundType>},
    {"ReduceMean", reduce},
    {"ReduceSum", reduce},
    {"ReduceProd", reduce},
    {"ReduceMax", reduce},
    {"ReduceMin", reduce},
    {"ReduceL1", reduce},
    {"ReduceL2", reduce},
    {"ReduceLogSum", reduce},
    {"ReduceLogSumExp", reduce},
    {"ReduceSumSquare", reduce},
    {"CumSum", writeCumSum},
    {"Reduction", tailReduction},
    {"ArgMax", argMax},
    {"ArgMin", argMax},
    {"Gather", gather},
    {"GatherElements", writeByPlaces},
    {"GatherND", writeByPlaces},
    {"ScatterElements", writeByPlaces},
    {"ScatterND", writeByPlaces},
    {"OneHot", writeOneHot},
    {"Concat", concat},
    {"Slice", slice},
    {"StridedSlice", stridedSlice},
    {"Expand", expand},
    {"Split", copies},
    {"Dropout", copies},
    {"Identity", copies},
    {"Quantizer", copies},
    {"Flatten", reshape},
    {"Reshape", reshape},
    {"Squeeze", reshape},
    {"Unsqueeze", reshape},
    {"Permute", permute},
    {"Crop", crop},
    {"Pad", pad},
    {"Upsample", upsample},
    {"Resize", resize},
    {"Interp", interp},
    {"PassThrough", passThrough},
    {"ShuffleChannel", shuffleChannel},
    {"Reverse", reverse},
    {"Tile", tile},
    {"Parameter", parameter},
};

}  // namespace

int64_t OnnxLayer::axis(int64_t fallback) const
{
    const int64_t given = attributes().integer("axis", fallback);
    return given < 0 ? given + static_cast<int64_t>(inputShape().size()) : given;
}

onnx::NodeProto& OnnxLayer::open(const std::string& type, const std::vector<std::string>& from) const
{
    const std::string name = graph.unique(layer.name + "_" + type);
    return graph.node(type, name, from, {name});
}

std::string OnnxLayer::step(const std::string& type, const std::vector<std::string>& from) const
{
    return open(type, from).output(0);
}

onnx::NodeProto& OnnxLayer::last(const std::string& type, const std::vector<std::string>& from) const
{
    return graph.node(type, layer.name, from, {outputs.front()});
}

std::string OnnxLayer::number(double value) const
{
    const auto single = static_cast<float>(value);
    return graph.floats(layer.name + "_constant", {}, std::span(&single, 1));
}

std::string OnnxLayer::list(const std::vector<int64_t>& values) const
{
    return graph.integers(layer.name + "_list", values);
}

std::string OnnxLayer::values(const Shape& shape, std::span<const float> values) const
{
    return graph.floats(layer.name + "_values", shape, values);
}

namespace {

/// With its batch open: copied where it stays in front, otherwise what the other dimensions leave.
Shape withOpenBatch(const Shape& before, Shape after)
{
    if (after.empty() || std::find(after.begin(), after.end(), -1) != after.end())
        return after;
    if (!before.empty() && before.front() == after.front())
        after.front() = 0;
    else if (before.empty() && elementCount(after) > 0)
        after.front() = -1;
    return after;
}

}  // namespace

std::string OnnxLayer::reshaped(const std::string& from, const Shape& before, const Shape& after) const
{
    return step("Reshape", {from, list(withOpenBatch(before, after))});
}

void OnnxLayer::reshapedLast(const std::string& from, const Shape& before, const Shape& after) const
{
    last("Reshape", {from, list(withOpenBatch(before, after))});
}

Error OnnxLayer::refuse(const std::string& why) const
{
    return {ErrorCode::NotSupported, why + ": the writing of it is not built", "layer '" + layer.name + "'"};
}

Result<void> writeOnnxLayer(const OnnxLayer& layer)
{
    const auto row = std::find_if(std::begin(rows), std::end(rows), [&](const Row& candidate) { return layer.layer.op == candidate.op; });
    return row == std::end(rows) ? Result<void>(layer.refuse("a " + layer.layer.type)) : row->write(layer);
}

}  // namespace qs

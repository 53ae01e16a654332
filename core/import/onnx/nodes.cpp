#include "core/import/onnx/nodes.h"

#include "core/base/text.h"
#include "core/import/onnx/translate.h"

#include <algorithm>

namespace qs::onnxio {

double asReal(float value)
{
    return parseDouble(numberText(value)).value_or(static_cast<double>(value));
}

std::shared_ptr<const Buffer> share(Buffer buffer)
{
    return std::make_shared<const Buffer>(std::move(buffer));
}

Reals realsOf(const Buffer& buffer)
{
    Reals values;
    const Buffer floats = toFloat(buffer);
    for (const float value : floats.floats())
        values.push_back(asReal(value));
    return values;
}

Result<void> nothing(const Context&)
{
    return {};
}

namespace {

Result<void> computed(const Context& c)
{
    return c.refuse("its shape or its values are computed by the network");
}

/// As many outputs as there are values of some kind: no network of fixed shapes.
Result<void> valued(const Context& c)
{
    return c.refuse("how much it gives depends on values: layers of fixed shapes are built");
}

/// What an output's elements are.
enum class Typing : uint8_t { First, Second, Third, Truth, Place };

struct Entry {
    const char* type;
    const char* op;
    Result<void> (*translate)(const Context&);
    /// Attributes that say nothing here, or nothing at the value that is given: "momentum training_mode=0".
    const char* harmless = "";
    Typing typing = Typing::First;
};

constexpr const char* sparse = "rulebook output_bound input_shape output_shape precision output_precision";
constexpr const char* pooled = "storage_order";
constexpr const char* resized = "cubic_coeff_a exclude_outside=0 extrapolation_value antialias=0 keep_aspect_ratio_policy=stretch";

constexpr Entry entries[] = {
    {"Conv", "Convolution", convolution},
    {"ConvTranspose", "Deconvolution", convolution},
    {"SparseConvolution", "SparseConvolution", sparseConvolution, sparse},
    {"SparseRules", "SparseRules", sparseRules},
    {"SparseInverseRules", "SparseInverseRules", sparseInverseRules},
    {"ScatterDense", "ScatterDense", scatterDense, "format"},
    {"MaxPool", "Pooling", maxPool, pooled},
    {"AveragePool", "Pooling", averagePool},
    {"MaxUnpool", "MaxUnpool", maxUnpool},
    {"GridSample", "GridSample", gridSample},
    {"RoiAlign", "ROIAlign", roiAlign},
    {"GlobalMaxPool", "Pooling", maxPool},
    {"GlobalAveragePool", "Pooling", averagePool},
    {"Gemm", "Gemm", gemm, "broadcast"},
    {"MatMul", "MatMul", matMul},
    {"Add", "Add", binary, "consumed_inputs"},
    {"Sub", "Sub", binary, "consumed_inputs"},
    {"Mul", "Mul", binary, "consumed_inputs"},
    {"Div", "Div", binary, "consumed_inputs"},
    {"Sum", "Eltwise", sum, "consumed_inputs"},
    {"Max", "Max", extremum, "consumed_inputs"},
    {"Min", "Min", extremum, "consumed_inputs"},
    {"Pow", "Power", power},
    {"Mod", "Mod", modulo},
    {"Neg", "Power", negate, "consumed_inputs"},
    {"Reciprocal", "Power", reciprocal, "consumed_inputs"},
    {"And", "And", comparison, "", Typing::Truth},
    {"Or", "Or", comparison, "", Typing::Truth},
    {"Xor", "Xor", comparison, "", Typing::Truth},
    {"Not", "Not", nothing, "", Typing::Truth},
    {"Equal", "Equal", comparison, "", Typing::Truth},
    {"Greater", "Greater", comparison, "", Typing::Truth},
    {"Less", "Less", comparison, "", Typing::Truth},
    {"GreaterOrEqual", "GreaterOrEqual", comparison, "", Typing::Truth},
    {"LessOrEqual", "LessOrEqual", comparison, "", Typing::Truth},
    {"Where", "Where", where, "", Typing::Second},
    {"Relu", "ReLU", nothing, "consumed_inputs"},
    {"LeakyRelu", "ReLU", leakyRelu, "consumed_inputs"},
    {"PRelu", "PReLU", prelu, "consumed_inputs"},
    {"Clip", "Clip", clip, "consumed_inputs"},
    {"Elu", "ELU", elu, "consumed_inputs"},
    {"Gelu", "Gelu", gelu},
    {"Mish", "Mish", nothing},
    {"Selu", "Selu", selu, "consumed_inputs"},
    {"Celu", "Celu", celu},
    {"ThresholdedRelu", "ThresholdedRelu", celu},
    {"Softsign", "Softsign", nothing},
    {"Shrink", "Shrink", shrink},
    {"HardSigmoid", "HardSigmoid", hardSigmoid, "consumed_inputs"},
    {"HardSwish", "Hswish", nothing},
    {"Sigmoid", "Sigmoid", nothing, "consumed_inputs"},
    {"Tanh", "TanH", nothing, "consumed_inputs"},
    {"Softplus", "BNLL", nothing},
    {"Exp", "Exp", nothing, "consumed_inputs"},
    {"Log", "Log", nothing, "consumed_inputs"},
    {"Abs", "AbsVal", nothing, "consumed_inputs"},
    {"Sqrt", "Sqrt", nothing, "consumed_inputs"},
    {"Erf", "Erf", nothing},
    {"Ceil", "Ceil", nothing, "consumed_inputs"},
    {"Floor", "Floor", nothing, "consumed_inputs"},
    {"Round", "Round", nothing},
    {"Sign", "Sign", nothing},
    {"Tan", "Tan", nothing},
    {"Asin", "Asin", nothing},
    {"Acos", "Acos", nothing},
    {"Atan", "Atan", nothing},
    {"Sinh", "Sinh", nothing},
    {"Cosh", "Cosh", nothing},
    {"Asinh", "Asinh", nothing},
    {"Acosh", "Acosh", nothing},
    {"Atanh", "Atanh", nothing},
    {"IsNaN", "IsNaN", nothing, "", Typing::Truth},
    {"IsInf", "IsInf", isInf, "", Typing::Truth},
    {"Sin", "Sin", nothing},
    {"Cos", "Cos", nothing},
    {"ArgMax", "ArgMax", argMax, "", Typing::Place},
    {"ArgMin", "ArgMin", argMax, "", Typing::Place},
    {"TopK", "TopK", topK, "sorted"},
    {"Tile", "Tile", tile},
    {"Expand", "Expand", expand},
    {"Gather", "Gather", gather},
    {"GatherElements", "GatherElements", gather},
    {"GatherND", "GatherND", gatherNd},
    {"ScatterElements", "ScatterElements", scatter},
    {"Scatter", "ScatterElements", scatter},
    {"ScatterND", "ScatterND", scatter},
    {"OneHot", "OneHot", oneHot, "", Typing::Third},
    {"SpaceToDepth", "PassThrough", spaceToDepth},
    {"LayerNormalization", "LayerNormalization", layerNorm, "stash_type=1"},
    {"InstanceNormalization", "GroupNorm", instanceNorm, "consumed_inputs"},
    {"GroupNormalization", "GroupNorm", groupNorm, "stash_type=1"},
    {"Softmax", "Softmax", softmax},
    {"LogSoftmax", "LogSoftmax", softmax},
    {"Hardmax", "Hardmax", softmax},
    {"LRN", "LRN", lrn},
    {"BatchNormalization", "BatchNorm", batchNorm, "momentum spatial=1 consumed_inputs"},
    {"ReduceMean", "ReduceMean", reduce},
    {"ReduceSum", "ReduceSum", reduce},
    {"ReduceMax", "ReduceMax", reduce},
    {"ReduceMin", "ReduceMin", reduce},
    {"ReduceProd", "ReduceProd", reduce},
    {"ReduceL1", "ReduceL1", reduce},
    {"ReduceL2", "ReduceL2", reduce},
    {"ReduceLogSum", "ReduceLogSum", reduce},
    {"ReduceLogSumExp", "ReduceLogSumExp", reduce},
    {"ReduceSumSquare", "ReduceSumSquare", reduce},
    {"CumSum", "CumSum", cumSum},
    {"Concat", "Concat", concat},
    {"Reshape", "Reshape", reshape, "consumed_inputs"},
    {"Flatten", "Flatten", flatten},
    {"Transpose", "Permute", transpose},
    {"Squeeze", "Squeeze", axes},
    {"Unsqueeze", "Unsqueeze", axes},
    {"Slice", "StridedSlice", slice},
    {"Split", "Slice", split},
    {"Pad", "Pad", pad},
    {"Resize", "Resize", resize, resized},
    {"Upsample", "Resize", resize, resized},
    {"Dropout", "Dropout", dropout, "ratio seed consumed_inputs"},
    {"Identity", "Identity", nothing},
    {"Cast", "Identity", cast, "saturate=1"},
    {"QuantizeLinear", "Quant", quantizeLinear, "saturate"},
    {"DequantizeLinear", "AntiQuant", dequantizeLinear},
    {"Shape", "", computed, "start end", Typing::Place},
    {"Size", "", computed, "", Typing::Place},
    {"ConstantOfShape", "", computed, "value"},
    {"EyeLike", "", computed, "dtype k"},
    {"NonZero", "", valued},
    {"NonMaxSuppression", "", valued, "center_point_box"},
    {"Unique", "", valued, "axis sorted"},
    {"Compress", "", valued, "axis"},
    {"Range", "", computed},
};

const Entry* entryOf(const Node& node)
{
    // ONNX Runtime's own form of these two has more types, and means the same.
    const bool quantizes = node.proto.op_type() == "QuantizeLinear" || node.proto.op_type() == "DequantizeLinear";
    const std::string& domain = node.proto.domain();
    if (!domain.empty() && domain != "ai.onnx" && !(quantizes && domain == "com.microsoft"))
        return nullptr;
    const auto* entry =
        std::find_if(std::begin(entries), std::end(entries), [&node](const Entry& known) { return node.proto.op_type() == known.type; });
    return entry == std::end(entries) ? nullptr : entry;
}

std::string valueText(const onnx::AttributeProto& attribute)
{
    switch (attribute.type()) {
        case onnx::AttributeProto::INT:
            return std::to_string(attribute.i());
        case onnx::AttributeProto::FLOAT:
            return numberText(attribute.f());
        case onnx::AttributeProto::STRING:
            return attribute.s();
        default:
            return "...";
    }
}

bool isHarmless(const Entry& entry, const onnx::AttributeProto& attribute)
{
    const std::vector<std::string> words = splitText(entry.harmless, ' ');
    const auto fits = [&](const std::string& word) { return word == attribute.name() || word == attribute.name() + "=" + valueText(attribute); };
    return std::any_of(words.begin(), words.end(), fits);
}

/// The first thing of the node that nobody read; empty when all of it is understood.
std::string notUnderstood(const Node& node, const Entry& entry, const Translation& translation)
{
    for (const auto& attribute : node.proto.attribute())
        if (!node.attributesRead.contains(attribute.name()) && !isHarmless(entry, attribute))
            return "its attribute " + attribute.name() + " = " + valueText(attribute) + " is not built";
    for (int i = 0; i < node.proto.input_size(); ++i)
        if (node.has(i) && !node.inputsRead.contains(i) &&
            std::find(translation.inputs.begin(), translation.inputs.end(), i) == translation.inputs.end())
            return "its input " + std::to_string(i) + " is not built";
    return {};
}

/// Drawn with all its inputs.
void showOnly(const Node& node, Translation& translation)
{
    translation.op.clear();
    translation.inputs.clear();
    translation.weights.clear();
    translation.replaced.clear();
    for (int i = 0; i < node.proto.input_size(); ++i) {
        const TypedConstant* constant = node.constant(i);
        if (constant)
            translation.weights.push_back(share(toFloat(constant->data)));
        else if (node.has(i))
            translation.inputs.push_back(i);
    }
}

}  // namespace

const TypedConstant* Node::constant(int input) const
{
    inputsRead.insert(input);
    return has(input) ? constantOf(proto.input(input)) : nullptr;
}

const onnx::AttributeProto* Node::attribute(const char* name) const
{
    attributesRead.insert(name);
    for (const auto& candidate : proto.attribute())
        if (candidate.name() == name)
            return &candidate;
    return nullptr;
}

int64_t Node::integer(const char* name, int64_t fallback) const
{
    const auto* found = attribute(name);
    return found ? found->i() : fallback;
}

double Node::real(const char* name, double fallback) const
{
    const auto* found = attribute(name);
    return found ? asReal(found->f()) : fallback;
}

std::string Node::text(const char* name, const char* fallback) const
{
    const auto* found = attribute(name);
    return found ? found->s() : fallback;
}

std::vector<int64_t> Node::integers(const char* name, std::vector<int64_t> fallback) const
{
    const auto* found = attribute(name);
    return found ? std::vector<int64_t>(found->ints().begin(), found->ints().end()) : std::move(fallback);
}

std::optional<std::vector<int64_t>> Node::integersAt(int input) const
{
    const TypedConstant* value = constant(input);
    if (!value || value->data.dtype() != DType::I64)
        return std::nullopt;
    return std::vector<int64_t>(value->data.as<int64_t>().begin(), value->data.as<int64_t>().end());
}

std::optional<std::vector<int64_t>> Node::integersEither(const char* name, int input) const
{
    return attribute(name) ? std::optional(integers(name)) : integersAt(input);
}

Result<Translation> translateNode(const Node& node)
{
    Translation translation;
    const Entry* entry = entryOf(node);
    const bool known = node.opset >= oldestOpset && node.opset <= newestOpset;
    if (entry && !known)
        translation.reason = "the file is of opset " + std::to_string(node.opset) + "; " + std::to_string(oldestOpset) + " to " +
                             std::to_string(newestOpset) + " are known";
    if (entry && known) {
        translation.op = entry->op;
        QS_CHECK(entry->translate({node, translation}));
        if (!translation.op.empty())
            translation.reason = notUnderstood(node, *entry, translation);
        if (!translation.op.empty() && translation.reason.empty())
            return translation;
    }
    showOnly(node, translation);
    return translation;
}

std::optional<ElementType> outputType(const Node& node, const Translation& translation, int index)
{
    const Entry* entry = entryOf(node);
    if (!entry || translation.type)
        return translation.type;
    switch (entry->typing) {
        case Typing::Truth:
            return ElementType::Bool;
        case Typing::Place:
            return ElementType::Int64;
        case Typing::Second:
            return node.type(1);
        case Typing::Third:
            return node.type(2);
        case Typing::First:
            break;
    }
    return index > 0 && (node.proto.op_type() == "TopK" || node.proto.op_type() == "MaxPool") ? std::optional(ElementType::Int64) : node.type(0);
}

}  // namespace qs::onnxio

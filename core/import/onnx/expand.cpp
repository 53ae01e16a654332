#include "core/import/onnx/expand.h"

#include <algorithm>

namespace qs::onnxio {

namespace {

bool always(const Node&)
{
    return true;
}

/// A Pad that takes away on some side.
bool crops(const Node& node)
{
    const auto pads = node.integersEither("pads", 1);
    return pads && std::any_of(pads->begin(), pads->end(), [](int64_t side) { return side < 0; });
}

struct Row {
    const char* domain;
    const char* type;
    Result<void> (*expand)(Steps&);
    bool (*applies)(const Node&) = always;
};

constexpr const char* standard = "";
constexpr const char* runtime = "com.microsoft";

constexpr Row rows[] = {
    {standard, "DepthToSpace", depthToSpace},
    {standard, "Trilu", trilu},
    {standard, "Einsum", einsum},
    {standard, "Pad", croppingPad, crops},
    {standard, "LpPool", lpPool},
    {standard, "GlobalLpPool", globalLpPool},
    {standard, "LpNormalization", lpNormalization},
    {standard, "MeanVarianceNormalization", meanVarianceNormalization},
    {standard, "RMSNormalization", rootMeanSquareNormalization},
    {standard, "SimplifiedLayerNormalization", rootMeanSquareNormalization},
    {runtime, "FusedConv", fusedConv},
    {runtime, "FusedGemm", fusedGemm},
    {runtime, "FusedMatMul", fusedMatMul},
    {runtime, "Gelu", runtimeGelu},
    {runtime, "BiasGelu", runtimeGelu},
    {runtime, "FastGelu", fastGelu},
    {runtime, "QuickGelu", quickGelu},
    {standard, "QLinearConv", quantizedConv},
    {standard, "QLinearMatMul", quantizedMatMul},
    {runtime, "QLinearAdd", quantizedAdd},
    {runtime, "QLinearMul", quantizedMul},
    {runtime, "QLinearSigmoid", quantizedSigmoid},
    {runtime, "QLinearLeakyRelu", quantizedLeakyRelu},
    {runtime, "QLinearAveragePool", quantizedAveragePool},
    {runtime, "QLinearGlobalAveragePool", quantizedGlobalAveragePool},
    {runtime, "QLinearConcat", quantizedConcat},
    {standard, "MatMulInteger", integerMatMul},
    {standard, "ConvInteger", integerConv},
    {standard, "DynamicQuantizeLinear", dynamicQuantization},
    {runtime, "SkipLayerNormalization", skipLayerNormalization},
    {runtime, "SkipSimplifiedLayerNormalization", skipRootMeanSquareNormalization},
};

/// What is neither read nor handed on.
std::string leftOver(const Node& node, const Expansion& made)
{
    for (const auto& attribute : node.proto.attribute())
        if (!node.attributesRead.contains(attribute.name()))
            return "its attribute " + attribute.name() + " is not built";
    for (int i = 0; i < node.proto.input_size(); ++i) {
        const auto reads = [&](const onnx::NodeProto& step) {
            return std::find(step.input().begin(), step.input().end(), node.proto.input(i)) != step.input().end();
        };
        if (node.has(i) && !node.inputsRead.contains(i) && std::none_of(made.nodes.begin(), made.nodes.end(), reads))
            return "its input " + std::to_string(i) + " is not built";
    }
    return {};
}

void setAttribute(onnx::NodeProto& node, const char* name, const Attribute& value)
{
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    if (const auto* integer = std::get_if<int64_t>(&value)) {
        attribute->set_type(onnx::AttributeProto::INT);
        attribute->set_i(*integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
        attribute->set_type(onnx::AttributeProto::FLOAT);
        attribute->set_f(static_cast<float>(*real));
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        attribute->set_type(onnx::AttributeProto::STRING);
        attribute->set_s(*text);
    } else if (const auto* list = std::get_if<std::vector<int64_t>>(&value)) {
        attribute->set_type(onnx::AttributeProto::INTS);
        attribute->mutable_ints()->Add(list->begin(), list->end());
    }
}

}  // namespace

Error notBuilt(std::string reason)
{
    return {ErrorCode::NotSupported, std::move(reason), {}};
}

Result<Shape> Steps::shape(int input) const
{
    const auto shape = node.shape(input);
    return shape ? Result<Shape>(*shape) : notBuilt("the shape of its input " + std::to_string(input) + " is not known");
}

Steps::Settings Steps::window(std::initializer_list<const char*> lists) const
{
    Settings window;
    for (const char* list : lists)
        if (node.attribute(list))
            window.emplace_back(list, node.integers(list));
    if (node.attribute("auto_pad"))
        window.emplace_back("auto_pad", node.text("auto_pad", "NOTSET"));
    return window;
}

std::string Steps::name(const char* type)
{
    const std::string& output = node.proto.output_size() > 0 ? node.proto.output(0) : node.proto.name();
    return output + "/" + type + std::to_string(m_out.nodes.size() + m_out.constants.size());
}

onnx::NodeProto& Steps::add(const char* type, const Names& inputs, const Settings& settings, const std::string& name, const std::string& output)
{
    onnx::NodeProto& added = m_out.nodes.emplace_back();
    added.set_op_type(type);
    added.set_name(name);
    for (const std::string& input : inputs)
        added.add_input(input);
    added.add_output(output);
    for (const auto& [setting, value] : settings)
        setAttribute(added, setting, value);
    return added;
}

std::string Steps::step(const char* type, const Names& inputs, const Settings& settings)
{
    const std::string made = name(type);
    add(type, inputs, settings, made, made);
    return made;
}

std::string Steps::output(int i) const
{
    const bool named = i < node.proto.output_size() && !node.proto.output(i).empty();
    return named ? node.proto.output(i) : (node.proto.output_size() > 0 ? node.proto.output(0) : node.proto.name()) + "/" + std::to_string(i);
}

void Steps::last(const char* type, const Names& inputs, const Settings& settings, int index)
{
    const std::string made = output(index);
    add(type, inputs, settings, index == 0 ? node.proto.name() : made, made);
}

Result<void> Steps::take(int64_t count)
{
    if (m_budget.take(count * static_cast<int64_t>(sizeof(float))))
        return {};
    return Error{ErrorCode::FileTooLarge, "the constant of " + std::to_string(count) + " values that it needs is out of proportion to the file", {}};
}

Result<std::string> Steps::constant(const Shape& shape, const std::vector<float>& values)
{
    QS_CHECK(take(static_cast<int64_t>(values.size())));
    const std::string made = name("constant");
    m_out.constants[made] = {ElementType::Float32, Buffer::fromFloats(shape, values)};
    return made;
}

std::string Steps::number(float value)
{
    const std::string made = name("constant");
    m_out.constants[made] = {ElementType::Float32, Buffer::fromFloats({}, std::span(&value, 1))};
    return made;
}

Result<std::optional<Expansion>> expandedNode(const Node& node, ConstantBudget& budget)
{
    const std::string domain = node.proto.domain() == "ai.onnx" ? std::string() : node.proto.domain();
    const auto row = std::find_if(std::begin(rows), std::end(rows), [&](const Row& candidate) {
        return domain == candidate.domain && node.proto.op_type() == candidate.type && candidate.applies(node);
    });
    if (row == std::end(rows))
        return std::optional<Expansion>();
    Steps steps(node, budget);
    QS_CHECK(row->expand(steps));
    Expansion made = std::move(steps).done();
    if (std::string what = leftOver(node, made); !what.empty())
        return notBuilt(std::move(what));
    return std::optional(std::move(made));
}

}  // namespace qs::onnxio

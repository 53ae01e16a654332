#include "core/import/onnx/fold.h"

#include "core/import/onnx/quantization.h"
#include "core/import/onnx/tensors.h"
#include "core/ops/shape_rules.h"

#include <algorithm>
#include <cmath>

namespace qs::onnxio {

namespace {

using Made = Result<std::optional<TypedConstant>>;

TypedConstant integers(Shape shape, const std::vector<int64_t>& values)
{
    TypedConstant constant{ElementType::Int64, Buffer(DType::I64, std::move(shape))};
    std::copy(values.begin(), values.end(), constant.data.as<int64_t>().begin());
    return constant;
}

TypedConstant reals(Shape shape, const std::vector<float>& values)
{
    return {ElementType::Float32, Buffer::fromFloats(std::move(shape), values)};
}

Result<void> take(ConstantBudget& budget, int64_t count)
{
    if (count >= 0 && count <= int64_t{1} << 40 && budget.take(8 * count))
        return {};
    return Error{ErrorCode::FileTooLarge, "the constant of " + std::to_string(count) + " values that it makes is out of proportion to the file", {}};
}

Made constantNode(const Node& node, const std::filesystem::path& folder)
{
    if (const auto* value = node.attribute("value")) {
        QS_TRY(TypedConstant constant, tensorConstant(value->t(), folder));
        return std::optional(std::move(constant));
    }
    if (const auto* value = node.attribute("value_int"))
        return std::optional(integers({}, {value->i()}));
    if (const auto* value = node.attribute("value_ints"))
        return std::optional(integers({value->ints_size()}, {value->ints().begin(), value->ints().end()}));
    if (const auto* value = node.attribute("value_float"))
        return std::optional(reals({}, {value->f()}));
    if (const auto* value = node.attribute("value_floats"))
        return std::optional(reals({value->floats_size()}, {value->floats().begin(), value->floats().end()}));
    return std::optional<TypedConstant>();
}

TypedConstant shapeNode(const Node& node, const Shape& shape)
{
    const auto rank = static_cast<int64_t>(shape.size());
    const auto clamped = [rank](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
    const int64_t begin = clamped(node.integer("start", 0));
    const int64_t end = std::max(begin, clamped(node.integer("end", rank)));
    return integers({end - begin}, std::vector<int64_t>(shape.begin() + begin, shape.begin() + end));
}

Made filled(const Node& node, const TypedConstant& dims, const std::filesystem::path& folder, ConstantBudget& budget)
{
    if (dims.data.dtype() != DType::I64)
        return std::optional<TypedConstant>();
    const Shape shape(dims.data.as<int64_t>().begin(), dims.data.as<int64_t>().end());
    const auto count = shape.size() > ops::largestRank ? std::nullopt : ops::productOf(shape, 0, shape.size());
    if (!count)
        return Error{ErrorCode::OutOfRange, "its shape is " + shapeText(shape), {}};
    QS_CHECK(take(budget, *count));
    const auto* value = node.attribute("value");
    if (!value)
        return std::optional(TypedConstant{ElementType::Float32, Buffer(DType::F32, shape)});
    QS_TRY(const TypedConstant filler, tensorConstant(value->t(), folder));
    if (filler.data.count() != 1)
        return Error{ErrorCode::OutOfRange, "its value is no single number", {}};
    TypedConstant result{filler.type, Buffer(filler.data.dtype(), shape)};
    if (filler.data.dtype() == DType::I64)
        std::fill_n(result.data.as<int64_t>().begin(), *count, filler.data.as<int64_t>()[0]);
    else
        std::fill_n(result.data.floats().begin(), *count, filler.data.floats()[0]);
    return std::optional(result);
}

/// Ones along a diagonal, as large as the input.
Made eye(const Node& node, const Shape& shape, ConstantBudget& budget)
{
    if (shape.size() != 2)
        return Error{ErrorCode::ShapeMismatch, "its input " + shapeText(shape) + " is no matrix", {}};
    const auto* given = node.attribute("dtype");
    const auto type = given ? elementTypeOf(static_cast<int32_t>(given->i())) : node.type(0).value_or(ElementType::Float32);
    if (!type)
        return Error{ErrorCode::NotSupported, "the element type that it makes is not built", {}};
    QS_CHECK(take(budget, ops::productOf(shape, 0, 2).value_or(-1)));
    const int64_t diagonal = std::clamp<int64_t>(node.integer("k", 0), -shape[0], shape[1]);
    TypedConstant result{*type, Buffer(isFloating(*type) ? DType::F32 : DType::I64, shape)};
    for (int64_t row = std::max<int64_t>(0, -diagonal); row < shape[0] && row + diagonal < shape[1]; ++row) {
        const auto at = static_cast<size_t>(row * shape[1] + row + diagonal);
        if (isFloating(*type))
            result.data.floats()[at] = 1;
        else
            result.data.as<int64_t>()[at] = 1;
    }
    return std::optional(result);
}

/// Start, limit, step: as many values as lie before the limit.
Made range(const Node& node, ConstantBudget& budget)
{
    const TypedConstant* ends[] = {node.constant(0), node.constant(1), node.constant(2)};
    for (const TypedConstant* end : ends)
        if (!end || end->data.count() != 1 || end->data.dtype() != ends[0]->data.dtype())
            return std::optional<TypedConstant>();
    const bool real = isFloating(ends[0]->type);
    const auto number = [&](int i) {
        return real ? static_cast<double>(ends[i]->data.floats()[0]) : static_cast<double>(ends[i]->data.as<int64_t>()[0]);
    };
    const double steps = std::ceil((number(1) - number(0)) / number(2));
    if (!(std::fabs(steps) < 1e15))
        return Error{ErrorCode::OutOfRange, "its step leads nowhere", {}};
    const auto count = std::max<int64_t>(static_cast<int64_t>(steps), 0);
    QS_CHECK(take(budget, count));
    TypedConstant result{ends[0]->type, Buffer(ends[0]->data.dtype(), {count})};
    for (int64_t i = 0; i < count; ++i) {
        if (real)
            result.data.floats()[static_cast<size_t>(i)] = static_cast<float>(number(0) + static_cast<double>(i) * number(2));
        else
            result.data.as<int64_t>()[static_cast<size_t>(i)] = ends[0]->data.as<int64_t>()[0] + i * ends[2]->data.as<int64_t>()[0];
    }
    return std::optional(result);
}

}  // namespace

Made madeConstant(const Node& node, const std::filesystem::path& folder, ConstantBudget& budget)
{
    const std::string& type = node.proto.op_type();
    QS_TRY(auto quantization, evaluatedQuantization(node, budget));
    if (quantization && node.proto.output_size() == 1)
        return quantization;
    if (node.proto.output_size() != 1 || !(node.proto.domain().empty() || node.proto.domain() == "ai.onnx"))
        return std::optional<TypedConstant>();
    if (type == "Constant")
        return constantNode(node, folder);
    const auto shape = node.shape(0);
    if (type == "Shape" && shape)
        return std::optional(shapeNode(node, *shape));
    if (type == "Size" && shape)
        return std::optional(integers({}, {elementCount(*shape)}));
    if (type == "ConstantOfShape" && node.constant(0))
        return filled(node, *node.constant(0), folder, budget);
    if (type == "EyeLike" && shape)
        return eye(node, *shape, budget);
    if (type == "Range")
        return range(node, budget);
    return std::optional<TypedConstant>();
}

}  // namespace qs::onnxio

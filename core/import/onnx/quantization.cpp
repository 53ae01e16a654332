// QuantizeLinear and DequantizeLinear: as layers where they stand on values, evaluated where they stand on constants.
#include "core/import/onnx/quantization.h"

#include "core/import/onnx/tensors.h"
#include "core/import/onnx/translate.h"
#include "core/quant/code_grid.h"

#include <algorithm>
#include <cmath>

namespace qs::onnxio {

namespace {

/// The integers of a quantized value.
struct Codes {
    ElementType type = ElementType::UInt8;
    int bits = 8;
    bool isUnsigned = true;

    int64_t least() const { return isUnsigned ? 0 : -(int64_t{1} << (bits - 1)); }
    int64_t most() const { return (int64_t{1} << (isUnsigned ? bits : bits - 1)) - 1; }
};

std::optional<Codes> codesOf(ElementType type)
{
    switch (type) {
        case ElementType::Int8:
            return Codes{type, 8, false};
        case ElementType::UInt8:
            return Codes{type, 8, true};
        case ElementType::Int16:
            return Codes{type, 16, false};
        case ElementType::UInt16:
            return Codes{type, 16, true};
        default:
            return std::nullopt;
    }
}

/// What a QuantizeLinear gives: its zero point's type, or the one that is named, or uint8.
std::optional<Codes> codesOf(const Node& node)
{
    const auto named = elementTypeOf(static_cast<int32_t>(node.integer("output_dtype", 0)));
    if (const TypedConstant* zero = node.constant(2))
        return codesOf(zero->type);
    return codesOf(named.value_or(ElementType::UInt8));
}

/// One scale and zero point, or one for each index of an axis.
struct Grid {
    std::vector<float> scales;
    std::vector<int64_t> zeros;
    int64_t axis = 0;
};

Result<Grid> gridOf(const Node& node)
{
    const TypedConstant* scale = node.constant(1);
    const TypedConstant* zero = node.constant(2);
    const auto shape = node.shape(0);
    if (!scale || (node.has(2) && !zero))
        return Error{ErrorCode::NotSupported, "its scale or zero point is computed by the network", {}};
    if (node.integer("block_size", 0) != 0)
        return Error{ErrorCode::NotSupported, "its attribute block_size is not built", {}};
    Grid grid;
    const Buffer scales = floatsOf(*scale);
    grid.scales.assign(scales.floats().begin(), scales.floats().end());
    grid.zeros.assign(grid.scales.size(), 0);
    if (zero && zero->data.dtype() != DType::I64)
        return Error{ErrorCode::NotSupported, std::string("its zero point is ") + elementTypeName(zero->type), {}};
    if (zero && zero->data.count() != scale->data.count())
        return Error{ErrorCode::ShapeMismatch,
                     "it has " + std::to_string(scale->data.count()) + " scales and " + std::to_string(zero->data.count()) + " zero points",
                     {}};
    if (zero)
        std::copy(zero->data.as<int64_t>().begin(), zero->data.as<int64_t>().end(), grid.zeros.begin());
    const int64_t rank = shape ? static_cast<int64_t>(shape->size()) : 0;
    grid.axis = node.integer("axis", 1);
    grid.axis += grid.axis < 0 ? rank : 0;
    if (grid.scales.size() != 1 && (grid.axis < 0 || grid.axis >= rank || (*shape)[static_cast<size_t>(grid.axis)] != scale->data.count()))
        return Error{
            ErrorCode::ShapeMismatch, std::to_string(scale->data.count()) + " scales do not fit its input's axis " + std::to_string(grid.axis), {}};
    return grid;
}

/// Calls visit(i, c) for each value and the index of its scale.
template <class Visit>
void eachValue(const Shape& shape, const Grid& grid, const Visit& visit)
{
    size_t inner = 1;
    const bool single = grid.scales.size() == 1;
    for (size_t d = single ? shape.size() : static_cast<size_t>(grid.axis) + 1; d < shape.size(); ++d)
        inner *= static_cast<size_t>(shape[d]);
    const auto count = static_cast<size_t>(elementCount(shape));
    for (size_t i = 0; i < count; ++i)
        visit(i, single ? 0 : i / inner % grid.scales.size());
}

/// Of a value: one scale for all of it.
Result<void> place(const Context& c)
{
    const auto grid = gridOf(c.node);
    if (!grid)
        return c.refuse(grid.error().detail);
    if (grid->scales.size() != 1)
        return c.refuse("one scale for each index of an axis of a value is not built");
    c.set("scale", static_cast<double>(grid->scales.front()));
    c.set("offset", grid->zeros.front());
    c.out.inputs = {0};
    return {};
}

}  // namespace

Result<void> quantizeLinear(const Context& c)
{
    QS_CHECK(place(c));
    const auto codes = codesOf(c.node);
    if (!codes)
        return c.refuse("its codes are of a type that is not built");
    if (c.out.op.empty())
        return {};
    c.set("bits", int64_t{codes->bits});
    if (codes->isUnsigned)
        c.set("unsigned", int64_t{1});
    if (const auto legal = checkParams(codeGrid(c.out.attributes).params); !legal)
        return c.refuse(legal.error().detail);
    c.out.type = codes->type;
    return {};
}

Result<void> dequantizeLinear(const Context& c)
{
    c.out.type = ElementType::Float32;
    return place(c);
}

Result<std::optional<TypedConstant>> evaluatedQuantization(const Node& node, ConstantBudget& budget)
{
    const TypedConstant* input = node.constant(0);
    const bool quantizes = node.proto.op_type() == "QuantizeLinear";
    if (!input || (!quantizes && node.proto.op_type() != "DequantizeLinear"))
        return std::optional<TypedConstant>();
    const auto codes = quantizes ? codesOf(node) : Codes{};
    if (!codes)
        return Error{ErrorCode::NotSupported, "its codes are of a type that is not built", {}};
    QS_TRY(const Grid grid, gridOf(node));
    const Shape& shape = input->data.shape();
    if (!budget.take(8 * input->data.count()))
        return Error{ErrorCode::FileTooLarge, "the constant that it makes is out of proportion to the file", {}};
    if (quantizes) {
        const Buffer values = floatsOf(*input);
        TypedConstant result{codes->type, Buffer(DType::I64, shape)};
        eachValue(shape, grid, [&](size_t i, size_t c) {
            const double code = std::nearbyint(static_cast<double>(values.floats()[i] / grid.scales[c])) + static_cast<double>(grid.zeros[c]);
            const double kept = std::isnan(code) ? static_cast<double>(grid.zeros[c]) : code;
            result.data.as<int64_t>()[i] =
                static_cast<int64_t>(std::clamp(kept, static_cast<double>(codes->least()), static_cast<double>(codes->most())));
        });
        return std::optional(std::move(result));
    }
    if (input->data.dtype() != DType::I64)
        return Error{ErrorCode::NotSupported, std::string("it dequantizes ") + elementTypeName(input->type), {}};
    TypedConstant result{ElementType::Float32, Buffer(DType::F32, shape)};
    eachValue(shape, grid, [&](size_t i, size_t c) {
        result.data.floats()[i] = static_cast<float>(input->data.as<int64_t>()[i] - grid.zeros[c]) * grid.scales[c];
    });
    return std::optional(std::move(result));
}

std::vector<float> dequantizedScales(const Node& node)
{
    const auto grid = node.proto.op_type() == "DequantizeLinear" ? gridOf(node) : Result<Grid>(Error{});
    return grid ? grid->scales : std::vector<float>();
}

}  // namespace qs::onnxio

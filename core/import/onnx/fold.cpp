#include "core/data/npy.h"
#include "core/import/onnx/nodes.h"
#include "core/ops/op.h"

#include <algorithm>
#include <cstring>

namespace qs::onnxio {

namespace {

constexpr int64_t largestFolded = 1 << 20;  ///< elements; shape arithmetic is tiny, weights are only reshaped

template <class T>
Buffer vectorBuffer(DType dtype, Shape shape, const std::vector<T>& values)
{
    Buffer buffer(dtype, std::move(shape));
    std::copy(values.begin(), values.end(), buffer.as<T>().begin());
    return buffer;
}

Buffer integerBuffer(Shape shape, const std::vector<int64_t>& values)
{
    return vectorBuffer<int64_t>(DType::I64, std::move(shape), values);
}

std::optional<Buffer> gather(const Node& node, const Buffer& data, const Buffer& indices)
{
    if (data.dtype() != DType::I64 || indices.dtype() != DType::I64 || data.shape().size() != 1 || node.integer("axis", 0) != 0)
        return std::nullopt;
    std::vector<int64_t> values;
    for (const int64_t index : indices.as<int64_t>()) {
        const int64_t at = index < 0 ? index + data.count() : index;
        if (at < 0 || at >= data.count())
            return std::nullopt;
        values.push_back(data.as<int64_t>()[static_cast<size_t>(at)]);
    }
    return integerBuffer(indices.shape(), values);
}

std::optional<Buffer> concat(const Node& node)
{
    std::vector<int64_t> values;
    for (int i = 0; i < node.proto.input_size(); ++i) {
        const Buffer* piece = node.constant(i);
        if (piece->dtype() != DType::I64 || piece->shape().size() != 1)
            return std::nullopt;
        values.insert(values.end(), piece->as<int64_t>().begin(), piece->as<int64_t>().end());
    }
    const auto count = static_cast<int64_t>(values.size());
    return integerBuffer({count}, values);
}

std::optional<Buffer> slice(const Node& node, const Buffer& data)
{
    const auto starts = node.integersEither("starts", 1);
    const auto ends = node.integersEither("ends", 2);
    if (data.dtype() != DType::I64 || data.shape().size() != 1 || !starts || !ends || starts->size() != 1 || ends->size() != 1 || node.has(4))
        return std::nullopt;
    const auto clamped = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + data.count() : at, 0, data.count()); };
    const auto values = data.as<int64_t>();
    const int64_t begin = clamped((*starts)[0]);
    const int64_t end = std::max(begin, clamped((*ends)[0]));
    return integerBuffer({end - begin}, {values.begin() + begin, values.begin() + end});
}

template <class T>
std::optional<Buffer> binary(const std::string& type, const Buffer& a, const Buffer& b)
{
    if (a.count() != b.count() && a.count() != 1 && b.count() != 1)
        return std::nullopt;
    const Buffer& wide = a.count() >= b.count() ? a : b;
    Buffer result(a.dtype(), wide.shape().size() >= std::max(a.shape().size(), b.shape().size()) ? wide.shape() : a.shape());
    if (result.count() != wide.count())
        return std::nullopt;
    for (size_t i = 0; i < static_cast<size_t>(result.count()); ++i) {
        const T x = a.as<T>()[a.count() == 1 ? 0 : i];
        const T y = b.as<T>()[b.count() == 1 ? 0 : i];
        if (type == "Div" && y == T{0})
            return std::nullopt;
        // Integers wrap instead of overflowing: a shape that large is refused where it is used.
        if constexpr (std::is_integral_v<T>) {
            const auto ux = static_cast<uint64_t>(x);
            const auto uy = static_cast<uint64_t>(y);
            if (type == "Div" && y == -1)
                result.as<T>()[i] = static_cast<T>(0 - ux);
            else
                result.as<T>()[i] = type == "Add"   ? static_cast<T>(ux + uy)
                                    : type == "Sub" ? static_cast<T>(ux - uy)
                                    : type == "Mul" ? static_cast<T>(ux * uy)
                                                    : x / y;
        } else {
            result.as<T>()[i] = type == "Add" ? x + y : type == "Sub" ? x - y : type == "Mul" ? x * y : x / y;
        }
    }
    return result;
}

std::optional<Buffer> constantOfShape(const Node& node, const Buffer& shape)
{
    if (shape.dtype() != DType::I64)
        return std::nullopt;
    const Shape dims(shape.as<int64_t>().begin(), shape.as<int64_t>().end());
    int64_t count = 1;
    for (const int64_t dimension : dims) {
        if (dimension < 0 || dimension > largestFolded || (count *= dimension) > largestFolded)
            return std::nullopt;
    }
    const auto* value = node.attribute("value");
    if (!value)
        return Buffer(DType::F32, dims);
    const auto filler = tensorBuffer(value->t());
    if (!filler || filler->count() != 1)
        return std::nullopt;
    Buffer result(filler->dtype(), dims);
    for (int64_t i = 0; i < count; ++i)
        std::memcpy(result.bytes() + static_cast<size_t>(i) * dtypeSize(result.dtype()), filler->bytes(), dtypeSize(result.dtype()));
    return result;
}

/// Reshape, Squeeze, Unsqueeze, Flatten of a constant through the ops' own shape rules.
std::optional<Buffer> reshaped(const Node& node, const Buffer& data)
{
    const auto translation = translateNode(node);
    const OpInfo* op = translation ? findOp(translation->op) : nullptr;
    if (!op || !op->shapes)
        return std::nullopt;
    Layer layer;
    layer.attributes = translation->attributes;
    layer.outputs = {0};
    const std::vector<Shape> inputs{data.shape()};
    const auto shapes = op->shapes(layer, inputs);
    if (!shapes || elementCount((*shapes)[0]) != data.count())
        return std::nullopt;
    return data.reshaped((*shapes)[0]);
}

std::optional<Buffer> cast(const Node& node, const Buffer& data)
{
    const int64_t to = node.integer("to", 0);
    const bool floating = to == onnx::TensorProto::FLOAT || to == onnx::TensorProto::FLOAT16 || to == onnx::TensorProto::DOUBLE;
    if (floating)
        return toFloat(data);
    if (data.dtype() == DType::I64)
        return data;
    std::vector<int64_t> values;
    for (const float value : data.floats()) {
        if (!(value > -9e18F && value < 9e18F))
            return std::nullopt;
        values.push_back(static_cast<int64_t>(value));
    }
    return integerBuffer(data.shape(), values);
}

}  // namespace

std::optional<Buffer> foldNode(const Node& node)
{
    const std::string& type = node.proto.op_type();
    if (node.proto.output_size() != 1)
        return std::nullopt;
    if (type == "Constant") {
        if (const auto* value = node.attribute("value"))
            if (auto buffer = tensorBuffer(value->t()))
                return *buffer;
        if (const auto* value = node.attribute("value_int"))
            return integerBuffer({}, {value->i()});
        if (const auto* value = node.attribute("value_ints"))
            return integerBuffer({value->ints_size()}, {value->ints().begin(), value->ints().end()});
        if (const auto* value = node.attribute("value_float"))
            return vectorBuffer<float>(DType::F32, {}, {value->f()});
        if (const auto* value = node.attribute("value_floats"))
            return vectorBuffer<float>(DType::F32, {value->floats_size()}, {value->floats().begin(), value->floats().end()});
        return std::nullopt;
    }
    if (type == "Shape") {
        const auto shape = node.shape(0);
        if (!shape || node.attribute("start") || node.attribute("end"))
            return std::nullopt;
        return integerBuffer({static_cast<int64_t>(shape->size())}, *shape);
    }
    for (int i = 0; i < node.proto.input_size(); ++i)
        if (node.has(i) && !node.constant(i))
            return std::nullopt;
    const Buffer* first = node.constant(0);
    if (!first)
        return std::nullopt;
    if (type == "Identity")
        return *first;
    if (type == "Cast")
        return cast(node, *first);
    if (type == "Reshape" || type == "Unsqueeze" || type == "Squeeze" || type == "Flatten")
        return reshaped(node, *first);
    if (type == "ConstantOfShape")
        return constantOfShape(node, *first);
    if (type == "Concat")
        return concat(node);
    if (type == "Slice")
        return slice(node, *first);
    const Buffer* second = node.constant(1);
    if (!second)
        return std::nullopt;
    if (type == "Gather")
        return gather(node, *first, *second);
    if (first->dtype() == second->dtype() && (type == "Add" || type == "Sub" || type == "Mul" || type == "Div"))
        return first->dtype() == DType::I64 ? binary<int64_t>(type, *first, *second) : binary<float>(type, *first, *second);
    return std::nullopt;
}

}  // namespace qs::onnxio

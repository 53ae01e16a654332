#include "core/import/onnx/translate.h"

#include "core/import/onnx/tensors.h"

#include <algorithm>

namespace qs::onnxio {

namespace {

Buffer transposed(const Buffer& matrix)
{
    Buffer result(DType::F32, {matrix.shape()[1], matrix.shape()[0]});
    const auto rows = static_cast<size_t>(matrix.shape()[0]);
    const auto columns = static_cast<size_t>(matrix.shape()[1]);
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j)
            result.floats()[j * rows + i] = matrix.floats()[i * columns + j];
    return result;
}

Buffer scaled(const Buffer& buffer, double factor)
{
    if (factor == 1)
        return buffer;
    Buffer result(DType::F32, buffer.shape());
    for (size_t i = 0; i < result.floats().size(); ++i)
        result.floats()[i] = buffer.floats()[i] * static_cast<float>(factor);
    return result;
}

bool ofIntegers(const Context& c)
{
    const auto type = c.node.type(0);
    return type && !isFloating(*type);
}

/// Whether all inputs are computed and of one known shape: Caffe's Eltwise, which can be quantized.
bool isEltwise(const Context& c)
{
    const auto first = c.node.shape(0);
    for (int i = 0; i < c.node.proto.input_size(); ++i)
        if (!first || c.node.shape(i) != first || c.node.constant(i))
            return false;
    return !ofIntegers(c);
}

/// Before opset 7: an operand broadcasts only where `broadcast` says so, from `axis` on. False: it was refused.
bool olderBroadcast(const Context& c)
{
    const bool wanted = c.node.integer("broadcast", 0) != 0;
    const auto* axis = c.node.attribute("axis");
    const auto a = c.node.shape(0);
    const auto b = c.node.shape(1);
    if (c.node.opset >= 7 || (a && b && *a == *b))
        return true;
    const TypedConstant* operand = c.node.constant(1);
    if (!a || !b || (!wanted && !b->empty())) {
        (void)c.refuse("its operands differ in shape, which its opset does not allow");
        return false;
    }
    if (!axis)
        return true;
    const int64_t at = axis->i() < 0 ? axis->i() + static_cast<int64_t>(a->size()) : axis->i();
    const int64_t behind = static_cast<int64_t>(a->size()) - at - static_cast<int64_t>(b->size());
    if (at < 0 || behind < 0 || (behind > 0 && !operand)) {
        (void)c.refuse("its axis is not valid, or its operand is computed by the network and has dimensions behind it");
        return false;
    }
    if (behind > 0) {
        Shape shape = *b;
        shape.insert(shape.end(), static_cast<size_t>(behind), 1);
        c.out.replaced[1] = {operand->type, operand->data.reshaped(shape)};
    }
    return true;
}

}  // namespace

Result<void> gemm(const Context& c)
{
    const TypedConstant* weight = c.node.constant(1);
    const TypedConstant* bias = c.node.constant(2);
    const bool transB = c.node.integer("transB", 0) != 0;
    const double alpha = c.node.real("alpha", 1);
    const double beta = c.node.real("beta", 1);
    const int64_t outputs = weight && weight->data.shape().size() == 2 ? weight->data.shape()[transB ? 0 : 1] : 0;
    // A bias that differs from row to row is no layer's: it broadcasts to (rows, outputs).
    const Shape* own = bias ? &bias->data.shape() : nullptr;
    const bool row = own && !own->empty() && own->back() == outputs && bias->data.count() == outputs;
    const bool simpleBias = !c.node.has(2) || (bias && (bias->data.count() == 1 || row));
    if (outputs > 0 && simpleBias && c.node.integer("transA", 0) == 0) {
        const Buffer matrix = floatsOf(*weight);
        c.out.op = "InnerProduct";
        c.set("outputs", outputs);
        c.set("axis", int64_t{1});
        c.out.weights = {share(scaled(transB ? matrix : transposed(matrix), alpha))};
        if (bias) {
            Buffer list(DType::F32, {outputs});
            const Buffer values = scaled(floatsOf(*bias), beta);
            for (size_t i = 0; i < list.floats().size(); ++i)
                list.floats()[i] = values.floats()[values.count() == 1 ? 0 : i];
            c.out.weights.push_back(share(list));
        }
        return {};
    }
    c.out.inputs = c.node.has(2) ? std::vector<int>{0, 1, 2} : std::vector<int>{0, 1};
    c.set("transA", c.node.integer("transA", 0));
    c.set("transB", int64_t{transB});
    c.set("alpha", alpha);
    c.set("beta", beta);
    return {};
}

Result<void> matMul(const Context& c)
{
    const TypedConstant* weight = c.node.constant(1);
    if (!weight || weight->data.shape().size() != 2 || c.node.constant(0)) {
        c.out.inputs = {0, 1};
        return {};
    }
    c.out.op = "InnerProduct";
    c.set("outputs", weight->data.shape()[1]);
    c.set("axis", int64_t{-1});
    c.out.weights = {share(transposed(floatsOf(*weight)))};
    return {};
}

Result<void> binary(const Context& c)
{
    c.out.inputs = {0, 1};
    const std::string& type = c.type();
    if (!olderBroadcast(c))
        return {};
    if ((type == "Add" || type == "Mul") && isEltwise(c)) {
        c.out.op = "Eltwise";
        c.set("operation", std::string(type == "Add" ? "sum" : "prod"));
    }
    if (type == "Div" && ofIntegers(c))
        c.set("integers", int64_t{1});
    return {};
}

Result<void> comparison(const Context& c)
{
    c.out.inputs = {0, 1};
    (void)olderBroadcast(c);
    return {};
}

// Min, Max.
Result<void> extremum(const Context& c)
{
    const bool largest = c.type() == "Max";
    const bool eltwise = largest && isEltwise(c);
    c.takeAll();
    c.out.op = eltwise ? "Eltwise" : c.type();
    if (eltwise)
        c.set("operation", std::string("max"));
    return {};
}

Result<void> sum(const Context& c)
{
    const bool eltwise = isEltwise(c);
    c.takeAll();
    if (!eltwise && c.out.inputs.size() > 2)
        return c.refuse("a Sum of more than two that broadcasts is not built");
    c.out.op = c.out.inputs.size() == 1 ? "Identity" : eltwise ? "Eltwise" : "Add";
    if (c.out.op == "Eltwise")
        c.set("operation", std::string("sum"));
    return {};
}

Result<void> power(const Context& c)
{
    const TypedConstant* exponent = c.node.constant(1);
    c.out.inputs = {0, 1};
    if (!olderBroadcast(c))
        return {};
    if (!exponent || exponent->data.count() != 1 || ofIntegers(c)) {
        c.out.op = "Pow";
        if (ofIntegers(c))
            c.set("integers", int64_t{1});
        return {};
    }
    // One exponent may have more dimensions than the base.
    const auto shape = c.node.shape(0);
    if (exponent->data.shape().size() > (shape ? shape->size() : 0)) {
        c.out.op = "Pow";
        return {};
    }
    c.out.op = "Power";
    c.out.inputs = {0};
    c.set("power", asReal(floatsOf(*exponent).floats()[0]));
    return {};
}

Result<void> modulo(const Context& c)
{
    c.out.inputs = {0, 1};
    const int64_t fmod = c.node.integer("fmod", 0);
    c.set("fmod", fmod);
    if (fmod == 0 && !ofIntegers(c))
        return c.refuse("ONNX defines a Mod of real numbers with fmod only");
    return {};
}

Result<void> negate(const Context& c)
{
    c.set("scale", -1.0);
    return {};
}

Result<void> reciprocal(const Context& c)
{
    c.set("power", -1.0);
    return {};
}

Result<void> cast(const Context& c)
{
    const auto* to = c.node.attribute("to");
    std::optional<ElementType> type;
    onnx::TensorProto::DataType old{};
    if (to && !to->s().empty() && onnx::TensorProto::DataType_Parse(to->s(), &old))  // before opset 6: its name
        type = elementTypeOf(old);
    else if (to)
        type = elementTypeOf(static_cast<int32_t>(to->i()));
    if (!type)
        return c.refuse("the element type that it casts to is not built");
    c.out.type = type;
    const auto from = c.node.type(0);
    // Float32 holds what these have: nothing to do, except on constants, whose type it changes.
    const bool same = from == type || (*type <= ElementType::Float64 && !c.node.constant(0)) || (from == ElementType::Bool && !c.node.constant(0));
    c.out.op = same ? "Identity" : "Cast";
    if (!same)
        c.set("to", std::string(elementTypeName(*type)));
    return {};
}

Result<void> where(const Context& c)
{
    c.out.inputs = {0, 1, 2};
    return {};
}

Result<void> reduce(const Context& c)
{
    QS_CHECK(axes(c));
    if (c.out.op.empty())
        return {};
    const bool none = c.out.attributes.integers("axes").empty();
    if (c.node.integer("noop_with_empty_axes", 0) != 0 && none) {
        c.out.attributes = {};
        c.out.op = "Identity";
        c.node.integer("keepdims", 1);
        return {};
    }
    c.set("keepDims", c.node.integer("keepdims", 1));
    if (c.type() == "ReduceMean" && ofIntegers(c))
        c.set("integers", int64_t{1});
    return {};
}

Result<void> argMax(const Context& c)
{
    c.set("lastOfEqual", c.node.integer("select_last_index", 0));
    c.set("keepDims", c.node.integer("keepdims", 1));
    c.set("axis", c.node.integer("axis", 0));
    return {};
}

Result<void> cumSum(const Context& c)
{
    const auto axis = c.node.integersAt(1);
    if (!axis || axis->size() != 1)
        return c.refuse("its axis is computed by the network");
    c.set("axis", axis->front());
    c.set("exclusive", c.node.integer("exclusive", 0));
    c.set("reverse", c.node.integer("reverse", 0));
    return {};
}

Result<void> topK(const Context& c)
{
    const auto count = c.node.integersAt(1);
    const int64_t k = c.node.opset < 10 ? c.node.integer("k", 0) : count && count->size() == 1 ? (*count)[0] : 0;
    if (k < 1)
        return c.refuse("its k is computed by the network");
    c.set("k", k);
    c.set("axis", c.node.integer("axis", -1));
    c.set("largest", c.node.integer("largest", 1));
    return {};
}

}  // namespace qs::onnxio

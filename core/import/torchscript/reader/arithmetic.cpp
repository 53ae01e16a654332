// Two operands, comparisons, sums over axes, matrix products.
#include "core/import/torchscript/reader/translate.h"
#include "core/ops/einsum.h"

#include <algorithm>

namespace qs::torchscript {

namespace {

bool isTensor(const Call& call, const char* name)
{
    return call.argument(name).isTensor();
}

/// A tensor, or a number as a constant.
ValueId operand(const Call& call, const char* name)
{
    return isTensor(call, name) ? call.value(name) : call.constant(static_cast<float>(call.real(name)));
}

bool wholeNumbers(const Call& call)
{
    return !call.results().empty() && !call.results().front().is_floating_point() && call.results().front().scalar_type() != at::kBool;
}

/// scale * x + shift
std::vector<ValueId> affine(const Call& call, const char* of, double scale, double shift)
{
    return {call.layer("Power", {call.value(of)}, attributes({{"scale", scale}, {"shift", shift}}))};
}

std::vector<ValueId> sum(const Call& call, double sign)
{
    const double factor = sign * call.real("alpha", 1);
    if (!isTensor(call, "other"))
        return affine(call, "self", 1, factor * call.real("other"));
    if (factor == 1)
        return {call.layer("Add", {operand(call, "self"), call.value("other")})};
    if (factor == -1)
        return {call.layer("Sub", {operand(call, "self"), call.value("other")})};
    const ValueId self = operand(call, "self");
    return {call.layer("Add", {self, affine(call, "other", factor, 0).front()})};
}

std::vector<ValueId> add(const Call& call)
{
    return sum(call, 1);
}

std::vector<ValueId> subtract(const Call& call)
{
    return sum(call, -1);
}

std::vector<ValueId> reversedSubtract(const Call& call)
{
    if (call.real("alpha", 1) != 1)
        throw NotBuilt{"its factor is not 1"};
    if (!isTensor(call, "other"))
        return affine(call, "self", -1, call.real("other"));
    return {call.layer("Sub", {call.value("other"), call.value("self")})};
}

std::vector<ValueId> multiply(const Call& call)
{
    if (!isTensor(call, "other"))
        return affine(call, "self", call.real("other"), 0);
    return {call.layer("Mul", {call.value("self"), call.value("other")})};
}

std::vector<ValueId> divide(const Call& call)
{
    const bool rounded = !call.isNone("rounding_mode");
    if (rounded && call.text("rounding_mode") == "trunc" && !wholeNumbers(call))
        throw NotBuilt{"division that cuts off is not built"};
    const ValueId quotient = call.layer("Div", {call.value("self"), operand(call, "other")});
    if (!rounded)
        return {quotient};
    return {call.layer("Floor", {quotient})};
}

std::vector<ValueId> floorDivide(const Call& call)
{
    return {call.layer("Floor", {call.layer("Div", {call.value("self"), operand(call, "other")})})};
}

std::vector<ValueId> power(const Call& call)
{
    if (isTensor(call, "exponent"))
        return {call.layer("Pow", {operand(call, "self"), call.value("exponent")})};
    return {call.layer("Power", {call.value("self")}, attributes({{"power", call.real("exponent")}}))};
}

template <int which>
std::vector<ValueId> compare(const Call& call)
{
    static constexpr const char* ops[] = {"Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Min", "Max", "And", "Or", "Xor"};
    return {call.layer(ops[which], {call.value("self"), operand(call, "other")})};
}

std::vector<ValueId> notEqual(const Call& call)
{
    return {call.layer("Not", {call.layer("Equal", {call.value("self"), operand(call, "other")})})};
}

/// min and max of one tensor, of two, or along an axis with the places.
template <int which>
std::vector<ValueId> extremum(const Call& call)
{
    if (!call.isNone("other"))
        return compare<which>(call);
    const char* op = which == 6 ? "ReduceMax" : "ReduceMin";
    if (call.isNone("dim"))
        return {call.layer(op, {call.value("self")}, attributes({{"keepDims", int64_t{0}}}))};
    const int64_t axis = call.axis("dim", "self");
    const int64_t keep = call.flag("keepdim");
    const ValueId values = call.layer(op, {call.value("self")}, attributes({{"axes", Ints{axis}}, {"keepDims", keep}}));
    const ValueId places = call.layer(which == 6 ? "ArgMax" : "ArgMin", {call.value("self")},
                                      attributes({{"axis", axis}, {"keepDims", keep}, {"lastOfEqual", int64_t{0}}, {"topK", int64_t{1}}}));
    return {values, places};
}

std::vector<ValueId> reduce(const Call& call, const char* op)
{
    Ints axes = call.integers("dim");
    for (int64_t& axis : axes)
        axis += axis < 0 ? static_cast<int64_t>(call.rank("self")) : 0;
    std::sort(axes.begin(), axes.end());
    return {call.layer(op, {call.value("self")}, attributes({{"axes", axes}, {"keepDims", int64_t{call.flag("keepdim")}}}))};
}

std::vector<ValueId> mean(const Call& call)
{
    return reduce(call, "ReduceMean");
}
std::vector<ValueId> total(const Call& call)
{
    return reduce(call, "ReduceSum");
}
std::vector<ValueId> largest(const Call& call)
{
    return reduce(call, "ReduceMax");
}
std::vector<ValueId> smallest(const Call& call)
{
    return reduce(call, "ReduceMin");
}

std::vector<ValueId> logSumExp(const Call& call)
{
    return reduce(call, "ReduceLogSumExp");
}

std::vector<ValueId> runningSum(const Call& call)
{
    return {call.layer("CumSum", {call.value("self")}, attributes({{"axis", call.axis("dim", "self")}}))};
}

std::vector<ValueId> argMax(const Call& call)
{
    if (call.isNone("dim"))
        throw NotBuilt{"the place in the whole tensor is not built"};
    return {call.layer(
        "ArgMax", {call.value("self")},
        attributes(
            {{"axis", call.axis("dim", "self")}, {"keepDims", int64_t{call.flag("keepdim")}}, {"lastOfEqual", int64_t{0}}, {"topK", int64_t{1}}}))};
}

std::vector<ValueId> matMul(const Call& call)
{
    const char* second = call.isNone("other") ? "mat2" : "other";
    return {call.layer("MatMul", {call.value("self"), call.value(second)})};
}

std::vector<ValueId> addedProduct(const Call& call)
{
    if (call.real("beta", 1) != 1 || call.real("alpha", 1) != 1)
        throw NotBuilt{"its factors are not 1"};
    return {call.layer("Add", {call.layer("MatMul", {call.value("batch1"), call.value("batch2")}), call.value("self")})};
}

std::vector<ValueId> where(const Call& call)
{
    return {call.layer("Where", {call.value("condition"), operand(call, "self"), operand(call, "other")})};
}

std::vector<ValueId> maskedFill(const Call& call)
{
    return {call.layer("Where", {call.value("mask"), operand(call, "value"), call.value("self")})};
}

std::vector<ValueId> addScaled(const Call& call)
{
    if (call.real("value", 1) != 1)
        throw NotBuilt{"its factor is not 1"};
    return {call.layer("Add", {call.value("self"), call.layer("Mul", {call.value("tensor1"), call.value("tensor2")})})};
}

/// The Euclidean length along axes.
std::vector<ValueId> norm(const Call& call)
{
    const char* order = call.isNone("ord") ? "p" : "ord";
    if (call.real(order, 2) != 2)
        throw NotBuilt{"a norm other than the Euclidean is not built"};
    const ValueId squares = call.layer("Power", {call.value("self")}, attributes({{"power", 2.0}}));
    Ints axes = call.integers("dim");
    for (int64_t& axis : axes)
        axis += axis < 0 ? static_cast<int64_t>(call.rank("self")) : 0;
    return {call.layer("Sqrt", {call.layer("ReduceSum", {squares}, attributes({{"axes", axes}, {"keepDims", int64_t{call.flag("keepdim")}}}))})};
}

/// Of two operands, no label twice in one: a matrix product over what both have and the result has not.
std::vector<ValueId> einsum(const Call& call)
{
    const std::vector<at::Tensor> operands = call.tensors("tensors");
    if (operands.size() != 2)
        throw NotBuilt{"einsum '" + call.text("equation") + "' is not built: products of two operands are"};
    const auto plan = planEinsum(call.text("equation"), shapeOf(operands[0]), shapeOf(operands[1]));
    if (!plan)
        throw NotBuilt{plan.error().detail};
    const auto matrices = [&](const at::Tensor& operand, const EinsumPlan::Operand& how) {
        const ValueId ordered = call.layer("Permute", {call.valueOf(operand)}, attributes({{"order", how.order}}));
        return call.layer("Reshape", {ordered}, attributes({{"dims", how.matrices}}));
    };
    const ValueId left = matrices(operands[0], plan->left);
    const ValueId found = call.layer("MatMul", {left, matrices(operands[1], plan->right)});
    return {call.layer("Permute", {call.layer("Reshape", {found}, attributes({{"dims", plan->apart}}))}, attributes({{"order", plan->order}}))};
}

constexpr Row rows[] = {
    {"add", add},
    {"sub", subtract},
    {"rsub", reversedSubtract},
    {"mul", multiply},
    {"div", divide},
    {"floor_divide", floorDivide},
    {"pow", power},
    {"eq", compare<0>},
    {"gt", compare<1>},
    {"lt", compare<2>},
    {"ge", compare<3>},
    {"le", compare<4>},
    {"ne", notEqual},
    {"minimum", compare<5>},
    {"maximum", compare<6>},
    {"min", extremum<5>},
    {"max", extremum<6>},
    {"logical_and", compare<7>},
    {"logical_or", compare<8>},
    {"logical_xor", compare<9>},
    {"mean", mean},
    {"sum", total},
    {"amax", largest},
    {"amin", smallest},
    {"logsumexp", logSumExp},
    {"cumsum", runningSum},
    {"argmax", argMax},
    {"matmul", matMul},
    {"mm", matMul},
    {"bmm", matMul},
    {"baddbmm", addedProduct},
    {"where", where},
    {"masked_fill", maskedFill},
    {"addcmul", addScaled},
    {"norm", norm},
    {"linalg_vector_norm", norm},
    {"einsum", einsum},
};

}  // namespace

std::span<const Row> arithmeticRows()
{
    return rows;
}

}  // namespace qs::torchscript

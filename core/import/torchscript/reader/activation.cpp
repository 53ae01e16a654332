// Element by element.
#include "core/import/torchscript/reader/translate.h"

#include <cfloat>
#include <cmath>

namespace qs::torchscript {

namespace {

std::vector<ValueId> one(const Call& call, const char* op, Attributes settings = {})
{
    return {call.layer(op, {call.value("self")}, std::move(settings))};
}

#define QS_PLAIN(function, op)                      \
    std::vector<ValueId> function(const Call& call) \
    {                                               \
        return one(call, op);                       \
    }
QS_PLAIN(relu, "ReLU")
QS_PLAIN(sigmoid, "Sigmoid")
QS_PLAIN(tanh, "TanH")
QS_PLAIN(hardswish, "Hswish")
QS_PLAIN(exponential, "Exp")
QS_PLAIN(logarithm, "Log")
QS_PLAIN(absolute, "AbsVal")
QS_PLAIN(squareRoot, "Sqrt")
QS_PLAIN(sine, "Sin")
QS_PLAIN(cosine, "Cos")
QS_PLAIN(errorFunction, "Erf")
QS_PLAIN(floorOf, "Floor")
QS_PLAIN(ceilOf, "Ceil")
QS_PLAIN(roundOf, "Round")
QS_PLAIN(signOf, "Sign")
QS_PLAIN(silu, "Swish")
QS_PLAIN(logicalNot, "Not")
QS_PLAIN(mish, "Mish")
QS_PLAIN(tangent, "Tan")
QS_PLAIN(arcSine, "Asin")
QS_PLAIN(arcCosine, "Acos")
QS_PLAIN(arcTangent, "Atan")
QS_PLAIN(hyperbolicSine, "Sinh")
QS_PLAIN(hyperbolicCosine, "Cosh")
QS_PLAIN(inverseSinh, "Asinh")
QS_PLAIN(inverseCosh, "Acosh")
QS_PLAIN(inverseTanh, "Atanh")
QS_PLAIN(isNaN, "IsNaN")
QS_PLAIN(isInfinite, "IsInf")
QS_PLAIN(selu, "Selu")
#undef QS_PLAIN

std::vector<ValueId> power(const Call& call, double exponent, double scale = 1, double shift = 0)
{
    return one(call, "Power", attributes({{"power", exponent}, {"scale", scale}, {"shift", shift}}));
}

std::vector<ValueId> relu6(const Call& call)
{
    return one(call, "ReLU6", attributes({{"threshold", 6.0}}));
}

std::vector<ValueId> clamped(const Call& call, double low, double high)
{
    if (low == 0 && high == 6)
        return relu6(call);
    return one(call, "Clip", attributes({{"min", low}, {"max", high}}));
}

std::vector<ValueId> hardtanh(const Call& call)
{
    return clamped(call, call.real("min_val"), call.real("max_val"));
}

std::vector<ValueId> clamp(const Call& call)
{
    constexpr double most = FLT_MAX;
    return clamped(call, call.real("min", -most), call.real("max", most));
}

std::vector<ValueId> clampBelow(const Call& call)
{
    return clamped(call, call.real("min"), FLT_MAX);
}

std::vector<ValueId> clampAbove(const Call& call)
{
    return clamped(call, -static_cast<double>(FLT_MAX), call.real("max"));
}

std::vector<ValueId> hardsigmoid(const Call& call)
{
    return one(call, "HardSigmoid", attributes({{"alpha", 1.0 / 6}, {"beta", 0.5}}));
}

std::vector<ValueId> leakyRelu(const Call& call)
{
    return one(call, "ReLU", attributes({{"slope", call.real("negative_slope")}}));
}

std::vector<ValueId> elu(const Call& call)
{
    if (call.real("scale", 1) != 1 || call.real("input_scale", 1) != 1)
        throw NotBuilt{"its scales are not 1"};
    return one(call, "ELU", attributes({{"alpha", call.real("alpha")}}));
}

std::vector<ValueId> softplus(const Call& call)
{
    // Beyond the threshold torch gives x itself, which log(1 + exp(x)) is to the last bit from 20 on.
    if (call.real("beta", 1) != 1 || call.real("threshold", 20) < 20)
        throw NotBuilt{"its beta is not 1, or its threshold below 20"};
    return one(call, "BNLL");
}

std::vector<ValueId> gelu(const Call& call)
{
    if (!call.isNone("approximate") && call.text("approximate") != "none")
        return one(call, "Gelu", attributes({{"approximate", call.text("approximate")}}));
    const ValueId x = call.value("self");
    const ValueId erf = call.layer("Erf", {call.layer("Power", {x}, attributes({{"scale", std::sqrt(0.5)}}))});
    return {call.layer("Mul", {x, call.layer("Power", {erf}, attributes({{"scale", 0.5}, {"shift", 0.5}}))})};
}

std::vector<ValueId> prelu(const Call& call)
{
    const auto slope = call.weight("weight");
    return {call.layer("PReLU", {call.value("self")}, {}, {slope})};
}

std::vector<ValueId> negative(const Call& call)
{
    return power(call, 1, -1);
}

std::vector<ValueId> reciprocal(const Call& call)
{
    return power(call, -1);
}

std::vector<ValueId> inverseRoot(const Call& call)
{
    return power(call, -0.5);
}

std::vector<ValueId> square(const Call& call)
{
    return power(call, 2);
}

std::vector<ValueId> softmax(const Call& call)
{
    return one(call, "Softmax", attributes({{"axis", call.axis("dim", "self")}}));
}

std::vector<ValueId> logSoftmax(const Call& call)
{
    return one(call, "LogSoftmax", attributes({{"axis", call.axis("dim", "self")}}));
}

std::vector<ValueId> celu(const Call& call)
{
    return one(call, "Celu", attributes({{"alpha", call.real("alpha")}}));
}

std::vector<ValueId> threshold(const Call& call)
{
    if (call.real("value") != 0)
        throw NotBuilt{"a value other than 0 below the threshold is not built"};
    return one(call, "ThresholdedRelu", attributes({{"alpha", call.real("threshold")}}));
}

std::vector<ValueId> hardShrink(const Call& call)
{
    return one(call, "Shrink", attributes({{"lambda", call.real("lambd")}, {"bias", 0.0}}));
}

std::vector<ValueId> softShrink(const Call& call)
{
    return one(call, "Shrink", attributes({{"lambda", call.real("lambd")}, {"bias", call.real("lambd")}}));
}

std::vector<ValueId> logarithmOf(const Call& call, double base, double shift)
{
    return one(call, "Log", attributes({{"base", base}, {"shift", shift}}));
}

std::vector<ValueId> logarithm2(const Call& call)
{
    return logarithmOf(call, 2, 0);
}

std::vector<ValueId> logarithm10(const Call& call)
{
    return logarithmOf(call, 10, 0);
}

constexpr Row rows[] = {
    {"relu", relu},
    {"relu6", relu6},
    {"hardtanh", hardtanh},
    {"clamp", clamp},
    {"clamp_min", clampBelow},
    {"clamp_max", clampAbove},
    {"hardsigmoid", hardsigmoid},
    {"hardswish", hardswish},
    {"sigmoid", sigmoid},
    {"tanh", tanh},
    {"silu", silu},
    {"leaky_relu", leakyRelu},
    {"elu", elu},
    {"softplus", softplus},
    {"gelu", gelu},
    {"prelu", prelu},
    {"exp", exponential},
    {"log", logarithm},
    {"abs", absolute},
    {"sqrt", squareRoot},
    {"rsqrt", inverseRoot},
    {"reciprocal", reciprocal},
    {"neg", negative},
    {"square", square},
    {"sin", sine},
    {"cos", cosine},
    {"erf", errorFunction},
    {"floor", floorOf},
    {"ceil", ceilOf},
    {"round", roundOf},
    {"sign", signOf},
    {"logical_not", logicalNot},
    {"log2", logarithm2},
    {"log10", logarithm10},
    {"mish", mish},
    {"selu", selu},
    {"celu", celu},
    {"threshold", threshold},
    {"hardshrink", hardShrink},
    {"softshrink", softShrink},
    {"tan", tangent},
    {"asin", arcSine},
    {"acos", arcCosine},
    {"atan", arcTangent},
    {"sinh", hyperbolicSine},
    {"cosh", hyperbolicCosine},
    {"asinh", inverseSinh},
    {"acosh", inverseCosh},
    {"atanh", inverseTanh},
    {"isnan", isNaN},
    {"isinf", isInfinite},
    {"softmax", softmax},
    {"_softmax", softmax},
    {"log_softmax", logSoftmax},
    {"_log_softmax", logSoftmax},
};

}  // namespace

std::span<const Row> activationRows()
{
    return rows;
}

}  // namespace qs::torchscript

#include "core/ops/formulas.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace qs {

namespace {

/// In double: float loses digits where a function is flat.
using Formula = double (*)(double x, double a, double b);

struct Row {
    const char* op;
    Formula formula;
    const char* first = "";  ///< names of the attributes a and b
    double firstFallback = 0;
    const char* second = "";
    double secondFallback = 0;
};

double softplus(double x)
{
    return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

constexpr Row rows[] = {
    {"Mish", [](double x, double, double) { return x * std::tanh(softplus(x)); }},
    {"Selu", [](double x, double alpha, double gamma) { return gamma * (x > 0 ? x : alpha * std::expm1(x)); }, "alpha", 1.6732632423543772, "gamma",
     1.0507009873554805},
    {"Celu", [](double x, double alpha, double) { return x > 0 ? x : alpha * std::expm1(x / alpha); }, "alpha", 1},
    {"ThresholdedRelu", [](double x, double alpha, double) { return x > alpha ? x : 0; }, "alpha", 1},
    {"Softsign", [](double x, double, double) { return x / (1 + std::fabs(x)); }},
    {"Shrink", [](double x, double lambda, double bias) { return x < -lambda  ? x + bias
                                                                 : x > lambda ? x - bias
                                                                              : 0; }, "lambda", 0.5, "bias", 0},
    {"IsNaN", [](double x, double, double) { return std::isnan(x) ? 1.0 : 0.0; }},
    {"IsInf", [](double x, double negative, double positive) { return std::isinf(x) && (x < 0 ? negative : positive) != 0 ? 1.0 : 0.0; }},
    {"Tan", [](double x, double, double) { return std::tan(x); }},
    {"Asin", [](double x, double, double) { return std::asin(x); }},
    {"Acos", [](double x, double, double) { return std::acos(x); }},
    {"Atan", [](double x, double, double) { return std::atan(x); }},
    {"Sinh", [](double x, double, double) { return std::sinh(x); }},
    {"Cosh", [](double x, double, double) { return std::cosh(x); }},
    {"Asinh", [](double x, double, double) { return std::asinh(x); }},
    {"Acosh", [](double x, double, double) { return std::acosh(x); }},
    {"Atanh", [](double x, double, double) { return std::atanh(x); }},
};

double gelu(double x)
{
    return 0.5 * x * (1 + std::erf(x * std::numbers::sqrt2 / 2));
}

double geluByTanh(double x)
{
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 * std::numbers::inv_pi) * (x + 0.044715 * x * x * x)));
}

}  // namespace

RealUnary rareFormula(std::string_view op, const Attributes& attributes)
{
    if (op == "Gelu") {
        const bool byTanh = attributes.text("approximate", "none") == "tanh";
        return [formula = byTanh ? geluByTanh : gelu](float x) { return static_cast<float>(formula(static_cast<double>(x))); };
    }
    const auto row = std::find_if(std::begin(rows), std::end(rows), [op](const Row& candidate) { return op == candidate.op; });
    if (row == std::end(rows))
        return {};
    const double a = op == "IsInf" ? attributes.flag("negative", true) : attributes.real(row->first, row->firstFallback);
    const double b = op == "IsInf" ? attributes.flag("positive", true) : attributes.real(row->second, row->secondFallback);
    return [formula = row->formula, a, b](float x) { return static_cast<float>(formula(static_cast<double>(x), a, b)); };
}

}  // namespace qs

#include "core/ops/evaluate.h"

#include "core/ops/formulas.h"
#include "core/ops/shape_rules.h"
#include "core/ops/views.h"

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

bool isOneOf(std::string_view op, std::initializer_list<std::string_view> names)
{
    return std::find(names.begin(), names.end(), op) != names.end();
}

int64_t wrapped(uint64_t value)
{
    return static_cast<int64_t>(value);
}

int64_t quotient(int64_t a, int64_t b)
{
    // The one quotient that does not fit is the dividend again.
    return b == 0 ? 0 : b == -1 ? wrapped(0 - static_cast<uint64_t>(a)) : a / b;
}

int64_t remainder(int64_t a, int64_t b)
{
    return b == 0 || b == -1 ? 0 : a % b;
}

int64_t floored(int64_t a, int64_t b)
{
    const int64_t rest = remainder(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

int64_t power(int64_t base, int64_t exponent)
{
    if (exponent < 0)
        return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
    uint64_t result = 1;
    for (auto factor = static_cast<uint64_t>(base); exponent > 0; exponent >>= 1, factor *= factor)
        result *= exponent % 2 == 1 ? factor : 1;
    return wrapped(result);
}

float floored(float a, float b)
{
    const float rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/// Not-a-number wins, as in NumPy and ONNX.
float smaller(float a, float b)
{
    return std::isnan(a) || a < b ? a : b;
}

float larger(float a, float b)
{
    return std::isnan(a) || a > b ? a : b;
}

struct BinaryFormula {
    const char* op;
    RealBinary real;
    IntegerBinary integer;
};

constexpr BinaryFormula binaryFormulas[] = {
    {"Add", [](float a, float b) { return a + b; },
     [](int64_t a, int64_t b) { return wrapped(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }},
    {"Sub", [](float a, float b) { return a - b; },
     [](int64_t a, int64_t b) { return wrapped(static_cast<uint64_t>(a) - static_cast<uint64_t>(b)); }},
    {"Mul", [](float a, float b) { return a * b; },
     [](int64_t a, int64_t b) { return wrapped(static_cast<uint64_t>(a) * static_cast<uint64_t>(b)); }},
    {"Div", [](float a, float b) { return a / b; }, quotient},
    {"Pow", [](float a, float b) { return std::pow(a, b); }, power},
    {"Mod", floored, floored},
    {"Min", smaller, [](int64_t a, int64_t b) { return std::min(a, b); }},
    {"Max", larger, [](int64_t a, int64_t b) { return std::max(a, b); }},
    {"And", [](float a, float b) { return a != 0 && b != 0 ? 1.0F : 0.0F; }, [](int64_t a, int64_t b) -> int64_t { return a != 0 && b != 0; }},
    {"Or", [](float a, float b) { return a != 0 || b != 0 ? 1.0F : 0.0F; }, [](int64_t a, int64_t b) -> int64_t { return a != 0 || b != 0; }},
    {"Xor", [](float a, float b) { return (a != 0) != (b != 0) ? 1.0F : 0.0F; },
     [](int64_t a, int64_t b) -> int64_t { return (a != 0) != (b != 0); }},
    {"Equal", [](float a, float b) { return a == b ? 1.0F : 0.0F; }, [](int64_t a, int64_t b) -> int64_t { return a == b; }},
    {"Greater", [](float a, float b) { return a > b ? 1.0F : 0.0F; }, [](int64_t a, int64_t b) -> int64_t { return a > b; }},
    {"Less", [](float a, float b) { return a < b ? 1.0F : 0.0F; }, [](int64_t a, int64_t b) -> int64_t { return a < b; }},
    {"GreaterOrEqual", [](float a, float b) { return a >= b ? 1.0F : 0.0F; }, [](int64_t a, int64_t b) -> int64_t { return a >= b; }},
    {"LessOrEqual", [](float a, float b) { return a <= b ? 1.0F : 0.0F; }, [](int64_t a, int64_t b) -> int64_t { return a <= b; }},
};

const BinaryFormula* formulaOf(std::string_view op)
{
    const auto found = std::find_if(std::begin(binaryFormulas), std::end(binaryFormulas), [op](const auto& formula) { return op == formula.op; });
    return found == std::end(binaryFormulas) ? nullptr : &*found;
}

bool comparesOnly(std::string_view op)
{
    return isOneOf(op, {"And", "Or", "Xor", "Not", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"});
}

using Constants = std::span<const TypedConstant>;
using Evaluated = Result<std::vector<TypedConstant>>;

template <class T, class F>
Buffer combined(Constants inputs, const Shape& output, DType dtype, F formula)
{
    Buffer result(dtype, output);
    const auto out = result.as<T>();
    std::vector<Shape> shapes{output, {}};
    for (size_t i = 0; i < inputs.size(); ++i) {
        const auto in = inputs[i].data.as<T>();
        shapes[1] = inputs[i].data.shape();
        ops::forBroadcastRows(output, shapes, [&](int64_t at, auto first, auto step, int64_t count) {
            for (int64_t k = 0; k < count; ++k) {
                const T value = in[static_cast<size_t>(first[1] + k * step[1])];
                T& to = out[static_cast<size_t>(at + k)];
                to = i == 0 ? value : formula(to, value);
            }
        });
    }
    return result;
}

/// Two or more operands, from the left.
TypedConstant elementwise(const Layer& layer, Constants inputs, const Shape& output)
{
    const bool real = isFloating(inputs[0].type);
    TypedConstant result{comparesOnly(layer.op) ? ElementType::Bool : inputs[0].type, {}};
    if (real) {
        result.data = combined<float>(inputs, output, DType::F32, realBinary(layer.op, layer.attributes));
        // Comparisons of real numbers give booleans, which are kept as integers.
        if (result.type == ElementType::Bool) {
            Buffer marks(DType::I64, output);
            std::transform(result.data.floats().begin(), result.data.floats().end(), marks.as<int64_t>().begin(),
                           [](float mark) { return static_cast<int64_t>(mark); });
            result.data = marks;
        }
        return result;
    }
    const IntegerBinary formula = integerBinary(layer.op, layer.attributes);
    result.data = combined<int64_t>(inputs, output, DType::I64, [&](int64_t a, int64_t b) { return castInteger(formula(a, b), result.type); });
    return result;
}

Evaluated unary(const Layer& layer, const TypedConstant& input, const Shape& output)
{
    const bool real = isFloating(input.type);
    if (layer.op == "Cast") {
        const ElementType to = elementTypeNamed(layer.attributes.text("to", "")).value_or(input.type);
        TypedConstant result{to, Buffer(isFloating(to) ? DType::F32 : DType::I64, output)};
        for (size_t i = 0; i < static_cast<size_t>(input.data.count()); ++i) {
            if (isFloating(to))
                result.data.floats()[i] = castReal(real ? input.data.floats()[i] : static_cast<float>(input.data.as<int64_t>()[i]), to);
            else
                result.data.as<int64_t>()[i] = real ? castToInteger(input.data.floats()[i], to) : castInteger(input.data.as<int64_t>()[i], to);
        }
        return std::vector{result};
    }
    const RealUnary formula = realUnary(layer.op, layer.attributes);
    TypedConstant result{input.type, Buffer(real ? DType::F32 : DType::I64, output)};
    for (size_t i = 0; i < static_cast<size_t>(input.data.count()); ++i) {
        if (real) {
            result.data.floats()[i] = formula(input.data.floats()[i]);
            continue;
        }
        const int64_t x = input.data.as<int64_t>()[i];
        int64_t& y = result.data.as<int64_t>()[i];
        if (layer.op == "Not")
            y = x == 0 ? 1 : 0;
        else if (layer.op == "AbsVal")
            y = x < 0 ? wrapped(0 - static_cast<uint64_t>(x)) : x;
        else if (layer.op == "Power" && layer.attributes.real("scale", 1) == -1 && layer.attributes.real("power", 1) == 1)
            y = wrapped(0 - static_cast<uint64_t>(x));
        else if (layer.op == "Sign")
            y = static_cast<int64_t>(x > 0) - static_cast<int64_t>(x < 0);
        else
            return Error{ErrorCode::NotSupported, "of whole numbers it is not built", {}};
    }
    return std::vector{result};
}

template <class T, class Sum>
Buffer reducedTo(const std::string& op, const Buffer& data, const Shape& kept, DType dtype)
{
    Buffer result(dtype, kept);
    const auto in = data.as<T>();
    const auto out = result.as<T>();
    std::vector<Sum> sums(out.size(), op == "ReduceProd" ? Sum{1} : Sum{0});
    std::vector<char> begun(out.size(), 0);
    const std::vector<Shape> shapes{kept};
    ops::forBroadcastRows(data.shape(), shapes, [&](int64_t at, auto first, auto step, int64_t count) {
        for (int64_t k = 0; k < count; ++k) {
            const auto value = static_cast<Sum>(in[static_cast<size_t>(at + k)]);
            const auto to = static_cast<size_t>(first[0] + k * step[0]);
            if (op == "ReduceMax" || op == "ReduceMin")
                sums[to] = !begun[to] ? value : op == "ReduceMax" ? std::max(sums[to], value) : std::min(sums[to], value);
            else
                sums[to] = op == "ReduceProd" ? sums[to] * value : sums[to] + value;
            begun[to] = 1;
        }
    });
    const int64_t count = out.empty() ? 1 : data.count() / static_cast<int64_t>(out.size());
    for (size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<T>(op == "ReduceMean" && count > 0 ? sums[i] / static_cast<Sum>(count) : sums[i]);
    return result;
}

/// The input's shape with 1 where it is reduced.
Shape keptShape(const Layer& layer, const Shape& input)
{
    const std::vector<int64_t> axes = layer.attributes.integers("axes");
    Shape shape = axes.empty() ? Shape(input.size(), 1) : input;
    for (const int64_t axis : axes)
        shape[static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(input.size()) : axis)] = 1;
    return shape;
}

TypedConstant reduced(const Layer& layer, const TypedConstant& input, const Shape& output)
{
    const Shape kept = keptShape(layer, input.data.shape());
    // Whole numbers: sums and products wrap as unsigned ones do; a mean is rounded towards zero.
    const bool wraps = layer.op == "ReduceSum" || layer.op == "ReduceProd";
    const Buffer data = isFloating(input.type) ? reducedTo<float, double>(layer.op, input.data, kept, DType::F32)
                        : wraps                ? reducedTo<int64_t, uint64_t>(layer.op, input.data, kept, DType::I64)
                                               : reducedTo<int64_t, int64_t>(layer.op, input.data, kept, DType::I64);
    return {input.type, data.reshaped(output)};
}

template <class T>
void joined(Constants inputs, size_t axis, Buffer& result)
{
    const Shape& shape = result.shape();
    const int64_t inner = elementCount(Shape(shape.begin() + static_cast<std::ptrdiff_t>(axis), shape.end()));
    int64_t offset = 0;
    for (const TypedConstant& input : inputs) {
        const Shape& own = input.data.shape();
        const int64_t run = elementCount(Shape(own.begin() + static_cast<std::ptrdiff_t>(axis), own.end()));
        for (int64_t o = 0; run > 0 && o < input.data.count() / run; ++o)
            std::copy_n(input.data.as<T>().data() + o * run, run, result.as<T>().data() + o * inner + offset);
        offset += run;
    }
}

template <class T>
Buffer viewed(const Buffer& data, const ops::View& view)
{
    Buffer result(data.dtype(), view.shape);
    if (result.count() > 0)
        ops::copyView(view, data.as<T>().data(), result.as<T>().data());
    return result;
}

Buffer viewed(const Buffer& data, const ops::View& view, const Shape& output)
{
    return (data.dtype() == DType::I64 ? viewed<int64_t>(data, view) : viewed<float>(data, view)).reshaped(output);
}

Evaluated gathered(const Layer& layer, Constants inputs, const Shape& output)
{
    const Buffer& data = inputs[0].data;
    const Buffer& indices = inputs[1].data;
    if (indices.dtype() != DType::I64)
        return Error{ErrorCode::WrongType, "its indices are no whole numbers", {}};
    QS_TRY(const size_t axis, ops::axisOf(layer, "axis", 0, data.shape().size()));
    Buffer result(data.dtype(), output);
    const auto at = [&](int64_t k) { return indices.as<int64_t>()[static_cast<size_t>(k)]; };
    const bool inside = data.dtype() == DType::I64
                            ? ops::gatherElements(data.as<int64_t>().data(), data.shape(), axis, indices.count(), at, result.as<int64_t>().data())
                            : ops::gatherElements(data.as<float>().data(), data.shape(), axis, indices.count(), at, result.as<float>().data());
    if (!inside)
        return Error{ErrorCode::OutOfRange, "an index is outside " + shapeText(data.shape()), {}};
    return std::vector{TypedConstant{inputs[0].type, result}};
}

template <class T>
void chosen(Constants inputs, Buffer& result)
{
    const std::vector<Shape> shapes{inputs[0].data.shape(), inputs[1].data.shape(), inputs[2].data.shape()};
    const bool real = inputs[0].data.dtype() == DType::F32;
    ops::forBroadcastRows(result.shape(), shapes, [&](int64_t at, auto first, auto step, int64_t count) {
        for (int64_t k = 0; k < count; ++k) {
            const auto mark = static_cast<size_t>(first[0] + k * step[0]);
            const size_t from = real ? (inputs[0].data.floats()[mark] != 0 ? 1 : 2) : (inputs[0].data.as<int64_t>()[mark] != 0 ? 1 : 2);
            result.as<T>()[static_cast<size_t>(at + k)] = inputs[from].data.as<T>()[static_cast<size_t>(first[from] + k * step[from])];
        }
    });
}

std::vector<TypedConstant> cut(const Layer& layer, const TypedConstant& input, const std::vector<Shape>& outputs)
{
    const Shape& shape = input.data.shape();
    const auto axis = ops::axisOf(layer, "axis", 1, shape.size());
    ops::View view = ops::wholeView(shape);
    std::vector<TypedConstant> pieces;
    for (const Shape& output : outputs) {
        view.shape = output;
        pieces.push_back({input.type, viewed(input.data, view, output)});
        view.offset += output[*axis] * view.strides[*axis];
    }
    return pieces;
}

constexpr std::string_view copies[] = {"Identity", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze"};
constexpr std::string_view views[] = {"StridedSlice", "Permute", "Expand", "Tile"};
constexpr std::string_view reductions[] = {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"};

template <class Names>
bool among(std::string_view op, const Names& names)
{
    return std::find(std::begin(names), std::end(names), op) != std::end(names);
}

Result<void> checkTypes(const Layer& layer, Constants inputs)
{
    // Indices and marks may differ from what they choose.
    const size_t first = layer.op == "Where" ? 1 : 0;
    const size_t count = layer.op == "Gather" ? 1 : inputs.size();
    for (size_t i = first; i < count; ++i)
        if (inputs[i].data.dtype() != inputs[first].data.dtype())
            return Error{
                ErrorCode::WrongType, std::string("it mixes ") + elementTypeName(inputs[first].type) + " and " + elementTypeName(inputs[i].type), {}};
    return {};
}

}  // namespace

RealBinary realBinary(std::string_view op, const Attributes& attributes)
{
    if (op == "Mod" && attributes.flag("fmod", false))
        return [](float a, float b) { return std::fmod(a, b); };
    if (op == "Div" && attributes.flag("integers", false))
        return [](float a, float b) { return b == 0 ? 0 : std::trunc(a / b); };
    if (op == "Pow" && attributes.flag("integers", false))
        return [](float a, float b) { return std::trunc(std::pow(a, b)); };
    const BinaryFormula* formula = formulaOf(op);
    return formula ? formula->real : nullptr;
}

IntegerBinary integerBinary(std::string_view op, const Attributes& attributes)
{
    if (op == "Mod" && attributes.flag("fmod", false))
        return remainder;
    const BinaryFormula* formula = formulaOf(op);
    return formula ? formula->integer : nullptr;
}

RealUnary realUnary(std::string_view op, const Attributes& attributes)
{
    const auto real = [&](const char* name, double fallback) { return static_cast<float>(attributes.real(name, fallback)); };
    if (op == "Power")
        return [p = real("power", 1), a = real("scale", 1), b = real("shift", 0)](float x) { return p == 1 ? b + a * x : std::pow(b + a * x, p); };
    if (op == "Exp" && !attributes.has("base"))
        return [](float x) { return std::exp(x); };
    if (op == "Log" && !attributes.has("base"))
        return [](float x) { return std::log(x); };
    if (op == "Sqrt")
        return [](float x) { return std::sqrt(x); };
    if (op == "AbsVal")
        return [](float x) { return std::fabs(x); };
    if (op == "Ceil")
        return [](float x) { return std::ceil(x); };
    if (op == "Floor")
        return [](float x) { return std::floor(x); };
    if (op == "Round")
        return [](float x) { return std::nearbyint(x); };
    if (op == "Sign")
        return [](float x) { return static_cast<float>(static_cast<int>(x > 0) - static_cast<int>(x < 0)); };
    if (op == "Sin")
        return [](float x) { return std::sin(x); };
    if (op == "Cos")
        return [](float x) { return std::cos(x); };
    if (op == "Not")
        return [](float x) { return x == 0 ? 1.0F : 0.0F; };
    if (op == "HardSigmoid")
        return [a = real("alpha", 0.2), b = real("beta", 0.5)](float x) { return std::clamp(a * x + b, 0.0F, 1.0F); };
    if (op == "Cast")
        return [to = elementTypeNamed(attributes.text("to", "")).value_or(ElementType::Float32)](float x) { return castReal(x, to); };
    return rareFormula(op, attributes);
}

bool canEvaluate(std::string_view op)
{
    return formulaOf(op) || realUnary(op, {}) || among(op, copies) || among(op, views) || among(op, reductions) ||
           isOneOf(op, {"Concat", "Gather", "Where", "Slice"});
}

Evaluated evaluate(const Layer& layer, Constants inputs, const std::vector<Shape>& outputs, ConstantBudget& budget)
{
    QS_CHECK(checkTypes(layer, inputs));
    const Shape& output = outputs.front();
    if (among(layer.op, copies))
        return std::vector{TypedConstant{inputs[0].type, inputs[0].data.reshaped(output)}};
    for (const Shape& shape : outputs) {
        const auto count = ops::productOf(shape, 0, shape.size());
        // Twice: comparisons pass through real numbers.
        if (!count || !budget.take(2 * 8 * *count))
            return Error{ErrorCode::FileTooLarge, "the constant " + shapeText(shape) + " that it computes is out of proportion to the file", {}};
    }
    if (formulaOf(layer.op))
        return std::vector{elementwise(layer, inputs, output)};
    if (among(layer.op, reductions))
        return std::vector{reduced(layer, inputs[0], output)};
    if (among(layer.op, views))
        return std::vector{
            TypedConstant{inputs[0].type, viewed(inputs[0].data, *ops::viewOf(layer.op, layer.attributes, inputs[0].data.shape(), output), output)}};
    if (layer.op == "Slice")
        return cut(layer, inputs[0], outputs);
    if (layer.op == "Gather")
        return gathered(layer, inputs, output);
    if (realUnary(layer.op, layer.attributes))
        return unary(layer, inputs[0], output);
    TypedConstant result{inputs[layer.op == "Where" ? 1 : 0].type, {}};
    const bool real = isFloating(result.type);
    result.data = Buffer(real ? DType::F32 : DType::I64, output);
    if (layer.op == "Where") {
        real ? chosen<float>(inputs, result.data) : chosen<int64_t>(inputs, result.data);
        return std::vector{result};
    }
    if (layer.op != "Concat")
        return Error{ErrorCode::NotSupported, "it is not computed on constants", {}};
    QS_TRY(const size_t axis, ops::axisOf(layer, "axis", 1, output.size()));
    real ? joined<float>(inputs, axis, result.data) : joined<int64_t>(inputs, axis, result.data);
    return std::vector{result};
}

}  // namespace qs

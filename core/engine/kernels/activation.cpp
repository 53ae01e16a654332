// Element by element, in whatever layout the input has.
#include "core/base/levels.h"
#include "core/base/parallel.h"
#include "core/engine/kernels/functions.h"
#include "core/engine/kernels/lists.h"
#include "core/quant/code_grid.h"
#include "core/quant/fake_quant.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace qs::kernels {

namespace {

using SpanFunction = std::function<void(const float* in, float* out, int64_t count)>;

/// Values that one thread takes at a time: some microseconds of work.
constexpr int64_t piece = 1 << 13;

std::unique_ptr<Kernel> elementKernel(const Work& work, SpanFunction function)
{
    return sameLayoutKernel(work, [function = std::move(function)](Inputs inputs, Outputs outputs) -> Result<void> {
        forChunks(inputs[0].count(), piece,
                  [&](int64_t, int64_t begin, int64_t end) { function(inputs[0].data() + begin, outputs[0].data() + begin, end - begin); });
        return {};
    });
}

/// A loop around a formula.
template <class Formula>
SpanFunction each(Formula formula)
{
    return [formula](const float* in, float* out, int64_t count) {
        for (int64_t i = 0; i < count; ++i)
            out[i] = formula(in[i]);
    };
}

QS_LEVELS(void, reluSpan, (const float* in, float* out, int64_t count, float slope), (in, out, count, slope))
{
    for (int64_t i = 0; i < count; ++i)
        out[i] = in[i] > 0 ? in[i] : in[i] * slope;
}

QS_LEVELS(void, clampSpan, (const float* in, float* out, int64_t count, float low, float high), (in, out, count, low, high))
{
    for (int64_t i = 0; i < count; ++i) {
        const float value = in[i] < low ? low : in[i];
        out[i] = value > high ? high : value;
    }
}

QS_LEVELS(void, hardSwishSpan, (const float* in, float* out, int64_t count), (in, out, count))
{
    for (int64_t i = 0; i < count; ++i) {
        float gate = in[i] + 3;
        gate = gate < 0 ? 0 : gate;
        gate = gate > 6 ? 6 : gate;
        out[i] = in[i] * gate / 6;
    }
}

SpanFunction spanOf(FunctionSpan span)
{
    return [span](const float* in, float* out, int64_t count) {
        FunctionSpan here = span;
        here.in = in;
        here.out = out;
        here.count = count;
        apply(here);
    };
}

SpanFunction powerFunction(double power, double scale, double shift)
{
    const auto p = static_cast<float>(power);
    const auto a = static_cast<float>(scale);
    const auto b = static_cast<float>(shift);
    if (power == 1)
        return each([=](float x) { return b + a * x; });
    if (power == 2)
        return each([=](float x) { return (b + a * x) * (b + a * x); });
    return each([=](float x) { return std::pow(b + a * x, p); });
}

SpanFunction relu6Function(float threshold, float slope)
{
    if (slope == 0)
        return [threshold](const float* in, float* out, int64_t count) { clampSpan(in, out, count, 0, threshold); };
    return each([=](float x) { return std::min(x > 0 ? x : slope * x, threshold); });
}

SpanFunction geluFunction(bool byTanh)
{
    // Of x: what the error function, or tanh for it, is taken of.
    const auto inner = [byTanh](float x) {
        return byTanh ? static_cast<float>(std::sqrt(2 * std::numbers::inv_pi)) * (x + 0.044715F * x * x * x)
                      : x * (std::numbers::sqrt2_v<float> / 2);
    };
    const Function function = byTanh ? Function::HyperbolicTangent : Function::ErrorFunction;
    return [inner, function](const float* in, float* out, int64_t count) {
        std::transform(in, in + count, out, inner);
        apply({.function = function, .in = out, .out = out, .count = count});
        for (int64_t i = 0; i < count; ++i)
            out[i] = in[i] * (0.5F + 0.5F * out[i]);
    };
}

SpanFunction functionOf(const std::string& op, const Attributes& attributes)
{
    const auto real = [&](const char* name, double fallback) { return static_cast<float>(attributes.real(name, fallback)); };
    if (op == "ReLU")
        return [slope = real("slope", 0)](const float* in, float* out, int64_t count) { reluSpan(in, out, count, slope); };
    if (op == "ReLU6")
        return relu6Function(real("threshold", 6), real("slope", 0));
    if (op == "RReLU")
        return [slope = static_cast<float>((attributes.real("lower", 0.125) + attributes.real("upper", 1.0 / 3)) / 2)](
                   const float* in, float* out, int64_t count) { reluSpan(in, out, count, slope); };
    if (op == "BNLL")
        return each([](float x) { return x > 0 ? x + std::log(1 + std::exp(-x)) : std::log(1 + std::exp(x)); });
    if (op == "Threshold")
        return each([threshold = real("threshold", 0)](float x) { return x > threshold ? 1.0F : 0.0F; });
    if (op == "Sqrt")
        return each([](float x) { return std::sqrt(x); });
    if (op == "Sign")
        return each([](float x) { return static_cast<float>(static_cast<int>(x > 0) - static_cast<int>(x < 0)); });
    if (op == "Sin")
        return each([](float x) { return std::sin(x); });
    if (op == "Cos")
        return each([](float x) { return std::cos(x); });
    if (op == "Erf")
        return spanOf({.function = Function::ErrorFunction});
    if (op == "Ceil")
        return each([](float x) { return std::ceil(x); });
    if (op == "Clip")
        return [low = real("min", 0), high = real("max", 6)](const float* in, float* out, int64_t count) { clampSpan(in, out, count, low, high); };
    if (op == "Sigmoid")
        return spanOf({.function = Function::Sigmoid});
    if (op == "TanH")
        return spanOf({.function = Function::HyperbolicTangent});
    if (op == "ELU")
        return spanOf({.function = Function::ExponentialLinear, .a = real("alpha", 1)});
    if (op == "Swish")
        return spanOf({.function = Function::Swish, .a = real("beta", 1)});
    if (op == "Gelu")
        return geluFunction(attributes.text("approximate", "none") == "tanh");
    if (op == "Hswish")
        return hardSwishSpan;
    if (op == "AbsVal")
        return each([](float x) { return std::fabs(x); });
    if (op == "Power")
        return powerFunction(attributes.real("power", 1), attributes.real("scale", 1), attributes.real("shift", 0));
    const double base = attributes.real("base", -1);
    const float logBase = base == -1 ? 1.0F : static_cast<float>(std::log(base));
    const float scale = real("scale", 1);
    const float shift = real("shift", 0);
    if (op == "Exp")
        return spanOf({.function = Function::Exponential, .a = logBase, .b = scale, .c = shift});
    return each([=](float x) { return std::log(shift + scale * x) / logBase; });  // Log
}

QS_LEVELS(void, preluPixel, (const float* in, const float* slopes, float* out, int64_t channels), (in, slopes, out, channels))
{
    for (int64_t c = 0; c < channels; ++c)
        out[c] = in[c] > 0 ? in[c] : in[c] * slopes[c];
}

}  // namespace

KernelResult unary(const Work& work)
{
    return elementKernel(work, functionOf(work.layer().op, work.attributes()));
}

KernelResult crelu(const Work& work)
{
    const auto slope = static_cast<float>(work.attributes().real("slope", 0));
    const Shape& shape = work.input();
    const auto axis = static_cast<std::ptrdiff_t>(axisOf(work.attributes(), 1, shape.size()));
    const int64_t inner = elementCount(Shape(shape.begin() + axis, shape.end()));
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        std::vector<float> negative(static_cast<size_t>(inner));
        for (int64_t o = 0; o < inputs[0].count() / inner; ++o) {
            const float* in = inputs[0].data() + o * inner;
            std::transform(in, in + inner, negative.begin(), [](float x) { return -x; });
            reluSpan(in, outputs[0].data() + 2 * o * inner, inner, slope);
            reluSpan(negative.data(), outputs[0].data() + (2 * o + 1) * inner, inner, slope);
        }
        return {};
    });
}

KernelResult prelu(const Work& work)
{
    const std::shared_ptr<const Buffer> slope = work.weight(0);
    if (slope->count() == 1)
        return elementKernel(work, [value = slope->floats()[0]](const float* in, float* out, int64_t count) { reluSpan(in, out, count, value); });
    const int64_t channels = work.input()[1];
    if (work.request.inputLayouts.front() == Layout::ChannelsLast)
        return sameLayoutKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
            forChunks(inputs[0].count() / channels, 1024, [&](int64_t, int64_t begin, int64_t end) {
                for (int64_t pixel = begin; pixel < end; ++pixel)
                    preluPixel(inputs[0].data() + pixel * channels, slope->floats().data(), outputs[0].data() + pixel * channels, channels);
            });
            return {};
        });
    const int64_t plane = elementCount(work.input()) / work.input()[0] / channels;
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        for (int64_t i = 0; i < inputs[0].count() / plane; ++i)
            reluSpan(inputs[0].data() + i * plane, outputs[0].data() + i * plane, plane, slope->floats()[static_cast<size_t>(i % channels)]);
        return {};
    });
}

KernelResult softmax(const Work& work)
{
    const Lists lists = softmaxLists(work);
    const int64_t outer = lists.outer;
    const int64_t size = lists.size;
    const int64_t inner = lists.inner;
    if (inner == 1)
        return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
            forChunks(outer, std::max<int64_t>(1, (1 << 14) / size), [&](int64_t, int64_t begin, int64_t end) {
                for (int64_t o = begin; o < end; ++o) {
                    const float* in = inputs[0].data() + o * size;
                    float* out = outputs[0].data() + o * size;
                    const float sum = exponentials(in, out, size, *std::max_element(in, in + size));
                    for (int64_t k = 0; k < size; ++k)
                        out[k] /= sum;
                }
            });
            return {};
        });
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        for (int64_t o = 0; o < outer; ++o)
            for (int64_t i = 0; i < inner; ++i) {
                const float* in = inputs[0].data() + o * size * inner + i;
                float* out = outputs[0].data() + o * size * inner + i;
                float largest = in[0];
                for (int64_t k = 1; k < size; ++k)
                    largest = std::max(largest, in[k * inner]);
                float sum = 0;
                for (int64_t k = 0; k < size; ++k)
                    sum += out[k * inner] = std::exp(in[k * inner] - largest);
                for (int64_t k = 0; k < size; ++k)
                    out[k * inner] /= sum;
            }
        return {};
    });
}

// Quant gives integers, here as floats (exact: at most 16 bits); AntiQuant gives back (q - offset) * scale. Together they are fakeQuantize. Unsigned
// codes are signed ones with everything moved up by half the range.
KernelResult quant(const Work& work)
{
    const CodeGrid grid = codeGrid(work.attributes());
    return sameLayoutKernel(work, [params = grid.params, shift = grid.shift](Inputs inputs, Outputs outputs) -> Result<void> {
        std::vector<int32_t> codes(static_cast<size_t>(inputs[0].count()));
        quantize(inputs[0].values(), codes, params);
        std::transform(codes.begin(), codes.end(), outputs[0].data(), [shift](int32_t code) { return static_cast<float>(code + shift); });
        return {};
    });
}

KernelResult antiQuant(const Work& work)
{
    const auto scale = static_cast<float>(work.attributes().real("scale", 1));
    const auto offset = static_cast<float>(work.attributes().integer("offset", 0));
    return elementKernel(work, each([scale, offset](float q) { return (q - offset) * scale; }));
}

}  // namespace qs::kernels

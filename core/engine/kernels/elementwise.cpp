#include "core/base/levels.h"
#include "core/base/parallel.h"
#include "core/engine/kernels/evaluated.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/prod.h>
#include <ATen/ops/sum.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>

namespace qs::kernels {

namespace {

enum class Operation { Add, Subtract, Multiply, Divide, Maximum, MultiplyAdd };

/// An operand along a span: its values, or one for all of it.
struct Many {
    const float* from;
    [[gnu::always_inline]] float operator[](int64_t i) const { return from[i]; }
};
struct One {
    float value;
    [[gnu::always_inline]] float operator[](int64_t) const { return value; }
};

template <class A, class B>
[[gnu::always_inline]] inline void combineOperands(A a, B b, float* out, int64_t count, Operation operation, float factor)
{
    switch (operation) {
        case Operation::Add:
            for (int64_t i = 0; i < count; ++i)
                out[i] = a[i] + b[i];
            break;
        case Operation::Subtract:
            for (int64_t i = 0; i < count; ++i)
                out[i] = a[i] - b[i];
            break;
        case Operation::Multiply:
            for (int64_t i = 0; i < count; ++i)
                out[i] = a[i] * b[i];
            break;
        case Operation::Divide:
            for (int64_t i = 0; i < count; ++i)
                out[i] = a[i] / b[i];
            break;
        case Operation::Maximum:
            for (int64_t i = 0; i < count; ++i)
                out[i] = a[i] > b[i] ? a[i] : b[i];
            break;
        case Operation::MultiplyAdd:
            for (int64_t i = 0; i < count; ++i)
                out[i] = a[i] + b[i] * factor;
            break;
    }
}

QS_LEVELS(void, combineSpan, (const float* a, const float* b, float* out, int64_t count, Operation operation, float factor),
          (a, b, out, count, operation, factor))
{
    combineOperands(Many{a}, Many{b}, out, count, operation, factor);
}

/// With one value for all of the span.
QS_LEVELS(void, combineWithFirst, (float a, const float* b, float* out, int64_t count, Operation operation), (a, b, out, count, operation))
{
    combineOperands(One{a}, Many{b}, out, count, operation, 1);
}

QS_LEVELS(void, combineWithSecond, (const float* a, float b, float* out, int64_t count, Operation operation), (a, b, out, count, operation))
{
    combineOperands(Many{a}, One{b}, out, count, operation, 1);
}

/// Values that one thread takes at a time: fewer are not worth fetching from where another thread has made them.
constexpr int64_t piece = 1 << 15;

void combine(const Tensor& a, const Tensor& b, Tensor& out, Operation operation, float factor = 1)
{
    forChunks(out.count(), piece, [&](int64_t, int64_t begin, int64_t end) {
        combineSpan(a.data() + begin, b.data() + begin, out.data() + begin, end - begin, operation, factor);
    });
}

}  // namespace

KernelResult eltwise(const Work& work)
{
    const std::string name = work.attributes().text("operation", "sum");
    const Operation operation = name == "prod" ? Operation::Multiply : name == "max" ? Operation::Maximum : Operation::Add;
    const std::vector<double> coefficients = work.attributes().reals("coefficients");
    return sameLayoutKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        Tensor& out = outputs[0];
        const auto coefficient = [&](size_t i) { return coefficients.empty() ? 1.0F : static_cast<float>(coefficients[i]); };
        const bool asItIs = coefficient(0) == 1.0F && inputs.size() > 1;
        if (!asItIs)
            for (int64_t i = 0; i < out.count(); ++i)
                out.data()[i] = inputs[0].data()[i] * coefficient(0);
        for (size_t i = 1; i < inputs.size(); ++i) {
            const bool scaled = operation == Operation::Add && coefficient(i) != 1.0F;
            combine(asItIs && i == 1 ? inputs[0] : out, inputs[i], out, scaled ? Operation::MultiplyAdd : operation, coefficient(i));
        }
        return {};
    });
}

namespace {

/// How two operands meet over an output: dimensions along which both go on alike are one. A step is 0 where an operand is repeated.
struct Broadcast {
    struct Dimension {
        int64_t size, stepA, stepB;
    };
    std::vector<Dimension> dimensions;  ///< the last one is a span

    Broadcast(const Shape& a, const Shape& b, const Shape& out)
    {
        const auto sizeOf = [&out](const Shape& shape, size_t d) {
            const size_t missing = out.size() - shape.size();
            return d < missing ? 1 : shape[d - missing];
        };
        int64_t stepA = 1;
        int64_t stepB = 1;
        for (size_t d = out.size(); d-- > 0;) {
            const Dimension here{out[d], sizeOf(a, d) == 1 ? 0 : stepA, sizeOf(b, d) == 1 ? 0 : stepB};
            stepA *= sizeOf(a, d);
            stepB *= sizeOf(b, d);
            if (here.size == 1)
                continue;
            if (!dimensions.empty()) {
                Dimension& inner = dimensions.back();
                if (here.stepA == inner.stepA * inner.size && here.stepB == inner.stepB * inner.size) {
                    inner.size *= here.size;
                    continue;
                }
            }
            dimensions.push_back(here);
        }
        if (dimensions.empty())
            dimensions.push_back({1, 0, 0});
        std::reverse(dimensions.begin(), dimensions.end());
    }

    int64_t span() const { return dimensions.back().size; }
    /// Of the operands, where the span of this number begins.
    std::pair<int64_t, int64_t> starts(int64_t number) const
    {
        std::pair<int64_t, int64_t> starts{0, 0};
        for (size_t d = dimensions.size() - 1; d-- > 0;) {
            const int64_t place = number % dimensions[d].size;
            number /= dimensions[d].size;
            starts.first += place * dimensions[d].stepA;
            starts.second += place * dimensions[d].stepB;
        }
        return starts;
    }
};

void combineBroadcast(const Broadcast& shapes, const float* a, const float* b, float* out, int64_t count, Operation operation)
{
    const Broadcast::Dimension& span = shapes.dimensions.back();
    // A long span is cut, so that threads can share it.
    const int64_t length = std::min(span.size, piece);
    const int64_t cuts = (span.size + length - 1) / length;
    forChunks(count / span.size * cuts, std::max<int64_t>(1, piece / length), [&](int64_t, int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const auto [fromA, fromB] = shapes.starts(i / cuts);
            const int64_t first = i % cuts * length;
            const int64_t some = std::min(length, span.size - first);
            const float* hereA = a + fromA + first * span.stepA;
            const float* hereB = b + fromB + first * span.stepB;
            float* to = out + i / cuts * span.size + first;
            if (span.stepA == 0)
                combineWithFirst(*hereA, hereB, to, some, operation);
            else if (span.stepB == 0)
                combineWithSecond(hereA, *hereB, to, some, operation);
            else
                combineSpan(hereA, hereB, to, some, operation, 1);
        }
    });
}

/// Whether an input is one value a channel, of each picture or of all.
bool isOnePixel(const Work& work, size_t port)
{
    const Shape& shape = work.input(port);
    const Shape& whole = work.output();
    return shape.size() > 2 && shape.size() == whole.size() && shape[1] == whole[1] && elementCount({shape.begin() + 2, shape.end()}) == 1 &&
           (shape[0] == 1 || shape[0] == whole[0]);
}

/// A picture in channels-last layout with one pixel, as the gates of squeeze and excitation are.
KernelResult withOnePixel(const Work& work, Operation operation, size_t wide)
{
    const Shape& shape = work.output();
    const int64_t channels = shape[1];
    const int64_t pixels = elementCount({shape.begin() + 2, shape.end()});
    const int64_t step = work.input(1 - wide)[0] == 1 ? 0 : channels;
    return makeKernel(
        {Layout::ChannelsLast, Layout::ChannelsLast}, {Layout::ChannelsLast}, work.outputShapes, [=](Inputs inputs, Outputs outputs) -> Result<void> {
            forChunks(outputs[0].count() / channels, std::max<int64_t>(1, (1 << 14) / channels), [&](int64_t, int64_t begin, int64_t end) {
                for (int64_t pixel = begin; pixel < end; ++pixel) {
                    const float* one = inputs[1 - wide].data() + pixel / pixels * step;
                    const float* many = inputs[wide].data() + pixel * channels;
                    combineSpan(wide == 0 ? many : one, wide == 0 ? one : many, outputs[0].data() + pixel * channels, channels, operation, 1);
                }
            });
            return {};
        });
}

}  // namespace

KernelResult binary(const Work& work)
{
    const std::string op = work.layer().op;
    if (work.attributes().flag("integers", false))
        return evaluatedBinary(work);
    const Operation operation = op == "Add"   ? Operation::Add
                                : op == "Sub" ? Operation::Subtract
                                : op == "Mul" ? Operation::Multiply
                                              : Operation::Divide;
    if (work.input(0) == work.input(1))
        return sameLayoutKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
            combine(inputs[0], inputs[1], outputs[0], operation);
            return {};
        });
    for (const size_t wide : {size_t{0}, size_t{1}})
        if (work.request.inputLayouts[wide] == Layout::ChannelsLast && work.input(wide) == work.output() && isOnePixel(work, 1 - wide))
            return withOnePixel(work, operation, wide);
    return plainKernel(work, [=, shapes = Broadcast(work.input(0), work.input(1), work.output())](Inputs inputs, Outputs outputs) -> Result<void> {
        Tensor& out = outputs[0];
        if (out.count() > 0)
            combineBroadcast(shapes, inputs[0].data(), inputs[1].data(), out.data(), out.count(), operation);
        return {};
    });
}

namespace {

at::Tensor reduced(const std::string& op, at::Tensor value, const std::vector<int64_t>& axes)
{
    if (op == "ReduceMean")
        return at::mean(value, axes, true);
    if (op == "ReduceSum")
        return at::sum(value, axes, true);
    if (op == "ReduceMax")
        return at::amax(value, axes, true);
    if (op == "ReduceMin")
        return at::amin(value, axes, true);
    if (op == "ReduceL1")
        return at::sum(value.abs(), axes, true);
    if (op == "ReduceL2")
        return at::sum(value.mul(value), axes, true).sqrt();
    if (op == "ReduceSumSquare")
        return at::sum(value.mul(value), axes, true);
    if (op == "ReduceLogSum")
        return at::sum(value, axes, true).log();
    if (op == "ReduceLogSumExp")
        return at::logsumexp(value, axes, true);
    for (const int64_t axis : axes)
        value = at::prod(value, axis, true);
    return value;
}

enum class Reducing { Sum, Mean, Maximum, Minimum };

/// Of what lies together.
QS_LEVELS(float, reduceSpan, (const float* in, int64_t count, Reducing how), (in, count, how))
{
    constexpr int64_t parts = 8;
    int64_t i = 0;
    if (how == Reducing::Sum || how == Reducing::Mean) {
        double sums[parts] = {};
        for (; i + parts <= count; i += parts)
            for (int64_t part = 0; part < parts; ++part)
                sums[part] += static_cast<double>(in[i + part]);
        double sum = 0;
        for (; i < count; ++i)
            sum += static_cast<double>(in[i]);
        for (const double part : sums)
            sum += part;
        return static_cast<float>(how == Reducing::Mean ? sum / static_cast<double>(count) : sum);
    }
    float found = in[0];
    bool number = true;
    for (; i < count; ++i) {
        number &= in[i] == in[i];
        found = (how == Reducing::Maximum ? in[i] > found : in[i] < found) ? in[i] : found;
    }
    return number ? found : __builtin_nanf("");
}

/// Of `count` rows, each after the other, value by value; `sums` for as many values as a row has.
QS_LEVELS(void, addRows, (const float* in, int64_t count, int64_t step, double* sums, int64_t values), (in, count, step, sums, values))
{
    for (int64_t i = 0; i < values; ++i)
        sums[i] = 0;
    for (int64_t row = 0; row < count; ++row)
        for (int64_t i = 0; i < values; ++i)
            sums[i] += static_cast<double>(in[row * step + i]);
}

/// Over the middle dimension of (outer, size, inner); sums are in double. Maximum and Minimum with an inner of 1 only.
void reduceMiddle(const float* in, float* out, int64_t outer, int64_t size, int64_t inner, Reducing how)
{
    if (inner == 1)
        return forChunks(outer, std::max<int64_t>(1, piece / size), [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t o = begin; o < end; ++o)
                out[o] = reduceSpan(in + o * size, size, how);
        });
    constexpr int64_t most = 64;
    const int64_t cuts = (inner + most - 1) / most;
    const double divisor = how == Reducing::Mean ? static_cast<double>(size) : 1;
    forChunks(outer * cuts, std::max<int64_t>(1, piece / (size * std::min(most, inner))), [&](int64_t, int64_t begin, int64_t end) {
        double sums[most];
        for (int64_t i = begin; i < end; ++i) {
            const int64_t o = i / cuts;
            const int64_t first = i % cuts * most;
            const int64_t values = std::min(most, inner - first);
            addRows(in + o * size * inner + first, size, inner, sums, values);
            for (int64_t v = 0; v < values; ++v)
                out[o * inner + first + v] = static_cast<float>(sums[v] / divisor);
        }
    });
}

std::optional<Reducing> reducing(const std::string& op)
{
    return op == "ReduceMean"  ? std::optional(Reducing::Mean)
           : op == "ReduceSum" ? std::optional(Reducing::Sum)
           : op == "ReduceMax" ? std::optional(Reducing::Maximum)
           : op == "ReduceMin" ? std::optional(Reducing::Minimum)
                               : std::nullopt;
}

}  // namespace

// ReduceMean, ReduceSum, ReduceProd, ReduceMax, ReduceMin, and those of magnitudes, squares and logarithms.
KernelResult reduce(const Work& work)
{
    const Shape& shape = work.input();
    const auto rank = static_cast<int64_t>(shape.size());
    std::vector<bool> chosen(shape.size(), work.attributes().integers("axes").empty());
    for (const int64_t axis : work.attributes().integers("axes"))
        chosen[static_cast<size_t>(axis < 0 ? axis + rank : axis)] = true;
    std::vector<int64_t> axes;
    for (int64_t i = 0; i < rank; ++i)
        if (chosen[static_cast<size_t>(i)])
            axes.push_back(i);
    const bool integers = work.attributes().flag("integers", false);
    const std::optional<Reducing> how = reducing(work.layer().op);
    const bool sums = how == Reducing::Sum || how == Reducing::Mean;
    if (how && !integers && !axes.empty() && elementCount(shape) > 0) {
        const auto count = [&shape](int64_t first, int64_t end) { return elementCount(Shape(shape.begin() + first, shape.begin() + end)); };
        const int64_t outer = count(0, axes.front());
        const int64_t size = count(axes.front(), axes.back() + 1);
        const int64_t inner = count(axes.back() + 1, rank);
        const bool together = axes.back() - axes.front() + 1 == static_cast<int64_t>(axes.size());
        // All pixels of a picture that lies channels last.
        if (sums && work.request.inputLayouts.front() == Layout::ChannelsLast && together && axes.front() == 2 && axes.back() + 1 == rank)
            return makeKernel({Layout::ChannelsLast}, {Layout::Plain}, work.outputShapes,
                              [=, channels = shape[1], how = *how](Inputs inputs, Outputs outputs) -> Result<void> {
                                  reduceMiddle(inputs[0].data(), outputs[0].data(), outer / channels, size, channels, how);
                                  return {};
                              });
        if (together && (sums || inner == 1))
            return plainKernel(work, [=, how = *how](Inputs inputs, Outputs outputs) -> Result<void> {
                reduceMiddle(inputs[0].data(), outputs[0].data(), outer, size, inner, how);
                return {};
            });
    }
    return plainKernel(work, [op = work.layer().op, axes, integers, shape = work.output()](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        viewOf(outputs[0]).copy_(reduced(op, viewOf(inputs[0]), axes).reshape(shape));
        if (integers)
            for (float& value : outputs[0].values())
                value = std::trunc(value);
        return {};
    });
}

KernelResult reduction(const Work& work)
{
    const std::string operation = work.attributes().text("operation", "sum");
    const auto coefficient = static_cast<float>(work.attributes().real("coefficient", 1));
    const int64_t lists = elementCount(work.output());
    const int64_t size = elementCount(work.input()) / lists;
    const bool absolute = operation == "asum";
    const bool square = operation == "sumsq";
    const double divisor = operation == "mean" ? static_cast<double>(size) : 1;
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        forChunks(lists, 16, [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                double sum = 0;
                for (int64_t k = i * size; k < (i + 1) * size; ++k) {
                    const auto x = static_cast<double>(inputs[0].data()[k]);
                    sum += absolute ? std::fabs(x) : square ? x * x : x;
                }
                outputs[0].data()[i] = static_cast<float>(sum / divisor) * coefficient;
            }
        });
        return {};
    });
}

KernelResult axpy(const Work& work)
{
    const Shape& shape = work.output();
    const int64_t plane = shape[2] * shape[3];
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        forChunks(inputs[0].count(), 16, [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t c = begin; c < end; ++c)
                combineSpan(inputs[2].data() + c * plane, inputs[1].data() + c * plane, outputs[0].data() + c * plane, plane, Operation::MultiplyAdd,
                            inputs[0].data()[c]);
        });
        return {};
    });
}

}  // namespace qs::kernels

#include "core/base/levels.h"
#include "core/base/parallel.h"
#include "core/engine/kernels/evaluated.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/prod.h>
#include <ATen/ops/sum.h>
#include <c10/core/InferenceMode.h>

#include <cmath>
#include <cstring>

namespace qs::kernels {

namespace {

enum class Operation { Add, Subtract, Multiply, Divide, Maximum, MultiplyAdd };

QS_LEVELS(void, combineSpan, (const float* a, const float* b, float* out, int64_t count, Operation operation, float factor),
          (a, b, out, count, operation, factor))
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

void combine(const Tensor& a, const Tensor& b, Tensor& out, Operation operation, float factor = 1)
{
    forChunks(out.count(), 1 << 16, [&](int64_t, int64_t begin, int64_t end) {
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
        if (coefficient(0) == 1.0F)
            std::memcpy(out.data(), inputs[0].data(), out.sizeBytes());
        else
            for (int64_t i = 0; i < out.count(); ++i)
                out.data()[i] = inputs[0].data()[i] * coefficient(0);
        for (size_t i = 1; i < inputs.size(); ++i) {
            const bool scaled = operation == Operation::Add && coefficient(i) != 1.0F;
            combine(out, inputs[i], out, scaled ? Operation::MultiplyAdd : operation, coefficient(i));
        }
        return {};
    });
}

namespace {

/// Through ATen.
at::Tensor broadcast(const std::string& op, const at::Tensor& a, const at::Tensor& b)
{
    if (op == "Add")
        return a.add(b);
    if (op == "Sub")
        return a.sub(b);
    if (op == "Mul")
        return a.mul(b);
    return a.div(b);
}

/// Whether an input is one value a channel, of each picture or of all.
bool isOnePixel(const Work& work, size_t port)
{
    const Shape& shape = work.input(port);
    const Shape& whole = work.output();
    return shape.size() == 4 && shape[1] == whole[1] && shape[2] == 1 && shape[3] == 1 && (shape[0] == 1 || shape[0] == whole[0]);
}

/// A picture in channels-last layout with one pixel, as the gates of squeeze and excitation are.
KernelResult withOnePixel(const Work& work, Operation operation, size_t wide)
{
    const Shape& shape = work.output();
    const int64_t channels = shape[1];
    const int64_t pixels = shape[2] * shape[3];
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
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        viewOf(outputs[0]).copy_(broadcast(op, viewOf(inputs[0]), viewOf(inputs[1])));
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
    for (const int64_t axis : axes)
        value = at::prod(value, axis, true);
    return value;
}

}  // namespace

// ReduceMean, ReduceSum, ReduceProd, ReduceMax, ReduceMin.
KernelResult reduce(const Work& work)
{
    const auto rank = static_cast<int64_t>(work.input().size());
    std::vector<bool> chosen(work.input().size(), work.attributes().integers("axes").empty());
    for (const int64_t axis : work.attributes().integers("axes"))
        chosen[static_cast<size_t>(axis < 0 ? axis + rank : axis)] = true;
    std::vector<int64_t> axes;
    for (int64_t i = 0; i < rank; ++i)
        if (chosen[static_cast<size_t>(i)])
            axes.push_back(i);
    const bool integers = work.attributes().flag("integers", false);
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

#include "core/base/parallel.h"
#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/ops/mean.h>
#include <c10/core/InferenceMode.h>

#include <cstring>

namespace qs::kernels {

namespace {

enum class Operation { Add, Subtract, Multiply, Divide, Maximum, MultiplyAdd };

QS_CLONES void combineSpan(const float* a, const float* b, float* out, int64_t count, Operation operation, float factor)
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

KernelResult binary(const Work& work)
{
    const std::string& op = work.layer().op;
    const Operation operation = op == "Add"   ? Operation::Add
                                : op == "Sub" ? Operation::Subtract
                                : op == "Mul" ? Operation::Multiply
                                              : Operation::Divide;
    if (work.input(0) == work.input(1))
        return sameLayoutKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
            combine(inputs[0], inputs[1], outputs[0], operation);
            return {};
        });
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        at::Tensor out = viewOf(outputs[0]);
        const at::Tensor a = viewOf(inputs[0]);
        const at::Tensor b = viewOf(inputs[1]);
        out.copy_(operation == Operation::Add        ? a.add(b)
                  : operation == Operation::Subtract ? a.sub(b)
                  : operation == Operation::Multiply ? a.mul(b)
                                                     : a.div(b));
        return {};
    });
}

KernelResult reduceMean(const Work& work)
{
    std::vector<int64_t> axes = work.attributes().integers("axes");
    const bool keep = work.attributes().flag("keepDims", true);
    if (axes.empty())
        for (size_t i = 0; i < work.input().size(); ++i)
            axes.push_back(static_cast<int64_t>(i));
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        viewOf(outputs[0]).copy_(at::mean(viewOf(inputs[0]), axes, keep));
        return {};
    });
}

}  // namespace qs::kernels

// What ops/evaluate.h says of single elements, run over tensors: operators of shape arithmetic and the rarer formulas.
#include "core/engine/kernels/evaluated.h"
#include "core/base/parallel.h"
#include "core/ops/evaluate.h"
#include "core/ops/shape_rules.h"
#include "core/ops/views.h"

namespace qs::kernels {

KernelResult evaluatedUnary(const Work& work)
{
    return sameLayoutKernel(work, [formula = realUnary(work.layer().op, work.attributes())](Inputs inputs, Outputs outputs) -> Result<void> {
        forChunks(inputs[0].count(), 1 << 16, [&](int64_t, int64_t begin, int64_t end) {
            std::transform(inputs[0].data() + begin, inputs[0].data() + end, outputs[0].data() + begin, formula);
        });
        return {};
    });
}

// Two operands, or for Min and Max one or more: from the left.
KernelResult evaluatedBinary(const Work& work)
{
    const RealBinary formula = realBinary(work.layer().op, work.attributes());
    const std::vector<Shape> shapes(work.request.inputShapes.begin(), work.request.inputShapes.end());
    return plainKernel(work, [=, output = work.output()](Inputs inputs, Outputs outputs) -> Result<void> {
        float* out = outputs[0].data();
        for (size_t i = 0; i < inputs.size(); ++i) {
            const float* in = inputs[i].data();
            ops::forBroadcastRows(output, std::span(&shapes[i], 1), [&](int64_t at, auto first, auto step, int64_t count) {
                for (int64_t k = 0; k < count; ++k) {
                    const float value = in[first[0] + k * step[0]];
                    out[at + k] = i == 0 ? value : formula(out[at + k], value);
                }
            });
        }
        return {};
    });
}

KernelResult where(const Work& work)
{
    const std::vector<Shape> shapes(work.request.inputShapes.begin(), work.request.inputShapes.end());
    return plainKernel(work, [=, output = work.output()](Inputs inputs, Outputs outputs) -> Result<void> {
        ops::forBroadcastRows(output, shapes, [&](int64_t at, auto first, auto step, int64_t count) {
            for (int64_t k = 0; k < count; ++k) {
                const size_t from = inputs[0].data()[first[0] + k * step[0]] != 0 ? 1 : 2;
                outputs[0].data()[at + k] = inputs[from].data()[first[from] + k * step[from]];
            }
        });
        return {};
    });
}

KernelResult gather(const Work& work)
{
    QS_TRY(const size_t axis, ops::axisOf(work.layer(), "axis", 0, work.input().size()));
    return plainKernel(work, [axis, shape = work.input()](Inputs inputs, Outputs outputs) -> Result<void> {
        const float* indices = inputs[1].data();
        const bool inside = ops::gatherElements(
            inputs[0].data(), shape, axis, inputs[1].count(), [&](int64_t k) { return castToInteger(indices[k], ElementType::Int64); },
            outputs[0].data());
        if (!inside)
            return Error{ErrorCode::OutOfRange, "an index is outside axis " + std::to_string(axis) + " of " + shapeText(shape), {}};
        return {};
    });
}

namespace {

KernelResult viewed(const Work& work)
{
    const auto from = ops::viewOf(work.layer().op, work.attributes(), work.input(), work.output());
    return plainKernel(work, [view = *from](Inputs inputs, Outputs outputs) -> Result<void> {
        ops::copyView(view, inputs[0].data(), outputs[0].data());
        return {};
    });
}

}  // namespace

KernelResult stridedSlice(const Work& work)
{
    return viewed(work);
}

KernelResult expand(const Work& work)
{
    return viewed(work);
}

KernelResult tile(const Work& work)
{
    return viewed(work);
}

}  // namespace qs::kernels

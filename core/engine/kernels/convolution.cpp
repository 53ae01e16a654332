// Which convolution is run by which kernel; transposed ones go through ATen.
#include "core/engine/kernels/convolution.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/ops/conv_transpose2d.h>
#include <c10/core/InferenceMode.h>

namespace qs::kernels {

KernelResult convolution(const Work& work)
{
    if (auto kernel = winograd(work))
        return kernel;
    if (auto kernel = grouped(work))
        return kernel;
    return direct(work);
}

KernelResult deconvolution(const Work& work)
{
    const Window window(work);
    const std::vector<int64_t> extra = work.attributes().integers("outputPad", {0, 0});
    const std::shared_ptr<const Buffer> weight = work.weight(0);
    const std::shared_ptr<const Buffer> bias = work.weight(1);
    const Shape& output = work.output();
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        // ATen pads both sides alike and limits output_padding: compute without padding and cut.
        const at::Tensor full = at::conv_transpose2d(viewOf(inputs[0]), viewOf(*weight), bias ? viewOf(*bias) : at::Tensor(), window.stride, {0, 0},
                                                     {0, 0}, window.group, window.dilation);
        at::Tensor target = viewOf(outputs[0]);
        const int64_t height = std::min(output[2], full.size(2) - window.pad[0]);
        const int64_t width = std::min(output[3], full.size(3) - window.pad[1]);
        if (height < output[2] || width < output[3]) {
            // output_padding reaches beyond what any input touches: only the bias is there.
            if (bias)
                target.copy_(viewOf(*bias).view({1, -1, 1, 1}).expand(output));
            else
                target.zero_();
        }
        target.narrow(2, 0, height).narrow(3, 0, width).copy_(full.narrow(2, window.pad[0], height).narrow(3, window.pad[1], width));
        return {};
    });
}

}  // namespace qs::kernels

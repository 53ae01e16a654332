// Which convolution is run by which kernel; transposed ones go through ATen.
#include "core/engine/kernels/convolution.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/ops/convolution.h>
#include <c10/core/InferenceMode.h>

namespace qs::kernels {

KernelResult convolution(const Work& work)
{
    if (work.input().size() != 4)
        return convolutionByPictures(work, convolution);
    if (auto kernel = winograd(work))
        return kernel;
    if (auto kernel = grouped(work))
        return kernel;
    return direct(work);
}

namespace {

/// A list of one value a channel.
at::Tensor alongChannels(const Buffer& list, size_t rank)
{
    std::vector<int64_t> shape(rank, 1);
    shape[1] = -1;
    return viewOf(list).view(shape);
}

}  // namespace

KernelResult deconvolution(const Work& work)
{
    const size_t sides = work.input().size() - 2;
    const std::vector<int64_t> ones(sides, 1);
    const std::vector<int64_t> none(sides, 0);
    const std::vector<int64_t> stride = work.attributes().integers("stride", ones);
    const std::vector<int64_t> dilation = work.attributes().integers("dilation", ones);
    const std::vector<int64_t> pad = work.attributes().integers("pad", std::vector<int64_t>(2 * sides));
    const int64_t group = work.attributes().integer("group", 1);
    const std::shared_ptr<const Buffer> weight = work.weight(0);
    const std::shared_ptr<const Buffer> bias = work.weight(1);
    const Shape& output = work.output();
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        // ATen pads both sides alike and limits output_padding: compute without padding and cut.
        at::Tensor full =
            at::convolution(viewOf(inputs[0]), viewOf(*weight), bias ? viewOf(*bias) : at::Tensor(), stride, none, dilation, true, none, group);
        at::Tensor target = viewOf(outputs[0]);
        at::Tensor reached = target;
        for (size_t side = 0; side < sides; ++side) {
            const auto axis = static_cast<int64_t>(side) + 2;
            const int64_t extent = std::min(output[side + 2], full.size(axis) - pad[side]);
            full = full.narrow(axis, pad[side], extent);
            reached = reached.narrow(axis, 0, extent);
        }
        // output_padding reaches beyond what any input touches: only the bias is there.
        if (bias && reached.numel() < target.numel())
            target.copy_(alongChannels(*bias, output.size()).expand(output));
        else if (reached.numel() < target.numel())
            target.zero_();
        reached.copy_(full);
        return {};
    });
}

}  // namespace qs::kernels

// Values between pixels, at places that the network computes.
#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/ops/grid_sampler_2d.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>

namespace qs::kernels {

namespace {

/// ATen's number of a name; -1: none.
template <size_t count>
int64_t numberOf(const std::array<const char*, count>& names, const std::string& name)
{
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? -1 : found - names.begin();
}

}  // namespace

KernelResult gridSample(const Work& work)
{
    static constexpr std::array modes{"bilinear", "nearest", "bicubic"};
    static constexpr std::array paddings{"zeros", "border", "reflection"};
    const int64_t mode = numberOf(modes, work.attributes().text("mode", "bilinear"));
    const int64_t padding = numberOf(paddings, work.attributes().text("padding", "zeros"));
    if (mode < 0 || padding < 0)
        return Error{ErrorCode::NotSupported, "its way of sampling is not built", {}};
    return plainKernel(work, [=, corners = work.attributes().flag("alignCorners", false)](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        viewOf(outputs[0]).copy_(at::grid_sampler_2d(viewOf(inputs[0]), viewOf(inputs[1]), mode, padding, corners));
        return {};
    });
}

}  // namespace qs::kernels

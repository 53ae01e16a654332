// What all convolutions of two-dimensional pictures have.
#pragma once

#include "core/engine/kernels/kernels.h"

#include <array>

namespace qs::kernels {

/// Which inputs meet an output: pictures in channels-last layout, weights (outputs, inputs of a group, height, width).
struct Window {
    explicit Window(const Work& work)
        : height(work.input()[2]),
          width(work.input()[3]),
          channels(work.input()[1]),
          kernel(work.attributes().integers("kernel")),
          stride(work.attributes().integers("stride", {1, 1})),
          pad(work.attributes().integers("pad", {0, 0, 0, 0})),
          dilation(work.attributes().integers("dilation", {1, 1})),
          group(work.attributes().integer("group", 1)),
          groupInputs(channels / group),
          groupOutputs(work.output()[1] / group)
    {
    }
    int64_t taps() const { return kernel[0] * kernel[1]; }
    /// Of a row of so many outputs: those whose whole windows are inside the picture, from the first one to the end of them.
    std::pair<int64_t, int64_t> columnsInside(int64_t outputs) const
    {
        const int64_t reach = (kernel[1] - 1) * dilation[1];
        const int64_t first = std::min(outputs, (pad[1] + stride[1] - 1) / stride[1]);
        const int64_t last = width - 1 - reach + pad[1];
        return {first, std::clamp(last < 0 ? 0 : last / stride[1] + 1, first, outputs)};
    }

    int64_t height, width, channels;                     ///< of the picture
    std::vector<int64_t> kernel, stride, pad, dilation;  ///< vertical, horizontal; pad: top, left, bottom, right
    int64_t group;                                       ///< how many groups
    int64_t groupInputs, groupOutputs;
};

}  // namespace qs::kernels

// Convolutions and what looks through a window as they do.
#include "core/import/caffe/families.h"

#include <algorithm>

namespace qs::caffe {

namespace {

/// [h, w] from one repeated field (none, one or two values) and its _h and _w forms.
Ints pair(const Ints& repeated, bool hasBoth, int64_t height, int64_t width, int64_t fallback)
{
    if (hasBoth)
        return {height, width};
    if (repeated.empty())
        return {fallback, fallback};
    return {repeated[0], repeated.size() > 1 ? repeated[1] : repeated[0]};
}

Result<void> window(const Context& c)
{
    const ConvolutionParameter& p = c.layer.convolution_param();
    const Ints pad = pair(ints(p.pad()), p.has_pad_h() || p.has_pad_w(), p.pad_h(), p.pad_w(), 0);
    c.set("kernel", pair(ints(p.kernel_size()), p.has_kernel_h() || p.has_kernel_w(), p.kernel_h(), p.kernel_w(), 0));
    c.set("stride",
          pair(ints(p.stride()), p.has_stride_h() || p.has_stride_w(), p.has_stride_h() ? p.stride_h() : 1, p.has_stride_w() ? p.stride_w() : 1, 1));
    c.set("pad", Ints{pad[0], pad[1], pad[0], pad[1]});
    c.set("dilation", pair(ints(p.dilation()), false, 0, 0, 1));
    if (p.axis() != 1 || std::max({p.kernel_size_size(), p.pad_size(), p.stride_size(), p.dilation_size()}) > 2)
        c.out.notRunnable = "only 2-D convolution is built";
    return {};
}

Result<void> convolution(const Context& c)
{
    const ConvolutionParameter& p = c.layer.convolution_param();
    QS_CHECK(window(c));
    const int64_t outputs = p.num_output();
    const int64_t group = c.out.op == "DepthwiseConv" && p.group() == 1 ? outputs : static_cast<int64_t>(p.group());
    c.integer("outputs", outputs);
    c.integer("group", group);
    QS_CHECK(c.expectBlobs(p.bias_term() ? 2 : 1));
    const Ints kernel = c.out.attributes.integers("kernel");
    if (c.out.op == "Deconvolution")
        QS_CHECK(c.take(0, {-1, group > 0 ? outputs / group : outputs, kernel[0], kernel[1]}, "weight"));
    else
        QS_CHECK(c.take(0, {outputs, -1, kernel[0], kernel[1]}, "weight"));
    return p.bias_term() ? c.take(1, {outputs}, "bias") : Result<void>();
}

constexpr LayerRow rows[] = {
    {"Convolution", "Convolution", convolution},
    {"DepthwiseConv", "DepthwiseConv", convolution},
    {"ConvolutionDepthwise", "DepthwiseConv", convolution},
    {"DepthwiseConvolution", "DepthwiseConv", convolution},
    {"Deconvolution", "Deconvolution", convolution},
    {"Im2col", "Im2col", window},
};

}  // namespace

std::span<const LayerRow> convolutionLayers()
{
    return rows;
}

}  // namespace qs::caffe

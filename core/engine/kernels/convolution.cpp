// Convolutions through oneDNN in NHWC (faster here than its blocked formats, and no layer pays for padding channels); transposed ones through ATen.
#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/onednn.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/ops/conv_transpose2d.h>
#include <c10/core/InferenceMode.h>

#include <string_view>

namespace qs::kernels {

namespace {

using dnnl::memory;
using Tag = memory::format_tag;

struct Window {
    explicit Window(const Attributes& attributes)
        : kernel(attributes.integers("kernel")),
          stride(attributes.integers("stride", {1, 1})),
          pad(attributes.integers("pad", {0, 0, 0, 0})),
          dilation(attributes.integers("dilation", {1, 1})),
          group(attributes.integer("group", 1))
    {
    }
    std::vector<int64_t> kernel, stride, pad, dilation;
    int64_t group;
};

memory::desc describe(const Shape& shape, Tag tag)
{
    return {memory::dims(shape.begin(), shape.end()), memory::data_type::f32, tag};
}

/// oneDNN's first choice; of depthwise ones the direct kernel, where there is one: it took 0.7 to 0.9 of the time of 2.6's first, the batch-reduce
/// one.
dnnl::convolution_forward::primitive_desc implementation(const dnnl::convolution_forward::desc& operation, const dnnl::primitive_attr& attributes,
                                                         bool grouped)
{
    dnnl::convolution_forward::primitive_desc first(operation, attributes, processor());
    if (!grouped || std::string_view(first.impl_info_str()).find("brdgmm") == std::string_view::npos)
        return first;
    dnnl::convolution_forward::primitive_desc next(operation, attributes, processor());
    while (next.next_impl())
        if (std::string_view(next.impl_info_str()).starts_with("jit_dw"))
            return next;
    return first;
}

}  // namespace

KernelResult convolution(const Work& work)
{
    if (auto kernel = winograd(work))
        return kernel;
    if (auto kernel = pointwise(work))
        return kernel;
    const Window window(work.attributes());
    const std::shared_ptr<const Buffer> weight = work.weight(0);
    const std::shared_ptr<const Buffer> bias = work.weight(1);
    Shape weightShape = weight->shape();
    if (window.group > 1)
        weightShape = {window.group, weightShape[0] / window.group, weightShape[1], weightShape[2], weightShape[3]};
    const memory::desc source = describe(work.input(), Tag::nhwc);
    const memory::desc target = describe(work.output(), Tag::nhwc);
    const memory::desc anyWeight = describe(weightShape, Tag::any);
    const memory::dims strides{window.stride[0], window.stride[1]};
    const memory::dims dilations{window.dilation[0] - 1, window.dilation[1] - 1};
    const memory::dims before{window.pad[0], window.pad[1]};
    const memory::dims after{window.pad[2], window.pad[3]};
    const memory::desc biasShape = bias ? describe(bias->shape(), Tag::x) : memory::desc();
    const dnnl::convolution_forward::desc operation(dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source, anyWeight,
                                                    biasShape, target, strides, dilations, before, after);
    const auto chosen = implementation(operation, attributesWith(work.request.activation), window.group > 1);
    const memory packedWeight =
        packed(memoryOver(describe(weightShape, window.group > 1 ? Tag::goihw : Tag::oihw), weight->floats().data()), chosen.weights_desc());
    const dnnl::convolution_forward run(chosen);
    Arguments arguments(chosen.scratchpad_desc());
    arguments.add(DNNL_ARG_SRC, source);
    arguments.add(DNNL_ARG_DST, target);
    arguments.fix(DNNL_ARG_WEIGHTS, packedWeight);
    if (bias)
        arguments.fix(DNNL_ARG_BIAS, memoryOver(biasShape, bias->floats().data()));
    return makeKernel({Layout::ChannelsLast}, {Layout::ChannelsLast}, work.outputShapes, [=](Inputs inputs, Outputs outputs) mutable -> Result<void> {
        arguments.point(DNNL_ARG_SRC, inputs[0].data());
        arguments.point(DNNL_ARG_DST, outputs[0].data());
        arguments.run(run);
        return {};
    });
}

KernelResult deconvolution(const Work& work)
{
    const Window window(work.attributes());
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

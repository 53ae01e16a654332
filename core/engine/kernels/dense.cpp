#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/onednn.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mm.h>
#include <c10/core/InferenceMode.h>

namespace qs::kernels {

using dnnl::memory;

KernelResult innerProduct(const Work& work)
{
    if (auto kernel = fullyConnected(work))
        return kernel;
    const std::shared_ptr<const Buffer> weight = work.weight(0);
    const std::shared_ptr<const Buffer> bias = work.weight(1);
    const int64_t outputs = weight->shape()[0];
    const int64_t features = weight->shape()[1];
    const int64_t rows = elementCount(work.output()) / outputs;
    const auto type = memory::data_type::f32;
    const memory::desc source({rows, features}, type, memory::format_tag::ab);
    const memory::desc target({rows, outputs}, type, memory::format_tag::ab);
    const memory::desc biasShape = bias ? memory::desc({outputs}, type, memory::format_tag::x) : memory::desc();
    const dnnl::inner_product_forward::desc operation(dnnl::prop_kind::forward_inference, source,
                                                      {{outputs, features}, type, memory::format_tag::any}, biasShape, target);
    const dnnl::inner_product_forward::primitive_desc chosen(operation, attributesWith(work.request.activation), processor());
    const memory packedWeight =
        packed(memoryOver({{outputs, features}, type, memory::format_tag::ab}, weight->floats().data()), chosen.weights_desc());
    const dnnl::inner_product_forward run(chosen);
    Arguments arguments(chosen.scratchpad_desc());
    arguments.add(DNNL_ARG_SRC, source);
    arguments.add(DNNL_ARG_DST, target);
    arguments.fix(DNNL_ARG_WEIGHTS, packedWeight);
    if (bias)
        arguments.fix(DNNL_ARG_BIAS, memoryOver(biasShape, bias->floats().data()));
    return plainKernel(work, [=](Inputs in, Outputs out) mutable -> Result<void> {
        arguments.point(DNNL_ARG_SRC, in[0].data());
        arguments.point(DNNL_ARG_DST, out[0].data());
        arguments.run(run);
        return {};
    });
}

KernelResult matMul(const Work& work)
{
    const bool transA = work.attributes().flag("transA", false) && work.input(0).size() > 1;
    const bool transB = work.attributes().flag("transB", false) && work.input(1).size() > 1;
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        const at::Tensor a = viewOf(inputs[0]);
        const at::Tensor b = viewOf(inputs[1]);
        viewOf(outputs[0]).copy_(at::matmul(transA ? a.transpose(-1, -2) : a, transB ? b.transpose(-1, -2) : b));
        return {};
    });
}

KernelResult gemm(const Work& work)
{
    const bool transA = work.attributes().flag("transA", false);
    const bool transB = work.attributes().flag("transB", false);
    const double alpha = work.attributes().real("alpha", 1);
    const double beta = work.attributes().real("beta", 1);
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        const at::Tensor a = transA ? viewOf(inputs[0]).t() : viewOf(inputs[0]);
        const at::Tensor b = transB ? viewOf(inputs[1]).t() : viewOf(inputs[1]);
        viewOf(outputs[0]).copy_(inputs.size() > 2 ? at::addmm(viewOf(inputs[2]), a, b, beta, alpha) : at::mm(a, b).mul(alpha));
        return {};
    });
}

}  // namespace qs::kernels

#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/onednn.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mm.h>
#include <c10/core/InferenceMode.h>

#include <unordered_map>

namespace qs::kernels {

using dnnl::memory;

KernelResult innerProduct(const Work& work)
{
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
    const dnnl::inner_product_forward::primitive_desc chosen(operation, attributesWithRelu(work.request.fusedReluSlope), processor());
    const memory packedWeight =
        packed(memoryOver({{outputs, features}, type, memory::format_tag::ab}, weight->floats().data()), chosen.weights_desc());
    const dnnl::inner_product_forward run(chosen);
    return plainKernel(work, [=](Inputs in, Outputs out) -> Result<void> {
        std::unordered_map<int, memory> arguments{
            {DNNL_ARG_SRC, memoryOver(source, in[0].data())}, {DNNL_ARG_WEIGHTS, packedWeight}, {DNNL_ARG_DST, memoryOver(target, out[0].data())}};
        if (bias)
            arguments.emplace(DNNL_ARG_BIAS, memoryOver(biasShape, bias->floats().data()));
        run.execute(stream(), arguments);
        stream().wait();
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

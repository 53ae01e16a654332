// oneDNN's processor and stream, shared by the kernels of the compute thread.
#pragma once

#include <dnnl.hpp>

namespace qs::kernels {

inline const dnnl::engine& processor()
{
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

inline dnnl::stream& stream()
{
    static dnnl::stream stream(processor());
    return stream;
}

inline dnnl::memory memoryOver(const dnnl::memory::desc& description, const float* data)
{
    return {description, processor(), const_cast<float*>(data)};
}

/// A copy in another format: weights are packed once, when the kernel is prepared.
inline dnnl::memory packed(dnnl::memory from, const dnnl::memory::desc& wanted)
{
    dnnl::memory to(wanted, processor());
    dnnl::reorder(from, to).execute(stream(), from, to);
    stream().wait();
    return to;
}

/// ReLU with a negative slope behind the main operation.
inline dnnl::primitive_attr attributesWithRelu(const std::optional<float>& slope)
{
    dnnl::primitive_attr attributes;
    if (slope) {
        dnnl::post_ops operations;
        operations.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, *slope, 0);
        attributes.set_post_ops(operations);
    }
    return attributes;
}

}  // namespace qs::kernels

// oneDNN's processor and streams. A kernel may be prepared on one thread and run on another.
#pragma once

#include "core/engine/kernels/kernels.h"

#include <dnnl.hpp>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <vector>

namespace qs::kernels {

inline const dnnl::engine& processor()
{
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

inline dnnl::stream& stream()
{
    thread_local dnnl::stream stream(processor());
    return stream;
}

inline dnnl::memory memoryOver(const dnnl::memory::desc& description, const float* data)
{
    return {description, processor(), const_cast<float*>(data)};
}

/// The arguments of a primitive that is run again and again: made once, then only pointed at other data.
class Arguments {
public:
    explicit Arguments(const dnnl::memory::desc& scratchpad) : m_scratchBytes(scratchpad.get_size())
    {
        if (m_scratchBytes > 0)
            add(DNNL_ARG_SCRATCHPAD, scratchpad);
    }
    void fix(int argument, const dnnl::memory& memory) { m_arguments.emplace(argument, memory); }
    void add(int argument, const dnnl::memory::desc& description)
    {
        m_arguments.emplace(argument, dnnl::memory(description, processor(), DNNL_MEMORY_NONE));
    }
    void point(int argument, const float* data) { m_arguments.at(argument).set_data_handle(const_cast<float*>(data)); }
    void run(const dnnl::primitive& primitive) const
    {
        if (m_scratchBytes > 0)
            m_arguments.at(DNNL_ARG_SCRATCHPAD).set_data_handle(scratch(m_scratchBytes));
        primitive.execute(stream(), m_arguments);
        stream().wait();
    }

private:
    std::unordered_map<int, dnnl::memory> m_arguments;
    size_t m_scratchBytes;
};

/// A copy in another format: weights are packed once, when the kernel is prepared.
inline dnnl::memory packed(dnnl::memory from, const dnnl::memory::desc& wanted)
{
    dnnl::memory to(wanted, processor());
    dnnl::reorder(from, to).execute(stream(), from, to);
    stream().wait();
    return to;
}

/// The activation behind the main operation; and scratch memory of the thread that runs it, where the library's own would be that of the thread that
/// prepared it.
inline dnnl::primitive_attr attributesWith(const std::optional<FusedActivation>& activation)
{
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (activation) {
        dnnl::post_ops operations;
        const bool limited = std::isfinite(activation->low) || std::isfinite(activation->high);
        // ReLU6 is one operation, not two.
        const bool oneSided = limited && activation->slope == 0;
        if (activation->slope != 1 && !oneSided)
            operations.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, activation->slope, 0);
        if (limited)
            operations.append_eltwise(1.0F, dnnl::algorithm::eltwise_clip, oneSided ? std::max(activation->low, 0.0F) : activation->low,
                                      activation->high);
        attributes.set_post_ops(operations);
    }
    return attributes;
}

}  // namespace qs::kernels

// One run of a network, for tests that know the right values.
#pragma once

#include "core/engine/evaluator.h"
#include "tests/support/networks.h"

namespace qs::test {

/// The network's outputs; an empty one where it does not run. `quantization` by layer; null: in float.
inline std::vector<Buffer> runModel(const std::shared_ptr<const Model>& model, const std::vector<Buffer>& inputs,
                                    const ById<LayerId, LayerQuantization>* quantization = nullptr)
{
    LayerRunner runner(engine(), model);
    Evaluator evaluator(runner);
    Forward forward;
    for (const Buffer& input : inputs)
        forward.inputs.push_back(tensorFrom(input, runner.pool()));
    forward.quantization = quantization;
    const auto outputs = evaluator.run(forward, {});
    EXPECT_TRUE(outputs.ok()) << (outputs.ok() ? "" : errorText(outputs.error()));
    std::vector<Buffer> buffers;
    if (outputs.ok())
        for (const Tensor& output : *outputs)
            buffers.push_back(output.empty() ? Buffer() : bufferFrom(output));
    return buffers;
}

inline std::vector<float> listOf(const Buffer& buffer)
{
    return buffer.empty() ? std::vector<float>() : std::vector<float>(buffer.floats().begin(), buffer.floats().end());
}

}  // namespace qs::test

#include "core/jobs/pair_walk.h"

namespace qs {

Result<std::vector<PairWalk::Pair>> PairWalk::run(const std::vector<Tensor>& inputs, const Visit& visit, const JobContext& job)
{
    m_values.assign(m_model.values().size(), {});
    ById<ValueId, int> readers(m_model.values().size());
    for (const Layer& layer : m_model.layers())
        if (layer.notRunnable.empty())
            for (const ValueId input : layer.inputs)
                ++readers[input];
    for (const ValueId output : m_model.outputs())
        ++readers[output];
    for (size_t i = 0; i < inputs.size(); ++i)
        m_values[m_model.inputs()[i]] = {inputs[i], inputs[i]};
    for (const LayerId id : m_model.layerIds()) {
        const Layer& layer = m_model.layer(id);
        if (!layer.notRunnable.empty() || layer.op == "Input")
            continue;
        if (job.cancelled())
            return cancelledError();
        QS_TRY(LayerValues values, runLayer(id));
        if (visit)
            QS_CHECK(visit(id, values));
        for (size_t i = 0; i < layer.outputs.size(); ++i)
            if (readers[layer.outputs[i]] > 0)
                m_values[layer.outputs[i]] = values.outputs[i];
        for (const ValueId input : layer.inputs)
            if (--readers[input] == 0)
                m_values[input] = {};
    }
    std::vector<Pair> outputs;
    for (const ValueId output : m_model.outputs())
        outputs.push_back(m_values[output]);
    return outputs;
}

Result<PairWalk::LayerValues> PairWalk::runLayer(LayerId id)
{
    const Layer& layer = m_model.layer(id);
    const LayerQuantization& quantization = m_layers[id];
    const bool local = quantization.active() && m_local && m_local(id);
    LayerValues values;
    std::vector<Tensor> floating;
    std::vector<Tensor> quantized;
    std::vector<Tensor> quantizedFloat;  // the float inputs, fake-quantized: for the local scope
    bool same = true;
    for (size_t port = 0; port < layer.inputs.size(); ++port) {
        const Pair& value = m_values[layer.inputs[port]];
        floating.push_back(value.floating);
        quantized.push_back(value.quantized);
        quantizedFloat.push_back(value.floating);
        const bool samePort = value.floating.sharesStorageWith(value.quantized);
        same &= samePort;
        if (port < quantization.inputs.size() && quantization.inputs[port] && !value.floating.empty()) {
            quantized.back() = m_runner.fakeQuantized(value.quantized, *quantization.inputs[port]);
            if (samePort)
                quantizedFloat.back() = quantized.back();
            else if (local)
                quantizedFloat.back() = m_runner.fakeQuantized(value.floating, *quantization.inputs[port]);
        }
        values.inputs.push_back({value.floating, quantized.back()});
    }
    QS_TRY(std::vector<Tensor> floatOutputs, m_runner.run(id, floating));
    std::vector<Tensor> quantizedOutputs = floatOutputs;
    const LayerQuantization inside = quantization.withoutInputs();
    if (quantization.active() || !same) {
        QS_TRY(quantizedOutputs, m_runner.run(id, quantized, &inside));
    }
    if (local) {
        values.localIsCumulative = same;
        if (!same) {
            QS_TRY(values.local, m_runner.run(id, quantizedFloat, &inside));
        }
    }
    for (size_t i = 0; i < floatOutputs.size(); ++i)
        values.outputs.push_back({floatOutputs[i], quantizedOutputs[i]});
    return values;
}

}  // namespace qs

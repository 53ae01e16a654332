#include "core/engine/walk.h"

#include "core/quant/fake_quant.h"

#include <algorithm>

namespace qs {

Walk::Walk(LayerRunner& runner) : m_runner(runner), m_model(runner.model()), m_values(m_model.values().size()), m_pending(m_model.layers().size()) {}

Result<void> Walk::run(const std::vector<LayerQuantization>* quantization, std::span<const ValueId> wanted, WalkHost& host, const JobContext& job)
{
    struct Forget {
        Walk& walk;
        ~Forget() { walk.forget(); }
    } const afterwards{*this};
    m_quantization = quantization;
    m_host = &host;
    for (const ValueId value : wanted)
        at(value).wanted = true;
    for (const ValueId value : wanted) {
        need(value);
        // Known ones come at their place in execution order.
        if (const LayerId producer = m_model.value(value).producer; producer != noId)
            m_layers.push_back(producer);
    }
    std::sort(m_layers.begin(), m_layers.end());
    m_layers.erase(std::unique(m_layers.begin(), m_layers.end()), m_layers.end());
    if (m_loads)
        QS_CHECK(load());
    for (const ValueId input : m_model.inputs())
        QS_CHECK(show(input));
    for (const LayerId id : m_layers) {
        if (m_pending[static_cast<size_t>(id)]) {
            if (job.cancelled())
                return cancelledError();
            QS_CHECK(runLayer(id));
        }
        for (const ValueId output : m_model.layer(id).outputs)
            QS_CHECK(show(output));
    }
    return {};
}

void Walk::forget()
{
    for (const ValueId id : m_touched)
        at(id) = {};
    for (const LayerId id : m_layers)
        m_pending[static_cast<size_t>(id)] = 0;
    m_touched.clear();
    m_layers.clear();
    m_loads = false;
}

std::optional<QuantParams> Walk::factors(LayerId id, size_t port) const
{
    const LayerQuantization* layer = quantization(id);
    return layer && port < layer->inputs.size() ? layer->inputs[port] : std::nullopt;
}

void Walk::need(ValueId first)
{
    std::vector<ValueId> open{first};
    while (!open.empty()) {
        const ValueId id = open.back();
        open.pop_back();
        State& state = at(id);
        if (state.seen)
            continue;
        state.seen = true;
        m_touched.push_back(id);
        const Value& value = m_model.value(id);
        if (value.constant)
            continue;
        state.tensor = m_host->find(id);
        if (!state.tensor.empty() || value.producer == noId)
            continue;
        const Layer& layer = m_model.layer(value.producer);
        if (layer.op == "Input")
            m_loads = true;
        if (!layer.notRunnable.empty() || layer.op == "Input" || m_pending[static_cast<size_t>(value.producer)])
            continue;
        m_pending[static_cast<size_t>(value.producer)] = 1;
        m_layers.push_back(value.producer);
        for (const ValueId input : layer.inputs) {
            ++at(input).readers;
            open.push_back(input);
        }
    }
}

Result<void> Walk::load()
{
    QS_TRY(const std::vector<Tensor> inputs, m_host->load());
    for (size_t i = 0; i < m_model.inputs().size() && i < inputs.size(); ++i) {
        const ValueId id = m_model.inputs()[i];
        State& state = at(id);
        if (!state.seen || !state.tensor.empty())
            continue;
        state.tensor = inputs[i];
        m_host->computed(id, state.tensor, noId, noId);
    }
    return {};
}

Result<void> Walk::show(ValueId id)
{
    State& state = at(id);
    if (!state.wanted || state.tensor.empty())
        return {};
    state.wanted = false;
    QS_CHECK(m_host->show(id, state.tensor));
    if (state.readers == 0)
        state.tensor = {};
    return {};
}

void Walk::release(ValueId id)
{
    State& state = at(id);
    if (--state.readers > 0)
        return;
    state.quantized.clear();
    state.tensor = {};
}

/// The ReLU, ReLU6 or Clip behind a layer whose own value nobody else needs now: one kernel does both.
LayerId Walk::activationBehind(const Layer& layer) const
{
    const ValueId value = layer.outputs.front();
    const State& state = m_values[static_cast<size_t>(value)];
    if (layer.outputs.size() != 1 || state.wanted || state.readers != 1 || !m_runner.engine().canFuseActivation(layer.op))
        return noId;
    for (const LayerId reader : m_model.value(value).consumers)
        if (m_pending[static_cast<size_t>(reader)]) {
            const LayerQuantization* quantized = quantization(reader);
            return FusedActivation::of(m_model.layer(reader)) && !(quantized && quantized->active()) ? reader : noId;
        }
    return noId;
}

/// Whether everything that is still to be run reads the value through this quantization.
bool Walk::allReadWith(ValueId id, const QuantParams& params) const
{
    for (const LayerId reader : m_model.value(id).consumers) {
        if (!m_pending[static_cast<size_t>(reader)])
            continue;
        const std::vector<ValueId>& inputs = m_model.layer(reader).inputs;
        for (size_t port = 0; port < inputs.size(); ++port)
            if (inputs[port] == id && factors(reader, port) != params)
                return false;
    }
    return true;
}

Tensor Walk::input(ValueId id, const std::optional<QuantParams>& params)
{
    State& state = at(id);
    if (!params || state.tensor.empty())
        return state.tensor;
    for (const auto& [knownParams, tensor] : state.quantized)
        if (knownParams == *params)
            return tensor;
    // In place where nobody else holds the value or will read it as it is: memory traffic is most of what fake quantization costs.
    if (state.tensor.unshared() && allReadWith(id, *params)) {
        fakeQuantize(state.tensor.values(), state.tensor.values(), *params);
        return state.quantized.emplace_back(*params, state.tensor).second;
    }
    return state.quantized.emplace_back(*params, m_runner.fakeQuantized(state.tensor, *params)).second;
}

Result<void> Walk::runLayer(LayerId id)
{
    const Layer& layer = m_model.layer(id);
    std::vector<Tensor> inputs;
    for (size_t port = 0; port < layer.inputs.size(); ++port)
        inputs.push_back(input(layer.inputs[port], factors(id, port)));
    LayerQuantization weightsOnly;
    if (const LayerQuantization* quantized = quantization(id))
        weightsOnly.weights = quantized->weights;
    std::optional<FusedActivation> activation;
    const LayerId fused = activationBehind(layer);
    if (fused != noId)
        activation = FusedActivation::of(m_model.layer(fused));
    QS_TRY(const std::vector<Tensor> outputs, m_runner.run(id, inputs, &weightsOnly, activation));
    inputs.clear();
    m_pending[static_cast<size_t>(id)] = 0;
    for (const ValueId value : layer.inputs)
        release(value);
    if (fused != noId) {
        m_pending[static_cast<size_t>(fused)] = 0;
        release(layer.outputs.front());
    }
    const Layer& last = fused == noId ? layer : m_model.layer(fused);
    for (size_t i = 0; i < outputs.size(); ++i) {
        m_host->computed(last.outputs[i], outputs[i], id, fused);
        if (State& state = at(last.outputs[i]); state.wanted || state.readers > 0)
            state.tensor = outputs[i];
    }
    return {};
}

}  // namespace qs

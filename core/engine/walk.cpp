#include "core/engine/walk.h"

#include "core/quant/fake_quant.h"

#include <algorithm>

namespace qs {

Walk::Walk(LayerRunner& runner) : m_runner(runner), m_model(runner.model()), m_values(m_model.values().size()), m_pending(m_model.layers().size()) {}

Result<void> Walk::run(const ById<LayerId, LayerQuantization>* quantization, std::span<const ValueId> wanted, WalkHost& host, const JobContext& job)
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
        if (m_pending[id]) {
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
        m_pending[id] = 0;
    m_touched.clear();
    m_layers.clear();
    m_joined.clear();
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
        if (!layer.notRunnable.empty() || layer.op == "Input" || m_pending[value.producer])
            continue;
        m_pending[value.producer] = 1;
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
        m_host->computed(id, state.tensor, {});
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

/// The layer that alone needs the value; noId where it is wanted for itself, or by several.
LayerId Walk::onlyReader(ValueId id) const
{
    const State& state = m_values[id];
    if (state.wanted || state.readers != 1)
        return noId;
    const std::vector<LayerId>& readers = m_model.value(id).consumers;
    const auto found = std::find_if(readers.begin(), readers.end(), [this](LayerId reader) { return m_pending[reader] != 0; });
    return found == readers.end() ? noId : *found;
}

/// The ReLU, ReLU6 or Clip behind a layer whose own value nobody else needs now: one kernel does both.
LayerId Walk::activationBehind(LayerId id) const
{
    const Layer& layer = m_model.layer(id);
    if (layer.outputs.size() != 1 || quantizesOutputs(id) || !m_runner.engine().canFuseActivation(layer.op))
        return noId;
    const LayerId reader = onlyReader(layer.outputs.front());
    if (reader == noId)
        return noId;
    return FusedActivation::of(m_model.layer(reader)) && !factors(reader, 0) ? reader : noId;
}

bool Walk::quantizesOutputs(LayerId id) const
{
    const LayerQuantization* layer = quantization(id);
    return layer && layer->quantizesOutputs();
}

/// The layers from this one on between which nobody needs a value, as far as the values are too large for the processor's cache.
std::vector<BandLayer> Walk::bandsFrom(LayerId first, std::span<const Tensor> inputs) const
{
    constexpr size_t large = size_t{256} << 10;
    std::vector<BandLayer> bands;
    if (m_host->keeps() || inputs.size() != 1 || inputs.front().empty())
        return bands;
    Shape shape = inputs.front().shape();
    for (LayerId id = first; id != noId && runsInBands(m_model.layer(id), shape);) {
        const Layer& layer = m_model.layer(id);
        BandLayer& band = bands.emplace_back();
        band.id = id;
        band.layer = &layer;
        band.weights = layer.weights;
        if (const LayerQuantization* quantized = quantization(id); quantized && !quantized->weights.empty())
            band.weights = quantized->weights;
        if (id != first)
            band.quantization = factors(id, 0);
        band.fused = activationBehind(id);
        if (band.fused != noId)
            band.activation = FusedActivation::of(m_model.layer(band.fused));
        const LayerId last = band.fused == noId ? id : band.fused;
        const ValueId value = m_model.layer(last).outputs.front();
        // It is quantized as a whole, before anybody reads it.
        if (quantizesOutputs(last))
            break;
        shape = m_model.value(value).shape;
        if (shape.size() != 4)
            break;
        shape[0] = 1;
        if (static_cast<size_t>(elementCount(shape)) * sizeof(float) < large)
            break;
        id = onlyReader(value);
    }
    return bands;
}

/// Whether everything that is still to be run reads the value through this quantization.
bool Walk::allReadWith(ValueId id, const QuantParams& params) const
{
    for (const LayerId reader : m_model.value(id).consumers) {
        if (!m_pending[reader])
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

/// Of the output of the Concat that alone reads this value: the channels that the value becomes. Empty where there is none.
Tensor Walk::partOfJoin(ValueId id, int64_t batch)
{
    const LayerId reader = onlyReader(id);
    if (reader == noId || m_host->keeps() || m_model.layer(reader).op != "Concat")
        return {};
    const Layer& join = m_model.layer(reader);
    Shape shape = m_model.value(join.outputs.front()).shape;
    const LayerQuantization* quantized = quantization(reader);
    if (shape.size() != 4 || join.inputs.size() < 2 || join.attributes.integer("axis", 1) != 1 || (quantized && quantized->active()))
        return {};
    int64_t first = 0;
    for (const ValueId input : join.inputs) {
        const Shape& part = m_model.value(input).shape;
        if (part.size() != 4 || m_model.value(input).constant)
            return {};
        if (input != id) {
            first += part[1];
            continue;
        }
        Joined& joined = m_joined[reader];
        if (joined.whole.empty()) {
            shape[0] = batch;
            joined.whole = m_runner.pool().allocate(shape, Layout::ChannelsLast);
        }
        return joined.whole.channels(first, part[1]);
    }
    return {};
}

/// A Concat into whose output layers have written: the others' values are copied beside theirs.
Result<void> Walk::join(LayerId id, std::span<const Tensor> inputs)
{
    const Layer& layer = m_model.layer(id);
    Joined joined = std::move(m_joined.at(id));
    m_joined.erase(id);
    int64_t first = 0;
    for (size_t port = 0; port < inputs.size(); ++port) {
        const ValueId value = layer.inputs[port];
        const int64_t channels = m_model.value(value).shape[1];
        if (!joined.written.contains(value)) {
            if (inputs[port].empty())
                return Error{ErrorCode::NotRunnable, "its input '" + m_model.value(value).name + "' does not exist", "layer '" + layer.name + "'"};
            TensorPool& pool = m_runner.pool();
            Tensor part = joined.whole.channels(first, channels);
            copyInto(convertLayout(toFloat(inputs[port], pool), Layout::ChannelsLast, pool), part);
        }
        first += channels;
    }
    finish(std::span(&id, 1), std::span(&joined.whole, 1));
    return {};
}

Result<bool> Walk::runInBands(LayerId id, std::span<const Tensor> inputs)
{
    const std::vector<BandLayer> bands = bandsFrom(id, inputs);
    if (bands.size() < 2)
        return false;
    QS_TRY(Tensor output, m_runner.runBands(bands, inputs.front()));
    if (output.empty())
        return false;
    std::vector<LayerId> layers;
    for (const BandLayer& band : bands) {
        layers.push_back(band.id);
        if (band.fused != noId)
            layers.push_back(band.fused);
    }
    if (const LayerQuantization* quantized = quantization(layers.back()))
        LayerRunner::quantizeOutputs(*quantized, std::span(&output, 1));
    finish(layers, std::span(&output, 1));
    return true;
}

Result<void> Walk::runAlone(LayerId id, std::span<const Tensor> inputs)
{
    LayerQuantization inside;
    if (const LayerQuantization* quantized = quantization(id))
        inside = quantized->withoutInputs();
    std::optional<FusedActivation> activation;
    std::vector<LayerId> layers{id};
    if (const LayerId fused = activationBehind(id); fused != noId) {
        activation = FusedActivation::of(m_model.layer(fused));
        layers.push_back(fused);
    }
    if (const LayerQuantization* quantized = quantization(layers.back()))
        inside.outputs = quantized->outputs;
    const ValueId value = m_model.layer(layers.back()).outputs.front();
    const auto place = [&] { return partOfJoin(value, inputs.front().shape()[0]); };
    QS_TRY(const std::vector<Tensor> outputs, m_runner.run(id, inputs, &inside, activation, place));
    if (const auto joined = m_joined.find(onlyReader(value)); joined != m_joined.end()) {
        if (outputs.front().layout() == Layout::ChannelsLast && outputs.front().pixelStep() != outputs.front().shape()[1])
            joined->second.written.insert(value);
        if (joined->second.written.empty())
            m_joined.erase(joined);
    }
    finish(layers, outputs);
    return {};
}

/// What has been run is no longer pending, its inputs may be given up, its outputs are there.
void Walk::finish(std::span<const LayerId> layers, std::span<const Tensor> outputs)
{
    for (const LayerId done : layers) {
        m_pending[done] = 0;
        for (const ValueId value : m_model.layer(done).inputs)
            release(value);
    }
    const Layer& last = m_model.layer(layers.back());
    for (size_t i = 0; i < outputs.size(); ++i) {
        m_host->computed(last.outputs[i], outputs[i], layers);
        if (State& state = at(last.outputs[i]); state.wanted || state.readers > 0)
            state.tensor = outputs[i];
    }
}

Result<void> Walk::runLayer(LayerId id)
{
    const Layer& layer = m_model.layer(id);
    std::vector<Tensor> inputs;
    for (size_t port = 0; port < layer.inputs.size(); ++port)
        inputs.push_back(input(layer.inputs[port], factors(id, port)));
    if (m_joined.contains(id))
        return join(id, inputs);
    QS_TRY(const bool done, runInBands(id, inputs));
    return done ? Result<void>() : runAlone(id, inputs);
}

}  // namespace qs

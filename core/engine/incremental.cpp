#include "core/engine/incremental.h"

#include "core/ops/op.h"

#include <algorithm>
#include <bit>

namespace qs {

namespace {

/// Operations of one layer, in multiply-accumulates: an element that is only moved counts as one.
double costOf(const Model& model, LayerId id)
{
    double cost = static_cast<double>(layerMacs(model, id));
    for (const ValueId output : model.layer(id).outputs)
        cost += static_cast<double>(elementCount(model.value(output).shape));
    return cost;
}

void addParams(KeyBuilder& builder, const std::optional<QuantParams>& params)
{
    builder.add(uint64_t{params.has_value()});
    if (params)
        builder.add(std::bit_cast<uint32_t>(params->scale)).add(static_cast<uint64_t>(params->offset)).add(static_cast<uint64_t>(params->bits));
}

}  // namespace

IncrementalEvaluator::IncrementalEvaluator(std::shared_ptr<Engine> engine, std::shared_ptr<const Model> model, std::shared_ptr<ValueCache> cache)
    : m_runner(std::move(engine), std::move(model)), m_cache(std::move(cache))
{
    for (LayerId id = 0; id < static_cast<LayerId>(this->model().layers().size()); ++id) {
        const Layer& layer = this->model().layer(id);
        KeyBuilder builder;
        builder.add(layer.op);
        for (const auto& [name, value] : layer.attributes.all()) {
            builder.add(name).add(static_cast<uint64_t>(value.index()));
            if (const double* real = std::get_if<double>(&value))
                builder.add(std::bit_cast<uint64_t>(*real));
            else if (const auto* reals = std::get_if<std::vector<double>>(&value))
                builder.add(std::as_bytes(std::span(*reals)));
            else
                builder.add(attributeText(value));
        }
        m_layerKeys.push_back(builder.key());
        m_costs.push_back(costOf(this->model(), id));
    }
}

ValueKey IncrementalEvaluator::weightKey(const std::shared_ptr<const Buffer>& buffer)
{
    if (!buffer)
        return {};
    auto& [owner, key] = m_weightKeys[buffer.get()];
    if (owner.lock() != buffer) {
        KeyBuilder builder;
        builder.add(static_cast<uint64_t>(buffer->dtype()));
        for (const int64_t dimension : buffer->shape())
            builder.add(static_cast<uint64_t>(dimension));
        builder.add(std::span(buffer->bytes(), buffer->sizeBytes()));
        key = builder.key();
        owner = buffer;
    }
    return key;
}

Variant IncrementalEvaluator::variant(std::vector<LayerQuantization> layers)
{
    std::erase_if(m_weightKeys, [](const auto& entry) { return entry.second.first.expired(); });
    Variant variant{std::move(layers), {}};
    variant.keys.resize(model().values().size());
    for (size_t id = 0; id < model().values().size(); ++id)
        if (const Value& value = model().values()[id]; value.constant)
            variant.keys[id] = weightKey(value.constant);
    for (LayerId id = 0; id < static_cast<LayerId>(model().layers().size()); ++id)
        enterKeys(variant, id);
    return variant;
}

Variant IncrementalEvaluator::changed(const Variant& base, LayerId layer, LayerQuantization quantization)
{
    Variant variant = base;
    variant.layers[static_cast<size_t>(layer)] = std::move(quantization);
    // Layers stand in execution order: nothing before it depends on it.
    for (LayerId id = layer; id < static_cast<LayerId>(model().layers().size()); ++id)
        enterKeys(variant, id);
    return variant;
}

KeyBuilder IncrementalEvaluator::layerKey(const std::vector<ValueKey>& keys, LayerId id, const LayerQuantization& quantization)
{
    const Layer& layer = model().layer(id);
    KeyBuilder builder;
    builder.add(m_layerKeys[static_cast<size_t>(id)]);
    if (layer.op == "Input")
        builder.add(layer.name);
    for (size_t port = 0; port < layer.inputs.size(); ++port) {
        builder.add(keys[static_cast<size_t>(layer.inputs[port])]);
        addParams(builder, port < quantization.inputs.size() ? quantization.inputs[port] : std::nullopt);
    }
    for (const auto& weight : quantization.weights.empty() ? layer.weights : quantization.weights)
        builder.add(weightKey(weight));
    return builder;
}

void IncrementalEvaluator::enterKeys(Variant& variant, LayerId id)
{
    const KeyBuilder builder = layerKey(variant.keys, id, variant.layers[static_cast<size_t>(id)]);
    const auto& outputs = model().layer(id).outputs;
    for (size_t i = 0; i < outputs.size(); ++i)
        variant.keys[static_cast<size_t>(outputs[i])] = KeyBuilder(builder).add(static_cast<uint64_t>(i)).key();
}

ValueKey IncrementalEvaluator::changedKey(const Variant& base, LayerId layer, const LayerQuantization& quantization, size_t output)
{
    return layerKey(base.keys, layer, quantization).add(static_cast<uint64_t>(output)).key();
}

ValueKey IncrementalEvaluator::key(const Variant& variant, ValueId value, const Sample& sample)
{
    return KeyBuilder().add(variant.keys[static_cast<size_t>(value)]).add(sample.key).key();
}

/// One run: what is needed is found from the wanted values backwards, up to what is cached.
class IncrementalEvaluator::Walk {
public:
    Walk(IncrementalEvaluator& evaluator, const Variant& variant, const Sample& sample, bool keep)
        : m_evaluator(evaluator), m_model(evaluator.model()), m_variant(variant), m_sample(sample), m_keep(keep)
    {
        m_values.resize(m_model.values().size());
        m_quantized.resize(m_model.values().size());
        m_readers.resize(m_model.values().size());
        m_wanted.resize(m_model.values().size());
        m_seen.resize(m_model.values().size());
        m_needed.resize(m_model.layers().size());
    }

    Result<void> run(std::span<const ValueId> wanted, const Tap& tap, const JobContext& job)
    {
        for (const ValueId value : wanted)
            m_wanted[static_cast<size_t>(value)] = 1;
        for (const ValueId value : wanted)
            need(value);
        if (m_loads)
            QS_CHECK(load());
        // Wanted values that are known already come at their place in execution order.
        for (const ValueId input : m_model.inputs())
            QS_CHECK(show(input, tap));
        for (LayerId id = 0; id < static_cast<LayerId>(m_needed.size()); ++id) {
            if (m_needed[static_cast<size_t>(id)]) {
                if (job.cancelled())
                    return cancelledError();
                QS_CHECK(runLayer(id));
            }
            for (const ValueId output : m_model.layer(id).outputs)
                QS_CHECK(show(output, tap));
            for (const ValueId input : m_model.layer(id).inputs)
                if (m_needed[static_cast<size_t>(id)])
                    release(input);
        }
        return {};
    }

private:
    static bool runs(const Layer& layer) { return layer.notRunnable.empty() && layer.op != "Input"; }

    void need(ValueId first)
    {
        std::vector<ValueId> open{first};
        while (!open.empty()) {
            const ValueId id = open.back();
            open.pop_back();
            if (m_seen[static_cast<size_t>(id)]++)
                continue;
            const Value& value = m_model.value(id);
            if (value.constant)
                continue;
            m_values[static_cast<size_t>(id)] = m_evaluator.m_cache->find(key(m_variant, id, m_sample));
            if (!m_values[static_cast<size_t>(id)].empty() || value.producer == noId)
                continue;
            const Layer& layer = m_model.layer(value.producer);
            if (layer.op == "Input")
                m_loads = true;
            if (!runs(layer) || m_needed[static_cast<size_t>(value.producer)])
                continue;
            m_needed[static_cast<size_t>(value.producer)] = 1;
            for (const ValueId input : layer.inputs) {
                ++m_readers[static_cast<size_t>(input)];
                open.push_back(input);
            }
        }
    }

    Result<void> load()
    {
        QS_TRY(const std::vector<Tensor> inputs, m_sample.load());
        for (size_t i = 0; i < m_model.inputs().size() && i < inputs.size(); ++i) {
            const ValueId input = m_model.inputs()[i];
            if (!m_values[static_cast<size_t>(input)].empty())
                continue;
            m_values[static_cast<size_t>(input)] = inputs[i];
            // A picture costs its decoding: like a multiply-accumulate for each of some hundred operations a pixel.
            constexpr double decoding = 200;
            keep(input, decoding * static_cast<double>(inputs[i].count()));
        }
        return {};
    }

    Result<void> show(ValueId id, const Tap& tap)
    {
        const Tensor& tensor = m_values[static_cast<size_t>(id)];
        if (!m_wanted[static_cast<size_t>(id)] || tensor.empty())
            return {};
        m_wanted[static_cast<size_t>(id)] = 0;
        QS_CHECK(tap(id, toFloat(tensor, m_evaluator.m_runner.pool())));
        if (m_readers[static_cast<size_t>(id)] == 0)
            m_values[static_cast<size_t>(id)] = {};
        return {};
    }

    void keep(ValueId id, double cost)
    {
        if (m_keep)
            m_evaluator.m_cache->insert(key(m_variant, id, m_sample), m_values[static_cast<size_t>(id)], cost);
    }

    void release(ValueId id)
    {
        if (--m_readers[static_cast<size_t>(id)] > 0)
            return;
        m_quantized[static_cast<size_t>(id)].clear();
        m_values[static_cast<size_t>(id)] = {};
    }

    /// The ReLU behind a layer whose own value nobody else needs now: one kernel does both.
    LayerId reluBehind(const Layer& layer) const
    {
        const ValueId value = layer.outputs.front();
        const auto index = static_cast<size_t>(value);
        if (layer.outputs.size() != 1 || m_wanted[index] || m_readers[index] != 1 || !m_evaluator.m_runner.engine().canFuseRelu(layer.op))
            return noId;
        for (const LayerId reader : m_model.value(value).consumers)
            if (m_needed[static_cast<size_t>(reader)])
                return m_model.layer(reader).op == "ReLU" && !m_variant.layers[static_cast<size_t>(reader)].active() ? reader : noId;
        return noId;
    }

    /// Fake-quantized inputs are shared between the layers that read a value with the same factors.
    Tensor input(ValueId id, const std::optional<QuantParams>& params)
    {
        const Tensor& value = m_values[static_cast<size_t>(id)];
        if (!params || value.empty())
            return value;
        auto& known = m_quantized[static_cast<size_t>(id)];
        for (const auto& [knownParams, tensor] : known)
            if (knownParams == *params)
                return tensor;
        return known.emplace_back(*params, m_evaluator.m_runner.fakeQuantized(value, *params)).second;
    }

    Result<void> runLayer(LayerId id)
    {
        const Layer& layer = m_model.layer(id);
        const LayerQuantization& quantization = m_variant.layers[static_cast<size_t>(id)];
        std::vector<Tensor> inputs;
        for (size_t port = 0; port < layer.inputs.size(); ++port)
            inputs.push_back(input(layer.inputs[port], port < quantization.inputs.size() ? quantization.inputs[port] : std::nullopt));
        LayerQuantization weightsOnly;
        weightsOnly.weights = quantization.weights;
        double cost = m_evaluator.m_costs[static_cast<size_t>(id)];
        std::optional<float> slope;
        const LayerId relu = reluBehind(layer);
        if (relu != noId) {
            slope = static_cast<float>(m_model.layer(relu).attributes.real("slope", 0));
            m_needed[static_cast<size_t>(relu)] = 0;
            cost += m_evaluator.m_costs[static_cast<size_t>(relu)];
        }
        QS_TRY(std::vector<Tensor> outputs, m_evaluator.m_runner.run(id, inputs, &weightsOnly, slope));
        ++m_evaluator.m_layersRun;
        const Layer& last = relu == noId ? layer : m_model.layer(relu);
        for (size_t i = 0; i < outputs.size(); ++i) {
            m_values[static_cast<size_t>(last.outputs[i])] = outputs[i];
            keep(last.outputs[i], cost);
        }
        return {};
    }

    IncrementalEvaluator& m_evaluator;
    const Model& m_model;
    const Variant& m_variant;
    const Sample& m_sample;
    bool m_keep;
    bool m_loads = false;
    std::vector<Tensor> m_values;                                          // by value: held while something needs it
    std::vector<std::vector<std::pair<QuantParams, Tensor>>> m_quantized;  // by value
    std::vector<int> m_readers;
    std::vector<char> m_wanted;
    std::vector<int> m_seen;
    std::vector<char> m_needed;  // by layer
};

Result<void> IncrementalEvaluator::run(const Variant& variant, const Sample& sample, std::span<const ValueId> wanted, bool keep, const Tap& tap,
                                       const JobContext& job)
{
    QS_CHECK(Walk(*this, variant, sample, keep).run(wanted, tap, job));
    // Storage that waits for reuse is bounded, too: an eighth of what the cache may hold.
    TensorPool& pool = m_runner.pool();
    if (pool.bytesHeld() - pool.bytesInUse() > m_cache->budget() / 8)
        pool.trim();
    return {};
}

}  // namespace qs

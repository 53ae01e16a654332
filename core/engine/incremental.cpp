#include "core/engine/incremental.h"

#include "core/ops/op.h"

#include <algorithm>
#include <bit>

namespace qs {

namespace {

/// Operations of one layer for one sample, in multiply-accumulates: an element that is only moved counts as one.
double costOf(const Model& model, LayerId id)
{
    double cost = static_cast<double>(layerMacs(model, id));
    for (const ValueId output : model.layer(id).outputs)
        cost += static_cast<double>(elementCount(model.value(output).shape) / declaredBatch(model));
    return cost;
}

void addParams(KeyBuilder& builder, const std::optional<QuantParams>& params)
{
    builder.add(uint64_t{params.has_value()});
    if (params)
        builder.add(std::bit_cast<uint32_t>(params->scale))
            .add(static_cast<uint64_t>(params->offset))
            .add(static_cast<uint64_t>(params->bits))
            .add(static_cast<uint64_t>(params->form.isUnsigned) << 9 | static_cast<uint64_t>(params->form.narrow) << 8 |
                 static_cast<uint64_t>(params->form.rounding));
}

}  // namespace

IncrementalEvaluator::IncrementalEvaluator(std::shared_ptr<Engine> engine, std::shared_ptr<const Model> model, std::shared_ptr<ValueCache> cache)
    : m_runner(std::move(engine), std::move(model), cache->pool()), m_cache(std::move(cache)), m_walk(m_runner)
{
    for (const LayerId id : this->model().layerIds()) {
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

std::vector<IncrementalEvaluator*> IncrementalEvaluator::lanes()
{
    const auto count = static_cast<size_t>(laneCount(m_runner.engine(), model()));
    while (m_others.size() + 1 < count) {
        m_others.push_back(std::make_unique<IncrementalEvaluator>(m_runner.sharedEngine(), sharedModel(), m_cache));
        m_others.back()->m_loading = m_loading;
    }
    std::vector<IncrementalEvaluator*> lanes{this};
    for (size_t i = 0; i + 1 < count; ++i)
        lanes.push_back(m_others[i].get());
    return lanes;
}

int64_t IncrementalEvaluator::layersRun() const
{
    int64_t layers = m_layersRun;
    for (const auto& other : m_others)
        layers += other->layersRun();
    return layers;
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

Variant IncrementalEvaluator::variant(ById<LayerId, LayerQuantization> layers)
{
    std::erase_if(m_weightKeys, [](const auto& entry) { return entry.second.first.expired(); });
    Variant variant{std::move(layers), {}};
    variant.keys.resize(model().values().size());
    for (const ValueId id : model().valueIds())
        if (const Value& value = model().value(id); value.constant)
            variant.keys[id] = weightKey(value.constant);
    for (const LayerId id : model().layerIds())
        enterKeys(variant, id);
    return variant;
}

Variant IncrementalEvaluator::changed(const Variant& base, LayerId layer, LayerQuantization quantization)
{
    Variant variant = base;
    variant.layers[layer] = std::move(quantization);
    // Layers stand in execution order: nothing before it depends on it.
    for (LayerId id = layer; id < model().layers().nextId(); ++id)
        enterKeys(variant, id);
    return variant;
}

KeyBuilder IncrementalEvaluator::layerKey(const ById<ValueId, ValueKey>& keys, LayerId id, const LayerQuantization& quantization)
{
    const Layer& layer = model().layer(id);
    KeyBuilder builder;
    builder.add(m_layerKeys[id]);
    if (layer.op == "Input")
        builder.add(layer.name);
    for (size_t port = 0; port < layer.inputs.size(); ++port) {
        builder.add(keys[layer.inputs[port]]);
        addParams(builder, port < quantization.inputs.size() ? quantization.inputs[port] : std::nullopt);
    }
    if (quantization.quantizesOutputs())
        for (const auto& output : quantization.outputs)
            addParams(builder, output);
    if (quantization.state)
        addParams(builder, quantization.state);
    for (const auto& weight : quantization.weights.empty() ? layer.weights : quantization.weights)
        builder.add(weightKey(weight));
    return builder;
}

void IncrementalEvaluator::enterKeys(Variant& variant, LayerId id)
{
    const KeyBuilder builder = layerKey(variant.keys, id, variant.layers[id]);
    const auto& outputs = model().layer(id).outputs;
    for (size_t i = 0; i < outputs.size(); ++i)
        variant.keys[outputs[i]] = KeyBuilder(builder).add(static_cast<uint64_t>(i)).key();
}

ValueKey IncrementalEvaluator::changedKey(const Variant& base, LayerId layer, const LayerQuantization& quantization, size_t output)
{
    return layerKey(base.keys, layer, quantization).add(static_cast<uint64_t>(output)).key();
}

ValueKey IncrementalEvaluator::key(const Variant& variant, ValueId value, const Sample& sample)
{
    return KeyBuilder().add(variant.keys[value]).add(sample.key).key();
}

namespace {

class CachingHost final : public WalkHost {
public:
    CachingHost(const Variant& variant, const Sample& sample, ValueCache& cache, const ById<LayerId, double>& costs, bool keep, const Tap& tap,
                TensorPool& pool, std::mutex& loading)
        : m_variant(variant), m_sample(sample), m_cache(cache), m_costs(costs), m_keep(keep), m_tap(tap), m_pool(pool), m_loading(loading)
    {
    }

    Tensor find(ValueId id) override { return m_cache.find(IncrementalEvaluator::key(m_variant, id, m_sample)); }
    Result<std::vector<Tensor>> load() override
    {
        const std::lock_guard lock(m_loading);
        return m_sample.load();
    }
    void computed(ValueId id, const Tensor& tensor, std::span<const LayerId> layers) override
    {
        m_layersRun += !layers.empty();
        if (!m_keep)
            return;
        // A picture costs its decoding: like a multiply-accumulate for each of some hundred operations a pixel.
        constexpr double decoding = 200;
        double cost = layers.empty() ? decoding * static_cast<double>(tensor.count()) : 0;
        for (const LayerId layer : layers)
            cost += m_costs[layer];
        m_cache.insert(IncrementalEvaluator::key(m_variant, id, m_sample), tensor, cost);
    }
    bool keeps() const override { return m_keep; }
    Result<void> show(ValueId id, const Tensor& tensor) override { return m_tap(id, toFloat(tensor, m_pool)); }
    int64_t layersRun() const { return m_layersRun; }

private:
    const Variant& m_variant;
    const Sample& m_sample;
    ValueCache& m_cache;
    const ById<LayerId, double>& m_costs;
    bool m_keep;
    const Tap& m_tap;
    TensorPool& m_pool;
    std::mutex& m_loading;
    int64_t m_layersRun = 0;
};

}  // namespace

Result<void> IncrementalEvaluator::run(const Variant& variant, const Sample& sample, std::span<const ValueId> wanted, bool keep, const Tap& tap,
                                       const JobContext& job)
{
    CachingHost host(variant, sample, *m_cache, m_costs, keep, tap, m_runner.pool(), *m_loading);
    const auto walked = m_walk.run(&variant.layers, wanted, host, job);
    m_layersRun += host.layersRun();
    QS_CHECK(walked);
    m_cache->trimPool();
    return {};
}

Result<Values> IncrementalEvaluator::values(const Variant& variant, const Sample& sample, std::span<const ValueId> wanted, bool keep,
                                            const JobContext& job)
{
    Values values;
    const auto tap = [&](ValueId id, const Tensor& tensor) -> Result<void> {
        values[id] = tensor;
        return {};
    };
    QS_CHECK(run(variant, sample, wanted, keep, tap, job));
    return values;
}

}  // namespace qs

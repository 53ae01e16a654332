#include "core/targets/onnxruntime/given.h"

#include "core/ir/builder.h"
#include "core/ops/op.h"
#include "core/prepare/quantized_weights.h"
#include "core/quant/code_grid.h"
#include "core/targets/onnxruntime/onnxruntime.h"

#include <algorithm>
#include <map>
#include <set>

namespace qs {

namespace {

/// A DequantizeLinear behind a QuantizeLinear of the same grid.
struct Pair {
    LayerId quantizes;
    LayerId restores;
    ValueId source;  ///< what is quantized
    QuantParams params;
};

std::optional<Pair> pairAt(const Model& model, LayerId id)
{
    const Layer& restores = model.layer(id);
    if (restores.op != "AntiQuant" || restores.inputs.size() != 1 || restores.outputs.size() != 1)
        return std::nullopt;
    const LayerId producer = model.value(restores.inputs.front()).producer;
    if (producer == noId || model.layer(producer).op != "Quant")
        return std::nullopt;
    const Attributes& codes = model.layer(producer).attributes;
    if (codes.real("scale", 1) != restores.attributes.real("scale", 1) || codes.integer("offset", 0) != restores.attributes.integer("offset", 0))
        return std::nullopt;
    return Pair{producer, id, model.layer(producer).inputs.front(), codeGrid(codes).params};
}

class Lifting {
public:
    explicit Lifting(const Model& model) : m_model(model), m_builder(model), m_outputs(model.outputs().begin(), model.outputs().end()) {}

    bool findPairs()
    {
        for (const LayerId id : m_model.layerIds())
            if (const auto pair = pairAt(m_model, id))
                m_pairs.emplace(m_model.layer(id).outputs.front(), *pair);
        // Codes that something else reads are no simulation of ours.
        std::set<const Layer*> paired;
        for (const auto& [value, pair] : m_pairs)
            paired.insert({&m_model.layer(pair.quantizes), &m_model.layer(pair.restores)});
        const bool others = std::any_of(m_model.layers().begin(), m_model.layers().end(), [&](const Layer& layer) {
            return (layer.op == "Quant" || layer.op == "AntiQuant" || layer.op == "DeQuant") && !paired.contains(&layer);
        });
        if (others || m_pairs.empty())
            return false;
        return std::all_of(m_pairs.begin(), m_pairs.end(), [this](const auto& entry) {
            const ValueId codes = m_model.layer(entry.second.quantizes).outputs.front();
            const auto& readers = m_model.value(codes).consumers;
            return !isOutput(codes) &&
                   std::all_of(readers.begin(), readers.end(), [this](LayerId reader) { return m_model.layer(reader).op == "AntiQuant"; });
        });
    }

    Result<GivenQuantization> run()
    {
        for (const auto& [value, pair] : m_pairs)
            lift(value, pair);
        for (const LayerId id : m_gone)
            m_builder.removeLayer(id);
        GivenQuantization given;
        QS_TRY(given.network, std::move(m_builder).build());
        for (auto& [name, factors] : m_record.layers)
            std::sort(factors.inputs.begin(), factors.inputs.end(), [](const InputFactors& a, const InputFactors& b) { return a.port < b.port; });
        given.record = std::move(m_record);
        given.configuration = settings(*given.network, given.record);
        return given;
    }

private:
    bool isOutput(ValueId value) const { return m_outputs.contains(value); }

    /// The ports that factors can quantize: all of the layer's, or none, for factors are a layer's as a whole.
    const std::set<int>& liftedPorts(LayerId id)
    {
        if (const auto known = m_ports.find(id); known != m_ports.end())
            return known->second;
        const Layer& layer = m_model.layer(id);
        std::vector<int> ports = weightsFit(layer) ? quantizableSites(m_model, id, onnxruntimeScheme()) : std::vector<int>();
        const auto paired = [&](int port) { return m_pairs.contains(layer.inputs[static_cast<size_t>(port)]); };
        const bool all = std::all_of(ports.begin(), ports.end(), paired);
        return m_ports[id] = all ? std::set<int>(ports.begin(), ports.end()) : std::set<int>();
    }

    /// The layer's weights can be said by factors, or there are none to say.
    bool weightsFit(const Layer& layer) const
    {
        if (const LayerRule* rule = onnxruntimeScheme().rule(layer.op); !rule || rule->quantizable != Quantizable::WeightsAndData)
            return true;
        if (layer.weights.empty() || !layer.weights.front() || !layer.attributes.has("weightScales"))
            return false;
        LayerFactors factors;
        const std::vector<double> scales = layer.attributes.reals("weightScales");
        factors.weightScales.assign(scales.begin(), scales.end());
        if (!checkWeightScaleCount(layer, scales.size(), onnxruntimeScheme().channelWise(layer.op), {}).ok())
            return false;
        const auto again = fakeQuantizedWeightsOnly(layer, factors).front();
        return std::ranges::equal(again->floats(), layer.weights.front()->floats());
    }

    void lift(ValueId value, const Pair& pair)
    {
        std::vector<LayerId> readers = m_model.value(value).consumers;
        readers.erase(std::unique(readers.begin(), readers.end()), readers.end());
        bool others = isOutput(value);
        for (const LayerId reader : readers) {
            const Layer& layer = m_model.layer(reader);
            const std::set<int>& ports = liftedPorts(reader);
            // What our own writer puts behind a pair that stands alone.
            if (layer.op == "Identity" && !others && readers.size() == 1) {
                makeQuantizer(reader, m_model.layer(reader).name, pair);
                m_gone.insert({pair.restores, pair.quantizes});
                return;
            }
            for (size_t port = 0; port < layer.inputs.size(); ++port) {
                if (layer.inputs[port] != value)
                    continue;
                const bool taken = ports.contains(static_cast<int>(port));
                others |= !taken;
                if (taken) {
                    m_builder.layer(reader).inputs[port] = pair.source;
                    enter(layer, static_cast<int>(port), pair.params);
                }
            }
        }
        if (others)
            // Several DequantizeLinear may stand behind one QuantizeLinear: it has one name to give.
            makeQuantizer(pair.restores, m_model.layer(m_named.insert(pair.quantizes).second ? pair.quantizes : pair.restores).name, pair);
        else
            m_gone.insert(pair.restores);
        // All that reads the codes is a DequantizeLinear: it goes with them.
        m_gone.insert(pair.quantizes);
    }

    void makeQuantizer(LayerId id, const std::string& name, const Pair& pair)
    {
        Layer& layer = m_builder.layer(id);
        layer.name = name;
        layer.op = "Quantizer";
        layer.type = "QuantizeLinear";
        layer.attributes = {};
        layer.inputs = {pair.source};
        enter(layer, 0, pair.params);
    }

    void enter(const Layer& layer, int port, const QuantParams& params)
    {
        LayerFactors& factors = m_record.layers[layer.name];
        factors.inputs.push_back({.port = port, .params = params});
        const std::vector<double> scales = layer.attributes.reals("weightScales");
        factors.weightScales.assign(scales.begin(), scales.end());
        factors.floatBias = layer.attributes.flag("floatBias", false);
    }

    static Configuration settings(const Model& network, const QuantRecord& record)
    {
        Configuration configuration = createQuantConfig(network, 1, true, onnxruntimeScheme());
        configuration.target = "onnxruntime";
        configuration.doFusion = false;
        configuration.activationOffset = false;
        for (auto& [name, setting] : configuration.layers) {
            const auto found = record.layers.find(name);
            setting.quantEnable = found != record.layers.end();
            if (!setting.quantEnable)
                continue;
            const auto ports = quantizableSites(network, network.findLayer(name), onnxruntimeScheme());
            setting.activations.resize(ports.size());
            for (size_t i = 0; i < ports.size(); ++i)
                if (const InputFactors* input = found->second.input(ports[i])) {
                    setting.activations[i].bits = input->params.bits;
                    setting.activations[i].withOffset = input->params.offset != 0;
                }
            setting.activationsAsList = ports.size() > 1;
            if (setting.weights)
                setting.weights->channelWise = found->second.weightScales.size() > 1;
            configuration.activationOffset |= std::any_of(setting.activations.begin(), setting.activations.end(),
                                                          [](const ActivationSetting& input) { return input.withOffset.value_or(false); });
        }
        return configuration;
    }

    const Model& m_model;
    ModelBuilder m_builder;
    std::map<ValueId, Pair> m_pairs;  ///< by what the DequantizeLinear gives
    std::set<ValueId> m_outputs;
    std::map<LayerId, std::set<int>> m_ports;  ///< of readers that were asked for
    std::set<LayerId> m_gone;
    std::set<LayerId> m_named;  ///< QuantizeLinear whose names a Quantizer has
    QuantRecord m_record;
};

}  // namespace

Result<std::optional<GivenQuantization>> givenQuantization(const Model& model)
{
    Lifting lifting(model);
    if (!lifting.findPairs())
        return std::optional<GivenQuantization>();
    QS_TRY(GivenQuantization given, lifting.run());
    return std::optional(std::move(given));
}

}  // namespace qs

#include "core/export/onnx/net.h"

#include "core/data/npy.h"
#include "core/export/onnx/layers.h"
#include "core/ops/op.h"
#include "core/ops/weight_channels.h"
#include "core/prepare/quantized_weights.h"

#include <algorithm>

namespace qs {

namespace {

class Writer {
public:
    Writer(const Model& network, const QuantizedNetwork* quantized, int opset)
        : m_network(network), m_quantized(quantized), m_graph(network.name(), opset)
    {
        for (const Value& value : network.values())
            m_names.push_back(m_graph.unique(value.name));
    }

    Result<std::string> run()
    {
        for (const ValueId input : m_network.inputs())
            m_graph.input(name(input), m_network.value(input).shape, declaredBatch(m_network));
        std::vector<Error> failed;
        for (const LayerId id : m_network.layerIds())
            if (const Result<void> written = writeLayer(id); !written)
                failed.push_back(written.error());
        if (!failed.empty())
            return layersNotWritten(failed, "as ONNX", m_network.name());
        for (const ValueId output : m_network.outputs()) {
            const Value& value = m_network.value(output);
            if (value.producer == noId || m_network.layer(value.producer).op == "Input")
                return Error{ErrorCode::NotSupported, "its output '" + value.name + "' is an input or a constant", m_network.name()};
            m_graph.output(name(output), value.shape, declaredBatch(m_network));
        }
        return m_graph.bytes();
    }

    /// Structure alone.
    std::vector<Refusal> refusals()
    {
        m_weightsToo = false;
        std::vector<Refusal> refused;
        for (const LayerId id : m_network.layerIds())
            if (const Result<void> written = writeLayer(id); !written)
                refused.push_back({m_network.layer(id).name, written.error().detail});
        return refused;
    }

private:
    const std::string& name(ValueId id) const { return m_names[id]; }

    Result<void> writeLayer(LayerId id)
    {
        const Layer& layer = m_network.layer(id);
        if (layer.op == "Input")
            return {};
        const std::string where = "layer '" + layer.name + "'";
        const auto shaped = [this](ValueId value) { return m_network.value(value).shaped; };
        if (!layer.notRunnable.empty() || layer.outputs.empty() || !std::all_of(layer.inputs.begin(), layer.inputs.end(), shaped) ||
            !std::all_of(layer.outputs.begin(), layer.outputs.end(), shaped))
            return Error{ErrorCode::NotSupported, "it is not run: " + layer.notRunnable, where};
        if (weightsMissing(layer))
            return Error{ErrorCode::NotSupported, "its weights are missing", where};
        OnnxLayer written{.graph = m_graph, .model = m_network, .layer = layer, .inputs = {}, .outputs = {}, .weight = {}, .quantizer = {}};
        for (const ValueId input : layer.inputs)
            written.inputs.push_back(m_network.value(input).constant ? constant(input) : name(input));
        for (const ValueId output : layer.outputs)
            written.outputs.push_back(name(output));
        QS_TRY(const std::vector<std::string> codes, integers(id));
        const bool changed = m_quantized && !m_quantized->layers[id].weights.empty();
        const auto& floats = changed ? m_quantized->layers[id].weights : layer.weights;
        written.weight = [&](size_t i) {
            if (!m_weightsToo)
                return weightName(layer, i);
            return i < codes.size() ? codes[i] : m_graph.floats(weightName(layer, i), floats[i]->shape(), toFloat(*floats[i]).floats());
        };
        std::optional<Error> refused;
        written.quantizer = [&](const std::string& value, size_t port) {
            const auto params = paramsOf(id, port);
            if (!params)
                return value;
            if (params->bits != 8 && params->bits != 16) {
                refused = Error{ErrorCode::NotSupported,
                                "its inputs have " + std::to_string(params->bits) + " bits; ONNX has 8 and 16: set activation_quant_params.num_bits",
                                where};
                return value;
            }
            return quantized(value, *params);
        };
        QS_CHECK(writeOnnxLayer(written));
        return refused ? Result<void>(*std::move(refused)) : Result<void>();
    }

    std::optional<QuantParams> paramsOf(LayerId id, size_t port) const
    {
        if (!m_quantized)
            return std::nullopt;
        const auto& inputs = m_quantized->layers[id].inputs;
        return port < inputs.size() ? inputs[port] : std::nullopt;
    }

    std::string constant(ValueId id)
    {
        std::string& known = m_constants[id];
        if (known.empty()) {
            const Buffer values = toFloat(*m_network.value(id).constant);
            known = m_graph.floats(name(id) + "_constant", values.shape(), values.floats());
        }
        return known;
    }

    /// QuantizeLinear and DequantizeLinear behind a value; those that stand there already for the same parameters.
    std::string quantized(const std::string& value, const QuantParams& params)
    {
        for (const auto& [known, result] : m_quantizers[value])
            if (known == params)
                return result;
        const std::string scale = m_graph.floats(value + "_scale", {}, std::span(&params.scale, 1));
        std::string zero;
        if (params.bits == 8) {
            const auto code = static_cast<int8_t>(params.offset);
            zero = m_graph.raw(value + "_zero_point", onnx::TensorProto::INT8, {}, &code, sizeof(code));
        } else {
            const auto code = static_cast<int16_t>(params.offset);
            zero = m_graph.raw(value + "_zero_point", onnx::TensorProto::INT16, {}, &code, sizeof(code));
        }
        const std::string codes = m_graph.unique(value + "_QuantizeLinear");
        const std::string result = m_graph.unique(value + "_DequantizeLinear");
        onnx::NodeProto& there = m_graph.node("QuantizeLinear", codes, {value, scale, zero}, {codes});
        onnx::NodeProto& back = m_graph.node("DequantizeLinear", result, {codes, scale, zero}, {result});
        // Before opset 21 the format itself has 8 bits only.
        if (params.bits != 8)
            for (onnx::NodeProto* node : {&there, &back})
                m_graph.setDomain(*node, "com.microsoft");
        m_quantizers[value].emplace_back(params, result);
        return result;
    }

    std::string weightName(const Layer& layer, size_t i) const
    {
        const bool usual = multipliesByWeights(layer.op);
        return layer.name + (usual && i == 0 ? "_weight" : usual && i == 1 ? "_bias" : "_w" + std::to_string(i));
    }

    /// Scales by place along an axis of weight 0; axis -1: one scale.
    struct Along {
        int64_t axis;
        std::vector<float> scales;
    };
    static Result<Along> scalesAlong(const Layer& layer, const std::vector<float>& scales)
    {
        if (scales.size() == 1)
            return Along{-1, scales};
        if (layer.op != "Deconvolution")
            return Along{0, scales};
        const Shape& shape = layer.weights[0]->shape();
        const int64_t group = layer.attributes.integer("group", 1);
        if (group == 1)
            return Along{1, scales};
        // Of one output a group, all rows of it have its scale.
        if (shape[1] != 1)
            return Error{ErrorCode::NotSupported, "ONNX cannot scale the channels of such groups one by one: switch its channel_wise off",
                         "layer '" + layer.name + "'"};
        Along along{0, {}};
        for (int64_t row = 0; row < shape[0]; ++row)
            along.scales.push_back(scales[static_cast<size_t>(row / (shape[0] / group))]);
        return along;
    }

    /// Quantized weights, as codes behind a DequantizeLinear; none of a layer whose weights stay float.
    Result<std::vector<std::string>> integers(LayerId id)
    {
        const Layer& layer = m_network.layer(id);
        if (!m_quantized || !multipliesByWeights(layer.op) || m_quantized->layers[id].weights.empty())
            return std::vector<std::string>();
        const auto found = m_quantized->record.layers.find(layer.name);
        if (found == m_quantized->record.layers.end() || found->second.weightScales.empty())
            return std::vector<std::string>();
        const LayerFactors& factors = found->second;
        QS_TRY(const auto codes, integerWeights(layer, factors));
        const std::vector<float>& scales = factors.weightScales;
        const bool perChannel = scales.size() > 1;
        const Shape shape = perChannel ? Shape{static_cast<int64_t>(scales.size())} : Shape{};
        QS_TRY(const Along along, scalesAlong(layer, scales));
        const Shape scaleShape = perChannel ? Shape{static_cast<int64_t>(along.scales.size())} : Shape{};
        const std::string name = weightName(layer, 0);
        const std::vector<int8_t> zeros(along.scales.size(), 0);
        const std::string quantized =
            m_graph.raw(name + "_quantized", onnx::TensorProto::INT8, codes[0]->shape(), codes[0]->bytes(), codes[0]->sizeBytes());
        const std::string scale = m_graph.floats(name + "_scale", scaleShape, along.scales);
        const std::string zero = m_graph.raw(name + "_zero_point", onnx::TensorProto::INT8, scaleShape, zeros.data(), zeros.size());
        std::vector<std::string> names{dequantized(name, {quantized, scale, zero}, along.axis)};
        for (size_t i = 1; i < codes.size(); ++i) {
            const std::string own = weightName(layer, i);
            if (!codes[i]) {
                names.emplace_back();
            } else if (codes[i]->dtype() != DType::I32) {
                names.push_back(m_graph.floats(own, codes[i]->shape(), toFloat(*codes[i]).floats()));
            } else {
                std::vector<float> products;
                for (const float factor : scales)
                    products.push_back(factor * factors.inputs.front().params.scale);
                const std::string bias =
                    m_graph.raw(own + "_quantized", onnx::TensorProto::INT32, codes[i]->shape(), codes[i]->bytes(), codes[i]->sizeBytes());
                names.push_back(dequantized(own, {bias, m_graph.floats(own + "_scale", shape, products)}, perChannel ? 0 : -1));
            }
        }
        return names;
    }

    /// `axis` -1: one scale.
    std::string dequantized(const std::string& name, const std::vector<std::string>& from, int64_t axis)
    {
        const std::string result = m_graph.unique(name);
        onnx::NodeProto& node = m_graph.node("DequantizeLinear", m_graph.unique(name + "_DequantizeLinear"), from, {result});
        if (axis >= 0)
            setAttribute(node, "axis", axis);
        return result;
    }

    const Model& m_network;
    const QuantizedNetwork* m_quantized;
    OnnxGraph m_graph;
    bool m_weightsToo = true;
    ById<ValueId, std::string> m_names;
    std::map<ValueId, std::string> m_constants;
    std::map<std::string, std::vector<std::pair<QuantParams, std::string>>> m_quantizers;  ///< by value: what reads its codes
};

}  // namespace

Result<std::string> floatOnnx(const Model& network, int opset)
{
    QS_CHECK(checkOnnxOpset(opset));
    return Writer(network, nullptr, opset).run();
}

Result<std::string> qdqOnnx(const QuantizedNetwork& quantized, int opset)
{
    QS_CHECK(checkOnnxOpset(opset));
    return Writer(*quantized.network, &quantized, opset).run();
}

std::vector<Refusal> onnxRefusals(const Model& network)
{
    return Writer(network, nullptr, newestOnnxOpset).refusals();
}

}  // namespace qs

#include "core/export/caffe_net.h"

#include "core/export/caffe_layers.h"
#include "core/export/exporter.h"
#include "core/import/caffe/document.h"
#include "core/ops/weight_channels.h"
#include "core/prepare/quantized_weights.h"

#include <algorithm>
#include <bit>
#include <set>

namespace qs {

namespace {

using quantscope_caffe::BlobProto;
using quantscope_caffe::LayerParameter;

class Writer {
public:
    Writer(const QuantizedNetwork& quantized, CaffeForm form)
        : m_network(*quantized.network),
          m_quantized(quantized),
          m_form(form),
          m_document(dynamic_cast<const CaffeDocument*>(m_network.source().get()))
    {
        for (const Layer& layer : m_network.layers())
            m_names.insert(layer.name);
        for (const Value& value : m_network.values()) {
            m_names.insert(value.blob);
            m_blobs.push_back(value.blob);
        }
    }

    Result<CaffeNet> run()
    {
        writeHead();
        std::vector<Error> failed;
        for (const LayerId id : m_network.layerIds())
            if (const auto written = writeLayer(id); !written.ok()) {
                if (written.error().code != ErrorCode::NotSupported)
                    return written.error();
                failed.push_back(written.error());
            }
        if (failed.empty())
            return std::move(m_out);
        return layersNotWritten(failed, "for Caffe", m_network.name());
    }

    /// Structure alone.
    std::vector<Refusal> refusals()
    {
        m_weightsToo = false;
        std::vector<Refusal> refused;
        for (const LayerId id : m_network.layerIds())
            if (const auto written = writeLayer(id); !written.ok())
                refused.push_back({m_network.layer(id).name, written.error().detail});
        return refused;
    }

private:
    /// Everything of the source's network that is not a layer: name, inputs, and what else its author wrote.
    void writeHead()
    {
        if (m_document) {
            m_out.net = m_document->net;
            m_out.net.clear_layer();
        } else {
            m_out.net.set_name(m_network.name());
        }
        m_out.weights.set_name(m_out.net.name());
    }

    std::string unique(const std::string& wanted)
    {
        std::string name = wanted;
        for (int i = 2; !m_names.insert(name).second; ++i)
            name = wanted + "_" + std::to_string(i);
        return name;
    }

    std::string& blob(ValueId id) { return m_blobs[id]; }

    Result<void> writeInput(const Layer& layer)
    {
        // input: and input_dim: stand in the head.
        if (m_document && layer.source < 0) {
            for (const ValueId output : layer.outputs)
                m_produced.insert(blob(output));
            return {};
        }
        LayerParameter input;
        input.set_name(layer.name);
        input.set_type("Input");
        if (m_document && m_document->net.layer(layer.source).type() == "Input") {
            input = m_document->net.layer(layer.source);
        } else {
            for (const ValueId output : layer.outputs) {
                input.add_top(blob(output));
                auto* shape = input.mutable_input_param()->add_shape();
                for (const int64_t dimension : m_network.value(output).shape)
                    shape->add_dim(dimension);
            }
        }
        for (const ValueId output : layer.outputs)
            m_produced.insert(blob(output));
        *m_out.net.add_layer() = std::move(input);
        return {};
    }

    Result<void> writeLayer(LayerId id)
    {
        const Layer& layer = m_network.layer(id);
        if (layer.op == "Input")
            return writeInput(layer);
        const bool written = m_document && layer.source >= 0;
        const auto shaped = [this](ValueId value) { return m_network.value(value).shaped; };
        if (!written && layer.outputs.empty())
            return notExportable(layer, "it has no output");
        if (!written &&
            !(std::all_of(layer.inputs.begin(), layer.inputs.end(), shaped) && std::all_of(layer.outputs.begin(), layer.outputs.end(), shaped)))
            return notExportable(layer, "it is not run: " + layer.notRunnable);
        if (layer.op == "StridedSlice" && !written)
            return writeSlices(id);
        QS_TRY(std::vector<CaffePart> parts, caffeParts(m_network, layer));
        const LayerQuantization& quantization = m_quantized.layers[id];
        const auto factors = m_quantized.record.layers.find(layer.name);
        std::vector<std::string> read;
        for (size_t port = 0; port < layer.inputs.size(); ++port) {
            const bool active = port < quantization.inputs.size() && quantization.inputs[port].has_value();
            if (!m_network.value(layer.inputs[port]).constant)
                read.push_back(active ? quantizedInput(layer, static_cast<int>(port), *quantization.inputs[port]) : blob(layer.inputs[port]));
        }
        for (CaffePart& part : parts) {
            LayerParameter& out = part.layer;
            out.set_name(part.suffix.empty() ? layer.name : unique(layer.name + part.suffix));
            out.mutable_bottom()->Assign(read.begin(), read.end());
            const bool last = &part == &parts.back();
            const bool dequantized = last && inIntegers(layer) && !isRecurrent(layer.op);
            if (last)
                addTops(layer, dequantized, out);
            else
                out.add_top(unique(out.name() + "_out"));
            if (m_weightsToo && part.blobs)
                writeOwnBlobs(*part.blobs, out);
            else if (m_weightsToo)
                QS_CHECK(writeBlobs(layer, quantization, factors == m_quantized.record.layers.end() ? nullptr : &factors->second, out));
            read = {out.top_size() > 0 ? out.top(0) : ""};
            *m_out.net.add_layer() = std::move(out);
            if (dequantized)
                writeDequant(layer, factors->second, read.front());
        }
        return {};
    }

    void addTops(const Layer& layer, bool dequantized, LayerParameter& out)
    {
        for (const ValueId output : layer.outputs) {
            // A name that exists is written again only in place: with a Quant in front the layer is not in place any more.
            const bool inPlace = std::find(out.bottom().begin(), out.bottom().end(), blob(output)) != out.bottom().end();
            if (m_produced.contains(blob(output)) && !inPlace)
                blob(output) = unique(m_network.value(output).name + "_out");
            m_produced.insert(blob(output));
            out.add_top(dequantized ? unique(layer.name + "_int32") : blob(output));
        }
    }

    void writeOwnBlobs(const std::vector<Buffer>& blobs, const LayerParameter& out)
    {
        if (blobs.empty())
            return;
        LayerParameter& stored = *m_out.weights.add_layer();
        stored.set_name(out.name());
        stored.set_type(out.type());
        for (const Buffer& buffer : blobs)
            setFloatBlob(*stored.add_blobs(), buffer.shape(), buffer.floats());
    }

    /// A part of one axis in steps of one, as Caffe's Slice can cut it.
    struct Piece {
        size_t axis;
        int64_t begin, end;
        LayerId layer;
    };
    std::optional<Piece> pieceOf(LayerId id) const
    {
        const Layer& layer = m_network.layer(id);
        const Shape& input = m_network.value(layer.inputs.front()).shape;
        const Shape& output = m_network.value(layer.outputs.front()).shape;
        std::optional<Piece> piece;
        const auto steps = layer.attributes.integers("steps");
        const auto axes = layer.attributes.integers("axes");
        for (size_t i = 0; i < axes.size(); ++i) {
            const auto axis = static_cast<size_t>(axes[i] < 0 ? axes[i] + static_cast<int64_t>(input.size()) : axes[i]);
            if (steps[i] == 1 && output[axis] == input[axis])
                continue;
            if (steps[i] != 1 || piece)
                return std::nullopt;
            const int64_t start = layer.attributes.integers("starts")[i];
            const int64_t begin = std::clamp<int64_t>(start < 0 ? start + input[axis] : start, 0, input[axis]);
            piece = Piece{axis, begin, begin + output[axis], id};
        }
        return piece ? piece : Piece{0, 0, input.empty() ? 1 : input[0], id};
    }

    /// All parts of one value along one axis are one Slice; what nobody wants of it goes to a Silence.
    Result<void> writeSlices(LayerId id)
    {
        if (m_sliced.contains(id))
            return {};
        const Layer& layer = m_network.layer(id);
        const auto first = pieceOf(id);
        if (!first)
            return notExportable(layer, "it takes steps, or parts of several dimensions");
        const ValueId input = layer.inputs.front();
        std::vector<Piece> pieces;
        int64_t at = 0;
        for (const LayerId reader : m_network.value(input).consumers) {
            const bool slices = m_network.layer(reader).op == "StridedSlice" && !m_sliced.contains(reader);
            const auto piece = slices ? pieceOf(reader) : std::nullopt;
            const auto apart = [&](const Piece& other) { return piece->end <= other.begin || piece->begin >= other.end; };
            if (piece && piece->axis == first->axis && std::all_of(pieces.begin(), pieces.end(), apart))
                pieces.push_back(*piece);
        }
        std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
        LayerParameter out;
        out.set_name(layer.name);
        out.set_type("Slice");
        out.add_bottom(blob(input));
        out.mutable_slice_param()->set_axis(static_cast<int32_t>(first->axis));
        std::vector<std::string> unwanted;
        const auto gapTo = [&](int64_t end) {
            if (at == end)
                return;
            unwanted.push_back(unique(layer.name + "_rest"));
            out.add_top(unwanted.back());
            at = end;
            out.mutable_slice_param()->add_slice_point(static_cast<uint32_t>(end));
        };
        for (const Piece& piece : pieces) {
            gapTo(piece.begin);
            addTops(m_network.layer(piece.layer), false, out);
            at = piece.end;
            out.mutable_slice_param()->add_slice_point(static_cast<uint32_t>(at));
            m_sliced.insert(piece.layer);
        }
        const int64_t extent = m_network.value(input).shape.empty() ? 1 : m_network.value(input).shape[first->axis];
        gapTo(extent);
        // The last end is no cut.
        out.mutable_slice_param()->mutable_slice_point()->RemoveLast();
        if (out.top_size() == 1) {
            out.set_type("Split");
            out.clear_slice_param();
        }
        *m_out.net.add_layer() = std::move(out);
        if (!unwanted.empty()) {
            LayerParameter& silence = *m_out.net.add_layer();
            silence.set_name(unique(layer.name + "_silence"));
            silence.set_type("Silence");
            silence.mutable_bottom()->Assign(unwanted.begin(), unwanted.end());
        }
        return {};
    }

    void setQuant(LayerParameter& out, const Layer& layer, int port, const QuantParams& params)
    {
        auto* quant = out.mutable_quant_param();
        quant->set_with_offset(params.offset != 0);
        quant->set_scale(params.scale);
        quant->set_offset(params.offset);
        quant->set_object_layer(layer.name);
        quant->set_index(static_cast<uint32_t>(port));
        quant->set_num_bits_d(params.bits);
    }

    /// Quant, and where the layer computes in float AntiQuant behind it, or IFMR; the name of the last top.
    std::string quantizedInput(const Layer& layer, int port, const QuantParams& params)
    {
        struct Inserted {
            const char* type;
            const char* suffix;
        };
        std::vector<Inserted> chain{{"Quant", "_quant_"}, {"AntiQuant", "_antiquant_"}};
        if (m_form == CaffeForm::Calibration)
            chain = {{"IFMR", "_ifmr_"}};
        else if (inIntegers(layer) && readsCodes(layer, static_cast<size_t>(port)))
            chain.pop_back();
        std::string top = blob(layer.inputs[static_cast<size_t>(port)]);
        for (const auto& [type, suffix] : chain) {
            LayerParameter& out = *m_out.net.add_layer();
            out.set_name(unique(layer.name + suffix + std::to_string(port)));
            out.set_type(type);
            out.add_bottom(top);
            top = out.name();
            out.add_top(top);
            setQuant(out, layer, port, params);
            m_produced.insert(top);
            m_out.inserted[layer.name].push_back(out.name());
        }
        return top;
    }

    void writeDequant(const Layer& layer, const LayerFactors& factors, const std::string& bottom)
    {
        LayerParameter& out = *m_out.net.add_layer();
        out.set_name(unique(layer.name + "_dequant"));
        out.set_type("DeQuant");
        out.add_bottom(bottom);
        out.add_top(blob(layer.outputs.front()));
        out.mutable_quant_param()->set_object_layer(layer.name);
        m_out.inserted[layer.name].push_back(out.name());
        LayerParameter& stored = *m_out.weights.add_layer();
        stored.set_name(out.name());
        stored.set_type("DeQuant");
        BlobProto& blobs = *stored.add_blobs();
        blobs.mutable_shape()->add_dim(static_cast<int64_t>(factors.weightScales.size()));
        // Bits 31..0 of each parameter are deq_scale = scale_w * scale_d as float32; shift and offset_w are 0 (semantics 1.8).
        for (const float scale : factors.weightScales)
            blobs.add_uint64_data(std::bit_cast<uint32_t>(scale * factors.inputs.front().params.scale));
    }

    Result<void> writeBlobs(const Layer& layer, const LayerQuantization& quantization, const LayerFactors* factors, LayerParameter& out)
    {
        LayerParameter stored;
        stored.set_name(layer.name);
        stored.set_type(out.type());
        const bool weighted = multipliesByWeights(layer.op);
        if (inIntegers(layer))
            QS_CHECK(writeIntegers(layer, *factors, stored));
        else if (m_quantized.record.statistics.contains(layer.name) && layer.op == "BatchNorm")
            writeStatistics(layer, stored);
        else if (weighted || (factors && !quantization.weights.empty()))
            for (size_t i = 0; i < layer.weights.size(); ++i)
                writeFloats(layer, i, quantization.weights.empty() ? *layer.weights[i] : *quantization.weights[i], stored);
        else if (const LayerParameter* own = m_document ? m_document->findWeights(layer.name) : nullptr)
            *stored.mutable_blobs() = own->blobs();
        else
            for (size_t i = 0; i < layer.weights.size(); ++i)
                writeFloats(layer, i, *layer.weights[i], stored);
        if (weighted && layer.weights.size() > 1)
            setBiasTerm(layer, out);
        if (stored.blobs_size() > 0)
            *m_out.weights.add_layer() = std::move(stored);
        return {};
    }

    /// Integer weights inside and a DeQuant behind (none behind an LSTM, RNN or GRU); other quantized layers compute in float between AntiQuant and
    /// the next Quant.
    bool inIntegers(const Layer& layer) const
    {
        const auto factors = m_quantized.record.layers.find(layer.name);
        return m_form == CaffeForm::Deploy && factors != m_quantized.record.layers.end() && deployedInIntegers(layer, factors->second);
    }

    /// A BatchNorm that update_bn has changed; the factor is 1.
    void writeStatistics(const Layer& layer, LayerParameter& stored)
    {
        writeFloats(layer, 0, *layer.weights[0], stored);
        writeFloats(layer, 1, *layer.weights[1], stored);
        setFloatBlob(*stored.add_blobs(), {1}, std::vector<float>{1});
        for (size_t i = 2; i < layer.weights.size(); ++i)
            writeFloats(layer, i, *layer.weights[i], stored);
    }

    /// A bias that fusion brought.
    static void setBiasTerm(const Layer& layer, LayerParameter& out)
    {
        if (layer.op == "InnerProduct") {
            if (!out.inner_product_param().bias_term())
                out.mutable_inner_product_param()->set_bias_term(true);
        } else if (!out.convolution_param().bias_term()) {
            out.mutable_convolution_param()->set_bias_term(true);
        }
    }

    bool transposed(const Layer& layer) const
    {
        return layer.op == "InnerProduct" && m_document && layer.source >= 0 && m_document->net.layer(layer.source).inner_product_param().transpose();
    }

    /// Our weights are (Cout, K); a source with `transpose` keeps (K, Cout).
    template <class T>
    static std::vector<T> transpose(std::span<const T> values, const Shape& shape)
    {
        std::vector<T> result(values.size());
        const auto rows = static_cast<size_t>(shape[0]);
        const auto columns = static_cast<size_t>(shape[1]);
        for (size_t i = 0; i < rows; ++i)
            for (size_t j = 0; j < columns; ++j)
                result[j * rows + i] = values[i * columns + j];
        return result;
    }

    void writeFloats(const Layer& layer, size_t index, const Buffer& weight, LayerParameter& stored)
    {
        if (index == 0 && transposed(layer))
            setFloatBlob(*stored.add_blobs(), {weight.shape()[1], weight.shape()[0]}, transpose(weight.floats(), weight.shape()));
        else if (layer.op == "PReLU" && weight.count() == 1)
            setFloatBlob(*stored.add_blobs(), {}, weight.floats());  // Caffe's shared slope is a scalar
        else
            setFloatBlob(*stored.add_blobs(), weight.shape(), weight.floats());
    }

    /// `codebook`: 16 levels, or as many for each channel of the layer's weight.
    static std::string packIndices(const Layer& layer, std::span<const int8_t> codebook, std::span<const int8_t> codes, bool turned)
    {
        const WeightChannels channels(layer);
        const auto rows = static_cast<size_t>(channels.runs());
        std::string bytes((codes.size() + 1) / 2, '\0');
        for (size_t i = 0; i < codes.size(); ++i) {
            const size_t run = turned ? i % rows : i / static_cast<size_t>(channels.inner());
            const size_t scale = codebook.size() == codebookLevels ? 0 : static_cast<size_t>(channels.of(static_cast<int64_t>(run)));
            const auto levels = codebook.subspan(scale * codebookLevels, codebookLevels);
            const auto index = std::lower_bound(levels.begin(), levels.end(), codes[i]) - levels.begin();
            bytes[i / 2] = static_cast<char>(static_cast<unsigned char>(bytes[i / 2]) | (index << (i % 2 * 4)));
        }
        return bytes;
    }

    Result<void> writeIntegers(const Layer& layer, const LayerFactors& factors, LayerParameter& stored)
    {
        QS_TRY(const auto weights, integerWeights(layer, factors));
        if (isRecurrent(layer.op)) {
            writeMatrices(layer, factors, weights, stored);
            return {};
        }
        writeCodes(layer, *weights.front(), factors.codebook, *stored.add_blobs());
        if (weights.size() < 2 || !weights[1])
            return {};
        BlobProto& bias = *stored.add_blobs();
        bias.mutable_shape()->add_dim(weights[1]->count());
        const auto values = std::as_const(*weights[1]).as<int32_t>();
        bias.mutable_int32_data()->Assign(values.begin(), values.end());
        return {};
    }

    void writeCodes(const Layer& layer, const Buffer& weight, std::span<const int8_t> codebook, BlobProto& blob) const
    {
        const Shape& shape = weight.shape();
        const auto integers = weight.as<int8_t>();
        std::vector<int8_t> codes(integers.begin(), integers.end());
        const bool turned = transposed(layer);
        if (turned)
            codes = transpose(std::span<const int8_t>(codes), shape);
        for (size_t i = 0; i < shape.size(); ++i)
            blob.mutable_shape()->add_dim(shape[turned ? shape.size() - 1 - i : i]);
        if (codebook.empty()) {
            blob.set_int8_data(codes.data(), codes.size());
        } else {
            // Our own: the levels as int32_data, 16 for each scale; their indices as int8_data, two to a byte, low nibble first (semantics 1.5).
            blob.mutable_int32_data()->Assign(codebook.begin(), codebook.end());
            blob.set_int8_data(packIndices(layer, codebook, codes, turned));
        }
    }

    /// An LSTM, RNN or GRU: matrices in integers, what each product is multiplied by as their float data (our own), biases in float.
    void writeMatrices(const Layer& layer, const LayerFactors& factors, const std::vector<std::shared_ptr<const Buffer>>& weights,
                       LayerParameter& stored) const
    {
        const std::vector<float> scales = productScales(layer, factors);
        size_t matrix = 0;
        for (const auto& weight : weights) {
            BlobProto& blob = *stored.add_blobs();
            if (weight->dtype() == DType::F32) {
                setFloatBlob(blob, weight->shape(), weight->floats());
                continue;
            }
            const auto levels =
                factors.codebook.empty() ? std::span<const int8_t>() : std::span(factors.codebook).subspan(matrix * codebookLevels, codebookLevels);
            writeCodes(layer, *weight, levels, blob);
            blob.add_data(scales[matrix++]);
        }
    }

    const Model& m_network;
    const QuantizedNetwork& m_quantized;
    CaffeForm m_form;
    const CaffeDocument* m_document;
    bool m_weightsToo = true;
    ById<ValueId, std::string> m_blobs;
    std::set<std::string> m_names;     // layers and blobs: new ones differ from both
    std::set<std::string> m_produced;  // tops so far
    std::set<LayerId> m_sliced;        // parts that an earlier Slice gives
    CaffeNet m_out;
};

}  // namespace

Result<CaffeNet> caffeNet(const QuantizedNetwork& quantized, CaffeForm form)
{
    return Writer(quantized, form).run();
}

std::vector<Refusal> caffeRefusals(const std::shared_ptr<const Model>& network)
{
    QuantizedNetwork inFloat;
    inFloat.network = network;
    inFloat.layers.resize(network->layers().size());
    return Writer(inFloat, CaffeForm::FakeQuant).refusals();
}

}  // namespace qs

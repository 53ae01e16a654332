#include "core/import/caffe/importer.h"

#include "core/base/file.h"
#include "core/import/caffe/custom_proto.h"
#include "core/import/caffe/document.h"
#include "core/import/caffe/layers.h"
#include "core/import/caffe/read.h"
#include "core/import/importer.h"
#include "core/ir/builder.h"
#include "core/ops/op.h"
#include "core/ops/weight_channels.h"

#include <algorithm>
#include <set>

namespace qs {

namespace fs = std::filesystem;
using quantscope_caffe::LayerParameter;
using quantscope_caffe::NetParameter;

namespace {

std::string layerPlace(const LayerParameter& layer)
{
    return "layer '" + layer.name() + "' (" + layer.type() + ")";
}

Error atLayer(Error error, const LayerParameter& layer)
{
    if (error.where.empty())
        error.where = layerPlace(layer);
    return error;
}

Shape shapeOf(const quantscope_caffe::BlobShape& shape)
{
    return {shape.dim().begin(), shape.dim().end()};
}

/// Turns the layers of one document into a model.
class Assembly {
public:
    Assembly(std::shared_ptr<CaffeDocument> document, std::vector<std::string> notes, const std::map<std::string, Shape>& inputShapes,
             std::map<int, std::string> unknown)
        : m_document(std::move(document)),
          m_net(m_document->net),
          m_inputShapes(inputShapes),
          m_unknown(std::move(unknown)),
          m_builder(nameOf(*m_document), "caffe")
    {
        for (std::string& note : notes)
            m_builder.addNote(std::move(note));
        for (const LayerParameter& layer : m_document->weights.layer())
            m_weights.emplace(layer.name(), &layer);
    }

    Result<std::shared_ptr<const Model>> run()
    {
        QS_CHECK(addHead());
        lookAtInputs();
        for (int i = 0; i < m_net.layer_size(); ++i)
            if (caffe::includedInTest(m_net.layer(i), m_net))
                QS_CHECK(add(i));
        QS_CHECK(checkFit());
        for (const auto& [name, shape] : m_inputShapes)
            if (std::find(m_inputNames.begin(), m_inputNames.end(), name) == m_inputNames.end())
                return noSuchInput(name, m_inputNames);
        m_builder.setSource(m_document);
        return std::move(m_builder).build();
    }

private:
    static std::string nameOf(const CaffeDocument& document)
    {
        return document.net.name().empty() ? document.netPath.stem().string() : document.net.name();
    }

    /// The oldest form of inputs: names at the head of the file.
    Result<void> addHead()
    {
        for (int i = 0; i < m_net.input_size(); ++i) {
            Shape shape;
            if (i < m_net.input_shape_size())
                shape = shapeOf(m_net.input_shape(i));
            else if (4 * (i + 1) <= m_net.input_dim_size())
                shape.assign(m_net.input_dim().begin() + 4 * i, m_net.input_dim().begin() + 4 * (i + 1));
            if (m_current.count(m_net.input(i)))
                return Error{ErrorCode::ModelInvalid, "the input '" + m_net.input(i) + "' stands twice", {}};
            QS_CHECK(addInput(m_net.input(i), "Input", m_net.input(i), shape, -1));
        }
        return {};
    }

    Result<void> addInput(const std::string& name, const std::string& type, const std::string& blob, Shape shape, int source)
    {
        const std::string place = "layer '" + name + "' (" + type + ")";
        if (shape.empty() && !m_inputShapes.contains(blob))
            return Error{ErrorCode::MissingValue,
                         "the size of the input '" + blob + "' is not given; add input_param { shape { dim: ... } }, or open a deploy prototxt",
                         place};
        const auto given = m_inputShapes.find(blob);
        if (given != m_inputShapes.end())
            shape = given->second;
        QS_CHECK(checkInputShape(shape, place));
        m_inputNames.push_back(blob);
        Layer layer;
        layer.name = name;
        layer.type = type;
        layer.op = "Input";
        layer.source = source;
        layer.outputs = {defineBlob(blob, blob)};
        m_builder.setInputShape(layer.outputs[0], shape);
        m_builder.addLayer(std::move(layer));
        return {};
    }

    /// The value that a layer reads as `blob` now. A blob that only a later layer produces gets its value early: build() judges the order.
    ValueId readBlob(const std::string& blob)
    {
        const auto known = m_current.find(blob);
        if (known != m_current.end())
            return known->second;
        const ValueId value = m_builder.addValue(blob, blob);
        m_current[blob] = value;
        m_ahead.insert(blob);
        return value;
    }
    ValueId defineBlob(const std::string& blob, const std::string& valueName)
    {
        if (m_ahead.erase(blob))
            return m_current[blob];
        return m_current[blob] = m_builder.addValue(valueName, blob);
    }

    /// What a picture is cropped or resized to before the network sees it.
    static Result<void> checkSides(const LayerParameter& source)
    {
        const std::pair<const char*, uint32_t> sides[] = {{"crop_size", source.transform_param().crop_size()},
                                                          {"new_height", source.image_data_param().new_height()},
                                                          {"new_width", source.image_data_param().new_width()}};
        for (const auto& [name, pixels] : sides)
            if (pixels > 65536)
                return Error{ErrorCode::OutOfRange, std::string(name) + " is " + std::to_string(pixels) + ", allowed is 1 to 65536",
                             layerPlace(source)};
        return {};
    }

    Result<void> add(int index)
    {
        const LayerParameter& source = m_net.layer(index);
        QS_CHECK(checkSides(source));
        if (source.type() == "Input")
            return addInputLayer(source, index);
        if (caffe::dataLayer(source.type()))
            return addData(source, index);
        if (leftOut(source))
            return {};
        if (source.type().empty())
            return Error{ErrorCode::MissingValue, "its type is missing", layerPlace(source)};
        const auto weights = m_weights.find(source.name());
        auto translated = caffe::translateLayer(source, weights == m_weights.end() ? nullptr : weights->second);
        if (!translated)
            return atLayer(translated.error(), source);
        if (weights != m_weights.end())
            ++m_matched;
        if (!translated->note.empty())
            m_builder.addNote(translated->note);
        Layer layer;
        layer.name = source.name();
        layer.type = source.type();
        layer.op = translated->op;
        layer.attributes = std::move(translated->attributes);
        // Of a layer that only the user knows: shown, and kept by the document.
        if (m_document->custom) {
            const Attributes own = m_document->custom->attributes(source);
            for (const auto& [name, value] : own.all())
                layer.attributes.set(name, value);
        }
        layer.weights = std::move(translated->weights);
        layer.notRunnable = std::move(translated->notRunnable);
        layer.source = index;
        if (const auto field = m_unknown.find(index); field != m_unknown.end() && layer.notRunnable.empty() && !layer.op.empty())
            layer.notRunnable = field->second;
        for (const std::string& bottom : source.bottom())
            layer.inputs.push_back(readBlob(bottom));
        if (!translated->operand.empty())
            layer.inputs.push_back(
                m_builder.addConstant(source.name() + "_operand", std::make_shared<const Buffer>(Buffer::fromFloats({}, translated->operand))));
        linkToQuant(layer);
        QS_CHECK(defineTops(source, layer));
        if (weightsMissing(layer)) {
            m_weighted = true;
            if (!m_weights.empty())
                m_builder.addNote("layer '" + layer.name + "' has no weights in the file and is not run");
        }
        m_builder.addLayer(std::move(layer));
        return {};
    }

    /// An integer layer needs the zero point and the width of the codes it reads: those of the Quant in front of each such input.
    void linkToQuant(Layer& layer) const
    {
        if (layer.weights.empty() || layer.weights.front()->dtype() != DType::I8)
            return;
        for (size_t port = 0; port < layer.inputs.size(); ++port) {
            const LayerId producer = m_builder.value(layer.inputs[port]).producer;
            if (!readsCodes(layer, port) || producer == noId || m_builder.draft().layer(producer).op != "Quant")
                continue;
            const Attributes& quant = m_builder.draft().layer(producer).attributes;
            setCodes(layer, port, quant.integer("offset", 0), quant.integer("bits", 8));
        }
        if (!layer.attributes.has("inputBits"))
            layer.notRunnable = "its weights are integers, but its input does not come from a Quant layer";
    }

    Result<void> defineTops(const LayerParameter& source, Layer& layer)
    {
        for (const std::string& top : source.top()) {
            const bool inPlace = std::find(source.bottom().begin(), source.bottom().end(), top) != source.bottom().end();
            const bool known = m_current.count(top) && !m_ahead.count(top);
            if (known && !inPlace)
                return Error{ErrorCode::ModelInvalid, "its top '" + top + "' is produced by an earlier layer, too", layerPlace(source)};
            if (inPlace && !known)
                return Error{ErrorCode::ModelInvalid, "nothing produces its input '" + top + "'", layerPlace(source)};
            layer.outputs.push_back(defineBlob(top, inPlace ? source.name() : top));
        }
        return {};
    }

    Result<void> addInputLayer(const LayerParameter& source, int index)
    {
        const auto& shapes = source.input_param().shape();
        for (int i = 0; i < source.top_size(); ++i) {
            if (m_current.count(source.top(i)) && !m_ahead.count(source.top(i)))
                return Error{ErrorCode::ModelInvalid, "its top '" + source.top(i) + "' is produced by an earlier layer, too", layerPlace(source)};
            const Shape shape = shapes.empty() ? Shape{} : shapeOf(shapes.Get(std::min(i, shapes.size() - 1)));
            QS_CHECK(
                addInput(source.top_size() == 1 ? source.name() : source.name() + "_" + source.top(i), source.type(), source.top(i), shape, index));
        }
        return {};
    }

    /// A data layer becomes the input of its first top; labels are left out.
    Result<void> addData(const LayerParameter& source, int index)
    {
        if (source.top_size() == 0)
            return {};
        Shape shape = dataShape(source);
        if (const auto other = m_dataShapes.find(source.top(0)); shape.empty() && other != m_dataShapes.end())
            shape = other->second;
        // A layer without a shape is none of those that feed the network.
        if (shape.empty() && m_fed) {
            m_builder.addNote("layer '" + source.name() + "' (" + source.type() + ") is left out: it does not say how large its values are");
            m_leftOut.insert(source.top().begin(), source.top().end());
            return {};
        }
        if (shape.empty())
            return Error{ErrorCode::MissingValue,
                         "it does not say how large its pictures are; open the deploy prototxt, or replace it by an Input layer with input_param { "
                         "shape { ... } }",
                         layerPlace(source)};
        QS_CHECK(addInput(source.name(), source.type(), source.top(0), shape, index));
        m_builder.addNote("layer '" + source.name() + "' (" + source.type() + ") is taken as the input '" + source.top(0) + "' of " +
                          shapeText(shape));
        for (int i = 1; i < source.top_size(); ++i)
            m_leftOut.insert(source.top(i));
        return {};
    }

    /// What data layers say for each other, and whether anything feeds the network, found once for all of them.
    void lookAtInputs()
    {
        m_fed = m_net.input_size() > 0;
        for (const LayerParameter& layer : m_net.layer()) {
            const bool data = caffe::dataLayer(layer.type()) && layer.top_size() > 0;
            Shape shape = data ? dataShape(layer) : Shape{};
            m_fed = m_fed || (caffe::includedInTest(layer, m_net) && (layer.type() == "Input" || !shape.empty()));
            if (!shape.empty())
                m_dataShapes.emplace(layer.top(0), std::move(shape));
        }
    }

    /// NCHW, or empty where the layer does not say.
    Shape dataShape(const LayerParameter& source) const
    {
        const int64_t crop = source.transform_param().crop_size();
        if (source.has_memory_data_param()) {
            const auto& p = source.memory_data_param();
            return {p.batch_size(), p.channels(), crop > 0 ? crop : p.height(), crop > 0 ? crop : p.width()};
        }
        if (source.has_dummy_data_param()) {
            const auto& p = source.dummy_data_param();
            if (p.shape_size() > 0)
                return shapeOf(p.shape(0));
            if (p.num_size() > 0 && p.channels_size() > 0 && p.height_size() > 0 && p.width_size() > 0)
                return {p.num(0), p.channels(0), p.height(0), p.width(0)};
            return {};
        }
        const auto& image = source.image_data_param();
        const int64_t height = crop > 0 ? crop : image.new_height();
        const int64_t width = crop > 0 ? crop : image.new_width();
        if (height < 1 || width < 1)
            return {};
        const int64_t batch = source.has_image_data_param() ? image.batch_size() : source.has_data_param() ? source.data_param().batch_size() : 1;
        return {std::max<int64_t>(batch, 1), dataChannels(source), height, width};
    }

    int64_t dataChannels(const LayerParameter& source) const
    {
        if (source.transform_param().force_gray() || (source.has_image_data_param() && !source.image_data_param().is_color()))
            return 1;
        if (source.transform_param().force_color() || source.transform_param().mean_value_size() == 3)
            return 3;
        // A database does not say: the first convolution's weights do.
        for (const LayerParameter& layer : m_net.layer()) {
            const auto weights = m_weights.find(layer.name());
            if (layer.bottom_size() > 0 && layer.bottom(0) == source.top(0) && layer.type() == "Convolution" && weights != m_weights.end() &&
                weights->second->blobs_size() > 0)
                if (const auto blob = caffe::blobBuffer(weights->second->blobs(0)); blob && blob->shape().size() == 4)
                    return blob->shape()[1] * static_cast<int64_t>(layer.convolution_param().group());
        }
        return 3;
    }

    /// Training-only layers, and what needs their tops or a data layer's labels.
    bool leftOut(const LayerParameter& source)
    {
        const bool training = caffe::trainingOnly(source.type());
        const auto gone =
            std::find_if(source.bottom().begin(), source.bottom().end(), [this](const std::string& bottom) { return m_leftOut.count(bottom) > 0; });
        if (!training && gone == source.bottom().end())
            return false;
        m_builder.addNote("layer '" + source.name() + "' (" + source.type() +
                          ") is left out: " + (training ? "it is for training only" : "it needs '" + *gone + "'"));
        for (const std::string& top : source.top())
            if (!m_current.count(top))
                m_leftOut.insert(top);
        return true;
    }

    Result<void> checkFit() const
    {
        if (m_weights.empty() || !m_weighted || m_matched > 0)
            return {};
        return Error{ErrorCode::WeightsMismatch, "none of its layers has a name of the network; it was trained with another one",
                     m_document->weightsPath.string()};
    }

    std::shared_ptr<CaffeDocument> m_document;
    const NetParameter& m_net;
    const std::map<std::string, Shape>& m_inputShapes;
    std::map<int, std::string> m_unknown;  ///< by layer: a field that nobody understands, and that may change what the layer computes
    std::vector<std::string> m_inputNames;
    ModelBuilder m_builder;
    std::map<std::string, const LayerParameter*> m_weights;
    std::map<std::string, ValueId> m_current;   ///< by blob
    std::set<std::string> m_ahead;              ///< blobs that were read before any layer produced them
    std::set<std::string> m_leftOut;            ///< blobs that do not exist outside training
    std::map<std::string, Shape> m_dataShapes;  ///< by the first top of a data layer that says its size
    bool m_fed = false;
    int m_matched = 0;
    bool m_weighted = false;
};

/// The names that the weights of a network usually have: its own, or "..._weights" for "..._model", as what is exported here has.
std::vector<std::string> usualNames(const std::string& network)
{
    std::vector<std::string> names{network};
    constexpr std::string_view model = "_model";
    if (network.ends_with(model))
        names.push_back(network.substr(0, network.size() - model.size()) + "_weights");
    return names;
}

/// The one caffemodel that can be meant; empty when there is none or several.
fs::path siblingWeights(const fs::path& model)
{
    const std::vector<std::string> names = usualNames(model.stem().string());
    std::vector<fs::path> all;
    std::error_code failure;
    const fs::path folder = model.has_parent_path() ? model.parent_path() : fs::path(".");
    for (const auto& entry : fs::directory_iterator(folder, failure))
        if (entry.path().extension() == ".caffemodel") {
            if (std::find(names.begin(), names.end(), entry.path().stem().string()) != names.end())
                return entry.path();
            all.push_back(entry.path());
        }
    return all.size() == 1 ? all[0] : fs::path();
}

Result<std::shared_ptr<const caffe::CustomProto>> readCustomProto(const fs::path& path)
{
    constexpr uint64_t largest = 16 << 20;
    QS_TRY(const std::string text, readFile(path, largest));
    return caffe::CustomProto::parse(text, path.string());
}

Result<std::shared_ptr<const Model>> importWith(const ImportRequest& request, const fs::path& weights, std::vector<std::string> notes,
                                                std::shared_ptr<const caffe::CustomProto> custom)
{
    const fs::path& path = request.model;
    auto document = std::make_shared<CaffeDocument>();
    document->netPath = path;
    document->custom = std::move(custom);
    QS_TRY(const std::string text, readFile(path));
    if (document->custom)
        notes.insert(notes.end(), document->custom->notes().begin(), document->custom->notes().end());
    std::map<int, std::string> unknown;
    QS_TRY(document->net, caffe::parseNetText(text, path.string(), notes, document->custom.get(), &unknown));
    if (document->net.layer_size() == 0)
        return Error{ErrorCode::ParseFailed, "it has no layers", path.string()};
    if (!weights.empty()) {
        document->weightsPath = weights;
        QS_TRY(const std::string bytes, readFile(weights));
        QS_TRY(document->weights, caffe::parseNetBinary(bytes, weights.string()));
    }
    auto model = Assembly(document, std::move(notes), request.inputShapes, std::move(unknown)).run();
    if (model)
        return model;
    Error error = model.error();
    // Errors of layers name the file, too.
    const bool ofWeights = error.code == ErrorCode::WeightsMismatch || error.code == ErrorCode::InvalidNumber;
    const std::string file = (ofWeights ? weights : path).string();
    if (error.where != file)
        error.where = file + (error.where.empty() ? "" : ", " + error.where);
    return error;
}

}  // namespace

bool recognisesCaffe(const fs::path& path)
{
    const std::string head = readHead(path, 1 << 16);
    if (head.find('\0') != std::string::npos)
        return false;
    const size_t layer = head.find("layer");
    return layer != std::string::npos && head.find('{', layer) != std::string::npos;
}

Result<std::shared_ptr<const Model>> importCaffe(const ImportRequest& request)
{
    std::shared_ptr<const caffe::CustomProto> custom;
    if (!request.customProto.empty()) {
        QS_TRY(custom, readCustomProto(request.customProto));
    }
    if (!request.weights.empty())
        return importWith(request, request.weights, {}, custom);
    const fs::path guessed = siblingWeights(request.model);
    if (guessed.empty())
        return importWith(request, {}, {"no weights were given"}, custom);
    auto model =
        importWith(request, guessed, {"the weights are taken from " + guessed.filename().string() + ", which stands beside the network"}, custom);
    // A file that merely lies in the same folder may belong to something else.
    const std::vector<std::string> names = usualNames(request.model.stem().string());
    if (model || std::find(names.begin(), names.end(), guessed.stem().string()) != names.end() || model.error().code != ErrorCode::WeightsMismatch)
        return model;
    return importWith(request, {}, {"no weights were given; " + guessed.filename().string() + " beside the network does not belong to it"}, custom);
}

Result<MergedProto> mergeProto(const fs::path& path)
{
    QS_TRY(const auto custom, readCustomProto(path));
    return MergedProto{custom->mergedText(), custom->notes()};
}

}  // namespace qs

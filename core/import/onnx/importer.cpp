#include "core/import/onnx/importer.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/data/npy.h"
#include "core/import/onnx/document.h"
#include "core/import/onnx/nodes.h"
#include "core/ir/builder.h"
#include "core/ops/op.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <climits>
#include <cmath>
#include <set>

namespace qs {

namespace fs = std::filesystem;

namespace {

bool readVarint(std::string_view bytes, size_t& at, uint64_t& value)
{
    value = 0;
    for (int shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes[at++]);
        value |= static_cast<uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

/// Why protobuf failed: a length beyond the end of the file, or just not the format.
Error parseFailure(std::string_view bytes, const std::string& fileName)
{
    size_t at = 0;
    uint64_t tag = 0;
    uint64_t length = 0;
    while (at < bytes.size() && readVarint(bytes, at, tag)) {
        if ((tag & 7) == 0 && readVarint(bytes, at, length))
            continue;
        if ((tag & 7) != 2 || !readVarint(bytes, at, length))
            break;
        if (length > INT_MAX)
            return {ErrorCode::FileTooLarge, "a length field says " + std::to_string(length) + " bytes", fileName};
        if (length > bytes.size() - at)
            return {ErrorCode::FileTruncated,
                    "a field needs " + std::to_string(length) + " bytes, " + std::to_string(bytes.size() - at) + " are left", fileName};
        at += static_cast<size_t>(length);
    }
    return {ErrorCode::ParseFailed, "it is damaged, or not an ONNX file", fileName};
}

Result<void> parse(std::string_view bytes, const std::string& fileName, onnx::ModelProto& model)
{
    if (bytes.empty())
        return Error{ErrorCode::FileTruncated, "it is empty", fileName};
    if (bytes.size() > INT_MAX)
        return Error{ErrorCode::FileTooLarge, "an ONNX file ends at 2 GiB", fileName};
    google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
    google::protobuf::io::CodedInputStream coded(&stream);
    coded.SetTotalBytesLimit(INT_MAX);
    coded.SetRecursionLimit(64);
    if (!model.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage())
        return parseFailure(bytes, fileName);
    if (!model.has_graph())
        return Error{ErrorCode::ParseFailed, "it has no graph", fileName};
    return {};
}

class Assembly {
public:
    Assembly(std::shared_ptr<OnnxDocument> document, const fs::path& path)
        : m_document(std::move(document)),
          m_graph(m_document->model.graph()),
          m_builder(m_graph.name().empty() ? path.stem().string() : m_graph.name(), "onnx")
    {
    }

    Result<std::shared_ptr<const Model>> run()
    {
        readOpset();
        QS_CHECK(readInitializers());
        QS_CHECK(addInputs());
        for (int i = 0; i < m_graph.node_size(); ++i)
            QS_CHECK(addNode(i));
        std::vector<ValueId> outputs;
        for (const auto& output : m_graph.output())
            if (const auto found = m_values.find(output.name()); found != m_values.end())
                outputs.push_back(found->second);
        if (!outputs.empty())
            m_builder.setOutputs(outputs);
        m_builder.setSource(m_document);
        return std::move(m_builder).build();
    }

private:
    void readOpset()
    {
        for (const auto& import : m_document->model.opset_import())
            if (import.domain().empty() || import.domain() == "ai.onnx")
                m_opset = import.version();
        if (m_opset < 7 || m_opset > 17)
            m_builder.addNote("the file is of opset " + std::to_string(m_opset) + "; 7 to 17 are known");
    }

    Result<void> readInitializers()
    {
        for (const auto& tensor : m_graph.initializer()) {
            auto buffer = onnxio::tensorBuffer(tensor);
            if (!buffer)
                return Error{buffer.error().code, buffer.error().detail, "initializer '" + tensor.name() + "'"};
            QS_CHECK(checkFinite(*buffer, "initializer '" + tensor.name() + "'"));
            m_constants[tensor.name()] = *std::move(buffer);
        }
        return {};
    }

    static Result<void> checkFinite(const Buffer& buffer, const std::string& place)
    {
        if (buffer.dtype() != DType::F32)
            return {};
        const auto values = buffer.floats();
        for (size_t i = 0; i < values.size(); ++i)
            if (!std::isfinite(values[i]))
                return Error{ErrorCode::InvalidNumber, "value " + std::to_string(i) + " is " + numberText(values[i]), place};
        return {};
    }

    Result<void> addInputs()
    {
        for (const auto& input : m_graph.input()) {
            if (m_constants.count(input.name()))
                continue;
            Layer layer;
            layer.name = input.name();
            layer.type = "Input";
            layer.op = "Input";
            const ValueId value = m_builder.addValue(input.name());
            m_values[input.name()] = value;
            layer.outputs = {value};
            Shape shape;
            bool known = input.type().tensor_type().has_shape();
            for (const auto& dimension : input.type().tensor_type().shape().dim()) {
                const bool batch = shape.empty();
                known = known && (dimension.dim_value() > 0 || batch);
                shape.push_back(std::max<int64_t>(dimension.dim_value(), 1));
                if (batch && dimension.dim_value() < 1)
                    m_builder.addNote("the batch of input '" + input.name() + "' is open and taken as 1");
            }
            int64_t count = 1;
            for (const int64_t extent : shape) {
                if (count > INT_MAX / extent)
                    return Error{ErrorCode::OutOfRange, "it is declared as " + shapeText(shape), "input '" + input.name() + "'"};
                count *= extent;
            }
            if (known && !shape.empty()) {
                m_builder.setInputShape(value, shape);
                m_shapes[input.name()] = shape;
            } else {
                m_builder.addNote("the size of input '" + input.name() + "' is open; layers behind it are not run");
            }
            m_builder.addLayer(std::move(layer));
        }
        return {};
    }

    std::string nameOf(const onnx::NodeProto& node) const
    {
        return !node.name().empty() ? node.name() : node.output_size() > 0 && !node.output(0).empty() ? node.output(0) : node.op_type();
    }

    Result<void> addNode(int index)
    {
        const onnx::NodeProto& proto = m_graph.node(index);
        const onnxio::Node node{proto, m_opset, [this](const std::string& name) { return constantOf(name); },
                                [this](const std::string& name) { return shapeOf(name); }};
        if (auto folded = onnxio::foldNode(node)) {
            QS_CHECK(checkFinite(*folded, "node '" + nameOf(proto) + "'"));
            m_constants[proto.output(0)] = *std::move(folded);
            return {};
        }
        const std::string place = "layer '" + nameOf(proto) + "' (" + proto.op_type() + ")";
        auto translated = onnxio::translateNode(node);
        if (!translated)
            return Error{translated.error().code, translated.error().detail, place};
        Layer layer;
        layer.name = nameOf(proto);
        layer.type = proto.op_type();
        layer.op = translated->op;
        layer.notRunnable = translated->reason;
        layer.attributes = std::move(translated->attributes);
        layer.weights = std::move(translated->weights);
        layer.source = index;
        for (const int input : translated->inputs) {
            if (!node.has(input))
                return Error{ErrorCode::ModelInvalid, "it has no input " + std::to_string(input), place};
            layer.inputs.push_back(valueOf(proto.input(input)));
        }
        // Dropout's mask and the training outputs of BatchNormalization are not made.
        const bool several = layer.op.empty() || layer.op == "Slice" || layer.op == "TopK";
        for (int i = 0; i < proto.output_size() && (several || i == 0); ++i) {
            if (proto.output(i).empty())
                continue;
            const auto known = m_values.find(proto.output(i));
            if (m_constants.count(proto.output(i)) || (known != m_values.end() && !m_ahead.erase(proto.output(i))))
                return Error{ErrorCode::ModelInvalid, "its output '" + proto.output(i) + "' is produced twice", place};
            layer.outputs.push_back(known != m_values.end() ? known->second : m_values[proto.output(i)] = m_builder.addValue(proto.output(i)));
        }
        QS_CHECK(inferNow(layer, proto, place));
        m_builder.addLayer(std::move(layer));
        return {};
    }

    /// Shapes are needed while reading: exporters of frameworks compute with them inside the graph.
    Result<void> inferNow(const Layer& layer, const onnx::NodeProto& proto, const std::string& place)
    {
        const OpInfo* op = findOp(layer.op);
        if (!op || !op->shapes)
            return {};
        std::vector<Shape> inputs;
        for (const ValueId input : layer.inputs) {
            const Value& value = m_builder.value(input);
            const auto shape = value.constant ? value.constant->shape() : m_shapes.count(value.name) ? m_shapes.at(value.name) : Shape{-1};
            if (shape == Shape{-1})
                return {};
            inputs.push_back(shape);
        }
        auto shapes = op->shapes(layer, inputs);
        if (!shapes)
            return Error{shapes.error().code, shapes.error().detail, place};
        for (size_t i = 0; i < shapes->size() && i < layer.outputs.size(); ++i)
            m_shapes[m_builder.value(layer.outputs[i]).name] = (*shapes)[i];
        (void)proto;
        return {};
    }

    const Buffer* constantOf(const std::string& name) const
    {
        const auto found = m_constants.find(name);
        return found == m_constants.end() ? nullptr : &found->second;
    }
    std::optional<Shape> shapeOf(const std::string& name) const
    {
        if (const Buffer* constant = constantOf(name))
            return constant->shape();
        const auto found = m_shapes.find(name);
        return found == m_shapes.end() ? std::nullopt : std::optional(found->second);
    }
    ValueId valueOf(const std::string& name)
    {
        const auto known = m_values.find(name);
        if (known != m_values.end())
            return known->second;
        if (const Buffer* constant = constantOf(name))
            return m_values[name] = m_builder.addConstant(name, std::make_shared<const Buffer>(toFloat(*constant)));
        m_ahead.insert(name);  // produced later, or never: build() judges
        return m_values[name] = m_builder.addValue(name);
    }

    std::shared_ptr<OnnxDocument> m_document;
    const onnx::GraphProto& m_graph;
    ModelBuilder m_builder;
    int64_t m_opset = 1;
    std::map<std::string, Buffer> m_constants;
    std::map<std::string, ValueId> m_values;
    std::map<std::string, Shape> m_shapes;
    std::set<std::string> m_ahead;
};

}  // namespace

bool recognisesOnnx(const fs::path& path)
{
    const auto bytes = readFile(path, uint64_t{1} << 31);
    onnx::ModelProto model;
    return bytes && parse(*bytes, path.string(), model).ok() && model.graph().node_size() > 0;
}

Result<std::shared_ptr<const Model>> importOnnx(const ImportRequest& request)
{
    const std::string file = request.model.string();
    auto document = std::make_shared<OnnxDocument>();
    {
        QS_TRY(const std::string bytes, readFile(request.model));
        QS_CHECK(parse(bytes, file, document->model));
    }
    if (document->model.graph().node_size() == 0)
        return Error{ErrorCode::ParseFailed, "its graph has no nodes", file};
    auto model = Assembly(document, request.model).run();
    if (model)
        return model;
    Error error = model.error();
    error.where = file + (error.where.empty() ? "" : ", " + error.where);
    return error;
}

}  // namespace qs

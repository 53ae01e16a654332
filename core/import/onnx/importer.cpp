#include "core/import/onnx/importer.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/import/onnx/document.h"
#include "core/import/onnx/expand.h"
#include "core/import/onnx/fold.h"
#include "core/import/onnx/quantization.h"
#include "core/import/onnx/sparse.h"
#include "core/import/onnx/tensors.h"
#include "core/ir/builder.h"
#include "core/ops/op.h"
#include "core/ops/shape_rules.h"
#include "core/ops/weight_channels.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
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

/// What constants may be evaluated to in all: in proportion to the file, with room for grids and masks.
int64_t budgetOf(const onnx::ModelProto& model)
{
    return (int64_t{512} << 20) + 4 * static_cast<int64_t>(model.ByteSizeLong());
}

class Assembly {
public:
    Assembly(std::shared_ptr<OnnxDocument> document, const ImportRequest& request)
        : m_document(std::move(document)),
          m_request(request),
          m_folder(request.model.parent_path()),
          m_graph(m_document->model.graph()),
          m_budget(budgetOf(m_document->model)),
          m_builder(m_graph.name().empty() ? request.model.stem().string() : m_graph.name(), "onnx")
    {
        for (const auto& tensor : m_graph.initializer())
            m_initializers[tensor.name()] = &tensor;
        for (const auto& node : m_graph.node())
            m_consumed.insert(node.input().begin(), node.input().end());
        for (const auto& output : m_graph.output())
            m_consumed.insert(output.name());
    }

    Result<std::shared_ptr<const Model>> run()
    {
        readOpset();
        QS_CHECK(addInputs());
        for (int i = 0; i < m_graph.node_size() && m_error.ok(); ++i)
            QS_CHECK(addNode(m_graph.node(i), i));
        std::vector<ValueId> outputs;
        for (const auto& output : m_graph.output())
            if (const auto found = m_values.find(output.name()); found != m_values.end())
                outputs.push_back(found->second);
        QS_CHECK(m_error);
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
        if (m_opset < onnxio::oldestOpset || m_opset > onnxio::newestOpset)
            m_builder.addNote("the file is of opset " + std::to_string(m_opset) + "; " + std::to_string(onnxio::oldestOpset) + " to " +
                              std::to_string(onnxio::newestOpset) + " are known");
    }

    Result<void> addInputs()
    {
        QS_CHECK(checkInputNames());
        for (const auto& input : m_graph.input())
            if (!m_initializers.contains(input.name()))
                QS_CHECK(addInput(input));
        return {};
    }

    /// The shapes that the user gave belong to inputs.
    Result<void> checkInputNames() const
    {
        for (const auto& [name, shape] : m_request.inputShapes) {
            const bool known =
                std::any_of(m_graph.input().begin(), m_graph.input().end(), [&name = name](const auto& input) { return input.name() == name; });
            if (!known || m_initializers.contains(name))
                return noSuchInput(name, inputNames());
        }
        return {};
    }

    std::vector<std::string> inputNames() const
    {
        std::vector<std::string> names;
        for (const auto& input : m_graph.input())
            if (!m_initializers.contains(input.name()))
                names.push_back(input.name());
        return names;
    }

    Result<void> addInput(const onnx::ValueInfoProto& input)
    {
        Layer layer;
        layer.name = input.name();
        layer.type = "Input";
        layer.op = "Input";
        const ValueId value = m_builder.addValue(input.name());
        m_values[input.name()] = value;
        layer.outputs = {value};
        const auto& type = input.type().tensor_type();
        if (const auto element = onnxio::elementTypeOf(type.elem_type()))
            m_types[input.name()] = *element;
        Shape shape;
        std::string written;
        bool known = type.has_shape() && type.shape().dim_size() > 0;
        for (const auto& dimension : type.shape().dim()) {
            const bool batch = shape.empty();
            known = known && (dimension.dim_value() > 0 || batch);
            written += (batch ? "" : "x") + (dimension.dim_value() > 0 ? std::to_string(dimension.dim_value()) : std::string("?"));
            shape.push_back(std::max<int64_t>(dimension.dim_value(), 1));
        }
        if (const auto given = m_request.inputShapes.find(input.name()); given != m_request.inputShapes.end()) {
            shape = given->second;
            known = true;
        } else if (known && type.shape().dim(0).dim_value() < 1) {
            m_builder.addNote("the batch of input '" + input.name() + "' is open and taken as 1");
        }
        QS_CHECK(checkInputShape(shape, "input '" + input.name() + "'"));
        if (known) {
            m_builder.setInputShape(value, shape);
            m_shapes[input.name()] = shape;
        } else {
            m_builder.addNote("the size of input '" + input.name() + "' is open (" + (written.empty() ? "no shape" : written) +
                              "): it comes from data, or is given (--input-shape " + input.name() +
                              "=1x3x224x224, for example); layers behind it are not run without it");
        }
        m_builder.addLayer(std::move(layer));
        return {};
    }

    std::string nameOf(const onnx::NodeProto& node) const
    {
        return !node.name().empty() ? node.name() : node.output_size() > 0 && !node.output(0).empty() ? node.output(0) : node.op_type();
    }

    /// `index`: of the file's node that it is, or a part of.
    Result<void> addNode(const onnx::NodeProto& proto, int index)
    {
        const onnxio::Node node{proto, m_opset, [this](const std::string& name) { return constantOf(name); },
                                [this](const std::string& name) { return shapeOf(name); }, [this](const std::string& name) { return typeOf(name); }};
        const std::string place = "layer '" + nameOf(proto) + "' (" + proto.op_type() + ")";
        QS_CHECK(checkOutputs(proto, place));
        std::string reason;
        if (auto made = onnxio::madeConstant(node, m_folder, m_budget); !made)
            reason = made.error().detail;
        else if (*made) {
            m_constants[proto.output(0)] = **std::move(made);
            if (auto scales = onnxio::dequantizedScales(node); !scales.empty())
                m_grids[proto.output(0)] = std::move(scales);
            return {};
        }
        auto expanded = onnxio::expandedNode(node, m_budget);
        if (expanded && *expanded)
            return addSteps(**std::move(expanded), index);
        onnxio::Translation translation;
        if (!expanded)
            reason = expanded.error().detail;
        else if (auto translated = onnxio::translateNode(node))
            translation = *std::move(translated);
        else
            reason = translated.error().detail;
        // A fault of a constant that it reads comes first: without it nothing else can be judged.
        for (const std::string& input : proto.input())
            if (const auto fault = m_faults.find(input); fault != m_faults.end())
                reason = "its constant '" + input + "': " + fault->second;
        Layer layer = layerOf(node, index, translation);
        if (!reason.empty())
            mark(layer, reason);
        addInputsOf(layer, node, translation);
        if (layer.notRunnable.empty() && !layer.op.empty())
            if (const auto shapes = shapesOf(layer, proto.output_size()))
                if (fold(layer, node, translation, *shapes))
                    return {};
        addOutputsOf(layer, node, translation);
        m_builder.addLayer(std::move(layer));
        return {};
    }

    Result<void> addSteps(onnxio::Expansion expansion, int index)
    {
        for (auto& [name, constant] : expansion.constants)
            m_constants[name] = std::move(constant);
        for (const onnx::NodeProto& step : expansion.nodes)
            QS_CHECK(addNode(step, index));
        return {};
    }

    Layer layerOf(const onnxio::Node& node, int index, onnxio::Translation& translation)
    {
        Layer layer;
        layer.name = nameOf(node.proto);
        layer.type = node.proto.op_type();
        layer.op = translation.op;
        layer.notRunnable = translation.reason;
        layer.attributes = std::move(translation.attributes);
        layer.weights = std::move(translation.weights);
        layer.source = index;
        noteNonFinite(layer);
        if (const auto grid = node.has(1) ? m_grids.find(node.proto.input(1)) : m_grids.end();
            grid != m_grids.end() && multipliesByWeights(layer.op)) {
            layer.attributes.set("weightScales", std::vector<double>(grid->second.begin(), grid->second.end()));
            if (node.has(2) && !m_grids.contains(node.proto.input(2)))
                layer.attributes.set("floatBias", int64_t{1});
        }
        // Masks, indices and statistics are not made: where somebody wants them the layer cannot run.
        for (int i = 1; i < node.proto.output_size() && !givesSeveral(layer); ++i)
            if (m_consumed.contains(node.proto.output(i)) && !node.proto.output(i).empty())
                mark(layer, "its output '" + node.proto.output(i) + "' is not built");
        for (const int input : translation.inputs)
            if (!node.has(input))
                mark(layer, "it has no input " + std::to_string(input));
        return layer;
    }

    static void mark(Layer& layer, const std::string& reason)
    {
        layer.op.clear();
        layer.notRunnable = reason;
    }

    static bool givesSeveral(const Layer& layer)
    {
        return layer.op.empty() || layer.op == "Slice" || layer.op == "TopK" || layer.op == "SparseRules" ||
               layer.attributes.text("places", "") == "tensor";
    }

    void noteNonFinite(const Layer& layer)
    {
        for (const auto& weight : layer.weights) {
            const auto values = weight->floats();
            const auto found = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
            if (found != values.end() && !layer.op.empty()) {
                m_builder.addNote("layer '" + layer.name + "' (" + layer.type + "): value " + std::to_string(found - values.begin()) +
                                  " of its weights is " + numberText(*found));
                return;
            }
        }
    }

    void addInputsOf(Layer& layer, const onnxio::Node& node, const onnxio::Translation& translation)
    {
        for (const int input : translation.inputs) {
            if (!node.has(input))
                continue;
            const auto own = translation.replaced.find(input);
            layer.inputs.push_back(
                own == translation.replaced.end()
                    ? valueOf(node.proto.input(input))
                    : m_builder.addConstant(node.proto.input(input) + "_broadcast", std::make_shared<const Buffer>(toFloat(own->second.data))));
        }
    }

    Result<void> checkOutputs(const onnx::NodeProto& proto, const std::string& place)
    {
        for (const std::string& output : proto.output()) {
            const auto known = m_values.find(output);
            if (!output.empty() && (constantOf(output) || (known != m_values.end() && !m_ahead.contains(output))))
                return Error{ErrorCode::ModelInvalid, "its output '" + output + "' is produced twice", place};
        }
        return {};
    }

    void addOutputsOf(Layer& layer, const onnxio::Node& node, const onnxio::Translation& translation)
    {
        const onnx::NodeProto& proto = node.proto;
        for (int i = 0; i < proto.output_size() && (i == 0 || givesSeveral(layer)); ++i) {
            const std::string& name = proto.output(i);
            if (name.empty())
                continue;
            m_ahead.erase(name);
            const auto known = m_values.find(name);
            layer.outputs.push_back(known != m_values.end() ? known->second : m_values[name] = m_builder.addValue(name));
            if (const auto type = onnxio::outputType(node, translation, i))
                m_types[name] = *type;
            if (static_cast<size_t>(i) < m_inferred.size())
                m_shapes[name] = m_inferred[static_cast<size_t>(i)];
        }
        m_inferred.clear();
    }

    /// Shapes are needed while reading: exporters of frameworks compute with them inside the graph. Null where an input's is not known, or where the
    /// rule fails: that marks the layer.
    const std::vector<Shape>* shapesOf(Layer& layer, int outputs)
    {
        m_inferred.clear();
        const OpInfo* op = findOp(layer.op);
        if (!op || !op->shapes)
            return nullptr;
        std::vector<Shape> inputs;
        for (const ValueId input : layer.inputs) {
            const Value& value = m_builder.value(input);
            const auto known = m_shapes.find(value.name);
            if (!value.constant && known == m_shapes.end())
                return nullptr;
            inputs.push_back(value.constant ? value.constant->shape() : known->second);
        }
        Layer probe = layer;
        probe.outputs.resize(static_cast<size_t>(std::max(outputs, 1)));
        if (!givesSeveral(layer))
            probe.outputs.resize(1);
        auto shapes = op->shapes(probe, inputs);
        if (shapes && shapes->front().size() > ops::largestRank)
            shapes = Error{ErrorCode::OutOfRange, "its output would have " + std::to_string(shapes->front().size()) + " dimensions", {}};
        if (!shapes) {
            layer.notRunnable = shapes.error().detail;
            return nullptr;
        }
        m_inferred = *std::move(shapes);
        return &m_inferred;
    }

    /// Whether the layer's outputs follow from constants alone: then they are constants, too.
    bool fold(Layer& layer, const onnxio::Node& node, const onnxio::Translation& translation, const std::vector<Shape>& shapes)
    {
        if (!canEvaluate(layer.op) || layer.inputs.empty() || shapes.size() < static_cast<size_t>(node.proto.output_size()))
            return false;
        std::vector<TypedConstant> inputs;
        for (const int input : translation.inputs) {
            const auto own = translation.replaced.find(input);
            const TypedConstant* constant = own != translation.replaced.end() ? &own->second : node.constant(input);
            if (!constant)
                return false;
            inputs.push_back(*constant);
        }
        auto results = evaluate(layer, inputs, shapes, m_budget);
        if (!results) {
            layer.notRunnable = results.error().code == ErrorCode::NotSupported ? std::string() : results.error().detail;
            return false;
        }
        for (int i = 0; i < node.proto.output_size(); ++i)
            m_constants[node.proto.output(i)] = (*results)[static_cast<size_t>(i)];
        m_inferred.clear();
        return true;
    }

    /// Of an initializer: read when somebody asks for it. What cannot be read is a fault of its readers; a damaged file one of the whole.
    const TypedConstant* constantOf(const std::string& name)
    {
        if (const auto found = m_constants.find(name); found != m_constants.end())
            return &found->second;
        const auto tensor = m_initializers.find(name);
        if (tensor == m_initializers.end() || m_faults.contains(name))
            return nullptr;
        auto constant = onnxio::tensorConstant(*tensor->second, m_folder);
        if (constant)
            return &(m_constants[name] = *std::move(constant));
        m_faults[name] = constant.error().detail;
        if (constant.error().code != ErrorCode::NotSupported && m_error.ok())
            m_error = Error{constant.error().code, constant.error().detail, "initializer '" + name + "'"};
        return nullptr;
    }
    std::optional<Shape> shapeOf(const std::string& name)
    {
        if (const TypedConstant* constant = constantOf(name))
            return constant->data.shape();
        const auto found = m_shapes.find(name);
        return found == m_shapes.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<ElementType> typeOf(const std::string& name)
    {
        if (const TypedConstant* constant = constantOf(name))
            return constant->type;
        const auto found = m_types.find(name);
        return found == m_types.end() ? std::nullopt : std::optional(found->second);
    }
    ValueId valueOf(const std::string& name)
    {
        const auto known = m_values.find(name);
        if (known != m_values.end())
            return known->second;
        if (const TypedConstant* constant = constantOf(name))
            return m_values[name] = m_builder.addConstant(name, std::make_shared<const Buffer>(toFloat(constant->data)));
        // Its reader is marked; the value stands for what cannot be read.
        if (m_faults.contains(name))
            return m_values[name] = m_builder.addConstant(name, std::make_shared<const Buffer>(DType::F32, Shape{}));
        m_ahead.insert(name);  // produced later, or never: build() judges
        return m_values[name] = m_builder.addValue(name);
    }

    std::shared_ptr<OnnxDocument> m_document;
    const ImportRequest& m_request;
    std::filesystem::path m_folder;
    const onnx::GraphProto& m_graph;
    ConstantBudget m_budget;
    ModelBuilder m_builder;
    int64_t m_opset = 1;
    Result<void> m_error;  ///< of the file as a whole, found while something was read
    std::map<std::string, const onnx::TensorProto*> m_initializers;
    std::map<std::string, TypedConstant> m_constants;
    std::map<std::string, std::vector<float>> m_grids;  ///< constants that a DequantizeLinear made, and its scales
    std::map<std::string, std::string> m_faults;        ///< initializers that cannot be read, and why
    std::map<std::string, ValueId> m_values;
    std::map<std::string, Shape> m_shapes;
    std::map<std::string, ElementType> m_types;
    std::set<std::string> m_consumed;
    std::set<std::string> m_ahead;
    std::vector<Shape> m_inferred;  ///< of the layer that is being added
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
    onnxio::writeSites(*document->model.mutable_graph());
    auto model = Assembly(document, request).run();
    if (model)
        return model;
    Error error = model.error();
    error.where = file + (error.where.empty() ? "" : ", " + error.where);
    return error;
}

}  // namespace qs

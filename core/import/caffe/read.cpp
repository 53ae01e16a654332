#include "core/import/caffe/read.h"

#include "core/base/byte_order_mark.h"
#include "core/import/caffe/custom_proto.h"
#include "core/import/caffe/document.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cctype>
#include <climits>
#include <cstdint>

namespace qs::caffe {

namespace {

namespace pb = google::protobuf;

constexpr int deepest = 64;  ///< Caffe's own messages nest 5 deep

/// Keeps the first error and every warning of the text parser.
class Collector : public pb::io::ErrorCollector {
public:
    void AddError(int line, pb::io::ColumnNumber column, const std::string& message) override
    {
        if (m_error.empty()) {
            m_error = message;
            m_place = std::to_string(line + 1) + ":" + std::to_string(column + 1);
        }
    }
    void AddWarning(int line, pb::io::ColumnNumber column, const std::string& message) override
    {
        m_warnings.push_back({{line + 1, column + 1}, message});
    }

    std::string m_error;
    std::string m_place;
    struct Warning {
        std::pair<int, int> place;  ///< line and column, from 1
        std::string message;
    };
    std::vector<Warning> m_warnings;
};

/// Calls open(line, column, depth) at every brace that opens, until it says no.
template <class Open>
void forOpenBraces(const std::string& text, Open open)
{
    int depth = 0;
    int line = 1;
    char quote = 0;
    size_t lineBegin = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') {
            ++line;
            lineBegin = i + 1;
            quote = 0;
        } else if (quote) {
            if (c == '\\')
                ++i;
            else if (c == quote)
                quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '#') {
            i = std::min(text.find('\n', i), text.size()) - 1;
        } else if (c == '{' || c == '<') {
            if (!open(line, static_cast<int>(i - lineBegin) + 1, ++depth, i))
                return;
        } else if (c == '}' || c == '>') {
            --depth;
        }
    }
}

/// The line at which braces nest deeper than any network's; 0 when they do not. The parser recurses, so this comes first.
int tooDeepLine(const std::string& text)
{
    int found = 0;
    forOpenBraces(text, [&](int line, int, int depth, size_t) {
        found = depth > deepest ? line : 0;
        return found == 0;
    });
    return found;
}

/// Where the layers begin.
std::vector<std::pair<int, int>> layerPlaces(const std::string& text)
{
    std::vector<std::pair<int, int>> places;
    forOpenBraces(text, [&](int line, int column, int depth, size_t at) {
        size_t end = at;
        while (end > 0 && (text[end - 1] == ':' || std::isspace(static_cast<unsigned char>(text[end - 1]))))
            --end;
        const std::string_view before(text.data(), end);
        if (depth == 1 && (before.ends_with("layer") || before.ends_with("layers")))
            places.emplace_back(line, column);
        return true;
    });
    return places;
}

/// Fields of forks that leave the arithmetic alone.
bool isHarmless(const std::string& field)
{
    static constexpr std::string_view known[] = {"forward_math",        "backward_math", "forward_type",
                                                 "backward_type",       "debug",         "cudnn_convolution_algo_seeker",
                                                 "cudnn_math_override", "gpu_memory",    "engine"};
    return std::find(std::begin(known), std::end(known), field) != std::end(known);
}

/// "Message type "x.y" has no field named "z"." -> the field's name.
std::string lastQuoted(const std::string& message)
{
    const size_t end = message.rfind('"');
    const size_t begin = end == std::string::npos || end == 0 ? std::string::npos : message.rfind('"', end - 1);
    return begin == std::string::npos ? message : message.substr(begin + 1, end - begin - 1);
}

std::string_view bytesOf(std::string_view bytes, size_t begin, uint64_t length)
{
    return bytes.substr(begin, static_cast<size_t>(length));
}

/// One message on the wire, checked before protobuf reads it, because protobuf only says that it failed.
class WireScan {
public:
    explicit WireScan(const std::string& fileName) : m_fileName(fileName) {}

    /// `field` of each nested level that holds messages; level 0 is the network.
    Result<void> scan(std::string_view bytes, int level, bool v1 = false) const
    {
        size_t at = 0;
        while (at < bytes.size()) {
            uint64_t tag = 0;
            if (!varint(bytes, at, tag) || tag >> 3 == 0 || tag >> 32 != 0)
                return level == 0 && at < bytes.size() ? damaged("it is not a caffemodel") : cut(level);
            const uint64_t field = tag >> 3;
            uint64_t length = 0;
            switch (tag & 7) {
                case 0:
                    if (!varint(bytes, at, length))
                        return cut(level);
                    continue;
                case 1:
                    length = 8;
                    break;
                case 5:
                    length = 4;
                    break;
                case 2:
                    if (!varint(bytes, at, length))
                        return cut(level);
                    if (length > INT_MAX)
                        return Error{ErrorCode::FileTooLarge, "a length field says " + std::to_string(length) + " bytes", m_fileName};
                    break;
                default:
                    return damaged("it is not a caffemodel");
            }
            if (length > bytes.size() - at)
                return level == 0 ? Error{ErrorCode::FileTruncated,
                                          "a layer needs " + std::to_string(length) + " bytes, " + std::to_string(bytes.size() - at) + " are left",
                                          m_fileName}
                                  : damaged("a field is longer than its layer");
            const bool layer = level == 0 && (field == 100 || field == 2);
            const bool blob = level == 1 && field == (v1 ? 6U : 7U);
            if ((tag & 7) == 2 && (layer || blob))
                QS_CHECK(scan(bytesOf(bytes, at, length), level + 1, field == 2));
            at += static_cast<size_t>(length);
        }
        return {};
    }

private:
    static bool varint(std::string_view bytes, size_t& at, uint64_t& value)
    {
        value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= bytes.size())
                return false;
            const auto byte = static_cast<unsigned char>(bytes[at++]);
            value |= static_cast<uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80)
                return true;
        }
        return false;
    }
    Error damaged(const char* what) const { return {ErrorCode::ParseFailed, what, m_fileName}; }
    Error cut(int level) const
    {
        return level == 0 ? Error{ErrorCode::FileTruncated, "it ends inside a field", m_fileName} : damaged("a field ends too early");
    }

    const std::string& m_fileName;
};

/// Text given where binary is expected.
bool looksLikeText(std::string_view bytes)
{
    for (const char c : bytes.substr(0, 256))
        if (static_cast<unsigned char>(c) < 9)
            return false;
    return !bytes.empty();
}

template <class Message>
bool parseWire(std::string_view bytes, Message& message)
{
    pb::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
    pb::io::CodedInputStream coded(&stream);
    coded.SetTotalBytesLimit(INT_MAX);
    coded.SetRecursionLimit(deepest);
    return message.ParseFromCodedStream(&coded) && coded.ConsumedEntireMessage();
}

const char* modernType(quantscope_caffe::V1LayerParameter::LayerType type)
{
    using V1 = quantscope_caffe::V1LayerParameter;
    switch (type) {
        case V1::NONE:
            return "";
        case V1::ACCURACY:
            return "Accuracy";
        case V1::BNLL:
            return "BNLL";
        case V1::CONCAT:
            return "Concat";
        case V1::CONVOLUTION:
            return "Convolution";
        case V1::DATA:
            return "Data";
        case V1::DROPOUT:
            return "Dropout";
        case V1::EUCLIDEAN_LOSS:
            return "EuclideanLoss";
        case V1::FLATTEN:
            return "Flatten";
        case V1::HDF5_DATA:
            return "HDF5Data";
        case V1::HDF5_OUTPUT:
            return "HDF5Output";
        case V1::IM2COL:
            return "Im2col";
        case V1::IMAGE_DATA:
            return "ImageData";
        case V1::INFOGAIN_LOSS:
            return "InfogainLoss";
        case V1::INNER_PRODUCT:
            return "InnerProduct";
        case V1::LRN:
            return "LRN";
        case V1::MULTINOMIAL_LOGISTIC_LOSS:
            return "MultinomialLogisticLoss";
        case V1::POOLING:
            return "Pooling";
        case V1::RELU:
            return "ReLU";
        case V1::SIGMOID:
            return "Sigmoid";
        case V1::SOFTMAX:
            return "Softmax";
        case V1::SOFTMAX_LOSS:
            return "SoftmaxWithLoss";
        case V1::SPLIT:
            return "Split";
        case V1::TANH:
            return "TanH";
        case V1::WINDOW_DATA:
            return "WindowData";
        case V1::ELTWISE:
            return "Eltwise";
        case V1::POWER:
            return "Power";
        case V1::SIGMOID_CROSS_ENTROPY_LOSS:
            return "SigmoidCrossEntropyLoss";
        case V1::HINGE_LOSS:
            return "HingeLoss";
        case V1::MEMORY_DATA:
            return "MemoryData";
        case V1::ARGMAX:
            return "ArgMax";
        case V1::THRESHOLD:
            return "Threshold";
        case V1::DUMMY_DATA:
            return "DummyData";
        case V1::SLICE:
            return "Slice";
        case V1::MVN:
            return "MVN";
        case V1::ABSVAL:
            return "AbsVal";
        case V1::SILENCE:
            return "Silence";
        case V1::CONTRASTIVE_LOSS:
            return "ContrastiveLoss";
        case V1::EXP:
            return "Exp";
        case V1::DECONVOLUTION:
            return "Deconvolution";
    }
    return "";
}

/// Copies what has the same name and kind in both (bottom, top, include, loss_weight, the *_param messages).
void copySameFields(const pb::Message& from, pb::Message& to)
{
    std::vector<const pb::FieldDescriptor*> fields;
    from.GetReflection()->ListFields(from, &fields);
    for (const pb::FieldDescriptor* field : fields) {
        const pb::FieldDescriptor* target = to.GetDescriptor()->FindFieldByName(field->name());
        if (!target || target->type() != field->type() || target->label() != field->label() || target->message_type() != field->message_type() ||
            target->enum_type() != field->enum_type())
            continue;
        if (field->message_type() && field->is_repeated())
            for (int i = 0; i < from.GetReflection()->FieldSize(from, field); ++i)
                to.GetReflection()->AddMessage(&to, target)->CopyFrom(from.GetReflection()->GetRepeatedMessage(from, field, i));
        else if (field->message_type())
            to.GetReflection()->MutableMessage(&to, target)->CopyFrom(from.GetReflection()->GetMessage(from, field));
        else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING && field->is_repeated())
            for (int i = 0; i < from.GetReflection()->FieldSize(from, field); ++i)
                to.GetReflection()->AddString(&to, target, from.GetReflection()->GetRepeatedString(from, field, i));
        else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING)
            to.GetReflection()->SetString(&to, target, from.GetReflection()->GetString(from, field));
        else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_FLOAT && field->is_repeated())
            for (int i = 0; i < from.GetReflection()->FieldSize(from, field); ++i)
                to.GetReflection()->AddFloat(&to, target, from.GetReflection()->GetRepeatedFloat(from, field, i));
    }
}

void upgradeLayer(quantscope_caffe::V1LayerParameter& old, LayerParameter& layer)
{
    layer.mutable_blobs()->Swap(old.mutable_blobs());  // before the copy: weights are large
    copySameFields(old, layer);
    layer.set_type(modernType(old.type()));
    const int count = std::max({old.param_size(), old.blobs_lr_size(), old.weight_decay_size(), old.blob_share_mode_size()});
    for (int i = 0; i < count; ++i) {
        auto* spec = layer.add_param();
        if (i < old.param_size() && !old.param(i).empty())
            spec->set_name(old.param(i));
        if (i < old.blobs_lr_size())
            spec->set_lr_mult(old.blobs_lr(i));
        if (i < old.weight_decay_size())
            spec->set_decay_mult(old.weight_decay(i));
        if (i < old.blob_share_mode_size())
            spec->set_share_mode(old.blob_share_mode(i) == quantscope_caffe::V1LayerParameter::PERMISSIVE ? quantscope_caffe::ParamSpec::PERMISSIVE
                                                                                                          : quantscope_caffe::ParamSpec::STRICT);
    }
}

/// Preprocessing once stood in the data layers themselves.
template <class DataParam>
void moveTransform(DataParam& data, LayerParameter& layer)
{
    auto* transform = layer.mutable_transform_param();
    if (data.has_scale())
        transform->set_scale(data.scale());
    if (data.has_mean_file())
        transform->set_mean_file(data.mean_file());
    if (data.has_crop_size())
        transform->set_crop_size(data.crop_size());
    if (data.has_mirror())
        transform->set_mirror(data.mirror());
    data.clear_scale();
    data.clear_mean_file();
    data.clear_crop_size();
    data.clear_mirror();
}

template <class DataParam>
bool hasTransform(const DataParam& data)
{
    return data.has_scale() || data.has_mean_file() || data.has_crop_size() || data.has_mirror();
}

bool ruleMet(const quantscope_caffe::NetStateRule& rule, const quantscope_caffe::NetState& state)
{
    const auto has = [&state](const std::string& stage) {
        return std::find(state.stage().begin(), state.stage().end(), stage) != state.stage().end();
    };
    if (rule.has_phase() && rule.phase() != quantscope_caffe::TEST)
        return false;
    if ((rule.has_min_level() && state.level() < rule.min_level()) || (rule.has_max_level() && state.level() > rule.max_level()))
        return false;
    return std::all_of(rule.stage().begin(), rule.stage().end(), has) && std::none_of(rule.not_stage().begin(), rule.not_stage().end(), has);
}

}  // namespace

Result<NetParameter> parseNetText(const std::string& text, const std::string& fileName, std::vector<std::string>& notes, const CustomProto* custom,
                                  std::map<int, std::string>* unknown)
{
    if (isUtf16(text))
        return Error{ErrorCode::ParseFailed, "it is a text in UTF-16; save it as UTF-8", fileName};
    const std::string plain = withoutByteOrderMark(text);
    if (const int line = tooDeepLine(plain))
        return Error{ErrorCode::ParseFailed, "messages are nested more than " + std::to_string(deepest) + " deep",
                     fileName + ":" + std::to_string(line)};
    if (plain.find('\0') != std::string::npos)
        return Error{ErrorCode::ParseFailed, "it is not text; a .caffemodel is given as the weights of a .prototxt", fileName};
    Collector collector;
    pb::TextFormat::Parser parser;
    parser.RecordErrorsTo(&collector);
    parser.AllowUnknownField(true);
    parser.SetRecursionLimit(2 * deepest);
    NetParameter net;
    if (custom ? !custom->parseNet(plain, net, collector, notes) : !parser.ParseFromString(plain, &net))
        return Error{ErrorCode::ParseFailed, collector.m_error, fileName + ":" + collector.m_place};
    const auto places = unknown ? layerPlaces(plain) : std::vector<std::pair<int, int>>();
    for (const auto& [place, message] : collector.m_warnings) {
        if (message.find("deprecated") != std::string::npos)
            continue;
        const std::string field = lastQuoted(message);
        notes.push_back("line " + std::to_string(place.first) + ": '" + field + "' is not known and is left out; " +
                        (custom ? "neither Caffe's description nor the custom proto has it"
                                : "if it is a parameter of your own layers, give the file that defines it (--custom-proto, or File, Custom Proto)"));
        const auto layer = std::upper_bound(places.begin(), places.end(), place) - places.begin();
        if (unknown && layer > 0 && !isHarmless(field))
            unknown->emplace(static_cast<int>(layer) - 1, "its parameter '" + field + "' (line " + std::to_string(place.first) + ") is not known");
    }
    QS_CHECK(upgradeNet(net, fileName));
    return net;
}

Result<NetParameter> parseNetBinary(std::string_view bytes, const std::string& fileName)
{
    if (bytes.empty())
        return Error{ErrorCode::FileTruncated, "it is empty", fileName};
    if (bytes.size() > INT_MAX)
        return Error{ErrorCode::FileTooLarge, "a caffemodel ends at 2 GiB", fileName};
    if (looksLikeText(bytes))
        return Error{ErrorCode::ParseFailed, "it is text, not a caffemodel", fileName};
    QS_CHECK(WireScan(fileName).scan(bytes, 0));
    NetParameter net;
    if (!parseWire(bytes, net))
        return Error{ErrorCode::ParseFailed, "it is damaged, or not a caffemodel", fileName};
    QS_CHECK(upgradeNet(net, fileName));
    return net;
}

Result<quantscope_caffe::BlobProto> parseBlob(std::string_view bytes, const std::string& fileName)
{
    quantscope_caffe::BlobProto blob;
    if (bytes.empty() || bytes.size() > INT_MAX || !parseWire(bytes, blob))
        return Error{ErrorCode::ParseFailed, "it is not a mean image (binaryproto)", fileName};
    return blob;
}

Result<void> upgradeNet(NetParameter& net, const std::string& fileName)
{
    if (net.layers_size() > 0 && net.layer_size() > 0)
        return Error{ErrorCode::ParseFailed, "it mixes 'layer' and 'layers'", fileName};
    for (auto& old : *net.mutable_layers()) {
        // Unknown nested fields are what the format before V1 (a layer inside layers) leaves behind.
        if (!old.has_type() && old.name().empty() && old.bottom_size() == 0 && old.top_size() == 0)
            return Error{ErrorCode::NotSupported,
                         "it is in Caffe's first format; upgrade it with Caffe's upgrade_net_proto_text or upgrade_net_proto_binary", fileName};
        upgradeLayer(old, *net.add_layer());
    }
    net.clear_layers();
    for (LayerParameter& layer : *net.mutable_layer()) {
        if (layer.has_data_param() && hasTransform(layer.data_param()))
            moveTransform(*layer.mutable_data_param(), layer);
        if (layer.has_image_data_param() && hasTransform(layer.image_data_param()))
            moveTransform(*layer.mutable_image_data_param(), layer);
    }
    return {};
}

bool includedInTest(const LayerParameter& layer, const NetParameter& net)
{
    const auto met = [&net](const auto& rule) { return ruleMet(rule, net.state()); };
    if (layer.include_size() > 0)
        return std::any_of(layer.include().begin(), layer.include().end(), met);
    return std::none_of(layer.exclude().begin(), layer.exclude().end(), met);
}

}  // namespace qs::caffe

namespace qs {

const quantscope_caffe::LayerParameter* CaffeDocument::findWeights(const std::string& layer) const
{
    for (const auto& candidate : weights.layer())
        if (candidate.name() == layer)
            return &candidate;
    return nullptr;
}

std::string caffeNetText(const quantscope_caffe::NetParameter& net, const CaffeDocument* document)
{
    if (document && document->custom)
        return document->custom->netText(net);
    std::string text;
    google::protobuf::TextFormat::PrintToString(net, &text);
    return text;
}

}  // namespace qs

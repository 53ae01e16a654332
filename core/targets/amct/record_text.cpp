#include "core/targets/amct/record_text.h"

#include "core/base/byte_order_mark.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/ops/weight_channels.h"
#include "core/targets/amct/qs_record.pb.h"
#include "core/targets/amct/text_errors.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace qs {

namespace {

namespace proto = quantscope_record;

Result<void> checkInput(const InputFactors& input, const std::string& where)
{
    if (input.params.bits < 8 || input.params.bits > 16)
        return Error{ErrorCode::OutOfRange, "num_bits_d " + std::to_string(input.params.bits) + " is not in [8, 16]", where};
    if (const auto checked = checkParams(input.params); !checked.ok())
        return Error{checked.error().code, checked.error().detail, where};
    return {};
}

/// From a nested record_d, or from the layer's record in the flat form: the fields are named alike.
template <class Message>
InputFactors readInput(const Message& message, int port)
{
    InputFactors input{
        .port = port,
        .params = {.scale = message.scale_d(), .offset = message.offset_d(), .bits = message.has_num_bits_d() ? message.num_bits_d() : 8}};
    if (message.has_channels())
        input.channels = message.channels();
    if (message.has_height())
        input.height = message.height();
    if (message.has_width())
        input.width = message.width();
    return input;
}

/// The parser's words; the manual's first sample lacks a brace, which shows as a record inside a record.
std::string complaint(const std::string& text)
{
    if (text.find("MapFiledEntry\" has no field named \"record\"") != std::string::npos ||
        text.find("SingleLayerRecord\" has no field named \"record\"") != std::string::npos)
        return "a new record begins inside the one before: a '}' is missing before it";
    return unknownFieldText(text, proto::ScaleOffsetRecord::descriptor()->file());
}

Result<LayerFactors> readLayer(const proto::SingleLayerRecord& record, const std::string& where)
{
    LayerFactors factors;
    factors.skipFusion = record.skip_fusion();
    factors.weightBits = record.num_bits_w();
    if (factors.weightBits != 8 && factors.weightBits != 4)
        return Error{ErrorCode::OutOfRange, "num_bits_w " + std::to_string(factors.weightBits) + " is not in {4, 8}", where};
    for (const float scale : record.scale_w()) {
        if (const auto checked = checkParams({.scale = scale, .offset = 0, .bits = 8}); !checked.ok())
            return Error{checked.error().code, "scale_w: " + checked.error().detail, where};
        factors.weightScales.push_back(scale);
    }
    for (const int32_t offset : record.offset_w())
        if (offset != 0)
            return Error{ErrorCode::OutOfRange, "offset_w " + std::to_string(offset) + ": only 0 is supported", where};
    if (record.offset_w_size() != 0 && record.offset_w_size() != record.scale_w_size())
        return Error{ErrorCode::ShapeMismatch,
                     std::to_string(record.scale_w_size()) + " scale_w but " + std::to_string(record.offset_w_size()) + " offset_w", where};
    if (record.cluster_size() != 0 && record.cluster_size() != codebookLevels * record.scale_w_size())
        return Error{ErrorCode::ShapeMismatch,
                     std::to_string(record.cluster_size()) + " cluster values, " + std::to_string(codebookLevels) + " for each of the " +
                         std::to_string(record.scale_w_size()) + " scale_w are needed",
                     where};
    for (const int32_t level : record.cluster()) {
        if (level < -128 || level > 127)
            return Error{ErrorCode::OutOfRange, "cluster " + std::to_string(level) + " is not in [-128, 127]", where};
        factors.codebook.push_back(static_cast<int8_t>(level));
    }
    for (size_t first = 0; first < factors.codebook.size(); first += codebookLevels)
        std::sort(factors.codebook.begin() + static_cast<std::ptrdiff_t>(first),
                  factors.codebook.begin() + static_cast<std::ptrdiff_t>(first + codebookLevels));
    if (!record.has_num_bits_w() && factors.weightScales == std::vector<float>{1}) {
        factors.unitScale = true;
        factors.weightScales.clear();
    }
    for (const uint32_t shift : record.shift_bit()) {
        if (shift < 1 || shift > 16)
            return Error{ErrorCode::OutOfRange, "shift_bit " + std::to_string(shift) + " is not in [1, 16]", where};
        factors.shiftBits.push_back(shift);
    }
    if (record.has_object_layer())
        factors.objectLayer = record.object_layer();
    for (const auto& input : record.record_d()) {
        if (!input.has_scale_d())
            return Error{ErrorCode::MissingValue, "scale_d", where};
        // Required by the manual: factors of another input than the one that was meant would be silently wrong.
        if (!input.has_index())
            return Error{ErrorCode::MissingValue, "index of the input, in record_d", where};
        if (input.index() > static_cast<uint32_t>(std::numeric_limits<int>::max()))
            return Error{ErrorCode::OutOfRange, "index " + std::to_string(input.index()), where};
        factors.inputs.push_back(readInput(input, static_cast<int>(input.index())));
    }
    // The flat form of the manual's first sample; what stands nested for the same input wins.
    if (record.has_scale_d() && !factors.input(0))
        factors.inputs.push_back(readInput(record, 0));
    std::set<int> ports;
    for (const InputFactors& input : factors.inputs) {
        QS_CHECK(checkInput(input, where + ", index " + std::to_string(input.port)));
        if (!ports.insert(input.port).second)
            return Error{ErrorCode::DuplicateKey, "index " + std::to_string(input.port) + " stands twice", where};
    }
    return factors;
}

}  // namespace

std::string recordToText(const QuantRecord& record, const std::vector<std::string>& order)
{
    proto::ScaleOffsetRecord message;
    for (const std::string& name : order) {
        const auto found = record.layers.find(name);
        if (found == record.layers.end())
            continue;
        const LayerFactors& factors = found->second;
        auto* entry = message.add_record();
        entry->set_key(name);
        auto* value = entry->mutable_value();
        for (const float scale : factors.weightScales) {
            value->add_scale_w(scale);
            value->add_offset_w(0);
        }
        // AMCT's record of a layer without weights (its manual, pool1).
        if (factors.weightScales.empty()) {
            value->add_scale_w(1);
            value->add_offset_w(0);
        } else {
            value->set_num_bits_w(factors.weightBits);
        }
        value->mutable_shift_bit()->Add(factors.shiftBits.begin(), factors.shiftBits.end());
        value->mutable_cluster()->Add(factors.codebook.begin(), factors.codebook.end());
        if (factors.objectLayer)
            value->set_object_layer(*factors.objectLayer);
        if (factors.skipFusion)
            value->set_skip_fusion(true);
        for (const InputFactors& input : factors.inputs) {
            auto* data = value->add_record_d();
            data->set_scale_d(input.params.scale);
            data->set_offset_d(input.params.offset);
            data->set_index(static_cast<uint32_t>(input.port));
            data->set_num_bits_d(input.params.bits);
            if (input.channels)
                data->set_channels(*input.channels);
            if (input.height)
                data->set_height(*input.height);
            if (input.width)
                data->set_width(*input.width);
        }
    }
    std::string text;
    google::protobuf::TextFormat::PrintToString(message, &text);
    return text;
}

Result<QuantRecord> recordFromText(const std::string& text, const std::string& fileName)
{
    // protobuf counts in int.
    if (text.size() > static_cast<size_t>(std::numeric_limits<int>::max()))
        return Error{ErrorCode::FileTooLarge, std::to_string(text.size()) + " bytes", fileName};
    const std::string plain = withoutByteOrderMark(text);
    proto::ScaleOffsetRecord message;
    google::protobuf::TextFormat::Parser parser;
    FirstTextError error;
    parser.RecordErrorsTo(&error);
    parser.SetRecursionLimit(100);
    google::protobuf::io::ArrayInputStream stream(plain.data(), static_cast<int>(plain.size()));
    // Merge, not Parse: as the manual says, an optional field that stands twice keeps its last value.
    if (!parser.Merge(&stream, &message))
        return Error{ErrorCode::ParseFailed, complaint(error.text), error.place(fileName)};
    QuantRecord record;
    for (const auto& entry : message.record()) {
        const std::string where = fileName + ": layer '" + shortened(entry.key()) + "'";
        if (entry.key().empty())
            return Error{ErrorCode::MissingValue, "a record without a key", fileName};
        QS_TRY(LayerFactors factors, readLayer(entry.value(), where));
        if (!record.layers.emplace(entry.key(), std::move(factors)).second)
            return Error{ErrorCode::DuplicateKey, "two records of this layer", where};
    }
    return record;
}

Result<QuantRecord> readRecordFile(const std::filesystem::path& file)
{
    QS_TRY(const std::string text, readFile(file, largestText));
    QS_TRY(QuantRecord record, recordFromText(text, file.string()));
    if (record.layers.empty())
        return Error{ErrorCode::MissingValue, "the record has no layer", file.string()};
    return record;
}

}  // namespace qs

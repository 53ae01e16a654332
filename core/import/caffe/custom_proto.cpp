#include "core/import/caffe/custom_proto.h"

#include "core/base/byte_order_mark.h"
#include "core/base/text.h"
#include "core/import/caffe/reserved.h"

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <map>
#include <set>

namespace qs::caffe {

namespace {

namespace pb = google::protobuf;
using quantscope_caffe::LayerParameter;
using quantscope_caffe::NetParameter;

/// Foreign fields travel here; the last numbers that protobuf knows.
constexpr int shadowNumber = 536870900;
constexpr int largestNumber = 1 << 28;
/// From here on the numbers of our LayerParameter are our own choice: they give way to the user's. Below stand Caffe's, SSD's and the reserved ones.
constexpr int firstOwnNumber = 1000;
/// The fields of every layer (name, type, blobs...) end at 11: a network is made of them. All others may be the user's, by one rule for Caffe's own
/// and ATC's (the manual: of two fields with one name custom.proto's holds; a number stands for one field).
constexpr int lastStructureNumber = 11;
/// The manual advises numbers below; beyond are ATC's, and those that are reserved.
constexpr int firstReserved = 5000;
constexpr int deepest = 50;         ///< brackets in brackets
constexpr int mostMessages = 2000;  ///< protobuf makes the types of a chain of messages one inside the other, on the stack
/// What a network is made of: the program would not understand another form.
constexpr const char* structure[] = {"NetParameter", "BlobProto", "BlobShape", "BlobProtoVector", "V1LayerParameter", "NetState",
                                     "NetStateRule", "ParamSpec", "Phase"};

std::string reservedAs(const std::string& what)
{
    return reserved().owner + std::string("'s ") + what + " (" + reserved().file + ")";
}

template <class Names>
bool contains(const Names& names, const std::string& name)
{
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

class FirstError final : public pb::io::ErrorCollector {
public:
    void AddError(int line, int, const std::string& message) override
    {
        if (text.empty()) {
            text = message;
            at = line + 1;
        }
    }
    std::string text;
    int at = 0;
};

class PoolErrors final : public pb::DescriptorPool::ErrorCollector {
public:
    void AddError(const std::string&, const std::string& elementName, const pb::Message*, ErrorLocation, const std::string& message) override
    {
        if (text.empty()) {
            element = elementName;
            text = message;
        }
    }
    std::string element;
    std::string text;
};

/// Our errors end without a full stop, protobuf's with one.
std::string sentence(std::string text)
{
    if (text.ends_with('.'))
        text.pop_back();
    return text;
}

/// ".from.X" to ".to.X" in every type name.
void movePackage(pb::DescriptorProto& message, const std::string& from, const std::string& to)
{
    for (auto& field : *message.mutable_field())
        if (field.type_name().starts_with(from))
            field.set_type_name(to + field.type_name().substr(from.size()));
    for (auto& nested : *message.mutable_nested_type())
        movePackage(nested, from, to);
}

/// Whether a message of this type holds, at any depth, one of the given types.
bool reaches(const pb::Descriptor* type, const std::set<std::string>& wanted)
{
    std::vector<const pb::Descriptor*> waiting{type};
    std::set<const pb::Descriptor*> seen{type};
    while (!waiting.empty()) {
        const pb::Descriptor* next = waiting.back();
        waiting.pop_back();
        const pb::Descriptor* top = next;
        while (top->containing_type())
            top = top->containing_type();
        if (wanted.contains(top->name()))
            return true;
        for (int i = 0; i < next->field_count(); ++i)
            if (const pb::Descriptor* inner = next->field(i)->message_type(); inner && seen.insert(inner).second)
                waiting.push_back(inner);
    }
    return false;
}

/// The first line on which brackets of any kind are nested deeper than any description is; 0 without one. protobuf's parser and its descriptors
/// recurse without a limit.
int tooDeepLine(const std::string& text)
{
    int depth = 0;
    int line = 1;
    char quote = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') {
            ++line;
            quote = 0;
        } else if (quote) {
            if (c == '\\')
                ++i;
            else if (c == quote)
                quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (text.compare(i, 2, "//") == 0) {
            i = std::min(text.find('\n', i), text.size()) - 1;
        } else if (text.compare(i, 2, "/*") == 0) {
            const size_t end = std::min(text.find("*/", i + 2), text.size() - 1);
            line +=
                static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(i), text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
            i = end + 1;
        } else if (c == '{' || c == '<' || c == '[' || c == '(') {
            if (++depth > deepest)
                return line;
        } else if (c == '}' || c == '>' || c == ']' || c == ')') {
            depth = std::max(0, depth - 1);
        }
    }
    return 0;
}

Attribute scalarOf(const pb::Message& message, const pb::FieldDescriptor* field, int index)
{
    std::string text;
    pb::TextFormat::PrintFieldValueToString(message, field, index, &text);
    switch (field->cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_BOOL:
            return int64_t{text == "true"};
        case pb::FieldDescriptor::CPPTYPE_STRING:
            return field->is_repeated() ? message.GetReflection()->GetRepeatedString(message, field, index)
                                        : message.GetReflection()->GetString(message, field);
        case pb::FieldDescriptor::CPPTYPE_FLOAT:
        case pb::FieldDescriptor::CPPTYPE_DOUBLE:
            return parseDouble(text).value_or(0);
        case pb::FieldDescriptor::CPPTYPE_ENUM:
            return text;
        default:
            if (const auto number = parseInteger(text))
                return *number;
            return text;
    }
}

void addAttributes(const pb::Message& message, const std::string& prefix, Attributes& out)
{
    std::vector<const pb::FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const pb::FieldDescriptor* field : fields) {
        const std::string name = prefix + field->name();
        const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : -1;
        if (field->message_type() && count < 0) {
            addAttributes(message.GetReflection()->GetMessage(message, field), name + ".", out);
        } else if (field->message_type()) {
            for (int i = 0; i < count; ++i)
                addAttributes(message.GetReflection()->GetRepeatedMessage(message, field, i), name + "[" + std::to_string(i) + "].", out);
        } else if (count < 0) {
            out.set(name, scalarOf(message, field, -1));
        } else {
            std::string list;
            for (int i = 0; i < count; ++i)
                list += (i == 0 ? "" : ", ") + attributeText(scalarOf(message, field, i));
            out.set(name, "[" + list + "]");
        }
    }
}

}  // namespace

struct CustomProto::Parts {
    pb::DescriptorPool pool;
    // After the pool, so that it goes first.
    std::unique_ptr<pb::DynamicMessageFactory> factory;
    const pb::FileDescriptor* file = nullptr;
    const pb::Descriptor* net = nullptr;
    const pb::Descriptor* layer = nullptr;
    const pb::FieldDescriptor* netLayer = nullptr;
    std::set<const pb::FieldDescriptor*> foreign;  ///< of the merged LayerParameter
    std::set<std::string> added;                   ///< names of LayerParameter's fields that ours does not have
    std::vector<std::string> notes;

    std::unique_ptr<pb::Message> create(const pb::Descriptor* type) const { return std::unique_ptr<pb::Message>(factory->GetPrototype(type)->New()); }
    /// The merged form of a layer: its own fields and those in the shadow.
    std::unique_ptr<pb::Message> mergedLayer(const LayerParameter& layer) const;
};

namespace {

/// Puts the user's file and ours together; everything that can clash is found here.
class Merger {
public:
    Merger(const pb::FileDescriptorProto& user, const std::string& fileName) : m_user(user), m_fileName(fileName)
    {
        for (const auto& location : m_user.source_code_info().location()) {
            const auto& path = location.path();
            const bool ofMessage = path.size() == 2 && path[0] == 4;
            const bool ofField = path.size() == 4 && path[0] == 4 && path[2] == 2;
            if ((ofMessage || ofField) && location.span_size() > 0)
                m_lines.emplace(std::pair(path[1], ofField ? path[3] : -1), location.span(0) + 1);
        }
        NetParameter::descriptor()->file()->CopyTo(&m_out);
        m_out.set_name("caffe.proto");
        m_out.set_package("caffe");
        for (auto& message : *m_out.mutable_message_type())
            movePackage(message, ".quantscope_caffe.", ".caffe.");
    }

    Result<pb::FileDescriptorProto> run(std::vector<std::string>& notes, std::set<std::string>& replaced, std::set<std::string>& added)
    {
        if (m_user.dependency_size() > 0)
            return Error{ErrorCode::NotSupported, "import of " + m_user.dependency(0) + ": put the messages into this file", m_fileName};
        if (m_user.extension_size() > 0)
            return Error{ErrorCode::NotSupported, "extend: put the field into 'message LayerParameter { ... }'", m_fileName};
        for (int i = 0; i < m_user.message_type_size(); ++i)
            if (m_user.message_type(i).name() != "LayerParameter")
                QS_CHECK(addMessage(i, notes, replaced));
        for (const auto& type : m_user.enum_type()) {
            if (findMessage(type.name()) ||
                std::any_of(m_out.enum_type().begin(), m_out.enum_type().end(), [&](const auto& known) { return known.name() == type.name(); }))
                return clash("the enum " + type.name(), "the built-in type of that name (caffe.proto)", 0);
            *m_out.add_enum_type() = type;
        }
        bool found = false;
        for (int i = 0; i < m_user.message_type_size(); ++i) {
            if (m_user.message_type(i).name() != "LayerParameter")
                continue;
            found = true;
            QS_CHECK(addFields(i, notes, added));
        }
        if (!found)
            return Error{ErrorCode::MissingValue,
                         "'message LayerParameter { optional YourParameter your_param = 200; }', which gives a layer your message", m_fileName};
        return std::move(m_out);
    }

    /// The line of a message (field -1) or field, from 1; 0 when not known.
    int line(int message, int field = -1) const
    {
        const auto found = m_lines.find({message, field});
        return found == m_lines.end() ? 0 : found->second;
    }
    std::string at(int number) const { return number > 0 ? m_fileName + ":" + std::to_string(number) : m_fileName; }

private:
    Error clash(const std::string& mine, const std::string& theirs, int atLine) const
    {
        return {ErrorCode::DuplicateKey, mine + " of this file and " + theirs, at(atLine)};
    }
    pb::DescriptorProto* findMessage(const std::string& name)
    {
        for (auto& message : *m_out.mutable_message_type())
            if (message.name() == name)
                return &message;
        return nullptr;
    }

    Result<void> addMessage(int index, std::vector<std::string>& notes, std::set<std::string>& replaced)
    {
        const auto& message = m_user.message_type(index);
        if (contains(reserved().messages, message.name()))
            return clash("the message " + message.name(), reservedAs("message " + message.name()) + ": give yours another name", line(index));
        if (contains(structure, message.name()))
            return clash("the message " + message.name(), "Caffe's (caffe.proto), which every network is made of", line(index));
        if (!m_names.insert(message.name()).second)
            return Error{ErrorCode::DuplicateKey, "the message " + message.name(), at(line(index))};
        if (pb::DescriptorProto* known = findMessage(message.name())) {
            *known = message;
            replaced.insert(message.name());
            notes.push_back("the message " + message.name() + " is taken from " + at(line(index)) + ", in place of the built-in one");
        } else {
            *m_out.add_message_type() = message;
        }
        return {};
    }

    Result<void> addFields(int index, std::vector<std::string>& notes, std::set<std::string>& added)
    {
        const auto& user = m_user.message_type(index);
        pb::DescriptorProto& layer = *findMessage("LayerParameter");
        if (user.extension_size() > 0 || user.oneof_decl_size() > 0)
            return Error{ErrorCode::NotSupported, "LayerParameter may hold optional fields only", at(line(index))};
        for (const auto& nested : user.nested_type())
            *layer.add_nested_type() = nested;
        for (const auto& nested : user.enum_type())
            *layer.add_enum_type() = nested;
        for (const auto& field : user.field())
            m_userNumbers.insert(field.number());
        for (int i = 0; i < layer.field_size(); ++i)
            place(layer, i);
        for (int i = 0; i < user.field_size(); ++i)
            QS_CHECK(addField(user.field(i), line(index, i), layer, notes, added));
        return {};
    }

    Result<void> addField(const pb::FieldDescriptorProto& field, int atLine, pb::DescriptorProto& layer, std::vector<std::string>& notes,
                          std::set<std::string>& added)
    {
        const std::string what = field.name() + " = " + std::to_string(field.number());
        if (field.label() != pb::FieldDescriptorProto::LABEL_OPTIONAL)
            return Error{ErrorCode::OutOfRange, "the field " + what + " of LayerParameter must be optional", at(atLine)};
        if (field.number() >= largestNumber)
            return Error{ErrorCode::OutOfRange, "the number of " + what + " is not below " + std::to_string(largestNumber), at(atLine)};
        if (!m_fields.insert(field.name()).second || !m_numbers.insert(field.number()).second)
            return Error{ErrorCode::DuplicateKey, "the field or number " + what, at(atLine)};
        const int sameName = indexIn(m_byName, field.name());
        const int sameNumber = indexIn(m_byNumber, field.number());
        const auto nameOf = [&](int known) { return layer.field(known).name() + " = " + std::to_string(layer.field(known).number()); };
        if (sameNumber >= 0 && contains(reserved().fields, layer.field(sameNumber).name()))
            return clash("the field " + what, reservedAs("field " + nameOf(sameNumber)) + ": choose another number", atLine);
        if (contains(reserved().fields, field.name()))
            return clash("the field " + what, reservedAs("field " + field.name()) + ": choose another name", atLine);
        if (sameName >= 0 && layer.field(sameName).number() <= lastStructureNumber)
            return clash("the field " + what, "Caffe's field " + nameOf(sameName) + " (caffe.proto), which every layer is made of", atLine);
        if (sameNumber >= 0 && sameNumber != sameName && layer.field(sameNumber).number() < firstOwnNumber)
            return clash("the field " + what, "the built-in field " + nameOf(sameNumber) + " (caffe.proto): choose another number", atLine);
        // The same field again says nothing new: this is how a built-in message is replaced.
        if (sameName >= 0 && (sameName != sameNumber || shortType(layer.field(sameName)) != shortType(field)))
            notes.push_back("the field " + what + " of LayerParameter is taken from " + at(atLine) + ", in place of the built-in one");
        if (field.number() >= firstReserved)
            notes.push_back(at(atLine) + ": the number of " + what + " is not below 5000, as the manual advises: ATC's own begin there, " +
                            reserved().owner + "'s at " + std::to_string(reserved().firstNumber));
        // One of ours in the way moves; its number was our choice.
        if (sameNumber >= 0 && sameNumber != sameName) {
            layer.mutable_field(sameNumber)->set_number(freeNumber());
            place(layer, sameNumber);
        }
        if (sameName >= 0) {
            m_byNumber.erase(layer.field(sameName).number());
            *layer.mutable_field(sameName) = field;
            place(layer, sameName);
        } else {
            *layer.add_field() = field;
            place(layer, layer.field_size() - 1);
            added.insert(field.name());
        }
        return {};
    }

    template <class Key>
    static int indexIn(const std::map<Key, int>& fields, const Key& key)
    {
        const auto found = fields.find(key);
        return found == fields.end() ? -1 : found->second;
    }
    void place(const pb::DescriptorProto& layer, int i)
    {
        m_byName[layer.field(i).name()] = i;
        m_byNumber[layer.field(i).number()] = i;
    }

    static std::string shortType(const pb::FieldDescriptorProto& field)
    {
        return field.type_name().empty() ? std::to_string(field.type()) : field.type_name().substr(field.type_name().rfind('.') + 1);
    }
    int freeNumber()
    {
        while (m_byNumber.contains(m_free) || m_userNumbers.contains(m_free))
            ++m_free;
        return m_free;
    }

    const pb::FileDescriptorProto& m_user;
    const std::string& m_fileName;
    pb::FileDescriptorProto m_out;
    std::set<std::string> m_names;
    std::set<std::string> m_fields;
    std::set<int> m_numbers;
    std::map<std::pair<int, int>, int> m_lines;  ///< by message and field (-1: the message itself)
    std::map<std::string, int> m_byName;         ///< fields of the merged LayerParameter
    std::map<int, int> m_byNumber;
    std::set<int> m_userNumbers;
    int m_free = 100000;
};

/// Fields of the same name, number and type mean the same on the wire, unless their messages lead to one that the user has replaced.
bool sameOnTheWire(const pb::FieldDescriptor* merged, const pb::FieldDescriptor* ours, const std::set<std::string>& replaced)
{
    if (merged->number() != ours->number() || merged->type() != ours->type() || merged->label() != ours->label())
        return false;
    if (merged->enum_type() && merged->enum_type()->name() != ours->enum_type()->name())
        return false;
    if (!merged->message_type())
        return true;
    return merged->message_type()->name() == ours->message_type()->name() && !reaches(merged->message_type(), replaced);
}

/// Of a file or message, with those inside of them, which tooDeepLine() bounds.
template <class Holder>
int messagesIn(const Holder& holder)
{
    int count = 0;
    if constexpr (std::is_same_v<Holder, pb::FileDescriptorProto>)
        for (const auto& message : holder.message_type())
            count += 1 + messagesIn(message);
    else
        for (const auto& message : holder.nested_type())
            count += 1 + messagesIn(message);
    return count;
}

bool hasSyntaxLine(const std::string& text)
{
    for (const std::string& line : splitText(text, '\n'))
        if (line.starts_with("syntax"))
            return true;
    return false;
}

}  // namespace

CustomProto::CustomProto() : m_parts(std::make_unique<Parts>()) {}
CustomProto::~CustomProto() = default;

const std::vector<std::string>& CustomProto::notes() const
{
    return m_parts->notes;
}

Result<std::shared_ptr<const CustomProto>> CustomProto::parse(const std::string& text, const std::string& fileName)
{
    if (const int line = tooDeepLine(text))
        return Error{ErrorCode::ParseFailed, "messages are nested more than " + std::to_string(deepest) + " deep",
                     fileName + ":" + std::to_string(line)};
    // The manual's files have no syntax line, of which protobuf would complain on the terminal. On the first line it moves no other.
    const std::string source = (hasSyntaxLine(text) ? "" : "syntax = \"proto2\"; ") + withoutByteOrderMark(text);
    pb::io::ArrayInputStream stream(source.data(), static_cast<int>(std::min<size_t>(source.size(), INT32_MAX)));
    FirstError errors;
    pb::io::Tokenizer tokenizer(&stream, &errors);
    pb::compiler::Parser parser;
    parser.RecordErrorsTo(&errors);
    pb::FileDescriptorProto user;
    if (!parser.Parse(&tokenizer, &user) || !errors.text.empty())
        return Error{ErrorCode::ParseFailed, sentence(errors.text), fileName + ":" + std::to_string(errors.at)};
    if (user.syntax() == "proto3")
        return Error{ErrorCode::NotSupported, "it is proto3; Caffe's description is proto2", fileName};
    if (messagesIn(user) > mostMessages)
        return Error{ErrorCode::NotSupported, std::to_string(messagesIn(user)) + " messages; " + std::to_string(mostMessages) + " are read at most",
                     fileName};
    auto custom = std::shared_ptr<CustomProto>(new CustomProto);
    Parts& parts = *custom->m_parts;
    std::set<std::string> replaced;
    Merger merger(user, fileName);
    QS_TRY(const pb::FileDescriptorProto merged, merger.run(parts.notes, replaced, parts.added));
    PoolErrors poolErrors;
    parts.file = parts.pool.BuildFileCollectingErrors(merged, &poolErrors);
    if (!parts.file) {
        int line = 0;
        for (int i = 0; i < user.message_type_size(); ++i) {
            if (poolErrors.element == "caffe." + user.message_type(i).name() && line == 0)
                line = merger.line(i);
            for (int j = 0; j < user.message_type(i).field_size(); ++j)
                if (poolErrors.element == "caffe." + user.message_type(i).name() + "." + user.message_type(i).field(j).name())
                    line = merger.line(i, j);
        }
        return Error{ErrorCode::ParseFailed, poolErrors.element + ": " + sentence(poolErrors.text), merger.at(line)};
    }
    parts.factory = std::make_unique<pb::DynamicMessageFactory>(&parts.pool);
    parts.net = parts.file->FindMessageTypeByName("NetParameter");
    parts.layer = parts.file->FindMessageTypeByName("LayerParameter");
    parts.netLayer = parts.net->FindFieldByName("layer");
    for (int i = 0; i < parts.layer->field_count(); ++i) {
        const auto* field = parts.layer->field(i);
        const auto* byName = LayerParameter::descriptor()->FindFieldByName(field->name());
        // What ours does not have passes as an unknown field, if nothing of ours has its number.
        if (byName ? !sameOnTheWire(field, byName, replaced) : LayerParameter::descriptor()->FindFieldByNumber(field->number()) != nullptr)
            parts.foreign.insert(field);
    }
    return std::shared_ptr<const CustomProto>(std::move(custom));
}

std::string CustomProto::mergedText() const
{
    return "// Caffe's description of networks with " + std::string(reserved().owner) +
           "'s quantization fields and the user's custom.proto, merged by Quantscope. It is for reading "
           "and\n"
           "// writing prototxt and caffemodel; Caffe's solver messages are not in it.\n" +
           m_parts->file->DebugString();
}

bool CustomProto::parseNet(const std::string& text, NetParameter& net, pb::io::ErrorCollector& errors, std::vector<std::string>& notes) const
{
    const auto merged = m_parts->create(m_parts->net);
    pb::TextFormat::Parser parser;
    parser.RecordErrorsTo(&errors);
    parser.AllowUnknownField(true);
    parser.SetRecursionLimit(200);
    if (!parser.ParseFromString(text, merged.get()))
        return false;
    const auto* reflection = merged->GetReflection();
    std::vector<std::unique_ptr<pb::Message>> shadows;
    for (int i = 0; i < reflection->FieldSize(*merged, m_parts->netLayer); ++i) {
        pb::Message* layer = reflection->MutableRepeatedMessage(merged.get(), m_parts->netLayer, i);
        auto shadow = m_parts->create(m_parts->layer);
        std::vector<const pb::FieldDescriptor*> present;
        for (const auto* field : m_parts->foreign)
            if (field->is_repeated() ? layer->GetReflection()->FieldSize(*layer, field) > 0 : layer->GetReflection()->HasField(*layer, field))
                present.push_back(field);
        layer->GetReflection()->SwapFields(layer, shadow.get(), present);
        shadows.push_back(present.empty() ? nullptr : std::move(shadow));
    }
    if (!net.ParsePartialFromString(merged->SerializePartialAsString())) {
        errors.AddError(0, 0, "a message of the custom proto does not fit Caffe's");
        return false;
    }
    for (int i = 0; i < net.layer_size(); ++i) {
        const auto& shadow = shadows[static_cast<size_t>(i)];
        if (!shadow)
            continue;
        LayerParameter& layer = *net.mutable_layer(i);
        std::string byName;
        pb::TextFormat::PrintToString(*shadow, &byName);
        LayerParameter known;
        FirstError ignored;
        pb::TextFormat::Parser lenient;
        lenient.RecordErrorsTo(&ignored);
        lenient.AllowUnknownField(true);
        if (lenient.ParseFromString(byName, &known))
            layer.MergeFrom(known);
        else
            notes.push_back("layer '" + layer.name() + "': its parameters have another form than the built-in ones and are kept, not read (" +
                            ignored.text + ")");
        layer.GetReflection()->MutableUnknownFields(&layer)->AddLengthDelimited(shadowNumber, shadow->SerializePartialAsString());
    }
    return true;
}

std::unique_ptr<pb::Message> CustomProto::Parts::mergedLayer(const LayerParameter& given) const
{
    LayerParameter own = given;
    auto* unknown = own.GetReflection()->MutableUnknownFields(&own);
    std::string shadow;
    for (int i = 0; i < unknown->field_count(); ++i)
        if (unknown->field(i).number() == shadowNumber)
            shadow = unknown->field(i).length_delimited();
    unknown->DeleteByNumber(shadowNumber);
    // What an exporter has set in our form of a foreign message (bias_term) goes back by name; lists stand in the shadow.
    std::string changed;
    for (const auto* field : foreign) {
        const auto* ours = LayerParameter::descriptor()->FindFieldByName(field->name());
        if (!ours || ours->is_repeated() || !own.GetReflection()->HasField(own, ours))
            continue;
        if (ours->message_type()) {
            pb::Message* message = own.GetReflection()->MutableMessage(&own, ours);
            std::vector<const pb::FieldDescriptor*> inner;
            message->GetReflection()->ListFields(*message, &inner);
            for (const auto* part : inner)
                if (part->is_repeated() || part->message_type())
                    message->GetReflection()->ClearField(message, part);
            std::string text;
            pb::TextFormat::PrintToString(*message, &text);
            changed += field->name() + " { " + text + " }\n";
        }
        own.GetReflection()->ClearField(&own, ours);
    }
    auto merged = create(layer);
    // One after the other on the wire is one merged into the other.
    merged->ParsePartialFromString(own.SerializePartialAsString() + shadow);
    FirstError ignored;
    pb::TextFormat::Parser lenient;
    lenient.RecordErrorsTo(&ignored);
    lenient.AllowUnknownField(true);
    lenient.MergeFromString(changed, merged.get());
    return merged;
}

std::string CustomProto::netText(const NetParameter& net) const
{
    NetParameter head = net;
    head.clear_layer();
    const auto merged = m_parts->create(m_parts->net);
    merged->ParsePartialFromString(head.SerializePartialAsString());
    for (const LayerParameter& layer : net.layer())
        merged->GetReflection()->AddAllocatedMessage(merged.get(), m_parts->netLayer, m_parts->mergedLayer(layer).release());
    std::string text;
    pb::TextFormat::PrintToString(*merged, &text);
    return text;
}

Attributes CustomProto::attributes(const LayerParameter& layer) const
{
    Attributes out;
    LayerParameter plain = layer;
    plain.clear_blobs();
    const auto merged = m_parts->mergedLayer(plain);
    std::vector<const pb::FieldDescriptor*> fields;
    merged->GetReflection()->ListFields(*merged, &fields);
    for (const auto* field : fields)
        if (m_parts->added.contains(field->name())) {
            if (field->message_type())
                addAttributes(merged->GetReflection()->GetMessage(*merged, field), field->name() + ".", out);
            else
                out.set(field->name(), scalarOf(*merged, field, -1));
        }
    return out;
}

}  // namespace qs::caffe

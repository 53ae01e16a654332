// What protobuf's text parser complains about, in words for a user. For .cpp files that parse text messages.
#pragma once

#include "core/base/text.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>

#include <string>

namespace qs {

/// Keeps the parser's first complaint, with its line.
class FirstTextError final : public google::protobuf::io::ErrorCollector {
public:
    void AddError(int errorLine, int, const std::string& message) override
    {
        if (text.empty()) {
            text = message;
            if (text.ends_with('.'))
                text.pop_back();
            line = errorLine + 1;
        }
    }
    /// "file:line"; the file alone when the parser named no line.
    std::string place(const std::string& fileName) const { return line > 0 ? fileName + ":" + std::to_string(line) : fileName; }

    std::string text;
    int line = 0;
};

/// `Message type "p.M" has no field named "f".` with the message's own name for p.M and, where a field of it is near, a "did you mean"; other
/// complaints unchanged.
inline std::string unknownFieldText(const std::string& complaint, const google::protobuf::FileDescriptor* file)
{
    constexpr std::string_view head = "Message type \"";
    constexpr std::string_view middle = "\" has no field named \"";
    const size_t cut = complaint.find(middle);
    if (!complaint.starts_with(head) || cut == std::string::npos)
        return complaint;
    const std::string type = complaint.substr(head.size(), cut - head.size());
    std::string field = complaint.substr(cut + middle.size());
    field = field.substr(0, field.find('"'));
    const auto* message = file->pool()->FindMessageTypeByName(type);
    if (!message)
        return complaint;
    std::vector<std::string> names;
    names.reserve(static_cast<size_t>(message->field_count()));
    for (int i = 0; i < message->field_count(); ++i)
        names.push_back(message->field(i)->name());
    const std::string near = nearestWord(field, names);
    return "'" + field + "' is not a field of " + message->name() + (near.empty() ? "" : " (did you mean '" + near + "'?)");
}

}  // namespace qs

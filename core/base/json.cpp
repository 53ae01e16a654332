#include "core/base/json.h"

#include "core/base/text.h"

#include <algorithm>
#include <set>

namespace qs {

Result<Json> parseJson(const std::string& text, const std::string& fileName)
{
    constexpr int deepest = 100;
    std::vector<std::set<std::string>> keys;
    std::vector<std::string> path;
    Error failure;
    bool failed = false;
    const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::object_start) {
            keys.resize(static_cast<size_t>(depth) + 1);
            keys.back().clear();
            if (depth > deepest && !failed) {
                failed = true;
                failure = {ErrorCode::ParseFailed, "nested deeper than " + std::to_string(deepest), fileName};
            }
        } else if (event == Json::parse_event_t::key) {
            // At a key, depth is that of the object's content.
            const auto level = static_cast<size_t>(depth) - 1;
            const auto name = parsed.get<std::string>();
            path.resize(level);
            path.push_back(name);
            if (!keys[level].insert(name).second && !failed) {
                failed = true;
                std::string full;
                for (const std::string& part : path)
                    full += (full.empty() ? "" : ".") + part;
                failure = {ErrorCode::DuplicateKey, "'" + full + "'", fileName};
            }
        }
        return true;
    };
    try {
        Json json = Json::parse(text, watch);
        if (failed)
            return failure;
        return json;
    } catch (const Json::parse_error& error) {
        const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, text.size()));
        const auto line = 1 + std::count(text.begin(), end, '\n');
        return Error{ErrorCode::ParseFailed, error.what(), fileName + ":" + std::to_string(line)};
    }
}

std::string jsonText(const Json& json)
{
    return json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json jsonNumber(float value)
{
    // Through decimal text: nlohmann would print the double nearest to the float with all its digits.
    if (const auto number = parseDouble(numberText(value)))
        return *number;
    return value;
}

}  // namespace qs

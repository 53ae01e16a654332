#include "core/base/json.h"

#include "core/base/text.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

namespace qs {

namespace {

/// Builds the value from the parser's events; the first failure ends the parsing.
class Builder final : public nlohmann::json_sax<Json> {
public:
    Builder(const std::string& text, const std::string& fileName) : m_text(text), m_fileName(fileName) {}

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t&) override { return put(value); }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t& value) override { return put(std::move(value)); }
    bool start_object(size_t) override { return open(Json::object()); }
    bool start_array(size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override
    {
        if (!m_levels.back().keys.insert(name).second) {
            std::string path;
            for (const Level& level : m_levels)
                if (level.value->is_object())
                    path += (path.empty() ? "" : ".") + (&level == &m_levels.back() ? name : level.key);
            return fail(ErrorCode::DuplicateKey, "'" + shortened(path) + "'", m_fileName);
        }
        m_levels.back().key = std::move(name);
        return true;
    }

    bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception& error) override
    {
        const auto end = m_text.begin() + static_cast<std::ptrdiff_t>(std::min(position, m_text.size()));
        const auto line = 1 + std::count(m_text.begin(), end, '\n');
        return fail(ErrorCode::ParseFailed, shortened(error.what()), m_fileName + ":" + std::to_string(line));
    }

    std::optional<Error> m_failure;
    Json m_root;

private:
    static constexpr size_t deepest = 100;

    struct Level {
        Json* value = nullptr;  ///< stays where it is: only the innermost container grows
        std::string key;        ///< the newest
        std::unordered_set<std::string> keys;
    };

    bool fail(ErrorCode code, std::string detail, std::string where)
    {
        m_failure = Error{code, std::move(detail), std::move(where)};
        return false;
    }

    Json* place(Json value)
    {
        if (m_levels.empty()) {
            m_root = std::move(value);
            return &m_root;
        }
        Json& parent = *m_levels.back().value;
        if (parent.is_object()) {
            appendKey(parent, m_levels.back().key, std::move(value));
            return &parent.get_ref<Json::object_t&>().back().second;
        }
        parent.push_back(std::move(value));
        return &parent.back();
    }
    bool put(Json value)
    {
        place(std::move(value));
        return true;
    }
    bool open(Json value)
    {
        if (m_levels.size() >= deepest)
            return fail(ErrorCode::ParseFailed, "nested deeper than " + std::to_string(deepest), m_fileName);
        m_levels.push_back({place(std::move(value)), {}, {}});
        return true;
    }
    bool close()
    {
        m_levels.pop_back();
        return true;
    }

    const std::string& m_text;
    const std::string& m_fileName;
    std::vector<Level> m_levels;
};

}  // namespace

Result<Json> parseJson(const std::string& text, const std::string& fileName)
{
    Builder builder(text, fileName);
    if (!Json::sax_parse(text, &builder))
        return builder.m_failure.value_or(Error{ErrorCode::ParseFailed, "it is not JSON", fileName});
    return std::move(builder.m_root);
}

std::string jsonText(const Json& json)
{
    // What the JSON standard lets stand (DEL, C1, marks that turn the direction) may still steer a terminal.
    const std::string text = json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
    if (text.find_first_of("\x7f\xc2\xd8\xe2\xef") == std::string::npos)
        return text;
    std::string safe;
    size_t begin = 0;
    for (size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin))
        safe += shown(std::string_view(text).substr(begin, end - begin), true) + "\n";
    return safe;
}

Json jsonNumber(float value)
{
    // Through decimal text: nlohmann would print the double nearest to the float with all its digits.
    if (const auto number = parseDouble(numberText(value)))
        return *number;
    return value;
}

int jsonInteger(const Json& json)
{
    const bool fits = json.is_number_unsigned() ? json.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int>::max())
                                                : json.is_number_integer() && json.get<int64_t>() >= std::numeric_limits<int>::min() &&
                                                      json.get<int64_t>() <= std::numeric_limits<int>::max();
    if (!fits)
        throw Json::type_error::create(302, "expected a whole number of at most " + std::to_string(std::numeric_limits<int>::max()), &json);
    return json.get<int>();
}

void appendKey(Json& object, std::string key, Json value)
{
    if (object.is_null())
        object = Json::object();
    using Members = std::vector<std::pair<const std::string, Json>>;
    static_cast<Members&>(object.get_ref<Json::object_t&>()).emplace_back(std::move(key), std::move(value));
}

}  // namespace qs

#include "core/project/refinements.h"

#include <algorithm>
#include <string_view>

namespace qs {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

std::string hexOf(const std::vector<uint8_t>& bits)
{
    std::string hex;
    for (size_t i = 0; i < bits.size(); i += 4) {
        size_t digit = 0;
        for (size_t j = 0; j < 4; ++j)
            digit = digit * 2 + (i + j < bits.size() ? bits[i + j] : 0);
        hex += digits[digit];
    }
    return hex;
}

Result<std::vector<uint8_t>> bitsOf(const std::string& hex, size_t count, const std::string& where)
{
    const bool known = std::all_of(hex.begin(), hex.end(), [](char c) { return digits.find(c) != std::string_view::npos; });
    if (!known || hex.size() != count / 4 + (count % 4 == 0 ? 0 : 1))
        return Error{ErrorCode::ParseFailed, "roundUp is not " + std::to_string(count) + " bits of hex", where};
    std::vector<uint8_t> bits;
    for (size_t i = 0; i < count; ++i)
        bits.push_back(static_cast<uint8_t>(digits.find(hex[i / 4]) >> (3 - i % 4) & 1));
    return bits;
}

Json floatsJson(const std::vector<float>& values)
{
    Json json = Json::array();
    for (const float value : values)
        json.push_back(jsonNumber(value));
    return json;
}

}  // namespace

Json refinementsJson(const QuantRecord& record)
{
    Json json = Json::object();
    if (!record.equalized.empty())
        json["equalized"] = record.equalized;
    for (const auto& [name, factors] : record.layers) {
        Json layer;
        if (!factors.roundUp.empty())
            layer = Json{{"weights", factors.roundUp.size()}, {"roundUp", hexOf(factors.roundUp)}};
        if (!factors.bias.empty())
            layer["bias"] = floatsJson(factors.bias);
        if (!layer.empty())
            appendKey(json["layers"], name, std::move(layer));
    }
    return json;
}

Result<void> readRefinements(const Json& json, QuantRecord& record, const std::string& fileName)
{
    record.equalized = json.value("equalized", std::vector<std::string>());
    const Json layers = json.value("layers", Json::object());
    for (const auto& item : layers.items()) {
        const auto found = record.layers.find(item.key());
        if (found == record.layers.end())
            continue;
        if (item.value().contains("roundUp")) {
            QS_TRY(found->second.roundUp, bitsOf(item.value()["roundUp"].get<std::string>(), item.value().at("weights").get<size_t>(),
                                                 fileName + ": layer '" + item.key() + "'"));
        }
        if (item.value().contains("bias"))
            found->second.bias = item.value()["bias"].get<std::vector<float>>();
    }
    return {};
}

}  // namespace qs

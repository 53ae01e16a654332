#include "core/project/refinements.h"

#include "core/quant/scheme.h"

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

Json formJson(const GridForm& form)
{
    return {{"unsigned", form.isUnsigned}, {"narrow", form.narrow}, {"powerOfTwo", form.powerOfTwo}, {"rounding", static_cast<int>(form.rounding)}};
}

GridForm readForm(const Json& json)
{
    return {.isUnsigned = json.at("unsigned").get<bool>(),
            .narrow = json.at("narrow").get<bool>(),
            .powerOfTwo = json.at("powerOfTwo").get<bool>(),
            .rounding = static_cast<Rounding>(std::clamp(json.at("rounding").get<int>(), 0, static_cast<int>(Rounding::HalfAway)))};
}

Json floatsJson(const std::vector<float>& values)
{
    Json json = Json::array();
    for (const float value : values)
        json.push_back(jsonNumber(value));
    return json;
}

}  // namespace

namespace {

Json siteJson(const InputFactors& site)
{
    Json json{{"site", site.port},
              {"scale", jsonNumber(site.params.scale)},
              {"offset", site.params.offset},
              {"bits", site.params.bits},
              {"form", formJson(site.params.form)}};
    if (site.byHand)
        json["byHand"] = true;
    return json;
}

constexpr int leastBits = 2;
constexpr int mostBits = 16;

Result<InputFactors> readSite(const Json& json, const std::string& where)
{
    InputFactors site{.port = json.at("site").get<int>(),
                      .params = {.scale = json.at("scale").get<float>(),
                                 .offset = json.at("offset").get<int32_t>(),
                                 .bits = json.at("bits").get<int>(),
                                 .form = readForm(json.at("form"))},
                      .byHand = json.value("byHand", false)};
    if (site.params.bits < leastBits || site.params.bits > mostBits)
        return Error{ErrorCode::OutOfRange, "a quantizer of " + std::to_string(site.params.bits) + " bits", where};
    if (const auto legal = checkParams(site.params); !legal)
        return Error{legal.error().code, legal.error().detail, where};
    return site;
}

/// A layer whose grids a record file has no words for, whole.
Json factorsJson(const LayerFactors& factors)
{
    Json json{{"sites", Json::array()}, {"weightScales", floatsJson(factors.weightScales)}, {"weightBits", factors.weightBits}};
    for (const InputFactors& site : factors.inputs)
        json["sites"].push_back(siteJson(site));
    if (!factors.codebook.empty())
        json["codebook"] = factors.codebook;
    json["weightForm"] = formJson(factors.weightForm);
    json["skipFusion"] = factors.skipFusion;
    return json;
}

Result<LayerFactors> readFactors(const Json& json, const std::string& where)
{
    LayerFactors factors;
    for (const Json& site : json.at("sites")) {
        QS_TRY(factors.inputs.emplace_back(), readSite(site, where));
    }
    factors.weightScales = json.at("weightScales").get<std::vector<float>>();
    factors.weightBits = json.at("weightBits").get<int>();
    if (factors.weightBits < leastBits || factors.weightBits > mostBits)
        return Error{ErrorCode::OutOfRange, "weights of " + std::to_string(factors.weightBits) + " bits", where};
    if (json.contains("codebook"))
        factors.codebook = json["codebook"].get<std::vector<int8_t>>();
    factors.weightForm = readForm(json.at("weightForm"));
    factors.skipFusion = json.at("skipFusion").get<bool>();
    return factors;
}

}  // namespace

bool heldByText(const LayerFactors& factors)
{
    const auto held = [](const InputFactors& site) { return isInputSite(site.port) && site.params.form == GridForm{} && site.params.bits >= 8; };
    return (factors.weightBits == 8 || factors.weightBits == 4) && factors.weightForm == GridForm{} &&
           std::all_of(factors.inputs.begin(), factors.inputs.end(), held);
}

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
        if (factors.floatBias)
            layer["floatBias"] = true;
        if (!heldByText(factors))
            layer["factors"] = factorsJson(factors);
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
        const std::string where = fileName + ": layer '" + item.key() + "'";
        if (item.value().contains("factors")) {
            QS_TRY(record.layers[item.key()], readFactors(item.value()["factors"], where));
        }
        const auto found = record.layers.find(item.key());
        if (found == record.layers.end())
            continue;
        if (item.value().contains("roundUp")) {
            QS_TRY(found->second.roundUp, bitsOf(item.value()["roundUp"].get<std::string>(), item.value().at("weights").get<size_t>(), where));
        }
        found->second.floatBias = item.value().value("floatBias", false);
        if (item.value().contains("bias"))
            found->second.bias = item.value()["bias"].get<std::vector<float>>();
    }
    return {};
}

}  // namespace qs

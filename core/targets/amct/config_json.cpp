// config.json: exactly AMCT's keys (seed 003, 量化配置; semantics 1.12).
#include "core/targets/amct/config_json.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/ops/op.h"
#include "core/targets/amct/parameters.h"

#include <algorithm>
#include <limits>

namespace qs {

namespace {

const char* typeName(const Json& value)
{
    return value.type_name();
}

/// Reads the members of one object; every error names where, key and value.
class Members {
public:
    Members(const Json& object, std::string where) : m_object(object), m_where(std::move(where)) {}

    Result<void> onlyKeys(const std::vector<std::string>& known) const
    {
        for (const auto& item : m_object.items())
            if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
                const std::string near = nearestWord(item.key(), known);
                return Error{ErrorCode::UnknownKey, "'" + item.key() + "'" + (near.empty() ? "" : " (did you mean '" + near + "'?)"), m_where};
            }
        return {};
    }
    Result<void> read(const char* key, bool& value) const
    {
        const Json* member = find(key);
        if (!member)
            return {};
        if (!member->is_boolean())
            return wrongType(key, "true or false", *member);
        value = member->get<bool>();
        return {};
    }
    Result<void> read(const char* key, int& value) const
    {
        const Json* member = find(key);
        if (!member)
            return {};
        if (!member->is_number_integer())
            return wrongType(key, "an integer", *member);
        const auto number = member->get<double>();
        if (number > std::numeric_limits<int>::max() || number < std::numeric_limits<int>::min())
            return Error{ErrorCode::OutOfRange, member->dump() + " is not in the range of int", m_where + ", key '" + key + "'"};
        value = member->get<int>();
        return {};
    }
    Result<void> read(const char* key, double& value) const
    {
        const Json* member = find(key);
        if (!member)
            return {};
        if (!member->is_number())
            return wrongType(key, "a number", *member);
        value = member->get<double>();
        return {};
    }
    Result<void> read(const char* key, std::string& value) const
    {
        const Json* member = find(key);
        if (!member)
            return {};
        if (!member->is_string())
            return wrongType(key, "a string", *member);
        value = member->get<std::string>();
        return {};
    }
    template <class T>
    Result<void> read(const char* key, std::optional<T>& value) const
    {
        if (!find(key))
            return {};
        T plain{};
        QS_CHECK(read(key, plain));
        value = std::move(plain);
        return {};
    }
    const Json* find(const char* key) const
    {
        const auto found = m_object.find(key);
        return found == m_object.end() ? nullptr : &*found;
    }
    Error wrongType(const std::string& key, const std::string& expected, const Json& found) const
    {
        return {ErrorCode::WrongType, "expected " + expected + ", found " + typeName(found) + " " + found.dump().substr(0, 60),
                m_where + ", key '" + key + "'"};
    }
    const std::string& where() const { return m_where; }

private:
    const Json& m_object;
    std::string m_where;
};

Result<ActivationSetting> readActivation(const Json& json, const std::string& where)
{
    const Members members(json, where);
    if (!json.is_object())
        return members.wrongType("activation_quant_params", "an object", json);
    QS_CHECK(members.onlyKeys({"num_bits", "max_percentile", "min_percentile", "search_range", "search_step", "with_offset"}));
    ActivationSetting setting;
    QS_CHECK(members.read("num_bits", setting.bits));
    QS_CHECK(members.read("max_percentile", setting.maxPercentile));
    QS_CHECK(members.read("min_percentile", setting.minPercentile));
    QS_CHECK(members.read("search_step", setting.searchStep));
    QS_CHECK(members.read("with_offset", setting.withOffset));
    if (const Json* range = members.find("search_range")) {
        if (!range->is_array() || range->size() != 2 || !(*range)[0].is_number() || !(*range)[1].is_number())
            return members.wrongType("search_range", "a list of two numbers", *range);
        setting.searchStart = (*range)[0].get<double>();
        setting.searchEnd = (*range)[1].get<double>();
    }
    return setting;
}

Result<WeightSetting> readWeights(const Json& json, const std::string& where, WeightSetting setting)
{
    const Members members(json, where + ", weight_quant_params");
    if (!json.is_object())
        return members.wrongType("weight_quant_params", "an object", json);
    QS_CHECK(members.onlyKeys({"wts_algo", "channel_wise", "num_bits", "max_iteration", "min_distance", "init_algo"}));
    std::string algorithm = amctWords(setting.algorithm);
    QS_CHECK(members.read("wts_algo", algorithm));
    const std::optional<std::string> own = ownAlgorithm(algorithm);
    if (!own) {
        const Parameter& known = *findParameter(field::weightAlgorithm.name);
        return Error{ErrorCode::OutOfRange, "'" + algorithm + "' is not in " + known.range, where + ", key '" + known.key + "'"};
    }
    setting.algorithm = *own;
    if (setting.algorithm == "snq")
        setting.bits = 4;
    QS_CHECK(members.read("channel_wise", setting.channelWise));
    QS_CHECK(members.read("num_bits", setting.bits));
    QS_CHECK(members.read("max_iteration", setting.maxIteration));
    QS_CHECK(members.read("min_distance", setting.minDistance));
    QS_CHECK(members.read("init_algo", setting.initAlgorithm));
    return setting;
}

Result<LayerSetting> readLayer(const Json& json, const std::string& name, const LayerSetting& fallback, const std::string& fileName)
{
    const std::string where = fileName + ": layer '" + name + "'";
    const Members members(json, where);
    if (!json.is_object())
        return Error{ErrorCode::WrongType, std::string("expected an object, found ") + typeName(json), where};
    QS_CHECK(members.onlyKeys({"quant_enable", "activation_quant_params", "weight_quant_params"}));
    LayerSetting setting = fallback;
    // The manual: a layer that is listed is quantized unless it says otherwise.
    setting.quantEnable = true;
    QS_CHECK(members.read("quant_enable", setting.quantEnable));
    if (const Json* activations = members.find("activation_quant_params")) {
        setting.activations.clear();
        setting.activationsAsList = activations->is_array();
        if (!setting.activationsAsList) {
            QS_TRY(setting.activations.emplace_back(), readActivation(*activations, where + ", activation_quant_params"));
        } else {
            for (size_t i = 0; i < activations->size(); ++i) {
                QS_TRY(setting.activations.emplace_back(),
                       readActivation((*activations)[i], where + ", activation_quant_params[" + std::to_string(i) + "]"));
            }
        }
        if (setting.activations.empty())
            return members.wrongType("activation_quant_params", "at least one entry", *activations);
    }
    if (const Json* weights = members.find("weight_quant_params")) {
        QS_TRY(setting.weights, readWeights(*weights, where, fallback.weights.value_or(WeightSetting{})));
    }
    return setting;
}

Json activationJson(const ActivationSetting& setting)
{
    Json json;
    json["num_bits"] = setting.bits;
    json["max_percentile"] = setting.maxPercentile;
    json["min_percentile"] = setting.minPercentile;
    json["search_range"] = {setting.searchStart, setting.searchEnd};
    json["search_step"] = setting.searchStep;
    if (setting.withOffset)
        json["with_offset"] = *setting.withOffset;
    return json;
}

Json weightJson(const WeightSetting& setting)
{
    Json json;
    json["wts_algo"] = amctWords(setting.algorithm);
    json["channel_wise"] = setting.channelWise;
    json["num_bits"] = setting.bits;
    if (setting.maxIteration)
        json["max_iteration"] = *setting.maxIteration;
    if (setting.minDistance)
        json["min_distance"] = *setting.minDistance;
    if (setting.initAlgorithm)
        json["init_algo"] = *setting.initAlgorithm;
    return json;
}

Json layerJson(const LayerSetting& setting)
{
    Json json;
    json["quant_enable"] = setting.quantEnable;
    if (setting.activationsAsList || setting.activations.size() > 1) {
        json["activation_quant_params"] = Json::array();
        for (const ActivationSetting& activation : setting.activations)
            json["activation_quant_params"].push_back(activationJson(activation));
    } else {
        json["activation_quant_params"] = activationJson(setting.activations.front());
    }
    if (setting.weights)
        json["weight_quant_params"] = weightJson(*setting.weights);
    return json;
}

const std::vector<std::string> globalKeys{"version",   "batch_num",          "activation_offset", "joint_quant",
                                          "do_fusion", "skip_fusion_layers", "update_bn",         "bn_update_config"};

Result<void> readGlobals(const Members& members, Configuration& configuration)
{
    QS_CHECK(members.read("version", configuration.version));
    QS_CHECK(members.read("batch_num", configuration.batchNum));
    QS_CHECK(members.read("activation_offset", configuration.activationOffset));
    QS_CHECK(members.read("joint_quant", configuration.jointQuant));
    QS_CHECK(members.read("do_fusion", configuration.doFusion));
    QS_CHECK(members.read("update_bn", configuration.updateBn));
    if (const Json* layers = members.find("skip_fusion_layers")) {
        if (!layers->is_array())
            return members.wrongType("skip_fusion_layers", "a list of layer names", *layers);
        for (const Json& layer : *layers) {
            if (!layer.is_string())
                return members.wrongType("skip_fusion_layers", "a list of layer names", layer);
            configuration.skipFusionLayers.push_back(layer.get<std::string>());
        }
    }
    if (const Json* update = members.find("bn_update_config")) {
        if (!update->is_object())
            return members.wrongType("bn_update_config", "an object", *update);
        const Members inner(*update, members.where() + ", bn_update_config");
        QS_CHECK(inner.onlyKeys({"bn_moving_average_fraction", "bn_update_iterations", "bn_dump_dir"}));
        BnUpdateSetting setting;
        QS_CHECK(inner.read("bn_moving_average_fraction", setting.movingAverageFraction));
        QS_CHECK(inner.read("bn_update_iterations", setting.iterations));
        QS_CHECK(inner.read("bn_dump_dir", setting.dumpDir));
        configuration.bnUpdate = setting;
    }
    return {};
}

/// The manual's sample of a non-uniform configuration opens with two braces and closes with one. What is meant is the object inside: the outer
/// brace, and its counterpart if there is one, become blanks, so that lines stay where they are.
std::string withoutOuterBrace(std::string text)
{
    constexpr const char* blanks = " \t\r\n";
    const size_t first = text.find_first_not_of(blanks);
    if (first == std::string::npos || text[first] != '{')
        return text;
    const size_t second = text.find_first_not_of(blanks, first + 1);
    if (second == std::string::npos || text[second] != '{')
        return text;
    text[first] = ' ';
    int depth = 0;
    bool quoted = false;
    for (size_t i = second; i < text.size(); ++i) {
        if (quoted && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && text[i] == '{')
            ++depth;
        else if (!quoted && text[i] == '}' && --depth == 0) {
            const size_t last = text.find_last_not_of(blanks);
            if (text[last] == '}' && text.find_first_not_of(blanks, i + 1) == last)
                text[last] = ' ';
            break;
        }
    }
    return text;
}

}  // namespace

std::string configurationToJson(const Model& model, const Configuration& configuration)
{
    Json json;
    json["version"] = configuration.version;
    json["batch_num"] = configuration.batchNum;
    json["activation_offset"] = configuration.activationOffset;
    if (configuration.jointQuant)
        json["joint_quant"] = *configuration.jointQuant;
    json["do_fusion"] = configuration.doFusion;
    json["skip_fusion_layers"] = configuration.skipFusionLayers;
    if (configuration.updateBn)
        json["update_bn"] = *configuration.updateBn;
    if (configuration.bnUpdate)
        json["bn_update_config"] = Json{{"bn_moving_average_fraction", configuration.bnUpdate->movingAverageFraction},
                                        {"bn_update_iterations", configuration.bnUpdate->iterations},
                                        {"bn_dump_dir", configuration.bnUpdate->dumpDir}};
    for (const Layer& layer : model.layers())
        if (const auto setting = configuration.layers.find(layer.name); setting != configuration.layers.end())
            appendKey(json, layer.name, layerJson(setting->second));
    return jsonText(json);
}

Result<Configuration> configurationFromJson(const Model& model, const std::string& text, const std::string& fileName)
{
    QS_TRY(const Json json, parseJson(withoutOuterBrace(text), fileName));
    if (!json.is_object())
        return Error{ErrorCode::WrongType, std::string("expected an object, found ") + typeName(json), fileName};
    Configuration configuration;
    QS_CHECK(readGlobals(Members(json, fileName), configuration));
    for (const auto& item : json.items()) {
        if (std::find(globalKeys.begin(), globalKeys.end(), item.key()) != globalKeys.end())
            continue;
        const LayerId id = model.findLayer(item.key());
        if (id == noId) {
            std::vector<std::string> names = globalKeys;
            for (const Layer& layer : model.layers())
                names.push_back(layer.name);
            const std::string near = nearestWord(item.key(), names);
            // An object is meant as a layer, anything else as a key.
            return Error{item.value().is_object() ? ErrorCode::UnknownLayer : ErrorCode::UnknownKey,
                         "'" + item.key() + "'" + (near.empty() ? "" : " (did you mean '" + near + "'?)"), fileName};
        }
        const auto fallback = defaultSetting(model, id);
        // A layer that is switched off may be of any type: there is nothing to say of it.
        if (!fallback && item.value().is_object() && item.value().value("quant_enable", Json(true)) == Json(false)) {
            QS_CHECK(readLayer(item.value(), item.key(), {}, fileName));
            continue;
        }
        if (!fallback)
            return Error{ErrorCode::UnknownLayer,
                         "'" + item.key() + "' (" + model.layer(id).type + ") cannot be quantized" +
                             (model.layer(id).notRunnable.empty() ? "" : ": " + model.layer(id).notRunnable),
                         fileName};
        QS_TRY(LayerSetting setting, readLayer(item.value(), item.key(), *fallback, fileName));
        configuration.layers.emplace(item.key(), std::move(setting));
    }
    if (const auto checked = checkConfiguration(model, configuration, amctWords); !checked.ok()) {
        Error error = checked.error();
        error.where = fileName + ": " + error.where;
        return error;
    }
    return configuration;
}

}  // namespace qs

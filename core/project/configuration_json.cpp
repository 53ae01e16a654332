#include "core/project/configuration_json.h"

#include "core/quant/setting_fields.h"
#include "core/targets/target.h"

namespace qs {

namespace {

struct ValueWriter {
    const Field& field;
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(std::pair<float, float> limits) const { return {jsonNumber(limits.first), jsonNumber(limits.second)}; }
    Json operator()(const std::string& text) const { return *field.choices ? standardForms().words(text) : text; }
    Json operator()(const auto& value) const { return value; }
};

FieldValue readText(const Field& field, const std::string& text)
{
    return *field.choices ? standardForms().ownAlgorithm(text).value_or(text) : text;
}

/// Throws where it is of another type.
FieldValue readValue(const FieldInfo& info, const Json& json)
{
    switch (info.type) {
        case FieldType::Absent:
            break;
        case FieldType::Switch:
            return json.get<bool>();
        case FieldType::Integer:
            return jsonInteger(json);
        case FieldType::Number:
            return json.get<double>();
        case FieldType::Text:
            return readText(*info.field, json.get<std::string>());
        case FieldType::Limits:
            return std::pair{json.at(0).get<float>(), json.at(1).get<float>()};
        case FieldType::Names:
            return json.get<std::vector<std::string>>();
    }
    return {};
}

template <class Setting>
Json fieldsJson(const Setting& setting)
{
    const Setting defaults;
    Json json = Json::object();
    for (const SettingField<Setting>& row : fieldsOf<Setting>()) {
        const FieldValue value = row.get(setting);
        if (!row.written && value == row.get(defaults))
            continue;
        Json written = std::visit(ValueWriter{*row.field}, value);
        if (row.element >= 0)
            json[row.key].push_back(std::move(written));
        else
            json[row.key] = std::move(written);
    }
    return json;
}

template <class Setting>
Setting readFields(const Json& json)
{
    Setting setting;
    for (const SettingField<Setting>& row : fieldsOf<Setting>()) {
        if (!row.written && !json.contains(row.key))
            continue;
        const Json& value = json.at(row.key);
        row.set(setting, readValue(row, row.element >= 0 ? value.at(static_cast<size_t>(row.element)) : value));
    }
    return setting;
}

Json layerJson(const LayerSetting& setting)
{
    Json json = fieldsJson(setting);
    json["activations"] = Json::array();
    for (const ActivationSetting& activation : setting.activations)
        json["activations"].push_back(fieldsJson(activation));
    if (setting.weights)
        json["weights"] = fieldsJson(*setting.weights);
    return json;
}

LayerSetting readLayer(const Json& json)
{
    auto setting = readFields<LayerSetting>(json);
    setting.activations.clear();
    for (const Json& activation : json.at("activations"))
        setting.activations.push_back(readFields<ActivationSetting>(activation));
    if (setting.activations.empty())
        setting.activations.emplace_back();
    if (json.contains("weights"))
        setting.weights = readFields<WeightSetting>(json["weights"]);
    return setting;
}

}  // namespace

Json configurationJson(const Configuration& configuration)
{
    Json json = fieldsJson(configuration);
    if (configuration.bnUpdate)
        json["bnUpdate"] = fieldsJson(*configuration.bnUpdate);
    json["layers"] = Json::object();
    for (const auto& [name, setting] : configuration.layers)
        appendKey(json["layers"], name, layerJson(setting));
    return json;
}

Configuration readConfiguration(const Json& json)
{
    auto configuration = readFields<Configuration>(json);
    configuration.scheme = &targetOf(configuration).scheme();
    if (json.contains("bnUpdate"))
        configuration.bnUpdate = readFields<BnUpdateSetting>(json["bnUpdate"]);
    for (const auto& item : json.at("layers").items())
        configuration.layers.emplace(item.key(), readLayer(item.value()));
    return configuration;
}

}  // namespace qs

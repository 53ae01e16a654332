#include "core/project/branches.h"

#include "core/project/configuration_json.h"
#include "core/quant/setting_fields.h"
#include "core/targets/forms.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

namespace qs {

namespace {

/// What the standard target's files call a field, without what stands before its last dot.
std::string shownKey(const Field& field)
{
    const std::string word = standardForms().words(field.name);
    return word.substr(word.rfind('.') + 1);
}

std::string shownValue(const FieldText& value)
{
    return *value.field->field->choices ? standardForms().words(value.text) : value.text;
}

/// Null: there is none of it.
template <class Setting>
void compare(const std::string& layer, const std::string& path, const Setting* before, const Setting* after,
             std::vector<SettingDifference>& differences)
{
    if (before && after && *before == *after)
        return;
    const std::vector<FieldText> old = fieldTexts(before ? *before : Setting{});
    const std::vector<FieldText> present = fieldTexts(after ? *after : Setting{});
    for (size_t i = 0; i < old.size(); ++i) {
        // A list in the file, but a matter of each layer.
        if (old[i].field->field == &field::skipFusionLayers)
            continue;
        const std::string was = before ? shownValue(old[i]) : std::string();
        const std::string is = after ? shownValue(present[i]) : std::string();
        if (was != is)
            differences.push_back({layer, path + shownKey(*old[i].field->field), was, is});
    }
}

template <class Setting>
const Setting* pointerTo(const std::optional<Setting>& setting)
{
    return setting ? &*setting : nullptr;
}

void compareLayers(const std::string& name, const LayerSetting& before, const LayerSetting& after, std::vector<SettingDifference>& differences)
{
    if (before == after)
        return;
    compare(name, "", &before, &after, differences);
    const size_t inputs = std::max(before.activations.size(), after.activations.size());
    for (size_t i = 0; i < inputs; ++i)
        compare(name, inputs == 1 ? "activation." : "activation[" + std::to_string(i) + "].", &before.activation(i), &after.activation(i),
                differences);
    compare(name, "weight.", pointerTo(before.weights), pointerTo(after.weights), differences);
}

const LayerSetting* settingOf(const Configuration& configuration, const std::string& layer)
{
    const auto found = configuration.layers.find(layer);
    return found == configuration.layers.end() ? nullptr : &found->second;
}

/// By key, for the comparisons below: Json's own look-up goes through all keys.
std::unordered_map<std::string_view, const Json*> membersOf(const Json& object)
{
    std::unordered_map<std::string_view, const Json*> members;
    if (object.is_object())
        for (const auto& [key, value] : object.get_ref<const Json::object_t&>())
            members.emplace(key, &value);
    return members;
}

bool skipsFusion(const Configuration& configuration, const std::string& layer)
{
    return std::find(configuration.skipFusionLayers.begin(), configuration.skipFusionLayers.end(), layer) != configuration.skipFusionLayers.end();
}

}  // namespace

History boundedHistory(History history, int limit)
{
    const int tooMany = static_cast<int>(history.steps.size()) - limit;
    const int front = std::clamp(tooMany, 0, history.index);
    if (front > 0) {
        history.start = std::move(history.steps[static_cast<size_t>(front) - 1].configuration);
        history.steps.erase(history.steps.begin(), history.steps.begin() + front);
        history.index -= front;
    }
    if (static_cast<int>(history.steps.size()) > limit)
        history.steps.resize(static_cast<size_t>(limit));
    return history;
}

std::vector<SettingDifference> settingsDifference(const Configuration& before, const Configuration& after)
{
    std::vector<SettingDifference> differences;
    compare("", "", &before, &after, differences);
    compare("", "bn_update.", pointerTo(before.bnUpdate), pointerTo(after.bnUpdate), differences);
    const std::set<std::string> skippedBefore(before.skipFusionLayers.begin(), before.skipFusionLayers.end());
    const std::set<std::string> skippedAfter(after.skipFusionLayers.begin(), after.skipFusionLayers.end());
    std::set<std::string> names;
    for (const Configuration* configuration : {&before, &after}) {
        for (const auto& [name, setting] : configuration->layers)
            names.insert(name);
        names.insert(configuration->skipFusionLayers.begin(), configuration->skipFusionLayers.end());
    }
    const auto enabled = [](const LayerSetting* setting) { return setting ? valueText(setting->quantEnable) : std::string(); };
    for (const std::string& name : names) {
        const LayerSetting* was = settingOf(before, name);
        const LayerSetting* is = settingOf(after, name);
        if (was && is)
            compareLayers(name, *was, *is, differences);
        else if (was || is)
            differences.push_back({name, shownKey(field::enabled), enabled(was), enabled(is)});
        const bool skipped = skippedBefore.contains(name);
        if (skipped != skippedAfter.contains(name))
            differences.push_back({name, "skip_fusion", valueText(skipped), valueText(!skipped)});
    }
    return differences;
}

Configuration mergeLayers(Configuration into, const Configuration& from, std::span<const std::string> layers)
{
    for (const std::string& layer : layers) {
        if (const auto found = from.layers.find(layer); found != from.layers.end())
            into.layers.insert_or_assign(layer, found->second);
        else
            into.layers.erase(layer);
        const bool skip = skipsFusion(from, layer);
        if (skip && !skipsFusion(into, layer))
            into.skipFusionLayers.push_back(layer);
        else if (!skip)
            std::erase(into.skipFusionLayers, layer);
    }
    return into;
}

Json mergePatch(const Json& from, const Json& to)
{
    const auto before = membersOf(from);
    const auto after = membersOf(to);
    Json patch = Json::object();
    for (const auto& item : from.items())
        if (!after.contains(item.key()))
            appendKey(patch, item.key(), nullptr);
    for (const auto& item : to.items()) {
        const auto found = before.find(item.key());
        if (found == before.end())
            appendKey(patch, item.key(), item.value());
        else if (found->second->is_object() && item.value().is_object()) {
            if (Json inner = mergePatch(*found->second, item.value()); !inner.empty())
                appendKey(patch, item.key(), std::move(inner));
        } else if (*found->second != item.value())
            appendKey(patch, item.key(), item.value());
    }
    return patch;
}

Json applyPatch(const Json& from, const Json& patch)
{
    if (!patch.is_object())
        return patch;
    const auto before = membersOf(from);
    const auto changes = membersOf(patch);
    Json result = Json::object();
    if (from.is_object())
        for (const auto& item : from.items()) {
            const auto change = changes.find(item.key());
            if (change == changes.end())
                appendKey(result, item.key(), item.value());
            else if (!change->second->is_null())
                appendKey(result, item.key(), applyPatch(item.value(), *change->second));
        }
    for (const auto& item : patch.items())
        if (!item.value().is_null() && !before.contains(item.key()))
            appendKey(result, item.key(), applyPatch({}, item.value()));
    return result;
}

}  // namespace qs

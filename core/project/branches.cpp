#include "core/project/branches.h"

#include "core/project/configuration_json.h"
#include "core/targets/forms.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace qs {

namespace {

/// Keys and values in the file's order.
using Leaves = std::vector<std::pair<std::string, std::string>>;

/// What the standard target's files call a field, without what stands before its last dot.
std::string lastWord(const Field& field)
{
    const std::string word = standardForms().words(field.name);
    return word.substr(word.rfind('.') + 1);
}

/// The project file's names are those in camel case, but for these.
std::string shownKey(const std::string& name)
{
    static const std::map<std::string, std::string> others{{"bits", lastWord(field::activationBits)},
                                                           {"algorithm", lastWord(field::weightAlgorithm)},
                                                           {"search", lastWord(field::searchRange)},
                                                           {"activations", "activation"},
                                                           {"weights", "weight"}};
    if (const auto found = others.find(name); found != others.end())
        return found->second;
    std::string key;
    for (const char c : name)
        if (std::isupper(static_cast<unsigned char>(c))) {
            key += '_';
            key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else
            key += c;
    return key;
}

std::string shownValue(const Json& json)
{
    if (json.is_string())
        return json.get<std::string>();
    if (!json.is_array())
        return json.dump();
    std::string text;
    for (const Json& item : json)
        text += (text.empty() ? "" : ", ") + shownValue(item);
    return "[" + text + "]";
}

void collect(const Json& json, const std::string& path, Leaves& leaves)
{
    if (json.is_object())
        for (const auto& item : json.items())
            collect(item.value(), (path.empty() ? "" : path + ".") + shownKey(item.key()), leaves);
    else if (json.is_array() && !json.empty() && json.front().is_object())
        for (size_t i = 0; i < json.size(); ++i)
            collect(json[i], json.size() == 1 ? path : path + "[" + std::to_string(i) + "]", leaves);
    else
        leaves.emplace_back(path, shownValue(json));
}

void compareLeaves(const std::string& layer, const Json& before, const Json& after, std::vector<SettingDifference>& differences)
{
    Leaves old;
    Leaves present;
    collect(before, {}, old);
    collect(after, {}, present);
    const auto valueIn = [](const Leaves& leaves, const std::string& key) {
        const auto found = std::find_if(leaves.begin(), leaves.end(), [&](const auto& leaf) { return leaf.first == key; });
        return found == leaves.end() ? std::string() : found->second;
    };
    for (const auto& [key, value] : old)
        if (const std::string now = valueIn(present, key); now != value)
            differences.push_back({layer, key, value, now});
    for (const auto& [key, value] : present)
        if (valueIn(old, key).empty() && !value.empty())
            differences.push_back({layer, key, {}, value});
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
    Json old = configurationJson(before);
    Json present = configurationJson(after);
    const Json oldLayers = std::move(old["layers"]);
    const Json presentLayers = std::move(present["layers"]);
    const auto inOld = membersOf(oldLayers);
    const auto inPresent = membersOf(presentLayers);
    const std::set<std::string> skippedBefore(before.skipFusionLayers.begin(), before.skipFusionLayers.end());
    const std::set<std::string> skippedAfter(after.skipFusionLayers.begin(), after.skipFusionLayers.end());
    // A list in the file, but a matter of each layer.
    for (Json* json : {&old, &present}) {
        json->erase("layers");
        json->erase("skipFusionLayers");
    }
    compareLeaves({}, old, present, differences);
    std::map<std::string, int> names;
    for (const Configuration* configuration : {&before, &after}) {
        for (const auto& [name, setting] : configuration->layers)
            names.emplace(name, 0);
        for (const std::string& name : configuration->skipFusionLayers)
            names.emplace(name, 0);
    }
    for (const auto& [name, unused] : names) {
        const auto was = inOld.find(name);
        const auto is = inPresent.find(name);
        if (was != inOld.end() && is != inPresent.end())
            compareLeaves(name, *was->second, *is->second, differences);
        else if (was != inOld.end() || is != inPresent.end())
            differences.push_back({name, lastWord(field::enabled), was != inOld.end() ? was->second->at("quantEnable").dump() : std::string(),
                                   is != inPresent.end() ? is->second->at("quantEnable").dump() : std::string()});
        const bool skipped = skippedBefore.contains(name);
        if (skipped != skippedAfter.contains(name))
            differences.push_back({name, "skip_fusion", skipped ? "true" : "false", skipped ? "false" : "true"});
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

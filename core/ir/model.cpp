#include "core/ir/model.h"

#include <algorithm>
#include <cassert>

namespace qs {

namespace {

template <class Named>
std::vector<int> sortedByName(const ById<int, Named>& all)
{
    std::vector<int> ids(all.ids().begin(), all.ids().end());
    // Stable: of equal names, which a builder does not let in, the first is found.
    std::stable_sort(ids.begin(), ids.end(), [&](int a, int b) { return all[a].name < all[b].name; });
    return ids;
}

template <class Named>
int findByName(const ById<int, Named>& all, const std::vector<int>& sorted, std::string_view name)
{
    assert(sorted.size() == all.size());
    const auto nameOf = [&](int id) { return std::string_view(all[id].name); };
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), name, [&](int id, std::string_view wanted) { return nameOf(id) < wanted; });
    return found == sorted.end() || nameOf(*found) != name ? noId : *found;
}

}  // namespace

void Model::index()
{
    m_layersByName = sortedByName(m_layers);
    m_valuesByName = sortedByName(m_values);
}

LayerId Model::findLayer(std::string_view name) const
{
    return findByName(m_layers, m_layersByName, name);
}

ValueId Model::findValue(std::string_view name) const
{
    return findByName(m_values, m_valuesByName, name);
}

int64_t Model::parameterCount(LayerId id) const
{
    int64_t count = 0;
    for (const auto& weight : layer(id).weights)
        if (weight)
            count += weight->count();
    return count;
}

int64_t Model::parameterCount() const
{
    int64_t count = 0;
    for (const LayerId id : layerIds())
        count += parameterCount(id);
    return count;
}

std::string dumpModel(const Model& model)
{
    std::string text = "model " + model.name() + " (" + model.format() + ")\n";
    const auto valueText = [&](ValueId id) {
        const Value& value = model.value(id);
        return value.name + (value.constant ? "=const" : "") + ":" + (value.shaped ? shapeText(value.shape) : "?");
    };
    for (const Layer& layer : model.layers()) {
        text += layer.name + " " + layer.type + (layer.op == layer.type ? "" : "->" + (layer.op.empty() ? "?" : layer.op)) + " (";
        for (size_t i = 0; i < layer.inputs.size(); ++i)
            text += (i ? ", " : "") + valueText(layer.inputs[i]);
        text += ") -> (";
        for (size_t i = 0; i < layer.outputs.size(); ++i)
            text += (i ? ", " : "") + valueText(layer.outputs[i]);
        text += ")";
        for (const auto& [name, attribute] : layer.attributes.all())
            text += " " + name + "=" + attributeText(attribute);
        for (const auto& weight : layer.weights)
            text += " w" + (weight ? shapeText(weight->shape()) : "-");
        if (!layer.notRunnable.empty())
            text += " !" + layer.notRunnable;
        text += "\n";
    }
    text += "outputs";
    for (const ValueId id : model.outputs())
        text += " " + model.value(id).name;
    text += "\n";
    for (const std::string& note : model.notes())
        text += "note: " + note + "\n";
    return text;
}

}  // namespace qs

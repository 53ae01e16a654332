#include "core/ir/model.h"

#include <algorithm>

namespace qs {

LayerId Model::findLayer(std::string_view name) const
{
    const auto found = std::find_if(m_layers.begin(), m_layers.end(), [&](const Layer& layer) { return layer.name == name; });
    return found == m_layers.end() ? noId : static_cast<LayerId>(found - m_layers.begin());
}

ValueId Model::findValue(std::string_view name) const
{
    const auto found = std::find_if(m_values.begin(), m_values.end(), [&](const Value& value) { return value.name == name; });
    return found == m_values.end() ? noId : static_cast<ValueId>(found - m_values.begin());
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
    for (size_t id = 0; id < m_layers.size(); ++id)
        count += parameterCount(static_cast<LayerId>(id));
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

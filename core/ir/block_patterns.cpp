#include "core/ir/block_patterns.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace qs {

namespace {

/// SE with an activation that is written out has 12.
constexpr size_t mostLayers = 16;

bool oneOf(std::string_view op, std::initializer_list<std::string_view> ops)
{
    return std::find(ops.begin(), ops.end(), op) != ops.end();
}

/// What of a layer's inputs is computed, each once.
std::vector<ValueId> computedInputs(const Model& model, LayerId id)
{
    std::vector<ValueId> values;
    for (const ValueId value : model.layer(id).inputs)
        if (value != noId && model.value(value).producer != noId && std::find(values.begin(), values.end(), value) == values.end())
            values.push_back(value);
    return values;
}

/// All layers between the value and the last one; nothing where other values come in, or what is inside is used outside.
std::optional<std::vector<LayerId>> between(const Model& model, ValueId from, LayerId last)
{
    std::vector<LayerId> layers{last};
    bool reached = false;
    for (size_t i = 0; i < layers.size(); ++i)
        for (const ValueId value : computedInputs(model, layers[i])) {
            reached = reached || value == from;
            const LayerId producer = model.value(value).producer;
            if (value == from || std::find(layers.begin(), layers.end(), producer) != layers.end())
                continue;
            if (layers.size() == mostLayers || computedInputs(model, producer).empty())
                return std::nullopt;
            layers.push_back(producer);
        }
    const auto usedInside = [&](LayerId id) {
        const auto& outputs = model.layer(id).outputs;
        return id == last || std::all_of(outputs.begin(), outputs.end(), [&](ValueId value) {
                   const auto& users = model.value(value).consumers;
                   const auto inside = [&](LayerId user) { return std::find(layers.begin(), layers.end(), user) != layers.end(); };
                   return !users.empty() && std::all_of(users.begin(), users.end(), inside);
               });
    };
    if (!reached || !std::all_of(layers.begin(), layers.end(), usedInside))
        return std::nullopt;
    std::sort(layers.begin(), layers.end());
    return layers;
}

struct Content {
    const Model& model;
    const std::vector<LayerId>& layers;
    int count(std::initializer_list<std::string_view> ops) const
    {
        return static_cast<int>(std::count_if(layers.begin(), layers.end(), [&](LayerId id) { return oneOf(model.layer(id).op, ops); }));
    }
};

const char* patternOf(const Content& has)
{
    const bool gated = has.count({"Sigmoid", "HardSigmoid", "Clip", "ReLU6"}) > 0;
    if (gated && has.count({"Pooling", "ReduceMean"}) == 1 && has.count({"Convolution", "InnerProduct", "MatMul", "Gemm"}) >= 2)
        return "SE";
    // The rest is arithmetic alone.
    const int arithmetic = has.count({"Add", "Sub", "Mul", "Div", "Pow", "Power", "Eltwise", "Scale", "Sqrt", "Identity", "Cast"});
    const int others = static_cast<int>(has.layers.size()) - arithmetic;
    if (has.count({"Sqrt"}) + has.count({"Pow", "Power"}) > 0 && has.count({"ReduceMean"}) == 2 && others == 2)
        return "LayerNorm";
    if (others != 1)
        return nullptr;
    if (has.count({"Erf"}) == 1 || (has.count({"TanH"}) == 1 && arithmetic >= 4))
        return "Gelu";
    if (has.count({"HardSigmoid"}) == 1 || (has.count({"Clip", "ReLU6"}) == 1 && arithmetic >= 2))
        return "HardSwish";
    return has.count({"Sigmoid"}) == 1 && arithmetic == 1 ? "SiLU" : nullptr;
}

/// What comes behind and only scales or shifts by constants.
LayerId scaledEnd(const Model& model, LayerId last, std::string_view pattern)
{
    const bool scales = oneOf(pattern, {"Gelu", "HardSwish", "LayerNorm"});
    for (int most = pattern == "LayerNorm" ? 2 : 1; scales && most > 0; --most) {
        const auto& outputs = model.layer(last).outputs;
        if (outputs.size() != 1 || model.value(outputs.front()).consumers.size() != 1)
            break;
        const LayerId next = model.value(outputs.front()).consumers.front();
        const bool constant =
            oneOf(model.layer(next).op, {"Mul", "Div", "Power", "Scale"}) || (pattern == "LayerNorm" && model.layer(next).op == "Add");
        if (!constant || computedInputs(model, next).size() != 1)
            break;
        last = next;
    }
    return last;
}

/// The smallest one that ends in this product.
std::optional<PatternFound> patternAt(const Model& model, LayerId product)
{
    const std::vector<ValueId> joined = computedInputs(model, product);
    if (joined.size() != 2)
        return std::nullopt;
    std::vector<ValueId> starts = joined;
    for (const ValueId value : joined)
        for (const ValueId before : computedInputs(model, model.value(value).producer))
            starts.push_back(before);
    for (const ValueId start : starts) {
        const auto layers = between(model, start, product);
        const char* name = layers && layers->size() > 1 ? patternOf({model, *layers}) : nullptr;
        if (!name)
            continue;
        auto whole = between(model, start, scaledEnd(model, product, name));
        return PatternFound{name, whole ? std::move(*whole) : *layers};
    }
    return std::nullopt;
}

bool isProduct(const Layer& layer)
{
    return oneOf(layer.op, {"Mul", "Div", "Scale"}) || (layer.op == "Eltwise" && layer.attributes.text("operation", "sum") == "prod");
}

}  // namespace

std::vector<PatternFound> findPatterns(const Model& model)
{
    std::vector<PatternFound> found;
    for (const LayerId id : model.layerIds())
        if (isProduct(model.layer(id)))
            if (auto pattern = patternAt(model, id))
                found.push_back(std::move(*pattern));
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.layers.size() > b.layers.size(); });
    return found;
}

}  // namespace qs

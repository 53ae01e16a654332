#include "app/cli/command.h"
#include "core/base/json.h"
#include "core/ops/op.h"
#include "core/prepare/why_float.h"

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    bool json = false;
};

Json valueNames(const Model& model, const std::vector<ValueId>& values)
{
    Json names = Json::array();
    for (const ValueId value : values)
        names.push_back(model.value(value).name);
    return names;
}

const char* quantizableText(Quantizable quantizable)
{
    return quantizable == Quantizable::No ? "no" : quantizable == Quantizable::DataOnly ? "data" : "weights+data";
}

Json describe(const Model& model, LayerId id, const PreparedNetwork& prepared)
{
    const Layer& layer = model.layer(id);
    const QuantScheme& scheme = *prepared.configuration.scheme;
    const Quantizable quantizable = layerQuantizable(model, id, scheme);
    Json json;
    json["name"] = layer.name;
    json["type"] = layer.type;
    json["inputs"] = valueNames(model, layer.inputs);
    json["outputs"] = valueNames(model, layer.outputs);
    json["shape"] =
        !layer.outputs.empty() && model.value(layer.outputs.front()).shaped ? Json(model.value(layer.outputs.front()).shape) : Json(nullptr);
    json["params"] = model.parameterCount(id);
    json["macs"] = layerMacs(model, id);
    json["quantizable"] = quantizableText(quantizable);
    json["defaultEnable"] = quantizable != Quantizable::No && scheme.rule(layer.op)->enabled;
    json["runnable"] = layer.notRunnable.empty();
    json["reason"] = layer.notRunnable;
    // With the default configuration.
    const Effective& effective = prepared.effective[id];
    json["quantized"] = effective.quantized;
    json["whyFloat"] = whyFloatText(model, id, effective);
    return json;
}

Json describe(const Model& model, const PreparedNetwork& prepared)
{
    Json json;
    json["model"] = model.name();
    json["format"] = model.format();
    json["inputs"] = Json::array();
    for (const ValueId input : model.inputs())
        json["inputs"].push_back(Json{{"name", model.value(input).name}, {"shape", model.value(input).shape}});
    json["outputs"] = valueNames(model, model.outputs());
    json["layers"] = Json::array();
    for (const LayerId id : model.layerIds())
        json["layers"].push_back(describe(model, id, prepared));
    return json;
}

void print(const Model& model, const PreparedNetwork& prepared)
{
    std::vector<std::vector<std::string>> rows{{"layer", "type", "output", "params", "MACs", "quantizable", "by default"}};
    int64_t macs = 0;
    for (const LayerId id : model.layerIds()) {
        const Layer& layer = model.layer(id);
        const Quantizable quantizable = layerQuantizable(model, id, *prepared.configuration.scheme);
        const Effective& effective = prepared.effective[id];
        const int64_t ownMacs = layerMacs(model, id);
        macs += ownMacs;
        const bool shaped = !layer.outputs.empty() && model.value(layer.outputs.front()).shaped;
        const std::string state = quantizable == Quantizable::No ? "-" : quantizableText(quantizable);
        const std::string why = effective.quantized ? "quantized" : whyFloatText(model, id, effective);
        rows.push_back({layer.name, layer.type, shaped ? shapeText(model.value(layer.outputs.front()).shape) : "?",
                        std::to_string(model.parameterCount(id)), std::to_string(ownMacs), state, why});
    }
    say("%s (%s), %zu layers, %lld parameters, %.1f million MACs\n", model.name().c_str(), model.format().c_str(), model.layers().size(),
        static_cast<long long>(model.parameterCount()), static_cast<double>(macs) / 1e6);
    printText(table(rows));
}

}  // namespace

void addInspect(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("inspect", "Show a network's layers, shapes and what can be quantized");
    addModelOptions(*command, options->model, false, false);
    command->add_flag("--json", options->json, "as JSON");
    command->callback([&program, options] {
        program.action = [options](const JobContext&) -> Result<void> {
            QS_TRY(auto imported, loadModel(options->model));
            QS_TRY(const OpenedNetwork opened, openedFrom(std::move(imported)));
            const auto& model = opened.model;
            QS_TRY(const auto prepared, prepareNetwork(model, opened.configuration));
            if (options->json)
                printText(jsonText(describe(*model, *prepared)));
            else
                print(*model, *prepared);
            return {};
        };
    });
}

}  // namespace qs::cli

#include "core/jobs/compare.h"

#include "app/cli/command.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/jobs/integer_comparison.h"
#include "core/prepare/why_float.h"
#include "core/targets/settings_json.h"

#include <algorithm>
#include <cmath>

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    bool json = false;
    bool integers = false;
};

Json describe(const Session& session, const Comparison& comparison)
{
    Json json;
    json["model"] = session.spec.model->name();
    json["samples"] = comparison.samples;
    for (const auto& [name, text] : metricDefinitions())
        json["definitions"][name] = name == "sqnrDb" ? text + " (null)" : text;
    json["layers"] = Json::array();
    for (const LayerId id : session.spec.model->layerIds()) {
        const Layer& layer = session.spec.model->layer(id);
        const Effective& effective = session.solved.quantized->effective[id];
        Json entry;
        entry["name"] = layer.name;
        entry["type"] = layer.type;
        entry["requested"] = requestedJson(session.spec.prepared->configuration, layer.name);
        entry["effective"] = effectiveJson(effective);
        entry["reason"] = reasonText(effective);
        const LayerComparison* result = comparison.layer(layer.name);
        entry["local"] = result && result->run ? metricsJson(result->local) : Json(nullptr);
        entry["cumulative"] = result && result->run ? metricsJson(result->cumulative) : Json(nullptr);
        json["layers"].push_back(std::move(entry));
    }
    json["outputs"] = Json::array();
    for (const OutputComparison& output : comparison.outputs)
        json["outputs"].push_back(Json{{"name", output.name}, {"cumulative", metricsJson(output.cumulative)}});
    return json;
}

std::string decibels(double value)
{
    return fixedText(value, 1);
}

void print(const Session& session, const Comparison& comparison)
{
    std::vector<std::vector<std::string>> rows{{"layer", "bits", "local cosine", "cumulative", "worst", "SQNR dB", "note"}};
    for (const LayerId id : session.spec.model->layerIds()) {
        const Layer& layer = session.spec.model->layer(id);
        const Effective& effective = session.solved.quantized->effective[id];
        const LayerComparison* result = comparison.layer(layer.name);
        const std::string why = effective.quantized ? reasonText(effective) : whyFloatText(*session.spec.model, id, effective);
        std::string bits = "float";
        if (effective.quantized)
            bits = "A" + std::to_string(effective.inputs.front().bits) + (effective.weightBits ? " W" + std::to_string(effective.weightBits) : "");
        if (!result || !result->run) {
            rows.push_back({layer.name, bits, "", "", "", "", why});
            continue;
        }
        rows.push_back({layer.name, bits, fixedText(result->local.cosine, 6), fixedText(result->cumulative.cosine, 6),
                        fixedText(result->cumulative.cosineWorst, 6), decibels(result->cumulative.sqnrDb), why});
    }
    say("%s, %d samples, %.1f s\n", session.spec.model->name().c_str(), comparison.samples, comparison.seconds);
    printText(table(rows));
    for (const OutputComparison& output : comparison.outputs)
        say("output %s: cosine %s, worst sample %s, SQNR %s dB\n", output.name.c_str(), fixedText(output.cumulative.cosine, 6).c_str(),
            fixedText(output.cumulative.cosineWorst, 6).c_str(), decibels(output.cumulative.sqnrDb).c_str());
    const auto& [classes, boxes, map, vectors] = static_cast<const OutputFigures&>(comparison);
    if (classes.valid)
        say("agreement with float %.1f %%\n", 100 * classes.agreement);
    if (boxes.valid)
        say("boxes matched %d, missed %d, extra %d\n", boxes.matched, boxes.missed, boxes.extra);
    if (map.valid)
        say("pixels of the float class %.2f %%, mean IoU %.4f\n", 100 * map.agreement, map.meanIou);
    if (vectors.valid && !std::isnan(vectors.rankAgreement))
        say("samples with the same nearest neighbour %.1f %%\n", 100 * vectors.rankAgreement);
}

Json describe(const StepAgreement& agreement)
{
    return Json{{"withinOneStep", agreement.share()}, {"largestSteps", agreement.largest}};
}

/// How near the deploy model's integers are to the fake-quant network.
Result<void> runIntegers(const Session& session, bool asJson, const JobContext& job)
{
    QS_TRY(const IntegerComparison comparison,
           compareIntegers(session.engine, *session.solved.quantized, *session.spec.data, session.spec.data->size(), job));
    if (asJson) {
        Json json{{"model", session.spec.model->name()}, {"samples", comparison.samples}, {"layers", Json::array()}};
        for (const IntegerLayer& layer : comparison.layers)
            json["layers"].push_back(Json{
                {"name", layer.layer}, {"local", describe(layer.local)}, {"cumulative", describe(layer.cumulative)}, {"overflows", layer.overflows}});
        printText(jsonText(json));
        return {};
    }
    std::vector<std::vector<std::string>> rows{{"layer", "local: within a step", "largest", "cumulative", "largest", "overflows"}};
    for (const IntegerLayer& layer : comparison.layers)
        rows.push_back({layer.layer, fixedText(100 * layer.local.share(), 3) + " %", fixedText(layer.local.largest, 2),
                        fixedText(100 * layer.cumulative.share(), 3) + " %", fixedText(layer.cumulative.largest, 2),
                        std::to_string(layer.overflows)});
    say("%s, integers of the deploy model against fake quantization, %d samples\n", session.spec.model->name().c_str(), comparison.samples);
    printText(table(rows));
    return {};
}

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const Session session, openSession(program, options.model, options.data, job));
    if (options.integers)
        return runIntegers(session, options.json, job);
    QS_TRY(const auto comparison,
           compare(session.engine, *session.spec.prepared, *session.solved.quantized, *session.spec.data, {.histograms = false, .local = true}, job));
    if (options.json)
        printText(jsonText(describe(session, *comparison)));
    else
        print(session, *comparison);
    return {};
}

}  // namespace

void addCompare(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("compare", "Compare float and quantized outputs of every layer");
    addModelOptions(*command, options->model, true, true);
    command->add_flag("--json", options->json, "as JSON");
    command->add_flag("--integer", options->integers, "the deploy model's integers against fake quantization, in steps of each output's scale");
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    std::string footer = "Metrics, x the float and y the quantized output:\n";
    for (const auto& [name, text] : metricDefinitions())
        footer += "  " + name + ": " + text + "\n";
    command->footer(footer);
    setAction(program, *command, options, run);
}

}  // namespace qs::cli

#include "core/jobs/sensitivity.h"

#include "app/cli/command.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/targets/settings_json.h"

#include <algorithm>

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    int samples = 8;
    bool json = false;
};

Json predictionJson(const Prediction& prediction)
{
    if (prediction.widths.empty())
        return nullptr;
    Json json{{"firstOrder", prediction.widths.front().firstOrder}, {"squared", prediction.widths.front().squared}, {"widths", Json::array()}};
    for (const PredictedError& width : prediction.widths)
        json["widths"].push_back(Json{{"bits", width.bits}, {"firstOrder", width.firstOrder}, {"squared", width.squared}});
    return json;
}

Json describe(const Session& session, const Sensitivity& result)
{
    Json json;
    json["model"] = session.spec.model->name();
    json["samples"] = result.samples;
    for (const auto& [name, text] : scopeDefinitions())
        json["definitions"][name] = text;
    for (const auto& [name, text] : metricDefinitions())
        json["definitions"][name] = name == "sqnrDb" ? text + " (null)" : text;
    // Only where the outputs say more than values do.
    const auto atOutput = [](const Metrics& metrics, const std::optional<double>& agreement) {
        Json figures = metricsJson(metrics);
        if (agreement)
            figures["agreement"] = *agreement;
        return figures;
    };
    json["output"] = atOutput(result.output, result.outputAgreement);
    json["layers"] = Json::array();
    for (const LayerSensitivity& layer : result.layers)
        json["layers"].push_back(Json{{"name", layer.layer},
                                      {"local", metricsJson(layer.local)},
                                      {"oneQuantized", atOutput(layer.oneQuantized, layer.oneQuantizedAgreement)},
                                      {"oneFloat", atOutput(layer.oneFloat, layer.oneFloatAgreement)},
                                      {"cumulative", metricsJson(layer.cumulative)},
                                      {"predicted", predictionJson(layer.predicted)}});
    if (result.noPrediction.empty())
        json["rankCorrelation"] = Json{{"firstOrder", result.firstOrderRank}, {"squared", result.squaredRank}};
    else
        json["noPrediction"] = result.noPrediction;
    return json;
}

void print(const Session& session, const Sensitivity& result)
{
    std::vector<LayerSensitivity> layers = result.layers;
    std::stable_sort(layers.begin(), layers.end(), [](const auto& a, const auto& b) { return a.oneQuantized.cosine < b.oneQuantized.cosine; });
    const auto prediction = [](const LayerSensitivity& layer, double PredictedError::*form) {
        return layer.predicted.widths.empty() ? "-" : fixedText(layer.predicted.widths.front().*form, 4);
    };
    std::vector<std::vector<std::string>> rows{
        {"layer, most sensitive first", "local", "one quantized", "one float", "cumulative", "rel. L2", "predicted", "squared"}};
    for (const LayerSensitivity& layer : layers)
        rows.push_back({layer.layer, fixedText(layer.local.cosine, 6), fixedText(layer.oneQuantized.cosine, 6), fixedText(layer.oneFloat.cosine, 6),
                        fixedText(layer.cumulative.cosine, 6), fixedText(layer.oneQuantized.relL2, 4), prediction(layer, &PredictedError::firstOrder),
                        prediction(layer, &PredictedError::squared)});
    say("%s, cosines over %d samples, %.1f s; all quantized: %s at the output\n", session.spec.model->name().c_str(), result.samples, result.seconds,
        fixedText(result.output.cosine, 6).c_str());
    printText(table(rows));
    if (result.noPrediction.empty())
        say("predicted and squared: rel. L2 of one quantized to first order; rank correlation with the measured one %s and %s\n",
            fixedText(result.firstOrderRank, 3).c_str(), fixedText(result.squaredRank, 3).c_str());
    else
        say("no prediction: %s\n", result.noPrediction.c_str());
}

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const Session session, openSession(program, options.model, options.data, job));
    // One sample's values at a time: enough for large networks, and nothing is lost where it is not.
    constexpr size_t budget = size_t{1} << 30;
    IncrementalEvaluator evaluator(session.engine, session.spec.prepared->network, std::make_shared<ValueCache>(budget));
    QS_TRY(const auto result,
           sensitivity(evaluator, *session.solved.quantized, *session.spec.data, {.samples = options.samples, .predict = true, .publish = {}}, job));
    if (options.json)
        printText(jsonText(describe(session, *result)));
    else
        print(session, *result);
    return {};
}

}  // namespace

void addSensitivity(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("sensitivity", "What each layer's quantization costs, in four scopes");
    addModelOptions(*command, options->model, true, true);
    command->add_option("--samples", options->samples, "N samples, spread evenly over the data (default 8)")->check(CLI::Range(1, 1 << 30));
    command->add_flag("--json", options->json, "as JSON");
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    std::string footer = "Scopes:\n";
    for (const auto& [name, text] : scopeDefinitions())
        footer += "  " + name + ": " + text + "\n";
    command->footer(footer);
    setAction(program, *command, options, run);
}

}  // namespace qs::cli

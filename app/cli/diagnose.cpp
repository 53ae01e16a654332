#include "core/jobs/diagnose.h"

#include "app/cli/command.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/jobs/remedies.h"
#include "core/targets/settings_json.h"

#include <algorithm>

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    int layers = 5;
    int samples = 32;
    bool noRemedies = false;
    bool json = false;
};

struct Found {
    const LayerDiagnosis* figures = nullptr;
    LayerRemedies remedies;
};

Json channelsJson(const PlaceDiagnosis& place)
{
    Json list = Json::array();
    for (size_t i = 0; i < place.channels.size(); ++i) {
        const ChannelFigures& channel = place.channels[i];
        list.push_back(Json{{"where", placeText(place.place, place.index)},
                            {"index", i},
                            {"min", jsonNumber(channel.minimum)},
                            {"max", jsonNumber(channel.maximum)},
                            {"levels", place.place == ChannelPlace::Result ? Json(nullptr) : Json(channel.levels)},
                            {"clipped", channel.count > 0 ? static_cast<double>(channel.clipped) / static_cast<double>(channel.count) : 0},
                            {"error", channel.meanError()},
                            {"part", place.parts[i]}});
    }
    return list;
}

/// Limits and grid of what is quantized.
Json quantizersJson(const LayerDiagnosis& layer)
{
    Json list = Json::array();
    for (const PlaceDiagnosis& place : layer.places)
        if (isQuantizer(place.place))
            list.push_back(Json{{"where", placeText(place.place, place.index)},
                                {"scale", jsonNumber(place.params.scale)},
                                {"offset", place.params.offset},
                                {"bits", place.params.bits},
                                {"min", jsonNumber(place.params.clipMin())},
                                {"max", jsonNumber(place.params.clipMax())}});
    return list;
}

Json causeJson(const Cause& cause)
{
    return {{"rule", cause.rule->id},
            {"where", placeText(cause.place, cause.index)},
            {"channel", cause.channel < 0 ? Json(nullptr) : Json(cause.channel)},
            {"evidence", cause.evidence},
            {"text", causeText(cause)}};
}

void putFigures(Json& json, const RemedyResult& result)
{
    json["local"] = metricsJson(result.local);
    json["output"] = metricsJson(result.output);
    if (result.agreement)
        json["output"]["agreement"] = *result.agreement;
    json["cost"] = Json{{"share", result.cost.share}, {"weightBytes", result.cost.weightBytes}, {"calibrates", result.change.calibrates}};
}

Json remedyJson(const Session& session, const RemedyResult& result)
{
    Json setting = requestedJson(withRemedy(session.spec.prepared->configuration, result.change), result.change.layer);
    setting["layer"] = result.change.layer;
    Json json{{"name", result.change.name()}, {"remedy", remedyName(result.change.remedy)}, {"setting", std::move(setting)}};
    if (!result.failed.empty()) {
        json["failed"] = result.failed;
        return json;
    }
    putFigures(json, result);
    return json;
}

Json describe(const Session& session, const Diagnosis& diagnosis, const std::vector<Found>& layers)
{
    Json json{{"model", session.spec.model->name()}, {"samples", diagnosis.samples.size()}, {"layers", Json::array()}};
    for (const CauseRule& rule : causeRules())
        json["definitions"][rule.id] = rule.definition;
    for (const Found& found : layers) {
        Json layer{{"name", found.figures->layer},
                   {"local", metricsJson(found.figures->local)},
                   {"cumulative", metricsJson(found.figures->cumulative)},
                   {"causes", Json::array()},
                   {"quantizers", quantizersJson(*found.figures)},
                   {"channels", Json::array()},
                   {"before", nullptr},
                   {"remedies", Json::array()}};
        if (!found.remedies.results.empty())
            putFigures(layer["before"], found.remedies.before);
        for (const Cause& cause : found.figures->causes)
            layer["causes"].push_back(causeJson(cause));
        for (const PlaceDiagnosis& place : found.figures->places)
            for (Json& channel : channelsJson(place))
                layer["channels"].push_back(std::move(channel));
        for (const RemedyResult& remedy : found.remedies.results)
            layer["remedies"].push_back(remedyJson(session, remedy));
        json["layers"].push_back(std::move(layer));
    }
    return json;
}

std::vector<std::string> row(const std::string& name, const RemedyResult& result)
{
    if (!result.failed.empty())
        return {name, "-", "-", "-", "-", result.failed};
    return {name,
            fixedText(result.local.cosine, 6),
            fixedText(result.output.cosine, 6),
            result.agreement ? fixedText(*result.agreement * 100, 1) + " %" : "-",
            fixedText(result.cost.share * 100, 1) + " %",
            fixedText(result.seconds, 2)};
}

void printRemedies(const LayerRemedies& remedies, int samples)
{
    std::vector<std::vector<std::string>> rows{
        {"  remedy, on " + std::to_string(samples) + " samples, best first", "local", "output", "agreement", "in 8 bits", "seconds"}};
    // What is better stands above what there is, the rest below.
    bool above = true;
    for (const RemedyResult& result : remedies.results) {
        if (above && (!result.failed.empty() || result.output.cosine <= remedies.before.output.cosine)) {
            rows.push_back(row("  (as it is)", remedies.before));
            above = false;
        }
        rows.push_back(row("  " + result.change.name(), result));
    }
    if (above)
        rows.push_back(row("  (as it is)", remedies.before));
    printText(table(rows));
}

void print(const Session& session, const Diagnosis& diagnosis, const std::vector<Found>& layers, int samples)
{
    say("%s, %zu samples, %.1f s\n", session.spec.model->name().c_str(), diagnosis.samples.size(), diagnosis.seconds);
    if (layers.empty())
        say("no layer is quantized: nothing to diagnose\n");
    for (const Found& found : layers) {
        say("\n%s: local cosine %s, cumulative %s\n", shown(found.figures->layer).c_str(), fixedText(found.figures->local.cosine, 6).c_str(),
            fixedText(found.figures->cumulative.cosine, 6).c_str());
        for (const Cause& cause : found.figures->causes)
            say("  %s [%s]\n", shown(causeText(cause)).c_str(), cause.rule->id);
        if (found.figures->causes.empty())
            say("  %s\n", found.figures->local.mse == 0 ? "nothing is lost" : "no cause that is known");
        if (!found.remedies.results.empty())
            printRemedies(found.remedies, samples);
    }
}

Result<void> tryAll(const Session& session, const Options& options, std::vector<Found>& layers, const JobContext& job)
{
    if (!session.solved.calibration) {
        complain("note: no remedies are tried: the factors were read, and only a calibration can answer for other settings\n");
        return {};
    }
    RemedyTrial trial(session.engine, session.spec.prepared, session.solved.quantized, *session.solved.calibration, *session.spec.data,
                      {.samples = options.samples, .cache = nullptr});
    for (Found& found : layers) {
        QS_TRY(found.remedies, tryRemedies(trial, *session.spec.prepared, *found.figures, {}, job));
    }
    return {};
}

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const Session session, openSession(program, options.model, options.data, job));
    const int samples = session.solved.calibration ? session.solved.calibration->samples : options.samples;
    QS_TRY(const auto diagnosis, diagnose(session.engine, *session.spec.prepared, *session.solved.quantized, *session.spec.data, samples, job));
    std::vector<Found> layers;
    for (const LayerDiagnosis* figures : diagnosis->worst(static_cast<size_t>(options.layers)))
        layers.push_back({figures, {}});
    if (!options.noRemedies)
        QS_CHECK(tryAll(session, options, layers, job));
    if (options.json)
        printText(jsonText(describe(session, *diagnosis, layers)));
    else
        print(session, *diagnosis, layers, std::min(options.samples, session.spec.data->size()));
    return {};
}

}  // namespace

void addDiagnose(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("diagnose", "Why the worst layers break, by channel, and what helps");
    addModelOptions(*command, options->model, true, true);
    command->add_option("--layers", options->layers, "the N layers with the least local cosine (default 5)")->check(CLI::Range(1, 1 << 30));
    command
        ->add_option(
            "--samples", options->samples,
            "remedies are measured on N samples, spread evenly over the data (default 32); with factors that were read, causes on the first N")
        ->check(CLI::Range(1, 1 << 30));
    command->add_flag("--no-remedies", options->noRemedies, "causes only");
    command->add_flag("--json", options->json, "as JSON, with the figures of every channel");
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    std::string footer =
        "Columns: local, the layer's cosine with its inputs in float; output, the cosine of all the network's outputs taken as one vector, the "
        "whole\n"
        "configuration with the remedy; agreement, samples whose class is the float network's (of boxes their mAP, of a class map\nits "
        "pixels, of vectors their neighbours); in 8 bits, the share of operations in 8 bits, where 12 and\n16 bits count 8 / bits and float "
        "0.\nCauses:\n";
    for (const CauseRule& rule : causeRules())
        footer += "  " + std::string(rule.id) + ": " + rule.definition + "\n";
    command->footer(footer);
    setAction(program, *command, options, run);
}

}  // namespace qs::cli

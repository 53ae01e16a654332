#include "app/cli/command.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/targets/target.h"

#include <algorithm>

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    bool json = false;
};

Json describe(const CheckResult& result)
{
    return {{"severity", severityName(result.rule->severity)},
            {"rule", result.rule->id},
            {"layer", result.layer},
            {"text", checkText(result)},
            {"source", result.rule->source},
            {"remedy", result.rule->remedy}};
}

void print(const Target& target, const std::vector<CheckResult>& results)
{
    if (results.empty())
        say("%s: nothing found\n", target.name);
    for (const CheckResult& result : results)
        say("%s: %s: %s [%s]\n", severityName(result.rule->severity), shown(result.layer).c_str(), shown(checkText(result)).c_str(), result.rule->id);
}

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const Target* target, findTarget(options.model.target));
    Session session;
    if (options.data.hasSource()) {
        QS_TRY(session, openSession(program, options.model, options.data, job));
    } else {
        QS_TRY(session, readSession(options.model, options.data));
    }
    const std::vector<CheckResult> results =
        runChecks(target->rules(), {*session.spec.prepared, session.solved.quantized.get(), session.solved.calibration.get()});
    const auto errors =
        std::count_if(results.begin(), results.end(), [](const CheckResult& result) { return result.rule->severity == Severity::Error; });
    if (options.json) {
        Json json{{"target", target->name}, {"results", Json::array()}};
        for (const CheckResult& result : results)
            json["results"].push_back(describe(result));
        printText(jsonText(json));
    } else {
        print(*target, results);
    }
    if (errors > 0)
        return Error{ErrorCode::NotSupported, std::to_string(errors) + (errors == 1 ? " place" : " places") + " cannot be taken to " + target->name,
                     options.model.model};
    return {};
}

}  // namespace

void addCheck(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("check", "What a target cannot take of a network, runs slowly, or loses accuracy on");
    addModelOptions(*command, options->model, true, true);
    command->get_option("--target")->required();
    command->add_flag("--json", options->json, "as JSON");
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    setAction(program, *command, options, run);
}

}  // namespace qs::cli

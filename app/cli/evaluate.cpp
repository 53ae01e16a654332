#include "app/cli/command.h"
#include "core/base/json.h"
#include "core/jobs/compare.h"

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    bool json = false;
};

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const Session session, openSession(program, options.model, options.data, job));
    QS_TRY(const Classification result, evaluate(session.engine, *session.spec.prepared, *session.solved.quantized, *session.spec.data, job));
    if (!result.valid)
        return Error{ErrorCode::NotSupported, "the first output is not a vector of class scores; use compare", session.spec.model->name()};
    if (!result.labelled)
        return Error{ErrorCode::Usage, "no sample has a label", "--labels"};
    if (options.json) {
        Json json;
        json["samples"] = session.spec.data->size();
        json["float"] = Json{{"top1", result.floatTop1}, {"top5", result.floatTop5}};
        json["quantized"] = Json{{"top1", result.quantizedTop1}, {"top5", result.quantizedTop5}};
        json["agreement"] = result.agreement;
        printText(jsonText(json));
    } else {
        say("%d samples\n            top-1    top-5\nfloat     %5.1f %%  %5.1f %%\nquantized %5.1f %%  %5.1f %%\nagreement %5.1f %%\n",
            session.spec.data->size(), 100 * result.floatTop1, 100 * result.floatTop5, 100 * result.quantizedTop1, 100 * result.quantizedTop5,
            100 * result.agreement);
    }
    return {};
}

}  // namespace

void addEvaluate(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("evaluate", "Top-1, top-5 and agreement of float and quantized");
    addModelOptions(*command, options->model, true, true);
    command->add_flag("--json", options->json, "as JSON");
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    setAction(program, *command, options, run);
}

}  // namespace qs::cli

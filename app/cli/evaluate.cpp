#include "app/cli/command.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/jobs/compare.h"

#include <cmath>

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    bool json = false;
};

Result<void> printBoxes(const Evaluation& evaluation, bool asJson)
{
    const Detection& boxes = evaluation.detection;
    if (asJson)
        printText(jsonText(Json{{"samples", evaluation.samples},
                                {"matched", boxes.matched},
                                {"missed", boxes.missed},
                                {"extra", boxes.extra},
                                {"mAP", boxes.meanAveragePrecision}}));
    else
        say("%d samples, boxes from score 0.5 on: matched %d, missed %d, extra %d\nmAP@0.5 of all quantized boxes whatever their score, those of "
            "float as "
            "reference: %s\n",
            evaluation.samples, boxes.matched, boxes.missed, boxes.extra,
            std::isnan(boxes.meanAveragePrecision) ? "none, float finds no box" : fixedText(boxes.meanAveragePrecision, 4).c_str());
    return {};
}

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const Session session, openSession(program, options.model, options.data, job));
    QS_TRY(const Evaluation evaluation, evaluate(session.engine, *session.spec.prepared, *session.solved.quantized, *session.spec.data, job));
    if (evaluation.detection.valid)
        return printBoxes(evaluation, options.json);
    const Classification& result = evaluation.classification;
    if (!result.valid)
        return Error{ErrorCode::NotSupported, "the first output is not a vector of class scores, and none has boxes; use compare",
                     session.spec.model->name()};
    if (!result.labelled)
        return Error{ErrorCode::Usage, "no sample has a label", "--labels"};
    if (options.json) {
        Json json;
        json["samples"] = evaluation.samples;
        json["float"] = Json{{"top1", result.floatTop1}, {"top5", result.floatTop5}};
        json["quantized"] = Json{{"top1", result.quantizedTop1}, {"top5", result.quantizedTop5}};
        json["agreement"] = result.agreement;
        printText(jsonText(json));
    } else {
        say("%d samples\n            top-1    top-5\nfloat     %5.1f %%  %5.1f %%\nquantized %5.1f %%  %5.1f %%\nagreement %5.1f %%\n",
            evaluation.samples, 100 * result.floatTop1, 100 * result.floatTop5, 100 * result.quantizedTop1, 100 * result.quantizedTop5,
            100 * result.agreement);
    }
    return {};
}

}  // namespace

void addEvaluate(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("evaluate", "Top-1, top-5 and agreement of float and quantized; boxes of a detector, matched");
    addModelOptions(*command, options->model, true, true);
    command->add_flag("--json", options->json, "as JSON");
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    setAction(program, *command, options, run);
}

}  // namespace qs::cli

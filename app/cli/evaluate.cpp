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
    BoxRule rule;
    bool json = false;
};

std::string percent(double share)
{
    return std::isnan(share) ? "none" : fixedText(100 * share, 2) + " %";
}

Json numberOrNull(double value)
{
    return std::isnan(value) ? Json(nullptr) : Json(value);
}

Json classesJson(const Classification& result)
{
    return Json{{"float", Json{{"top1", result.floatTop1}, {"top5", result.floatTop5}}},
                {"quantized", Json{{"top1", result.quantizedTop1}, {"top5", result.quantizedTop5}}},
                {"agreement", result.agreement}};
}

void printClasses(const Classification& result)
{
    say("            top-1    top-5\nfloat     %5.1f %%  %5.1f %%\nquantized %5.1f %%  %5.1f %%\nagreement %5.1f %%\n", 100 * result.floatTop1,
        100 * result.floatTop5, 100 * result.quantizedTop1, 100 * result.quantizedTop5, 100 * result.agreement);
}

Json boxesJson(const Detection& boxes)
{
    Json json{{"matched", boxes.matched}, {"missed", boxes.missed}, {"extra", boxes.extra}, {"mAP", numberOrNull(boxes.meanAveragePrecision)}};
    const auto labelled = [](const Detection::Labelled& figures) { return Json{{"mAP50", figures.at50}, {"mAP", figures.mean}}; };
    if (boxes.labelled) {
        json["float"] = labelled(boxes.floatLabelled);
        json["quantized"] = labelled(boxes.quantizedLabelled);
    }
    return json;
}

void printBoxes(const Detection& boxes, const BoxRule& rule)
{
    say("boxes from score %s on: matched %d, missed %d, extra %d\nmAP@%s of all quantized boxes whatever their score, those of float as reference: "
        "%s\n",
        numberText(rule.score).c_str(), boxes.matched, boxes.missed, boxes.extra, numberText(rule.overlap).c_str(),
        std::isnan(boxes.meanAveragePrecision) ? "none, float finds no box" : fixedText(boxes.meanAveragePrecision, 4).c_str());
    if (boxes.labelled)
        say("against the labels   mAP@0.5   mAP@0.5:0.95\nfloat                %.4f    %.4f\nquantized            %.4f    %.4f\n",
            boxes.floatLabelled.at50, boxes.floatLabelled.mean, boxes.quantizedLabelled.at50, boxes.quantizedLabelled.mean);
}

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const Session session, openSession(program, options.model, options.data, job));
    QS_TRY(const Evaluation evaluation,
           evaluate(session.engine, *session.spec.prepared, *session.solved.quantized, *session.spec.data, job, options.rule));
    const auto& [classes, boxes, map, vectors] = static_cast<const OutputFigures&>(evaluation);
    if (!classes.valid && !boxes.valid && !map.valid && !vectors.valid)
        return Error{ErrorCode::NotSupported,
                     "the first output is no vector of class scores, and the outputs are neither boxes nor a map of classes; say what they are "
                     "(--outputs, --decoder), or use compare",
                     session.spec.model->name()};
    if (classes.valid && !classes.labelled)
        return Error{ErrorCode::Usage, "no sample has a label", "--labels"};
    if (options.json) {
        Json json{{"samples", evaluation.samples}};
        json.update(classes.valid ? classesJson(classes)
                    : boxes.valid ? boxesJson(boxes)
                    : map.valid   ? Json{{"pixelAgreement", map.agreement}, {"mIoU", map.meanIou}}
                                  : Json{{"cosine", vectors.cosine},
                                       {"worstCosine", vectors.worstCosine},
                                       {"distance", vectors.distance},
                                       {"rankAgreement", numberOrNull(vectors.rankAgreement)}});
        printText(jsonText(json));
        return {};
    }
    say("%d samples\n", evaluation.samples);
    if (classes.valid)
        printClasses(classes);
    if (boxes.valid)
        printBoxes(boxes, options.rule);
    if (map.valid)
        say("pixels of the float class: %s\nmean IoU of the classes, the float map as reference: %s\n", percent(map.agreement).c_str(),
            fixedText(map.meanIou, 4).c_str());
    if (vectors.valid)
        say("vectors of float and quantized: cosine %s, worst %s; distance %s\nsamples with the same nearest neighbour: %s\n",
            fixedText(vectors.cosine, 6).c_str(), fixedText(vectors.worstCosine, 6).c_str(), numberText(static_cast<float>(vectors.distance)).c_str(),
            percent(vectors.rankAgreement).c_str());
    return {};
}

}  // namespace

void addEvaluate(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand(
        "evaluate", "Float and quantized by what the outputs are: top-1, top-5 and agreement; boxes and mAP; pixels of a class map; vectors");
    addModelOptions(*command, options->model, true, true);
    addBoxRule(*command, options->rule);
    command->add_flag("--json", options->json, "as JSON");
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    setAction(program, *command, options, run);
}

}  // namespace qs::cli

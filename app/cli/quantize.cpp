#include "app/cli/command.h"
#include "core/targets/amct/log.h"
#include "core/targets/amct/steps.h"
#include "core/targets/target.h"

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    std::string prefix;
    std::string saveType = "Both";
    std::string dumpFolder;
    int opset = oldestOnnxOpset;
};

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const SaveType saveType, saveTypeNamed(options.saveType));
    QS_TRY(Session session, prepareSession(options.model, options.data));
    const Target* target = &targetOf(session.spec.prepared->configuration);
    const std::pair<const char*, bool> others[] = {{"--save-type", options.saveType != "Both"}, {"--bn-dump-dir", !options.dumpFolder.empty()}};
    for (const auto& [option, given] : others)
        if (given && !target->hasSaveTypes)
            return Error{ErrorCode::Usage, std::string("the target ") + target->name + " has no use for it", option};
    QS_CHECK(checkNotQuantized(*session.spec.model));
    // Found now, not after the calibration.
    QS_CHECK(checkOnnxOpset(options.opset));
    QS_CHECK(statisticsFolder(session.spec.prepared->configuration, options.prefix, options.dumpFolder));
    for (const Note& note : session.spec.prepared->notes)
        amct::logDebug("note: " + noteText(note));
    amct::logFusion(*session.spec.prepared);
    amct::logInfo(!session.spec.given ? "quantizing weights, calibrating activations"
                                      : "factors from " + (options.model.record.empty() ? options.model.model : options.model.record));
    QS_CHECK(solveSession(program, session, job));
    if (!options.model.partial)
        QS_CHECK(amct::requireLegalScales(*session.spec.model, session.solved.quantized->effective));
    amct::logWeights(session.solved.quantized->record);
    amct::logActivations(session.solved.quantized->record);
    amct::logInfo("saving " + options.prefix);
    QS_TRY(const ExportPlan plan,
           target->plan({session.spec.prepared.get(), session.solved.quantized.get(), options.prefix, saveType, options.dumpFolder, options.opset}));
    if (job.cancelled())
        return cancelledError();
    QS_CHECK(writeExport(plan));
    amct::logWritten(plan);
    for (const std::string& difference : plan.differences) {
        amct::logDebug(difference);
        say("%s\n", difference.c_str());
    }
    for (const ExportFile& file : plan.files)
        say("%s: %s\n", file.path.c_str(), file.purpose.c_str());
    return {};
}

}  // namespace

void addQuantize(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command =
        program.app.add_subcommand("quantize", "Calibrate and write the files of a target: AMCT's fake-quant and deploy models, or QDQ ONNX");
    addModelOptions(*command, options->model, true, true);
    command->add_option("-o,--output", options->prefix, "PREFIX of the files")->required();
    command->add_option("--opset", options->opset, "of ONNX files, " + std::to_string(oldestOnnxOpset) + " to " + std::to_string(newestOnnxOpset))
        ->capture_default_str();
    command->add_option("--bn-dump-dir", options->dumpFolder, "folder of update_bn's statistics, instead of bn_dump_dir below PREFIX's folder");
    addPartialOption(*command, options->model);
    addSaveOption(*command, options->saveType);
    addDataOptions(*command, options->data);
    setAmctAction(
        program, *command, [options] { return "init: reading " + options->model.model; },
        [&program, options](const JobContext& job) { return run(program, *options, job); });
}

}  // namespace qs::cli

#include "app/cli/command.h"
#include "core/amct/log.h"
#include "core/export/exporter.h"

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    std::string prefix;
    std::string saveType = "Both";
    std::string logFolder;
    std::string dumpFolder;
};

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_CHECK(amct::openLog(options.logFolder));
    QS_TRY(const SaveType saveType, saveTypeNamed(options.saveType));
    QS_TRY(const Session session, openSession(program, options.model, options.data, job));
    QS_CHECK(checkNotQuantized(*session.model));
    const Exporter* exporter = findExporter("amct");
    QS_TRY(const ExportPlan plan, exporter->plan({session.prepared.get(), session.quantized.get(), options.prefix, saveType, options.dumpFolder}));
    if (job.cancelled())
        return cancelledError();
    QS_CHECK(writeExport(plan));
    for (const std::string& difference : plan.differences)
        say("%s\n", difference.c_str());
    for (const ExportFile& file : plan.files)
        say("%s: %s\n", file.path.c_str(), file.purpose.c_str());
    return {};
}

}  // namespace

void addQuantize(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("quantize", "Calibrate and write the fake-quant and deploy models (AMCT's save_model)");
    addModelOptions(*command, options->model, true, true);
    command->add_option("-o,--output", options->prefix, "PREFIX of the files")->required();
    command->add_option("--bn-dump-dir", options->dumpFolder, "folder of update_bn's statistics, instead of bn_dump_dir below PREFIX's folder");
    addPartialOption(*command, options->model);
    addSaveOptions(*command, options->saveType, options->logFolder);
    addDataOptions(*command, options->data);
    command->callback([&program, options] { program.action = [&program, options](const JobContext& job) { return run(program, *options, job); }; });
}

}  // namespace qs::cli

#include "app/cli/command.h"
#include "core/base/file.h"

#include <cstdio>

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    std::string output;
    int batchNum = 1;
    bool noOffset = false;
};

}  // namespace

void addConfig(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("config", "Write the default config.json (AMCT's create_quant_config)");
    addModelOptions(*command, options->model, false, false);
    command->add_option("-o,--output", options->output, "config.json")->required();
    command->add_option("--batch-num", options->batchNum, "batches for calibration")->check(CLI::Range(1, 1 << 30));
    command->add_flag("--no-activation-offset", options->noOffset, "symmetric activations");
    command->callback([&program, options] {
        program.action = [options](const JobContext&) -> Result<void> {
            QS_TRY(const auto model, loadModel(options->model));
            const Configuration configuration = createQuantConfig(*model, options->batchNum, !options->noOffset);
            QS_CHECK(writeFile(options->output, configurationToJson(*model, configuration)));
            std::printf("%s: %zu layers\n", options->output.c_str(), configuration.layers.size());
            return {};
        };
    });
}

}  // namespace qs::cli

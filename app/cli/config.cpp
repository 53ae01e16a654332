#include "app/cli/command.h"
#include "core/base/file.h"
#include "core/prepare/why_float.h"
#include "core/targets/amct/config_json.h"
#include "core/targets/amct/log.h"
#include "core/targets/amct/simple_config.h"

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    std::string output;
    std::string cfg;
    int batchNum = 1;
    bool noOffset = false;
};

Result<SimpleConfig> make(const Model& model, const Options& options)
{
    if (options.cfg.empty())
        return SimpleConfig{createQuantConfig(model, options.batchNum, !options.noOffset), {}, {}};
    QS_TRY(const std::string text, readFile(options.cfg, largestText));
    return configurationFromCfg(model, text, options.cfg);
}

Result<void> run(const Options& options)
{
    QS_TRY(const auto model, loadModel(options.model));
    QS_CHECK(checkNotQuantized(*model));
    QS_TRY(const SimpleConfig made, make(*model, options));
    for (const std::string& note : made.notes) {
        amct::logDebug("note: " + note);
        complain("note: %s\n", note.c_str());
    }
    QS_CHECK(writeFile(options.output, configurationToJson(*model, made.configuration)));
    say("%s: %zu layers\n", options.output.c_str(), made.configuration.layers.size());
    QS_TRY(const auto prepared, prepareNetwork(model, made.configuration));
    std::vector<std::vector<std::string>> off;
    for (const LayerId id : model->layerIds()) {
        const Effective& effective = prepared->effective[id];
        const auto skipped = made.skipped.find(model->layer(id).name);
        if (effective.quantized)
            continue;
        const std::string why = whyFloatText(*model, id, effective, skipped == made.skipped.end() ? std::string() : skipped->second);
        amct::logDebug("Layer " + model->layer(id).name + " is not quantized: " + why);
        off.push_back({"  " + model->layer(id).name, why});
    }
    if (!off.empty())
        printText("not quantized:\n" + table(off));
    return {};
}

}  // namespace

void addConfig(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("config", "Write a config.json: the default, or from a .cfg (AMCT's create_quant_config)");
    addModelOptions(*command, options->model, false, false);
    command->add_option("-o,--output", options->output, "config.json")->required();
    CLI::Option* cfg = command->add_option("--cfg", options->cfg, "AMCT's simple configuration: what differs from the default");
    // The manual: with a .cfg these two stand in it, and an argument would have no effect.
    command->add_option("--batch-num", options->batchNum, "batches for calibration")->check(CLI::Range(1, 1 << 30))->excludes(cfg);
    command->add_flag("--no-activation-offset", options->noOffset, "symmetric activations")->excludes(cfg);
    const auto stage = [options] { return "create_quant_config: " + options->model.model; };
    setAmctAction(program, *command, stage, [options](const JobContext&) { return run(*options); });
}
}  // namespace qs::cli

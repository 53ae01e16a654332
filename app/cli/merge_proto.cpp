#include "app/cli/command.h"
#include "core/base/file.h"
#include "core/import/importer.h"
#include "core/targets/amct/log.h"

namespace qs::cli {

namespace {

struct Options {
    std::string custom;
    std::string output;
};

}  // namespace

void addMergeProto(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("merge-proto", "Merge a custom.proto with Caffe's description of networks (AMCT's install.py)");
    command->add_option("CUSTOM", options->custom, "custom.proto: message LayerParameter with your fields, and their messages")->required();
    command->add_option("-o,--output", options->output, "the merged .proto")->required();
    const auto stage = [options] { return "merging " + options->custom; };
    setAmctAction(program, *command, stage, [options](const JobContext&) -> Result<void> {
        QS_TRY(const MergedProto merged, mergeProto(options->custom));
        for (const std::string& note : merged.notes) {
            amct::logDebug("note: " + note);
            complain("note: %s\n", note.c_str());
        }
        QS_CHECK(writeFile(options->output, merged.text));
        say("%s: merged\n", options->output.c_str());
        return {};
    });
}

}  // namespace qs::cli

#include "app/cli/command.h"

namespace qs::cli {

namespace {

struct Options {
    DataOptions data;
    std::string folder;
    bool encoded = false;
};

Result<void> convert(const Options& options, const JobContext& job)
{
    QS_TRY(const DataSpec spec, dataSpec(options.data));
    // No network: without a size asked for, pictures keep theirs.
    QS_TRY(const auto data, openDataSet(spec, {}));
    printSkipped(*data);
    QS_CHECK(writeLmdb(*data, options.folder, options.encoded, job));
    say("%s: %d samples%s\n", options.folder.c_str(), data->size(), data->labelled() ? " with labels" : "");
    return {};
}

}  // namespace

void addLmdb(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("lmdb", "Write pictures as an LMDB data set (Caffe's convert_imageset)");
    command->add_option("-o,--output", options->folder, "folder of the data set")->required();
    command->add_flag("--encoded", options->encoded, "keep the picture files as they are instead of pixels after resize and crop");
    addDataOptions(*command, options->data);
    command->footer("Pixels are 8-bit planes: blue, green, red, or one with --color gray. Mean and scale belong to the reader and are not applied.");
    command->callback([&program, options] { program.action = [options](const JobContext& job) { return convert(*options, job); }; });
}

}  // namespace qs::cli

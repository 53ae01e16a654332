// quantscope-cli: the same core as the window, without Qt. Exit 0 done, 1 the job failed, 2 bad usage, 130 interrupted.
#include "app/cli/command.h"
#include "app/cli/terminal.h"
#include "core/base/cpu.h"

#include <cstdio>

int main(int argc, char** argv)
{
    using namespace qs;
    using namespace qs::cli;
    Program program;
    program.app.require_subcommand(1);
    program.app.set_version_flag("--version", "quantscope " QS_VERSION " (" + cpuLevelName(cpuLevel()) + ")");
    program.app.fallthrough();
    program.app.add_option("--threads", program.threads, "processors to use (default: all)")->check(CLI::Range(1, 1024));
    addInspect(program);
    addRun(program);
    addConfig(program);
    addQuantize(program);
    addConvert(program);
    addUninplace(program);
    addCompare(program);
    addEvaluate(program);
    addReport(program);
    addSensitivity(program);
    addTune(program);
    addOps(program);
    addMergeProto(program);
    addLmdb(program);
    addDetect(program);
    try {
        program.app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.app.exit(error) == 0 ? Exit::done : Exit::usage;
    }
    if (const Result<void> level = checkCpuVariable(); !level.ok()) {
        std::fprintf(stderr, "error: %s\n", errorText(level.error()).c_str());
        return Exit::usage;
    }
    Terminal terminal;
    Result<void> result;
    try {
        result = program.action(terminal.job());
    } catch (const std::exception& error) {
        result = Error{ErrorCode::Internal, error.what(), {}};
    }
    terminal.finish();
    if (result.ok())
        return Exit::done;
    if (result.error().code == ErrorCode::Cancelled) {
        std::fprintf(stderr, "interrupted\n");
        return Exit::interrupted;
    }
    std::fprintf(stderr, "error: %s\n", errorText(result.error()).c_str());
    return result.error().code == ErrorCode::Usage ? Exit::usage : Exit::failed;
}

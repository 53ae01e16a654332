// The commands of quantscope-cli, and how one is run.
#include "app/cli/program.h"
#include "app/cli/command.h"
#include "app/cli/terminal.h"
#include "core/base/cpu.h"

#include <filesystem>
#include <new>
#include <sstream>
#include <system_error>

namespace qs::cli {

namespace {

void addCommands(Program& program)
{
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
    addDiagnose(program);
    addTune(program);
    addOps(program);
    addTargets(program);
    addCheck(program);
    addMergeProto(program);
    addLmdb(program);
    addDetect(program);
    addCompletion(program);
}

/// Whatever a library throws is an error like others.
Result<void> runAction(const Program& program)
{
    try {
        Terminal terminal;
        return program.action(terminal.job());
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, {}, {}};
    } catch (const std::filesystem::filesystem_error& error) {
        return Error{ErrorCode::FileUnreadable, error.code().message(), error.path1().string()};
    } catch (const std::system_error& error) {
        // Of a thread that cannot be started.
        return Error{ErrorCode::OutOfMemory, error.what(), {}};
    } catch (const std::exception& error) {
        return Error{ErrorCode::Internal, error.what(), {}};
    }
}

Exit report(const Result<void>& result)
{
    if (result.ok()) {
        if (outputWritten())
            return Exit::done;
        complain("error: standard output: %s\n", errorSummary(ErrorCode::FileNotWritable));
        return Exit::failed;
    }
    if (result.error().code == ErrorCode::Cancelled) {
        complain("interrupted\n");
        return Exit::interrupted;
    }
    complain("error: %s\n", errorText(result.error()).c_str());
    return result.error().code == ErrorCode::Usage ? Exit::usage : Exit::failed;
}

}  // namespace

int run(int argc, char** argv)
{
    Program program;
    addCommands(program);
    try {
        program.app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::ostringstream output;
        std::ostringstream errors;
        const bool asked = program.app.exit(error, output, errors) == 0;
        printText(output.str());
        complainText(errors.str());
        return asked ? report({}) : Exit::usage;
    }
    if (const Result<void> level = checkCpuVariable(); !level.ok()) {
        complain("error: %s\n", errorText(level.error()).c_str());
        return Exit::usage;
    }
    return report(runAction(program));
}

}  // namespace qs::cli

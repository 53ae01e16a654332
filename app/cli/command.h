// What the commands of quantscope-cli share: options, loading, progress on the terminal, Ctrl-C.
//
// To add a command: a file cli/<name>.cpp with its add function, its line in program.cpp.
#pragma once

#include "app/cli/print.h"
#include "app/common/data_options.h"
#include "core/base/job.h"
#include "core/jobs/compare.h"
#include "core/jobs/spec.h"
#include "core/prepare/refinements.h"
#include "core/quant/setting_fields.h"
#include "core/targets/open.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <map>
#include <string>

namespace qs::cli {

enum Exit { done = 0, failed = 1, usage = 2, interrupted = 130 };

/// Chosen by the parsed command; run() executes it.
using Action = std::function<Result<void>(const JobContext&)>;

struct Program {
    CLI::App app{"Quantscope: what int8 does to each layer of a network"};
    int threads = 0;  ///< 0: all processors
    Action action;
};

struct ModelOptions {
    std::string model;
    std::string weights;
    std::string configuration;
    std::string record;
    std::string customProto;
    std::string target;                    ///< empty: the configuration's
    std::vector<std::string> inputShapes;  ///< NAME=1x3x224x224
    bool partial = false;                  ///< go on where the network's outputs, or most of it, cannot be run
    bool exact = false;                    ///< calibration: IFMR over all values
    bool calibrateAlways = false;          ///< also a network that comes with its factors
    // For all layers to which they apply, on top of the configuration.
    std::map<std::string, FieldValue> settings = {};  ///< by flag (quant/setting_fields.h)
    std::vector<const Refinement*> refinements = {};
};

/// MODEL [-w WEIGHTS] [--custom-proto FILE], with `configuration` -c, with `record` --record and what a calibration does otherwise.
void addModelOptions(CLI::App& command, ModelOptions& options, bool configuration, bool record);

/// What the program does when the command is given.
template <class Options>
void setAction(Program& program, CLI::App& command, const std::shared_ptr<Options>& options,
               Result<void> (*run)(const Program&, const Options&, const JobContext&))
{
    command.callback(
        [&program, options, run] { program.action = [&program, options, run](const JobContext& job) { return run(program, *options, job); }; });
}

/// --partial.
void addPartialOption(CLI::App& command, ModelOptions& options);
/// --score and --overlap.
void addBoxRule(CLI::App& command, BoxRule& rule);
/// Where no output of the network can be run, or most of its layers cannot, nothing useful would come: NotRunnable, unless --partial. Notes what is
/// not run.
Result<void> requireMostOfIt(const Model& model, bool partial);

/// --save-type.
void addSaveOption(CLI::App& command, std::string& saveType);

/// A command that is a step of AMCT: --amct-log, and its log (core/targets/amct/log.h) is open while `action` runs; what ends it stands there, after
/// `stage`. Where `action` calls a function of core/targets/amct, which logs by itself, `stage` is null.
void setAmctAction(Program& program, CLI::App& command, std::function<std::string()> stage, Action action);

/// With the shapes of --input-shape, and of `shapes` for inputs that the file leaves open.
Result<std::shared_ptr<const Model>> loadModel(const ModelOptions& options, const std::map<std::string, Shape>& shapes = {});
/// The same; an open size comes from the data.
Result<std::shared_ptr<const Model>> loadModelFor(const ModelOptions& options, const DataOptions& data);
/// The file given by -c (config.json, or a project's configuration), or the one that the network comes with, with the options entered.
Result<Configuration> loadConfiguration(const OpenedNetwork& opened, const ModelOptions& options);
/// The first samples that cannot be read, as notes.
void printSkipped(const DataSet& data);
Result<std::shared_ptr<const DataSet>> loadData(const Model& model, const DataOptions& options);
Result<std::shared_ptr<Engine>> loadEngine(const Program& program);

/// Everything that compare, evaluate and quantize need: the record from --record, or a calibration on the first batches.
struct Session {
    Spec spec;  ///< prepared
    std::shared_ptr<Engine> engine;
    Solved solved;
};
Result<Session> openSession(const Program& program, const ModelOptions& model, const DataOptions& data, const JobContext& job);
/// The two halves of it: everything that is read and prepared; and the factors.
Result<Session> prepareSession(const ModelOptions& model, const DataOptions& data);
/// The first of these without data: model, configuration and, where they are read, factors.
Result<Session> readSession(const ModelOptions& model, const DataOptions& data);
Result<void> solveSession(const Program& program, Session& session, const JobContext& job);

/// Two spaces after the widest cell of each column; the first column left, the rest right. Long cells are shortened, control characters shown.
std::string table(std::vector<std::vector<std::string>> rows);

/// A command that lists something: `print` for people, or with --json the text of `json`.
void addListCommand(Program& program, const std::string& name, const std::string& description, void (*print)(), std::string (*json)());

void addInspect(Program& program);
void addRun(Program& program);
void addConfig(Program& program);
void addQuantize(Program& program);
void addConvert(Program& program);
void addUninplace(Program& program);
void addCompare(Program& program);
void addEvaluate(Program& program);
void addReport(Program& program);
void addSensitivity(Program& program);
void addDiagnose(Program& program);
void addTune(Program& program);
void addOps(Program& program);
void addTargets(Program& program);
void addCheck(Program& program);
void addCompletion(Program& program);
/// The names of core/targets, as the type of an option: "{a,b}".
std::string targetChoices();
void addMergeProto(Program& program);
void addLmdb(Program& program);
void addDetect(Program& program);

}  // namespace qs::cli

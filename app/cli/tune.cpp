#include "core/jobs/search.h"

#include "app/cli/command.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/targets/amct/config_json.h"

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    std::map<SearchTarget, double> targets;  ///< those that are given
    SearchGoal goal;
    int samples = 32;
    std::string prefix;
    std::string resume;
};

Result<SearchGoal> goalOf(const Options& options)
{
    SearchGoal goal = options.goal;
    if (options.targets.size() > 1) {
        std::string names;
        for (const SearchMeasure& measure : searchMeasures())
            names += std::string(names.empty() ? "" : ", ") + "--target-" + measure.name;
        return Error{ErrorCode::Usage, "give one target", names};
    }
    for (const auto& [target, value] : options.targets) {
        goal.target = target;
        goal.value = value;
    }
    return goal;
}

std::string movesText(const SearchAssignment& assignment)
{
    if (assignment.empty())
        return "as configured";
    std::string text;
    for (const auto& [layer, move] : assignment)
        text += (text.empty() ? "" : "; ") + layer + ": " + searchMoveName(move);
    return text;
}

std::string agreementText(const SearchPoint& point)
{
    return point.agreement ? fixedText(100 * *point.agreement, 1) + " %" : "-";
}

void print(const Session& session, const SearchResult& result)
{
    std::vector<std::vector<std::string>> rows{{"", "in 8 bits", "weights, KiB", "cosine", "agreement", "settings"}};
    for (const size_t index : result.front) {
        const SearchPoint& point = result.points[index];
        rows.push_back({index == result.best ? "best" : "", fixedText(100 * point.share, 1) + " %", fixedText(point.weightBytes / 1024, 0),
                        fixedText(point.cosine, 6), agreementText(point), movesText(point.assignment)});
    }
    say("%s, %zu settings on %d samples, %.1f s\n", session.spec.model->name().c_str(), result.points.size(), result.samples, result.seconds);
    printText(table(rows));
    const SearchPoint& best = result.points[result.best];
    if (!result.met)
        say("the target cannot be reached within the budget by these moves; the nearest: ");
    else
        say("best: ");
    say("cosine %s, agreement %s, %.1f %% in 8 bits (%s)\n", fixedText(best.cosine, 6).c_str(), agreementText(best).c_str(), 100 * best.share,
        movesText(best.assignment).c_str());
}

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const SearchGoal goal, goalOf(options));
    ModelOptions model = options.model;
    // A search needs what a calibration sees.
    model.calibrateAlways = true;
    QS_TRY(const Session session, openSession(program, model, options.data, job));
    SearchOptions search;
    search.goal = goal;
    search.samples = options.samples;
    search.journal = options.resume.empty() ? options.prefix + "_tune.json" : options.resume;
    if (std::error_code ignored; options.resume.empty())
        std::filesystem::remove(search.journal, ignored);
    QS_TRY(const auto result, searchSettings(session.engine, session.spec.prepared, *session.solved.calibration, *session.spec.data, search, job));
    const Configuration best = applyAssignment(session.spec.prepared->configuration, result->points[result->best].assignment);
    QS_CHECK(writeFile(options.prefix + "_config.json", configurationToJson(*session.spec.model, best)));
    print(session, *result);
    return {};
}

}  // namespace

void addTune(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command =
        program.app.add_subcommand("tune", "Search settings of the layers for a target: PREFIX_config.json, PREFIX_tune.json (journal)");
    addModelOptions(*command, options->model, true, false);
    for (const SearchMeasure& measure : searchMeasures())
        command
            ->add_option_function<double>(
                std::string("--target-") + measure.name, [options, target = measure.target](double value) { options->targets[target] = value; },
                measure.help)
            ->check(CLI::Range(measure.atMost ? -1.0 : 0.0, 1.0));
    command
        ->add_option("--budget", options->goal.budget,
                     "share of operations that stays in 8 bits at least, 0..1 (default 0; 12 and 16 bits count 8/bits)")
        ->check(CLI::Range(0.0, 1.0));
    command->add_flag("--by-weights", options->goal.byWeights, "the share counts parameters instead of operations");
    command->add_option("--bits", options->goal.bits, "activation widths that may be used (default 12 16)")->check(CLI::IsMember({12, 16}));
    command->add_flag("--snq", options->goal.snq, "4-bit weights where the target allows");
    command->add_option("--samples", options->samples, "judge by N samples, spread evenly over the data (default 32)")->check(CLI::Range(1, 1 << 30));
    command->add_option("-o,--output", options->prefix, "prefix of the files")->required();
    command->add_option("--resume", options->resume, "go on with this journal (it is made where there is none)");
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    setAction(program, *command, options, run);
}

}  // namespace qs::cli

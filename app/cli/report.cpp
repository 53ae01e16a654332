#include "core/report/report.h"

#include "app/cli/command.h"
#include "core/base/file.h"
#include "core/jobs/remedies.h"
#include "core/targets/target.h"

#include <ctime>

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    std::string output;
    bool diagnose = false;
};

std::string now()
{
    const std::time_t time = std::time(nullptr);
    std::tm local{};
    localtime_r(&time, &local);
    char text[32];
    return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local));
}

/// The five worst layers, with the best of their remedies.
Result<std::vector<DiagnosisLine>> diagnosed(const Session& session, const JobContext& job)
{
    constexpr int samples = 32;
    constexpr size_t layers = 5;
    QS_TRY(const auto diagnosis, diagnose(session.engine, *session.spec.prepared, *session.solved.quantized, *session.spec.data,
                                          session.solved.calibration ? session.solved.calibration->samples : samples, job));
    if (!session.solved.calibration)
        complain("note: no remedies are tried: the factors were read, and only a calibration can answer for other settings\n");
    std::optional<RemedyTrial> trial;
    if (session.solved.calibration)
        trial.emplace(session.engine, session.spec.prepared, session.solved.quantized, *session.solved.calibration, *session.spec.data,
                      RemedyOptions{.samples = samples, .cache = nullptr});
    std::vector<DiagnosisLine> lines;
    for (const LayerDiagnosis* layer : diagnosis->worst(layers)) {
        DiagnosisLine& line = lines.emplace_back(DiagnosisLine{.layer = layer->layer, .local = layer->local.cosine});
        for (const Cause& cause : layer->causes)
            line.causes += (line.causes.empty() ? "" : "; ") + causeText(cause);
        if (!trial)
            continue;
        QS_TRY(const LayerRemedies tried, tryRemedies(*trial, *session.spec.prepared, *layer, {}, job));
        if (tried.results.empty())
            continue;
        const RemedyResult& best = tried.best();
        line.remedy = &best == &tried.before ? "nothing that was tried" : best.change.name();
        line.localThen = best.local.cosine;
        line.outputThen = best.output.cosine;
        line.outputNow = tried.before.output.cosine;
    }
    return lines;
}

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const Session session, openSession(program, options.model, options.data, job));
    const Target* target = &targetOf(session.spec.prepared->configuration);
    QS_TRY(const auto comparison, compare(session.engine, *session.spec.prepared, *session.solved.quantized, *session.spec.data, {}, job));
    ReportSource source;
    source.program = "Quantscope " QS_VERSION;
    source.date = now();
    source.model = options.model.model;
    source.weights = options.model.weights;
    source.prepared = session.spec.prepared.get();
    source.quantized = session.solved.quantized.get();
    source.comparison = comparison.get();
    source.data = session.spec.data.get();
    source.target = target->label;
    for (const CheckResult& result :
         runChecks(target->rules(), {*session.spec.prepared, session.solved.quantized.get(), session.solved.calibration.get()}))
        source.checks.push_back({severityName(result.rule->severity), result.layer, checkText(result), result.rule->remedy});
    if (options.diagnose) {
        QS_TRY(source.diagnosis, diagnosed(session, job));
    }
    QS_CHECK(writeFile(options.output, reportHtml(source)));
    say("%s\n", options.output.c_str());
    return {};
}

}  // namespace

void addReport(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("report", "Compare, and write one self-contained HTML file about it");
    addModelOptions(*command, options->model, true, true);
    command->add_option("-o,--output", options->output, "the .html")->required();
    command->add_flag("--diagnose", options->diagnose, "also why the five worst layers break, and the best of the remedies that are tried");
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    setAction(program, *command, options, run);
}

}  // namespace qs::cli

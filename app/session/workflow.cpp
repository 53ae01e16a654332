#include "app/session/workflow.h"

#include "app/commands/configuration_command.h"
#include "app/session/branches.h"
#include "app/session/report_file.h"
#include "app/session/saved_results.h"
#include "core/base/file.h"
#include "core/export/uninplace.h"
#include "core/import/importer.h"
#include "core/targets/forms.h"
#include "core/targets/open.h"
#include "widgets/common/error_text.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QPointer>
#include <QRegularExpression>

#include <algorithm>
#include <utility>

namespace qs {

namespace {

using Compute = std::shared_ptr<Engine>;

QString fileName(const std::filesystem::path& path)
{
    return QString::fromStdString(path.filename().string());
}

bool isModelFile(const std::filesystem::path& path)
{
    const std::string suffix = path.extension().string();
    for (const Importer& importer : importers())
        for (const char* known : importer.suffixes)
            if (suffix == known)
                return true;
    return false;
}

}  // namespace

Workflow::Workflow(Session& session, JobRunner& jobs, QObject* parent) : QObject(parent), m_session(session), m_jobs(jobs)
{
    connect(&session, &Session::changed, this, &Workflow::prepareSoon);
    // A drag changes the settings many times a second.
    constexpr int restMs = 200;
    m_checkTimer.setSingleShot(true);
    m_checkTimer.setInterval(restMs);
    connect(&m_checkTimer, &QTimer::timeout, this, &Workflow::check);
    connect(&session, &Session::changed, this, &Workflow::checkSoon);
}

void Workflow::checkSoon()
{
    if (m_session.model() && m_session.preparedIsFresh() && !m_session.checksAreFresh() &&
        m_checking != std::pair(m_session.prepared(), m_session.recordSerial()))
        m_checkTimer.start();
}

void Workflow::check()
{
    if (!m_session.preparedIsFresh() || m_session.checksAreFresh())
        return;
    m_checking = {m_session.prepared(), m_session.recordSerial()};
    m_jobs.run<Checked>(
        {QStringLiteral("check"), tr("Check for %1").arg(QString::fromUtf8(m_session.target().label)), Lane::Light, false, true},
        [target = &m_session.target(), prepared = m_session.prepared(), record = m_session.record(),
         calibration = m_session.recordIsCalibrated() ? m_session.calibration() : nullptr, before = m_session.result().quantized,
         serial = m_session.recordSerial()](const JobContext&, const Compute&) -> Result<Checked> {
            // Factors that do not fit these settings any more say nothing of them.
            std::shared_ptr<const QuantizedNetwork> quantized;
            if (record)
                if (auto made = quantizeNetwork(*prepared, *record, before.get()))
                    quantized = *std::move(made);
            return Checked{runChecks(target->rules(), {*prepared, quantized.get(), calibration.get()}), prepared, serial};
        },
        [this](Result<Checked> checked) {
            m_checking = {};
            if (checked && checked->prepared->original == m_session.model())
                m_session.setChecked(std::move(*checked));
        });
}

void Workflow::fail(const QString& what, const Error& error)
{
    if (error.code == ErrorCode::Cancelled) {
        m_session.log(tr("%1: cancelled").arg(what));
        return;
    }
    const QString text = what + QStringLiteral(": ") + errorMessage(error);
    m_session.log(text);
    Q_EMIT failed(text);
}

void Workflow::openModel(const std::filesystem::path& model, const std::filesystem::path& weights, const std::map<std::string, Shape>& shapes)
{
    const QString title = tr("Open %1").arg(fileName(model));
    m_jobs.run<OpenedNetwork>(
        {QStringLiteral("import"), title, Lane::Light},
        [model, weights, shapes, custom = m_session.customProto()](const JobContext&, const Compute&) -> Result<OpenedNetwork> {
            return openNetwork({model, weights, custom, shapes});
        },
        [this, title, model, weights, shapes](Result<OpenedNetwork> opened) {
            if (!opened) {
                fail(title, opened.error());
                return;
            }
            for (const std::string& note : opened->model->notes())
                m_session.log(QString::fromStdString(note));
            m_session.log(tr("%1: %2 layers").arg(fileName(model)).arg(opened->model->layers().size()));
            // The chip stays the same, unless the network came with its quantizers, or only another target quantizes it.
            Configuration configuration = opened->record || !opened->configuration.target.empty()
                                              ? std::move(opened->configuration)
                                              : adaptedTo(m_session.target(), *opened->model, std::move(opened->configuration)).configuration;
            m_session.setModel(std::move(opened->model), model, weights, configuration);
            m_session.setInputShapes(shapes);
            if (opened->record) {
                m_session.log(tr("The quantizers in %1 are the settings and factors").arg(fileName(model)));
                m_session.setRecord(*std::move(opened->record), std::move(configuration));
                m_session.markSaved();
            }
            Q_EMIT modelOpened();
            const Model& network = *m_session.model();
            for (const ValueId input : network.inputs())
                if (!network.value(input).shaped) {
                    Q_EMIT sizeAsked(QString::fromStdString(network.value(input).name));
                    break;
                }
        });
}

void Workflow::openProject(const std::filesystem::path& file, ProjectFile kind, const std::filesystem::path& moved)
{
    struct Loaded {
        Project project;
        std::shared_ptr<const Model> model;  ///< null: the network is not there
        Result<std::shared_ptr<const ProjectResults>> results = std::shared_ptr<const ProjectResults>();
    };
    const QString title = tr("Open %1").arg(fileName(file));
    m_jobs.run<Loaded>(
        {QStringLiteral("import"), title, Lane::Light},
        [file, moved](const JobContext&, const Compute&) -> Result<Loaded> {
            QS_TRY(Project project, loadProject(file));
            if (!moved.empty()) {
                // Its weights stand beside it, as they did.
                if (!project.weights.empty())
                    project.weights = moved.parent_path() / project.weights.filename();
                project.model = moved;
            }
            std::error_code ignored;
            if (!std::filesystem::exists(project.model, ignored))
                return Loaded{std::move(project), nullptr};
            QS_TRY(OpenedNetwork opened, openNetwork({project.model, project.weights, project.customProto, project.inputShapes}));
            std::shared_ptr<const Model> network = std::move(opened.model);
            QS_CHECK(checkConfiguration(*network, project.configuration, standardForms().words));
            for (const Branch& branch : project.branches)
                if (const auto checked = checkConfiguration(*network, branch.configuration, standardForms().words); !checked)
                    return Error{checked.error().code, "branch '" + branch.name + "': " + checked.error().detail, checked.error().where};
            return Loaded{std::move(project), std::move(network), readSavedResults(file)};
        },
        [this, title, file, kind, moved](Result<Loaded> loaded) {
            if (!loaded)
                fail(title, loaded.error());
            else if (!loaded->model)
                Q_EMIT lost(tr("The network of %1 is not at %2").arg(fileName(file), QString::fromStdString(loaded->project.model.string())),
                            loaded->project.model, [this, file, kind](const std::filesystem::path& network) { openProject(file, kind, network); });
            else {
                if (loaded->results)
                    m_toRestore = *std::move(loaded->results);
                else
                    m_session.log(
                        tr("What was computed before cannot be read, and is computed again: %1").arg(errorMessage(loaded->results.error())));
                applyProject(loaded->project, file, kind, std::move(loaded->model));
                if (!moved.empty())
                    m_session.noteChange();
            }
        });
}

void Workflow::applyProject(const Project& project, const std::filesystem::path& file, ProjectFile kind, std::shared_ptr<const Model> model)
{
    m_session.setCustomProto(project.customProto);
    m_session.setModel(std::move(model), project.model, project.weights, project.configuration);
    m_session.setInputShapes(project.inputShapes);
    if (const std::string& name = project.configuration.target; !name.empty() && !findTarget(name))
        m_session.log(tr("The target %1 is not known here: %2 is taken, and the name is kept")
                          .arg(QString::fromStdString(name), QString::fromUtf8(standardTarget().label)));
    if (project.record)
        m_session.setRecord(*project.record, project.recordConfiguration.value_or(project.configuration));
    m_session.branches().load(project);
    if (!project.classNames.empty())
        loadClassNames(project.classNames);
    if (kind == ProjectFile::Own)
        m_session.setProjectPath(file);
    if (kind == ProjectFile::Recovered)
        m_session.noteChange();
    else
        m_session.markSaved();
    if (!project.layout.empty())
        Q_EMIT layoutLoaded(QByteArray::fromBase64(QByteArray::fromStdString(project.layout)));
    Q_EMIT modelOpened();
    if (project.data)
        loadProjectData(*project.data);
    else
        restoreResults();
}

void Workflow::loadProjectData(const DataSpec& spec)
{
    std::error_code ignored;
    if (std::filesystem::exists(spec.path, ignored)) {
        loadData(spec, false, false);
        return;
    }
    keepUnread(spec);
    Q_EMIT lost(tr("The data of this project are not at %1").arg(QString::fromStdString(spec.path.string())), spec.path,
                [this, spec](const std::filesystem::path& data) {
                    DataSpec found = spec;
                    found.path = data;
                    loadData(found, false, true);
                });
}

void Workflow::keepUnread(const DataSpec& spec)
{
    m_session.setData(spec, nullptr, false);
    restoreResults();
}

void Workflow::restoreResults()
{
    if (const auto results = std::exchange(m_toRestore, nullptr))
        qs::restoreResults(m_session, m_jobs, results, [this](const Error& error) { fail(tr("Read the results"), error); });
}

bool Workflow::opensNetwork(const std::filesystem::path& path) const
{
    return !m_session.model() || path.extension() == ".qsproj" || isModelFile(path) || path.extension() == ".caffemodel";
}

void Workflow::openAny(const std::filesystem::path& path)
{
    std::error_code ignored;
    if (path.extension() == ".qsproj")
        openProject(path);
    else if (isModelFile(path))
        openModel(path);
    else if (path.extension() == ".caffemodel") {
        // Weights alone: the network beside them, or for the network that is open.
        std::filesystem::path network = path;
        network.replace_extension(".prototxt");
        if (std::filesystem::exists(network, ignored))
            openModel(network, path);
        else if (m_session.model())
            openModel(m_session.modelPath(), path);
        else
            fail(fileName(path), {ErrorCode::FormatUnknown, "these are weights only: open the .prototxt first", path.string()});
    } else if (!m_session.model())
        openModel(path);
    else
        openData(guessDataSpec(path, inputShape()));
}

bool Workflow::saveProjectAs(const std::filesystem::path& file, const QByteArray& layout)
{
    Project project = m_session.toProject();
    project.layout = layout.toBase64().toStdString();
    const Result<void> saved = saveProject(project, file);
    if (!saved) {
        fail(tr("Save %1").arg(fileName(file)), saved.error());
        return false;
    }
    if (const Result<void> kept = saveResults(m_session, file); !kept)
        fail(tr("Save %1").arg(fileName(resultsPath(file))), kept.error());
    m_session.setProjectPath(file);
    m_session.markSaved();
    m_session.log(tr("Saved %1").arg(fileName(file)));
    return true;
}

int Workflow::suggestedBatches(int samples, int batch)
{
    constexpr int wanted = 32;
    return std::max(1, std::min(wanted, samples) / std::max(1, batch));
}

Shape Workflow::inputShape() const
{
    const auto& model = m_session.model();
    return model && !model->inputs().empty() ? model->value(model->inputs().front()).shape : Shape{};
}

void Workflow::openData(const DataSpec& spec, bool chooseBatches)
{
    loadData(spec, chooseBatches, true);
}

void Workflow::loadData(const DataSpec& spec, bool chooseBatches, bool edited)
{
    const QString title = tr("Open data %1").arg(fileName(spec.path));
    m_jobs.run<std::shared_ptr<const DataSet>>(
        {QStringLiteral("data"), title, Lane::Light},
        [spec, shape = inputShape()](const JobContext&, const Compute&) { return openDataSet(spec, shape); },
        [this, title, spec, chooseBatches, edited](Result<std::shared_ptr<const DataSet>> data) {
            if (!data) {
                fail(title, data.error());
                if (!edited)
                    keepUnread(spec);
                return;
            }
            const int size = (*data)->size();
            m_session.log(tr("%1: %2 samples").arg(title).arg(size));
            for (const std::string& skipped : (*data)->skipped())
                m_session.log(tr("left out: %1").arg(QString::fromStdString(skipped)));
            m_session.setData(spec, std::move(*data), edited);
            restoreResults();
            if (chooseBatches && m_session.configuration().batchNum == 1) {
                const int batches = suggestedBatches(size, spec.preprocess.batch);
                editConfiguration(m_session, tr("Calibrate on %1 batches").arg(batches), [batches](Configuration& c) { c.batchNum = batches; });
            }
        });
}

void Workflow::loadConfiguration(const std::filesystem::path& file)
{
    const QString title = tr("Open %1").arg(fileName(file));
    const Result<std::string> text = readFile(file, largestText);
    if (!text) {
        fail(title, text.error());
        return;
    }
    Result<Configuration> configuration = readConfiguration(file, *text);
    if (!configuration) {
        fail(title, configuration.error());
        return;
    }
    editConfiguration(m_session, title, [&](Configuration& c) {
        // The file knows of no target, and of no samples.
        configuration->target = c.target;
        configuration->notCalibrated = c.notCalibrated;
        c = *configuration;
    });
}

Result<Configuration> Workflow::readConfiguration(const std::filesystem::path& file, const std::string& text)
{
    if (file.extension() != ".cfg")
        return standardForms().readSettings(*m_session.model(), text, file.string());
    QS_TRY(SimpleConfig made, standardForms().readSimpleSettings(*m_session.model(), text, file.string()));
    for (const std::string& note : made.notes)
        m_session.log(QString::fromStdString(note));
    return std::move(made.configuration);
}

void Workflow::saveConfiguration(const std::filesystem::path& file)
{
    if (const Result<void> saved = writeFile(file, standardForms().writeSettings(*m_session.model(), m_session.configuration())); !saved)
        fail(tr("Save %1").arg(fileName(file)), saved.error());
}

void Workflow::loadRecord(const std::filesystem::path& file)
{
    const QString title = tr("Open %1").arg(fileName(file));
    const Result<std::string> text = readFile(file, largestText);
    if (!text) {
        fail(title, text.error());
        return;
    }
    const Result<QuantRecord> record = standardForms().readFactors(*text, file.string());
    if (!record)
        fail(title, record.error());
    else
        m_session.setRecord(*record, m_session.configuration());
}

void Workflow::loadClassNames(const std::filesystem::path& file)
{
    std::vector<std::string> names = readClassNames(file);
    // ImageNet's lists carry quotes and an id: a person reads the name.
    static const QRegularExpression frame(QStringLiteral("^['\"]?(n\\d{8}\\s+)?(.*?)['\"]?$"));
    for (std::string& name : names)
        name = frame.match(QString::fromStdString(name)).captured(2).toStdString();
    m_session.setClassNames(file, std::move(names));
}

void Workflow::prepareSoon()
{
    if (m_branch != m_session.branches().currentId()) {
        m_branch = m_session.branches().currentId();
        m_compareWhenSolved = false;
        // Its settings may have gone on while a job kept it from being solved.
        solveAgain();
    }
    if (m_preparePending || !m_session.model() || m_session.preparedIsFresh())
        return;
    m_preparePending = true;
    QMetaObject::invokeMethod(this, &Workflow::prepare, Qt::QueuedConnection);
}

void Workflow::prepare()
{
    m_preparePending = false;
    if (!m_session.model() || m_session.preparedIsFresh())
        return;
    m_jobs.run<std::shared_ptr<const PreparedNetwork>>(
        {QStringLiteral("prepare"), tr("Apply the settings"), Lane::Light, true, true},
        [model = m_session.model(), configuration = m_session.configuration(), before = m_session.prepared()](const JobContext&, const Compute&) {
            return prepareNetwork(model, configuration, before.get());
        },
        [this, model = m_session.model()](Result<std::shared_ptr<const PreparedNetwork>> prepared) {
            if (model != m_session.model())
                return;
            if (prepared) {
                const auto& before = m_session.prepared();
                for (const Note& note : (*prepared)->notes)
                    if (!before || std::find(before->notes.begin(), before->notes.end(), note) == before->notes.end())
                        m_session.log(noteMessage(note));
                m_session.setPrepared(std::move(*prepared));
                solveAgain();
                // Undone meanwhile: there is nothing to wait for.
                if (m_compareWhenSolved && !m_session.solvable())
                    compare();
            } else
                fail(tr("Apply the settings"), prepared.error());
        });
}

void Workflow::solveAgain()
{
    // A running calibration will bring its own; its end asks again.
    if (!m_session.preparedIsFresh() || !m_session.solvable() || m_jobs.running(QStringLiteral("calibrate")) ||
        (m_solving == m_session.prepared() && m_jobs.running(QStringLiteral("solve"))))
        return;
    m_solving = m_session.prepared();
    m_jobs.run<QuantRecord>(
        {QStringLiteral("solve"), tr("Quantization factors"), Lane::Light, true, true},
        [prepared = m_session.prepared(), calibration = m_session.calibration(), record = *m_session.record(),
         known = m_session.recordConfiguration()](const JobContext&, const Compute&) -> Result<QuantRecord> {
            const KnownFactors before{record, known};
            return qs::solveAgain(*prepared, *calibration, &before);
        },
        [this, prepared = m_session.prepared(), serial = m_session.recordSerial()](Result<QuantRecord> record) {
            // Of other settings by now: those are being prepared, or another calibration has answered.
            if (prepared != m_session.prepared() || !m_session.preparedIsFresh() || serial != m_session.recordSerial())
                return;
            const bool thenCompare = std::exchange(m_compareWhenSolved, false);
            if (!record) {
                fail(tr("Quantization factors"), record.error());
                return;
            }
            m_session.setSolved(std::move(*record), prepared->configuration);
            if (thenCompare)
                compare();
        });
}

void Workflow::analyse()
{
    if (!m_session.model() || !m_session.data())
        return;
    if (!m_session.record() || (m_session.calibrationStale() && !m_session.solvable()))
        startCalibration(true);
    else
        compare();
}

void Workflow::analyseBranch(const QString& name)
{
    Branches& branches = m_session.branches();
    if (name == branches.current()) {
        analyse();
        return;
    }
    if (!branches.contains(name) || !m_session.model() || !m_session.data())
        return;
    branches.within(branches.idOf(name), [this] {
        if (!m_session.record() || m_session.calibrationStale())
            startCalibration(true);
        else
            startComparison();
    });
}

QString Workflow::jobTag(const char* tag, int branch) const
{
    return branch == m_branch ? QLatin1String(tag) : QStringLiteral("%1 %2").arg(QLatin1String(tag)).arg(branch);
}

void Workflow::deliver(int branch, const std::function<void()>& action)
{
    if (!m_session.branches().within(branch, action))
        m_session.log(tr("The branch that this was computed for is gone."));
}

void Workflow::calibrate()
{
    startCalibration(false);
}

void Workflow::startCalibration(bool thenCompare)
{
    if (!m_session.model() || !m_session.data())
        return;
    const Configuration configuration = m_session.configuration();
    const int branch = m_session.branches().currentId();
    m_jobs.run<std::shared_ptr<const Calibration>>(
        {jobTag("calibrate", branch), tr("Calibrate"), Lane::Compute},
        [spec = m_session.spec()](const JobContext& job, const Compute& engine) -> Result<std::shared_ptr<const Calibration>> {
            QS_TRY(const auto prepared, qs::prepare(spec));
            return qs::calibrate(engine, *prepared, *spec.data, job, spec.options);
        },
        [this, configuration, branch, thenCompare, model = m_session.model()](Result<std::shared_ptr<const Calibration>> calibration) {
            const bool ours = calibration && model == m_session.model();
            if (!calibration)
                fail(tr("Calibrate"), calibration.error());
            else if (ours) {
                for (const Note& note : (*calibration)->notes)
                    m_session.log(noteMessage(note));
                m_session.log(tr("Calibrated on %1 samples in %2 s").arg((*calibration)->samples).arg((*calibration)->seconds, 0, 'f', 1));
                deliver(branch, [&] { m_session.setCalibration(std::move(*calibration), configuration); });
                Q_EMIT calibrated();
            }
            // The settings may have gone on meanwhile, and have waited for this: also where it was cancelled.
            solveAgain();
            if (ours && thenCompare)
                for (const QString& name : m_session.branches().names())
                    if (m_session.branches().idOf(name) == branch)
                        analyseBranch(name);
        });
}

void Workflow::compare()
{
    if (!m_session.model() || !m_session.data() || !m_session.record())
        return;
    m_compareWhenSolved = m_session.solvable();
    if (m_compareWhenSolved)
        solveAgain();
    else
        startComparison();
}

void Workflow::startComparison()
{
    const int recordSerial = m_session.recordSerial();
    const int dataSerial = m_session.dataSerial();
    const int branch = m_session.branches().currentId();
    const QPointer<Workflow> self(this);
    // What is known of all samples is not given up for what is known of some.
    const auto show = [self, branch, model = m_session.model()](const ComparisonResult& soFar) {
        if (self && model == self->m_session.model())
            self->m_session.branches().within(branch, [&] {
                Session& session = self->m_session;
                const auto& known = session.result().comparison;
                if (!known || session.comparisonStale() || !known->complete())
                    session.setResult(soFar);
            });
    };
    m_jobs.run<ComparisonResult>(
        {jobTag("compare", branch), tr("Compare"), Lane::Compute},
        [spec = m_session.spec(), recordSerial, dataSerial, show, &jobs = m_jobs](const JobContext& job,
                                                                                  const Compute& engine) -> Result<ComparisonResult> {
            QS_TRY(auto ready, quantize(spec));
            CompareOptions options;
            options.publish = [&](std::shared_ptr<const Comparison> comparison) {
                jobs.post([show, soFar = ComparisonResult{std::move(comparison), ready.prepared, ready.quantized, recordSerial, dataSerial}] {
                    show(soFar);
                });
            };
            QS_TRY(auto comparison, qs::compare(engine, *ready.prepared, *ready.quantized, *spec.data, options, job));
            return ComparisonResult{std::move(comparison), std::move(ready.prepared), std::move(ready.quantized), recordSerial, dataSerial};
        },
        [this, branch, model = m_session.model()](Result<ComparisonResult> result) {
            if (!result)
                fail(tr("Compare"), result.error());
            else if (model == m_session.model()) {
                m_session.log(tr("Compared %1 samples in %2 s").arg(result->comparison->samples).arg(result->comparison->seconds, 0, 'f', 1));
                deliver(branch, [&] { m_session.setResult(std::move(*result)); });
                Q_EMIT compared();
            }
        });
}

void Workflow::planExport(const ExportChoice& choice, std::function<void(Result<ExportPlan>)> done)
{
    if (!m_session.model() || (choice.record.empty() && !m_session.record()))
        return;
    m_jobs.run<ExportPlan>(
        {QStringLiteral("plan-export"), tr("Prepare the export"), Lane::Light, true, true},
        [spec = m_session.spec(), choice](const JobContext&, const Compute&) mutable -> Result<ExportPlan> {
            if (!choice.record.empty()) {
                QS_CHECK(checkNotQuantized(*spec.model));
                QS_TRY(spec.given, standardForms().readFactorFile(choice.record));
                QS_TRY(spec.configuration, standardForms().settingsOfFactors(*spec.model, *spec.given, choice.record.string()));
                spec.prepared.reset();
            }
            QS_TRY(const auto ready, quantize(spec));
            return choice.target->plan({ready.prepared.get(), ready.quantized.get(), choice.prefix, choice.saveType});
        },
        std::move(done));
}

void Workflow::writeReport(const std::filesystem::path& file, std::vector<ReportedPoint> searched, std::vector<DiagnosisLine> diagnosis)
{
    ReportInput input = reportInput(m_session);
    input.source.searched = std::move(searched);
    input.source.diagnosis = std::move(diagnosis);
    if (!input.comparison) {
        fail(tr("Report"), {ErrorCode::MissingValue, "the settings have not been compared: compare first (F6)", fileName(file).toStdString()});
        return;
    }
    if (const Result<void> written = qs::writeReport(input, file); !written) {
        fail(tr("Report"), written.error());
        return;
    }
    m_session.log(tr("Written %1").arg(QString::fromStdString(file.string())));
    Q_EMIT reported(QString::fromStdString(file.string()));
}

void Workflow::writeUninplaced(const std::filesystem::path& file)
{
    if (!m_session.model())
        return;
    m_jobs.run<bool>(
        {QStringLiteral("uninplace"), tr("Write without in-place layers"), Lane::Light},
        [model = m_session.model(), file](const JobContext&, const Compute&) -> Result<bool> {
            QS_TRY(const std::string text, uninplacedNet(*model));
            QS_CHECK(writeFile(file, text));
            return true;
        },
        [this, file](const Result<bool>& written) {
            if (!written) {
                fail(tr("Write without in-place layers"), written.error());
                return;
            }
            m_session.log(tr("Written %1").arg(QString::fromStdString(file.string())));
            Q_EMIT exported(QString::fromStdString(file.parent_path().string()));
        });
}

void Workflow::writeExportPlan(const ExportPlan& plan)
{
    const QString folder = plan.files.empty() ? QString() : QString::fromStdString(plan.files.front().path.parent_path().string());
    m_jobs.run<bool>(
        {QStringLiteral("export"), tr("Export"), Lane::Light},
        [plan](const JobContext&, const Compute&) -> Result<bool> {
            QS_CHECK(writeExport(plan));
            return true;
        },
        [this, folder, count = plan.files.size()](const Result<bool>& written) {
            if (!written) {
                fail(tr("Export"), written.error());
                return;
            }
            m_session.log(tr("Exported %1 files to %2").arg(count).arg(folder));
            Q_EMIT exported(folder);
        });
}

void Workflow::compareSample(int sample, const QString& layer, std::function<void(Result<std::shared_ptr<const SampleComparison>>)> done)
{
    if (!m_session.data() || !m_session.record() || !m_session.model())
        return;
    m_jobs.run<std::shared_ptr<const SampleComparison>>(
        {QStringLiteral("sample"), tr("Compare one sample"), Lane::Compute, true, true},
        [spec = m_session.spec(), sample, name = layer.toStdString()](const JobContext& job,
                                                                      const Compute& engine) -> Result<std::shared_ptr<const SampleComparison>> {
            QS_TRY(const auto ready, quantize(spec));
            return qs::compareSample(engine, *ready.prepared, *ready.quantized, *spec.data, sample, name, job);
        },
        std::move(done));
}

void Workflow::integerSample(int sample, const QString& layer, std::function<void(Result<std::shared_ptr<const IntegerSample>>)> done)
{
    if (!m_session.data() || !m_session.record() || !m_session.model())
        return;
    m_jobs.run<std::shared_ptr<const IntegerSample>>(
        {QStringLiteral("integer-sample"), tr("Run one sample in integers"), Lane::Compute, true, true},
        [spec = m_session.spec(), sample, name = layer.toStdString()](const JobContext& job,
                                                                      const Compute& engine) -> Result<std::shared_ptr<const IntegerSample>> {
            QS_TRY(const auto ready, quantize(spec));
            return qs::integerSample(engine, *ready.quantized, *spec.data, sample, name, job);
        },
        std::move(done));
}

std::filesystem::path Workflow::demoFolder()
{
    const QString candidates[] = {QCoreApplication::applicationDirPath() + QStringLiteral("/../share/quantscope/demo"),
                                  QStringLiteral(QS_SOURCE_DIR "/resources/demo")};
    for (const QString& folder : candidates)
        if (QFileInfo::exists(folder + QStringLiteral("/demo.prototxt")))
            return QDir::cleanPath(folder).toStdString();
    return {};
}

}  // namespace qs

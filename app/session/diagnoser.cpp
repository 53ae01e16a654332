#include "app/session/diagnoser.h"

#include "app/commands/configuration_command.h"
#include "app/session/branches.h"
#include "widgets/common/cause_text.h"
#include "widgets/common/error_text.h"

#include <QPointer>

namespace qs {

namespace {

/// Enough that a class more or less is no accident, few enough to wait for.
constexpr int remedySamples = 32;
constexpr size_t reportedLayers = 5;
constexpr auto diagnoseTag = "diagnose";
constexpr auto remedyTag = "remedies";

}  // namespace

Diagnoser::Diagnoser(Workflow& workflow, Live& live, QObject* parent)
    : QObject(parent), m_session(workflow.session()), m_jobs(workflow.jobs()), m_live(live)
{
    connect(&m_jobs, &JobRunner::finished, this, &Diagnoser::changed);
}

bool Diagnoser::ready() const
{
    return m_session.model() && m_session.data() && m_session.record() && m_session.preparedIsFresh();
}

bool Diagnoser::running() const
{
    return m_jobs.running(QLatin1String(diagnoseTag));
}

bool Diagnoser::trying() const
{
    return m_jobs.running(QLatin1String(remedyTag));
}

const DiagnosisResult& Diagnoser::result() const
{
    return m_session.content().diagnosis;
}

bool Diagnoser::stale() const
{
    return result().staleFor(m_session.recordSerial(), m_session.dataSerial(), m_session.configuration());
}

void Diagnoser::run()
{
    if (!ready())
        return;
    const int branch = m_session.branches().currentId();
    const int samples = m_session.calibration() ? m_session.calibration()->samples : remedySamples;
    DiagnosisResult frame{nullptr, m_session.configuration(), m_session.recordSerial(), m_session.dataSerial(), {}};
    m_jobs.run<std::shared_ptr<const Diagnosis>>(
        {QLatin1String(diagnoseTag), tr("Diagnose"), Lane::Compute, false, false, this},
        [spec = m_session.spec(), samples](const JobContext& job, const std::shared_ptr<Engine>& engine) -> Result<std::shared_ptr<const Diagnosis>> {
            QS_TRY(const auto ready, quantize(spec));
            return diagnose(engine, *ready.prepared, *ready.quantized, *spec.data, samples, job);
        },
        [this, branch, frame, model = m_session.model()](Result<std::shared_ptr<const Diagnosis>> diagnosis) mutable {
            if (!diagnosis) {
                if (diagnosis.error().code != ErrorCode::Cancelled)
                    m_session.log(tr("Diagnose") + QStringLiteral(": ") + errorMessage(diagnosis.error()));
            } else if (model == m_session.model()) {
                frame.diagnosis = std::move(*diagnosis);
                m_session.branches().within(branch, [&] { m_session.setDiagnosis(std::move(frame)); });
            }
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

QString Diagnoser::cannotTry(const QString& layer) const
{
    const DiagnosisResult& now = result();
    if (!now.diagnosis || !now.diagnosis->layer(layer.toStdString()))
        return tr("Diagnose first.");
    if (!m_session.calibration())
        return tr("These factors come from a file: only a calibration (F5) can answer for other settings.");
    if (!ready() || m_session.solvable() || m_session.calibrationStale())
        return tr("Calibrate (F5) first: the factors are not of these settings.");
    return {};
}

bool Diagnoser::canApply(const QString& layer) const
{
    const auto found = result().remedies.find(layer.toStdString());
    return found != result().remedies.end() && sameSettings(found->second.configuration, m_session.configuration());
}

void Diagnoser::tryRemedies(const QString& layer)
{
    if (!cannotTry(layer).isEmpty() || trying())
        return;
    const int branch = m_session.branches().currentId();
    const QPointer<Diagnoser> self(this);
    const auto diagnosis = result().diagnosis;
    const auto show = [self, branch, layer = layer.toStdString(), diagnosis,
                       configuration = m_session.configuration()](const LayerRemedies& remedies) {
        if (!self)
            return;
        Session& session = self->m_session;
        session.branches().within(branch, [&] {
            DiagnosisResult found = session.content().diagnosis;
            // A newer diagnosis knows nothing of these.
            if (found.diagnosis == diagnosis) {
                found.remedies[layer] = {remedies, configuration};
                session.setDiagnosis(std::move(found));
            }
        });
        Q_EMIT self->changed();
    };
    m_jobs.run<LayerRemedies>(
        {QLatin1String(remedyTag), tr("Remedies for %1").arg(layer), Lane::Compute, false, false, this},
        [spec = m_session.spec(), calibration = m_session.calibration(), cache = m_live.cache(),
         serial = static_cast<uint64_t>(m_session.dataSerial()), name = layer.toStdString(), diagnosis, show,
         &jobs = m_jobs](const JobContext& job, const std::shared_ptr<Engine>& engine) -> Result<LayerRemedies> {
            QS_TRY(const auto ready, quantize(spec));
            RemedyTrial trial(engine, ready.prepared, ready.quantized, *calibration, *spec.data,
                              {.samples = remedySamples, .cache = cache, .dataSerial = serial});
            const auto publish = [&](const LayerRemedies& remedies) { jobs.post([show, remedies] { show(remedies); }); };
            return qs::tryRemedies(trial, *ready.prepared, *diagnosis->layer(name), publish, job);
        },
        [this, show](Result<LayerRemedies> remedies) {
            if (remedies)
                show(*remedies);
            else if (remedies.error().code != ErrorCode::Cancelled)
                m_session.log(tr("Remedies") + QStringLiteral(": ") + errorMessage(remedies.error()));
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

std::vector<DiagnosisLine> Diagnoser::reported() const
{
    const DiagnosisResult& now = result();
    if (!now.diagnosis || stale())
        return {};
    std::vector<DiagnosisLine> lines;
    for (const LayerDiagnosis* layer : now.diagnosis->worst(reportedLayers)) {
        DiagnosisLine& line = lines.emplace_back(DiagnosisLine{.layer = layer->layer, .local = layer->local.cosine});
        QStringList causes;
        for (const Cause& cause : layer->causes)
            causes << causeMessage(cause);
        line.causes = causes.join(QStringLiteral("; ")).toStdString();
        const auto tried = now.remedies.find(layer->layer);
        if (!canApply(QString::fromStdString(layer->layer)) || tried->second.remedies.results.empty())
            continue;
        const LayerRemedies& remedies = tried->second.remedies;
        const RemedyResult& best = remedies.best();
        line.remedy = (&best == &remedies.before ? tr("nothing that was tried") : remedyMessage(best.change)).toStdString();
        line.localThen = best.local.cosine;
        line.outputThen = best.output.cosine;
        line.outputNow = remedies.before.output.cosine;
    }
    return lines;
}

void Diagnoser::apply(const QString& layer, size_t remedy, const QString& branch)
{
    const auto found = result().remedies.find(layer.toStdString());
    if (!canApply(layer) || remedy >= found->second.remedies.results.size())
        return;
    const RemedyChange change = found->second.remedies.results[remedy].change;
    if (!branch.isEmpty())
        m_session.branches().create(branch);
    editConfiguration(m_session, tr("%1: %2").arg(QString::fromStdString(change.layer), remedyMessage(change)),
                      [&](Configuration& configuration) { configuration = withRemedy(std::move(configuration), change); });
}

}  // namespace qs

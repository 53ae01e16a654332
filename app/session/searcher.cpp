#include "app/session/searcher.h"

#include "app/commands/configuration_command.h"
#include "core/base/json.h"
#include "core/targets/forms.h"
#include "widgets/common/assignment_text.h"
#include "widgets/common/error_text.h"

#include <QCryptographicHash>
#include <QFile>
#include <QPointer>
#include <QStandardPaths>

namespace qs {

Searcher::Searcher(Workflow& workflow, Live& live, QObject* parent)
    : QObject(parent), m_session(workflow.session()), m_jobs(workflow.jobs()), m_live(live)
{
    connect(&m_jobs, &JobRunner::changed, this, &Searcher::changed);
}

bool Searcher::running() const
{
    return m_jobs.running(QStringLiteral("search"));
}

bool Searcher::stale() const
{
    return m_result && (m_model != m_session.model() || m_dataSerial != m_session.dataSerial());
}

std::vector<ReportedPoint> Searcher::front() const
{
    std::vector<ReportedPoint> points;
    if (m_result && !stale())
        for (const size_t i : m_result->front) {
            const SearchPoint& point = m_result->points[i];
            points.push_back({1 - point.share, point.cosine, assignmentText(point.assignment).toStdString()});
        }
    return points;
}

QString Searcher::journalFor(const SearchGoal& goal, int samples) const
{
    // Whatever makes a search another one is in its name; the journal itself is checked by its fingerprint.
    QCryptographicHash hash(QCryptographicHash::Sha1);
    hash.addData(QByteArray::fromStdString(m_session.modelPath().string()));
    hash.addData(QByteArray::fromStdString(standardForms().writeSettings(*m_session.model(), m_session.configuration())));
    hash.addData(QByteArray::fromStdString(m_session.dataSpec()->path.string()));
    QString words = QStringLiteral("%1 %2 %3 %4 %5 %6 %7")
                        .arg(static_cast<int>(goal.target))
                        .arg(goal.value, 0, 'g', 17)
                        .arg(goal.budget, 0, 'g', 17)
                        .arg(goal.byWeights)
                        .arg(goal.snq)
                        .arg(samples)
                        .arg(m_session.dataSpec()->limit.value_or(0));
    for (const int bits : goal.bits)
        words += QStringLiteral(" %1").arg(bits);
    hash.addData(words.toUtf8());
    return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) +
           QStringLiteral("/tune/%1.json").arg(QString::fromLatin1(hash.result().toHex().left(16)));
}

void Searcher::start(const SearchGoal& goal, int samples)
{
    if (running() || !m_session.model() || !m_session.data() || !m_session.calibration() || !m_session.preparedIsFresh())
        return;
    m_goal = goal;
    m_error.clear();
    m_result.reset();
    m_model = m_session.model();
    m_base = m_session.configuration();
    m_dataSerial = m_session.dataSerial();
    SearchOptions options;
    options.goal = goal;
    options.samples = samples;
    options.journal = journalFor(goal, samples).toStdString();
    options.cache = m_live.cache();
    options.dataSerial = static_cast<uint64_t>(m_dataSerial);
    const QPointer<Searcher> self(this);
    options.publish = [self, &jobs = m_jobs](std::shared_ptr<const SearchResult> result) {
        jobs.post([self, result] {
            if (!self)
                return;
            self->m_result = result;
            Q_EMIT self->changed();
        });
    };
    m_jobs.run<std::shared_ptr<const SearchResult>>(
        {QStringLiteral("search"), tr("Search settings"), Lane::Compute, false, false, this},
        [prepared = m_session.prepared(), calibration = m_session.calibration(), data = m_session.data(), options](
            const JobContext& job, const std::shared_ptr<Engine>& engine) {
            return searchSettings(engine, prepared, *calibration, *data, options, job);
        },
        [this](Result<std::shared_ptr<const SearchResult>> result) {
            if (result)
                m_result = std::move(*result);
            else if (result.error().code != ErrorCode::Cancelled) {
                m_error = errorMessage(result.error());
                m_session.log(tr("Search settings") + QStringLiteral(": ") + m_error);
            }
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

void Searcher::pause()
{
    m_jobs.cancelTag(QStringLiteral("search"));
}

void Searcher::forget(const SearchGoal& goal, int samples)
{
    if (running() || !m_session.model() || !m_session.dataSpec())
        return;
    QFile::remove(journalFor(goal, samples));
    m_result.reset();
    m_error.clear();
    Q_EMIT changed();
}

void Searcher::apply(size_t point)
{
    if (!m_result || stale() || point >= m_result->points.size())
        return;
    const SearchAssignment& assignment = m_result->points[point].assignment;
    editConfiguration(m_session, tr("Settings found by the search"),
                      [&](Configuration& configuration) { configuration = applyAssignment(m_base, assignment); });
}

}  // namespace qs

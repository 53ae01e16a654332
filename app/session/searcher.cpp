#include "app/session/searcher.h"

#include "app/commands/configuration_command.h"
#include "widgets/common/assignment_text.h"
#include "widgets/common/error_text.h"

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
    SearchOptions options;
    options.goal = goal;
    options.samples = samples;
    return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) +
           QStringLiteral("/tune/%1.json")
               .arg(QString::fromStdString(searchName(*m_session.prepared(), *m_session.calibration(), *m_session.data(), options)));
}

bool Searcher::ready() const
{
    return m_session.model() && m_session.data() && m_session.calibration() && m_session.preparedIsFresh();
}

void Searcher::start(const SearchGoal& goal, int samples)
{
    if (running() || !ready())
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
    if (running() || !ready())
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

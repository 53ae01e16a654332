#include "app/session/live.h"

#include <QPointer>
#include <QSettings>

#include <unistd.h>
#include <algorithm>

namespace qs {

namespace {

constexpr int subset = 8;
constexpr auto tag = "live";

size_t quarterOfMemory()
{
    return static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE)) / 4;
}

}  // namespace

Live::Live(Workflow& workflow, QObject* parent) : QObject(parent), m_workflow(workflow), m_session(workflow.session()), m_jobs(workflow.jobs())
{
    const QSettings settings;
    m_enabled = settings.value(QStringLiteral("live"), true).toBool();
    const qulonglong mebibytes = settings.value(QStringLiteral("cacheMiB"), 0).toULongLong();
    m_cache = std::make_shared<ValueCache>(mebibytes > 0 ? mebibytes << 20 : quarterOfMemory());
    connect(&m_session, &Session::changed, this, [this] {
        if (m_sensitivity.model != m_session.model())
            m_sensitivity = {};
        if (m_model.lock() != m_session.model())
            forget();
        follow();
    });
    // A comparison that was asked for may have kept it waiting.
    connect(&m_jobs, &JobRunner::finished, this, &Live::follow);
}

void Live::setEnabled(bool on)
{
    m_enabled = on;
    QSettings().setValue(QStringLiteral("live"), on);
    if (!on)
        m_jobs.cancelTag(QLatin1String(tag));
    follow();
    Q_EMIT changed();
}

void Live::forget()
{
    m_model = m_session.model();
    m_jobs.run<bool>(
        {QStringLiteral("forget"), tr("Memory for values"), Lane::Compute, true, true, this},
        [cache = m_cache, bench = m_bench](const JobContext&, const std::shared_ptr<Engine>&) -> Result<bool> {
            *bench = {};
            cache->clear();
            cache->setBudget(cache->budget());
            return true;
        },
        [this](const Result<bool>&) { Q_EMIT changed(); });
}

void Live::setCacheBudget(size_t bytes)
{
    QSettings().setValue(QStringLiteral("cacheMiB"), static_cast<qulonglong>(bytes >> 20));
    m_jobs.run<bool>(
        {QStringLiteral("cache"), tr("Memory for values"), Lane::Compute, true, true, this},
        [cache = m_cache, bytes](const JobContext&, const std::shared_ptr<Engine>&) -> Result<bool> {
            cache->setBudget(bytes);
            return true;
        },
        [this](const Result<bool>&) { Q_EMIT changed(); });
}

Live::State Live::state() const
{
    return {m_session.prepared(), m_session.data(), m_session.recordSerial(), m_session.dataSerial()};
}

bool Live::canFollow() const
{
    // What the last calibration cannot answer needs another; a comparison that was asked for brings its own figures.
    return m_enabled && m_session.model() && m_session.data() && m_session.record() && m_session.result().comparison && m_session.preparedIsFresh() &&
           !m_session.solvable() && !m_session.calibrationStale() && !m_jobs.running(QStringLiteral("compare")) &&
           !m_jobs.running(QStringLiteral("calibrate")) && !m_jobs.running(QStringLiteral("solve"));
}

void Live::follow()
{
    if (m_following && (!canFollow() || !(*m_following == state()))) {
        // The next edit is what counts now.
        m_following.reset();
        m_jobs.cancelTag(QLatin1String(tag));
    }
    if (m_following || !canFollow() || m_failed == state())
        return;
    const bool known = !m_session.comparisonStale() && m_session.result().comparison->complete();
    if (!known)
        start(subset);
}

void Live::start(int most)
{
    m_following = state();
    // Its address is told to the worker, never followed there: what comes back is looked up on this thread.
    const QPointer<Live> self(this);
    m_jobs.run<Answer>(
        {QLatin1String(tag), tr("Follow the settings"), Lane::Compute, most == subset, true, this},
        [bench = m_bench, cache = m_cache, state = *m_following, record = *m_session.record(), most, self, &jobs = m_jobs](
            const JobContext& job, const std::shared_ptr<Engine>& engine) -> Result<Answer> {
            if (!bench->live)
                bench->live = std::make_unique<LiveBench>(engine, cache);
            LiveBench& live = *bench->live;
            // The next slice of the same settings goes on with what is there.
            if (!(bench->state == state)) {
                const auto before = live.quantized();
                QS_TRY(const auto changed, quantizeNetwork(*state.prepared, record, before.get()));
                live.setState(state.prepared, changed, state.data, static_cast<uint64_t>(state.dataSerial));
                bench->state = state;
            }
            const auto quantized = live.quantized();
            const auto publish = [&](std::shared_ptr<const Comparison> comparison) {
                jobs.post([self, state, answer = Answer{std::move(comparison), quantized}] {
                    if (self)
                        self->take(state, answer);
                });
            };
            QS_TRY(auto comparison, live.refresh({.subset = subset, .most = most, .publish = publish}, job));
            return Answer{std::move(comparison), quantized};
        },
        [this, state = *m_following, most](Result<Answer> answer) {
            if (!m_following || !(*m_following == state))
                return;
            m_following.reset();
            if (!answer) {
                // What failed once fails again until something changes.
                if (answer.error().code != ErrorCode::Cancelled) {
                    m_failed = state;
                    m_session.log(tr("Follow the settings: %1").arg(QString::fromStdString(errorText(answer.error()))));
                }
                return;
            }
            const bool full = answer->comparison->complete();
            const double seconds = answer->comparison->seconds;
            if (most > subset)
                m_slice = std::clamp(seconds < 0.15 ? m_slice * 2 : seconds > 0.4 ? m_slice / 2 : m_slice, 1, 1 << 20);
            m_following = state;  // taking the answer must not start another
            take(state, std::move(*answer));
            m_following.reset();
            if (!full && canFollow() && state == this->state())
                start(most + m_slice);
        });
}

void Live::take(const State& state, Answer answer)
{
    if (!m_following || !(*m_following == state) || !(state == this->state()))
        return;
    m_session.setResult({std::move(answer.comparison), state.prepared, std::move(answer.quantized), state.recordSerial, state.dataSerial});
    Q_EMIT changed();
}

void Live::runSensitivity()
{
    if (!m_session.record() || !m_session.data() || !m_session.preparedIsFresh())
        return;
    const QPointer<Live> self(this);
    SensitivityResult frame{nullptr, m_session.model(), m_session.configuration(), m_session.recordSerial(), m_session.dataSerial()};
    const auto show = [self, frame](std::shared_ptr<const Sensitivity> sensitivity) {
        if (!self || self->m_session.model() != frame.model)
            return;
        self->m_sensitivity = frame;
        self->m_sensitivity.sensitivity = std::move(sensitivity);
        Q_EMIT self->changed();
    };
    m_jobs.run<std::shared_ptr<const Sensitivity>>(
        {QStringLiteral("sensitivity"), tr("Sensitivity"), Lane::Compute, false, false, this},
        [spec = m_session.spec(), cache = m_cache, show, &jobs = m_jobs, serial = static_cast<uint64_t>(m_session.dataSerial())](
            const JobContext& job, const std::shared_ptr<Engine>& engine) -> Result<std::shared_ptr<const Sensitivity>> {
            QS_TRY(const auto ready, quantize(spec));
            IncrementalEvaluator evaluator(engine, ready.prepared->network, cache);
            SensitivityOptions options{.samples = subset, .predict = true, .dataSerial = serial, .publish = {}};
            options.publish = [&](std::shared_ptr<const Sensitivity> sensitivity) { jobs.post([show, sensitivity] { show(sensitivity); }); };
            return qs::sensitivity(evaluator, *ready.quantized, *spec.data, options, job);
        },
        [this, show](Result<std::shared_ptr<const Sensitivity>> sensitivity) {
            if (sensitivity)
                show(std::move(*sensitivity));
            else if (sensitivity.error().code == ErrorCode::Cancelled)
                m_session.log(tr("Sensitivity: cancelled"));
            else
                m_session.log(tr("Sensitivity: %1").arg(QString::fromStdString(errorText(sensitivity.error()))));
        });
}

bool Live::sensitivityStale() const
{
    return m_sensitivity.sensitivity &&
           (m_sensitivity.recordSerial != m_session.recordSerial() || m_sensitivity.dataSerial != m_session.dataSerial() ||
            !sameSettings(m_sensitivity.configuration, m_session.configuration()));
}

}  // namespace qs

#include "app/session/job_runner.h"

#include "widgets/common/error_text.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QThread>

#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>

namespace qs {

namespace {

constexpr size_t historyLength = 50;

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

namespace {

constexpr const char* threadsKey = "threads";

int rememberedThreads()
{
    const int all = std::max(1, QThread::idealThreadCount());
    const int threads = QSettings().value(QLatin1String(threadsKey), all).toInt();
    return threads >= 1 && threads <= all ? threads : all;
}

}  // namespace

JobRunner::JobRunner(QObject* parent) : QObject(parent), m_threads(rememberedThreads())
{
    // Progress is polled ten times a second, never posted: a fast job would flood the event loop.
    m_timer.setInterval(100);
    connect(&m_timer, &QTimer::timeout, this, &JobRunner::changed);
    for (const Lane lane : {Lane::Light, Lane::Compute})
        worker(lane).thread = std::thread([this, lane] { loop(lane); });
}

JobRunner::~JobRunner()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
        for (Worker& worker : m_workers) {
            worker.queue.clear();
            if (worker.current)
                worker.current->stop.request_stop();
            worker.wake.notify_all();
        }
    }
    for (Worker& worker : m_workers)
        worker.thread.join();
}

int JobRunner::enqueue(const JobRequest& request, std::shared_ptr<Job> job)
{
    job->info.id = m_nextId++;
    job->info.tag = request.tag;
    job->info.title = request.title;
    job->info.lane = request.lane;
    job->info.quiet = request.quiet;
    job->interactive = request.interactive;
    const int id = job->info.id;
    {
        const std::lock_guard lock(m_mutex);
        for (auto& [otherId, other] : m_active)
            if (other->info.tag == request.tag) {
                other->superseded = true;
                requestStop(other);
            }
        Worker& lane = worker(request.lane);
        if (request.interactive)
            lane.queue.push_front(job);
        else
            lane.queue.push_back(job);
        lane.wake.notify_one();
    }
    m_active.emplace(id, std::move(job));
    m_timer.start();
    Q_EMIT changed();
    return id;
}

void JobRunner::setThreads(int count)
{
    m_threads = count;
    // All of them is no setting: another machine has other ones.
    if (count == QThread::idealThreadCount())
        QSettings().remove(QLatin1String(threadsKey));
    else
        QSettings().setValue(QLatin1String(threadsKey), count);
    run<bool>(
        {QStringLiteral("threads"), tr("Threads"), Lane::Compute, true, true, this},
        [count](const JobContext&, const std::shared_ptr<Engine>& engine) -> Result<bool> {
            engine->setThreads(count);
            return true;
        },
        [](const Result<bool>&) {});
}

void JobRunner::requestStop(const std::shared_ptr<Job>& job)
{
    job->stop.request_stop();
    job->info.cancelling = true;
    auto& queue = worker(job->info.lane).queue;
    const auto waiting = std::find(queue.begin(), queue.end(), job);
    if (waiting == queue.end())
        return;
    // It has not begun: it ends here. What it holds (a calibration's histograms) must not wait behind a long job of its lane.
    queue.erase(waiting);
    job->error = cancelledError();
    job->fail(*job->error);
    job->work = {};
    job->info.state = JobState::Cancelled;
    m_posted.push_back([this, id = job->info.id] { finish(id); });
    QMetaObject::invokeMethod(this, "deliver", Qt::QueuedConnection);
}

void JobRunner::loop(Lane lane)
{
    // Where all processors compute, the window goes first; the engine's threads are made by this one, and like it.
    if (lane == Lane::Compute)
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 5);
    Worker& self = worker(lane);
    std::shared_ptr<Engine> engine;
    for (;;) {
        std::shared_ptr<Job> job;
        {
            std::unique_lock lock(m_mutex);
            self.current.reset();
            self.wake.wait(lock, [&] { return m_ending || !self.queue.empty(); });
            if (m_ending)
                return;
            job = self.queue.front();
            self.queue.pop_front();
            begin(self, job);
        }
        execute(job, engine);
        const std::lock_guard lock(m_mutex);
        self.current.reset();
        if (m_ending)
            return;
    }
}

void JobRunner::begin(Worker& lane, const std::shared_ptr<Job>& job)
{
    lane.current = job;
    job->info.state = JobState::Running;
    job->start = std::chrono::steady_clock::now();
}

void JobRunner::execute(const std::shared_ptr<Job>& job, std::shared_ptr<Engine>& engine)
{
    compute(job, engine);
    // Only the number crosses the border: whatever the job holds is released where it was made.
    post([this, id = job->info.id] { finish(id); });
}

void JobRunner::post(std::function<void()> call)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_ending)
            return;
        m_posted.push_back(std::move(call));
    }
    // By name: the event carries nothing, and what is called crosses under our own lock (which the thread sanitizer sees, unlike Qt's).
    QMetaObject::invokeMethod(this, "deliver", Qt::QueuedConnection);
}

void JobRunner::deliver()
{
    std::function<void()> call;
    {
        const std::lock_guard lock(m_mutex);
        if (m_posted.empty())
            return;
        call = std::move(m_posted.front());
        m_posted.pop_front();
    }
    call();
}

void JobRunner::letInteractivePass(Worker& lane, std::shared_ptr<Engine>& engine)
{
    std::shared_ptr<Job> interrupted;
    for (;;) {
        std::shared_ptr<Job> job;
        {
            const std::lock_guard lock(m_mutex);
            if (!interrupted)
                interrupted = lane.current;
            if (m_ending || lane.queue.empty() || !lane.queue.front()->interactive) {
                lane.current = interrupted;
                return;
            }
            job = lane.queue.front();
            lane.queue.pop_front();
            begin(lane, job);
        }
        execute(job, engine);
    }
}

void JobRunner::compute(const std::shared_ptr<Job>& job, std::shared_ptr<Engine>& engine)
{
    JobContext context;
    context.stop = job->stop.get_token();
    context.progress = [this, raw = job.get(), &engine](const Progress& progress) {
        {
            const std::lock_guard lock(m_mutex);
            raw->info.progress = progress;
        }
        if (!raw->interactive)
            letInteractivePass(worker(raw->info.lane), engine);
    };
    std::optional<Error> error;
    try {
        if (context.cancelled())
            error = cancelledError();
        else if (job->info.lane == Lane::Compute && !engine) {
            Result<std::shared_ptr<Engine>> opened = openEngine();
            if (opened) {
                engine = *opened;
                engine->setThreads(m_threads);
                const std::lock_guard lock(m_mutex);
                m_engineDescription = QString::fromStdString(engine->description());
            } else
                error = opened.error();
        }
        if (error)
            job->fail(*error);
        else
            error = job->work(context, engine);
    } catch (const std::bad_alloc&) {
        error = Error{ErrorCode::Internal, "out of memory", {}};
        job->fail(*error);
    } catch (const std::exception& exception) {
        error = Error{ErrorCode::Internal, exception.what(), {}};
        job->fail(*error);
    }
    const std::lock_guard lock(m_mutex);
    job->error = error;
    job->info.seconds = secondsSince(job->start);
    job->info.state = !error ? JobState::Done : error->code == ErrorCode::Cancelled ? JobState::Cancelled : JobState::Failed;
}

void JobRunner::finish(int id)
{
    const auto found = m_active.find(id);
    if (found == m_active.end())
        return;
    const std::shared_ptr<Job> job = found->second;
    m_active.erase(found);
    if (job->error && job->error->code != ErrorCode::Cancelled)
        job->info.error = errorMessage(*job->error);
    if (!job->info.quiet || job->info.state == JobState::Failed) {
        m_history.push_front(job->info);
        if (m_history.size() > historyLength)
            m_history.pop_back();
    }
    if (m_active.empty())
        m_timer.stop();
    if (!job->superseded)
        job->done();
    Q_EMIT changed();
    if (!job->superseded)
        Q_EMIT finished(job->info);
}

void JobRunner::cancel(int id)
{
    if (const auto found = m_active.find(id); found != m_active.end()) {
        const std::lock_guard lock(m_mutex);
        requestStop(found->second);
    }
    Q_EMIT changed();
}

void JobRunner::cancelTag(const QString& tag)
{
    for (const auto& [id, job] : m_active)
        if (job->info.tag == tag) {
            const std::lock_guard lock(m_mutex);
            requestStop(job);
        }
    Q_EMIT changed();
}

void JobRunner::cancelAll()
{
    for (const auto& [id, job] : m_active)
        if (!job->info.quiet) {
            const std::lock_guard lock(m_mutex);
            requestStop(job);
        }
    Q_EMIT changed();
}

bool JobRunner::busy() const
{
    return !m_active.empty();
}

bool JobRunner::running(const QString& tag) const
{
    return std::any_of(m_active.begin(), m_active.end(),
                       [&](const auto& entry) { return entry.second->info.tag == tag && !entry.second->superseded; });
}

JobInfo JobRunner::snapshot(const Job& job) const
{
    const std::lock_guard lock(m_mutex);
    JobInfo info = job.info;
    if (info.state == JobState::Running) {
        info.seconds = secondsSince(job.start);
        // The first percents say little about the rest.
        if (info.fraction() > 0.02 && info.seconds > 0.3)
            info.secondsLeft = info.seconds * (1 - info.fraction()) / info.fraction();
    }
    return info;
}

std::vector<JobInfo> JobRunner::jobs() const
{
    std::vector<JobInfo> list;
    for (auto it = m_active.rbegin(); it != m_active.rend(); ++it)
        if (!it->second->info.quiet)
            list.push_back(snapshot(*it->second));
    list.insert(list.end(), m_history.begin(), m_history.end());
    return list;
}

std::optional<JobInfo> JobRunner::current() const
{
    std::optional<JobInfo> best;
    for (const auto& [id, job] : m_active) {
        if (job->info.quiet)
            continue;
        const JobInfo info = snapshot(*job);
        if (!best || (info.state == JobState::Running && (best->state != JobState::Running || info.lane == Lane::Compute)))
            best = info;
    }
    return best;
}

void JobRunner::warmUp()
{
    run<bool>(
        {QStringLiteral("engine"), tr("Opening the engine"), Lane::Compute, false, true},
        [](const JobContext&, const std::shared_ptr<Engine>&) { return Result<bool>(true); }, [](const Result<bool>&) {});
}

QString JobRunner::engineDescription() const
{
    const std::lock_guard lock(m_mutex);
    return m_engineDescription;
}

bool JobRunner::waitUntilIdle(int timeoutMs)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < timeoutMs) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        QCoreApplication::sendPostedEvents();
        if (!busy())
            return true;
        QThread::msleep(2);
    }
    return !busy();
}

}  // namespace qs

// Runs jobs off the GUI thread and brings their results back to it. Two lanes, one thread each: Compute owns the engine and all tensor
// work; Light does what needs no engine (import, prepare, export plan), so that settings stay live while a calibration runs. An interactive job
// overtakes a running one, too: it is run in between when that one reports progress.
#pragma once

#include "core/base/job.h"
#include "core/engine/engine.h"

#include <QObject>
#include <QPointer>
#include <QString>
#include <QTimer>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace qs {

enum class Lane : uint8_t { Light, Compute };
enum class JobState : uint8_t { Queued, Running, Done, Failed, Cancelled };

struct JobInfo {
    int id = 0;
    QString tag;
    QString title;
    Lane lane = Lane::Light;
    JobState state = JobState::Queued;
    std::optional<Progress> progress;  ///< none: it has not said anything yet
    double fraction() const { return progress ? progress->fraction : 0; }
    double seconds = 0;
    double secondsLeft = -1;  ///< below 0: not known
    QString error;
    bool quiet = false;  ///< not listed, not in the status bar
    bool cancelling = false;
};

struct JobRequest {
    QString tag;  ///< a newer job of the same tag supersedes an older one, which never reports back
    QString title;
    Lane lane = Lane::Light;
    bool interactive = false;  ///< goes before what waits
    bool quiet = false;
    QObject* owner = nullptr;  ///< `done` is not called once it is gone; null: the runner lives longer than what `done` holds
};

class JobRunner : public QObject {
    Q_OBJECT

public:
    explicit JobRunner(QObject* parent = nullptr);
    /// Cancels everything and joins.
    ~JobRunner() override;

    /// `work` runs on the lane's thread (the engine is null on Light), `done` on the GUI thread: also for failed and cancelled jobs.
    template <class T>
    int run(const JobRequest& request, std::function<Result<T>(const JobContext&, const std::shared_ptr<Engine>&)> work,
            std::function<void(Result<T>)> done)
    {
        auto slot = std::make_shared<std::optional<Result<T>>>();
        auto job = std::make_shared<Job>();
        job->work = [slot, work = std::move(work)](const JobContext& context, const std::shared_ptr<Engine>& engine) -> std::optional<Error> {
            slot->emplace(work(context, engine));
            return (*slot)->ok() ? std::nullopt : std::optional((*slot)->error());
        };
        job->fail = [slot](Error error) { slot->emplace(std::move(error)); };
        job->done = [slot, done = std::move(done), owned = request.owner != nullptr, owner = QPointer<QObject>(request.owner)] {
            if (*slot && (!owned || owner))
                done(std::move(**slot));
        };
        return enqueue(request, std::move(job));
    }

    /// From a job: has this called on the GUI thread, in the order posted, and before the job's end is told there. Not called once the runner ends:
    /// whoever is captured must be guarded all the same.
    void post(std::function<void()> call);

    void cancel(int id);
    void cancelTag(const QString& tag);
    /// What Esc does: everything that is listed.
    void cancelAll();
    bool busy() const;
    bool running(const QString& tag) const;
    /// Newest first; finished ones too, the last fifty.
    std::vector<JobInfo> jobs() const;
    /// The listed job that the status bar shows.
    std::optional<JobInfo> current() const;
    /// Opens the engine in the background: call it after the first paint.
    void warmUp();
    QString engineDescription() const;
    /// Processors that the engine uses: all of them unless set. Remembered; takes effect behind what runs.
    int threads() const { return m_threads; }
    void setThreads(int count);
    /// For tests and the tour: processes events until nothing runs.
    bool waitUntilIdle(int timeoutMs);

Q_SIGNALS:
    void changed();
    void finished(const qs::JobInfo& job);

private Q_SLOTS:
    void deliver();

private:
    struct Job {
        JobInfo info;
        std::function<std::optional<Error>(const JobContext&, const std::shared_ptr<Engine>&)> work;
        std::function<void(Error)> fail;
        std::function<void()> done;  // touched on the GUI thread only
        std::stop_source stop;
        std::chrono::steady_clock::time_point start;
        std::optional<Error> error;
        bool superseded = false;
        bool interactive = false;
    };
    struct Worker {
        std::thread thread;
        std::deque<std::shared_ptr<Job>> queue;
        std::shared_ptr<Job> current;
        std::condition_variable wake;
    };

    int enqueue(const JobRequest& request, std::shared_ptr<Job> job);
    void loop(Lane lane);
    /// The lane's current job from now on.
    static void begin(Worker& lane, const std::shared_ptr<Job>& job);
    /// Runs it and has its end told on the GUI thread.
    void execute(const std::shared_ptr<Job>& job, std::shared_ptr<Engine>& engine);
    void letInteractivePass(Worker& lane, std::shared_ptr<Engine>& engine);
    void compute(const std::shared_ptr<Job>& job, std::shared_ptr<Engine>& engine);
    void finish(int id);
    JobInfo snapshot(const Job& job) const;
    /// With m_mutex held. One that still waits ends at once.
    void requestStop(const std::shared_ptr<Job>& job);
    Worker& worker(Lane lane) { return m_workers[static_cast<size_t>(lane)]; }

    mutable std::mutex m_mutex;
    std::array<Worker, 2> m_workers;
    bool m_ending = false;
    std::deque<std::function<void()>> m_posted;
    QString m_engineDescription;
    std::atomic<int> m_threads;
    std::map<int, std::shared_ptr<Job>> m_active;  // GUI thread
    std::deque<JobInfo> m_history;                 // GUI thread
    int m_nextId = 1;
    QTimer m_timer;
};

}  // namespace qs

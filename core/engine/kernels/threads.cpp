#include "core/engine/kernels/threads.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <algorithm>
#include <memory>

namespace qs::kernels {

namespace {

struct Team {
    int threads = 1;
    /// As many as are asked for, also where there are fewer processors.
    std::unique_ptr<tbb::global_control> most;
    std::unique_ptr<tbb::task_arena> arena;
};

Team& team()
{
    // Never taken down: at exit the library's threads may be gone before it.
    static Team& one = *new Team;
    return one;
}

/// The pieces of one call. Every thread takes its next piece, and sees that there is none, through the counter: what one has written is seen by the
/// others, also by the thread sanitizer, which does not see into the library.
struct Pieces {
    int64_t count;
    void (*call)(void* context, int64_t i);
    void* context;
    std::atomic<int64_t> next = 1;

    void take()
    {
        for (int64_t i = next.fetch_add(1, std::memory_order_acq_rel); i < count; i = next.fetch_add(1, std::memory_order_acq_rel))
            call(context, i);
    }
};

}  // namespace

void setThreadCount(int count)
{
    team().threads = count;
    if (count > 1)
        team().most = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(count));
    team().arena = count > 1 ? std::make_unique<tbb::task_arena>(count) : nullptr;
}

int threadCount()
{
    return team().threads;
}

void runParallel(int64_t count, void (*call)(void* context, int64_t i), void* context)
{
    const int64_t helpers = std::min<int64_t>(team().threads, count) - 1;
    if (helpers <= 0) {
        for (int64_t i = 0; i < count; ++i)
            call(context, i);
        return;
    }
    Pieces pieces{.count = count, .call = call, .context = context};
    team().arena->execute([&] {
        tbb::task_group helping;
        for (int64_t i = 0; i < helpers; ++i)
            helping.run([&pieces] { pieces.take(); });
        call(context, 0);
        pieces.take();
        helping.wait();
    });
    pieces.next.load(std::memory_order_acquire);
}

}  // namespace qs::kernels

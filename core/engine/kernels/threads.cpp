#include "core/engine/kernels/threads.h"

#include "core/engine/kernels/arena.h"

#include <algorithm>

namespace qs::kernels {

namespace {

int usedThreads = 1;

/// Says to the threads that begin to help what has been written, and to whom they helped what they have done.
std::atomic<int64_t> calls = 0;

/// The pieces of one call. Every thread takes its next piece, and sees that there is none, through the counter: what one has written is seen by the
/// others.
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

void own(void* pieces)
{
    auto& mine = *static_cast<Pieces*>(pieces);
    mine.call(mine.context, 0);
    mine.take();
}

void help(void* pieces)
{
    calls.load(std::memory_order_acquire);
    static_cast<Pieces*>(pieces)->take();
    calls.fetch_add(1, std::memory_order_release);
}

}  // namespace

void setThreadCount(int count)
{
    usedThreads = count;
    setArenaSize(count);
}

int threadCount()
{
    return usedThreads;
}

void runParallel(int64_t count, void (*call)(void* context, int64_t i), void* context)
{
    const int64_t helpers = std::min<int64_t>(usedThreads, count) - 1;
    if (helpers <= 0) {
        for (int64_t i = 0; i < count; ++i)
            call(context, i);
        return;
    }
    Pieces pieces{.count = count, .call = call, .context = context};
    calls.fetch_add(1, std::memory_order_release);
    runInArena(helpers, own, help, &pieces);
    calls.load(std::memory_order_acquire);
}

}  // namespace qs::kernels

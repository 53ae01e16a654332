#include "core/engine/kernels/arena.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <memory>

namespace qs::kernels {

namespace {

struct Arena {
    /// As many threads as are asked for, also where there are fewer processors.
    std::unique_ptr<tbb::global_control> most;
    std::unique_ptr<tbb::task_arena> arena;
};

Arena& arena()
{
    // Never taken down: at exit the library's threads may be gone before it.
    static Arena& one = *new Arena;
    return one;
}

}  // namespace

void setArenaSize(int threads)
{
    if (threads > 1)
        arena().most = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(threads));
    arena().arena = threads > 1 ? std::make_unique<tbb::task_arena>(threads) : nullptr;
}

void runInArena(int64_t helpers, void (*own)(void* context), void (*help)(void* context), void* context)
{
    arena().arena->execute([=] {
        tbb::task_group helping;
        for (int64_t i = 0; i < helpers; ++i)
            helping.run([=] { help(context); });
        own(context);
        helping.wait();
    });
}

}  // namespace qs::kernels

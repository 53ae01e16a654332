// Splitting a range over the processors, and compiling a loop for several instruction sets.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

// One clone per x86-64 level, chosen at load time. Sanitizers run before ifunc resolvers may: plain functions there.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define QS_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define QS_CLONES
#endif

namespace qs {

/// Runs call(context, i) for i in [0, count), possibly side by side.
using ParallelRunner = void (*)(int64_t count, void (*call)(void* context, int64_t i), void* context);

/// The runner of this thread; null runs in turn. Only the compute thread has one (openEngine sets it): the GUI thread must not start a team of
/// its own.
extern thread_local ParallelRunner parallelRunner;

/// Calls work(chunkIndex, begin, end) for pieces of `chunk` elements. The pieces do not depend on the number of threads, so that sums that
/// are combined in chunk order are the same on every machine.
template <class Work>
void forChunks(int64_t count, int64_t chunk, const Work& work)
{
    const int64_t chunks = (count + chunk - 1) / chunk;
    const auto piece = [&](int64_t i) { work(i, i * chunk, std::min(count, (i + 1) * chunk)); };
    if (chunks > 1 && parallelRunner) {
        using Piece = decltype(piece);
        parallelRunner(
            chunks, [](void* context, int64_t i) { (*static_cast<Piece*>(context))(i); }, const_cast<void*>(static_cast<const void*>(&piece)));
        return;
    }
    for (int64_t i = 0; i < chunks; ++i)
        piece(i);
}

/// Calls work(i) for items of very different size, each once: whoever is free takes the next. Large ones had better come first. Inside, there is no
/// further sharing out.
template <class Work>
void forItems(int64_t count, const Work& work)
{
    constexpr int64_t mostThreads = 64;
    std::atomic<int64_t> next = 0;
    forChunks(std::min(count, mostThreads), 1, [&](int64_t, int64_t, int64_t) {
        const ParallelRunner runner = std::exchange(parallelRunner, nullptr);
        for (int64_t i = next++; i < count; i = next++)
            work(i);
        parallelRunner = runner;
    });
}

}  // namespace qs

// Splitting a range over the processors, and running whole passes side by side.
#pragma once

#include "core/base/error.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace qs {

/// Runs call(context, i) for i in [0, count), possibly side by side; i = 0 on the calling thread.
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

/// Calls work(lane, i) for items of very different size, each once: whoever is free takes the next, in order, so large ones had better come first.
/// What belongs to one lane is used by one thread at a time, lane 0 by the caller. With several lanes there is no further sharing out inside.
template <class Work>
void forItems(int64_t count, int64_t lanes, const Work& work)
{
    const int64_t used = std::min(count, lanes);
    std::atomic<int64_t> next = 0;
    forChunks(used, 1, [&](int64_t lane, int64_t, int64_t) {
        const ParallelRunner runner = std::exchange(parallelRunner, used > 1 ? nullptr : parallelRunner);
        for (int64_t i = next++; i < count; i = next++)
            work(lane, i);
        parallelRunner = runner;
    });
}

/// The same for work(i) that needs nothing of its own.
template <class Work>
void forItems(int64_t count, const Work& work)
{
    constexpr int64_t mostThreads = 64;
    forItems(count, mostThreads, [&work](int64_t, int64_t i) { work(i); });
}

/// The same for work(lane, i) that can fail: the error (or exception) is that of the first item that has one, as if they were run in turn. Later ones
/// are no longer begun.
template <class Work>
Result<void> forLanes(int64_t count, int64_t lanes, const Work& work)
{
    std::atomic<int64_t> failed = count;
    std::optional<Error> error;
    std::exception_ptr thrown;
    std::mutex mutex;
    const auto fail = [&](int64_t i, std::optional<Error> found, std::exception_ptr exception) {
        const std::lock_guard lock(mutex);
        if (i > failed)
            return;
        failed = i;
        error = std::move(found);
        thrown = std::move(exception);
    };
    forItems(count, lanes, [&](int64_t lane, int64_t i) {
        if (i > failed)
            return;
        // An exception must not leave the runner's threads.
        try {
            if (const Result<void> done = work(lane, i); !done.ok())
                fail(i, done.error(), nullptr);
        } catch (...) {
            fail(i, std::nullopt, std::current_exception());
        }
    });
    if (thrown)
        std::rethrow_exception(thrown);
    return error ? Result<void>(*std::move(error)) : Result<void>();
}

}  // namespace qs

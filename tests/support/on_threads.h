// Lanes on std::threads instead of the engine's: the thread sanitizer sees how they are made and joined.
#pragma once

#include "core/base/parallel.h"
#include "tests/support/networks.h"

#include <thread>

namespace qs::test {

/// As long as it lives the engine says that it has so many threads, and this thread shares its work out to as many.
class OnThreads {
public:
    explicit OnThreads(int count) : m_engineThreads(engine()->threads()), m_runner(std::exchange(parallelRunner, count > 1 ? run : nullptr))
    {
        engine()->setThreads(count);
    }
    OnThreads(const OnThreads&) = delete;
    OnThreads& operator=(const OnThreads&) = delete;
    ~OnThreads()
    {
        parallelRunner = m_runner;
        engine()->setThreads(m_engineThreads);
    }

private:
    static void run(int64_t count, void (*call)(void* context, int64_t i), void* context)
    {
        const auto half = [=](int64_t first) {
            for (int64_t i = first; i < count; i += 2)
                call(context, i);
        };
        const std::jthread other(half, 1);
        half(0);
    }

    int m_engineThreads;
    ParallelRunner m_runner;
};

}  // namespace qs::test

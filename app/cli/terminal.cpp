#include "app/cli/terminal.h"

#include <csignal>
#include <cstdio>
#include <pthread.h>
#include <unistd.h>

namespace qs::cli {

namespace {

sigset_t interruptions()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

}  // namespace

// Signals are taken by a thread that waits for them: a handler could not lock, and request_stop may.
Terminal::Terminal() : m_interactive(::isatty(STDERR_FILENO) != 0)
{
    sigset_t set = interruptions();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    m_watcher = std::jthread([this](const std::stop_token& ended) {
        const sigset_t watched = interruptions();
        const timespec pause{0, 50'000'000};
        int seen = 0;
        while (!ended.stop_requested()) {
            if (::sigtimedwait(&watched, nullptr, &pause) <= 0)
                continue;
            m_stop.request_stop();
            if (++seen > 1)
                ::_exit(130);
        }
    });
}

Terminal::~Terminal() = default;

JobContext Terminal::job()
{
    return {m_stop.get_token(), m_interactive ? std::function<void(const Progress&)>([this](const Progress& progress) { show(progress); }) : nullptr};
}

void Terminal::show(const Progress& progress)
{
    const auto now = std::chrono::steady_clock::now();
    if (now - m_last < std::chrono::milliseconds(100))
        return;
    m_last = now;
    // A new job begins at 0.
    if (progress.fraction <= 0)
        m_started = now;
    const double elapsed = std::chrono::duration<double>(now - m_started).count();
    const int left = progress.fraction > 0.02 ? static_cast<int>(elapsed / progress.fraction * (1 - progress.fraction)) : -1;
    std::string line = std::to_string(static_cast<int>(progress.fraction * 100)) + " %  " + progress.what;
    if (left >= 0)
        line += "  " + std::to_string(left / 60) + ":" + (left % 60 < 10 ? "0" : "") + std::to_string(left % 60) + " left";
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    m_shown = true;
}

void Terminal::finish()
{
    if (m_shown)
        std::fprintf(stderr, "\r\033[K");
    m_shown = false;
}

}  // namespace qs::cli

#include "app/cli/terminal.h"

#include "core/base/text.h"

#include <unistd.h>
#include <atomic>
#include <csignal>
#include <cstdio>

namespace qs::cli {

namespace {

// Written by the handler, read by another thread: sig_atomic_t is enough for the first only.
std::atomic<int> interruptions = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void interrupt(int)
{
    if (interruptions.fetch_add(1) > 0)
        ::_exit(130);
}

}  // namespace

// The handler only counts (it must not lock); a thread turns the count into a stop request. Blocking the signal and waiting for it would not
// do: libraries start threads of their own before main, which would take it.
Terminal::Terminal() : m_interactive(::isatty(STDERR_FILENO) != 0)
{
    struct sigaction action {};
    action.sa_handler = interrupt;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    m_watcher = std::jthread([this](const std::stop_token& ended) {
        while (!ended.stop_requested()) {
            if (interruptions > 0)
                m_stop.request_stop();
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    });
}

Terminal::~Terminal()
{
    if (m_shown)
        std::fprintf(stderr, "\r\033[K");
}

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
    std::string line = std::to_string(static_cast<int>(progress.fraction * 100)) + " %  " + progressText(progress);
    if (left >= 0)
        line += "  " + std::to_string(left / 60) + ":" + (left % 60 < 10 ? "0" : "") + std::to_string(left % 60) + " left";
    std::fprintf(stderr, "\r\033[K%s", shown(shortened(line)).c_str());
    m_shown = true;
}

}  // namespace qs::cli

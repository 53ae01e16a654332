// Progress with the time left on stderr when it is a terminal, and Ctrl-C as a stop request.
#pragma once

#include "core/base/job.h"

#include <chrono>
#include <thread>

namespace qs::cli {

/// One an execution; clears the progress line at its end. Ctrl-C (SIGINT) and SIGTERM ask the job to stop; a second one ends the program at once.
class Terminal {
public:
    Terminal();
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    JobContext job();

private:
    void show(const Progress& progress);
    std::stop_source m_stop;
    std::jthread m_watcher;
    bool m_interactive;
    bool m_shown = false;
    std::chrono::steady_clock::time_point m_started = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point m_last;
};

}  // namespace qs::cli

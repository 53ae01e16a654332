// For answers that are shown while they grow: not more often than somebody can read them.
#pragma once

#include <chrono>

namespace qs {

class Throttle {
public:
    explicit Throttle(std::chrono::milliseconds pause) : m_pause(pause) {}
    /// True once a pause has gone by since it was true, or since the start.
    bool due()
    {
        const auto now = std::chrono::steady_clock::now();
        if (now - m_last < m_pause)
            return false;
        m_last = now;
        return true;
    }

private:
    std::chrono::milliseconds m_pause;
    std::chrono::steady_clock::time_point m_last = std::chrono::steady_clock::now();
};

}  // namespace qs

#include "app/session/turns.h"

#include <algorithm>

namespace qs {

Turns::Turns(QObject* parent) : QObject(parent)
{
    m_timer.setInterval(0);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (m_resting)
            m_resting = false;
        else
            next();
    });
}

void Turns::ask(QObject* whose, std::function<void()> work)
{
    if (std::any_of(m_waiting.begin(), m_waiting.end(), [&](const Piece& piece) { return piece.whose == whose; }))
        return;
    m_waiting.push_back({whose, std::move(work)});
    if (m_timer.isActive())
        return;
    m_resting = true;
    m_timer.start();
}

void Turns::finish()
{
    while (!m_waiting.empty())
        next();
}

void Turns::next()
{
    Piece piece;
    // Whose end is gone has no piece, and takes no turn.
    while (!m_waiting.empty() && !piece.whose) {
        piece = std::move(m_waiting.front());
        m_waiting.pop_front();
    }
    m_resting = !m_waiting.empty();
    if (!m_resting)
        m_timer.stop();
    if (piece.whose)
        piece.work();
}

}  // namespace qs

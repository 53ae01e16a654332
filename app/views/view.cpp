#include "app/views/view.h"

#include "app/session/turns.h"

#include <QDockWidget>
#include <QEvent>

#include <utility>

namespace qs {

View::View(Workbench& bench, QWidget* parent) : QWidget(parent), m_bench(bench)
{
    connect(&bench.session, &Session::changed, this, &View::refreshSoon);
    connect(&bench.session, &Session::selectionChanged, this, [this] {
        if (seen() && !m_dirty)
            refreshSelection();
        else
            m_dirty = true;
    });
    for (QWidget* up = parent; up; up = up->parentWidget())
        if (const auto* dock = qobject_cast<QDockWidget*>(up))
            connect(dock, &QDockWidget::visibilityChanged, this, [this](bool visible) {
                if (visible && isVisible())
                    refreshIfDirty();
            });
}

bool View::seen() const
{
    return isVisible() && !visibleRegion().isEmpty();
}

void View::refreshWhenSeen()
{
    m_dirty = !seen();
    if (!m_dirty)
        refresh();
}

void View::refreshSoon()
{
    // Another network is shown at once: what is clicked must not be of the one before.
    if (m_model.lock() != m_bench.session.model()) {
        m_model = m_bench.session.model();
        refreshWhenSeen();
        return;
    }
    m_dirty = true;
    if (seen())
        askForTurn();
}

void View::askForTurn()
{
    m_bench.turns.ask(this, [this] {
        if (seen())
            refreshIfDirty();
    });
}

void View::refreshIfDirty()
{
    if (std::exchange(m_dirty, false))
        refresh();
}

bool View::event(QEvent* event)
{
    const bool done = QWidget::event(event);
    if (event->type() == QEvent::PaletteChange)
        refreshWhenSeen();
    else if (event->type() == QEvent::Show)
        refreshIfDirty();
    else if (event->type() == QEvent::Paint && m_dirty)
        // Slid into view while a change came: it was covered then, and nothing else says that it is not any more.
        askForTurn();
    return done;
}

}  // namespace qs

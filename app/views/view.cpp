#include "app/views/view.h"

#include <QDockWidget>
#include <QEvent>

#include <utility>

namespace qs {

View::View(Workbench& bench, QWidget* parent) : QWidget(parent), m_bench(bench)
{
    connect(&bench.session, &Session::changed, this, &View::refreshWhenSeen);
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
        QMetaObject::invokeMethod(this, &View::refreshIfDirty, Qt::QueuedConnection);
    return done;
}

}  // namespace qs

#include "app/views/view.h"

#include <QEvent>

namespace qs {

View::View(Workbench& bench, QWidget* parent) : QWidget(parent), m_bench(bench)
{
    connect(&bench.session, &Session::changed, this, &View::refreshWhenSeen);
    connect(&bench.session, &Session::selectionChanged, this, [this] {
        if (isVisible() && !m_dirty)
            refreshSelection();
        else
            m_dirty = true;
    });
}

void View::refreshWhenSeen()
{
    m_dirty = !isVisible();
    if (!m_dirty)
        refresh();
}

void View::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_dirty) {
        m_dirty = false;
        refresh();
    }
}

void View::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        refreshWhenSeen();
}

}  // namespace qs

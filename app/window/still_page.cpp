#include "app/window/still_page.h"

#include <QEvent>

#include <utility>

namespace qs {

void StillPage::setPage(QWidget* page)
{
    m_page = page;
    page->setParent(this);
    page->setGeometry(rect());
    page->show();
    setFocusProxy(page);
    updateGeometry();
}

QSize StillPage::sizeHint() const
{
    return m_page ? m_page->sizeHint() : QWidget::sizeHint();
}

QSize StillPage::minimumSizeHint() const
{
    return m_page ? m_page->minimumSizeHint().expandedTo(m_page->minimumSize()) : QWidget::minimumSizeHint();
}

bool StillPage::event(QEvent* event)
{
    // While it is hidden it hears nothing.
    if (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Show)
        if (const QSize least = minimumSizeHint(); std::exchange(m_least, least) != least)
            updateGeometry();
    return QWidget::event(event);
}

void StillPage::resizeEvent(QResizeEvent* event)
{
    if (m_page)
        m_page->resize(size());
    QWidget::resizeEvent(event);
}

}  // namespace qs

#include "widgets/common/focus_ring.h"

#include "widgets/common/theme.h"

#include <QAbstractScrollArea>
#include <QEvent>
#include <QLabel>
#include <QPainter>

namespace qs {

FocusRing* FocusRing::around(QWidget* widget)
{
    const bool silent = widget->focusPolicy() == Qt::NoFocus || qobject_cast<QAbstractScrollArea*>(widget) || qobject_cast<QLabel*>(widget);
    // A combo box's list is a window of its own.
    return silent && !widget->isWindow() && widget->window()->windowType() != Qt::Popup ? new FocusRing(widget) : nullptr;
}

FocusRing::FocusRing(QWidget* widget) : QWidget(widget)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
    widget->installEventFilter(this);
    follow();
    show();
}

void FocusRing::follow()
{
    const QRect all = parentWidget()->rect();
    setGeometry(all);
    // The middle is not covered: what scrolls there is not painted twice.
    setMask(QRegion(all) - all.adjusted(1, 1, -1, -1));
    raise();
}

bool FocusRing::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize)
        follow();
    return QWidget::eventFilter(watched, event);
}

void FocusRing::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setPen(mixed(theme().accent, theme().background, 0.4));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

}  // namespace qs

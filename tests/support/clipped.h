// Texts of a window that are cut: of labels, buttons, headers, tabs, titles and boxes. What a table's cells hold is data, which is elided with a
// tooltip.
#pragma once

#include <QAbstractButton>
#include <QComboBox>
#include <QDockWidget>
#include <QGroupBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QStyle>
#include <QStyleOptionComboBox>
#include <QTabBar>
#include <QTextDocument>
#include <QToolButton>

namespace qs {

inline bool cut(const QLabel& label)
{
    if (label.text().isEmpty() || !label.pixmap(Qt::ReturnByValue).isNull())
        return false;
    const QSize room = label.contentsRect().size();
    if (label.wordWrap())
        return label.heightForWidth(label.width()) > label.height() + 1;
    return label.sizeHint().width() > label.width() + 1 || label.fontMetrics().height() > room.height() + 1;
}

inline bool cut(const QTabBar& bar)
{
    for (int i = 0; i < bar.count(); ++i) {
        if (!bar.isTabVisible(i))
            continue;
        const int text = bar.fontMetrics().horizontalAdvance(bar.tabText(i).remove(QLatin1Char('&')));
        if (bar.tabRect(i).width() < text + 8 || !bar.rect().adjusted(-1, -1, 1, 1).contains(bar.tabRect(i)))
            return true;
    }
    return false;
}

inline bool cut(const QHeaderView& header)
{
    if (header.orientation() == Qt::Vertical || !header.model())
        return false;
    for (int i = 0; i < header.count(); ++i)
        if (!header.isSectionHidden(i)) {
            const QString text = header.model()->headerData(i, Qt::Horizontal).toString();
            int wide = 0;
            for (const QString& line : text.split(QLatin1Char('\n')))
                wide = std::max(wide, header.fontMetrics().horizontalAdvance(line));
            if (wide > header.sectionSize(i) - 2)
                return true;
        }
    return false;
}

inline bool cut(const QComboBox& box)
{
    QStyleOptionComboBox option;
    option.initFrom(&box);
    option.editable = box.isEditable();
    const QRect field = box.style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, &box);
    const int icon = box.itemIcon(box.currentIndex()).isNull() ? 0 : box.iconSize().width() + 4;
    return box.fontMetrics().horizontalAdvance(box.currentText()) + icon > field.width() + 1;
}

/// Each as "Class name: text".
inline QStringList clippedTexts(QWidget& root)
{
    QStringList found;
    const auto say = [&](const QWidget* widget, const QString& text) {
        QStringList path;
        for (const QWidget* w = widget; w && w != &root; w = w->parentWidget())
            if (!w->objectName().isEmpty() && !w->objectName().startsWith(QLatin1String("qt_")))
                path.prepend(w->objectName());
        found << QStringLiteral("%1 %2: %3 (%4×%5 of %6×%7)")
                     .arg(QLatin1String(widget->metaObject()->className()), path.join(QLatin1Char('/')), text)
                     .arg(widget->width())
                     .arg(widget->height())
                     .arg(widget->sizeHint().width())
                     .arg(widget->sizeHint().height());
    };
    for (QWidget* widget : root.findChildren<QWidget*>()) {
        if (!widget->isVisible() || widget->window() != root.window() || widget->visibleRegion().isEmpty())
            continue;
        if (const auto* label = qobject_cast<QLabel*>(widget); label && cut(*label))
            say(label, label->text());
        else if (const auto* button = qobject_cast<QAbstractButton*>(widget); button && !button->text().isEmpty()) {
            const auto* tool = qobject_cast<QToolButton*>(widget);
            if ((!tool || tool->toolButtonStyle() != Qt::ToolButtonIconOnly || tool->icon().isNull()) &&
                (button->sizeHint().width() > button->width() + 1 || button->fontMetrics().height() > button->height() + 1))
                say(button, button->text());
        } else if (const auto* tabs = qobject_cast<QTabBar*>(widget); tabs && cut(*tabs))
            say(tabs, tabs->tabText(0));
        else if (const auto* header = qobject_cast<QHeaderView*>(widget); header && cut(*header)) {
            QStringList titles;
            for (int i = 0; i < header->count(); ++i)
                if (!header->isSectionHidden(i))
                    titles << QStringLiteral("%1=%2").arg(header->model()->headerData(i, Qt::Horizontal).toString()).arg(header->sectionSize(i));
            say(header->parentWidget(), titles.join(QLatin1Char('|')));
        } else if (const auto* box = qobject_cast<QComboBox*>(widget); box && cut(*box))
            say(box, box->currentText());
        else if (const auto* group = qobject_cast<QGroupBox*>(widget);
                 group && group->fontMetrics().horizontalAdvance(group->title()) > group->width() - 8)
            say(group, group->title());
        else if (const auto* line = qobject_cast<QLineEdit*>(widget);
                 line && line->text().isEmpty() && line->fontMetrics().horizontalAdvance(line->placeholderText()) > line->width() - 8)
            say(line, line->placeholderText());
        // Whole, but behind the border of what holds it; what scrolls may be.
        if (!qobject_cast<QAbstractButton*>(widget) && !qobject_cast<QLabel*>(widget))
            continue;
        const QWidget* parent = widget->parentWidget();
        if (parent && !parent->rect().adjusted(-1, -1, 1, 1).contains(widget->geometry()) &&
            !parent->objectName().startsWith(QLatin1String("qt_scrollarea")))
            say(widget, QStringLiteral("outside its parent"));
    }
    return found;
}

}  // namespace qs

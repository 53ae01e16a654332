// A line around what has the keyboard, for widgets that do not show it themselves: lists and tables (above all empty ones), texts, links,
// pages that take it only when they are given it.
#pragma once

#include <QWidget>

namespace qs {

class FocusRing final : public QWidget {
public:
    /// Around `widget`, its parent; null where `widget` shows by itself that it has the focus.
    static FocusRing* around(QWidget* widget);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    explicit FocusRing(QWidget* widget);
    void follow();
};

}  // namespace qs

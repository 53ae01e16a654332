// What stands where there is nothing yet: a sentence, and the button that does something about it.
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace qs {

class EmptyPage : public QWidget {
    Q_OBJECT

public:
    explicit EmptyPage(const QString& action = {}, QWidget* parent = nullptr);
    void setText(const QString& text);
    QString text() const;
    QPushButton* button() const { return m_button; }

private:
    QLabel* m_text;
    QPushButton* m_button;
};

}  // namespace qs

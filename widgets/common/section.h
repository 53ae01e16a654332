// A titled part of a page that folds away.
#pragma once

#include <QWidget>

class QToolButton;

namespace qs {

class Section : public QWidget {
    Q_OBJECT

public:
    Section(const QString& title, QWidget* content, QWidget* parent = nullptr);
    bool isOpen() const { return m_open; }
    void setOpen(bool open);

Q_SIGNALS:
    /// By the user.
    void openEdited(bool open);

private:
    QToolButton* m_title;
    QWidget* m_content;
    bool m_open = true;
};

}  // namespace qs

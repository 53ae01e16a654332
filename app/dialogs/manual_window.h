// The user's manual (resources/manual) in a window of its own, in the window's language.
#pragma once

#include <QDialog>

class QLineEdit;
class QListWidget;
class QTextBrowser;

namespace qs {

class ManualWindow : public QDialog {
    Q_OBJECT

public:
    explicit ManualWindow(QWidget* parent);
    /// `page`: name of a file without its suffix ("calibrating").
    void showPage(const QString& page);
    QString page() const;

private:
    void find(bool backward);
    void styleTables();

    QListWidget* m_pages;
    QLineEdit* m_find;
    QTextBrowser* m_text;
};

/// Opens the page in the one manual of `parent`, or in a new one.
void showManual(const QString& page, QWidget* parent);

}  // namespace qs

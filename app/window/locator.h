// Ctrl+K: type a part of a layer's name, press Enter.
#pragma once

#include <QDialog>
#include <QStringList>

class QLineEdit;
class QListWidget;

namespace qs {

class Locator : public QDialog {
    Q_OBJECT

public:
    Locator(QStringList names, QStringList types, QWidget* parent);

Q_SIGNALS:
    void chosen(const QString& layer);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void filter(const QString& text);
    void choose();

    QStringList m_names;
    QStringList m_types;
    QLineEdit* m_edit;
    QListWidget* m_list;
};

}  // namespace qs

// What will be written, what each file is for, and where the result differs from the request.
#pragma once

#include "app/session/workflow.h"

#include <QDialog>
#include <QTimer>

class QDialogButtonBox;
class QLabel;
class QLineEdit;
class QTableWidget;

namespace qs {

class ExportDialog : public QDialog {
    Q_OBJECT

public:
    ExportDialog(const Workbench& bench, const QString& prefix, QWidget* parent);
    QString prefix() const;
    bool planned() const { return m_plan.has_value(); }
    /// Starts the writing; the plan must be there.
    void write();

private:
    void plan();
    void showPlan();

    Workbench m_bench;
    QLineEdit* m_prefix;
    QTableWidget* m_files;
    QLabel* m_differencesTitle;
    QTableWidget* m_differences;
    QLabel* m_note;
    QDialogButtonBox* m_buttons;
    std::optional<ExportPlan> m_plan;
    QTimer m_timer;
};

}  // namespace qs

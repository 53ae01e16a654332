// What will be written, what each file is for, and where the result differs from the request.
#pragma once

#include "app/session/workflow.h"

#include <QDialog>
#include <QTimer>

class QComboBox;
class QDialogButtonBox;
class QLabel;
class QLineEdit;
class QTableWidget;

namespace qs {

class ExportDialog : public QDialog {
    Q_OBJECT

public:
    /// `record`: the user's own factors instead of the session's (convert_model).
    ExportDialog(const Workbench& bench, const QString& prefix, QWidget* parent, std::filesystem::path record = {});
    QString prefix() const;
    bool planned() const { return m_plan.has_value(); }
    /// Starts the writing; the plan must be there.
    void write();

private:
    void plan();
    void showPlan();

    Workbench m_bench;
    std::filesystem::path m_record;
    QLineEdit* m_prefix;
    QComboBox* m_target;
    QComboBox* m_saveType;
    QTableWidget* m_files;
    QLabel* m_differencesTitle;
    QTableWidget* m_differences;
    QLabel* m_note;
    QDialogButtonBox* m_buttons;
    std::optional<ExportPlan> m_plan;
    QTimer m_timer;
};

}  // namespace qs

#include "app/dialogs/export_dialog.h"

#include "widgets/common/error_text.h"
#include "widgets/common/format.h"
#include "widgets/common/tables.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

namespace qs {

namespace {

QTableWidget* makeTable(const QStringList& headers)
{
    auto* table = new QTableWidget(0, static_cast<int>(headers.size()));
    table->setHorizontalHeaderLabels(headers);
    styleTable(table);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->horizontalHeader()->setStretchLastSection(true);
    return table;
}

void addRow(QTableWidget* table, const QStringList& cells)
{
    const int row = table->rowCount();
    table->insertRow(row);
    for (qsizetype i = 0; i < cells.size(); ++i) {
        auto* item = new QTableWidgetItem(cells[i]);
        item->setToolTip(cells[i]);
        table->setItem(row, static_cast<int>(i), item);
    }
}

}  // namespace

ExportDialog::ExportDialog(const Workbench& bench, const QString& prefix, QWidget* parent, std::filesystem::path record)
    : QDialog(parent), m_bench(bench), m_record(std::move(record))
{
    setObjectName(QStringLiteral("exportDialog"));
    setWindowTitle(m_record.empty() ? tr("Export") : tr("Export with the factors of %1").arg(QString::fromStdString(m_record.filename().string())));
    resize(820, 560);
    m_prefix = new QLineEdit(prefix);
    m_prefix->setToolTip(tr("Folder and first part of the files' names"));
    auto* choose = new QPushButton(tr("Choose…"));
    m_target = new QComboBox;
    m_target->setObjectName(QStringLiteral("target"));
    for (const Target& target : targets())
        m_target->addItem(QString::fromUtf8(target.label), QString::fromUtf8(target.name));
    m_target->setCurrentIndex(m_target->findData(QString::fromUtf8(bench.session.target().name)));
    m_target->setToolTip(tr("What reads the files"));
    m_saveType = new QComboBox;
    m_saveType->setObjectName(QStringLiteral("saveType"));
    m_saveType->addItem(tr("Both models"), static_cast<int>(SaveType::Both));
    m_saveType->addItem(tr("Fake-quant model"), static_cast<int>(SaveType::FakeQuant));
    m_saveType->addItem(tr("Deploy model"), static_cast<int>(SaveType::Deploy));
    m_saveType->setToolTip(tr("save_type: Both, Fakequant (accuracy simulation in float) or Deploy (for the chip's compiler)"));
    auto* top = new QHBoxLayout;
    top->addWidget(m_target);
    top->addWidget(m_saveType);
    top->addWidget(new QLabel(tr("Prefix")));
    top->addWidget(m_prefix, 1);
    top->addWidget(choose);
    m_files = makeTable({tr("File"), tr("Size"), tr("What it is for")});
    m_differencesTitle = new QLabel;
    m_differences = makeTable({tr("Layer"), tr("Not as requested")});
    m_note = new QLabel;
    m_note->setWordWrap(true);
    m_buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel);
    m_buttons->button(QDialogButtonBox::Save)->setText(tr("Export"));
    m_buttons->button(QDialogButtonBox::Cancel)->setText(tr("Cancel"));
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(top);
    layout->addWidget(m_files, 3);
    layout->addWidget(m_differencesTitle);
    layout->addWidget(m_differences, 2);
    layout->addWidget(m_note);
    layout->addWidget(m_buttons);
    m_timer.setSingleShot(true);
    m_timer.setInterval(300);
    connect(&m_timer, &QTimer::timeout, this, &ExportDialog::plan);
    const auto planSoon = [this] {
        m_plan.reset();
        m_buttons->button(QDialogButtonBox::Save)->setEnabled(false);
        m_timer.start();
    };
    connect(m_prefix, &QLineEdit::textChanged, this, planSoon);
    connect(m_saveType, &QComboBox::currentIndexChanged, this, planSoon);
    connect(m_target, &QComboBox::currentIndexChanged, this, planSoon);
    connect(choose, &QPushButton::clicked, this, [this] {
        const QString path = QFileDialog::getSaveFileName(this, tr("Prefix of the exported files"), m_prefix->text());
        if (!path.isEmpty())
            m_prefix->setText(path);
    });
    connect(m_buttons, &QDialogButtonBox::accepted, this, [this] {
        write();
        accept();
    });
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    plan();
}

QString ExportDialog::prefix() const
{
    return m_prefix->text();
}

void ExportDialog::plan()
{
    m_buttons->button(QDialogButtonBox::Save)->setEnabled(false);
    m_note->setText(m_bench.session.record() || !m_record.empty() ? tr("Preparing…") : tr("Calibrate first: there are no quantization factors."));
    const Target& chosen = targets()[static_cast<size_t>(m_target->currentIndex())];
    m_saveType->setVisible(chosen.hasSaveTypes);
    const ExportChoice choice{m_prefix->text().toStdString(), static_cast<SaveType>(m_saveType->currentData().toInt()), &chosen, m_record};
    m_bench.workflow.planExport(choice, [dialog = QPointer<ExportDialog>(this)](Result<ExportPlan> plan) {
        if (!dialog)
            return;
        if (!plan) {
            dialog->m_files->setRowCount(0);
            dialog->m_note->setText(errorMessage(plan.error()));
            return;
        }
        dialog->m_plan = std::move(*plan);
        dialog->showPlan();
    });
}

void ExportDialog::showPlan()
{
    m_files->setRowCount(0);
    size_t total = 0;
    for (const ExportFile& file : m_plan->files) {
        addRow(m_files,
               {QString::fromStdString(file.path.filename().string()), countText(static_cast<int64_t>(file.content.size())) + QLatin1Char('B'),
                QCoreApplication::translate("ExportPurpose", file.purpose.c_str())});
        total += file.content.size();
    }
    m_differences->setRowCount(0);
    // One's own factors are the settings: there is nothing else that was asked for.
    const auto effective = m_record.empty() ? m_bench.session.effective() : ById<LayerId, Effective>();
    const auto& model = m_bench.session.model();
    for (const LayerId id : effective.ids()) {
        const QString reason = reasonMessage(effective[id]);
        const std::string& name = model->layer(id).name;
        const auto setting = m_bench.session.configuration().layers.find(name);
        if (!reason.isEmpty() && setting != m_bench.session.configuration().layers.end() && setting->second.quantEnable)
            addRow(m_differences, {QString::fromStdString(name), reason});
    }
    const int differences = m_differences->rowCount();
    m_differences->setVisible(differences > 0);
    m_differencesTitle->setVisible(m_record.empty());
    m_differencesTitle->setText(differences > 0 ? tr("%1 layers differ from the request:").arg(differences) : tr("Every layer is as requested."));
    m_note->setText(tr("%1 files, %2B, all or none are written.").arg(m_plan->files.size()).arg(countText(static_cast<int64_t>(total))));
    m_buttons->button(QDialogButtonBox::Save)->setEnabled(!m_plan->files.empty());
}

void ExportDialog::write()
{
    if (m_plan)
        m_bench.workflow.writeExportPlan(*m_plan);
}

}  // namespace qs

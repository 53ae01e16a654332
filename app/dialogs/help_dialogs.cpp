#include "app/dialogs/help_dialogs.h"

#include "app/session/workflow.h"
#include "core/quant/scheme.h"
#include "core/targets/documentation.h"
#include "core/targets/forms.h"
#include "widgets/common/format.h"
#include "widgets/common/parameter_help.h"
#include "widgets/common/tables.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTableWidget>
#include <QTextBrowser>
#include <QVBoxLayout>

#include <algorithm>

namespace qs {

namespace {

QString translated(const char* text)
{
    return QCoreApplication::translate("Help", text);
}

/// What core says of a type in a few fixed words.
QString wording(const std::string& text)
{
    static constexpr const char* known[] = {
        QT_TRANSLATE_NOOP("Help", "weights and data"),
        QT_TRANSLATE_NOOP("Help", "data"),
        QT_TRANSLATE_NOOP("Help", "data, off by default"),
        QT_TRANSLATE_NOOP("Help", "no"),
        QT_TRANSLATE_NOOP("Help", "runs"),
        QT_TRANSLATE_NOOP("Help", "drawn, not run"),
        QT_TRANSLATE_NOOP("Help", "becomes an input"),
        QT_TRANSLATE_NOOP("Help", "left out"),
    };
    for (const char* word : known)
        if (text == word)
            return translated(word);
    return QString::fromStdString(text);
}

QTableWidget* layerTypeTable()
{
    const QStringList headers{translated(QT_TRANSLATE_NOOP("Help", "Type")),       translated(QT_TRANSLATE_NOOP("Help", "Meaning")),
                              translated(QT_TRANSLATE_NOOP("Help", "Parameters")), translated(QT_TRANSLATE_NOOP("Help", "Quantized")),
                              translated(QT_TRANSLATE_NOOP("Help", "State")),      translated(QT_TRANSLATE_NOOP("Help", "Source"))};
    const auto documents = typeDocuments();
    auto* table = new QTableWidget(static_cast<int>(documents.size()), static_cast<int>(headers.size()));
    table->setObjectName(QStringLiteral("layerTypes"));
    table->setHorizontalHeaderLabels(headers);
    styleTable(table);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setWordWrap(false);
    int row = 0;
    for (const TypeDocument& document : documents) {
        const bool message = *document.message != '\0';
        const QString parameters =
            message ? QStringLiteral("%1 { %2 }").arg(QLatin1String(document.message), QLatin1String(document.parameters)) : QString();
        const QStringList cells{QLatin1String(document.type), QLatin1String(document.meaning), parameters, wording(quantizableText(document.type)),
                                wording(stateText(document)), QLatin1String(document.source)};
        for (qsizetype column = 0; column < cells.size(); ++column) {
            auto* item = new QTableWidgetItem(cells[column]);
            item->setToolTip(cells[column]);  // parameters are wider than the column
            table->setItem(row, static_cast<int>(column), item);
        }
        ++row;
    }
    table->resizeColumnsToContents();
    for (const int column : {1, 5})
        table->setColumnWidth(column, std::min(table->columnWidth(column), column == 1 ? 320 : 200));
    table->horizontalHeader()->setSectionResizeMode(2, QHeaderView::Stretch);
    return table;
}

/// Hides the rows in which no cell contains `text`.
void filterRows(QTableWidget* table, const QString& text)
{
    for (int row = 0; row < table->rowCount(); ++row) {
        bool found = text.isEmpty();
        for (int column = 0; column < table->columnCount() && !found; ++column)
            found = table->item(row, column)->text().contains(text, Qt::CaseInsensitive);
        table->setRowHidden(row, !found);
    }
}

/// `html` in the dialog, with a Close button; shows it.
void showText(QDialog* dialog, const QString& html)
{
    auto* text = new QTextBrowser;
    text->setHtml(html);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(text);
    layout->addWidget(buttons);
    dialog->show();
}

}  // namespace

void showLayerTypes(QWidget* parent)
{
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(translated(QT_TRANSLATE_NOOP("Help", "Layer types")));
    dialog->resize(1240, 640);
    auto* search = new QLineEdit;
    search->setPlaceholderText(translated(QT_TRANSLATE_NOOP("Help", "Search types, parameters and sources")));
    search->setClearButtonEnabled(true);
    QTableWidget* table = layerTypeTable();
    QObject::connect(search, &QLineEdit::textChanged, table, [table](const QString& text) { filterRows(table, text.trimmed()); });
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    buttons->button(QDialogButtonBox::Close)->setAutoDefault(false);  // Enter in the search field must not close the table
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(search);
    layout->addWidget(table);
    layout->addWidget(buttons);
    search->setFocus();
    dialog->show();
}

void showDefinitions(QWidget* parent)
{
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(translated(QT_TRANSLATE_NOOP("Help", "Definitions")));
    dialog->resize(620, 420);
    QString html =
        QStringLiteral("<p>%1</p>")
            .arg(translated(QT_TRANSLATE_NOOP("Help", "x is a layer's float output, y the quantized one, over the whole evaluation set.")));
    for (const char* name : {"cosine", "cosineWorst", "sqnrDb", "mse", "maxAbs", "relL2"})
        html += QStringLiteral("<p><b>%1</b><br>%2</p>")
                    .arg(metricLabel(QLatin1String(name)).toHtmlEscaped(), metricDefinition(QLatin1String(name)).toHtmlEscaped());
    html += QStringLiteral("<p><b>%1</b><br>%2</p>")
                .arg(translated(QT_TRANSLATE_NOOP("Help", "Local error")), metricDefinition(QStringLiteral("local")).toHtmlEscaped());
    html += QStringLiteral("<p><b>%1</b><br>%2</p>")
                .arg(translated(QT_TRANSLATE_NOOP("Help", "Cumulative error")), metricDefinition(QStringLiteral("cumulative")).toHtmlEscaped());
    html +=
        QStringLiteral("<p><b>%1</b><br>%2</p>")
            .arg(translated(QT_TRANSLATE_NOOP("Help", "Requested and effective")),
                 translated(QT_TRANSLATE_NOOP(
                     "Help",
                     "Requested is what the configuration says, effective what really happens; where they differ, the reason stands beside it.")));
    showText(dialog, html);
}

void showKeys(const QString& html, QWidget* parent)
{
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(translated(QT_TRANSLATE_NOOP("Help", "Keys")));
    dialog->resize(420, 560);
    showText(dialog, html);
}

void showParameters(QWidget* parent)
{
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(translated(QT_TRANSLATE_NOOP("Help", "%1's parameters")).arg(QLatin1String(standardForms().tool)));
    dialog->resize(620, 560);
    QString html = QStringLiteral("<p>%1</p>")
                       .arg(translated(QT_TRANSLATE_NOOP("Help", "Those of one layer stand in the inspector, each with its help.")).toHtmlEscaped());
    for (const Parameter& parameter : standardForms().parameters())
        html += parameterHelp(parameter.key);
    showText(dialog, html);
}

void showAbout(const Workbench& bench, QWidget* parent)
{
    const QString engine = bench.jobs.engineDescription();
    QMessageBox::about(
        parent, QStringLiteral("Quantscope"),
        QStringLiteral("<b>Quantscope %1</b><p>%2</p><p>%3</p><p>GPL-3.0-or-later</p>")
            .arg(QStringLiteral(QS_VERSION), translated(QT_TRANSLATE_NOOP("Help", "See what quantization does to a network, layer by layer.")),
                 engine.isEmpty() ? translated(QT_TRANSLATE_NOOP("Help", "The engine is not open yet.")) : engine.toHtmlEscaped()));
}

}  // namespace qs

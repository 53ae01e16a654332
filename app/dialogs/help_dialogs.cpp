#include "app/dialogs/help_dialogs.h"

#include "app/session/workflow.h"
#include "core/quant/parameters.h"
#include "widgets/common/format.h"
#include "widgets/common/parameter_help.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QMessageBox>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace qs {

namespace {

QString translated(const char* text)
{
    return QCoreApplication::translate("Help", text);
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

void showParameters(QWidget* parent)
{
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(translated(QT_TRANSLATE_NOOP("Help", "AMCT's parameters")));
    dialog->resize(620, 560);
    QString html = QStringLiteral("<p>%1</p>")
                       .arg(translated(QT_TRANSLATE_NOOP("Help", "Those of one layer stand in the inspector, each with its help.")).toHtmlEscaped());
    for (const Parameter& parameter : parameters())
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

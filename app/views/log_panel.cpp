#include "app/views/view.h"
#include "app/views/views.h"

#include <QCoreApplication>
#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace qs {

QWidget* makeLogPanel(Workbench& bench, QWidget* parent)
{
    auto* text = new QPlainTextEdit(parent);
    text->setReadOnly(true);
    text->setMaximumBlockCount(5000);
    text->setLineWrapMode(QPlainTextEdit::NoWrap);
    text->setPlaceholderText(QCoreApplication::translate("LogPanel", "What the program did and what went wrong."));
    for (const QString& line : bench.session.logLines())
        text->appendPlainText(line);
    QObject::connect(&bench.session, &Session::logged, text, &QPlainTextEdit::appendPlainText);
    return text;
}

}  // namespace qs

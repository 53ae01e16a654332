#include "widgets/common/parameter_help.h"

#include "core/calib/calibrators.h"
#include "core/targets/forms.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QToolButton>
#include <QWhatsThis>

namespace qs {

namespace {

/// The sentences stand in core's tables; a test holds that each is translated.
QString say(const char* text)
{
    return *text ? QCoreApplication::translate("Parameter", text) : QString();
}

}  // namespace

QString parameterHelp(const char* key)
{
    const Parameter* parameter = standardForms().findParameter(key);
    if (!parameter)
        return {};
    QString html = QStringLiteral("<p><b>%1</b><br>%2</p><p>").arg(QLatin1String(parameter->key), say(parameter->meaning).toHtmlEscaped());
    const auto line = [&html](const QString& text) { html += text.toHtmlEscaped() + QStringLiteral("<br>"); };
    if (*parameter->range)
        line(say(QT_TRANSLATE_NOOP("Parameter", "Range: %1")).arg(say(parameter->range)));
    if (*parameter->standard)
        line(say(QT_TRANSLATE_NOOP("Parameter", "Default: %1")).arg(QLatin1String(parameter->standard)));
    if (*parameter->recommended)
        line(say(QT_TRANSLATE_NOOP("Parameter", "Recommended: %1")).arg(say(parameter->recommended)));
    return html + QStringLiteral("</p>");
}

QString calibratorHelp(const Calibrator& calibrator)
{
    return say(calibrator.meaning) + QStringLiteral("\n(%1)").arg(QLatin1String(calibrator.source ? calibrator.source : standardForms().tool));
}

void setParameterHelp(QWidget* widget, const char* key)
{
    const QString help = parameterHelp(key);
    widget->setToolTip(help);
    widget->setWhatsThis(help);
}

QWidget* withParameterHelp(QWidget* widget, const char* key)
{
    widget->setWhatsThis(parameterHelp(key));
    auto* button = new QToolButton;
    button->setText(QStringLiteral("?"));
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    button->setAccessibleName(say(QT_TRANSLATE_NOOP("Parameter", "What is this?")));
    setParameterHelp(button, key);
    QObject::connect(button, &QToolButton::clicked, button,
                     [button] { QWhatsThis::showText(button->mapToGlobal(QPoint(0, button->height())), button->whatsThis(), button); });
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(widget, 1);
    layout->addWidget(button);
    return row;
}

}  // namespace qs

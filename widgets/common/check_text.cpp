#include "widgets/common/check_text.h"

#include "core/base/text.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QCoreApplication>

namespace qs {

namespace {

/// The sentences stand in core's tables; a test holds that each is translated.
QString translated(const char* text)
{
    return QCoreApplication::translate("Checks", text);
}

}  // namespace

QString severityLabel(Severity severity)
{
    switch (severity) {
        case Severity::Error:
            return translated(QT_TRANSLATE_NOOP("Checks", "Cannot be compiled"));
        case Severity::Slow:
            return translated(QT_TRANSLATE_NOOP("Checks", "Slow"));
        case Severity::Accuracy:
            return translated(QT_TRANSLATE_NOOP("Checks", "Costs accuracy"));
        case Severity::Advice:
            return translated(QT_TRANSLATE_NOOP("Checks", "Advice"));
    }
    return {};
}

QIcon severityIcon(Severity severity)
{
    switch (severity) {
        case Severity::Error:
            return lineIcon(QStringLiteral("check-error"), theme().warning);
        case Severity::Slow:
            return lineIcon(QStringLiteral("check-slow"), theme().warning);
        case Severity::Accuracy:
            return lineIcon(QStringLiteral("warning"), theme().warning);
        case Severity::Advice:
            return lineIcon(QStringLiteral("check-advice"), theme().secondary);
    }
    return {};
}

QString checkMessage(const CheckResult& result)
{
    return QString::fromStdString(withArguments(translated(result.rule->text).toStdString(), result.arguments));
}

QString ruleSource(const Rule& rule)
{
    return translated(rule.source);
}

QString ruleRemedy(const Rule& rule)
{
    return translated(rule.remedy);
}

}  // namespace qs

#include "widgets/common/cause_text.h"

#include "core/base/text.h"

#include <QCoreApplication>

namespace qs {

namespace {

QString translated(const char* text)
{
    return QCoreApplication::translate("Causes", text);
}

}  // namespace

QString placeLabel(ChannelPlace place, int index)
{
    switch (place) {
        case ChannelPlace::Input:
            return translated(QT_TRANSLATE_NOOP("Causes", "input %1")).arg(index);
        case ChannelPlace::Output:
            return translated(QT_TRANSLATE_NOOP("Causes", "output %1")).arg(index);
        case ChannelPlace::State:
            return translated(QT_TRANSLATE_NOOP("Causes", "state"));
        case ChannelPlace::Weights:
            return translated(QT_TRANSLATE_NOOP("Causes", "weights"));
        case ChannelPlace::Result:
            return translated(QT_TRANSLATE_NOOP("Causes", "result"));
    }
    return {};
}

QString siteLabel(int site)
{
    const auto [place, index] = placeOf(site);
    return placeLabel(place, index);
}

QString causeMessage(const Cause& cause)
{
    std::vector<std::string> arguments{placeLabel(cause.place, cause.index).toStdString()};
    arguments.insert(arguments.end(), cause.arguments.begin(), cause.arguments.end());
    return QString::fromStdString(withArguments(translated(cause.rule->text).toStdString(), arguments));
}

QString causeLabel(const CauseRule& rule)
{
    return translated(rule.label);
}

QString causeDefinition(const CauseRule& rule)
{
    return translated(rule.definition);
}

QString remedyMessage(const RemedyChange& change)
{
    return QString::fromStdString(withArguments(translated(remedyText(change.remedy)).toStdString(), change.arguments));
}

}  // namespace qs

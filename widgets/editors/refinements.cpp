#include "widgets/editors/refinements.h"

#include <QCoreApplication>

namespace qs {

namespace {

/// The refinements' own sentences stand in core's table; a test holds that each is translated.
QString say(const char* text)
{
    return QCoreApplication::translate("Refinement", text);
}

}  // namespace

QString refinementLabel(const Refinement& refinement)
{
    return say(refinement.label);
}

QString refinementHelp(const Refinement& refinement)
{
    return say(refinement.help);
}

QString calibratorLabel(const Calibrator& calibrator)
{
    const std::string_view name = calibrator.name;
    if (name == "ifmr")
        return QStringLiteral("IFMR");
    if (name == "minmax")
        return say(QT_TRANSLATE_NOOP("Refinement", "Min-max"));
    if (name == "percentile")
        return say(QT_TRANSLATE_NOOP("Refinement", "Percentile"));
    if (name == "entropy")
        return say(QT_TRANSLATE_NOOP("Refinement", "Entropy (KL)"));
    if (name == "mse")
        return say(QT_TRANSLATE_NOOP("Refinement", "Squared error (MSE)"));
    return QString::fromLatin1(calibrator.name);
}

}  // namespace qs

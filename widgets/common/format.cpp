#include "widgets/common/format.h"

#include "core/base/text.h"
#include "core/jobs/sensitivity.h"

#include <QCoreApplication>
#include <QLocale>

#include <array>
#include <charconv>
#include <cmath>

namespace qs {

namespace {

SimilarityForm chosenForm = SimilarityForm::Cosine;

QString fixed(double value, int digits)
{
    return QString::fromStdString(fixedText(value, digits));
}

/// As C's locale writes them: a graph writes thousands of them, and a QLocale takes five times as long.
QString written(double value, std::chars_format format, int digits)
{
    std::array<char, 400> text{};
    const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), value, format, digits);
    return QString::fromLatin1(text.data(), end - text.data());
}

QString special(double value)
{
    return std::isnan(value) ? QStringLiteral("NaN") : value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
}

}  // namespace

SimilarityForm similarityForm()
{
    return chosenForm;
}

void setSimilarityForm(SimilarityForm form)
{
    chosenForm = form;
}

QString similarityLabel(SimilarityForm form)
{
    // They stand here for lupdate.
    [[maybe_unused]] static constexpr std::array names{QT_TRANSLATE_NOOP("Metric", "cosine"), QT_TRANSLATE_NOOP("Metric", "1 − cosine"),
                                                       QT_TRANSLATE_NOOP("Metric", "SQNR (dB)")};
    return QCoreApplication::translate("Metric", similarityName(form));
}

QString cosineLabel()
{
    return similarityLabel(ofCosine(chosenForm));
}

QString similarityText(const Metrics& metrics)
{
    return QString::fromStdString(similarityText(metrics, chosenForm));
}

QString cosineText(double cosine)
{
    return QString::fromStdString(cosineText(cosine, chosenForm));
}

namespace {

QString symbol(SimilarityForm form)
{
    return form == SimilarityForm::Cosine           ? QStringLiteral("cos")
           : form == SimilarityForm::OneMinusCosine ? QStringLiteral("1−cos")
                                                    : QStringLiteral("SQNR");
}

}  // namespace

QString similarityPhrase(const Metrics& metrics)
{
    return chosenForm == SimilarityForm::Sqnr ? QStringLiteral("SQNR %1 dB").arg(similarityText(metrics)) : cosinePhrase(metrics.cosine);
}

QString cosinePhrase(double cosine)
{
    return QStringLiteral("%1 %2").arg(cosineSymbol(), cosineText(cosine));
}

QString similarityMetric()
{
    return chosenForm == SimilarityForm::Sqnr ? QStringLiteral("sqnrDb") : QStringLiteral("cosine");
}

QString similaritySymbol()
{
    return symbol(chosenForm);
}

QString cosineSymbol()
{
    return symbol(ofCosine(chosenForm));
}

QString decibelText(double value)
{
    return std::isfinite(value) ? fixed(value, 2) : special(value);
}

QString scientificText(double value, int digits)
{
    return std::isfinite(value) ? written(value, std::chars_format::scientific, digits) : special(value);
}

QString significantText(double value, int digits)
{
    return std::isfinite(value) ? QLocale::c().toString(value, 'g', digits) : special(value);
}

QString signedText(double difference)
{
    if (!std::isfinite(difference))
        return special(difference);
    const double size = std::abs(difference);
    if (size < 1e-12)
        return QStringLiteral("0");
    return (difference < 0 ? QStringLiteral("−") : QStringLiteral("+")) + (size < 1e-4 ? scientificText(size, 1) : fixed(size, 4));
}

QString percentText(double fraction, int digits)
{
    return std::isfinite(fraction) ? fixed(fraction * 100, digits) : special(fraction);
}

QString countText(int64_t count)
{
    const auto value = static_cast<double>(count);
    if (count < 10000)
        return QString::number(count);
    if (value < 1e6)
        return fixed(value / 1e3, value < 1e5 ? 1 : 0) + QStringLiteral(" k");
    if (value < 1e9)
        return fixed(value / 1e6, value < 1e7 ? 2 : value < 1e8 ? 1 : 0) + QStringLiteral(" M");
    return fixed(value / 1e9, 2) + QStringLiteral(" G");
}

QString durationText(double seconds)
{
    const auto total = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
    const auto two = [](int64_t value) { return QStringLiteral("%1").arg(value, 2, 10, QLatin1Char('0')); };
    if (total >= 3600)
        return QStringLiteral("%1:%2:%3").arg(total / 3600).arg(two(total / 60 % 60), two(total % 60));
    return QStringLiteral("%1:%2").arg(total / 60).arg(two(total % 60));
}

QString shapeLabel(const Shape& shape)
{
    return QString::fromStdString(shapeText(shape)).replace(QLatin1Char('x'), QStringLiteral("×"));
}

QString metricDefinition(const QString& name)
{
    for (const auto& [key, text] : metricDefinitions())
        if (name == QString::fromStdString(key))
            return QCoreApplication::translate("MetricDefinition", text.c_str());
    return {};
}

QString metricLabel(const QString& name)
{
    if (name == QLatin1String("cosine"))
        return QCoreApplication::translate("Metric", "Cosine similarity");
    if (name == QLatin1String("cosineWorst"))
        return QCoreApplication::translate("Metric", "Cosine of the worst sample");
    if (name == QLatin1String("sqnrDb"))
        return QCoreApplication::translate("Metric", "SQNR (dB)");
    if (name == QLatin1String("mse"))
        return QCoreApplication::translate("Metric", "Mean squared error");
    if (name == QLatin1String("maxAbs"))
        return QCoreApplication::translate("Metric", "Largest absolute error");
    if (name == QLatin1String("relL2"))
        return QCoreApplication::translate("Metric", "Relative L2 error");
    return name;
}

QString scopeLabel(const QString& name)
{
    if (name == QLatin1String("oneQuantized"))
        return QCoreApplication::translate("Scopes", "one quantized");
    if (name == QLatin1String("oneFloat"))
        return QCoreApplication::translate("Scopes", "one float");
    if (name == QLatin1String("local"))
        return QCoreApplication::translate("Scopes", "local");
    if (name == QLatin1String("cumulative"))
        return QCoreApplication::translate("Scopes", "cumulative");
    if (name == QLatin1String("predicted"))
        return QCoreApplication::translate("Scopes", "predicted");
    if (name == QLatin1String("predictedSquared"))
        return QCoreApplication::translate("Scopes", "predicted, squared");
    return name;
}

QString scopeDefinition(const QString& name)
{
    for (const auto& [key, text] : scopeDefinitions())
        if (name == QString::fromStdString(key))
            return QCoreApplication::translate("Scopes", text.c_str());
    return {};
}

}  // namespace qs

#include "widgets/common/parameter_help.h"

#include "core/calib/calibrators.h"
#include "core/targets/forms.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QToolButton>
#include <QWhatsThis>

namespace qs {

namespace {

// Core writes English; this makes its sentences known to lupdate. A test compares them with core's.
// NOLINTBEGIN(bugprone-suspicious-missing-comma): long sentences
[[maybe_unused]] const char* const sentences[] = {
    QT_TRANSLATE_NOOP("Parameter", "Version of the configuration file. There is only version 1."),
    QT_TRANSLATE_NOOP("Parameter",
                      "How many batches of data the calibration uses; batch_num times the batch size is the number of pictures. The manual advises "
                      "16 or 32 pictures, and not more than 50."),
    QT_TRANSLATE_NOOP("Parameter", "Whether data are quantized asymmetrically (true, with an offset) or symmetrically (false)."),
    QT_TRANSLATE_NOOP("Parameter", "Whether BatchNorm, Scale and Bias are folded into the layer before them."),
    QT_TRANSLATE_NOOP("Parameter", "Names of layers that are not fused."),
    QT_TRANSLATE_NOOP("Parameter", "Whether the mean and variance of BatchNorm layers are taken anew after the weights have been quantized."),
    QT_TRANSLATE_NOOP("Parameter", "How BatchNorm layers are updated; it has an effect only when update_bn is true."),
    QT_TRANSLATE_NOOP("Parameter",
                      "How much of the old statistics stays in each iteration, for BatchNorm layers that have no moving_average_fraction of their "
                      "own. The smaller it is, the fewer iterations are needed."),
    QT_TRANSLATE_NOOP("Parameter", "After how many forward passes the updated statistics are saved."),
    QT_TRANSLATE_NOOP("Parameter", "Folder into which the updated statistics are written before they go back into the weights."),
    QT_TRANSLATE_NOOP("Parameter", "The setting of one layer, under the layer's name. A layer that is not listed is not quantized."),
    QT_TRANSLATE_NOOP("Parameter", "Whether this layer is quantized."),
    QT_TRANSLATE_NOOP("Parameter", "How the layer's input data are quantized: one object for all inputs, or a list with one for each."),
    QT_TRANSLATE_NOOP("Parameter", "How the layer's weights are quantized."),
    QT_TRANSLATE_NOOP("Parameter",
                      "Which of the values, sorted from large to small, is the first upper limit: 1 takes the largest. The larger it is, the closer "
                      "the upper limit is to the maximum."),
    QT_TRANSLATE_NOOP("Parameter",
                      "Which of the values, sorted from small to large, is the lower limit: 1 takes the smallest. The larger it is, the closer the "
                      "lower limit is to the minimum."),
    QT_TRANSLATE_NOOP("Parameter", "From which to which multiple of the first upper limit the best upper limit is searched."),
    QT_TRANSLATE_NOOP("Parameter", "Step of that search. The smaller it is, the finer and the slower: (end - start) / step limits are tried."),
    QT_TRANSLATE_NOOP("Parameter",
                      "Bit width of the quantized data. Above 8 the factors are computed for that width and the data are stored in 16 bits; 16 "
                      "itself easily overflows on the chip."),
    QT_TRANSLATE_NOOP("Parameter", "Whether this layer's data are quantized with an offset. Left out, the whole network's activation_offset holds."),
    QT_TRANSLATE_NOOP("Parameter", "The weight quantization algorithm: arq_quantize is uniform, snq_quantize is non-uniform."),
    QT_TRANSLATE_NOOP("Parameter",
                      "Whether each output channel has a quantization factor of its own. InnerProduct has no channels: only false is allowed."),
    QT_TRANSLATE_NOOP("Parameter", "Bit width of the weights: 8 for uniform, 4 for non-uniform quantization."),
    QT_TRANSLATE_NOOP("Parameter", "How many iterations non-uniform quantization makes at most. More may be more accurate and take longer."),
    QT_TRANSLATE_NOOP("Parameter",
                      "Non-uniform quantization ends when its centres move less than this. The smaller it is, the more iterations are made."),
    QT_TRANSLATE_NOOP("Parameter",
                      "How the first cluster centres of non-uniform quantization are chosen: evenly (uniform), after a normal distribution "
                      "(gaussian), or as k-means++ does (d2sampling)."),
    // The calibrators' (core/calib/calibrators.cpp).
    QT_TRANSLATE_NOOP("Parameter", "The upper limit in a range around a percentile that quantizes the values seen with the least error."),
    QT_TRANSLATE_NOOP("Parameter", "The smallest and the largest value seen."),
    QT_TRANSLATE_NOOP("Parameter", "The two percentiles; what lies beyond is clipped."),
    QT_TRANSLATE_NOOP("Parameter",
                      "The limit that keeps most of the distribution's information: the least Kullback-Leibler divergence of 2,048 bins."),
    QT_TRANSLATE_NOOP("Parameter", "The two limits that quantize the values seen with the least squared error."),
    QT_TRANSLATE_NOOP("Parameter", "names of layers that can be fused"),
    QT_TRANSLATE_NOOP("Parameter", "false for uniform, true for non-uniform quantization"),
    QT_TRANSLATE_NOOP("Parameter", "8 or 12"),
    QT_TRANSLATE_NOOP("Parameter", "left out"),
    QT_TRANSLATE_NOOP("Parameter", "{8} for arq_quantize, {4} for snq_quantize"),
};
// NOLINTEND(bugprone-suspicious-missing-comma)

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

#include "widgets/editors/refinements.h"

#include <QCoreApplication>

namespace qs {

namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("Refinement", text);
}

}  // namespace

std::vector<Refinement> refinements()
{
    return {{&WeightSetting::equalize, QStringLiteral("equalize"), say(QT_TRANSLATE_NOOP("Refinement", "Cross-layer equalization")),
             say(QT_TRANSLATE_NOOP("Refinement",
                                   "Scales each channel so that its weights here and in the layer behind have the same range; the network "
                                   "computes the same. Only for a layer that one convolution or inner product reads, through at most a "
                                   "ReLU. Needs another calibration. (Nagel et al., Data-Free Quantization, 2019)"))},
            {&WeightSetting::adaRound, QStringLiteral("adaRound"), say(QT_TRANSLATE_NOOP("Refinement", "AdaRound")),
             say(QT_TRANSLATE_NOOP("Refinement",
                                   "Learns on the calibration data which weights to round up and which down, so that the layer's output is "
                                   "nearest to the float one. Only for uniform weights. Needs another calibration. (Nagel et al., Up or "
                                   "Down?, 2020)"))},
            {&WeightSetting::biasCorrection, QStringLiteral("biasCorrection"), say(QT_TRANSLATE_NOOP("Refinement", "Bias correction")),
             say(QT_TRANSLATE_NOOP("Refinement",
                                   "Takes the mean error of each output channel over the calibration data out of the bias. Needs another "
                                   "calibration. (Nagel et al., Data-Free Quantization, 2019)"))}};
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

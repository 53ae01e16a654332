#include "widgets/common/error_text.h"

#include "core/base/text.h"

#include <QCoreApplication>

namespace qs {

namespace {

// Core writes English; the tables here make its sentences known to lupdate. A test compares them with core's.
[[maybe_unused]] const char* const errorSentences[] = {
    QT_TRANSLATE_NOOP("Error", "Cancelled"),
    QT_TRANSLATE_NOOP("Error", "The file does not exist"),
    QT_TRANSLATE_NOOP("Error", "Check the path."),
    QT_TRANSLATE_NOOP("Error", "The file cannot be read"),
    QT_TRANSLATE_NOOP("Error", "Check its permissions."),
    QT_TRANSLATE_NOOP("Error", "The file ends too early"),
    QT_TRANSLATE_NOOP("Error", "Copy or download it again."),
    QT_TRANSLATE_NOOP("Error", "The file declares more data than a network can have"),
    QT_TRANSLATE_NOOP("Error", "It is damaged: copy or download it again."),
    QT_TRANSLATE_NOOP("Error", "The file cannot be written"),
    QT_TRANSLATE_NOOP("Error", "Check that the folder exists, that you may write there and that the disk is not full."),
    QT_TRANSLATE_NOOP("Error", "The format is not known"),
    QT_TRANSLATE_NOOP("Error", "Give a Caffe .prototxt (with its .caffemodel), an .onnx or a TorchScript file."),
    QT_TRANSLATE_NOOP("Error", "The file cannot be parsed"),
    QT_TRANSLATE_NOOP("Error", "Correct the place that is named."),
    QT_TRANSLATE_NOOP("Error", "The network is not valid"),
    QT_TRANSLATE_NOOP("Error", "Correct the layer that is named."),
    QT_TRANSLATE_NOOP("Error", "The weights do not belong to this network"),
    QT_TRANSLATE_NOOP("Error", "Give the weights that were trained with this network."),
    QT_TRANSLATE_NOOP("Error", "The shapes do not fit"),
    QT_TRANSLATE_NOOP("Error", "Check the layer's parameters and its inputs."),
    QT_TRANSLATE_NOOP("Error", "A value is NaN or infinite"),
    QT_TRANSLATE_NOOP("Error", "Check the weights or the data that are named."),
    QT_TRANSLATE_NOOP("Error", "The network has no such layer"),
    QT_TRANSLATE_NOOP("Error", "Check the spelling of the layer's name."),
    QT_TRANSLATE_NOOP("Error", "The key is not known"),
    QT_TRANSLATE_NOOP("Error", "Check its spelling or remove it."),
    QT_TRANSLATE_NOOP("Error", "The key stands twice"),
    QT_TRANSLATE_NOOP("Error", "Remove one of the two."),
    QT_TRANSLATE_NOOP("Error", "The value is out of range"),
    QT_TRANSLATE_NOOP("Error", "Give a value inside the range."),
    QT_TRANSLATE_NOOP("Error", "The value has the wrong type"),
    QT_TRANSLATE_NOOP("Error", "Give a value of the type that is named."),
    QT_TRANSLATE_NOOP("Error", "A value is missing"),
    QT_TRANSLATE_NOOP("Error", "Add it."),
    QT_TRANSLATE_NOOP("Error", "The layer cannot be run"),
    QT_TRANSLATE_NOOP("Error", "Cut the network before it, or use the parts that do not depend on it."),
    QT_TRANSLATE_NOOP("Error", "This is not supported"),
    QT_TRANSLATE_NOOP("Error", "See the table of what works in the README."),
    QT_TRANSLATE_NOOP("Error", "There is no data"),
    QT_TRANSLATE_NOOP("Error", "Choose a folder with pictures, a list, .npy, CIFAR-10 or MNIST file."),
    QT_TRANSLATE_NOOP("Error", "The labels do not belong to these samples"),
    QT_TRANSLATE_NOOP("Error", "Give the labels of these samples."),
    QT_TRANSLATE_NOOP("Error", "The data cannot be read"),
    QT_TRANSLATE_NOOP("Error", "Check the file that is named."),
    QT_TRANSLATE_NOOP("Error", "There are fewer batches of data than batch_num"),
    QT_TRANSLATE_NOOP("Error", "Give more data, a smaller batch, or lower batch_num."),
    QT_TRANSLATE_NOOP("Error", "The network is quantized already"),
    QT_TRANSLATE_NOOP("Error", "Open the float network that it was made from."),
    QT_TRANSLATE_NOOP("Error", "The quantization scale is illegal"),
    QT_TRANSLATE_NOOP("Error", "The data's range is not usable: check the layer's input for infinities or very large values, or do not quantize it."),
    QT_TRANSLATE_NOOP("Error", "There is not enough memory"),
    QT_TRANSLATE_NOOP("Error", "Close other programs, or use a smaller batch, smaller pictures or a smaller network."),
    QT_TRANSLATE_NOOP("Error", "The compute engine cannot be opened"),
    QT_TRANSLATE_NOOP("Error", "Reinstall the program; libquantscope_engine.so must stand beside it."),
    QT_TRANSLATE_NOOP("Error", "The command line is not valid"),
    QT_TRANSLATE_NOOP("Error", "See --help."),
    QT_TRANSLATE_NOOP("Error", "Internal error"),
    QT_TRANSLATE_NOOP("Error", "Please report it with the log."),
};

[[maybe_unused]] const char* const definitionSentences[] = {
    QT_TRANSLATE_NOOP(
        "MetricDefinition",
        "x.y / (|x| |y|), x the float and y the quantized output of the layer; 1 when both are zero, 0 when one is; mean over the samples"),
    QT_TRANSLATE_NOOP("MetricDefinition", "the cosine of the worst sample"),
    QT_TRANSLATE_NOOP("MetricDefinition", "10 log10(sum x^2 / sum (y-x)^2) in dB over all samples; infinite when they are equal"),
    QT_TRANSLATE_NOOP("MetricDefinition", "mean of (y-x)^2 over all values of all samples"),
    QT_TRANSLATE_NOOP("MetricDefinition", "largest |y-x| of all values of all samples"),
    QT_TRANSLATE_NOOP("MetricDefinition", "|y-x| / |x| over all samples"),
    QT_TRANSLATE_NOOP("MetricDefinition", "only this layer is quantized, its inputs are the float ones"),
    QT_TRANSLATE_NOOP("MetricDefinition", "the whole configuration is applied up to this layer"),
};

[[maybe_unused]] const char* const scopeSentences[] = {
    QT_TRANSLATE_NOOP("Scopes", "error of the layer's output, only this layer quantized, its inputs float"),
    QT_TRANSLATE_NOOP("Scopes", "error of the network's output, only this layer quantized"),
    QT_TRANSLATE_NOOP("Scopes", "error of the network's output, everything quantized but this layer"),
    QT_TRANSLATE_NOOP("Scopes", "error of the layer's output, the whole configuration up to here"),
    QT_TRANSLATE_NOOP("Scopes",
                      "error of the network's output, only this layer quantized, to first order: the gradient times the layer's quantization errors, "
                      "from one backward pass a sample over the outputs' projection on random signs"),
    QT_TRANSLATE_NOOP("Scopes", "the same with the products squared one by one, as if the errors of single values were independent"),
};

[[maybe_unused]] const char* const moveNames[] = {
    QT_TRANSLATE_NOOP("SearchMeasure", "output cosine at least"),
    QT_TRANSLATE_NOOP("SearchMeasure", "agreement at least, %"),
    QT_TRANSLATE_NOOP("SearchMeasure", "top-1 drop at most, points"),
    QT_TRANSLATE_NOOP("SearchMeasure", "mAP with float as reference at least, %"),
    QT_TRANSLATE_NOOP("SearchMeasure", "pixels of the float class at least, %"),
    QT_TRANSLATE_NOOP("SearchMeasure", "samples with the same neighbour at least, %"),
    QT_TRANSLATE_NOOP("SearchMove", "float"),
    QT_TRANSLATE_NOOP("SearchMove", "12 bits"),
    QT_TRANSLATE_NOOP("SearchMove", "16 bits"),
    QT_TRANSLATE_NOOP("SearchMove", "no clipping"),
    QT_TRANSLATE_NOOP("SearchMove", "other offset"),
    QT_TRANSLATE_NOOP("SearchMove", "per channel"),
};

// What jobs report.
[[maybe_unused]] const char* const phrases[] = {
    QT_TRANSLATE_NOOP("Progress", "calibrating %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "comparing %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "evaluating %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "updating BatchNorm %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "running in integers %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "looking at inputs %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "rounding weights %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "correcting bias %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "sensitivity, sample %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "float outputs, sample %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "%1 settings tried, best cosine %2"),
    QT_TRANSLATE_NOOP("Progress", "the output on %1 samples"),
    QT_TRANSLATE_NOOP("Progress", "the settings as they are"),
    QT_TRANSLATE_NOOP("Progress", "the settings on %1 samples"),
    QT_TRANSLATE_NOOP("Progress", "the settings on sample %1 of %2"),
    QT_TRANSLATE_NOOP("Progress", "preparing"),
};

// What prepareNetwork and calibrate remark.
[[maybe_unused]] const char* const notes[] = {
    QT_TRANSLATE_NOOP("Note", "skip_fusion_layers has no effect: do_fusion is false"),
    QT_TRANSLATE_NOOP("Note", "skip_fusion_layers names '%1', which would not be fused anyway"),
    QT_TRANSLATE_NOOP("Note", "layer '%1' asks for more than 100000 search iterations (search_range / search_step): that takes long"),
    QT_TRANSLATE_NOOP("Note",
                      "update_bn takes %1 samples (bn_update_iterations times batch %2), there are %3: behind the last one it starts again from the "
                      "first"),
    QT_TRANSLATE_NOOP("Note", "update_bn has no effect: the network has no BatchNorm"),
    QT_TRANSLATE_NOOP("Note", "joint_quant is kept in the file and has no effect: the manual does not say what it does"),
    QT_TRANSLATE_NOOP("Note", "layer '%1' is the first with weights: the manual keeps it on arq_quantize, 4 bits cost much accuracy there"),
    QT_TRANSLATE_NOOP("Note", "layer '%1' is the last with weights: the manual keeps it on arq_quantize, 4 bits cost much accuracy there"),
};

// Sentences of a target stand in the translations alone.
[[maybe_unused]] const char* const purposes[] = {
    QT_TRANSLATE_NOOP("ExportPurpose", "the quantized network for accuracy simulation in float (structure)"),
    QT_TRANSLATE_NOOP("ExportPurpose", "the quantized network for accuracy simulation in float (weights)"),
    QT_TRANSLATE_NOOP("ExportPurpose", "the network for the chip's compiler (structure)"),
    QT_TRANSLATE_NOOP("ExportPurpose", "the network for the chip's compiler (int8 weights, int32 biases)"),
    QT_TRANSLATE_NOOP("ExportPurpose", "the quantized network for ONNX Runtime and TensorRT"),
    QT_TRANSLATE_NOOP("ExportPurpose", "the network as it was, in float"),
    QT_TRANSLATE_NOOP("ExportPurpose", "which original layer became which quantized one, for accuracy comparison (our own schema)"),
    QT_TRANSLATE_NOOP("ExportPurpose", "quantization parameters for ATC, text"),
    QT_TRANSLATE_NOOP("ExportPurpose", "quantization parameters for ATC, binary"),
    QT_TRANSLATE_NOOP("ExportPurpose", "refreshed BatchNorm statistics of one layer"),
};

}  // namespace

QString errorMessage(const Error& error)
{
    QString text = error.where.empty() ? QString() : QString::fromStdString(error.where) + QStringLiteral(": ");
    text += QCoreApplication::translate("Error", errorSummary(error.code));
    if (!error.detail.empty())
        text += QStringLiteral(": ") + QString::fromStdString(error.detail);
    const QString remedy = QCoreApplication::translate("Error", errorRemedy(error.code));
    if (!remedy.isEmpty())
        text += QStringLiteral(". ") + remedy;
    return text;
}

namespace {

QString phrase(const char* context, const char* english, const std::vector<std::string>& arguments)
{
    return QString::fromStdString(withArguments(QCoreApplication::translate(context, english).toStdString(), arguments));
}

}  // namespace

QString progressPhrase(const Progress& progress)
{
    return phrase("Progress", phaseText(progress.phase), progress.arguments);
}

QString reasonMessage(const Effective& effective)
{
    const auto say = [](const char* text) { return QCoreApplication::translate("Reason", text); };
    const QString detail = QString::fromStdString(effective.reasonDetail);
    const auto withDetail = [&](QString text) { return detail.isEmpty() ? text : text + QStringLiteral(": ") + detail; };
    switch (effective.reason) {
        case Reason::None:
            return {};
        case Reason::FusedInto:
            return say(QT_TRANSLATE_NOOP("Reason", "fused into %1")).arg(QString::fromStdString(effective.reasonLayer));
        case Reason::NotConfigured:
            return say(QT_TRANSLATE_NOOP("Reason", "not listed in the configuration"));
        case Reason::TypeNotQuantizable:
            return say(QT_TRANSLATE_NOOP("Reason", "this type cannot be quantized"));
        case Reason::NotRunnable:
            return withDetail(say(QT_TRANSLATE_NOOP("Reason", "not run")));
        case Reason::NoFactors:
            return say(QT_TRANSLATE_NOOP("Reason", "no quantization factors yet: calibrate"));
        case Reason::IllegalScale:
            return withDetail(say(QT_TRANSLATE_NOOP("Reason", "calibration found an illegal scale")));
        case Reason::NotEqualized:
            return say(QT_TRANSLATE_NOOP("Reason", "not equalized: no convolution or inner product alone reads it through at most a ReLU"));
        case Reason::NotAdaRounded:
            return say(QT_TRANSLATE_NOOP("Reason", "no AdaRound: it takes uniform weights of a convolution or inner product of bounded size"));
        case Reason::BiasNotCorrected:
            return say(QT_TRANSLATE_NOOP("Reason", "bias not corrected: only those of convolutions and inner products are"));
        case Reason::LargerScale:
            return say(QT_TRANSLATE_NOOP("Reason", "scale_w raised, so that the bias fits into int32: channel %1"))
                .arg(QString::fromStdString(effective.reasonDetail));
    }
    return QString::fromStdString(reasonText(effective));
}

QString whyFloatMessage(const Model& model, LayerId layer, const Effective& effective)
{
    const auto say = [](const char* text) { return QCoreApplication::translate("Reason", text); };
    switch (floatCause(effective)) {
        case FloatCause::Quantized:
            return {};
        case FloatCause::AsReason:
            return reasonMessage(effective);
        case FloatCause::OffByDefault:
            return say(QT_TRANSLATE_NOOP("Reason", "off by default for the type %1")).arg(QString::fromStdString(model.layer(layer).type));
        case FloatCause::SwitchedOff:
            return say(QT_TRANSLATE_NOOP("Reason", "switched off"));
    }
    return {};
}

QString noteMessage(const Note& note)
{
    return phrase("Note", noteSentence(note.code), noteArguments(note));
}

}  // namespace qs

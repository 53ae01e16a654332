#include "app/views/view.h"
#include "app/views/views.h"
#include "widgets/common/buffer_image.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/plots/scatter_plot.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QSettings>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

/// Not so where the number of values depends on them (Proposal, Filter).
bool ofOneSize(const SampleComparison& sample)
{
    return sample.floatOutput.shape() == sample.quantizedOutput.shape();
}

const char* const integersKey = "compare/integers";

/// A picture stretched to its place without smoothing: pixels are values here.
class PictureBox : public QWidget {
public:
    explicit PictureBox(const QString& caption) : m_caption(caption) { setMinimumSize(90, 90); }
    void setImage(QImage image)
    {
        m_image = std::move(image);
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        const int caption = fontMetrics().height() + 2;
        painter.setPen(theme().secondary);
        painter.drawText(QRect(0, 0, width(), caption), Qt::AlignHCenter | Qt::AlignTop, m_caption);
        const QRect place(0, caption, width(), height() - caption);
        painter.fillRect(place, theme().background);
        if (m_image.isNull())
            return;
        const QSize size = m_image.size().scaled(place.size() - QSize(4, 4), Qt::KeepAspectRatio);
        painter.drawImage(QRect(place.center() - QPoint(size.width() / 2, size.height() / 2), size), m_image);
    }

private:
    QString m_caption;
    QImage m_image;
};

class ComparePanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::ComparePanel)

public:
    ComparePanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;

private:
    void showResult();
    void showIntegers();
    void showChannel();
    /// What the probe has, when it belongs to what is shown.
    std::shared_ptr<const IntegerSample> shownIntegers() const;

    QSpinBox* m_sample;
    QLabel* m_sampleName;
    QSpinBox* m_channel;
    QLabel* m_layer;
    QLabel* m_statistics;
    PictureBox* m_picture;
    PictureBox* m_float;
    PictureBox* m_quantized;
    PictureBox* m_difference;
    QCheckBox* m_inIntegers;
    PictureBox* m_integer;
    PictureBox* m_steps;
    QLabel* m_integerNote;
    QLabel* m_overflow;
    QWidget* m_overflowRow;
    ScatterPlot* m_scatter;
    int m_pictureOf = -1;
    int m_pictureSerial = -1;
    std::shared_ptr<const SampleComparison> m_shown;
    std::shared_ptr<const IntegerSample> m_integersShown;
};

ComparePanel::ComparePanel(Workbench& bench, QWidget* parent) : View(bench, parent)
{
    m_sample = new QSpinBox;
    m_sample->setToolTip(tr("Number of the sample in the data set"));
    m_sampleName = new QLabel;
    m_sampleName->setObjectName(QStringLiteral("sampleName"));
    m_channel = new QSpinBox;
    m_layer = new QLabel;
    m_statistics = new QLabel;
    m_statistics->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 2);
    bar->setSpacing(6);
    bar->addWidget(new QLabel(tr("Sample")));
    bar->addWidget(m_sample);
    bar->addWidget(m_sampleName);
    bar->addSpacing(12);
    bar->addWidget(m_layer);
    bar->addWidget(new QLabel(tr("channel")));
    bar->addWidget(m_channel);
    m_inIntegers = new QCheckBox(tr("in integers"));
    m_inIntegers->setObjectName(QStringLiteral("inIntegers"));
    m_inIntegers->setToolTip(tr("Runs the deploy model, too: int8 weights and int32 accumulators, as on the chip"));
    m_inIntegers->setChecked(QSettings().value(QLatin1String(integersKey), false).toBool());
    bar->addSpacing(12);
    bar->addWidget(m_inIntegers);
    bar->addStretch(1);
    bar->addWidget(m_statistics);
    m_integerNote = new QLabel;
    m_integerNote->setObjectName(QStringLiteral("integerNote"));
    m_integerNote->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_integerNote->setToolTip(tr("A step is the smallest scale_d at which a quantized layer reads this output; 1/255 of its range where none does"));
    m_overflow = new QLabel;
    m_overflow->setObjectName(QStringLiteral("overflow"));
    m_overflow->setWordWrap(true);
    m_overflow->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_overflow->setToolTip(tr("int32 accumulators that overflowed wrap around, on the chip as here: take fewer activation bits for these layers"));
    m_overflowRow = new QWidget;
    auto* notes = new QHBoxLayout(m_overflowRow);
    notes->setContentsMargins(6, 0, 6, 2);
    notes->setSpacing(12);
    notes->addWidget(m_integerNote);
    notes->addWidget(m_overflow, 1);
    m_picture = new PictureBox(tr("picture"));
    m_float = new PictureBox(tr("float"));
    m_quantized = new PictureBox(tr("quantized"));
    m_integer = new PictureBox(tr("integer"));
    m_steps = new PictureBox(tr("integer, off in steps"));
    m_steps->setToolTip(tr("Integer minus quantized in quantization steps: blue is less, orange is more; full colour is two steps"));
    m_difference = new PictureBox(tr("difference"));
    m_difference->setToolTip(tr("Quantized minus float: blue is less, orange is more; stretched to the largest difference"));
    m_scatter = new ScatterPlot;
    m_scatter->setEmptyText(tr("Calibrate to compare one sample."));
    auto* pictures = new QWidget;
    auto* row = new QHBoxLayout(pictures);
    row->setContentsMargins(6, 2, 6, 6);
    for (PictureBox* box : {m_picture, m_float, m_quantized, m_difference, m_integer, m_steps})
        row->addWidget(box, 1);
    auto* splitter = new QSplitter;
    splitter->addWidget(pictures);
    splitter->addWidget(m_scatter);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_overflowRow);
    layout->addWidget(splitter, 1);
    connect(m_sample, &QSpinBox::valueChanged, this, [this](int sample) { m_bench.probe.setSample(sample); });
    connect(m_channel, &QSpinBox::valueChanged, this, &ComparePanel::showChannel);
    connect(m_inIntegers, &QCheckBox::toggled, this, [this](bool on) {
        QSettings().setValue(QLatin1String(integersKey), on);
        refreshWhenSeen();
    });
    connect(&bench.probe, &SampleProbe::changed, this, &ComparePanel::refreshWhenSeen);
}

void ComparePanel::refresh()
{
    SampleProbe& probe = m_bench.probe;
    const auto& set = m_bench.session.data();
    const bool ready = set && set->size() > 0;
    m_sample->setEnabled(ready);
    if (ready) {
        m_sample->setRange(0, set->size() - 1);
        if (m_sample->value() != probe.sample())
            m_sample->setValue(probe.sample());
        m_sampleName->setText(fontMetrics().elidedText(QString::fromStdString(set->sampleName(probe.sample())), Qt::ElideMiddle, 200));
        if (m_pictureOf != probe.sample() || m_pictureSerial != m_bench.session.dataSerial()) {
            m_pictureOf = probe.sample();
            m_pictureSerial = m_bench.session.dataSerial();
            m_bench.jobs.run<Buffer>(
                {QStringLiteral("compare-picture"), tr("Read picture"), Lane::Light, true, true, this},
                [set, sample = m_pictureOf](const JobContext&, const std::shared_ptr<Engine>&) { return set->picture(sample); },
                [this, sample = m_pictureOf, serial = m_pictureSerial](const Result<Buffer>& picture) {
                    if (sample == m_pictureOf && serial == m_pictureSerial)
                        m_picture->setImage(picture ? pictureImage(*picture) : QImage());
                });
        }
    } else {
        // Another network: nothing of the last one's data stays.
        m_pictureOf = -1;
        m_pictureSerial = -1;
        m_picture->setImage({});
        m_sampleName->clear();
    }
    probe.want();
    if (m_inIntegers->isChecked())
        probe.wantIntegers();
    showResult();
    showIntegers();
}

std::shared_ptr<const IntegerSample> ComparePanel::shownIntegers() const
{
    const auto& integers = m_bench.probe.integers();
    const bool fits = m_inIntegers->isChecked() && integers && m_shown && integers->layer == m_shown->layer && integers->sample == m_shown->sample &&
                      integers->output.count() == m_shown->floatOutput.count();
    return fits ? integers : nullptr;
}

void ComparePanel::showIntegers()
{
    const bool on = m_inIntegers->isChecked();
    for (QWidget* widget : {static_cast<QWidget*>(m_integer), static_cast<QWidget*>(m_steps), m_overflowRow})
        widget->setVisible(on);
    const auto integers = shownIntegers();
    if (integers != m_integersShown) {
        m_integersShown = integers;
        showChannel();
    }
    m_overflow->clear();
    if (!on || !integers || m_bench.probe.integersStale()) {
        m_integerNote->setText(!m_shown                                   ? QString()
                               : !m_bench.probe.integersError().isEmpty() ? m_bench.probe.integersError()
                                                                          : tr("computing in integers…"));
        if (!integers)
            return;
    } else
        m_integerNote->setText(tr("integer against quantized: %1 % within one step, largest %2 (step %3)")
                                   .arg(percentText(integers->agreement.share(), 2), significantText(integers->agreement.largest, 3),
                                        significantText(integers->step, 3)));
    QStringList layers;
    for (const auto& [layer, count] : integers->overflows)
        layers << QStringLiteral("%1 (%2)").arg(QString::fromStdString(layer)).arg(count);
    if (layers.isEmpty())
        return;
    QPalette warning;
    warning.setColor(QPalette::WindowText, theme().warning);
    m_overflow->setPalette(warning);
    m_overflow->setText(tr("accumulators left int32: %1").arg(layers.join(QStringLiteral(", "))));
}

void ComparePanel::showResult()
{
    const auto& result = m_bench.probe.result();
    if (result != m_shown) {
        m_shown = result;
        if (result) {
            m_channel->setRange(0, std::max(0, channelCount(result->floatOutput) - 1));
            if (ofOneSize(*result))
                m_scatter->setValues(result->floatOutput.floats(), result->quantizedOutput.floats());
            else
                m_scatter->setValues({}, {});
        } else
            m_scatter->setValues({}, {});
        showChannel();
    }
    m_channel->setEnabled(result != nullptr);
    m_layer->setText(
        result ? QStringLiteral("<b>%1</b>  %2").arg(QString::fromStdString(result->layer).toHtmlEscaped(), shapeLabel(result->floatOutput.shape()))
               : QString());
    if (!result)
        m_statistics->setText(m_bench.probe.error());
    else if (result->floatOutput.empty())
        // An input, or a layer that is not run.
        m_statistics->setText(m_bench.probe.stale() ? tr("computing…") : tr("nothing to compare"));
    else if (!ofOneSize(*result))
        m_statistics->setText(tr("float %1, quantized %2: of different size, nothing to compare value by value")
                                  .arg(shapeLabel(result->floatOutput.shape()), shapeLabel(result->quantizedOutput.shape())));
    else
        m_statistics->setText(
            (m_bench.probe.stale() ? tr("computing…") + QStringLiteral("   ") : QString()) +
            tr("cos %1   SQNR %2 dB   max |Δ| %3")
                .arg(cosineText(result->metrics.cosine), decibelText(result->metrics.sqnrDb), significantText(result->metrics.maxAbs, 3)));
    m_statistics->setToolTip(metricDefinition(QStringLiteral("cosine")) + QLatin1Char('\n') + metricDefinition(QStringLiteral("cumulative")));
}

void ComparePanel::showChannel()
{
    if (!m_shown || m_shown->floatOutput.empty() || !ofOneSize(*m_shown)) {
        for (PictureBox* box : {m_float, m_quantized, m_difference, m_integer, m_steps})
            box->setImage({});
        return;
    }
    const Buffer& x = m_shown->floatOutput;
    const Buffer& y = m_shown->quantizedOutput;
    const int channel = m_channel->value();
    const auto plane = static_cast<size_t>(x.count() / std::max(1, channelCount(x)));
    const auto a = x.floats().subspan(static_cast<size_t>(channel) * plane, plane);
    const auto b = y.floats().subspan(static_cast<size_t>(channel) * plane, plane);
    const auto [low, high] = std::minmax_element(a.begin(), a.end());
    Buffer difference(DType::F32, x.shape());
    float reach = 1e-20F;
    for (size_t i = 0; i < plane; ++i) {
        const float d = b[i] - a[i];
        difference.floats()[static_cast<size_t>(channel) * plane + i] = d;
        reach = std::max(reach, std::abs(d));
    }
    m_float->setImage(channelImage(x, channel, *low, *high, false));
    m_quantized->setImage(channelImage(y, channel, *low, *high, false));
    m_difference->setImage(channelImage(difference, channel, -reach, reach, true));
    const auto integers = shownIntegers();
    m_integer->setImage(integers ? channelImage(integers->output, channel, *low, *high, false) : QImage());
    m_steps->setImage(integers ? channelImage(integers->steps, channel, -2, 2, true) : QImage());
}

}  // namespace

QWidget* makeComparePanel(Workbench& bench, QWidget* parent)
{
    return new ComparePanel(bench, parent);
}

}  // namespace qs

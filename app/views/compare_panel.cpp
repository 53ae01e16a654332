#include "app/views/view.h"
#include "app/views/views.h"
#include "widgets/common/buffer_image.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/plots/scatter_plot.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

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
    void showChannel();

    QSpinBox* m_sample;
    QLabel* m_sampleName;
    QSpinBox* m_channel;
    QLabel* m_layer;
    QLabel* m_statistics;
    PictureBox* m_picture;
    PictureBox* m_float;
    PictureBox* m_quantized;
    PictureBox* m_difference;
    ScatterPlot* m_scatter;
    int m_pictureOf = -1;
    int m_pictureSerial = -1;
    std::shared_ptr<const SampleComparison> m_shown;
};

ComparePanel::ComparePanel(Workbench& bench, QWidget* parent) : View(bench, parent)
{
    m_sample = new QSpinBox;
    m_sample->setToolTip(tr("Number of the sample in the data set"));
    m_sampleName = new QLabel;
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
    bar->addStretch(1);
    bar->addWidget(m_statistics);
    m_picture = new PictureBox(tr("picture"));
    m_float = new PictureBox(tr("float"));
    m_quantized = new PictureBox(tr("quantized"));
    m_difference = new PictureBox(tr("difference"));
    m_difference->setToolTip(tr("Quantized minus float: blue is less, orange is more; stretched to the largest difference"));
    m_scatter = new ScatterPlot;
    m_scatter->setEmptyText(tr("Calibrate to compare one sample."));
    auto* pictures = new QWidget;
    auto* row = new QHBoxLayout(pictures);
    row->setContentsMargins(6, 2, 6, 6);
    for (PictureBox* box : {m_picture, m_float, m_quantized, m_difference})
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
    layout->addWidget(splitter, 1);
    connect(m_sample, &QSpinBox::valueChanged, this, [this](int sample) { m_bench.probe.setSample(sample); });
    connect(m_channel, &QSpinBox::valueChanged, this, &ComparePanel::showChannel);
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
                [this](const Result<Buffer>& picture) { m_picture->setImage(picture ? pictureImage(*picture) : QImage()); });
        }
    }
    probe.want();
    showResult();
}

void ComparePanel::showResult()
{
    const auto& result = m_bench.probe.result();
    if (result != m_shown) {
        m_shown = result;
        if (result) {
            m_channel->setRange(0, std::max(0, channelCount(result->floatOutput) - 1));
            m_scatter->setValues(result->floatOutput.floats(), result->quantizedOutput.floats());
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
    else
        m_statistics->setText(
            (m_bench.probe.stale() ? tr("computing…") + QStringLiteral("   ") : QString()) +
            tr("cos %1   SQNR %2 dB   max |Δ| %3")
                .arg(cosineText(result->metrics.cosine), decibelText(result->metrics.sqnrDb), significantText(result->metrics.maxAbs, 3)));
    m_statistics->setToolTip(metricDefinition(QStringLiteral("cosine")) + QLatin1Char('\n') + metricDefinition(QStringLiteral("cumulative")));
}

void ComparePanel::showChannel()
{
    if (!m_shown) {
        for (PictureBox* box : {m_float, m_quantized, m_difference})
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
}

}  // namespace

QWidget* makeComparePanel(Workbench& bench, QWidget* parent)
{
    return new ComparePanel(bench, parent);
}

}  // namespace qs

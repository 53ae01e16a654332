#include "app/views/view.h"
#include "app/views/views.h"
#include "core/ops/receptive_field.h"
#include "widgets/common/buffer_image.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/plots/scatter_plot.h"
#include "widgets/values/channel_grid.h"
#include "widgets/values/value_box.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>
#include <QSpinBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
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
const char* const gridKey = "compare/grid";

/// The layer's weights in the place of its outputs, an output channel's kernels side by side; null where it has none.
std::shared_ptr<const SampleComparison> weightsOf(const SampleComparison& sample)
{
    if (!sample.floatWeights || !sample.quantizedWeights || sample.quantizedWeights->count() != sample.floatWeights->count())
        return nullptr;
    auto weights = std::make_shared<SampleComparison>();
    weights->layer = sample.layer;
    weights->floatOutput = kernelsSideBySide(*sample.floatWeights);
    weights->quantizedOutput = kernelsSideBySide(*sample.quantizedWeights);
    weights->floatWeights = sample.floatWeights;
    if (weights->floatOutput.empty() || weights->quantizedOutput.empty())
        return nullptr;
    MetricsAccumulator metrics;
    metrics.add(errorSums(weights->floatOutput.floats(), weights->quantizedOutput.floats()), 0);
    weights->metrics = metrics.metrics();
    return weights;
}

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
    void makeGrid();
    void showGrid();
    /// Of the value's pixel (x, y): its numbers, and the part of the picture that it can depend on.
    void showPixel(const QPoint& pixel);
    bool showsWeights() const { return m_what->currentIndex() == 1; }
    void forgetPixel();
    /// What the probe has, when it belongs to what is shown.
    std::shared_ptr<const IntegerSample> shownIntegers() const;

    QSpinBox* m_sample;
    QLabel* m_sampleName;
    QSpinBox* m_channel;
    QLabel* m_layer;
    QComboBox* m_what;
    QLabel* m_statistics;
    ValueBox* m_picture;
    ValueBox* m_float;
    ValueBox* m_quantized;
    ValueBox* m_difference;
    QCheckBox* m_inIntegers;
    ValueBox* m_integer;
    ValueBox* m_steps;
    QLabel* m_integerNote;
    QLabel* m_overflow;
    QWidget* m_overflowRow;
    QStackedWidget* m_right;
    ScatterPlot* m_scatter;
    ChannelGrid* m_grid;
    QToolButton* m_asGrid;
    QComboBox* m_gridShows;
    QComboBox* m_gridOrder;
    QLabel* m_value;
    Buffer m_differences;  ///< of all channels of m_differencesOf
    std::shared_ptr<const SampleComparison> m_differencesOf;
    Buffer m_pictureShown;
    std::shared_ptr<const SampleComparison> m_shown;
    std::shared_ptr<const SampleComparison> m_shownOf;  ///< the probe's, of which m_shown is the outputs or the weights
    bool m_weightsShown = false;
    std::shared_ptr<const IntegerSample> m_integersShown;
};

ComparePanel::ComparePanel(Workbench& bench, QWidget* parent) : View(bench, parent)
{
    m_scatter = new ScatterPlot;
    m_scatter->setEmptyText(tr("Calibrate to compare one sample."));
    makeGrid();
    m_sample = new QSpinBox;
    m_sample->setToolTip(tr("Number of the sample in the data set"));
    m_sampleName = new QLabel;
    m_sampleName->setObjectName(QStringLiteral("sampleName"));
    m_channel = new QSpinBox;
    m_layer = new QLabel;
    m_what = new QComboBox;
    m_what->setObjectName(QStringLiteral("compared"));
    m_what->addItems({tr("output"), tr("weights")});
    m_what->setToolTip(
        tr("What of the layer is compared: its output on this sample, or its weights, where a channel is an output channel and its kernels lie side "
           "by side"));
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
    bar->addWidget(m_what);
    bar->addWidget(new QLabel(tr("channel")));
    bar->addWidget(m_channel);
    bar->addWidget(m_asGrid);
    m_inIntegers = new QCheckBox(tr("in integers"));
    m_inIntegers->setObjectName(QStringLiteral("inIntegers"));
    m_inIntegers->setToolTip(tr("Runs the deploy model, too: int8 weights and int32 accumulators, as on the chip"));
    m_inIntegers->setChecked(QSettings().value(QLatin1String(integersKey), false).toBool());
    bar->addSpacing(12);
    bar->addWidget(m_inIntegers);
    // In the place of the statistics while the mouse is on a pixel.
    m_value = new QLabel;
    m_value->setObjectName(QStringLiteral("valueUnderMouse"));
    m_value->hide();
    bar->addStretch(1);
    bar->addWidget(m_value);
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
    m_picture = new ValueBox(tr("picture"), QStringLiteral("picture"));
    m_float = new ValueBox(tr("float"), QStringLiteral("float"));
    m_quantized = new ValueBox(tr("quantized"), QStringLiteral("quantized"));
    m_integer = new ValueBox(tr("integer"), QStringLiteral("integer"));
    m_steps = new ValueBox(tr("integer, off in steps"), QStringLiteral("steps"));
    m_steps->setToolTip(tr("Integer minus quantized in quantization steps: blue is less, orange is more; full colour is two steps"));
    m_difference = new ValueBox(tr("difference"), QStringLiteral("difference"));
    m_difference->setToolTip(tr("Quantized minus float: blue is less, orange is more; stretched to the largest difference"));
    auto* pictures = new QWidget;
    auto* row = new QHBoxLayout(pictures);
    row->setContentsMargins(6, 2, 6, 6);
    for (ValueBox* box : {m_picture, m_float, m_quantized, m_difference, m_integer, m_steps})
        row->addWidget(box, 1);
    auto* splitter = new QSplitter;
    splitter->addWidget(pictures);
    splitter->addWidget(m_right);
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
    connect(m_grid, &ChannelGrid::chosen, m_channel, &QSpinBox::setValue);
    connect(m_what, &QComboBox::currentIndexChanged, this, &ComparePanel::refreshWhenSeen);
    for (ValueBox* box : {m_float, m_quantized, m_difference, m_integer, m_steps})
        connect(box, &ValueBox::hovered, this, &ComparePanel::showPixel);
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
    } else
        m_sampleName->clear();
    probe.wantPicture();
    if (m_pictureShown.bytes() != probe.picture().bytes()) {
        m_pictureShown = probe.picture();
        m_picture->setPicture(pictureImage(probe.picture()));
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
    const bool fits = m_inIntegers->isChecked() && !showsWeights() && integers && m_shown && integers->layer == m_shown->layer &&
                      integers->sample == m_shown->sample && integers->output.count() == m_shown->floatOutput.count();
    return fits ? integers : nullptr;
}

void ComparePanel::showIntegers()
{
    const bool on = m_inIntegers->isChecked() && !showsWeights();
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
    if (m_bench.probe.result() != m_shownOf || showsWeights() != m_weightsShown) {
        m_shownOf = m_bench.probe.result();
        m_weightsShown = showsWeights();
        m_shown = m_weightsShown && m_shownOf ? weightsOf(*m_shownOf) : m_shownOf;
        const auto& result = m_shown;
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
    const auto& result = m_shown;
    m_channel->setEnabled(result != nullptr);
    m_layer->setText(result
                         ? QStringLiteral("<b>%1</b>  %2")
                               .arg(QString::fromStdString(result->layer).toHtmlEscaped(),
                                    m_weightsShown  ? shapeLabel(result->floatWeights->shape())
                                    : result->sites ? tr("%1 sites, from above: %2").arg(*result->sites).arg(shapeLabel(result->floatOutput.shape()))
                                                    : shapeLabel(result->floatOutput.shape()))
                     : m_shownOf ? QStringLiteral("<b>%1</b>").arg(QString::fromStdString(m_shownOf->layer).toHtmlEscaped())
                                 : QString());
    if (!result)
        m_statistics->setText(m_shownOf ? tr("The layer has no weights") : m_bench.probe.error());
    else if (result->floatOutput.empty())
        // An input, or a layer that is not run.
        m_statistics->setText(m_bench.probe.stale() ? tr("computing…") : tr("nothing to compare"));
    else if (!ofOneSize(*result))
        m_statistics->setText(tr("float %1, quantized %2: of different size, nothing to compare value by value")
                                  .arg(shapeLabel(result->floatOutput.shape()), shapeLabel(result->quantizedOutput.shape())));
    else
        m_statistics->setText((m_bench.probe.stale() ? tr("computing…") + QStringLiteral("   ") : QString()) +
                              QStringLiteral("%1   max |Δ| %2").arg(similarityPhrase(result->metrics), significantText(result->metrics.maxAbs, 3)));
    m_statistics->setToolTip(metricDefinition(similarityMetric()) + QLatin1Char('\n') + metricDefinition(QStringLiteral("cumulative")));
}

void ComparePanel::makeGrid()
{
    m_grid = new ChannelGrid;
    m_gridShows = new QComboBox;
    m_gridShows->setObjectName(QStringLiteral("gridShows"));
    m_gridShows->addItems({tr("difference"), tr("float"), tr("quantized")});
    m_gridOrder = new QComboBox;
    m_gridOrder->addItems({tr("worst first"), tr("by number")});
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    auto* row = new QHBoxLayout;
    row->addWidget(m_gridShows);
    row->addWidget(m_gridOrder);
    row->addStretch(1);
    column->addLayout(row);
    column->addWidget(m_grid, 1);
    m_right = new QStackedWidget;
    m_right->addWidget(m_scatter);
    m_right->addWidget(page);
    m_asGrid = new QToolButton;
    m_asGrid->setObjectName(QStringLiteral("asGrid"));
    m_asGrid->setText(tr("Channels"));
    m_asGrid->setToolTip(tr("All channels side by side instead of the values as points; Ctrl and the wheel make them larger"));
    m_asGrid->setCheckable(true);
    m_asGrid->setChecked(QSettings().value(QLatin1String(gridKey), false).toBool());
    m_right->setCurrentIndex(m_asGrid->isChecked() ? 1 : 0);
    connect(m_asGrid, &QToolButton::toggled, this, [this](bool on) {
        QSettings().setValue(QLatin1String(gridKey), on);
        m_right->setCurrentIndex(on ? 1 : 0);
        showGrid();
    });
    connect(m_gridShows, &QComboBox::currentIndexChanged, this, &ComparePanel::showGrid);
    connect(m_gridOrder, &QComboBox::currentIndexChanged, this, [this](int index) { m_grid->setSorted(index == 0); });
}

void ComparePanel::showGrid()
{
    if (!m_asGrid->isChecked())
        return;
    if (m_differences.empty()) {
        m_grid->clear();
        return;
    }
    const auto channels = static_cast<size_t>(channelCount(m_differences));
    const std::span<const float> differences = m_differences.floats();
    const size_t plane = differences.size() / channels;
    std::vector<double> errors(channels);
    double sum = 0;
    for (size_t i = 0; i < differences.size(); ++i) {
        const double squared = static_cast<double>(differences[i]) * static_cast<double>(differences[i]);
        errors[i / plane] += squared;
        sum += squared;
    }
    for (double& error : errors)
        error /= std::max(sum, 1e-300);
    const bool difference = m_gridShows->currentIndex() == 0;
    const Buffer& shown = difference ? m_differences : m_gridShows->currentIndex() == 1 ? m_shown->floatOutput : m_shown->quantizedOutput;
    const Buffer& range = difference ? m_differences : m_shown->floatOutput;
    const auto [low, high] = std::minmax_element(range.floats().begin(), range.floats().end());
    const float reach = std::max({-*low, *high, 1e-20F});
    m_grid->setChannels(shown, std::move(errors), difference ? -reach : *low, difference ? reach : *high, difference);
    m_grid->setCurrent(m_channel->value());
}

void ComparePanel::forgetPixel()
{
    m_value->hide();
    m_statistics->show();
    m_picture->setMarked({});
}

void ComparePanel::showPixel(const QPoint& pixel)
{
    const auto& prepared = m_bench.session.prepared();
    if (pixel.x() < 0 || m_differences.empty() || !prepared) {
        forgetPixel();
        return;
    }
    const Buffer& x = m_shown->floatOutput;
    const int width = m_float->image().width();
    const auto plane = static_cast<size_t>(x.count() / std::max(1, channelCount(x)));
    const auto inPlane = static_cast<size_t>(pixel.y()) * static_cast<size_t>(width) + static_cast<size_t>(pixel.x());
    if (inPlane >= plane)
        return;
    const size_t at = static_cast<size_t>(m_channel->value()) * plane + inPlane;
    const auto number = [at](const Buffer& values) { return significantText(static_cast<double>(values.floats()[at])); };
    if (m_weightsShown) {
        const KernelTiles tiles = kernelTiles(m_shown->floatWeights->shape());
        m_value->setText(tr("input channel %1, (%2, %3): float %4, quantized %5, Δ %6")
                             .arg(pixel.y() / tiles.height * tiles.columns + pixel.x() / tiles.width)
                             .arg(pixel.y() % tiles.height)
                             .arg(pixel.x() % tiles.width)
                             .arg(number(x), number(m_shown->quantizedOutput), number(m_differences)));
        m_value->show();
        m_statistics->hide();
        return;
    }
    m_value->setText(tr("(%1, %2): float %3, quantized %4, Δ %5")
                         .arg(pixel.y())
                         .arg(pixel.x())
                         .arg(number(x), number(m_shown->quantizedOutput), number(m_differences)));
    m_value->show();
    m_statistics->hide();
    const Model& network = *prepared->network;
    const LayerId id = network.findLayer(m_shown->layer);
    const auto field = id == noId || network.layer(id).outputs.empty()
                           ? std::nullopt
                           : receptiveField(network, network.layer(id).outputs.front(), pixel.y(), pixel.x());
    const Shape input = m_bench.workflow.inputShape();
    const QSize picture = m_picture->image().size();
    // Only where the picture is what the network sees, pixel by pixel.
    const bool fits = field && input.size() == 4 && input[2] == picture.height() && input[3] == picture.width();
    m_picture->setMarked(fits ? QRect(QPoint(static_cast<int>(field->left), static_cast<int>(field->top)),
                                      QPoint(static_cast<int>(field->right), static_cast<int>(field->bottom)))
                              : QRect());
}

void ComparePanel::showChannel()
{
    forgetPixel();
    if (!m_shown || m_shown->floatOutput.empty() || !ofOneSize(*m_shown)) {
        for (ValueBox* box : {m_float, m_quantized, m_difference, m_integer, m_steps})
            box->clear();
        m_differences = {};
        m_differencesOf.reset();
        showGrid();
        return;
    }
    const Buffer& x = m_shown->floatOutput;
    const Buffer& y = m_shown->quantizedOutput;
    if (m_differencesOf != m_shown) {
        m_differencesOf = m_shown;
        m_differences = Buffer(DType::F32, x.shape());
        for (size_t i = 0; i < m_differences.floats().size(); ++i)
            m_differences.floats()[i] = y.floats()[i] - x.floats()[i];
        showGrid();
    }
    const int channel = m_channel->value();
    m_grid->setCurrent(channel);
    const auto plane = static_cast<size_t>(x.count() / std::max(1, channelCount(x)));
    const auto a = x.floats().subspan(static_cast<size_t>(channel) * plane, plane);
    const auto d = std::as_const(m_differences).floats().subspan(static_cast<size_t>(channel) * plane, plane);
    const auto [low, high] = std::minmax_element(a.begin(), a.end());
    float reach = 1e-20F;
    for (const float difference : d)
        reach = std::max(reach, std::abs(difference));
    m_float->setValues({.tensor = x, .channel = channel, .low = *low, .high = *high});
    m_quantized->setValues({.tensor = y, .channel = channel, .low = *low, .high = *high});
    m_difference->setValues({.tensor = m_differences, .channel = channel, .low = -reach, .high = reach, .signedScale = true});
    if (const auto integers = shownIntegers()) {
        m_integer->setValues({.tensor = integers->output, .channel = channel, .low = *low, .high = *high});
        m_steps->setValues({.tensor = integers->steps, .channel = channel, .low = -2, .high = 2, .signedScale = true});
    } else {
        m_integer->clear();
        m_steps->clear();
    }
}

}  // namespace

QWidget* makeComparePanel(Workbench& bench, QWidget* parent)
{
    return new ComparePanel(bench, parent);
}

}  // namespace qs

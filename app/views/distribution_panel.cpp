#include "app/views/distribution_panel.h"

#include "app/commands/configuration_command.h"
#include "app/views/views.h"
#include "core/ops/op.h"
#include "core/stats/estimate.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/plots/distribution_plot.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace qs {

DistributionPanel::DistributionPanel(Workbench& bench, QWidget* parent) : View(bench, parent)
{
    setObjectName(QStringLiteral("distributionPanel"));
    m_port = new QComboBox;
    m_port->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_logarithmic = new QCheckBox(tr("logarithmic"));
    m_logarithmic->setChecked(true);
    m_outside = new QLabel;
    m_outside->setMinimumWidth(1);  // it has the room that is left
    m_plot = new DistributionPlot;
    m_weightPlot = new DistributionPlot;
    m_channels = new ChannelPlot;
    m_channels->setEmptyText(tr("No weights"));
    auto* weights = new QSplitter;
    weights->addWidget(m_weightPlot);
    weights->addWidget(m_channels);
    m_furthest = new QLabel;
    m_furthest->setObjectName(QStringLiteral("furthestSamples"));
    m_furthest->setTextFormat(Qt::RichText);
    m_furthest->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    m_furthest->setToolTip(
        tr("The calibration samples whose values reach furthest: they set the limits. A click shows one in Compare; Samples can "
           "leave it out"));
    m_furthest->setContentsMargins(6, 0, 6, 2);
    m_furthest->setMinimumWidth(1);
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_plot);
    m_stack->addWidget(weights);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 2);
    bar->setSpacing(6);
    bar->addWidget(m_port);
    bar->addWidget(m_logarithmic);
    bar->addStretch(1);
    bar->addWidget(m_outside);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_furthest);
    layout->addWidget(m_stack, 1);
    connect(m_furthest, &QLabel::linkActivated, this, [this](const QString& sample) { m_bench.probe.look(sample.toInt()); });

    connect(m_port, &QComboBox::activated, this, &DistributionPanel::refreshWhenSeen);
    connect(m_logarithmic, &QCheckBox::toggled, this, [this](bool on) {
        m_plot->setLogarithmic(on);
        m_weightPlot->setLogarithmic(on);
    });
    connect(m_plot, &DistributionPlot::clipDragged, this, &DistributionPanel::showOutside);
    connect(m_plot, &DistributionPlot::clipEdited, this, &DistributionPanel::editClip);
    connect(m_plot, &DistributionPlot::clipReset, this,
            [this] { setClip(m_bench.session, m_layer, quantizableIndex(m_port->currentData().toInt()), std::nullopt); });
}

int DistributionPanel::quantizableIndex(int port) const
{
    const auto& model = m_bench.session.model();
    const LayerId id = model ? model->findLayer(m_layer.toStdString()) : noId;
    if (id == noId)
        return -1;
    const std::vector<int> ports = quantizableSites(*model, id, *m_bench.session.configuration().scheme);
    const auto found = std::find(ports.begin(), ports.end(), port);
    return found == ports.end() ? -1 : static_cast<int>(found - ports.begin());
}

void DistributionPanel::editClip(double low, double high)
{
    setClip(m_bench.session, m_layer, quantizableIndex(m_port->currentData().toInt()), std::pair{static_cast<float>(low), static_cast<float>(high)});
}

void DistributionPanel::fillPorts()
{
    const Session& session = m_bench.session;
    const LayerId id = session.selectedId();
    const QString layer = session.selectedLayer();
    if (layer == m_layer && m_port->count() > 0)
        return;
    m_layer = layer;
    m_port->clear();
    if (id == noId)
        return;
    const Model& model = *session.model();
    const Layer& l = model.layer(id);
    for (size_t i = 0; i < l.inputs.size(); ++i)
        if (!model.value(l.inputs[i]).constant)
            m_port->addItem(tr("input %1: %2").arg(i).arg(QString::fromStdString(model.value(l.inputs[i]).name)), static_cast<int>(i));
    m_port->addItem(tr("output"), -1);
    if (quantizableIndex(stateSite) >= 0)
        m_port->addItem(tr("state"), stateSite);
    if (!l.weights.empty() && l.weights.front())
        m_port->addItem(tr("weights"), weightsItem);
}

void DistributionPanel::refresh()
{
    fillPorts();
    const int port = m_port->count() > 0 ? m_port->currentData().toInt() : -1;
    m_stack->setCurrentIndex(port == weightsItem ? 1 : 0);
    m_port->setEnabled(m_port->count() > 0);
    if (port == weightsItem)
        showWeights();
    else
        showPort(port);
    showOutside();
    showFurthest(port);
}

void DistributionPanel::showFurthest(int port)
{
    const Session& session = m_bench.session;
    const auto& calibration = session.calibration();
    const DataSet* set = session.data().get();
    const PortObservation* observed = nullptr;
    if (calibration && session.selectedId() != noId)
        for (const PortObservation& one : calibration->observations)
            if (one.layer == m_layer.toStdString() && one.port == port)
                observed = &one;
    // Only values beyond zero ask for a limit there: behind a ReLU nothing reaches down.
    QStringList sides;
    const auto links = [set](const std::vector<FurthestSample>& samples) {
        constexpr size_t shown = 2;
        QStringList texts;
        for (size_t i = 0; i < std::min(shown, samples.size()); ++i) {
            const FurthestSample& one = samples[i];
            const QString name = QString::fromStdString(one.name).toHtmlEscaped();
            // Other data may be open by now.
            const bool there = set && one.sample < set->size() && set->sampleName(one.sample) == one.name;
            texts << (there ? QStringLiteral("<a href=\"%1\">%2</a>").arg(one.sample).arg(name) : name) + QLatin1Char(' ') +
                         significantText(static_cast<double>(one.value));
        }
        return texts.join(QStringLiteral(", "));
    };
    if (observed && !observed->highest.empty() && observed->highest.front().value > 0)
        sides << tr("up: %1").arg(links(observed->highest));
    if (observed && !observed->lowest.empty() && observed->lowest.front().value < 0)
        sides << tr("down: %1").arg(links(observed->lowest));
    m_furthest->setVisible(!sides.isEmpty());
    m_furthest->setText(tr("Reach furthest %1").arg(sides.join(QStringLiteral(" · "))));
}

void DistributionPanel::showPort(int port)
{
    const Session& session = m_bench.session;
    DistributionData shown;
    m_plot->setEmptyText(session.selectedId() == noId ? tr("Select a layer.") : tr("Calibrate to see the distribution."));
    const std::string name = m_layer.toStdString();
    if (session.selectedId() != noId) {
        shown.xLabel = tr("value of %1, %2").arg(m_layer, m_port->currentText());
        if (const auto& comparison = session.histograms().comparison)
            if (const PortHistograms* found = comparison->histogram(name, port)) {
                // The float values are the same under any settings; the quantized ones are of those that they were compared with.
                shown.stale = session.histograms().dataSerial != session.dataSerial();
                shown.floatValues = found->floatValues;
                if (!session.histogramsStale() || shown.stale)
                    shown.quantizedValues = found->quantizedValues;
            }
        if (shown.floatValues.counts.empty() && session.calibration())
            for (const PortObservation& observation : session.calibration()->observations)
                if (observation.layer == name && observation.port == port)
                    shown.floatValues = observation.histogram;
        const int index = quantizableIndex(port);
        if (index >= 0 && session.record()) {
            const auto setting = session.configuration().layers.find(name);
            const auto factors = session.factors(session.selectedId());
            if (const InputFactors* input = factors ? factors->input(port) : nullptr)
                shown.clip = {static_cast<double>(input->params.clipMin()), static_cast<double>(input->params.clipMax())};
            if (setting != session.configuration().layers.end() && setting->second.activation(static_cast<size_t>(index)).clip) {
                const auto& byHand = *setting->second.activation(static_cast<size_t>(index)).clip;
                shown.clip = {static_cast<double>(byHand.first), static_cast<double>(byHand.second)};
                shown.clipByHand = true;
            }
            shown.clipEditable = shown.clip.has_value();
        }
    }
    m_plot->setData(std::move(shown));
}

void DistributionPanel::showWeights()
{
    const Session& session = m_bench.session;
    const LayerId id = session.selectedId();
    if (id == noId || m_weightsOf == m_layer)
        return;
    m_weightsOf = m_layer;
    const std::shared_ptr<const Buffer> weights = session.model()->layer(id).weights.front();
    m_bench.jobs.run<WeightStatistics>(
        {QStringLiteral("weight-statistics"), tr("Read weights"), Lane::Light, true, true, this},
        [weights](const JobContext&, const std::shared_ptr<Engine>&) -> Result<WeightStatistics> {
            WeightStatistics statistics;
            WideningHistogram histogram;
            histogram.add(weights->floats());
            statistics.histogram = histogram.display();
            const auto channels = static_cast<size_t>(weights->shape().empty() ? 1 : std::max<int64_t>(1, weights->shape().front()));
            const size_t length = static_cast<size_t>(weights->count()) / channels;
            for (size_t c = 0; c < channels; ++c) {
                const Range range = rangeOf(weights->floats().subspan(c * length, length));
                statistics.channels.push_back({range.minimum, range.maximum});
            }
            return statistics;
        },
        [this, layer = m_layer](Result<WeightStatistics> statistics) {
            if (!statistics || layer != m_layer)
                return;
            DistributionData shown;
            shown.xLabel = tr("weights of %1").arg(layer);
            shown.floatValues = std::move(statistics->histogram);
            m_weightPlot->setData(std::move(shown));
            m_channels->setSeries({.ranges = std::move(statistics->channels)});
        });
}

void DistributionPanel::showOutside()
{
    const auto [low, high] = m_plot->limits();
    const bool clipped = m_stack->currentIndex() == 0 && high > low;
    QString text;
    if (clipped) {
        const QString error = estimateText(low, high);
        text = (error.isEmpty() ? QString() : error + QStringLiteral(" · ")) +
               tr("outside the limits: %1 %").arg(percentText(m_plot->outsideShare(), 4));
    }
    m_outside->setText(text);
    m_outside->setToolTip(
        tr("Estimate: error of this input under these limits, from its histogram; the exact figures follow when the limit is released. "
           "Outside: share of the float values that clipping cuts off. Drag the limits to change them."));
}

QString DistributionPanel::estimateText(double low, double high) const
{
    const Session& session = m_bench.session;
    const int index = quantizableIndex(m_port->currentData().toInt());
    const auto setting = session.configuration().layers.find(m_layer.toStdString());
    const Histogram& values = m_plot->floatValues();
    if (index < 0 || setting == session.configuration().layers.end() || values.counts.empty())
        return {};
    const ActivationSetting& activation = setting->second.activation(static_cast<size_t>(index));
    const auto params =
        paramsFromRange(static_cast<float>(low), static_cast<float>(high), activation.bits,
                        activation.withOffset.value_or(session.configuration().activationOffset), session.configuration().scheme->activations);
    if (!params)
        return {};
    const ErrorEstimate estimate = estimateError(values, *params);
    return tr("estimate: input SQNR %1 dB, %2").arg(decibelText(estimate.sqnrDb), cosinePhrase(estimate.cosine));
}

QWidget* makeDistributionPanel(Workbench& bench, QWidget* parent)
{
    return new DistributionPanel(bench, parent);
}

}  // namespace qs

#include "widgets/plots/channel_plot.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/plots/qcp.h"

#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace qs {

ChannelPlot::ChannelPlot(QWidget* parent) : PlotBase(parent)
{
    setObjectName(QStringLiteral("weights-by-channel"));
    QCPAxis* right = plot()->yAxis2;
    m_parts = plot()->addGraph(plot()->xAxis, right);
    m_parts->setLineStyle(QCPGraph::lsImpulse);
    m_low = plot()->addGraph();
    m_high = plot()->addGraph();
    for (QCPGraph* graph : {m_low, m_high})
        graph->setLineStyle(QCPGraph::lsStepCenter);
    m_high->setChannelFillGraph(m_low);
    for (QCPGraph*& limit : m_limits)
        limit = plot()->addGraph();
    m_mark = plot()->addGraph();
    plot()->legend->clearItems();
    right->setLabel(tr("part of the error"));
    plot()->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    plot()->axisRect()->setRangeZoom(Qt::Horizontal);
    plot()->axisRect()->setRangeDrag(Qt::Horizontal);
    connect(plot(), &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        const int channel = channelAt(plot()->xAxis->pixelToCoord(event->position().x()));
        if (channel < 0) {
            QToolTip::hideText();
            return;
        }
        const auto index = static_cast<size_t>(channel);
        QString tip = tr("channel %1: %2 to %3")
                          .arg(channel)
                          .arg(significantText(static_cast<double>(m_series.ranges[index].minimum)),
                               significantText(static_cast<double>(m_series.ranges[index].maximum)));
        if (!m_series.parts.empty())
            tip += QLatin1Char('\n') + tr("%1 % of the layer's error").arg(percentText(m_series.parts[index]));
        QToolTip::showText(event->globalPosition().toPoint(), tip, plot());
    });
    connect(plot(), &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        if (const int channel = channelAt(plot()->xAxis->pixelToCoord(event->position().x())); channel >= 0)
            Q_EMIT channelClicked(channel);
    });
    connect(plot()->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
            [this](const QCPRange& range) { Q_EMIT moved(range.lower, range.upper); });
    restyle();
    paintEmpty(true);
}

void ChannelPlot::setStacked()
{
    const int beside = fontMetrics().horizontalAdvance(QStringLiteral("0.000000"));
    plot()->axisRect()->setMinimumMargins(QMargins(beside, 0, beside, 0));
    for (QCPAxis* axis : {plot()->yAxis, plot()->yAxis2})
        axis->ticker()->setTickCount(2);
}

void ChannelPlot::showChannels(double first, double last)
{
    if (const QCPRange range = plot()->xAxis->range(); range.lower == first && range.upper == last)
        return;
    plot()->xAxis->setRange(first, last);
    replotSoon();
}

int ChannelPlot::channelAt(double x) const
{
    const double channel = std::round(x);
    return channel >= 0 && channel < static_cast<double>(m_series.ranges.size()) ? static_cast<int>(channel) : -1;
}

void ChannelPlot::setSeries(ChannelSeries series)
{
    m_series = std::move(series);
    const auto& ranges = m_series.ranges;
    QVector<double> x;
    QVector<double> low;
    QVector<double> high;
    for (size_t i = 0; i < ranges.size(); ++i) {
        x << static_cast<double>(i);
        low << static_cast<double>(ranges[i].minimum);
        high << static_cast<double>(ranges[i].maximum);
    }
    m_low->setData(x, low, true);
    m_high->setData(x, high, true);
    m_parts->setData(x, QVector<double>(m_series.parts.begin(), m_series.parts.end()), true);
    const double last = std::max(0.5, static_cast<double>(ranges.size()) - 0.5);
    for (size_t i = 0; i < 2; ++i) {
        const double limit = m_series.limits ? (i == 0 ? m_series.limits->first : m_series.limits->second) : 0;
        m_limits[i]->setData(m_series.limits ? QVector<double>{-0.5, last} : QVector<double>(),
                             m_series.limits ? QVector<double>(2, limit) : QVector<double>(), true);
    }
    m_mark->data()->clear();
    plot()->xAxis->setLabel(m_series.channelName.isEmpty() ? tr("output channel") : m_series.channelName);
    plot()->yAxis->setLabel(m_series.valueName.isEmpty() ? tr("weight range") : m_series.valueName);
    plot()->yAxis2->setVisible(!m_series.parts.empty());
    plot()->yAxis->rescale();
    plot()->xAxis->setRange(-0.5, last);
    plot()->yAxis->scaleRange(1.1);
    const double most = m_series.parts.empty() ? 1 : *std::max_element(m_series.parts.begin(), m_series.parts.end());
    // Impulses stand in the lower part: the ranges remain to be read.
    plot()->yAxis2->setRange(0, std::max(most, 1e-9) * 2);
    setMarked(m_marked < static_cast<int>(ranges.size()) ? m_marked : -1);
    paintEmpty(ranges.empty());
}

void ChannelPlot::setMarked(int channel)
{
    m_marked = channel;
    m_mark->data()->clear();
    if (channel >= 0 && channel < static_cast<int>(m_series.ranges.size())) {
        const QCPRange range = plot()->yAxis->range();
        m_mark->setData(QVector<double>(2, channel), {range.lower, range.upper}, true);
    }
    replotSoon();
}

PlotTable ChannelPlot::table() const
{
    PlotTable table{{QStringLiteral("channel"), QStringLiteral("minimum"), QStringLiteral("maximum")}, {}};
    if (!m_series.parts.empty())
        table.headers.push_back(QStringLiteral("part"));
    for (size_t i = 0; i < m_series.ranges.size(); ++i) {
        table.rows.push_back({QString::number(i), QString::number(static_cast<double>(m_series.ranges[i].minimum), 'g', 9),
                              QString::number(static_cast<double>(m_series.ranges[i].maximum), 'g', 9)});
        if (!m_series.parts.empty())
            table.rows.back().push_back(QString::number(m_series.parts[i], 'g', 9));
    }
    return table;
}

void ChannelPlot::restyle()
{
    const QPen pen(theme().accent, 1.1);
    m_low->setPen(pen);
    m_high->setPen(pen);
    m_high->setBrush(mixed(theme().accent, theme().background, 0.82));
    m_parts->setPen(QPen(theme().warning, 3));
    m_mark->setPen(QPen(theme().secondary, 1));
    for (QCPGraph* limit : m_limits)
        limit->setPen(QPen(theme().warning, 1, Qt::DashLine));
}

}  // namespace qs

#include "widgets/plots/channel_plot.h"

#include "widgets/common/theme.h"
#include "widgets/plots/qcp.h"

namespace qs {

ChannelPlot::ChannelPlot(QWidget* parent) : PlotBase(parent)
{
    setObjectName(QStringLiteral("weights-by-channel"));
    m_low = plot()->addGraph();
    m_high = plot()->addGraph();
    for (QCPGraph* graph : {m_low, m_high})
        graph->setLineStyle(QCPGraph::lsStepCenter);
    m_high->setChannelFillGraph(m_low);
    plot()->legend->clearItems();
    plot()->xAxis->setLabel(tr("output channel"));
    plot()->yAxis->setLabel(tr("weight range"));
    plot()->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    plot()->axisRect()->setRangeZoom(Qt::Horizontal);
    plot()->axisRect()->setRangeDrag(Qt::Horizontal);
    restyle();
    paintEmpty(true);
}

void ChannelPlot::setRanges(std::vector<ChannelRange> ranges)
{
    m_ranges = std::move(ranges);
    QVector<double> x;
    QVector<double> low;
    QVector<double> high;
    for (size_t i = 0; i < m_ranges.size(); ++i) {
        x << static_cast<double>(i);
        low << static_cast<double>(m_ranges[i].minimum);
        high << static_cast<double>(m_ranges[i].maximum);
    }
    m_low->setData(x, low, true);
    m_high->setData(x, high, true);
    plot()->rescaleAxes();
    plot()->xAxis->setRange(-0.5, std::max(0.5, static_cast<double>(m_ranges.size()) - 0.5));
    plot()->yAxis->scaleRange(1.1);
    paintEmpty(m_ranges.empty());
}

PlotTable ChannelPlot::table() const
{
    PlotTable table{{QStringLiteral("channel"), QStringLiteral("minimum"), QStringLiteral("maximum")}, {}};
    for (size_t i = 0; i < m_ranges.size(); ++i)
        table.rows.push_back({QString::number(i), QString::number(static_cast<double>(m_ranges[i].minimum), 'g', 9),
                              QString::number(static_cast<double>(m_ranges[i].maximum), 'g', 9)});
    return table;
}

void ChannelPlot::restyle()
{
    const QPen pen(theme().accent, 1.1);
    m_low->setPen(pen);
    m_high->setPen(pen);
    m_high->setBrush(mixed(theme().accent, theme().background, 0.82));
}

}  // namespace qs

#include "widgets/plots/scatter_plot.h"

#include "widgets/common/theme.h"
#include "widgets/plots/qcp.h"

#include <algorithm>

namespace qs {

ScatterPlot::ScatterPlot(QWidget* parent) : PlotBase(parent)
{
    setObjectName(QStringLiteral("scatter"));
    m_points = plot()->addGraph();
    m_points->removeFromLegend();
    m_points->setLineStyle(QCPGraph::lsNone);
    m_points->setAdaptiveSampling(true);
    m_diagonal = new QCPItemStraightLine(plot());
    m_diagonal->point1->setCoords(0, 0);
    m_diagonal->point2->setCoords(1, 1);
    plot()->xAxis->setLabel(tr("float"));
    plot()->yAxis->setLabel(tr("quantized"));
    plot()->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    restyle();
    paintEmpty(true);
}

void ScatterPlot::setValues(std::span<const float> x, std::span<const float> y)
{
    constexpr size_t most = 4000;
    const size_t count = std::min(x.size(), y.size());
    const size_t step = std::max<size_t>(1, (count + most - 1) / most);
    m_x.clear();
    m_y.clear();
    for (size_t i = 0; i < count; i += step) {
        m_x << static_cast<double>(x[i]);
        m_y << static_cast<double>(y[i]);
    }
    m_points->setData(m_x, m_y);
    if (!m_x.isEmpty()) {
        const auto [lowX, highX] = std::minmax_element(m_x.begin(), m_x.end());
        const auto [lowY, highY] = std::minmax_element(m_y.begin(), m_y.end());
        QCPRange range(std::min(*lowX, *lowY), std::max(*highX, *highY));
        const double pad = std::max(1e-6, range.size() * 0.05);
        range = QCPRange(range.lower - pad, range.upper + pad);
        plot()->xAxis->setRange(range);
        plot()->yAxis->setRange(range);
    }
    m_diagonal->setVisible(!m_x.isEmpty());
    paintEmpty(m_x.isEmpty());
}

void ScatterPlot::resizeEvent(QResizeEvent* event)
{
    PlotBase::resizeEvent(event);
    plot()->xAxis->ticker()->setTickCount(std::max(2, width() / 70));
}

PlotTable ScatterPlot::table() const
{
    PlotTable table{{QStringLiteral("float"), QStringLiteral("quantized")}, {}};
    for (qsizetype i = 0; i < m_x.size(); ++i)
        table.rows.push_back({QString::number(m_x[i], 'g', 9), QString::number(m_y[i], 'g', 9)});
    return table;
}

void ScatterPlot::restyle()
{
    m_points->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, theme().accent, theme().accent, 2.5));
    m_diagonal->setPen(QPen(theme().secondary, 1, Qt::DashLine));
}

}  // namespace qs

#include "widgets/plots/scope_plot.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/plots/qcp.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qs {

ScopePlot::ScopePlot(QWidget* parent) : LayerPlot(parent)
{
    setObjectName(QStringLiteral("scopes"));
    QCustomPlot* p = plot();
    p->yAxis->setScaleType(QCPAxis::stLogarithmic);
    p->yAxis->setTicker(QSharedPointer<QCPAxisTickerLog>(new QCPAxisTickerLog));
    p->yAxis->setNumberFormat(QStringLiteral("eb"));
    p->yAxis->setNumberPrecision(0);
    // Above the axes: inside, the lines of the scopes leave it no place. In two rows, whose names are wider than their share of one.
    p->legend->setWrap(3);
    p->legend->setIconSize(18, 12);
    p->axisRect()->insetLayout()->take(p->legend);
    p->plotLayout()->insertRow(0);
    p->plotLayout()->addElement(0, 0, p->legend);
    p->plotLayout()->setRowStretchFactor(0, 0.001);
    restyle();
    paintEmpty(true);
}

void ScopePlot::setSeries(const QString& axis, QStringList layers, std::vector<ScopeSeries> series, bool stale)
{
    m_series = std::move(series);
    m_stale = stale;
    while (m_graphs.size() < m_series.size())
        m_graphs.push_back(plot()->addGraph());
    double low = 1;
    double high = 1e-12;
    for (const ScopeSeries& one : m_series)
        for (const double value : one.values)
            if (value > 0 && std::isfinite(value)) {
                low = std::min(low, value);
                high = std::max(high, value);
            }
    low = std::max(low, high * 1e-8);
    for (size_t s = 0; s < m_graphs.size(); ++s) {
        QVector<double> x;
        QVector<double> y;
        if (s < m_series.size())
            for (size_t i = 0; i < m_series[s].values.size(); ++i) {
                x << static_cast<double>(i);
                y << std::max(m_series[s].values[i], low / 2);
            }
        m_graphs[s]->setData(x, y, true);
        m_graphs[s]->setName(s < m_series.size() ? m_series[s].name : QString());
        m_graphs[s]->setVisible(s < m_series.size());
    }
    plot()->yAxis->setLabel(axis);
    plot()->yAxis->setRange(low / 2.5, high * 3);
    const bool empty = layers.isEmpty() || m_series.empty();
    setLayers(std::move(layers));
    settle();
    paintEmpty(empty);
}

double ScopePlot::ringAt(int layer) const
{
    return m_graphs.empty() ? std::numeric_limits<double>::quiet_NaN() : m_graphs.front()->data()->at(layer)->value;
}

QString ScopePlot::tipOf(int layer) const
{
    QString text = layers()[layer];
    for (const ScopeSeries& series : m_series)
        text += QStringLiteral("\n%1: %2").arg(series.name, significantText(series.values[static_cast<size_t>(layer)]));
    return text;
}

PlotTable ScopePlot::table() const
{
    PlotTable table{{QStringLiteral("layer")}, {}};
    for (const ScopeSeries& series : m_series)
        table.headers.push_back(series.name);
    for (qsizetype i = 0; i < layers().size(); ++i) {
        std::vector<QString> row{layers()[i]};
        for (const ScopeSeries& series : m_series)
            row.push_back(QString::number(series.values[static_cast<size_t>(i)], 'g', 9));
        table.rows.push_back(std::move(row));
    }
    return table;
}

void ScopePlot::restyle()
{
    LayerPlot::restyle();
    const Theme& t = theme();
    for (size_t i = 0; i < m_graphs.size(); ++i) {
        const QColor own = i == 0 ? t.accent : categoryColor(static_cast<int>(i));
        const QColor color = m_stale ? mixed(own, t.secondary, 0.7) : own;
        m_graphs[i]->setPen(QPen(color, i == 0 ? 1.8 : 1.2, i == 0 ? Qt::SolidLine : Qt::DashLine));
        m_graphs[i]->setScatterStyle(QCPScatterStyle(i == 0 ? QCPScatterStyle::ssDisc : QCPScatterStyle::ssCircle, color, color, 4));
    }
}

}  // namespace qs

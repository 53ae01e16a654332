#include "widgets/plots/scope_plot.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/plots/qcp.h"

#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace qs {

ScopePlot::ScopePlot(QWidget* parent) : PlotBase(parent)
{
    setObjectName(QStringLiteral("scopes"));
    QCustomPlot* p = plot();
    p->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    p->axisRect()->setRangeZoom(Qt::Horizontal);
    p->axisRect()->setRangeDrag(Qt::Horizontal);
    p->yAxis->setScaleType(QCPAxis::stLogarithmic);
    p->yAxis->setTicker(QSharedPointer<QCPAxisTickerLog>(new QCPAxisTickerLog));
    p->yAxis->setNumberFormat(QStringLiteral("eb"));
    p->yAxis->setNumberPrecision(0);
    p->xAxis->setTickLabelRotation(-35);
    p->legend->setFillOrder(QCPLayoutGrid::foColumnsFirst);
    // Above the axes: inside, the lines of four scopes leave it no place.
    p->axisRect()->insetLayout()->take(p->legend);
    p->plotLayout()->insertRow(0);
    p->plotLayout()->addElement(0, 0, p->legend);
    p->plotLayout()->setRowStretchFactor(0, 0.001);
    m_marks = p->addGraph();
    m_marks->removeFromLegend();
    connect(p->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this](const QCPRange& range) {
        const QCPRange bounded = range.bounded(-0.5, std::max(0.5, static_cast<double>(m_layers.size()) - 0.5));
        if (bounded != range)
            plot()->xAxis->setRange(bounded);
        else
            thinLabels();
    });
    connect(p, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) { setProperty("pressAt", event->pos()); });
    connect(p, &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        if (event->button() != Qt::LeftButton || (event->pos() - property("pressAt").toPoint()).manhattanLength() > 4)
            return;
        if (const int i = layerAt(plot()->xAxis->pixelToCoord(event->pos().x())); i >= 0)
            Q_EMIT layerClicked(m_layers[i]);
    });
    connect(p, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        const int i = event->buttons() ? -1 : layerAt(plot()->xAxis->pixelToCoord(event->pos().x()));
        if (i < 0)
            return;
        QString text = m_layers[i];
        for (const ScopeSeries& series : m_series)
            text += QStringLiteral("\n%1: %2").arg(series.name, significantText(series.values[static_cast<size_t>(i)]));
        QToolTip::showText(event->globalPosition().toPoint(), text, plot());
    });
    restyle();
    paintEmpty(true);
}

void ScopePlot::setSeries(const QString& axis, QStringList layers, std::vector<ScopeSeries> series, bool stale)
{
    const bool sameRange = layers.size() == m_layers.size();
    m_layers = std::move(layers);
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
    if (!sameRange)
        plot()->xAxis->setRange(-0.5, static_cast<double>(m_layers.size()) - 0.5);
    restyle();
    thinLabels();
    setSelectedNames(m_selected);
    paintEmpty(m_layers.isEmpty() || m_series.empty());
}

void ScopePlot::setSelectedNames(const QStringList& names)
{
    m_selected = names;
    QVector<double> x;
    QVector<double> y;
    for (qsizetype i = 0; i < m_layers.size(); ++i)
        if (names.contains(m_layers[i]) && !m_graphs.empty()) {
            x << static_cast<double>(i);
            y << m_graphs.front()->data()->at(static_cast<int>(i))->value;
        }
    m_marks->setData(x, y, true);
    replotSoon();
}

int ScopePlot::layerAt(double x) const
{
    const auto i = std::lround(x);
    return i >= 0 && i < m_layers.size() ? static_cast<int>(i) : -1;
}

void ScopePlot::thinLabels()
{
    const QCPRange visible = plot()->xAxis->range();
    const int room = std::max(1, plot()->axisRect()->width() / 26);
    const int first = std::max(0, static_cast<int>(std::ceil(visible.lower)));
    const int last = std::min(static_cast<int>(m_layers.size()) - 1, static_cast<int>(std::floor(visible.upper)));
    const int step = std::max(1, (last - first + room) / room);
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    const QFontMetrics metrics(plot()->xAxis->tickLabelFont());
    for (int i = first; i <= last; i += step)
        ticker->addTick(i, metrics.elidedText(m_layers[i], Qt::ElideMiddle, 84));
    plot()->xAxis->setTicker(ticker);
}

void ScopePlot::resizeEvent(QResizeEvent* event)
{
    PlotBase::resizeEvent(event);
    plot()->replot();
    thinLabels();
    replotSoon();
}

PlotTable ScopePlot::table() const
{
    PlotTable table{{QStringLiteral("layer")}, {}};
    for (const ScopeSeries& series : m_series)
        table.headers.push_back(series.name);
    for (qsizetype i = 0; i < m_layers.size(); ++i) {
        std::vector<QString> row{m_layers[i]};
        for (const ScopeSeries& series : m_series)
            row.push_back(QString::number(series.values[static_cast<size_t>(i)], 'g', 9));
        table.rows.push_back(std::move(row));
    }
    return table;
}

void ScopePlot::restyle()
{
    const Theme& t = theme();
    for (size_t i = 0; i < m_graphs.size(); ++i) {
        const QColor own = i == 0 ? t.accent : categoryColor(static_cast<int>(i));
        const QColor color = m_stale ? mixed(own, t.secondary, 0.7) : own;
        m_graphs[i]->setPen(QPen(color, i == 0 ? 1.8 : 1.2, i == 0 ? Qt::SolidLine : Qt::DashLine));
        m_graphs[i]->setScatterStyle(QCPScatterStyle(i == 0 ? QCPScatterStyle::ssDisc : QCPScatterStyle::ssCircle, color, color, 4));
    }
    m_marks->setLineStyle(QCPGraph::lsNone);
    m_marks->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(t.text, 1.6), Qt::NoBrush, 10));
}

}  // namespace qs

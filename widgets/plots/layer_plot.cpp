#include "widgets/plots/layer_plot.h"

#include "widgets/common/theme.h"
#include "widgets/plots/qcp.h"

#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace qs {

LayerPlot::LayerPlot(QWidget* parent) : PlotBase(parent)
{
    QCustomPlot* p = plot();
    p->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    p->axisRect()->setRangeZoom(Qt::Horizontal);
    p->axisRect()->setRangeDrag(Qt::Horizontal);
    p->xAxis->setTickLabelRotation(-35);
    p->legend->setFillOrder(QCPLayoutGrid::foColumnsFirst);
    m_marks = p->addGraph();
    m_marks->removeFromLegend();
    // It is made first and drawn last.
    p->addLayer(QStringLiteral("marks"), p->layer(QStringLiteral("main")));
    m_marks->setLayer(QStringLiteral("marks"));
    connect(p->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this](const QCPRange& range) {
        const QCPRange bounded = range.bounded(-0.5, std::max(0.5, static_cast<double>(m_layers.size()) - 0.5));
        if (bounded != range) {
            plot()->xAxis->setRange(bounded);
            return;
        }
        restyle();
        thinLabels();
        arrange();
    });
    connect(p, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) { m_pressedAt = event->pos(); });
    connect(p, &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        if (event->button() != Qt::LeftButton || (event->pos() - m_pressedAt).manhattanLength() > 4)
            return;
        if (const int i = layerAt(plot()->xAxis->pixelToCoord(event->pos().x())); i >= 0)
            Q_EMIT layerClicked(m_layers[i]);
    });
    connect(p, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        const int i = event->buttons() ? -1 : layerAt(plot()->xAxis->pixelToCoord(event->pos().x()));
        if (i >= 0)
            QToolTip::showText(event->globalPosition().toPoint(), tipOf(i), plot());
    });
}

void LayerPlot::setLayers(QStringList layers, bool showAll)
{
    showAll |= layers.size() != m_layers.size();
    m_layers = std::move(layers);
    if (showAll && !m_layers.isEmpty())
        plot()->xAxis->setRange(-0.5, static_cast<double>(m_layers.size()) - 0.5);
}

void LayerPlot::settle()
{
    restyle();
    thinLabels();
    arrange();
    setSelectedNames(m_selected);
}

void LayerPlot::setSelectedNames(const QStringList& names)
{
    m_selected = names;
    QVector<double> x;
    QVector<double> y;
    for (int i = 0; i < static_cast<int>(m_layers.size()); ++i)
        if (names.contains(m_layers[i])) {
            x << i;
            y << ringAt(i);
        }
    m_marks->setData(x, y, true);
    replotSoon();
}

int LayerPlot::layerAt(double x) const
{
    const auto i = std::lround(x);
    return i >= 0 && i < m_layers.size() ? static_cast<int>(i) : -1;
}

bool LayerPlot::dense() const
{
    constexpr double room = 4;  // pixels
    return plot()->xAxis->range().size() * room > plot()->axisRect()->width();
}

void LayerPlot::thinLabels()
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

void LayerPlot::resizeEvent(QResizeEvent* event)
{
    PlotBase::resizeEvent(event);
    plot()->replot();
    restyle();
    thinLabels();
    arrange();
    replotSoon();
}

void LayerPlot::restyle()
{
    m_marks->setLineStyle(QCPGraph::lsNone);
    m_marks->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(theme().text, 1.6), Qt::NoBrush, 10));
}

}  // namespace qs

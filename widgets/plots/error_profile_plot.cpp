#include "widgets/plots/error_profile_plot.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/plots/qcp.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace qs {

namespace {

constexpr int namedCount = 4;
/// An infinite SQNR (nothing lost) is drawn at the top.
constexpr double infiniteDb = 120;

/// Nothing lost, on a logarithmic axis.
constexpr double leastMiss = 1e-7;

double drawnDb(double value)
{
    if (std::isnan(value))
        return value;  // a gap
    return std::isfinite(value) ? std::clamp(value, -infiniteDb, infiniteDb) : std::signbit(value) ? -infiniteDb : infiniteDb;
}

double drawn(double value, ProfileMetric metric)
{
    return metric == ProfileMetric::OneMinusCosine ? std::max(drawnDb(value), leastMiss) : drawnDb(value);
}

}  // namespace

ErrorProfilePlot::ErrorProfilePlot(QWidget* parent) : LayerPlot(parent)
{
    setObjectName(QStringLiteral("error-profile"));
    QCustomPlot* p = plot();
    m_reference = p->addGraph();
    m_cumulative = p->addGraph();
    m_local = p->addGraph();
    m_cumulative->setName(tr("cumulative"));
    m_local->setName(tr("local"));
    m_reference->removeFromLegend();
    m_line = new QCPItemStraightLine(p);
    m_lineText = new QCPItemText(p);
    m_lineText->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
    m_lineText->position->setTypeY(QCPItemPosition::ptPlotCoords);
    for (int i = 0; i < namedCount; ++i) {
        m_names.push_back(new QCPItemText(p));
        m_names.back()->setVisible(false);
    }
    p->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignLeft | Qt::AlignBottom);
    restyle();
    paintEmpty(true);
}

bool ErrorProfilePlot::worse(double a, double b) const
{
    return growsWorse() ? a > b : a < b;
}

void ErrorProfilePlot::setPoints(std::vector<ProfilePoint> points, ProfileMetric metric, double threshold, bool stale)
{
    const bool otherMetric = metric != m_metric;
    if (!otherMetric && points == m_points && threshold == m_threshold && stale == m_stale)
        return;
    m_points = std::move(points);
    m_metric = metric;
    m_threshold = threshold;
    m_stale = stale;
    QVector<double> x;
    QVector<double> local;
    QVector<double> cumulative;
    QVector<double> reference;
    double low = 1e300;
    double high = -1e300;
    for (size_t i = 0; i < m_points.size(); ++i) {
        x << static_cast<double>(i);
        local << drawn(m_points[i].local, metric);
        cumulative << drawn(m_points[i].cumulative, metric);
        // A layer that the other branch lacks is a gap in its curve.
        reference << (m_points[i].reference ? drawn(*m_points[i].reference, metric) : std::numeric_limits<double>::quiet_NaN());
        for (const double v : {local.back(), cumulative.back(), reference.back()}) {
            if (std::isnan(v))
                continue;
            low = std::min(low, v);
            if (v < infiniteDb || metric != ProfileMetric::Sqnr)
                high = std::max(high, v);
        }
    }
    m_local->setData(x, local, true);
    m_cumulative->setData(x, cumulative, true);
    m_reference->setData(x, reference, true);
    QCustomPlot* p = plot();
    const bool empty = m_points.empty();
    if (otherMetric) {
        const bool logarithmic = metric == ProfileMetric::OneMinusCosine;
        p->yAxis->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
        p->yAxis->setTicker(logarithmic ? QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog) : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
        p->yAxis->setNumberFormat(logarithmic ? QStringLiteral("eb") : QStringLiteral("gb"));
        p->yAxis->setNumberPrecision(logarithmic ? 0 : 6);
    }
    if (!empty) {
        if (high < low)
            high = low + 1;
        if (std::isfinite(threshold)) {
            low = std::min(low, threshold);
            high = std::max(high, threshold);
        }
        // The names hang below the worst points, or stand above: room for them there.
        const double best = growsWorse() ? 0.5 : 1.8;
        const double worst = growsWorse() ? 1.8 : 0.6;
        if (metric == ProfileMetric::OneMinusCosine) {
            const double pad = std::pow(high / low, 0.12) * 1.1;
            p->yAxis->setRange(low / std::pow(pad, best), high * std::pow(pad, worst));
        } else {
            const double pad = std::max((high - low) * 0.12, metric == ProfileMetric::Sqnr ? 2.0 : 1e-4);
            p->yAxis->setRange(low - pad * best, high + pad * worst);
        }
    }
    m_line->setVisible(!empty && std::isfinite(threshold));
    m_lineText->setVisible(m_line->visible());
    if (m_line->visible()) {
        m_line->point1->setCoords(0, threshold);
        m_line->point2->setCoords(1, threshold);
        m_lineText->setText(tr("threshold %1").arg(significantText(threshold)));
        // On the side with more room, so that what runs along the border does not strike it out.
        const bool below = p->yAxis->coordToPixel(threshold) < p->axisRect()->rect().center().y();
        m_lineText->setPositionAlignment(Qt::AlignRight | (below ? Qt::AlignTop : Qt::AlignBottom));
        m_lineText->position->setCoords(0.995, threshold);
    }
    QStringList layers;
    for (const ProfilePoint& point : m_points)
        layers << point.layer;
    setLayers(std::move(layers), otherMetric);
    settle();
    paintEmpty(empty);
}

void ErrorProfilePlot::setReferenceName(const QString& name)
{
    if (name == m_referenceName)
        return;
    m_referenceName = name;
    m_reference->setName(name);
    if (name.isEmpty())
        m_reference->removeFromLegend();
    else
        m_reference->addToLegend();
}

double ErrorProfilePlot::ringAt(int layer) const
{
    return drawn(m_points[static_cast<size_t>(layer)].cumulative, m_metric);
}

QString ErrorProfilePlot::tipOf(int layer) const
{
    const ProfilePoint& point = m_points[static_cast<size_t>(layer)];
    const auto text = [&](double v) {
        return m_metric == ProfileMetric::Cosine           ? cosineText(v)
               : m_metric == ProfileMetric::OneMinusCosine ? cosineText(1 - v)
               : m_metric == ProfileMetric::Sqnr           ? decibelText(v)
                                                           : significantText(v);
    };
    return QStringLiteral("%1\n%2: %3\n%4: %5").arg(point.layer, tr("cumulative"), text(point.cumulative), tr("local"), text(point.local)) +
           (point.reference ? QStringLiteral("\n%1: %2").arg(m_referenceName, text(*point.reference)) : QString());
}

void ErrorProfilePlot::nameWorst()
{
    const QCPRange visible = plot()->xAxis->range();
    std::vector<size_t> order;
    for (size_t i = 0; i < m_points.size(); ++i)
        if (visible.contains(static_cast<double>(i)))
            order.push_back(i);
    const size_t count = std::min<size_t>(namedCount, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                      [this](size_t a, size_t b) { return worse(m_points[a].cumulative, m_points[b].cumulative); });
    m_worst.clear();
    std::vector<QRectF> taken;
    const QFontMetricsF metrics(plot()->xAxis->tickLabelFont());
    for (size_t k = 0; k < m_names.size(); ++k) {
        m_names[k]->setVisible(false);
        if (k >= count)
            continue;
        const ProfilePoint& point = m_points[order[k]];
        m_worst << point.layer;
        // A name that would lie on another is left out: the tooltip has it.
        const double px = plot()->xAxis->coordToPixel(static_cast<double>(order[k]));
        const double py = plot()->yAxis->coordToPixel(drawn(point.cumulative, m_metric));
        const QSizeF size(metrics.horizontalAdvance(point.layer) + 8, metrics.height());
        const bool below = !growsWorse();
        const QRect area = plot()->axisRect()->rect();
        double cx = px;
        if (area.width() > size.width())
            cx = std::clamp(px, area.left() + size.width() / 2, area.right() - size.width() / 2);
        const QRectF place(cx - size.width() / 2, below ? py + 4 : py - 4 - size.height(), size.width(), size.height());
        if (std::any_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(place); }))
            continue;
        taken.push_back(place);
        QCPItemText* name = m_names[k];
        name->setText(point.layer);
        name->setPositionAlignment(Qt::AlignHCenter | (below ? Qt::AlignTop : Qt::AlignBottom));
        name->position->setCoords(plot()->xAxis->pixelToCoord(cx), plot()->yAxis->pixelToCoord(py + (below ? 4 : -4)));
        name->setVisible(true);
    }
}

PlotTable ErrorProfilePlot::table() const
{
    PlotTable table{{QStringLiteral("layer"), QStringLiteral("local"), QStringLiteral("cumulative")}, {}};
    if (!m_referenceName.isEmpty())
        table.headers.push_back(m_referenceName);
    for (const ProfilePoint& point : m_points) {
        table.rows.push_back({point.layer, QString::number(point.local, 'g', 9), QString::number(point.cumulative, 'g', 9)});
        if (!m_referenceName.isEmpty())
            table.rows.back().push_back(point.reference ? QString::number(*point.reference, 'g', 9) : QString());
    }
    return table;
}

void ErrorProfilePlot::restyle()
{
    LayerPlot::restyle();
    const Theme& t = theme();
    const QColor strong = m_stale ? t.secondary : t.accent;
    const QColor weak = m_stale ? mixed(t.secondary, t.background, 0.4) : categoryColor(1);
    const auto draw = [thin = dense()](QCPGraph* graph, const QPen& pen, const QCPScatterStyle& mark) {
        graph->setPen(thin ? QPen(pen.color(), 1) : pen);
        graph->setScatterStyle(thin ? QCPScatterStyle() : mark);
        graph->setAntialiased(!thin);
    };
    draw(m_cumulative, QPen(strong, 1.6), QCPScatterStyle(QCPScatterStyle::ssDisc, strong, strong, 4.5));
    const QColor other = mixed(t.text, t.background, 0.25);
    draw(m_reference, QPen(other, 1.4, Qt::DotLine), QCPScatterStyle(QCPScatterStyle::ssSquare, other, t.background, 4.5));
    draw(m_local, QPen(weak, 1.2, Qt::DashLine), QCPScatterStyle(QCPScatterStyle::ssCircle, weak, t.background, 4));
    m_line->setPen(QPen(t.warning, 1, Qt::DashLine));
    m_lineText->setColor(t.warning);
    QColor veil = t.background;
    veil.setAlphaF(0.8F);
    m_lineText->setBrush(veil);
    m_lineText->setFont(plot()->xAxis->tickLabelFont());
    for (QCPItemText* name : m_names) {
        name->setColor(t.text);
        name->setFont(plot()->xAxis->tickLabelFont());
    }
}

}  // namespace qs

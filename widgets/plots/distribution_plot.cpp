#include "widgets/plots/distribution_plot.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/plots/qcp.h"

#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>

#include <cmath>
#include <tuple>

namespace qs {

namespace {

constexpr double grabDistance = 6;  // pixels

}  // namespace

DistributionPlot::DistributionPlot(QWidget* parent) : PlotBase(parent)
{
    setObjectName(QStringLiteral("distribution"));
    QCustomPlot* p = plot();
    m_quantized = p->addGraph();
    m_float = p->addGraph();
    m_float->setName(tr("float"));
    m_quantized->setName(tr("quantized"));
    for (QCPGraph* graph : {m_float, m_quantized})
        graph->setLineStyle(QCPGraph::lsStepLeft);
    p->legend->setFillOrder(QCPLayoutGrid::foColumnsFirst);
    p->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignRight | Qt::AlignTop);
    p->yAxis->setLabel(tr("share of values"));
    p->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    p->axisRect()->setRangeZoom(Qt::Horizontal);
    p->axisRect()->setRangeDrag(Qt::Horizontal);
    // The dragged lines have a buffer of their own: a drag repaints them alone.
    p->addLayer(QStringLiteral("clip"), p->layer(QStringLiteral("main")), QCustomPlot::limAbove);
    p->layer(QStringLiteral("clip"))->setMode(QCPLayer::lmBuffered);
    for (int i = 0; i < 2; ++i) {
        m_shades[i] = new QCPItemRect(p);
        m_lines[i] = new QCPItemStraightLine(p);
        m_labels[i] = new QCPItemText(p);
        m_labels[i]->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
        m_labels[i]->setPadding(QMargins(4, 1, 4, 1));
        m_shades[i]->topLeft->setTypeY(QCPItemPosition::ptAxisRectRatio);
        m_shades[i]->bottomRight->setTypeY(QCPItemPosition::ptAxisRectRatio);
        for (QCPAbstractItem* item :
             {static_cast<QCPAbstractItem*>(m_lines[i]), static_cast<QCPAbstractItem*>(m_labels[i]), static_cast<QCPAbstractItem*>(m_shades[i])}) {
            item->setLayer(QStringLiteral("clip"));
            item->setSelectable(false);
            item->setVisible(false);
        }
    }
    connect(p, &QCustomPlot::mousePress, this, &DistributionPlot::onPress);
    connect(p, &QCustomPlot::mouseMove, this, &DistributionPlot::onMove);
    connect(p, &QCustomPlot::mouseRelease, this, &DistributionPlot::onRelease);
    connect(p->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this] { moveLimits(); });
    setFocusPolicy(Qt::StrongFocus);
    setLogarithmic(true);
    restyle();
    paintEmpty(true);
}

void DistributionPlot::fill(QCPGraph* graph, const Histogram& histogram)
{
    QVector<double> x;
    QVector<double> y;
    const double total = std::max<double>(1, static_cast<double>(histogram.total));
    const double nothing = m_logarithmic ? std::numeric_limits<double>::quiet_NaN() : 0;
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
        x << histogram.lower + histogram.width * static_cast<double>(i);
        y << (histogram.counts[i] > 0 ? static_cast<double>(histogram.counts[i]) / total : nothing);
    }
    if (!x.isEmpty()) {
        x << histogram.upper();
        y << y.back();
    }
    graph->setData(x, y, true);
}

namespace {

/// The quantized values fall on few points: they are shown on coarse bins, one a level or so, or they would be a comb.
Histogram coarser(const Histogram& histogram, int bins)
{
    Histogram out = histogram;
    const size_t merge = histogram.counts.size() / static_cast<size_t>(bins);
    if (merge < 2)
        return out;
    out.counts.assign((histogram.counts.size() + merge - 1) / merge, 0);
    out.width = histogram.width * static_cast<double>(merge);
    for (size_t i = 0; i < histogram.counts.size(); ++i)
        out.counts[i / merge] += histogram.counts[i];
    return out;
}

double smallestShare(const Histogram& histogram)
{
    double smallest = 1;
    const double total = std::max<double>(1, static_cast<double>(histogram.total));
    for (const uint64_t count : histogram.counts)
        if (count > 0)
            smallest = std::min(smallest, static_cast<double>(count) / total);
    return smallest;
}

double largestShare(const Histogram& histogram)
{
    uint64_t largest = 0;
    for (const uint64_t count : histogram.counts)
        largest = std::max(largest, count);
    return static_cast<double>(largest) / std::max<double>(1, static_cast<double>(histogram.total));
}

bool same(const Histogram& a, const Histogram& b)
{
    const auto rest = [](const Histogram& h) { return std::tie(h.lower, h.width, h.total, h.minimum, h.maximum); };
    return rest(a) == rest(b) && a.counts == b.counts;
}

bool same(const DistributionData& a, const DistributionData& b)
{
    const auto rest = [](const DistributionData& d) { return std::tie(d.xLabel, d.clip, d.clipEditable, d.clipByHand, d.stale); };
    return rest(a) == rest(b) && same(a.floatValues, b.floatValues) && a.quantizedValues.has_value() == b.quantizedValues.has_value() &&
           (!a.quantizedValues || same(*a.quantizedValues, *b.quantizedValues));
}

}  // namespace

void DistributionPlot::refill()
{
    constexpr int bins = 128;
    const Histogram values = coarser(m_data.floatValues, bins);
    fill(m_float, values);
    double top = largestShare(values);
    double bottom = smallestShare(values);
    m_quantized->setVisible(m_data.quantizedValues.has_value());
    if (m_data.quantizedValues) {
        const Histogram quantized = coarser(*m_data.quantizedValues, bins);
        fill(m_quantized, quantized);
        top = std::max(top, largestShare(quantized));
        bottom = std::min(bottom, smallestShare(quantized));
        m_quantized->addToLegend();
    } else {
        m_quantized->setData(QVector<double>(), QVector<double>());
        m_quantized->removeFromLegend();
    }
    if (m_logarithmic)
        plot()->yAxis->setRange(bottom * 0.5, top * 6);
    else
        plot()->yAxis->setRange(0, top * 1.25);
}

void DistributionPlot::setData(DistributionData shown)
{
    // Most changes are not of this value; limits that were dragged and not taken go back.
    if (same(shown, m_data) && (m_dragged >= 0 || !m_data.clip || m_limits == *m_data.clip))
        return;
    const bool sameValue =
        shown.xLabel == m_data.xLabel && shown.floatValues.lower == m_data.floatValues.lower && shown.floatValues.width == m_data.floatValues.width;
    m_data = std::move(shown);
    const bool empty = m_data.floatValues.counts.empty() || m_data.floatValues.width <= 0;
    plot()->xAxis->setLabel(m_data.xLabel);
    refill();
    if (m_dragged < 0 && m_data.clip)
        m_limits = *m_data.clip;
    if (!empty && !sameValue) {
        double low = m_data.floatValues.minimum;
        double high = m_data.floatValues.maximum;
        if (m_data.clip) {
            low = std::min(low, m_data.clip->first);
            high = std::max(high, m_data.clip->second);
        }
        const double pad = std::max(1e-9, (high - low) * 0.06);
        plot()->xAxis->setRange(low - pad, high + pad);
    }
    for (int i = 0; i < 2; ++i) {
        m_lines[i]->setVisible(!empty && m_data.clip.has_value());
        m_labels[i]->setVisible(m_lines[i]->visible());
        m_shades[i]->setVisible(m_lines[i]->visible());
    }
    moveLimits();
    restyle();
    paintEmpty(empty);
}

void DistributionPlot::setLogarithmic(bool on)
{
    m_logarithmic = on;
    plot()->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (on) {
        plot()->yAxis->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
        plot()->yAxis->setNumberFormat(QStringLiteral("eb"));
        plot()->yAxis->setNumberPrecision(0);
    } else {
        plot()->yAxis->setTicker(QSharedPointer<QCPAxisTicker>::create());
        plot()->yAxis->setNumberFormat(QStringLiteral("g"));
        plot()->yAxis->setNumberPrecision(4);
    }
    refill();
    replotSoon();
}

double DistributionPlot::outsideShare() const
{
    return m_data.floatValues.outside(m_limits.first, m_limits.second);
}

double DistributionPlot::limitPixel(int which) const
{
    return plot()->xAxis->coordToPixel(which == 0 ? m_limits.first : m_limits.second);
}

void DistributionPlot::moveLimits()
{
    if (!m_lines[0]->visible())
        return;
    const double values[2]{m_limits.first, m_limits.second};
    const QCPRange range = plot()->xAxis->range();
    const double infinite = std::numeric_limits<double>::max() / 4;
    for (int i = 0; i < 2; ++i) {
        m_lines[i]->point1->setCoords(values[i], plot()->yAxis->range().lower);
        m_lines[i]->point2->setCoords(values[i], plot()->yAxis->range().upper);
        m_shades[i]->topLeft->setCoords(i == 0 ? std::min(range.lower, values[0]) : values[1], 0);
        m_shades[i]->bottomRight->setCoords(i == 0 ? values[0] : std::max(range.upper, values[1]), 1);
        const double outside = i == 0 ? m_data.floatValues.outside(values[0], infinite) : m_data.floatValues.outside(-infinite, values[1]);
        m_labels[i]->setText(QStringLiteral("%1\n%2 %").arg(significantText(values[i]), percentText(outside, 3)));
        // Beside the line, towards the side with more room.
        const bool right = values[i] < range.center();
        m_labels[i]->setPositionAlignment((right ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignTop);
        m_labels[i]->setTextAlignment(right ? Qt::AlignLeft : Qt::AlignRight);
        m_labels[i]->position->setCoords(values[i], 0.24);  // below the legend
    }
}

int DistributionPlot::limitAt(double pixel) const
{
    if (!m_data.clipEditable || !m_lines[0]->visible())
        return -1;
    const double low = std::abs(limitPixel(0) - pixel);
    const double high = std::abs(limitPixel(1) - pixel);
    if (std::min(low, high) > grabDistance)
        return -1;
    return low < high ? 0 : 1;
}

void DistributionPlot::onPress(QMouseEvent* event)
{
    m_dragged = event->button() == Qt::LeftButton ? limitAt(event->position().x()) : -1;
    // The plot must not be moved while a limit is, nor drawn again behind it.
    plot()->setInteraction(QCP::iRangeDrag, m_dragged < 0);
    plot()->setNoAntialiasingOnDrag(m_dragged < 0);
}

void DistributionPlot::setLimit(int which, double value)
{
    // The range always holds zero: a quantized zero is exactly zero.
    if (which == 0)
        m_limits.first = std::min(value, 0.0);
    else
        m_limits.second = std::max(value, 0.0);
    // And more than zero: a bin's width at least.
    if (!(static_cast<float>(m_limits.first) < static_cast<float>(m_limits.second)))
        (which == 0 ? m_limits.first : m_limits.second) = which == 0 ? -m_data.floatValues.width : m_data.floatValues.width;
    moveLimits();
    plot()->layer(QStringLiteral("clip"))->replot();
    Q_EMIT clipDragged(m_limits.first, m_limits.second);
}

void DistributionPlot::onMove(QMouseEvent* event)
{
    if (m_dragged < 0) {
        plot()->setCursor(limitAt(event->position().x()) >= 0 ? Qt::SplitHCursor : Qt::ArrowCursor);
        return;
    }
    setLimit(m_dragged, plot()->xAxis->pixelToCoord(event->position().x()));
}

void DistributionPlot::onRelease()
{
    if (m_dragged < 0)
        return;
    m_dragged = -1;
    plot()->setInteraction(QCP::iRangeDrag, true);
    if (m_data.clip != m_limits)
        Q_EMIT clipEdited(m_limits.first, m_limits.second);
}

void DistributionPlot::keyPressEvent(QKeyEvent* event)
{
    // Left and right move the upper limit, with Shift the lower one.
    if (m_data.clipEditable && m_data.clip && (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)) {
        const int which = event->modifiers() & Qt::ShiftModifier ? 0 : 1;
        const double step = (m_limits.second - m_limits.first) / 200 * (event->key() == Qt::Key_Right ? 1 : -1);
        setLimit(which, (which == 0 ? m_limits.first : m_limits.second) + step);
        Q_EMIT clipEdited(m_limits.first, m_limits.second);
        return;
    }
    PlotBase::keyPressEvent(event);
}

void DistributionPlot::addMenuActions(QMenu& menu)
{
    QAction* logarithmicAction = menu.addAction(tr("Logarithmic scale"));
    logarithmicAction->setCheckable(true);
    logarithmicAction->setChecked(m_logarithmic);
    connect(logarithmicAction, &QAction::toggled, this, &DistributionPlot::setLogarithmic);
    QAction* reset = menu.addAction(tr("Back to the calibrated limits"), this, &DistributionPlot::clipReset);
    reset->setEnabled(m_data.clipByHand);
    menu.addAction(tr("Show all"), this, [this] {
        plot()->xAxis->setRange(m_data.floatValues.lower, m_data.floatValues.upper());
        replotSoon();
    });
}

PlotTable DistributionPlot::table() const
{
    PlotTable table{{QStringLiteral("lower"), QStringLiteral("upper"), QStringLiteral("float"), QStringLiteral("quantized")}, {}};
    const Histogram& f = m_data.floatValues;
    for (size_t i = 0; i < f.counts.size(); ++i) {
        const double low = f.lower + f.width * static_cast<double>(i);
        QString quantized;
        if (m_data.quantizedValues && m_data.quantizedValues->counts.size() == f.counts.size() && m_data.quantizedValues->lower == f.lower)
            quantized = QString::number(m_data.quantizedValues->counts[i]);
        table.rows.push_back({QString::number(low, 'g', 9), QString::number(low + f.width, 'g', 9), QString::number(f.counts[i]), quantized});
    }
    return table;
}

void DistributionPlot::restyle()
{
    const Theme& t = theme();
    const QColor first = m_data.stale ? t.secondary : t.accent;
    m_float->setPen(QPen(first, 1.2));
    // Opaque: a translucent fill costs ten times as much.
    m_float->setBrush(mixed(first, t.background, 0.86));
    m_quantized->setPen(QPen(m_data.stale ? mixed(t.secondary, t.background, 0.4) : categoryColor(1), 1.2));
    for (int i = 0; i < 2; ++i) {
        const QColor color = m_data.clipByHand ? t.warning : t.text;
        m_lines[i]->setPen(QPen(color, m_data.clipEditable ? 1.6 : 1, m_data.clipByHand ? Qt::SolidLine : Qt::DashLine));
        m_labels[i]->setColor(color);
        m_labels[i]->setFont(plot()->xAxis->tickLabelFont());
        m_shades[i]->setPen(Qt::NoPen);
        QColor shade = t.secondary;
        shade.setAlpha(36);
        m_shades[i]->setBrush(shade);
    }
}

}  // namespace qs

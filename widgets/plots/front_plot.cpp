#include "widgets/plots/front_plot.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/plots/qcp.h"

#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace qs {

FrontPlot::FrontPlot(QWidget* parent) : PlotBase(parent)
{
    setObjectName(QStringLiteral("front"));
    QCustomPlot* p = plot();
    p->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_all = p->addGraph();
    m_front = p->addGraph();
    m_best = p->addGraph();
    m_mark = p->addGraph();
    m_all->setName(tr("tried"));
    m_front->setName(tr("front"));
    m_best->setName(tr("best"));
    m_mark->removeFromLegend();
    m_target = new QCPItemStraightLine(p);
    m_budget = new QCPItemStraightLine(p);
    p->xAxis->setLabel(tr("in 8 bits, %"));
    p->yAxis->setLabel(tr("output cosine"));
    p->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignLeft | Qt::AlignBottom);
    connect(p, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) { setProperty("pressAt", event->pos()); });
    connect(p, &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        if (event->button() == Qt::LeftButton && (event->pos() - property("pressAt").toPoint()).manhattanLength() <= 4)
            if (const int point = pointAt(event->pos()); point >= 0)
                Q_EMIT pointClicked(point);
    });
    connect(p, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        const int i = event->buttons() ? -1 : pointAt(event->pos());
        if (i < 0)
            return;
        const FrontPoint& point = m_points[static_cast<size_t>(i)];
        QToolTip::showText(event->globalPosition().toPoint(),
                           QStringLiteral("%1\n%2: %3 %\n%4: %5")
                               .arg(point.text, tr("in 8 bits"), percentText(point.share), tr("output"), cosinePhrase(point.cosine)),
                           plot());
    });
    restyle();
    paintEmpty(true);
}

void FrontPlot::setPoints(std::vector<FrontPoint> points, double target, double budget)
{
    m_points = std::move(points);
    QVector<double> x, y, frontX, frontY, bestX, bestY;
    double low = 1, high = 0, left = 1, right = 0;
    for (const FrontPoint& point : m_points) {
        x << 100 * point.share;
        y << point.cosine;
        if (point.front) {
            frontX << 100 * point.share;
            frontY << point.cosine;
        }
        if (point.best) {
            bestX << 100 * point.share;
            bestY << point.cosine;
        }
        low = std::min(low, point.cosine);
        high = std::max(high, point.cosine);
        left = std::min(left, point.share);
        right = std::max(right, point.share);
    }
    m_all->setData(x, y);
    m_front->setData(frontX, frontY);
    m_best->setData(bestX, bestY);
    const bool shown = std::isfinite(target);
    m_target->setVisible(shown && !m_points.empty());
    m_budget->setVisible(budget > 0 && !m_points.empty());
    if (shown) {
        low = std::min(low, target);
        high = std::max(high, target);
        m_target->point1->setCoords(0, target);
        m_target->point2->setCoords(1, target);
    }
    m_budget->point1->setCoords(100 * budget, 0);
    m_budget->point2->setCoords(100 * budget, 1);
    const double padY = std::max((high - low) * 0.12, 1e-5);
    const double padX = std::max((right - left) * 8, 1.0);
    plot()->yAxis->setRange(low - padY, high + padY);
    plot()->xAxis->setRange(100 * left - padX, 100 * right + padX);
    setSelected(m_selected);
    paintEmpty(m_points.empty());
}

void FrontPlot::setSelected(int point)
{
    m_selected = point;
    QVector<double> x, y;
    if (point >= 0 && point < static_cast<int>(m_points.size())) {
        x << 100 * m_points[static_cast<size_t>(point)].share;
        y << m_points[static_cast<size_t>(point)].cosine;
    }
    m_mark->setData(x, y);
    replotSoon();
}

int FrontPlot::pointAt(const QPoint& place) const
{
    constexpr double reach = 8;
    int nearest = -1;
    double best = reach;
    for (size_t i = 0; i < m_points.size(); ++i) {
        const double dx = plot()->xAxis->coordToPixel(100 * m_points[i].share) - place.x();
        const double dy = plot()->yAxis->coordToPixel(m_points[i].cosine) - place.y();
        if (const double distance = std::hypot(dx, dy); distance < best) {
            best = distance;
            nearest = static_cast<int>(i);
        }
    }
    return nearest;
}

PlotTable FrontPlot::table() const
{
    PlotTable table{{QStringLiteral("share"), QStringLiteral("cosine"), QStringLiteral("front"), QStringLiteral("settings")}, {}};
    for (const FrontPoint& point : m_points)
        table.rows.push_back({QString::number(point.share, 'g', 9), QString::number(point.cosine, 'g', 9),
                              point.front ? QStringLiteral("1") : QStringLiteral("0"), point.text});
    return table;
}

void FrontPlot::restyle()
{
    const Theme& t = theme();
    const QColor quiet = mixed(t.secondary, t.background, 0.3);
    m_all->setLineStyle(QCPGraph::lsNone);
    m_all->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, quiet, quiet, 4));
    m_front->setLineStyle(QCPGraph::lsStepRight);
    m_front->setPen(QPen(t.accent, 1.6));
    m_front->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, t.accent, t.accent, 6));
    m_best->setLineStyle(QCPGraph::lsNone);
    m_best->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDiamond, QPen(t.text, 1.4), categoryColor(1), 11));
    m_mark->setLineStyle(QCPGraph::lsNone);
    m_mark->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(t.text, 1.6), Qt::NoBrush, 14));
    m_target->setPen(QPen(t.warning, 1, Qt::DashLine));
    m_budget->setPen(QPen(t.warning, 1, Qt::DotLine));
}

}  // namespace qs

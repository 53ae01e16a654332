// Accuracy against cost: every setting that a search has run, and the front of those that no other betters.
#pragma once

#include "widgets/plots/plot_base.h"

class QCPGraph;
class QCPItemStraightLine;

namespace qs {

struct FrontPoint {
    double share = 1;  ///< in 8 bits, 0..1
    double cosine = 1;
    bool front = false;
    bool best = false;
    QString text;  ///< what was changed
};

class FrontPlot : public PlotBase {
    Q_OBJECT

public:
    explicit FrontPlot(QWidget* parent = nullptr);
    /// `target`: cosine to reach; NaN: none. `budget`: least share.
    void setPoints(std::vector<FrontPoint> points, double target, double budget);
    void setSelected(int point);

Q_SIGNALS:
    void pointClicked(int point);

protected:
    PlotTable table() const override;
    void restyle() override;

private:
    int pointAt(const QPoint& place) const;

    std::vector<FrontPoint> m_points;
    int m_selected = -1;
    QCPGraph* m_all;
    QCPGraph* m_front;
    QCPGraph* m_best;
    QCPGraph* m_mark;
    QCPItemStraightLine* m_target;
    QCPItemStraightLine* m_budget;
};

}  // namespace qs

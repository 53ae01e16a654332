// Quantized against float, value by value: on the diagonal nothing is lost.
#pragma once

#include "widgets/plots/plot_base.h"

#include <span>

class QCPCurve;
class QCPGraph;
class QCPItemStraightLine;

namespace qs {

class ScatterPlot : public PlotBase {
    Q_OBJECT

public:
    explicit ScatterPlot(QWidget* parent = nullptr);
    /// At most 4,000 points are drawn, evenly picked.
    void setValues(std::span<const float> x, std::span<const float> y);

protected:
    PlotTable table() const override;
    void restyle() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QVector<double> m_x;
    QVector<double> m_y;
    QCPGraph* m_points;
    QCPItemStraightLine* m_diagonal;
};

}  // namespace qs

// Float and quantized histograms as step lines, with the clip limits as lines that can be dragged.
#pragma once

#include "core/stats/histogram.h"
#include "widgets/plots/plot_base.h"

#include <optional>
#include <utility>

class QCPGraph;
class QCPItemRect;
class QCPItemStraightLine;
class QCPItemText;

namespace qs {

struct DistributionData {
    QString xLabel;
    Histogram floatValues;
    std::optional<Histogram> quantizedValues;
    std::optional<std::pair<double, double>> clip;
    bool clipEditable = false;
    bool clipByHand = false;
    bool stale = false;
};

class DistributionPlot : public PlotBase {
    Q_OBJECT

public:
    explicit DistributionPlot(QWidget* parent = nullptr);
    /// Keeps the visible range while the x label stays the same.
    void setData(DistributionData shown);
    void setLogarithmic(bool on);
    bool logarithmic() const { return m_logarithmic; }
    /// Share of float values outside the limits as they stand now, dragged or not.
    double outsideShare() const;
    std::pair<double, double> limits() const { return m_limits; }
    const Histogram& floatValues() const { return m_data.floatValues; }
    /// Where limit 0 (low) or 1 (high) stands, in the plot's pixels: for tests and the tour.
    double limitPixel(int which) const;

Q_SIGNALS:
    /// While dragging: one a mouse move.
    void clipDragged(double low, double high);
    /// On release.
    void clipEdited(double low, double high);
    void clipReset();

protected:
    PlotTable table() const override;
    void restyle() override;
    void addMenuActions(QMenu& menu) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void fill(QCPGraph* graph, const Histogram& histogram);
    void refill();
    void moveLimits();
    void setLimit(int which, double value);
    int limitAt(double pixel) const;
    void onPress(QMouseEvent* event);
    void onMove(QMouseEvent* event);
    void onRelease();

    DistributionData m_data;
    bool m_logarithmic = true;
    std::pair<double, double> m_limits;
    int m_dragged = -1;
    QCPGraph* m_float;
    QCPGraph* m_quantized;
    QCPItemStraightLine* m_lines[2];
    QCPItemRect* m_shades[2];
    QCPItemText* m_labels[2];
};

}  // namespace qs

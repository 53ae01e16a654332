// Several figures of the same layers as lines over them: the scopes of sensitivity.
#pragma once

#include "widgets/plots/layer_plot.h"

namespace qs {

struct ScopeSeries {
    QString name;
    std::vector<double> values;  ///< by layer
};

class ScopePlot : public LayerPlot {
    Q_OBJECT

public:
    explicit ScopePlot(QWidget* parent = nullptr);
    /// Errors on a logarithmic axis: 0 is drawn at the bottom.
    void setSeries(const QString& axis, QStringList layers, std::vector<ScopeSeries> series, bool stale);

protected:
    PlotTable table() const override;
    double ringAt(int layer) const override;
    QString tipOf(int layer) const override;
    void restyle() override;

private:
    std::vector<ScopeSeries> m_series;
    std::vector<QCPGraph*> m_graphs;
    bool m_stale = false;
};

}  // namespace qs

// Several figures of the same layers as lines over them: the scopes of sensitivity.
#pragma once

#include "widgets/plots/plot_base.h"

#include <QStringList>

class QCPGraph;

namespace qs {

struct ScopeSeries {
    QString name;
    std::vector<double> values;  ///< by layer
};

class ScopePlot : public PlotBase {
    Q_OBJECT

public:
    explicit ScopePlot(QWidget* parent = nullptr);
    /// Errors on a logarithmic axis: 0 is drawn at the bottom.
    void setSeries(const QString& axis, QStringList layers, std::vector<ScopeSeries> series, bool stale);
    void setSelectedNames(const QStringList& names);

Q_SIGNALS:
    void layerClicked(const QString& layer);

protected:
    PlotTable table() const override;
    void restyle() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    int layerAt(double x) const;
    void thinLabels();

    QStringList m_layers;
    QStringList m_selected;
    std::vector<ScopeSeries> m_series;
    std::vector<QCPGraph*> m_graphs;
    QCPGraph* m_marks;
    bool m_stale = false;
};

}  // namespace qs

// What plots of one value a layer share: the layers along the x axis, which one is pointed at or clicked, rings around the selected ones.
#pragma once

#include "widgets/plots/plot_base.h"

#include <QPoint>
#include <QStringList>

class QCPGraph;

namespace qs {

class LayerPlot : public PlotBase {
    Q_OBJECT

public:
    explicit LayerPlot(QWidget* parent = nullptr);
    void setSelectedNames(const QStringList& names);

Q_SIGNALS:
    void layerClicked(const QString& layer);

protected:
    /// In execution order. All of them are shown when there are not as many as before, or when asked for; otherwise the range stays.
    void setLayers(QStringList layers, bool showAll = false);
    const QStringList& layers() const { return m_layers; }
    /// After new values: labels, rings and what the subclass arranges.
    void settle();
    /// So many layers in so few pixels that a mark for each would be a smear: a thin line says more, and is drawn in a tenth of the time.
    bool dense() const;
    /// Where the ring around a selected layer is drawn.
    virtual double ringAt(int layer) const = 0;
    virtual QString tipOf(int layer) const = 0;
    /// The visible range or the size has changed.
    virtual void arrange() {}
    void restyle() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    int layerAt(double x) const;
    void thinLabels();

    QStringList m_layers;
    QStringList m_selected;
    QCPGraph* m_marks;
    QPoint m_pressedAt;
};

}  // namespace qs

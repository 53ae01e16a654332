// One metric of every layer in execution order, local and cumulative, with a threshold and the worst layers named.
#pragma once

#include "widgets/plots/plot_base.h"

#include <QStringList>

#include <optional>

class QCPGraph;
class QCPItemStraightLine;
class QCPItemText;
class QCPItemTracer;

namespace qs {

enum class ProfileMetric : uint8_t { Cosine, Sqnr, RelL2 };

struct ProfilePoint {
    QString layer;
    double local = 0;
    double cumulative = 0;
    bool quantized = false;
    std::optional<double> reference = std::nullopt;  ///< cumulative, of the branch beside this one
};

class ErrorProfilePlot : public PlotBase {
    Q_OBJECT

public:
    explicit ErrorProfilePlot(QWidget* parent = nullptr);
    /// `threshold`: in the metric's units; NaN for none.
    void setPoints(std::vector<ProfilePoint> points, ProfileMetric metric, double threshold, bool stale);
    /// What the second curve is called; empty: there is none. Before setPoints.
    void setReferenceName(const QString& name);
    void setSelectedNames(const QStringList& names);
    const QStringList& namedWorst() const { return m_worst; }

Q_SIGNALS:
    void layerClicked(const QString& layer);

protected:
    PlotTable table() const override;
    void restyle() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    bool worse(double a, double b) const;
    void thinLabels();
    void nameWorst();
    int pointAt(double x) const;

    std::vector<ProfilePoint> m_points;
    ProfileMetric m_metric = ProfileMetric::Cosine;
    double m_threshold = 0.99;
    bool m_stale = false;
    QStringList m_worst;
    QStringList m_selected;
    QString m_referenceName;
    QCPGraph* m_local;
    QCPGraph* m_cumulative;
    QCPGraph* m_reference;
    QCPGraph* m_marks;
    QCPItemStraightLine* m_line;
    QCPItemText* m_lineText;
    std::vector<QCPItemText*> m_names;
};

}  // namespace qs

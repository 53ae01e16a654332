// One metric of every layer in execution order, local and cumulative, with a threshold and the worst layers named.
#pragma once

#include "widgets/plots/layer_plot.h"

#include <optional>

class QCPItemStraightLine;
class QCPItemText;

namespace qs {

enum class ProfileMetric : uint8_t { Cosine, Sqnr, RelL2, OneMinusCosine };

struct ProfilePoint {
    QString layer;
    double local = 0;
    double cumulative = 0;
    bool quantized = false;
    std::optional<double> reference = std::nullopt;  ///< cumulative, of the branch beside this one
    bool operator==(const ProfilePoint&) const = default;
};

class ErrorProfilePlot : public LayerPlot {
    Q_OBJECT

public:
    explicit ErrorProfilePlot(QWidget* parent = nullptr);
    /// `threshold`: in the metric's units; NaN for none.
    void setPoints(std::vector<ProfilePoint> points, ProfileMetric metric, double threshold, bool stale);
    /// What the second curve is called; empty: there is none. Before setPoints.
    void setReferenceName(const QString& name);
    const QStringList& namedWorst() const { return m_worst; }

protected:
    PlotTable table() const override;
    double ringAt(int layer) const override;
    QString tipOf(int layer) const override;
    void arrange() override { nameWorst(); }
    void restyle() override;

private:
    bool worse(double a, double b) const;
    /// A larger number is a worse one.
    bool growsWorse() const { return m_metric == ProfileMetric::RelL2 || m_metric == ProfileMetric::OneMinusCosine; }
    void nameWorst();

    std::vector<ProfilePoint> m_points;
    ProfileMetric m_metric = ProfileMetric::Cosine;
    double m_threshold = 0.99;
    bool m_stale = false;
    QStringList m_worst;
    QString m_referenceName;
    QCPGraph* m_local;
    QCPGraph* m_cumulative;
    QCPGraph* m_reference;
    QCPItemStraightLine* m_line;
    QCPItemText* m_lineText;
    std::vector<QCPItemText*> m_names;
};

}  // namespace qs

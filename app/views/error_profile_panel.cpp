#include "app/session/branches.h"
#include "app/session/shared_rows.h"
#include "app/views/view.h"
#include "app/views/views.h"
#include "widgets/common/format.h"
#include "widgets/plots/error_profile_plot.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>

namespace qs {

namespace {

class ErrorProfilePanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::ErrorProfilePanel)

public:
    ErrorProfilePanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;
    void refreshSelection() override { m_plot->setSelectedNames(m_bench.session.selection()); }

private:
    ErrorProfilePlot* m_plot;
    QComboBox* m_metric;
    QCheckBox* m_quantizedOnly;
    QDoubleSpinBox* m_threshold;
    QLabel* m_note;
};

ErrorProfilePanel::ErrorProfilePanel(Workbench& bench, QWidget* parent) : View(bench, parent), m_plot(new ErrorProfilePlot)
{
    m_plot->setEmptyText(tr("Calibrate and compare to see the error of every layer."));
    m_metric = new QComboBox;
    for (const char* name : {"cosine", "sqnrDb", "relL2"}) {
        m_metric->addItem(name == std::string_view("cosine") ? cosineLabel() : metricLabel(QLatin1String(name)));
        m_metric->setItemData(m_metric->count() - 1, metricDefinition(QLatin1String(name)), Qt::ToolTipRole);
    }
    m_metric->setCurrentIndex(similarityForm() == SimilarityForm::Sqnr ? 1 : 0);
    m_quantizedOnly = new QCheckBox(tr("quantized layers only"));
    m_threshold = new QDoubleSpinBox;
    m_threshold->setLocale(QLocale::c());
    m_threshold->setDecimals(4);
    m_threshold->setRange(0, 1);
    m_threshold->setSingleStep(0.001);
    m_threshold->setValue(0.99);
    m_note = new QLabel;
    // It has the room that is left: the window is not laid out for its words.
    m_note->setMinimumWidth(1);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 2);
    bar->setSpacing(6);
    bar->addWidget(m_metric);
    bar->addWidget(new QLabel(tr("threshold, cosine")));
    bar->addWidget(m_threshold);
    bar->addWidget(m_quantizedOnly);
    bar->addStretch(1);
    bar->addWidget(m_note);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_plot, 1);
    connect(m_metric, &QComboBox::currentIndexChanged, this, &ErrorProfilePanel::refreshWhenSeen);
    connect(m_quantizedOnly, &QCheckBox::toggled, this, &ErrorProfilePanel::refreshWhenSeen);
    connect(m_threshold, &QDoubleSpinBox::valueChanged, this, &ErrorProfilePanel::refreshWhenSeen);
    connect(m_plot, &ErrorProfilePlot::layerClicked, this, [this](const QString& layer) { m_bench.session.setSelection({layer}); });
}

void ErrorProfilePanel::refresh()
{
    const Session& session = m_bench.session;
    auto metric = static_cast<ProfileMetric>(m_metric->currentIndex());
    const bool ofCosines = metric == ProfileMetric::Cosine;
    if (ofCosines && ofCosine(similarityForm()) == SimilarityForm::OneMinusCosine)
        metric = ProfileMetric::OneMinusCosine;
    std::vector<ProfilePoint> points;
    const auto pick = [metric](const Metrics& m) {
        return metric == ProfileMetric::Cosine           ? m.cosine
               : metric == ProfileMetric::OneMinusCosine ? 1 - m.cosine
               : metric == ProfileMetric::Sqnr           ? m.sqnrDb
                                                         : m.relL2;
    };
    const Comparison* reference = session.branches().referenceComparison();
    for (const auto& row : m_bench.rows.now()) {
        if (!row->cumulative)
            continue;
        const bool quantized = session.result().quantized->effective[static_cast<size_t>(row->id)].quantized;
        // An input is never wrong: it would be the best layer of every plot.
        const bool input = session.model()->layer(row->id).inputs.empty();
        if (!input && (quantized || !m_quantizedOnly->isChecked())) {
            points.push_back({row->name, pick(*row->local), pick(*row->cumulative), quantized});
            if (row->reference)
                points.back().reference = pick(*row->reference);
        }
    }
    const auto lost =
        std::find_if(points.begin(), points.end(), [](const ProfilePoint& point) { return std::isnan(point.local) || std::isnan(point.cumulative); });
    const QString gap = lost == points.end() ? QString() : tr("a gap from %1 on: its values are not numbers").arg(lost->layer);
    m_threshold->setEnabled(ofCosines);
    const double threshold = metric == ProfileMetric::Cosine ? m_threshold->value()
                             : ofCosines                     ? 1 - m_threshold->value()
                                                             : std::numeric_limits<double>::quiet_NaN();
    m_plot->setReferenceName(reference ? tr("cumulative, branch %1").arg(session.branches().reference()) : QString());
    m_plot->setPoints(std::move(points), metric, threshold, session.comparisonStale());
    m_note->setText(!session.result().comparison ? QString()
                    : !gap.isEmpty()             ? gap
                    : session.comparisonStale()  ? tr("stale: the settings have changed, run again (F6)")
                                                 : tr("%1 samples").arg(session.result().comparison->samples));
    refreshSelection();
}

}  // namespace

QWidget* makeErrorProfilePanel(Workbench& bench, QWidget* parent)
{
    return new ErrorProfilePanel(bench, parent);
}

}  // namespace qs

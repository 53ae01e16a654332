#include "app/session/live.h"
#include "app/views/view.h"
#include "app/views/views.h"
#include "core/jobs/sensitivity.h"
#include "widgets/common/empty_page.h"
#include "widgets/common/format.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"
#include "widgets/plots/scope_plot.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableWidget>
#include <QVBoxLayout>

#include <cmath>
#include <optional>

namespace qs {

namespace {

/// A column of the table and a line of the plot: measured or predicted.
struct Scope {
    const char* name;  ///< of core's scopeDefinitions
    Metrics LayerSensitivity::*metrics;
    double PredictedError::*prediction = nullptr;
    std::optional<double> LayerSensitivity::*agreement = nullptr;
};

/// The entries of the box above: three of metrics.h, and how far the outputs agree.
enum Figure { Cosine, RelL2, Sqnr, Agreement };

/// The network's output first: it is what one sorts by.
constexpr Scope scopes[] = {
    {"oneQuantized", &LayerSensitivity::oneQuantized, nullptr, &LayerSensitivity::oneQuantizedAgreement},
    {"oneFloat", &LayerSensitivity::oneFloat, nullptr, &LayerSensitivity::oneFloatAgreement},
    {"local", &LayerSensitivity::local},
    {"cumulative", &LayerSensitivity::cumulative},
    {"predicted", nullptr, &PredictedError::firstOrder},
    {"predictedSquared", nullptr, &PredictedError::squared},
};

/// What the table and the plot show of a layer; a prediction is a relative error, from which the others follow where it is small and not along the
/// output. Empty: there is none.
std::optional<Metrics> metricsOf(const LayerSensitivity& layer, const Scope& scope)
{
    if (scope.metrics)
        return layer.*scope.metrics;
    if (layer.predicted.widths.empty())
        return std::nullopt;
    Metrics metrics;
    metrics.relL2 = layer.predicted.widths.front().*scope.prediction;
    metrics.cosine = 1 - metrics.relL2 * metrics.relL2 / 2;
    metrics.sqnrDb = -20 * std::log10(metrics.relL2);
    return metrics;
}

std::optional<double> relativeError(const LayerSensitivity& layer, const Scope& scope)
{
    const auto metrics = metricsOf(layer, scope);
    return metrics ? std::optional(metrics->relL2) : std::nullopt;
}

class SensitivityPanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::SensitivityPanel)

public:
    SensitivityPanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;
    void refreshSelection() override;

private:
    /// Nothing where the scope has no such figure.
    std::optional<double> figure(const LayerSensitivity& layer, const Scope& scope) const;
    QString figureText(double value) const;
    QString widthsText(const Prediction& prediction, double PredictedError::*form) const;
    void fillTable();
    void fillPlot();

    QComboBox* m_metric;
    QLabel* m_note;
    QPushButton* m_run;
    EmptyPage* m_empty;
    QTableWidget* m_table;
    ScopePlot* m_plot;
    QStackedWidget* m_pages;
    std::shared_ptr<const Sensitivity> m_shown;
    int m_shownMetric = -1;
    bool m_following = false;
};

SensitivityPanel::SensitivityPanel(Workbench& bench, QWidget* parent) : View(bench, parent)
{
    m_empty = new EmptyPage(tr("Find sensitive layers"));
    m_metric = new QComboBox;
    for (const char* name : {"cosine", "relL2", "sqnrDb"}) {
        m_metric->addItem(name == std::string_view("cosine") ? tr("1 − cosine") : metricLabel(QLatin1String(name)), QLatin1String(name));
        m_metric->setItemData(m_metric->count() - 1, metricDefinition(QLatin1String(name)), Qt::ToolTipRole);
    }
    m_metric->addItem(tr("1 − agreement"));
    m_metric->setItemData(Agreement,
                          tr("With float: samples of the same class, mAP of boxes, pixels of the same class, or samples with the same neighbour"),
                          Qt::ToolTipRole);
    m_metric->setCurrentIndex(similarityForm() == SimilarityForm::Sqnr ? 2 : 0);
    m_note = new QLabel;
    m_run = new QPushButton(tr("Run again"));
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 2);
    bar->setSpacing(6);
    bar->addWidget(m_metric);
    bar->addWidget(m_note);
    bar->addStretch(1);
    bar->addWidget(m_run);
    m_table = new QTableWidget;
    m_table->setObjectName(QStringLiteral("sensitivityTable"));
    m_table->setColumnCount(1 + static_cast<int>(std::size(scopes)));
    QStringList headers{tr("layer")};
    for (const Scope& scope : scopes)
        headers << scopeLabel(QLatin1String(scope.name));
    m_table->setHorizontalHeaderLabels(headers);
    for (size_t i = 0; i < std::size(scopes); ++i)
        m_table->horizontalHeaderItem(static_cast<int>(i) + 1)->setToolTip(scopeDefinition(QLatin1String(scopes[i].name)));
    styleTable(m_table);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_plot = new ScopePlot;
    // Its legend stands above it in three columns.
    m_plot->setMinimumWidth(52 * m_plot->fontMetrics().averageCharWidth());
    auto* splitter = new QSplitter;
    splitter->addWidget(m_table);
    splitter->addWidget(m_plot);
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({640, 520});
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(splitter, 1);
    m_pages = new QStackedWidget;
    m_pages->addWidget(m_empty);
    m_pages->addWidget(page);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);
    connect(m_run, &QPushButton::clicked, &bench.live, &Live::runSensitivity);
    connect(m_empty->button(), &QPushButton::clicked, &bench.live, &Live::runSensitivity);
    connect(m_metric, &QComboBox::currentIndexChanged, this, &SensitivityPanel::refreshWhenSeen);
    connect(&bench.live, &Live::changed, this, &SensitivityPanel::refreshWhenSeen);
    connect(&bench.jobs, &JobRunner::changed, this, &SensitivityPanel::refreshWhenSeen);
    connect(m_plot, &ScopePlot::layerClicked, this, [this](const QString& layer) { m_bench.session.setSelection({layer}); });
    connect(m_table, &QTableWidget::itemSelectionChanged, this, [this] {
        if (m_following)
            return;
        QStringList names;
        for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
            names << index.data().toString();
        m_bench.session.setSelection(names);
    });
}

std::optional<double> SensitivityPanel::figure(const LayerSensitivity& layer, const Scope& scope) const
{
    if (m_metric->currentIndex() == Agreement) {
        const std::optional<double> agreement = scope.agreement ? layer.*scope.agreement : std::nullopt;
        return agreement ? std::optional(1 - *agreement) : std::nullopt;
    }
    const auto metrics = metricsOf(layer, scope);
    if (!metrics)
        return std::nullopt;
    switch (m_metric->currentIndex()) {
        case Cosine:
            return 1 - metrics->cosine;
        case RelL2:
            return metrics->relL2;
        default:
            return metrics->sqnrDb;
    }
}

QString SensitivityPanel::figureText(double value) const
{
    switch (m_metric->currentIndex()) {
        case Cosine:
            return scientificText(value);
        case RelL2:
            return significantText(value);
        case Agreement:
            return percentText(value, 2) + QStringLiteral(" %");
        default:
            return decibelText(value);
    }
}

QString SensitivityPanel::widthsText(const Prediction& prediction, double PredictedError::*form) const
{
    QStringList lines;
    for (const PredictedError& width : prediction.widths)
        lines << tr("%1 bits: relative L2 error %2").arg(width.bits).arg(significantText(width.*form));
    if (!lines.isEmpty())
        lines.front() = tr("As configured, %1").arg(lines.front());
    return lines.isEmpty() ? QString::fromStdString(m_shown->noPrediction) : lines.join(QLatin1Char('\n'));
}

void SensitivityPanel::fillTable()
{
    m_following = true;
    m_table->setSortingEnabled(false);
    m_table->setRowCount(static_cast<int>(m_shown->layers.size()));
    for (size_t row = 0; row < m_shown->layers.size(); ++row) {
        const LayerSensitivity& layer = m_shown->layers[row];
        m_table->setItem(static_cast<int>(row), 0, new QTableWidgetItem(QString::fromStdString(layer.layer)));
        for (size_t i = 0; i < std::size(scopes); ++i) {
            const auto value = figure(layer, scopes[i]);
            auto* item = value ? new NumberItem(*value, figureText(*value)) : new NumberItem(-1, QStringLiteral("–"));
            if (scopes[i].prediction)
                item->setToolTip(widthsText(layer.predicted, scopes[i].prediction));
            m_table->setItem(static_cast<int>(row), static_cast<int>(i) + 1, item);
        }
    }
    const bool first = m_table->horizontalHeader()->sortIndicatorSection() > static_cast<int>(std::size(scopes));
    m_table->setSortingEnabled(true);
    if (first || m_shownMetric < 0)
        m_table->sortByColumn(1, m_metric->currentIndex() == Sqnr ? Qt::AscendingOrder : Qt::DescendingOrder);
    if (m_shownMetric < 0)
        m_table->resizeColumnsToContents();
    m_following = false;
}

void SensitivityPanel::fillPlot()
{
    // Decibels have no place on a logarithmic axis: there the errors' ratio is drawn.
    const bool decibels = m_metric->currentIndex() == Sqnr;
    QStringList layers;
    std::vector<ScopeSeries> series;
    for (const LayerSensitivity& layer : m_shown->layers)
        layers << QString::fromStdString(layer.layer);
    for (const Scope& scope : scopes) {
        ScopeSeries one{scopeLabel(QLatin1String(scope.name)), {}};
        for (const LayerSensitivity& layer : m_shown->layers)
            if (const auto value = decibels ? relativeError(layer, scope) : figure(layer, scope))
                one.values.push_back(*value);
        if (one.values.size() == m_shown->layers.size())
            series.push_back(std::move(one));
    }
    m_plot->setSeries(decibels ? metricLabel(QStringLiteral("relL2")) : m_metric->currentText(), layers, std::move(series),
                      m_bench.live.sensitivityStale());
}

void SensitivityPanel::refresh()
{
    const Session& session = m_bench.session;
    const bool ready = session.data() && session.record() && session.preparedIsFresh();
    const bool running = m_bench.jobs.running(QStringLiteral("sensitivity"));
    m_empty->button()->setEnabled(ready);
    m_run->setEnabled(ready && !running);
    m_empty->setText(ready ? tr("What does each layer's quantization cost at the network's output?") : tr("Calibrate to find sensitive layers."));
    const SensitivityResult& result = m_bench.live.sensitivity();
    const bool known = result.sensitivity && !result.sensitivity->layers.empty();
    m_pages->setCurrentIndex(known ? 1 : 0);
    if (!known)
        return;
    const bool stale = m_bench.live.sensitivityStale();
    QString note = tr("%1 of %2 samples").arg(result.sensitivity->samples).arg(result.sensitivity->wanted);
    note += QStringLiteral(", ") + tr("all quantized: output %1").arg(similarityPhrase(result.sensitivity->output));
    m_note->setToolTip({});
    if (!result.sensitivity->layers.front().predicted.widths.empty()) {
        note += QStringLiteral(", ") + tr("predictions' rank correlation %1 and %2 squared")
                                           .arg(result.sensitivity->firstOrderRank, 0, 'f', 2)
                                           .arg(result.sensitivity->squaredRank, 0, 'f', 2);
        m_note->setToolTip(
            tr("Spearman's rank correlation of the predicted errors with the measured ones (one quantized): near 1, the predictions put "
               "the layers into the right order; near 0, do not trust them."));
    } else if (!result.sensitivity->noPrediction.empty()) {
        note += QStringLiteral(", ") + tr("no predictions");
        m_note->setToolTip(QString::fromStdString(result.sensitivity->noPrediction));
    }
    if (stale)
        note += QStringLiteral(" · ") + tr("stale: the settings have changed");
    m_note->setText(note);
    QPalette colors;
    if (stale)
        colors.setColor(QPalette::WindowText, theme().warning);
    m_note->setPalette(colors);
    if (m_shown != result.sensitivity || m_shownMetric != m_metric->currentIndex()) {
        m_shown = result.sensitivity;
        fillTable();
        m_shownMetric = m_metric->currentIndex();
    }
    fillPlot();
    refreshSelection();
}

void SensitivityPanel::refreshSelection()
{
    const QStringList& names = m_bench.session.selection();
    m_plot->setSelectedNames(names);
    m_following = true;
    m_table->clearSelection();
    for (int row = 0; row < m_table->rowCount(); ++row)
        if (names.contains(m_table->item(row, 0)->text()))
            for (int column = 0; column < m_table->columnCount(); ++column)
                m_table->item(row, column)->setSelected(true);
    m_following = false;
}

}  // namespace

QWidget* makeSensitivityPanel(Workbench& bench, QWidget* parent)
{
    return new SensitivityPanel(bench, parent);
}

}  // namespace qs

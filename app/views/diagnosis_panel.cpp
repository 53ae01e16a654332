#include "app/session/branches.h"
#include "app/session/diagnoser.h"
#include "app/views/view.h"
#include "app/views/views.h"
#include "widgets/common/cause_text.h"
#include "widgets/common/empty_page.h"
#include "widgets/common/format.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"
#include "widgets/plots/channel_plot.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace qs {

namespace {

QWidget* columnOf(QLayout* bar, QWidget* below)
{
    auto* widget = new QWidget;
    auto* column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(below, 1);
    return widget;
}

QHBoxLayout* barOf(std::initializer_list<QWidget*> widgets, int stretched)
{
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 2);
    bar->setSpacing(6);
    for (QWidget* widget : widgets)
        bar->addWidget(widget, bar->count() == stretched ? 1 : 0);
    return bar;
}

/// The layers, worst first; of the selected one its causes, its channels, and what helps.
class DiagnosisPanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::DiagnosisPanel)

public:
    DiagnosisPanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;
    void refreshSelection() override;

private:
    static QTableWidget* makeTable(const char* name, const std::vector<std::pair<QString, QString>>& columns);
    QWidget* makeLayers();
    QWidget* makeCauses();
    QWidget* makeRemedies();
    void fillLayers();
    void fillCauses();
    void fillPlaces();
    void fillChannels();
    ChannelSeries besideOf(const PlaceDiagnosis& place) const;
    void fillRemedies();
    void showButtons();
    const LayerDiagnosis* shown() const;
    const PlaceDiagnosis* shownPlace() const;
    bool isProduct() const;
    void showCause(int row);
    void mark(int channel);
    void apply(bool onBranch);

    EmptyPage* m_empty;
    QStackedWidget* m_pages;
    QLabel* m_note;
    QPushButton* m_run;
    QTableWidget* m_layers;
    QListWidget* m_causes;
    QComboBox* m_place;
    QToolButton* m_numbers;
    ChannelPlot* m_plot;
    ChannelPlot* m_beside;  ///< the same channels elsewhere
    QTableWidget* m_channels;
    QStackedWidget* m_views;  ///< the plot, the numbers
    QLabel* m_cannot;
    QPushButton* m_try;
    QPushButton* m_apply;
    QPushButton* m_branch;
    QTableWidget* m_remedies;
    std::shared_ptr<const Diagnosis> m_diagnosis;  ///< that the tables were made of
    QString m_layer;
    bool m_following = false;
};

DiagnosisPanel::DiagnosisPanel(Workbench& bench, QWidget* parent) : View(bench, parent), m_empty(new EmptyPage(tr("Diagnose")))
{
    auto* splitter = new QSplitter;
    splitter->addWidget(makeLayers());
    splitter->addWidget(makeCauses());
    splitter->addWidget(makeRemedies());
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 3);
    splitter->setStretchFactor(2, 4);
    splitter->setSizes({240, 360, 520});
    m_pages = new QStackedWidget;
    m_pages->addWidget(m_empty);
    m_pages->addWidget(splitter);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);
    connect(m_empty->button(), &QPushButton::clicked, &bench.diagnoser, &Diagnoser::run);
    connect(&bench.diagnoser, &Diagnoser::changed, this, &DiagnosisPanel::refreshWhenSeen);
}

NumberItem* similarityItem(const Metrics& metrics)
{
    return new NumberItem(similarityValue(metrics, similarityForm()), similarityText(metrics));
}

/// A table of rows, of which one is selected; each column with what it says.
QTableWidget* DiagnosisPanel::makeTable(const char* name, const std::vector<std::pair<QString, QString>>& columns)
{
    auto* table = new QTableWidget(0, static_cast<int>(columns.size()));
    table->setObjectName(QLatin1String(name));
    for (int column = 0; column < table->columnCount(); ++column) {
        const auto& [title, help] = columns[static_cast<size_t>(column)];
        table->setHorizontalHeaderItem(column, new QTableWidgetItem(title));
        table->horizontalHeaderItem(column)->setToolTip(help);
    }
    styleTable(table);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    return table;
}

QWidget* DiagnosisPanel::makeLayers()
{
    m_note = new QLabel;
    m_run = new QPushButton(tr("Run again"));
    m_layers = makeTable("diagnosisLayers", {{tr("layer"), {}}, {similarityLabel(), scopeDefinition(QStringLiteral("local"))}, {tr("cause"), {}}});
    m_layers->horizontalHeader()->setStretchLastSection(true);
    m_layers->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_run, &QPushButton::clicked, &m_bench.diagnoser, &Diagnoser::run);
    connect(m_layers, &QTableWidget::itemSelectionChanged, this, [this] {
        const auto rows = m_layers->selectionModel()->selectedRows();
        if (!m_following && !rows.isEmpty())
            m_bench.session.setSelection({rows.front().data().toString()});
    });
    return columnOf(barOf({m_note, m_run}, 0), m_layers);
}

QWidget* DiagnosisPanel::makeCauses()
{
    m_causes = new QListWidget;
    m_causes->setObjectName(QStringLiteral("causes"));
    m_causes->setWordWrap(true);
    m_causes->setTextElideMode(Qt::ElideNone);
    m_causes->setFrameShape(QFrame::NoFrame);
    m_causes->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_place = new QComboBox;
    m_place->setToolTip(tr("What is shown by channel: a quantized input or output, the weights, or the layer's result"));
    m_numbers = new QToolButton;
    m_numbers->setText(tr("Numbers"));
    m_numbers->setCheckable(true);
    m_numbers->setToolTip(tr("The figures of every channel instead of the plot"));
    m_plot = new ChannelPlot;
    m_plot->setObjectName(QStringLiteral("channels"));
    m_channels =
        makeTable("channelTable", {{tr("channel"), tr("Index of the channel")},
                                   {tr("minimum"), tr("Smallest value that was seen")},
                                   {tr("maximum"), tr("Largest value that was seen")},
                                   {tr("levels"), tr("Codes that the channel's values use")},
                                   {tr("clipped, %"), tr("Share of its values that the limits cut")},
                                   {tr("error"), tr("Mean squared error of its values")},
                                   {tr("part, %"), tr("Its part of the layer's local error; of the result, of the error that was measured")}});
    m_beside = new ChannelPlot;
    m_beside->setObjectName(QStringLiteral("channels-beside"));
    // Linked: the same channels in view, the same one marked.
    for (ChannelPlot* plot : {m_plot, m_beside}) {
        plot->setStacked();
        plot->setMinimumHeight(fontMetrics().height() * 3);  // one without a height cannot be painted
    }
    connect(m_plot, &ChannelPlot::moved, m_beside, &ChannelPlot::showChannels);
    connect(m_beside, &ChannelPlot::moved, m_plot, &ChannelPlot::showChannels);
    connect(m_beside, &ChannelPlot::channelClicked, this, &DiagnosisPanel::mark);
    auto* plots = new QSplitter(Qt::Vertical);
    plots->addWidget(m_plot);
    plots->addWidget(m_beside);
    plots->setChildrenCollapsible(false);
    m_views = new QStackedWidget;
    m_views->addWidget(plots);
    m_views->addWidget(m_channels);
    connect(m_causes, &QListWidget::currentRowChanged, this, &DiagnosisPanel::showCause);
    connect(m_place, &QComboBox::activated, this, [this] { fillChannels(); });
    connect(m_numbers, &QToolButton::toggled, m_views, &QStackedWidget::setCurrentIndex);
    connect(m_plot, &ChannelPlot::channelClicked, this, &DiagnosisPanel::mark);
    connect(m_channels, &QTableWidget::itemSelectionChanged, this, [this] {
        const auto rows = m_channels->selectionModel()->selectedRows();
        if (m_following || rows.isEmpty())
            return;
        for (ChannelPlot* plot : {m_plot, m_beside})
            plot->setMarked(rows.front().data(Qt::UserRole).toInt());
    });
    auto* column = new QSplitter(Qt::Vertical);
    column->addWidget(m_causes);
    column->addWidget(columnOf(barOf({m_place, new QLabel, m_numbers}, 1), m_views));
    column->setSizes({70, 200});
    return column;
}

QWidget* DiagnosisPanel::makeRemedies()
{
    m_try = new QPushButton(tr("Try remedies"));
    m_apply = new QPushButton(tr("Apply"));
    m_apply->setToolTip(tr("The setting of the selected remedy, as one step that can be undone"));
    m_branch = new QPushButton(tr("On a branch"));
    m_branch->setToolTip(tr("The same on a new branch, beside the present one"));
    m_cannot = new QLabel;
    m_remedies = makeTable("remedies",
                           {{tr("remedy"), tr("Best first: what wins most of the output's cosine for the share of 8 bits that it costs")},
                            {tr("layer"), tr("%1 of the layer, its inputs float").arg(similarityLabel())},
                            {tr("output"), tr("%1 of the output, the whole configuration with it").arg(similarityLabel())},
                            {tr("agreement, %"),
                             tr("With float: samples of the same class, mAP of boxes, pixels of the same class, or samples with the same neighbour")},
                            {tr("in 8 bits, %"), tr("Share of operations that stay in 8 bits; 12 and 16 bits count 8 / bits, float 0")}});
    connect(m_try, &QPushButton::clicked, this, [this] { m_bench.diagnoser.tryRemedies(m_layer); });
    connect(m_remedies, &QTableWidget::itemSelectionChanged, this, &DiagnosisPanel::showButtons);
    connect(m_remedies, &QTableWidget::cellDoubleClicked, this, [this] { apply(false); });
    connect(m_apply, &QPushButton::clicked, this, [this] { apply(false); });
    connect(m_branch, &QPushButton::clicked, this, [this] { apply(true); });
    return columnOf(barOf({m_cannot, m_try, m_apply, m_branch}, 0), m_remedies);
}

const LayerDiagnosis* DiagnosisPanel::shown() const
{
    return m_diagnosis ? m_diagnosis->layer(m_layer.toStdString()) : nullptr;
}

const PlaceDiagnosis* DiagnosisPanel::shownPlace() const
{
    const LayerDiagnosis* layer = shown();
    const int place = m_place->currentData().isValid() ? m_place->currentData().toInt() : -1;
    return layer && place >= 0 && place < static_cast<int>(layer->places.size()) ? &layer->places[static_cast<size_t>(place)] : nullptr;
}

/// Of two activations, whose channels are the heads of an attention.
bool DiagnosisPanel::isProduct() const
{
    const auto& model = m_bench.session.model();
    const LayerId id = model ? model->findLayer(m_layer.toStdString()) : noId;
    return id != noId && model->layer(id).op == "MatMul";
}

void DiagnosisPanel::fillLayers()
{
    m_following = true;
    m_layers->setRowCount(0);
    const auto worst = m_diagnosis->worst(m_diagnosis->layers.size());
    m_layers->setRowCount(static_cast<int>(worst.size()));
    for (int row = 0; row < m_layers->rowCount(); ++row) {
        const LayerDiagnosis& layer = *worst[static_cast<size_t>(row)];
        m_layers->setItem(row, 0, new QTableWidgetItem(QString::fromStdString(layer.layer)));
        m_layers->setItem(row, 1, similarityItem(layer.local));
        QStringList labels;
        QStringList sentences;
        for (const Cause& cause : layer.causes) {
            if (const QString label = causeLabel(*cause.rule); !labels.contains(label))
                labels << label;
            sentences << causeMessage(cause);
        }
        auto* item = new QTableWidgetItem(labels.join(QStringLiteral(", ")));
        item->setToolTip(sentences.join(QLatin1Char('\n')));
        m_layers->setItem(row, 2, item);
    }
    m_layers->resizeColumnToContents(0);
    m_layers->setColumnWidth(0, std::min(m_layers->columnWidth(0), 160));
    m_layers->resizeColumnToContents(1);
    m_following = false;
}

void DiagnosisPanel::fillCauses()
{
    m_following = true;
    m_causes->clear();
    if (const LayerDiagnosis* layer = shown()) {
        for (const Cause& cause : layer->causes) {
            auto* item = new QListWidgetItem(causeMessage(cause), m_causes);
            item->setToolTip(causeDefinition(*cause.rule));
        }
        if (layer->causes.empty())
            (new QListWidgetItem((layer->local.mse == 0 ? tr("%1: nothing is lost") : tr("%1: no cause that is known")).arg(m_layer), m_causes))
                ->setFlags(Qt::NoItemFlags);
    }
    m_following = false;
}

void DiagnosisPanel::fillPlaces()
{
    m_place->clear();
    if (const LayerDiagnosis* layer = shown())
        for (size_t i = 0; i < layer->places.size(); ++i)
            m_place->addItem(
                tr("%1, %2 % of the error").arg(placeLabel(layer->places[i].place, layer->places[i].index), percentText(layer->places[i].part(), 0)),
                static_cast<int>(i));
    if (m_place->count() > 0 && shown()->places.back().place == ChannelPlace::Result)
        m_place->setItemText(m_place->count() - 1, placeLabel(ChannelPlace::Result, 0));
}

std::vector<ChannelRange> rangesOf(const PlaceDiagnosis& place)
{
    std::vector<ChannelRange> ranges;
    for (const ChannelFigures& channel : place.channels)
        ranges.push_back({channel.minimum, channel.maximum});
    return ranges;
}

void DiagnosisPanel::fillChannels()
{
    const PlaceDiagnosis* place = shownPlace();
    ChannelSeries series;
    m_following = true;
    m_channels->setSortingEnabled(false);
    m_channels->setRowCount(place ? static_cast<int>(place->channels.size()) : 0);
    for (int row = 0; row < m_channels->rowCount(); ++row) {
        const auto index = static_cast<size_t>(row);
        const ChannelFigures& channel = place->channels[index];
        const double clipped = channel.count > 0 ? static_cast<double>(channel.clipped) / static_cast<double>(channel.count) : 0;
        const bool coded = place->place != ChannelPlace::Result;
        auto* name = new NumberItem(row, QString::number(row));
        m_channels->setItem(row, 0, name);
        m_channels->setItem(row, 1, new NumberItem(static_cast<double>(channel.minimum), significantText(static_cast<double>(channel.minimum))));
        m_channels->setItem(row, 2, new NumberItem(static_cast<double>(channel.maximum), significantText(static_cast<double>(channel.maximum))));
        m_channels->setItem(row, 3, new NumberItem(coded ? channel.levels : -1, coded ? QString::number(channel.levels) : QStringLiteral("–")));
        m_channels->setItem(row, 4, new NumberItem(coded ? clipped : -1, coded ? percentText(clipped) : QStringLiteral("–")));
        m_channels->setItem(row, 5, new NumberItem(channel.meanError(), scientificText(channel.meanError())));
        m_channels->setItem(row, 6, new NumberItem(place->parts[index], percentText(place->parts[index])));
    }
    m_channels->setSortingEnabled(true);
    m_channels->sortByColumn(6, Qt::DescendingOrder);
    m_channels->resizeColumnsToContents();
    if (place) {
        series.ranges = rangesOf(*place);
        series.parts = place->parts;
        if (isQuantizer(place->place))
            series.limits = {static_cast<double>(place->params.clipMin()), static_cast<double>(place->params.clipMax())};
        series.channelName = place->place == ChannelPlace::Weights ? tr("output channel") : isProduct() ? tr("head") : tr("channel");
        series.valueName = place->place == ChannelPlace::Weights ? tr("weight range") : tr("range");
    }
    m_plot->setSeries(std::move(series));
    ChannelSeries beside = place ? besideOf(*place) : ChannelSeries();
    m_beside->setVisible(!beside.ranges.empty());
    m_beside->setSeries(std::move(beside));
    m_following = false;
}

/// What the same channels are elsewhere: of an input the weights that multiply them, of weights what comes out, of that the weights that make it.
ChannelSeries DiagnosisPanel::besideOf(const PlaceDiagnosis& place) const
{
    ChannelSeries series;
    if (place.place == ChannelPlace::Input) {
        for (const Range& range : place.readBy)
            series.ranges.push_back({range.minimum, range.maximum});
        series.channelName = tr("channel");
        series.valueName = tr("weights");
        return series;
    }
    const ChannelPlace other = place.place == ChannelPlace::Weights ? ChannelPlace::Result : ChannelPlace::Weights;
    const PlaceDiagnosis* found = shown()->at(other, 0);
    if (!found || found->channels.size() != place.channels.size())
        return series;
    series.ranges = rangesOf(*found);
    series.channelName = tr("output channel");
    series.valueName = other == ChannelPlace::Result ? tr("result") : tr("weight range");
    return series;
}

void DiagnosisPanel::mark(int channel)
{
    for (ChannelPlot* plot : {m_plot, m_beside})
        plot->setMarked(channel);
    m_following = true;
    m_channels->clearSelection();
    for (int row = 0; row < m_channels->rowCount(); ++row)
        if (m_channels->item(row, 0)->data(Qt::UserRole).toInt() == channel) {
            m_channels->selectRow(row);
            m_channels->scrollToItem(m_channels->item(row, 0));
        }
    m_following = false;
}

void DiagnosisPanel::showCause(int row)
{
    const LayerDiagnosis* layer = shown();
    if (m_following || !layer || row < 0 || row >= static_cast<int>(layer->causes.size()))
        return;
    const Cause& cause = layer->causes[static_cast<size_t>(row)];
    for (size_t i = 0; i < layer->places.size(); ++i)
        if (layer->places[i].place == cause.place && layer->places[i].index == cause.index)
            m_place->setCurrentIndex(static_cast<int>(i));
    fillChannels();
    mark(cause.channel);
}

void DiagnosisPanel::fillRemedies()
{
    const auto& all = m_bench.diagnoser.result().remedies;
    const auto found = all.find(m_layer.toStdString());
    const int chosen = m_remedies->currentRow();
    m_following = true;
    m_remedies->setRowCount(0);
    if (found != all.end()) {
        const LayerRemedies& remedies = found->second.remedies;
        m_remedies->setRowCount(static_cast<int>(remedies.results.size()) + 1);
        const auto put = [this](int row, const QString& name, const RemedyResult& result) {
            auto* item = new QTableWidgetItem(name);
            item->setToolTip(name);
            m_remedies->setItem(row, 0, item);
            if (!result.failed.empty()) {
                item->setToolTip(QString::fromStdString(result.failed));
                for (int column = 1; column < m_remedies->columnCount(); ++column)
                    m_remedies->setItem(row, column, new NumberItem(-1, QStringLiteral("–")));
                return;
            }
            m_remedies->setItem(row, 1, similarityItem(result.local));
            m_remedies->setItem(row, 2, similarityItem(result.output));
            m_remedies->setItem(
                row, 3, new NumberItem(result.agreement.value_or(-1), result.agreement ? percentText(*result.agreement) : QStringLiteral("–")));
            m_remedies->setItem(row, 4, new NumberItem(result.cost.share, percentText(result.cost.share)));
        };
        put(0, tr("as it is"), remedies.before);
        QFont italic = m_remedies->font();
        italic.setItalic(true);
        for (int column = 0; column < m_remedies->columnCount(); ++column)
            m_remedies->item(0, column)->setFont(italic);
        for (size_t i = 0; i < remedies.results.size(); ++i) {
            const int row = static_cast<int>(i) + 1;
            put(row, remedyMessage(remedies.results[i].change), remedies.results[i]);
            if (remedies.results[i].output.cosine <= remedies.before.output.cosine)
                for (int column = 0; column < m_remedies->columnCount(); ++column) {
                    m_remedies->item(row, column)->setForeground(theme().secondary);
                    m_remedies->item(row, column)->setToolTip(tr("Not better than as it is"));
                }
        }
        m_remedies->resizeColumnsToContents();
        m_remedies->setColumnWidth(0, std::min(m_remedies->columnWidth(0), 170));
        if (chosen > 0 && chosen < m_remedies->rowCount())
            m_remedies->selectRow(chosen);
        else if (m_remedies->rowCount() > 1)
            m_remedies->selectRow(1);
    }
    m_following = false;
    showButtons();
}

void DiagnosisPanel::showButtons()
{
    const Diagnoser& diagnoser = m_bench.diagnoser;
    const LayerDiagnosis* layer = shown();
    const bool elsewhere = layer && !layer->causes.empty() &&
                           std::all_of(layer->causes.begin(), layer->causes.end(), [](const Cause& cause) { return cause.elsewhere; });
    const QString cannot = !layer ? QString() : elsewhere ? tr("The layer itself is well.") : diagnoser.cannotTry(m_layer);
    m_cannot->setText(cannot);
    m_cannot->setToolTip(cannot);
    m_cannot->setVisible(!cannot.isEmpty());
    m_try->setEnabled(layer && layer->local.mse > 0 && cannot.isEmpty() && !diagnoser.trying());
    const auto& all = diagnoser.result().remedies;
    const auto found = all.find(m_layer.toStdString());
    const int row = m_remedies->currentRow();
    const bool chosen = found != all.end() && row > 0 && row <= static_cast<int>(found->second.remedies.results.size()) &&
                        found->second.remedies.results[static_cast<size_t>(row) - 1].failed.empty();
    const bool fresh = diagnoser.canApply(m_layer);
    m_apply->setEnabled(chosen && fresh);
    m_branch->setEnabled(chosen && fresh);
    // What was tried before the last edit is still to be read, but not to be taken.
    QPalette colors = palette();
    if (!fresh)
        colors.setColor(QPalette::Text, theme().secondary);
    m_remedies->setPalette(colors);
}

void DiagnosisPanel::apply(bool onBranch)
{
    const int row = m_remedies->currentRow();
    if (row < 1 || !m_apply->isEnabled())
        return;
    QString branch;
    const Branches& branches = m_bench.session.branches();
    if (onBranch) {
        const QString name = m_remedies->item(row, 0)->text();
        branch = QStringLiteral("%1, %2").arg(m_layer, name);
        for (int i = 2; !branches.free(branch); ++i)
            branch = QStringLiteral("%1, %2 (%3)").arg(m_layer, name).arg(i);
    }
    m_bench.diagnoser.apply(m_layer, static_cast<size_t>(row) - 1, branch);
}

void DiagnosisPanel::refresh()
{
    const Diagnoser& diagnoser = m_bench.diagnoser;
    const bool running = diagnoser.running();
    // Not while it runs: a button that is disabled hands the keyboard to another view.
    m_empty->button()->setEnabled(diagnoser.ready());
    m_run->setEnabled(diagnoser.ready() && !running);
    m_empty->setText(diagnoser.ready() ? tr("Why does a layer break, in which channel, and what helps?") : tr("Calibrate to diagnose layers."));
    const DiagnosisResult& result = diagnoser.result();
    m_pages->setCurrentIndex(result.diagnosis ? 1 : 0);
    const bool other = m_diagnosis != result.diagnosis;
    m_diagnosis = result.diagnosis;
    if (!m_diagnosis)
        return;
    QString note = tr("%1 samples").arg(m_diagnosis->samples.size());
    if (diagnoser.stale())
        note += QStringLiteral(" · ") + tr("stale: the settings have changed");
    m_note->setText(note);
    QPalette colors;
    if (diagnoser.stale())
        colors.setColor(QPalette::WindowText, theme().warning);
    m_note->setPalette(colors);
    if (other) {
        fillLayers();
        m_layer.clear();
        // One who asks why wants to see the worst.
        const QStringList& selection = m_bench.session.selection();
        if ((selection.size() != 1 || !m_diagnosis->layer(selection.front().toStdString())) && m_layers->rowCount() > 0)
            m_bench.session.setSelection({m_layers->item(0, 0)->text()});
    }
    refreshSelection();
    fillRemedies();
}

void DiagnosisPanel::refreshSelection()
{
    if (!m_diagnosis)
        return;
    const QStringList& selection = m_bench.session.selection();
    const QString layer = selection.size() == 1 ? selection.front() : QString();
    m_following = true;
    m_layers->clearSelection();
    for (int row = 0; row < m_layers->rowCount(); ++row)
        if (m_layers->item(row, 0)->text() == layer) {
            m_layers->selectRow(row);
            m_layers->scrollToItem(m_layers->item(row, 0));
        }
    m_following = false;
    if (layer == m_layer)
        return;
    m_layer = layer;
    fillCauses();
    fillPlaces();
    fillChannels();
    const LayerDiagnosis* figures = shown();
    if (figures && !figures->causes.empty())
        m_causes->setCurrentRow(0);
    fillRemedies();
}

}  // namespace

QWidget* makeDiagnosisPanel(Workbench& bench, QWidget* parent)
{
    return new DiagnosisPanel(bench, parent);
}

}  // namespace qs

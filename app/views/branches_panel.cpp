// Two branches side by side: what is set otherwise, and what comes of it in every layer.
#include "app/commands/configuration_command.h"
#include "app/session/branches.h"
#include "app/views/view.h"
#include "app/views/views.h"
#include "widgets/common/empty_page.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

class BranchesPanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::BranchesPanel)

public:
    BranchesPanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;
    void refreshSelection() override;

private:
    QTableWidget* makeTable(const char* name, int columns);
    void showSettings();
    void showMetrics();
    void showState();
    QStringList chosenLayers() const;

    QLabel* m_present;
    QComboBox* m_other;
    QComboBox* m_metric;
    QLabel* m_settingsTitle;
    QTableWidget* m_settings;
    QPushButton* m_merge;
    QLabel* m_metricsTitle;
    QTableWidget* m_metrics;
    EmptyPage* m_missing;
    QPushButton* m_compare;
    QString m_compareName;
    std::vector<SettingDifference> m_differences;
    bool m_following = false;
};

QTableWidget* BranchesPanel::makeTable(const char* name, int columns)
{
    auto* table = new QTableWidget(0, columns);
    table->setObjectName(QLatin1String(name));
    styleTable(table);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setWordWrap(false);
    connect(table, &QTableWidget::itemSelectionChanged, this, [this, table] {
        if (m_following)
            return;
        QStringList layers;
        for (const QModelIndex& index : table->selectionModel()->selectedRows())
            if (const QString layer = index.data(Qt::UserRole + 1).toString(); !layer.isEmpty() && !layers.contains(layer))
                layers << layer;
        if (!layers.isEmpty())
            m_bench.session.setSelection(layers);
        m_merge->setEnabled(!chosenLayers().isEmpty());
    });
    return table;
}

BranchesPanel::BranchesPanel(Workbench& bench, QWidget* parent) : View(bench, parent)
{
    m_merge = new QPushButton(tr("Take these layers over"));
    m_merge->setObjectName(QStringLiteral("takeOver"));
    m_merge->setToolTip(tr("The selected layers get the settings of the branch beside this one: one step to undo"));
    m_present = new QLabel;
    m_other = new QComboBox;
    m_other->setObjectName(QStringLiteral("otherBranch"));
    m_other->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_other->setMinimumContentsLength(8);
    m_other->setToolTip(tr("The branch beside this one: also the second curve of the error profile and an overlay of the graph"));
    m_metric = new QComboBox;
    for (const char* name : {"cosine", "sqnrDb", "relL2"}) {
        m_metric->addItem(metricLabel(QLatin1String(name)));
        m_metric->setItemData(m_metric->count() - 1, metricDefinition(QLatin1String(name)), Qt::ToolTipRole);
    }
    m_metric->setCurrentIndex(similarityForm() == SimilarityForm::Sqnr ? 1 : 0);
    m_settingsTitle = new QLabel;
    m_settings = makeTable("settingsDifference", 4);
    m_settings->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_settings->horizontalHeader()->setStretchLastSection(true);
    m_metricsTitle = new QLabel;
    m_metrics = makeTable("metricDifference", 7);
    m_metrics->setSortingEnabled(true);
    m_metrics->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_missing = new EmptyPage;
    m_compare = m_missing->button();
    m_compare->setObjectName(QStringLiteral("compareBranch"));
    m_compare->setToolTip(tr("Calibrates first where the branch has no quantization factors of its settings"));

    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 2);
    bar->setSpacing(6);
    bar->addWidget(m_present);
    bar->addWidget(m_other);
    bar->addStretch(1);
    bar->addWidget(m_metric);
    const auto column = [](QLabel* title, QWidget* extra, std::initializer_list<QWidget*> below) {
        auto* widget = new QWidget;
        auto* rows = new QVBoxLayout(widget);
        rows->setContentsMargins(6, 0, 6, 4);
        rows->setSpacing(3);
        auto* head = new QHBoxLayout;
        head->addWidget(title, 1);
        if (extra)
            head->addWidget(extra);
        rows->addLayout(head);
        for (QWidget* part : below)
            rows->addWidget(part, 1);
        return widget;
    };
    auto* splitter = new QSplitter;
    splitter->addWidget(column(m_settingsTitle, m_merge, {m_settings}));
    splitter->addWidget(column(m_metricsTitle, nullptr, {m_metrics, m_missing}));
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 5);
    splitter->setChildrenCollapsible(false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(splitter, 1);

    connect(m_other, &QComboBox::textActivated, this, [this](const QString& name) { m_bench.session.branches().setReference(name); });
    connect(m_metric, &QComboBox::currentIndexChanged, this, &BranchesPanel::refreshWhenSeen);
    connect(m_merge, &QPushButton::clicked, this,
            [this] { mergeFromBranch(m_bench.session, m_bench.session.branches().reference(), chosenLayers()); });
    connect(m_compare, &QPushButton::clicked, this, [this] { m_bench.workflow.analyseBranch(m_compareName); });
    connect(&bench.jobs, &JobRunner::changed, this, [this] {
        if (isVisible())
            showState();
    });
}

void BranchesPanel::refresh()
{
    const Branches& branches = m_bench.session.branches();
    QStringList others = branches.names();
    others.removeAll(branches.current());
    m_present->setText(others.isEmpty() ? tr("One branch, %1: name the present settings with Ctrl+B, go on, and compare.").arg(branches.current())
                                        : tr("Branch %1 beside").arg(branches.current()));
    m_other->setVisible(!others.isEmpty());
    m_other->clear();
    m_other->addItems(others);
    m_other->setCurrentIndex(static_cast<int>(others.indexOf(branches.reference())));
    m_other->setPlaceholderText(tr("choose…"));
    showSettings();
    showMetrics();
    showState();
    refreshSelection();
}

void BranchesPanel::showSettings()
{
    const Session& session = m_bench.session;
    const Branches& branches = session.branches();
    const QString& other = branches.reference();
    m_differences.clear();
    if (!other.isEmpty())
        m_differences = settingsDifference(branches.configuration(other), session.configuration());
    const auto place = [&](const SettingDifference& d) {
        return d.layer.empty() || !session.model() ? -1 : static_cast<int>(session.model()->findLayer(d.layer));
    };
    std::stable_sort(m_differences.begin(), m_differences.end(),
                     [&](const SettingDifference& a, const SettingDifference& b) { return place(a) < place(b); });
    m_settingsTitle->setText(other.isEmpty()         ? QString()
                             : m_differences.empty() ? tr("All settings are alike")
                                                     : tr("Settings that differ: %1").arg(m_differences.size()));
    m_following = true;
    m_settings->setHorizontalHeaderLabels({tr("Layer"), tr("Key"), other, branches.current()});
    m_settings->setRowCount(static_cast<int>(m_differences.size()));
    for (int row = 0; row < m_settings->rowCount(); ++row) {
        const SettingDifference& d = m_differences[static_cast<size_t>(row)];
        const QString layer = QString::fromStdString(d.layer);
        const QString cells[] = {layer.isEmpty() ? tr("(network)") : layer, QString::fromStdString(d.key),
                                 d.before.empty() ? tr("not set") : QString::fromStdString(d.before),
                                 d.after.empty() ? tr("not set") : QString::fromStdString(d.after)};
        for (int column = 0; column < 4; ++column) {
            auto* item = new QTableWidgetItem(cells[column]);
            item->setToolTip(cells[column]);
            item->setData(Qt::UserRole + 1, layer);
            if (layer.isEmpty() && column == 0)
                item->setForeground(theme().secondary);
            m_settings->setItem(row, column, item);
        }
    }
    m_settings->setVisible(!other.isEmpty());
    m_merge->setVisible(!other.isEmpty());
    m_following = false;
}

void BranchesPanel::showMetrics()
{
    const Session& session = m_bench.session;
    const Branches& branches = session.branches();
    const Comparison* other = branches.referenceComparison();
    const Comparison* mine = branches.resultHolds(branches.current()) ? session.result().comparison.get() : nullptr;
    m_following = true;
    m_metrics->setSortingEnabled(false);
    m_metrics->setRowCount(0);
    m_metricsTitle->clear();
    if (mine && other) {
        const int metric = m_metric->currentIndex();
        const auto pick = [metric](const Metrics& m) { return metric == 0 ? m.cosine : metric == 1 ? m.sqnrDb : m.relL2; };
        const auto text = [metric](double v) { return metric == 0 ? cosineText(v) : metric == 1 ? decibelText(v) : significantText(v); };
        // Two infinities differ by nothing.
        const auto minus = [](double a, double b) { return a == b ? 0 : a - b; };
        const auto difference = [&](double d) {
            return metric == 1 && std::isfinite(d) && d != 0 ? (d < 0 ? QStringLiteral("−") : QStringLiteral("+")) + decibelText(std::abs(d))
                                                             : signedText(d);
        };
        m_metrics->setHorizontalHeaderLabels({tr("Layer"), tr("cumulative: %1").arg(branches.reference()), branches.current(), tr("difference"),
                                              tr("local: %1").arg(branches.reference()), branches.current(), tr("difference")});
        for (const LayerComparison& layer : mine->layers) {
            const LayerComparison* before = other->layer(layer.layer);
            const LayerId id = session.model()->findLayer(layer.layer);
            if (!layer.run || !before || !before->run || id == noId || session.model()->layer(id).inputs.empty())
                continue;
            const int row = m_metrics->rowCount();
            m_metrics->insertRow(row);
            auto* name = new QTableWidgetItem(QString::fromStdString(layer.layer));
            name->setData(Qt::UserRole + 1, name->text());
            m_metrics->setItem(row, 0, name);
            int column = 1;
            for (const auto& [was, is] :
                 {std::pair{pick(before->cumulative), pick(layer.cumulative)}, std::pair{pick(before->local), pick(layer.local)}}) {
                const double d = minus(is, was);
                m_metrics->setItem(row, column++, new NumberItem(was, text(was)));
                m_metrics->setItem(row, column++, new NumberItem(is, text(is)));
                auto* item = new NumberItem(d, difference(d));
                const bool worse = metric == 2 ? d > 0 : d < 0;
                // Weight, not hue alone: a difference in the third digit is what one looks for.
                if (std::abs(d) > (metric == 1 ? 0.5 : 1e-3)) {
                    item->setForeground(worse ? theme().warning : theme().accent);
                    QFont bold = m_metrics->font();
                    bold.setBold(true);
                    item->setFont(bold);
                } else if (d == 0)
                    item->setForeground(theme().secondary);
                m_metrics->setItem(row, column++, item);
            }
        }
        QString title = tr("Error of every layer");
        if (mine->classification.valid && other->classification.valid)
            title += QStringLiteral("   ") + tr("agreement with float: %1 % beside %2 %")
                                                 .arg(percentText(mine->classification.agreement), percentText(other->classification.agreement));
        m_metricsTitle->setText(title);
        m_metrics->setSortingEnabled(true);
        m_metrics->resizeColumnsToContents();
    }
    m_following = false;
}

void BranchesPanel::showState()
{
    const Session& session = m_bench.session;
    const Branches& branches = session.branches();
    const bool mine = branches.resultHolds(branches.current());
    const bool both = mine && branches.referenceComparison();
    m_metric->setVisible(both);
    m_metrics->setVisible(both);
    m_missing->setVisible(!both && !branches.reference().isEmpty());
    if (both || branches.reference().isEmpty())
        return;
    // The present one first: it is what the other is measured by.
    m_compareName = mine ? branches.reference() : branches.current();
    const bool stale = branches.result(m_compareName).comparison != nullptr;
    m_missing->setText(!session.data() ? tr("Open data to compare the branches.")
                       : stale         ? tr("The comparison of branch %1 is stale: compare it again.").arg(m_compareName)
                                       : tr("Branch %1 has not been compared yet: compare this branch first.").arg(m_compareName));
    m_compare->setText(tr("Compare %1").arg(m_compareName));
    m_compare->setVisible(session.data() != nullptr);
    m_compare->setEnabled(!m_bench.jobs.busy());
}

QStringList BranchesPanel::chosenLayers() const
{
    // What is selected, here or elsewhere, and differs.
    QStringList layers;
    for (const SettingDifference& d : m_differences) {
        const QString layer = QString::fromStdString(d.layer);
        if (!layer.isEmpty() && m_bench.session.selection().contains(layer) && !layers.contains(layer))
            layers << layer;
    }
    return layers;
}

void BranchesPanel::refreshSelection()
{
    m_following = true;
    const QStringList& selected = m_bench.session.selection();
    for (QTableWidget* table : {m_settings, m_metrics}) {
        QItemSelection selection;
        for (int row = 0; row < table->rowCount(); ++row)
            if (selected.contains(table->item(row, 0)->data(Qt::UserRole + 1).toString()))
                selection.select(table->model()->index(row, 0), table->model()->index(row, table->columnCount() - 1));
        table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
        if (!selection.isEmpty() && !table->hasFocus())
            table->scrollTo(selection.indexes().front());
    }
    m_following = false;
    m_merge->setEnabled(!chosenLayers().isEmpty());
}

}  // namespace

QWidget* makeBranchesPanel(Workbench& bench, QWidget* parent)
{
    return new BranchesPanel(bench, parent);
}

}  // namespace qs

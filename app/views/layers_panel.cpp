#include "app/commands/configuration_command.h"
#include "app/session/network_memory.h"
#include "app/session/shared_rows.h"
#include "app/views/view.h"
#include "app/views/views.h"
#include "widgets/common/icons.h"
#include "widgets/common/parameter_help.h"
#include "widgets/common/tables.h"
#include "widgets/editors/refinements.h"
#include "widgets/models/layer_delegate.h"
#include "widgets/models/layer_group_model.h"
#include "widgets/models/layer_table_model.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QSettings>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace qs {

namespace {

const char* const columnsKey = "layers/columns";
/// Of one network.
const char* const filterKey = "layers/filter";
const char* const belowKey = "layers/below";
const char* const thresholdKey = "layers/threshold";
const char* const groupedKey = "layers/grouped";
const char* const openKey = "layers/open";
/// A table of more layers starts in groups.
constexpr size_t manyLayers = 150;

class LayersPanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::LayersPanel)

public:
    LayersPanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;
    void refreshSelection() override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    bool grouped() const { return m_grouped->isChecked(); }
    /// What the table shows: the filter, or the groups over it.
    void useModel();
    void makeGroups(QHBoxLayout& bar);
    void recallGroups();
    /// Of a layer; invalid where it is not shown.
    QModelIndex shownIndex(const QString& name) const;
    bool groupKey(int key);
    void openGroup(int row, bool open);
    /// Whether it was the arrow of a group.
    bool clickGroup(const QPoint& position);
    void followTable();
    QStringList selectedNames() const;
    /// What an edit of one cell applies to: all selected rows if that row is one of them.
    QStringList targets(const QString& layer) const;
    void openMenu(const QPoint& position);
    /// Which columns are shown, where and how wide: remembered.
    void openColumnMenu(const QPoint& position);
    void keepColumns() const;
    void keepFilter() const;
    /// That of the network which is open now.
    void recallFilter();
    /// Of the selected layer.
    std::optional<int> worstSample() const;
    void addRefinements(QMenu& menu, const QStringList& names);

    LayerTableModel* m_model;
    LayerFilterModel* m_filter;
    LayerGroupModel* m_groups;
    QTableView* m_table;
    QToolButton* m_grouped;
    QLineEdit* m_find;
    QCheckBox* m_below;
    QDoubleSpinBox* m_threshold;
    QString m_memory;  // where the filter is kept (network_memory.h)
    std::shared_ptr<const Blocks> m_blocks;
    QStringList m_shownSelection;  // what it is in has been opened
    bool m_following = false;      // the table follows the session: its selection signal is an echo
};

LayersPanel::LayersPanel(Workbench& bench, QWidget* parent)
    : View(bench, parent),
      m_model(new LayerTableModel(this)),
      m_filter(new LayerFilterModel(this)),
      m_groups(new LayerGroupModel(m_filter, this)),
      m_table(new QTableView)
{
    m_filter->setSourceModel(m_model);
    m_table->setObjectName(QStringLiteral("layerTable"));
    m_table->setModel(m_filter);
    m_table->setItemDelegate(new LayerDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    styleTable(m_table);
    m_table->setWordWrap(false);
    // Names of one network begin alike and end alike: the middle says least.
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->horizontalHeader()->setSectionsMovable(true);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed | QAbstractItemView::AnyKeyPressed);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->installEventFilter(this);
    m_table->viewport()->installEventFilter(this);
    const QFontMetrics metrics = m_table->fontMetrics();
    const auto width = [&](LayerTableModel::Column column, const QString& sample, int extra) {
        const QString header = m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
        m_table->setColumnWidth(column, std::max(metrics.horizontalAdvance(sample) + extra, metrics.horizontalAdvance(header) + 18));
    };
    width(LayerTableModel::Name, QStringLiteral("fire6/relu_expand3x"), 8);
    width(LayerTableModel::Enabled, QStringLiteral("xx"), 6);
    width(LayerTableModel::ActivationBits, QStringLiteral("16"), 6);
    width(LayerTableModel::WeightBits, QStringLiteral("16"), 6);
    width(LayerTableModel::Algorithm, QStringLiteral("ARQ"), 8);
    width(LayerTableModel::CumulativeCosine, QStringLiteral("9.99e-05"), 56);
    width(LayerTableModel::LocalCosine, QStringLiteral("9.99e-05"), 56);
    for (const auto column : {LayerTableModel::Sqnr, LayerTableModel::Mse, LayerTableModel::Parameters, LayerTableModel::Macs})
        width(column, QStringLiteral("9.99e−05"), 10);
    width(LayerTableModel::State, QStringLiteral("quantized"), 12);
    width(LayerTableModel::Type, QStringLiteral("Convolution"), 12);
    QHeaderView* header = m_table->horizontalHeader();
    header->restoreState(QSettings().value(QLatin1String(columnsKey)).toByteArray());
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QWidget::customContextMenuRequested, this, &LayersPanel::openColumnMenu);
    for (const auto moved : {&QHeaderView::sectionMoved, &QHeaderView::sectionResized})
        connect(header, moved, this, &LayersPanel::keepColumns);

    m_find = new QLineEdit;
    m_find->setPlaceholderText(tr("Filter"));
    m_find->setToolTip(LayerPattern::help());
    m_find->setClearButtonEnabled(true);
    m_find->addAction(lineIcon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_below = new QCheckBox(tr("cos below"));
    m_below->setToolTip(tr("Only layers whose cumulative cosine is below the threshold"));
    m_threshold = new QDoubleSpinBox;
    m_threshold->setLocale(QLocale::c());
    m_threshold->setDecimals(4);
    m_threshold->setRange(0, 1);
    m_threshold->setSingleStep(0.001);
    m_threshold->setValue(0.99);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 4);
    bar->setSpacing(6);
    bar->addWidget(m_find, 1);
    makeGroups(*bar);
    bar->addWidget(m_below);
    bar->addWidget(m_threshold);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_table);

    connect(m_find, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filter->setText(text);
        keepFilter();
    });
    const auto filter = [this] {
        m_filter->setThreshold(m_below->isChecked() ? m_threshold->value() : 0);
        keepFilter();
    };
    connect(m_below, &QCheckBox::toggled, this, filter);
    connect(m_threshold, &QDoubleSpinBox::valueChanged, this, filter);
    connect(m_model, &LayerTableModel::enableEdited, this,
            [this](const QString& layer, bool on) { setQuantized(m_bench.session, targets(layer), on); });
    connect(m_model, &LayerTableModel::activationBitsEdited, this,
            [this](const QString& layer, int bits) { setActivationBits(m_bench.session, targets(layer), bits); });
    connect(m_model, &LayerTableModel::weightBitsEdited, this,
            [this](const QString& layer, int bits) { setWeightBits(m_bench.session, targets(layer), bits); });
    connect(m_model, &LayerTableModel::algorithmEdited, this,
            [this](const QString& layer, const QString& name) { setWeightAlgorithm(m_bench.session, targets(layer), name); });
    connect(m_table, &QWidget::customContextMenuRequested, this, &LayersPanel::openMenu);
    followTable();
}

void LayersPanel::makeGroups(QHBoxLayout& bar)
{
    m_grouped = new QToolButton;
    m_grouped->setText(tr("Grouped"));
    m_grouped->setToolTip(tr("Layers in the blocks of the network, each with the worst figure inside. Right opens a group, Left closes it"));
    m_grouped->setCheckable(true);
    bar.addWidget(m_grouped);
    connect(m_grouped, &QToolButton::toggled, this, [this](bool on) {
        useModel();
        if (!m_memory.isEmpty() && !m_following)
            remember(m_memory, QLatin1String(groupedKey), on);
    });
    connect(m_groups, &LayerGroupModel::openEdited, this, [this] {
        if (!m_memory.isEmpty())
            remember(m_memory, QLatin1String(openKey), m_groups->openBlocks());
    });
    // Behind the table, which forgets its selection then.
    connect(
        m_groups, &QAbstractItemModel::modelReset, this,
        [this] {
            if (grouped())
                refreshSelection();
        },
        Qt::QueuedConnection);
    connect(m_table, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        if (grouped() && m_groups->isGroup(index.row()))
            openGroup(index.row(), !m_groups->isOpen(index.row()));
    });
}

void LayersPanel::useModel()
{
    m_groups->setActive(grouped());
    QAbstractItemModel* model = grouped() ? static_cast<QAbstractItemModel*>(m_groups) : m_filter;
    if (m_table->model() != model) {
        // A header that gets another model forgets its columns.
        const bool following = std::exchange(m_following, true);
        const QByteArray columns = m_table->horizontalHeader()->saveState();
        const std::unique_ptr<QItemSelectionModel> before(m_table->selectionModel());
        m_table->setModel(model);
        m_table->horizontalHeader()->restoreState(columns);
        m_following = following;
        // In groups names are without the path that they begin with.
        m_table->setTextElideMode(grouped() ? Qt::ElideRight : Qt::ElideMiddle);
        followTable();
    }
    refreshSelection();
}

void LayersPanel::followTable()
{
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        if (!m_following)
            m_bench.session.setSelection(selectedNames());
    });
}

void LayersPanel::openGroup(int row, bool open)
{
    m_groups->setOpen(row, open);
    refreshSelection();
    m_table->selectionModel()->setCurrentIndex(m_groups->index(row, 0), QItemSelectionModel::NoUpdate);
}

bool LayersPanel::clickGroup(const QPoint& position)
{
    const QModelIndex index = m_table->indexAt(position);
    if (!grouped() || !index.isValid() || index.column() != LayerTableModel::Name || !m_groups->isGroup(index.row()))
        return false;
    const QFontMetrics metrics = m_table->fontMetrics();
    int arrow =
        metrics.horizontalAdvance(LayerGroupModel::indent(m_groups->depthOf(index.row()))) + metrics.horizontalAdvance(QStringLiteral("▸ ")) + 6;
    if (index.data(Qt::DecorationRole).isValid())
        arrow += m_table->style()->pixelMetric(QStyle::PM_SmallIconSize) + 4;
    if (position.x() > m_table->visualRect(index).left() + arrow)
        return false;
    openGroup(index.row(), !m_groups->isOpen(index.row()));
    return true;
}

void LayersPanel::recallGroups()
{
    const std::shared_ptr<const Blocks>& blocks = m_bench.rows.blocks();
    if (std::exchange(m_blocks, blocks) == blocks)
        return;
    const QVariant open = recalled(m_memory, QLatin1String(openKey));
    const QVariant on = recalled(m_memory, QLatin1String(groupedKey));
    m_following = true;
    m_groups->setBlocks(blocks, open.isValid() ? std::optional(open.toStringList()) : std::nullopt);
    m_grouped->setEnabled(blocks && !blocks->all.empty());
    m_grouped->setChecked(m_grouped->isEnabled() && (on.isValid() ? on.toBool() : blocks->order.size() > manyLayers));
    m_following = false;
}

QModelIndex LayersPanel::shownIndex(const QString& name) const
{
    if (grouped()) {
        const int row = m_groups->rowOf(name);
        return row < 0 ? QModelIndex() : m_groups->index(row, 0);
    }
    const int row = m_model->indexOf(name);
    return row < 0 ? QModelIndex() : m_filter->mapFromSource(m_model->index(row, 0));
}

QStringList LayersPanel::selectedNames() const
{
    QStringList names;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        names << (grouped() ? m_groups->namesOf(index.row()) : QStringList{index.data().toString()});
    // A group and a layer of it.
    names.removeDuplicates();
    return names;
}

bool LayersPanel::groupKey(int key)
{
    const int row = m_table->currentIndex().row();
    if (!grouped() || row < 0)
        return false;
    const bool group = m_groups->isGroup(row);
    if (group && (key == Qt::Key_Return || key == Qt::Key_Enter))
        openGroup(row, !m_groups->isOpen(row));
    else if (group && key == Qt::Key_Right && !m_groups->isOpen(row))
        openGroup(row, true);
    else if (group && key == Qt::Key_Left && m_groups->isOpen(row))
        openGroup(row, false);
    else if (const int outer = m_groups->groupOf(row); key == Qt::Key_Left && m_table->currentIndex().column() == 0 && outer >= 0)
        m_table->setCurrentIndex(m_groups->index(outer, 0));
    else
        return false;
    return true;
}

QStringList LayersPanel::targets(const QString& layer) const
{
    QStringList quantizable;
    const QStringList selected = selectedNames();
    for (const QString& name : selected.contains(layer) ? selected : QStringList{layer})
        if (const int row = m_model->indexOf(name); row >= 0 && m_model->row(row).quantizable != Quantizable::No)
            quantizable << name;
    return quantizable;
}

void LayersPanel::keepFilter() const
{
    if (m_memory.isEmpty() || m_following)
        return;
    remember(m_memory, QLatin1String(filterKey), m_find->text());
    remember(m_memory, QLatin1String(belowKey), m_below->isChecked());
    remember(m_memory, QLatin1String(thresholdKey), m_threshold->value());
}

void LayersPanel::recallFilter()
{
    const QString memory = m_bench.session.model() ? memoryOf(m_bench.session) : QString();
    if (std::exchange(m_memory, memory) == memory || memory.isEmpty())
        return;
    const QVariant threshold = recalled(memory, QLatin1String(thresholdKey));
    m_following = true;
    m_find->setText(recalled(memory, QLatin1String(filterKey)).toString());
    m_threshold->setValue(threshold.isValid() ? threshold.toDouble() : m_threshold->value());
    m_below->setChecked(recalled(memory, QLatin1String(belowKey)).toBool());
    m_following = false;
}

void LayersPanel::refresh()
{
    recallFilter();
    m_following = true;
    m_model->setScheme(*m_bench.session.configuration().scheme);
    m_model->setRows(m_bench.rows.now(), m_bench.session.comparisonStale());
    m_following = false;
    recallGroups();
    refreshSelection();
}

void LayersPanel::refreshSelection()
{
    const QStringList& names = m_bench.session.selection();
    QStringList now = selectedNames();
    QStringList wanted = names;
    now.sort();
    wanted.sort();
    if (now == wanted) {
        m_shownSelection = names;
        return;
    }
    // What is selected elsewhere is shown; what is closed afterwards stays closed.
    if (grouped() && !names.isEmpty() && names != m_shownSelection) {
        m_shownSelection = names;
        m_groups->reveal({names.front()});
    }
    QItemSelection selection;
    QModelIndex first;
    const auto add = [&](const QModelIndex& index) {
        if (!index.isValid())
            return;
        selection.select(index, index);
        first = first.isValid() && (!grouped() || first.row() <= index.row()) ? first : index;
    };
    for (const QString& name : names)
        add(shownIndex(name));
    if (grouped())
        for (const int row : m_groups->groupsWithin(QSet<QString>(names.begin(), names.end())))
            add(m_groups->index(row, 0));
    const bool following = std::exchange(m_following, true);
    m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (first.isValid()) {
        m_table->selectionModel()->setCurrentIndex(first, QItemSelectionModel::NoUpdate);
        m_table->scrollTo(first);
    }
    m_following = following;
}

bool LayersPanel::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (object == m_table && key->modifiers() == Qt::NoModifier && groupKey(key->key()))
            return true;
        if (key->key() == Qt::Key_Space) {
            QStringList names;
            for (const QString& name : selectedNames())
                names << targets(name);
            names.removeDuplicates();
            if (!names.isEmpty())
                toggleQuantized(m_bench.session, names);
            return true;
        }
    }
    if (event->type() == QEvent::MouseButtonPress && object == m_table->viewport() && clickGroup(static_cast<QMouseEvent*>(event)->pos()))
        return true;
    return View::eventFilter(object, event);
}

std::optional<int> LayersPanel::worstSample() const
{
    const QStringList names = selectedNames();
    const int index = names.size() == 1 ? m_model->indexOf(names.front()) : -1;
    const Metrics* metrics = index >= 0 && m_model->row(index).cumulative ? &*m_model->row(index).cumulative : nullptr;
    return metrics && metrics->worstSample >= 0 ? std::optional(metrics->worstSample) : std::nullopt;
}

void LayersPanel::addRefinements(QMenu& menu, const QStringList& names)
{
    const auto weightsOf = [this](const QString& name) -> const WeightSetting* {
        const auto found = m_bench.session.configuration().layers.find(name.toStdString());
        return found == m_bench.session.configuration().layers.end() || !found->second.weights ? nullptr : &*found->second.weights;
    };
    QStringList weighted;
    for (const QString& name : names)
        if (weightsOf(name))
            weighted << name;
    for (const Refinement& refinement : refinements()) {
        const bool on = !weighted.isEmpty() &&
                        std::all_of(weighted.begin(), weighted.end(), [&](const QString& name) { return weightsOf(name)->*refinement.flag; });
        const QString label = refinementLabel(refinement);
        QAction* action = menu.addAction(
            label, this, [this, weighted, flag = refinement.flag, label, on] { setRefinement(m_bench.session, weighted, flag, label, !on); });
        action->setCheckable(true);
        action->setChecked(on);
        action->setEnabled(!weighted.isEmpty());
        action->setToolTip(refinementHelp(refinement));
    }
}

void LayersPanel::keepColumns() const
{
    if (m_following)
        return;
    QSettings().setValue(QLatin1String(columnsKey), m_table->horizontalHeader()->saveState());
}

void LayersPanel::openColumnMenu(const QPoint& position)
{
    QHeaderView* header = m_table->horizontalHeader();
    QMenu menu(this);
    for (int column = 0; column < m_model->columnCount(); ++column) {
        // Without a name a row is nobody's.
        if (column == LayerTableModel::Name)
            continue;
        QAction* action = menu.addAction(m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
        action->setToolTip(m_model->headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString());
        action->setCheckable(true);
        action->setChecked(!header->isSectionHidden(column));
        connect(action, &QAction::toggled, this, [this, header, column](bool on) {
            header->setSectionHidden(column, !on);
            keepColumns();
        });
    }
    menu.setToolTipsVisible(true);
    menu.addSeparator();
    menu.addAction(tr("All columns"), this, [this, header] {
        for (int column = 0; column < m_model->columnCount(); ++column)
            header->setSectionHidden(column, false);
        keepColumns();
    });
    menu.exec(header->mapToGlobal(position));
}

void LayersPanel::openMenu(const QPoint& position)
{
    QStringList names;
    for (const QString& name : selectedNames())
        names << targets(name);
    names.removeDuplicates();
    Session& session = m_bench.session;
    QMenu menu(this);
    menu.addAction(tr("Quantize"), this, [&] { setQuantized(session, names, true); })->setEnabled(!names.isEmpty());
    menu.addAction(tr("Keep in float"), this, [&] { setQuantized(session, names, false); })->setEnabled(!names.isEmpty());
    QMenu* bits = menu.addMenu(tr("Activation bits"));
    bits->setEnabled(!names.isEmpty());
    for (const int b : session.configuration().scheme->activationWidths)
        bits->addAction(QString::number(b), this, [&session, &names, b] { setActivationBits(session, names, b); });
    QMenu* limits = menu.addMenu(tr("Calibrator"));
    limits->setEnabled(!names.isEmpty());
    limits->setToolTipsVisible(true);
    for (const Calibrator& calibrator : calibrators())
        limits->addAction(calibratorLabel(calibrator), this, [&] { setCalibrator(session, names, QString::fromLatin1(calibrator.name)); })
            ->setToolTip(calibratorHelp(calibrator));
    addRefinements(menu, names);
    menu.addSeparator();
    const std::optional<int> worst = worstSample();
    menu.addAction(tr("Look at its worst sample"), this, [this, worst] { m_bench.probe.look(*worst); })->setEnabled(worst.has_value());
    menu.addActions(m_table->actions());
    menu.exec(m_table->viewport()->mapToGlobal(position));
}

}  // namespace

QWidget* makeLayersPanel(Workbench& bench, QWidget* parent)
{
    return new LayersPanel(bench, parent);
}

}  // namespace qs

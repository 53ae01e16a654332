#include "widgets/models/layer_group_model.h"

#include "widgets/common/blocks.h"
#include "widgets/common/check_text.h"
#include "widgets/common/format.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"

#include <QBrush>
#include <QFont>

#include <algorithm>

namespace qs {

namespace {

/// Blanks before what is inside of a group, by depth.
constexpr int indentation = 3;
/// Rows that can be looked over.
constexpr int manyRows = 40;

bool hasFigure(int column)
{
    return column >= LayerTableModel::CumulativeCosine && column <= LayerTableModel::Mse;
}

/// The larger the worse; nothing where it is not known.
std::optional<double> wrongness(const LayerRow& row, int column)
{
    const auto& metrics = column == LayerTableModel::LocalCosine ? row.local : row.cumulative;
    if (!metrics)
        return std::nullopt;
    return column == LayerTableModel::Sqnr ? -metrics->sqnrDb : column == LayerTableModel::Mse ? metrics->mse : 1 - metrics->cosine;
}

/// As withoutPath(); and "features.4.1" in "features.4" is "1": a column is narrower than a card, and its end says most.
QString shortName(const QString& path, const QString& name)
{
    const QString rest = withoutPath(path, name);
    const QString last = path.mid(path.lastIndexOf(QLatin1Char('/')) + 1) + QLatin1Char('.');
    return rest.startsWith(last) && rest.size() > last.size() ? rest.mid(last.size()) : rest;
}

}  // namespace

LayerGroupModel::LayerGroupModel(LayerFilterModel* filter, QObject* parent) : QAbstractTableModel(parent), m_filter(filter)
{
    setProperty(flatModelProperty, QVariant::fromValue<QAbstractItemModel*>(filter));
    for (const auto change : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(filter, change, this, &LayerGroupModel::rebuild);
    connect(filter, &QAbstractItemModel::modelReset, this, &LayerGroupModel::rebuild);
    connect(filter, &QAbstractItemModel::layoutChanged, this, &LayerGroupModel::rebuild);
    connect(filter, &QAbstractItemModel::dataChanged, this, [this] {
        if (m_active && !m_shown.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    });
}

void LayerGroupModel::setActive(bool active)
{
    m_active = active;
    rebuild();
}

void LayerGroupModel::setBlocks(std::shared_ptr<const Blocks> blocks, const std::optional<QStringList>& open)
{
    m_blocks = std::move(blocks);
    m_open.assign(m_blocks ? m_blocks->all.size() : 0, 0);
    std::vector<OpenChoice> choices;
    int seen = m_blocks ? static_cast<int>(std::count(m_blocks->blockOf.begin(), m_blocks->blockOf.end(), noId)) : 0;
    for (const BlockId id : m_open.ids()) {
        const Block& block = m_blocks->all[id];
        choices.push_back({block.parent, 0, block.size(), !block.pattern.empty()});
        (block.parent == noId ? seen : choices[static_cast<size_t>(block.parent)].items) += 1;
        m_open[id] = open && open->contains(QString::fromStdString(block.name)) ? 1 : 0;
    }
    if (m_blocks && !open) {
        for (const BlockId block : m_blocks->blockOf)
            if (block != noId)
                ++choices[static_cast<size_t>(block)].items;
        const std::vector<char> first = openAtFirst(choices, seen, manyRows);
        m_open.assign(first.begin(), first.end());
    }
    rebuild();
}

QStringList LayerGroupModel::openBlocks() const
{
    QStringList names;
    for (const BlockId id : m_open.ids())
        if (m_open[id])
            names << QString::fromStdString(m_blocks->all[id].name);
    return names;
}

void LayerGroupModel::rebuild()
{
    beginResetModel();
    gather();
    show();
    endResetModel();
}

void LayerGroupModel::gather()
{
    m_inside.assign(m_open.size(), {});
    if (!m_active || !m_blocks)
        return;
    for (int source = 0; source < m_filter->rowCount(); ++source) {
        const Inside row{source, layerRow(source)};
        if (const LayerId layer = layers().row(row.layer).id; m_blocks->blockOf.contains(layer))
            for (BlockId block = m_blocks->blockOf[layer]; block != noId; block = m_blocks->all[block].parent)
                m_inside[block].push_back(row);
    }
}

void LayerGroupModel::show()
{
    m_shown.clear();
    if (!m_active)
        return;
    // By block, what it holds in the order of the filter: a group stands where its first layer does.
    std::vector<std::vector<Shown>> held(m_open.size() + 1);
    ById<BlockId, char> listed(m_open.size(), 0);
    const auto listOf = [&](BlockId block) -> std::vector<Shown>& { return held[static_cast<size_t>(block + 1)]; };
    for (int source = 0; source < m_filter->rowCount(); ++source) {
        const LayerId layer = layers().row(layerRow(source)).id;
        BlockId block = m_blocks && m_blocks->blockOf.contains(layer) ? m_blocks->blockOf[layer] : noId;
        // A group of one row says nothing.
        while (block != noId && m_inside[block].size() < 2)
            block = m_blocks->all[block].parent;
        listOf(block).push_back({noId, source, 0});
        for (; block != noId && !std::exchange(listed[block], 1); block = m_blocks->all[block].parent)
            listOf(m_blocks->all[block].parent).push_back({block, source, 0});
    }
    const auto add = [&](const auto& self, BlockId block, int depth) -> void {
        for (const Shown& item : listOf(block)) {
            m_shown.push_back({item.block, item.source, depth});
            if (item.block != noId && m_open[item.block])
                self(self, item.block, depth + 1);
        }
    };
    add(add, noId, 0);
}

void LayerGroupModel::setOpen(int row, bool open)
{
    if (!isGroup(row) || isOpen(row) == open)
        return;
    m_open[blockAt(row)] = open ? 1 : 0;
    rebuild();
    Q_EMIT openEdited();
}

QString LayerGroupModel::indent(int depth)
{
    return QString(indentation * depth, QLatin1Char(' '));
}

BlockId LayerGroupModel::aroundOf(int row) const
{
    const int group = groupOf(row);
    return group < 0 ? noId : blockAt(group);
}

int LayerGroupModel::groupOf(int row) const
{
    for (int above = row - 1; above >= 0; --above)
        if (depthOf(above) < depthOf(row))
            return above;
    return -1;
}

QStringList LayerGroupModel::namesOf(int row) const
{
    const Shown& shown = m_shown[static_cast<size_t>(row)];
    if (shown.block == noId)
        return {layers().row(layerRow(shown.source)).name};
    QStringList names;
    for (const Inside& one : m_inside[shown.block])
        names << layers().row(one.layer).name;
    return names;
}

int LayerGroupModel::rowOf(const QString& layer) const
{
    const int row = layers().indexOf(layer);
    const int source = row < 0 ? -1 : m_filter->mapFromSource(layers().index(row, 0)).row();
    const auto found =
        std::find_if(m_shown.begin(), m_shown.end(), [&](const Shown& shown) { return shown.block == noId && shown.source == source; });
    return source < 0 || found == m_shown.end() ? -1 : static_cast<int>(found - m_shown.begin());
}

std::vector<int> LayerGroupModel::groupsWithin(const QSet<QString>& names) const
{
    std::vector<int> rows;
    for (int row = 0; row < rowCount(); ++row)
        if (isGroup(row)) {
            const auto& inside = m_inside[blockAt(row)];
            if (std::all_of(inside.begin(), inside.end(), [&](const Inside& one) { return names.contains(layers().row(one.layer).name); }))
                rows.push_back(row);
        }
    return rows;
}

void LayerGroupModel::reveal(const QStringList& names)
{
    bool opened = false;
    for (const QString& name : names) {
        const int row = layers().indexOf(name);
        const LayerId layer = row < 0 ? noId : layers().row(row).id;
        if (!m_blocks || !m_blocks->blockOf.contains(layer))
            continue;
        for (BlockId block = m_blocks->blockOf[layer]; block != noId; block = m_blocks->all[block].parent)
            opened = !std::exchange(m_open[block], 1) || opened;
    }
    if (!opened)
        return;
    rebuild();
    Q_EMIT openEdited();
}

int LayerGroupModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

int LayerGroupModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : LayerTableModel::ColumnCount;
}

int LayerGroupModel::worstInside(BlockId block, int column) const
{
    int worst = -1;
    double most = 0;
    for (const Inside& row : m_inside[block])
        if (const auto wrong = wrongness(layers().row(row.layer), column); wrong && (worst < 0 || *wrong > most)) {
            worst = row.source;
            most = *wrong;
        }
    return worst;
}

QString LayerGroupModel::groupText(BlockId block, int column) const
{
    const auto& inside = m_inside[block];
    const auto sum = [&](auto value) {
        int64_t total = 0;
        for (const Inside& row : inside)
            total += value(layers().row(row.layer));
        return total;
    };
    const auto counted = [](int64_t count) { return count > 0 ? countText(count) : QString(); };
    switch (column) {
        case LayerTableModel::Name:
            return QStringLiteral("%1 (%2)")
                .arg(shortName(blockPath(*m_blocks, m_blocks->all[block].parent), QString::fromStdString(m_blocks->all[block].name)))
                .arg(inside.size());
        case LayerTableModel::Parameters:
            return counted(sum([](const LayerRow& row) { return row.parameters; }));
        case LayerTableModel::Macs:
            return counted(sum([](const LayerRow& row) { return row.macs; }));
        case LayerTableModel::Enabled:
            return sum([](const LayerRow& row) { return row.quantizable != Quantizable::No && !row.enabled ? 1 : 0; }) > 0 ? QStringLiteral("–")
                                                                                                                           : QString();
        case LayerTableModel::State: {
            const int64_t notRun = sum([](const LayerRow& row) { return row.notRun.isEmpty() ? 0 : 1; });
            return notRun > 0 ? tr("%1 not run").arg(notRun) : QString();
        }
        case LayerTableModel::Type:
            return blockKindLabel(m_blocks->all[block]);
        default:
            return {};
    }
}

QVariant LayerGroupModel::groupData(const Shown& shown, int column, int role) const
{
    if (hasFigure(column) && role != Qt::FontRole) {
        const int worst = worstInside(shown.block, column);
        if (role == Qt::TextAlignmentRole)
            return QVariant(Qt::AlignRight | Qt::AlignVCenter);
        // Grey is a figure of other settings; whether that layer is on is its own row's to say.
        if (worst < 0 || (role == Qt::ForegroundRole && !m_filter->index(worst, column).data(LayerTableModel::StaleRole).toBool()))
            return {};
        const QVariant value = m_filter->index(worst, column).data(role);
        return role == Qt::ToolTipRole ? tr("worst inside: %1").arg(layers().row(layerRow(worst)).name) + QLatin1Char('\n') + value.toString()
                                       : value;
    }
    switch (role) {
        case Qt::DisplayRole:
            return column == LayerTableModel::Name
                       ? indent(shown.depth) + (m_open[shown.block] ? QStringLiteral("▾ ") : QStringLiteral("▸ ")) + groupText(shown.block, column)
                       : groupText(shown.block, column);
        case Qt::TextAlignmentRole:
            return column == LayerTableModel::Parameters || column == LayerTableModel::Macs ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                                                                            : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
        case Qt::FontRole: {
            QFont font;
            font.setBold(true);
            return font;
        }
        case Qt::ToolTipRole:
            return column == LayerTableModel::Name ? QVariant(QString::fromStdString(m_blocks->all[shown.block].name)) : QVariant();
        case Qt::DecorationRole: {
            std::optional<Severity> most;
            for (const Inside& row : m_inside[shown.block])
                if (const auto severity = layers().row(row.layer).check(); severity && *severity != Severity::Advice)
                    most = most && *most == Severity::Error ? most : severity;
            return column == LayerTableModel::Name && most ? QVariant(severityIcon(*most)) : QVariant();
        }
        default:
            return {};
    }
}

QVariant LayerGroupModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Shown& shown = m_shown[static_cast<size_t>(index.row())];
    if (role == flatRowsRole) {
        QList<int> rows;
        if (shown.block == noId)
            rows << shown.source;
        else
            for (const Inside& row : m_inside[shown.block])
                rows << row.source;
        return QVariant::fromValue(rows);
    }
    if (shown.block != noId)
        return groupData(shown, index.column(), role);
    const QVariant value = m_filter->index(shown.source, index.column()).data(role);
    if (role == Qt::DisplayRole && index.column() == LayerTableModel::Name && m_blocks)
        return indent(shown.depth) + shortName(blockPath(*m_blocks, aroundOf(index.row())), value.toString());
    return value;
}

bool LayerGroupModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    return index.isValid() && !isGroup(index.row()) &&
           m_filter->setData(m_filter->index(m_shown[static_cast<size_t>(index.row())].source, index.column()), value, role);
}

QVariant LayerGroupModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return orientation == Qt::Horizontal ? layers().headerData(section, orientation, role) : QVariant();
}

Qt::ItemFlags LayerGroupModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    const Shown& shown = m_shown[static_cast<size_t>(index.row())];
    return shown.block != noId ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren
                               : m_filter->flags(m_filter->index(shown.source, index.column()));
}

void LayerGroupModel::sort(int column, Qt::SortOrder order)
{
    m_filter->sort(column, order);
}

}  // namespace qs

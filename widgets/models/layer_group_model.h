// The rows of a filtered and sorted table of layers in groups that open and close: a row for each block (core/ir/blocks.h) that has rows, with the
// worst figures inside.
#pragma once

#include "core/ir/blocks.h"
#include "widgets/models/layer_table_model.h"

#include <QSet>

#include <memory>

namespace qs {

class LayerGroupModel : public QAbstractTableModel {
    Q_OBJECT

public:
    /// `filter` is over a LayerTableModel. Nothing is gathered until setActive().
    explicit LayerGroupModel(LayerFilterModel* filter, QObject* parent = nullptr);

    /// Only while it is looked at.
    void setActive(bool active);
    /// Of the layers; `open`: names of blocks, nothing: as many as can be looked over.
    void setBlocks(std::shared_ptr<const Blocks> blocks, const std::optional<QStringList>& open);
    QStringList openBlocks() const;
    bool isGroup(int row) const { return m_shown[static_cast<size_t>(row)].block != noId; }
    bool isOpen(int row) const { return isGroup(row) && m_open[blockAt(row)]; }
    void setOpen(int row, bool open);
    /// The row of the group that a row is in; -1: none.
    int groupOf(int row) const;
    /// How deep it stands, from 0, and the blanks that it is written behind.
    int depthOf(int row) const { return m_shown[static_cast<size_t>(row)].depth; }
    static QString indent(int depth);
    /// Of a layer's row its name, of a group's the names of all layers inside that the filter lets through.
    QStringList namesOf(int row) const;
    /// -1: it is inside a closed group, or filtered out.
    int rowOf(const QString& layer) const;
    /// Rows of groups all of whose layers are among these.
    std::vector<int> groupsWithin(const QSet<QString>& layers) const;
    /// Opens what the layers are in.
    void reveal(const QStringList& layers);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    void openEdited();

private:
    /// A row of the filter, and of the layers: found once, figures of a group ask for all of them.
    struct Inside {
        int source = -1;
        int layer = -1;
    };
    /// A row: a block, or a row of the filter.
    struct Shown {
        BlockId block = noId;
        int source = -1;
        int depth = 0;
    };
    BlockId blockAt(int row) const { return m_shown[static_cast<size_t>(row)].block; }
    const LayerTableModel& layers() const { return *static_cast<const LayerTableModel*>(m_filter->sourceModel()); }
    int layerRow(int source) const { return m_filter->mapToSource(m_filter->index(source, 0)).row(); }
    BlockId aroundOf(int row) const;
    void gather();
    void show();
    void rebuild();
    /// Of the layers inside that has the worst figure of a column, as a row of the filter; -1: none has one.
    int worstInside(BlockId block, int column) const;
    QVariant groupData(const Shown& shown, int column, int role) const;
    QString groupText(BlockId block, int column) const;

    LayerFilterModel* m_filter;
    bool m_active = false;
    std::shared_ptr<const Blocks> m_blocks;
    ById<BlockId, char> m_open;
    ById<BlockId, std::vector<Inside>> m_inside;  ///< in the filter's order
    std::vector<Shown> m_shown;
};

}  // namespace qs

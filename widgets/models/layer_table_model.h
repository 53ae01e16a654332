// The layers as a table. Editing a cell emits an intent; the value changes when the rows come back changed.
#pragma once

#include "widgets/models/layer_pattern.h"
#include "widgets/models/layer_rows.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QSortFilterProxyModel>

namespace qs {

class LayerTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Name,
        Enabled,
        ActivationBits,
        WeightBits,
        CumulativeCosine,
        LocalCosine,
        Sqnr,
        Mse,
        Parameters,
        Macs,
        Algorithm,
        State,
        Type,
        ColumnCount
    };
    enum Role { SortRole = Qt::UserRole, StaleRole, StepRole, BarRole, ChoicesRole };

    using QAbstractTableModel::QAbstractTableModel;

    /// The selection stays where the layers are the same; only rows that differ are told. `stale`: all metrics belong to other settings.
    void setRows(LayerRows rows, bool stale = false);
    /// The target's, whose widths are offered.
    void setScheme(const QuantScheme& scheme) { m_scheme = &scheme; }
    const LayerRow& row(int index) const { return *m_rows[static_cast<size_t>(index)]; }
    int indexOf(const QString& name) const { return m_rowNamed.value(name, -1); }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
    void enableEdited(const QString& layer, bool on);
    void activationBitsEdited(const QString& layer, int bits);
    void weightBitsEdited(const QString& layer, int bits);
    void algorithmEdited(const QString& layer, const QString& algorithm);

private:
    QVariant text(const LayerRow& row, int column) const;
    QVariant sortKey(const LayerRow& row, int column) const;
    QString toolTip(const LayerRow& row, int column) const;
    QVariant choices(int column) const;
    const Metrics* metrics(const LayerRow& row, int column) const;

    bool stale(const LayerRow& row) const { return row.cumulative && (m_stale || row.stale); }

    LayerRows m_rows;
    QHash<QString, int> m_rowNamed;
    bool m_stale = false;
    const QuantScheme* m_scheme = &standardScheme();
};

/// By name and type (layer_pattern.h) and by "cumulative cosine below".
class LayerFilterModel : public QSortFilterProxyModel {
    Q_OBJECT

public:
    explicit LayerFilterModel(QObject* parent = nullptr);
    void setText(const QString& text);
    /// 0: no threshold.
    void setThreshold(double cosine);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    LayerPattern m_pattern;
    double m_threshold = 0;
};

}  // namespace qs

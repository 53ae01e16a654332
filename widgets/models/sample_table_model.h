// The samples of a data set with what each gives at the network's outputs, as a table and as thumbnails.
#pragma once

#include "core/jobs/compare.h"

#include <QAbstractTableModel>
#include <QImage>
#include <QSortFilterProxyModel>

#include <map>
#include <optional>
#include <set>

namespace qs {

struct SampleRow {
    int sample = 0;  ///< its index in the data set
    QString name;
    std::optional<SampleFigures> figures;  ///< none: not compared (yet)
    bool calibrates = false;               ///< among the samples that the calibration takes
    bool leftOutOfCalibration = false;
    bool leftOutOfComparison = false;
};

class SampleTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Cosine, Sqnr, MaxError, FloatClass, QuantizedClass, Label, Calibrates, Compared, ColumnCount };
    enum Role { SortRole = Qt::UserRole, SampleRole };

    using QAbstractTableModel::QAbstractTableModel;

    /// `stale`: the figures are of other settings. The selection stays where the samples are the same.
    void setRows(std::vector<SampleRow> rows, std::vector<std::string> classNames, bool stale);
    const SampleRow& row(int index) const { return m_rows[static_cast<size_t>(index)]; }
    void setThumbnails(const std::map<int, QImage>& pictures);
    void clearThumbnails() { m_thumbnails.clear(); }
    /// Where the picture is taller or wider than that, it is made smaller.
    static constexpr int thumbnailSize = 96;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
    void calibratesEdited(int sample, bool on);
    void comparedEdited(int sample, bool on);
    /// Its picture is to be shown, and is not there.
    void thumbnailWanted(int sample) const;

private:
    QString text(const SampleRow& row, int column) const;
    QVariant sortKey(const SampleRow& row, int column) const;
    QString className(int number) const;
    QVariant decoration(const SampleRow& row) const;
    QString caption(const SampleRow& row) const;

    std::vector<SampleRow> m_rows;
    std::vector<std::string> m_classNames;
    std::map<int, QImage> m_thumbnails;
    bool m_stale = false;
};

enum class SampleFilter : uint8_t { All, ClassChanged, WrongInInt8Only, WorstTen, LeftOut };

class SampleFilterModel : public QSortFilterProxyModel {
    Q_OBJECT

public:
    explicit SampleFilterModel(SampleTableModel& samples, QObject* parent = nullptr);
    void setFilter(SampleFilter filter);
    void setText(const QString& text);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    void findWorst();

    SampleTableModel& m_samples;
    SampleFilter m_filter = SampleFilter::All;
    QString m_text;
    std::set<int> m_worst;
};

}  // namespace qs

#include "widgets/models/sample_table_model.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QIcon>
#include <QPainter>
#include <QPixmap>

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

constexpr size_t worstCount = 10;

/// What is written of one sample.
Metrics metricsOf(const ErrorSums& sums)
{
    Metrics metrics;
    metrics.cosine = cosineOf(sums);
    metrics.sqnrDb = sqnrOf(sums);
    return metrics;
}

bool sameSamples(const std::vector<SampleRow>& a, const std::vector<SampleRow>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const SampleRow& x, const SampleRow& y) { return x.sample == y.sample && x.name == y.name; });
}

/// Share of a class map's pixels with the float class.
double sameShare(const ClassVote& vote)
{
    return pixelAgreement(*vote.pixels);
}

/// Or a detector's boxes did, or a pixel's class.
bool classChanged(const SampleRow& row)
{
    if (row.figures && row.figures->vote.boxes) {
        const BoxMatches matches = countedMatches(*row.figures->vote.boxes);
        return !matches.missed.empty() || !matches.extra.empty();
    }
    if (row.figures && row.figures->vote.pixels)
        return sameShare(row.figures->vote) < 1;
    return row.figures && row.figures->vote.valid && !row.figures->vote.agrees;
}

}  // namespace

void SampleTableModel::setRows(std::vector<SampleRow> rows, std::vector<std::string> classNames, bool stale)
{
    m_stale = stale;
    m_classNames = std::move(classNames);
    if (sameSamples(rows, m_rows)) {
        m_rows = std::move(rows);
        if (!m_rows.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

void SampleTableModel::setThumbnails(const std::map<int, QImage>& pictures)
{
    for (const auto& [sample, picture] : pictures)
        m_thumbnails[sample] = picture;
    for (int i = 0; i < rowCount(); ++i)
        if (pictures.contains(row(i).sample))
            Q_EMIT dataChanged(index(i, Name), index(i, Name), {Qt::DecorationRole});
}

int SampleTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int SampleTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString SampleTableModel::className(int number) const
{
    if (number < 0)
        return {};
    const auto i = static_cast<size_t>(number);
    return i < m_classNames.size() ? QStringLiteral("%1  %2").arg(number).arg(QString::fromStdString(m_classNames[i])) : QString::number(number);
}

QString SampleTableModel::text(const SampleRow& row, int column) const
{
    if (column == Name)
        return row.name;
    if (column == Calibrates)
        return row.calibrates ? tr("used") : QString();
    if (!row.figures)
        return {};
    const SampleFigures& figures = *row.figures;
    const bool classes = figures.vote.valid;
    const auto boxes = figures.vote.boxes ? std::optional(countedMatches(*figures.vote.boxes)) : std::nullopt;
    switch (column) {
        case Cosine:
            return similarityText(metricsOf(figures.sums));
        case Sqnr:
            return decibelText(sqnrOf(figures.sums));
        case MaxError:
            return significantText(figures.sums.maxAbs, 3);
        case FloatClass:
            if (boxes)
                return tr("%1 boxes").arg(boxes->matched.size() + boxes->missed.size());
            return classes ? className(figures.vote.floatClass) : QString();
        case QuantizedClass:
            if (boxes)
                return tr("%1 of them, %2 new").arg(boxes->matched.size()).arg(boxes->extra.size());
            if (figures.vote.pixels)
                return tr("%1 % of the pixels").arg(percentText(sameShare(figures.vote), 2));
            return classes ? className(figures.vote.quantizedClass) : QString();
        case Label:
            if (boxes && figures.vote.boxes->truth)
                return tr("%1 boxes").arg(figures.vote.boxes->truth->size());
            return classes && figures.vote.labelled ? className(figures.vote.label) : QString();
        default:
            return {};
    }
}

QVariant SampleTableModel::sortKey(const SampleRow& row, int column) const
{
    switch (column) {
        case Name:
            return row.sample;
        case Calibrates:
            return row.calibrates ? 2 : row.leftOutOfCalibration ? 0 : 1;
        case Compared:
            return !row.leftOutOfComparison;
        default:
            break;
    }
    // What was not compared stands behind.
    if (!row.figures)
        return std::numeric_limits<double>::infinity();
    switch (column) {
        case Cosine:
            return similarityValue(metricsOf(row.figures->sums), similarityForm());
        case Sqnr:
            return sqnrOf(row.figures->sums);
        case MaxError:
            return -row.figures->sums.maxAbs;
        case FloatClass:
            return row.figures->vote.floatClass;
        case QuantizedClass:
            return row.figures->vote.quantizedClass;
        default:
            return row.figures->vote.label;
    }
}

QString SampleTableModel::caption(const SampleRow& row) const
{
    QStringList lines{row.name};
    if (row.figures) {
        lines << similarityPhrase(metricsOf(row.figures->sums));
        const ClassVote& vote = row.figures->vote;
        if (vote.valid)
            lines << (vote.agrees ? tr("class %1 in both").arg(className(vote.floatClass))
                                  : tr("class %1 in float, %2 quantized").arg(className(vote.floatClass), className(vote.quantizedClass)));
        if (vote.labelled)
            lines << tr("label %1").arg(className(vote.label));
        if (m_stale)
            lines << tr("stale: the settings have changed, run again");
    } else if (row.leftOutOfComparison)
        lines << tr("left out of the comparison");
    else
        lines << tr("not compared yet");
    if (row.leftOutOfCalibration)
        lines << tr("left out of the calibration");
    else if (row.calibrates)
        lines << tr("one of those that calibrate");
    return lines.join(QLatin1Char('\n'));
}

QVariant SampleTableModel::decoration(const SampleRow& row) const
{
    const auto found = m_thumbnails.find(row.sample);
    if (found == m_thumbnails.end())
        Q_EMIT thumbnailWanted(row.sample);
    // Of one size whether the picture is there or not: views lay out what they have seen first. As an icon it is as large as the view wants it.
    constexpr int edge = 4;
    QPixmap framed(thumbnailSize + 2 * edge, thumbnailSize + 2 * edge);
    framed.fill(Qt::transparent);
    QPainter painter(&framed);
    const QImage picture = found == m_thumbnails.end() ? QImage() : found->second;
    const QSize size = picture.isNull() ? QSize(thumbnailSize, thumbnailSize) : picture.size().expandedTo({8, 8});
    const QRect place(QPoint((framed.width() - size.width()) / 2, (framed.height() - size.height()) / 2), size);
    // The edge says how wrong: grey where nothing is known that holds.
    painter.fillRect(place.adjusted(-edge, -edge, edge, edge),
                     row.figures && !m_stale ? wrongColor(cosineStep(cosineOf(row.figures->sums))) : theme().line);
    painter.fillRect(place, theme().panel);
    if (row.leftOutOfComparison)
        painter.setOpacity(0.35);
    painter.drawImage(place.topLeft(), picture);
    return QIcon(framed);
}

QVariant SampleTableModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const SampleRow& r = row(index.row());
    const int column = index.column();
    switch (role) {
        case Qt::DisplayRole:
            return text(r, column);
        case Qt::DecorationRole:
            return column == Name ? decoration(r) : QVariant();
        case Qt::CheckStateRole:
            if (column == Calibrates)
                return r.leftOutOfCalibration ? Qt::Unchecked : Qt::Checked;
            if (column == Compared)
                return r.leftOutOfComparison ? Qt::Unchecked : Qt::Checked;
            return {};
        case Qt::TextAlignmentRole:
            return column >= Cosine && column <= MaxError ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
        case Qt::ForegroundRole:
            if (m_stale || r.leftOutOfComparison)
                return theme().secondary;
            return column == QuantizedClass && classChanged(r) ? QVariant(theme().warning) : QVariant();
        case Qt::ToolTipRole:
            return column == Name ? caption(r) : headerData(column, Qt::Horizontal, Qt::ToolTipRole);
        case SortRole:
            return sortKey(r, column);
        case SampleRole:
            return r.sample;
        default:
            return {};
    }
}

bool SampleTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || !index.isValid())
        return false;
    const bool on = value.toInt() == Qt::Checked;
    if (index.column() == Calibrates)
        Q_EMIT calibratesEdited(row(index.row()).sample, on);
    else if (index.column() == Compared)
        Q_EMIT comparedEdited(row(index.row()).sample, on);
    else
        return false;
    return true;
}

QVariant SampleTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (section) {
        case Name:
            return tip ? tr("The sample, in the order of the data set") : tr("Sample");
        case Cosine:
            return tip ? tr("%1 of this sample's quantized and float outputs, all outputs as one vector").arg(similarityLabel()) : similarityLabel();
        case Sqnr:
            return tip ? tr("Signal to quantization noise ratio of this sample's outputs") : tr("SQNR (dB)");
        case MaxError:
            return tip ? tr("The largest difference of any value of the outputs") : tr("max |Δ|");
        case FloatClass:
            return tip ? tr("First class of the float network") : tr("Float class");
        case QuantizedClass:
            return tip ? tr("First class of the quantized network; coloured where it is another") : tr("Quantized class");
        case Label:
            return tip ? tr("What the sample is labelled as") : tr("Label");
        case Calibrates:
            return tip ? tr("Checked: the calibration may take it; used: it is one of the first batches, which it takes") : tr("Calibrates");
        case Compared:
            return tip ? tr("Checked: it is part of the comparison") : tr("Compared");
        default:
            return {};
    }
}

Qt::ItemFlags SampleTableModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags usual = QAbstractTableModel::flags(index);
    return index.column() == Calibrates || index.column() == Compared ? usual | Qt::ItemIsUserCheckable : usual;
}

SampleFilterModel::SampleFilterModel(SampleTableModel& samples, QObject* parent) : QSortFilterProxyModel(parent), m_samples(samples)
{
    setSortRole(SampleTableModel::SortRole);
    // Connected before the source is set: it is known when the rows are filtered anew, which each of these signals asks for by itself.
    connect(&samples, &QAbstractItemModel::dataChanged, this, [this](const QModelIndex&, const QModelIndex&, const QList<int>& roles) {
        if (roles.isEmpty())
            findWorst();
    });
    connect(&samples, &QAbstractItemModel::modelReset, this, &SampleFilterModel::findWorst);
    setSourceModel(&samples);
}

void SampleFilterModel::findWorst()
{
    std::vector<std::pair<double, int>> wrong;
    for (int i = 0; i < m_samples.rowCount(); ++i)
        if (const SampleRow& row = m_samples.row(i); row.figures)
            wrong.emplace_back(cosineOf(row.figures->sums), row.sample);
    const size_t count = std::min(worstCount, wrong.size());
    std::partial_sort(wrong.begin(), wrong.begin() + static_cast<std::ptrdiff_t>(count), wrong.end());
    m_worst.clear();
    for (size_t i = 0; i < count; ++i)
        m_worst.insert(wrong[i].second);
}

void SampleFilterModel::setFilter(SampleFilter filter)
{
    m_filter = filter;
    invalidateFilter();
}

void SampleFilterModel::setText(const QString& text)
{
    m_text = text;
    invalidateFilter();
}

bool SampleFilterModel::filterAcceptsRow(int source, const QModelIndex&) const
{
    const SampleRow& row = m_samples.row(source);
    if (!m_text.isEmpty() && !row.name.contains(m_text, Qt::CaseInsensitive))
        return false;
    switch (m_filter) {
        case SampleFilter::All:
            return true;
        case SampleFilter::ClassChanged:
            return classChanged(row);
        case SampleFilter::WrongInInt8Only:
            return row.figures && row.figures->vote.labelled && row.figures->vote.floatTop1 && !row.figures->vote.quantizedTop1;
        case SampleFilter::WorstTen:
            return m_worst.contains(row.sample);
        case SampleFilter::LeftOut:
            return row.leftOutOfCalibration || row.leftOutOfComparison;
    }
    return true;
}

}  // namespace qs

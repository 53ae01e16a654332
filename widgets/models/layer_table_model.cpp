#include "widgets/models/layer_table_model.h"

#include "widgets/common/check_text.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QBrush>

#include <cmath>
#include <utility>

namespace qs {

void LayerTableModel::setRows(LayerRows rows, bool stale)
{
    const bool turned = std::exchange(m_stale, stale) != stale;
    const bool same = rows.size() == m_rows.size() &&
                      std::equal(rows.begin(), rows.end(), m_rows.begin(), [](const auto& a, const auto& b) { return a == b || a->name == b->name; });
    if (!same) {
        beginResetModel();
        m_rows = std::move(rows);
        m_rowNamed.clear();
        // Of rows alike the first is found.
        for (size_t i = m_rows.size(); i-- > 0;)
            m_rowNamed.insert(m_rows[i]->name, static_cast<int>(i));
        endResetModel();
        return;
    }
    m_rows.swap(rows);
    // Rows that differ alike and are near each other are told in one go: each signal costs more than a few rows too many.
    struct Run {
        size_t first = 0, last = 0;
        bool figures = false;  ///< nothing else: most answers bring these alone
    };
    constexpr size_t near = 16;
    std::optional<Run> run;
    const auto tell = [&] {
        if (run)
            Q_EMIT dataChanged(index(static_cast<int>(run->first), run->figures ? CumulativeCosine : 0),
                               index(static_cast<int>(run->last), run->figures ? Mse : ColumnCount - 1));
    };
    for (size_t i = 0; i < rows.size(); ++i) {
        if (rows[i] == m_rows[i])
            continue;
        const bool figures = rows[i]->sameButFigures(*m_rows[i]);
        if (figures && *rows[i] == *m_rows[i])
            continue;
        if (!run || i - run->last > near || figures != run->figures) {
            tell();
            run = Run{i, i, figures};
        }
        run->last = i;
    }
    tell();
    if (turned && !m_rows.empty())
        Q_EMIT dataChanged(index(0, CumulativeCosine), index(rowCount() - 1, Mse));
}

int LayerTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int LayerTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

const Metrics* LayerTableModel::metrics(const LayerRow& row, int column) const
{
    const auto& chosen = column == LocalCosine ? row.local : row.cumulative;
    return chosen ? &*chosen : nullptr;
}

namespace {

/// "ARQ CLE BC · mse": how the weights are quantized, and what chooses the limits of the input unless it is IFMR.
QString algorithmText(const LayerRow& row)
{
    QStringList words{row.algorithm == QLatin1String("arq")   ? QStringLiteral("ARQ")
                      : row.algorithm == QLatin1String("snq") ? QStringLiteral("SNQ")
                                                              : row.algorithm};
    words << row.refinements;
    words.removeAll(QString());
    QStringList parts{words.join(QLatin1Char(' ')), row.calibrator};
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

}  // namespace

QVariant LayerTableModel::text(const LayerRow& row, int column) const
{
    const Metrics* m = metrics(row, column);
    switch (column) {
        case Name:
            return row.name;
        case ActivationBits:
            return row.activationBits > 0 ? QVariant(row.activationBits) : QVariant();
        case WeightBits:
            return row.weightBits > 0 ? QVariant(row.weightBits) : QVariant();
        case Algorithm:
            return algorithmText(row);
        case CumulativeCosine:
        case LocalCosine:
            return m ? QVariant(similarityText(*m)) : QVariant();
        case Sqnr:
            return m ? QVariant(decibelText(m->sqnrDb)) : QVariant();
        case Mse:
            return m ? QVariant(scientificText(m->mse, 2)) : QVariant();
        case Parameters:
            return row.parameters > 0 ? QVariant(countText(row.parameters)) : QVariant();
        case Macs:
            return row.macs > 0 ? QVariant(countText(row.macs)) : QVariant();
        case State:
            return stateText(row);
        case Type:
            return row.type;
        default:
            return {};
    }
}

QVariant LayerTableModel::sortKey(const LayerRow& row, int column) const
{
    const Metrics* m = metrics(row, column);
    const double last = 1e300;  // rows without a number stand behind all others
    switch (column) {
        case Enabled:
            return row.quantizable == Quantizable::No ? 2 : row.enabled ? 0 : 1;
        case ActivationBits:
            return row.activationBits;
        case WeightBits:
            return row.weightBits;
        case CumulativeCosine:
        case LocalCosine:
            return m ? similarityValue(*m, similarityForm()) : last;
        case Sqnr:
            return m ? m->sqnrDb : last;
        case Mse:
            return m ? m->mse : last;
        case Parameters:
            return QVariant::fromValue<qlonglong>(row.parameters);
        case Macs:
            return QVariant::fromValue<qlonglong>(row.macs);
        default:
            return text(row, column);
    }
}

QString LayerTableModel::toolTip(const LayerRow& row, int column) const
{
    if (column == State || column == Name || column == Enabled) {
        QString text = QStringLiteral("%1 · %2 · %3").arg(row.name, row.type, row.shape);
        if (const QString why = whyText(row); !why.isEmpty())
            text += QLatin1Char('\n') + tr("not as requested: %1").arg(why);
        for (const QString& check : checkTexts(row))
            text += QLatin1Char('\n') + check;
        return text;
    }
    if (column == Algorithm && !algorithmText(row).isEmpty())
        return algorithmText(row) + QLatin1Char('\n') + headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString();
    const Metrics* m = metrics(row, column);
    const bool similarity = column == CumulativeCosine || column == LocalCosine;
    const QString key = similarity       ? similarityMetric()
                        : column == Sqnr ? QStringLiteral("sqnrDb")
                        : column == Mse  ? QStringLiteral("mse")
                                         : QString();
    if (key.isEmpty() || !m)
        return {};
    QStringList lines{metricDefinition(key), metricDefinition(column == LocalCosine ? QStringLiteral("local") : QStringLiteral("cumulative"))};
    if (similarity)
        lines << tr("worst sample: %1 (no. %2)").arg(cosinePhrase(m->cosineWorst)).arg(m->worstSample);
    if (stale(row))
        lines << tr("stale: the settings have changed, run again");
    return lines.join(QLatin1Char('\n'));
}

QVariant LayerTableModel::choices(int column) const
{
    const auto list = [](std::span<const int> widths) {
        QStringList texts;
        for (const int width : widths)
            texts << QString::number(width);
        return texts;
    };
    switch (column) {
        case ActivationBits:
            return list(m_scheme->activationWidths);
        case WeightBits:
            return list(weightWidthsOffered(*m_scheme));
        case Algorithm:
            return m_scheme->codebooks ? QStringList{QStringLiteral("arq"), QStringLiteral("snq")} : QStringList{QStringLiteral("arq")};
        default:
            return {};
    }
}

QVariant LayerTableModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const LayerRow& r = row(index.row());
    const int column = index.column();
    const bool numeric = column >= CumulativeCosine && column <= Macs;
    switch (role) {
        case Qt::DisplayRole:
            return text(r, column);
        case Qt::EditRole:
            return column == ActivationBits ? QVariant(r.activationBits)
                   : column == WeightBits   ? QVariant(r.weightBits)
                   : column == Algorithm    ? QVariant(r.algorithm)
                                            : text(r, column);
        case Qt::CheckStateRole:
            if (column == Enabled && r.quantizable != Quantizable::No)
                return r.enabled ? Qt::Checked : Qt::Unchecked;
            return {};
        case Qt::TextAlignmentRole:
            if (numeric)
                return QVariant(Qt::AlignRight | Qt::AlignVCenter);
            return column == ActivationBits || column == WeightBits ? QVariant(Qt::AlignCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
        case Qt::ToolTipRole:
            return toolTip(r, column);
        case Qt::DecorationRole:
            return column == Name && r.check() && *r.check() != Severity::Advice ? QVariant(severityIcon(*r.check())) : QVariant();
        case Qt::ForegroundRole:
            if (column == State && r.quantizable != Quantizable::No && r.host.isEmpty() && !whyText(r).isEmpty())
                return QBrush(theme().warning);
            if ((numeric && column <= Mse && stale(r)) || r.quantizable == Quantizable::No || !r.enabled || !r.host.isEmpty())
                return QBrush(theme().secondary);
            return {};
        case SortRole:
            return sortKey(r, column);
        case StaleRole:
            return stale(r);
        case StepRole:
            if (const Metrics* m = metrics(r, column); m && (column == CumulativeCosine || column == LocalCosine))
                return cosineStep(m->cosine);
            return {};
        case BarRole:
            // Length grows with the error, on a logarithmic scale: 1e-6 none, 1 full.
            if (const Metrics* m = metrics(r, column); m && (column == CumulativeCosine || column == LocalCosine))
                return std::clamp((std::log10(std::max(1e-12, 1 - m->cosine)) + 6) / 6, 0.0, 1.0);
            return {};
        case ChoicesRole:
            return choices(column);
        default:
            return {};
    }
}

bool LayerTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!index.isValid())
        return false;
    const QString name = row(index.row()).name;
    if (role == Qt::CheckStateRole && index.column() == Enabled)
        Q_EMIT enableEdited(name, value.toInt() == Qt::Checked);
    else if (role != Qt::EditRole)
        return false;
    else if (index.column() == ActivationBits)
        Q_EMIT activationBitsEdited(name, value.toInt());
    else if (index.column() == WeightBits)
        Q_EMIT weightBitsEdited(name, value.toInt());
    else if (index.column() == Algorithm)
        Q_EMIT algorithmEdited(name, value.toString());
    else
        return false;
    return true;
}

QVariant LayerTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        // The sort indicator stands at the right border.
        return section >= CumulativeCosine && section <= Macs ? QVariant(Qt::AlignCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    if (role == Qt::DisplayRole) {
        switch (section) {
            case Name:
                return tr("Layer");
            case Enabled:
                return tr("On");
            case ActivationBits:
                return tr("A");
            case WeightBits:
                return tr("W");
            case Algorithm:
                return tr("Weights by");
            case CumulativeCosine:
                return tr("%1 cumul.").arg(similaritySymbol());
            case LocalCosine:
                return tr("%1 local").arg(similaritySymbol());
            case Sqnr:
                return tr("SQNR (dB)");
            case Mse:
                return tr("MSE");
            case Parameters:
                return tr("Parameters");
            case Macs:
                return tr("MACs");
            case State:
                return tr("State");
            case Type:
                return tr("Type");
            default:
                return {};
        }
    }
    if (role == Qt::ToolTipRole) {
        switch (section) {
            case Enabled:
                return tr("Quantize this layer (quant_enable)");
            case ActivationBits:
                return tr("Bit width of the layer's quantized inputs (num_bits)");
            case WeightBits:
                return tr("Bit width of the weights: 8 uniform, 4 non-uniform");
            case Algorithm:
                return tr(
                    "Weight algorithm (wts_algo). CLE: equalized with the layer behind; AdaRound: learned rounding; BC: corrected bias. Behind "
                    "the dot the calibrator of the inputs where it is not IFMR");
            case CumulativeCosine:
                return tr("%1: %2\nCumulative: %3")
                    .arg(similarityLabel(), metricDefinition(similarityMetric()), metricDefinition(QStringLiteral("cumulative")));
            case LocalCosine:
                return tr("%1: %2\nLocal: %3")
                    .arg(similarityLabel(), metricDefinition(similarityMetric()), metricDefinition(QStringLiteral("local")));
            case Sqnr:
                return metricDefinition(QStringLiteral("sqnrDb"));
            case Mse:
                return metricDefinition(QStringLiteral("mse"));
            case Macs:
                return tr("Multiply-accumulates of one forward pass");
            case State:
                return tr("What really happens to the layer; the tooltip says why it differs from the request");
            default:
                return {};
        }
    }
    return {};
}

Qt::ItemFlags LayerTableModel::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    if (!index.isValid())
        return Qt::NoItemFlags;
    const LayerRow& r = row(index.row());
    if (index.column() == Enabled && r.quantizable != Quantizable::No)
        flags |= Qt::ItemIsUserCheckable;
    const bool editable = (index.column() == ActivationBits && r.activationBits > 0) ||
                          ((index.column() == WeightBits || index.column() == Algorithm) && r.weightBits > 0);
    return editable ? flags | Qt::ItemIsEditable : flags;
}

LayerFilterModel::LayerFilterModel(QObject* parent) : QSortFilterProxyModel(parent)
{
    setSortRole(LayerTableModel::SortRole);
    setDynamicSortFilter(true);
}

void LayerFilterModel::setText(const QString& text)
{
    m_pattern = LayerPattern(text);
    invalidateFilter();
}

void LayerFilterModel::setThreshold(double cosine)
{
    m_threshold = cosine;
    invalidateFilter();
}

bool LayerFilterModel::filterAcceptsRow(int row, const QModelIndex&) const
{
    const LayerRow& r = static_cast<LayerTableModel*>(sourceModel())->row(row);
    if (!m_pattern.meets(r.name, r.type))
        return false;
    return m_threshold <= 0 || (r.cumulative && r.cumulative->cosine < m_threshold);
}

}  // namespace qs

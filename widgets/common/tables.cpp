#include "widgets/common/tables.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QCoreApplication>
#include <QFileDialog>
#include <QHeaderView>
#include <QMessageBox>
#include <QSaveFile>
#include <QTableView>

#include <functional>
#include <set>
#include <vector>

namespace qs {

namespace {

QString cellText(const QModelIndex& index)
{
    const QVariant check = index.data(Qt::CheckStateRole);
    const QString text = index.data().toString();
    if (check.isValid() && text.isEmpty())
        return check.toInt() == Qt::Checked ? QStringLiteral("1") : QStringLiteral("0");
    const QVariant number = index.data(Qt::UserRole);
    const bool right = index.data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight;
    // Raw numbers: a spreadsheet cannot read "1−3.2e-06".
    return right && !text.isEmpty() && number.canConvert<double>() ? QString::number(number.toDouble(), 'g', 9) : text;
}

QString quoted(QString text, QChar separator)
{
    if (separator == QLatin1Char('\t'))
        return text.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
    if (!text.contains(separator) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n')))
        return text;
    return QLatin1Char('"') + text.replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
}

void saveTable(QTableView* table)
{
    QString path = QFileDialog::getSaveFileName(table, {}, table->objectName() + QStringLiteral(".csv"),
                                                QCoreApplication::translate("Tables", "Comma-separated values (*.csv)"));
    if (path.isEmpty())
        return;
    if (!path.endsWith(QLatin1String(".csv")))
        path += QLatin1String(".csv");
    QSaveFile file(path);
    const QByteArray bytes = tableText(*table, QLatin1Char(','), false).toUtf8();
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        QMessageBox::warning(table, {}, path + QLatin1String(": ") + file.errorString());
}

/// Rows of `model`, which the table shows as they are or in groups.
std::set<int> rowsOf(const QTableView& table, const QAbstractItemModel& model, bool selected)
{
    std::set<int> rows;
    for (int row = 0; row < model.rowCount() && !selected; ++row)
        rows.insert(row);
    if (selected)
        for (const QItemSelectionRange& range : table.selectionModel()->selection())
            for (int row = range.top(); row <= range.bottom(); ++row) {
                const auto below = table.model()->index(row, 0).data(flatRowsRole).value<QList<int>>();
                rows.insert(below.begin(), below.end());
                if (&model == table.model())
                    rows.insert(row);
            }
    return rows;
}

}  // namespace

QString tableText(const QTableView& table, QChar separator, bool selected)
{
    const auto* flat = table.model()->property(flatModelProperty).value<QAbstractItemModel*>();
    const QAbstractItemModel& model = flat ? *flat : *table.model();
    const QHeaderView& header = *table.horizontalHeader();
    std::vector<int> columns;
    for (int visual = 0; visual < header.count(); ++visual)
        if (const int column = header.logicalIndex(visual); !header.isSectionHidden(column))
            columns.push_back(column);
    QString text;
    const auto add = [&](const std::function<QString(int)>& cell) {
        for (size_t i = 0; i < columns.size(); ++i)
            text += quoted(cell(columns[i]), separator) + (i + 1 < columns.size() ? separator : QLatin1Char('\n'));
    };
    add([&](int column) { return model.headerData(column, Qt::Horizontal).toString(); });
    for (const int row : rowsOf(table, model, selected && table.selectionModel()->hasSelection()))
        add([&](int column) { return cellText(model.index(row, column)); });
    return text;
}

void styleTable(QTableView* table)
{
    // Tab leaves it, as everything else; the arrows walk its cells.
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 7);
    table->horizontalHeader()->setHighlightSections(false);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setShowGrid(false);
    table->setAlternatingRowColors(true);
    auto* copy = new QAction(QCoreApplication::translate("Tables", "Copy"), table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    QObject::connect(copy, &QAction::triggered, table, [table] { QApplication::clipboard()->setText(tableText(*table, QLatin1Char('\t'), true)); });
    auto* save = new QAction(QCoreApplication::translate("Tables", "Save as CSV…"), table);
    QObject::connect(save, &QAction::triggered, table, [table] { saveTable(table); });
    table->addActions({copy, save});
    table->setContextMenuPolicy(Qt::ActionsContextMenu);
}

NumberItem::NumberItem(double value, const QString& text) : QTableWidgetItem(text)
{
    setData(Qt::UserRole, value);
    setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
}

bool NumberItem::operator<(const QTableWidgetItem& other) const
{
    return data(Qt::UserRole).toDouble() < other.data(Qt::UserRole).toDouble();
}

}  // namespace qs

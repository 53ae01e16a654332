#include "widgets/common/tables.h"

#include <QHeaderView>
#include <QTableView>

namespace qs {

void styleTable(QTableView* table)
{
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 7);
    table->horizontalHeader()->setHighlightSections(false);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setShowGrid(false);
    table->setAlternatingRowColors(true);
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

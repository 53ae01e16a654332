// How every table of the window looks, and cells that sort by their number.
#pragma once

#include <QTableWidgetItem>

class QTableView;

namespace qs {

/// Compact striped rows without numbers and grid; nothing is edited.
void styleTable(QTableView* table);

/// Shown as text on the right, sorted by the number, which also stands in Qt::UserRole.
class NumberItem : public QTableWidgetItem {
public:
    NumberItem(double value, const QString& text);
    bool operator<(const QTableWidgetItem& other) const override;
};

}  // namespace qs

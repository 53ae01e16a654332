// How every table of the window looks, and cells that sort by their number.
#pragma once

#include <QTableWidgetItem>

class QTableView;

namespace qs {

/// Of a model that shows another one's rows in groups: the dynamic property that has that model, and the role of its rows below one of the groups'
/// (QList<int>). What is copied and saved is flat.
constexpr const char* flatModelProperty = "flatModel";
constexpr int flatRowsRole = Qt::UserRole + 100;

/// Compact striped rows without numbers and grid; nothing is edited. Ctrl+C copies, the context menu also saves as CSV: a table with a menu of its
/// own adds the table's actions to it.
void styleTable(QTableView* table);

/// Header and rows (`selected`: the selected ones, all where none is), the columns that are shown in their order. Numbers as they are (Qt::UserRole
/// of cells on the right), not as they are shown; a check box is 1 or 0. Tabs for the clipboard; commas with quotes for a file.
QString tableText(const QTableView& table, QChar separator, bool selected);

/// Shown as text on the right, sorted by the number, which also stands in Qt::UserRole.
class NumberItem : public QTableWidgetItem {
public:
    NumberItem(double value, const QString& text);
    bool operator<(const QTableWidgetItem& other) const override;
};

}  // namespace qs

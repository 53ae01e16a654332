#include "widgets/models/layer_delegate.h"

#include "widgets/common/theme.h"
#include "widgets/models/layer_table_model.h"

#include <QApplication>
#include <QComboBox>
#include <QPainter>

namespace qs {

void LayerDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const QVariant step = index.data(LayerTableModel::StepRole);
    if (!step.isValid()) {
        QStyledItemDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem view = option;
    initStyleOption(&view, index);
    const QString text = view.text;
    view.text.clear();
    QApplication::style()->drawControl(QStyle::CE_ItemViewItem, &view, painter, view.widget);
    // The number on the left part, the bar in its own lane on the right: neither hides the other.
    const QRect cell = option.rect.adjusted(4, 0, -4, 0);
    const int lane = std::min(46, cell.width() / 3);
    const QRect barLane(cell.right() - lane + 1, cell.top() + 5, lane, cell.height() - 10);
    const int length = std::max(2, qRound(barLane.width() * index.data(LayerTableModel::BarRole).toDouble()));
    const bool stale = index.data(LayerTableModel::StaleRole).toBool();
    const QColor color = stale ? mixed(theme().secondary, theme().panel, 0.5) : wrongColor(step.toInt());
    const QRect bar(barLane.left(), barLane.top(), length, barLane.height());
    painter->fillRect(barLane, mixed(theme().line, theme().background, 0.55));
    painter->fillRect(bar, color);
    if (stale)
        painter->fillRect(bar, QBrush(theme().text, Qt::BDiagPattern));
    const bool selected = view.state & QStyle::State_Selected;
    painter->setFont(view.font);
    painter->setPen(selected ? view.palette.color(QPalette::HighlightedText) : stale ? theme().secondary : view.palette.color(QPalette::Text));
    painter->drawText(cell.adjusted(0, 0, -lane - 6, 0), Qt::AlignRight | Qt::AlignVCenter, text);
}

QWidget* LayerDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const QStringList choices = index.data(LayerTableModel::ChoicesRole).toStringList();
    if (choices.isEmpty())
        return QStyledItemDelegate::createEditor(parent, option, index);
    auto* box = new QComboBox(parent);
    box->addItems(choices);
    auto* self = const_cast<LayerDelegate*>(this);
    connect(box, &QComboBox::activated, self, [self, box] {
        Q_EMIT self->commitData(box);
        Q_EMIT self->closeEditor(box);
    });
    return box;
}

void LayerDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const
{
    if (auto* box = qobject_cast<QComboBox*>(editor)) {
        box->setCurrentText(index.data(Qt::EditRole).toString());
        return;
    }
    QStyledItemDelegate::setEditorData(editor, index);
}

void LayerDelegate::setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const
{
    if (const auto* box = qobject_cast<QComboBox*>(editor)) {
        if (box->currentText() != index.data(Qt::EditRole).toString())
            model->setData(index, box->currentText(), Qt::EditRole);
        return;
    }
    QStyledItemDelegate::setModelData(editor, model, index);
}

}  // namespace qs

#include "app/window/locator.h"

#include "widgets/models/layer_pattern.h"

#include <QCoreApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

namespace qs {

Locator::Locator(QStringList names, QStringList types, QWidget* parent)
    : QDialog(parent, Qt::Popup), m_names(std::move(names)), m_types(std::move(types)), m_edit(new QLineEdit), m_list(new QListWidget)
{
    setObjectName(QStringLiteral("locator"));
    m_edit->setPlaceholderText(tr("Go to layer"));
    m_edit->setToolTip(LayerPattern::help());
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->addWidget(m_edit);
    layout->addWidget(m_list);
    resize(420, 320);
    m_edit->installEventFilter(this);
    connect(m_edit, &QLineEdit::textChanged, this, &Locator::filter);
    connect(m_list, &QListWidget::itemClicked, this, &Locator::choose);
    filter({});
    m_edit->setFocus();
}

void Locator::filter(const QString& text)
{
    constexpr int most = 200;
    const LayerPattern pattern(text);
    m_list->clear();
    // Names that begin with the text stand before those that meet it otherwise.
    for (const bool beginning : {true, false})
        for (qsizetype i = 0; i < m_names.size() && m_list->count() < most; ++i) {
            const bool begins = m_names[i].startsWith(text, Qt::CaseInsensitive);
            if (beginning ? !begins : begins || !pattern.meets(m_names[i], m_types[i]))
                continue;
            auto* item = new QListWidgetItem(QStringLiteral("%1    %2").arg(m_names[i], m_types[i]), m_list);
            item->setData(Qt::UserRole, m_names[i]);
        }
    m_list->setCurrentRow(0);
}

bool Locator::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        switch (static_cast<QKeyEvent*>(event)->key()) {
            case Qt::Key_Up:
            case Qt::Key_Down:
            case Qt::Key_PageUp:
            case Qt::Key_PageDown:
                QCoreApplication::sendEvent(m_list, event);
                return true;
            case Qt::Key_Return:
            case Qt::Key_Enter:
                choose();
                return true;
            default:
                break;
        }
    }
    return QDialog::eventFilter(object, event);
}

void Locator::choose()
{
    if (const QListWidgetItem* item = m_list->currentItem())
        Q_EMIT chosen(item->data(Qt::UserRole).toString());
    accept();
}

}  // namespace qs

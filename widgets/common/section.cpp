#include "widgets/common/section.h"

#include <QToolButton>
#include <QVBoxLayout>

namespace qs {

Section::Section(const QString& title, QWidget* content, QWidget* parent) : QWidget(parent), m_title(new QToolButton), m_content(content)
{
    m_title->setText(title);
    m_title->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_title->setAutoRaise(true);
    m_title->setFocusPolicy(Qt::StrongFocus);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(m_title);
    column->addWidget(m_content);
    setOpen(true);
    connect(m_title, &QToolButton::clicked, this, [this] {
        setOpen(!m_open);
        Q_EMIT openEdited(m_open);
    });
}

void Section::setOpen(bool open)
{
    m_open = open;
    m_title->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
    m_content->setVisible(open);
}

}  // namespace qs

#include "widgets/common/empty_page.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace qs {

EmptyPage::EmptyPage(const QString& action, QWidget* parent) : QWidget(parent), m_text(new QLabel), m_button(new QPushButton(action))
{
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setWordWrap(true);
    m_text->setForegroundRole(QPalette::PlaceholderText);
    auto* column = new QVBoxLayout(this);
    column->addStretch(1);
    column->addWidget(m_text);
    column->addWidget(m_button, 0, Qt::AlignHCenter);
    column->addStretch(1);
}

void EmptyPage::setText(const QString& text)
{
    m_text->setText(text);
}

QString EmptyPage::text() const
{
    return m_text->text();
}

}  // namespace qs

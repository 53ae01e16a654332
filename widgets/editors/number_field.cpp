#include "widgets/editors/number_field.h"

#include "core/base/text.h"
#include "widgets/common/theme.h"

#include <QKeyEvent>

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

QString shortest(double value)
{
    return QString::fromStdString(numberText(value));
}

}  // namespace

bool NumberRange::contains(double value) const
{
    if (!std::isfinite(value) || (integer && value != std::floor(value)))
        return false;
    return (lowOpen ? value > low : value >= low) && (highOpen ? value < high : value <= high);
}

QString NumberRange::text() const
{
    return (lowOpen ? QStringLiteral("(") : QStringLiteral("[")) + shortest(low) + QStringLiteral(", ") + shortest(high) +
           (highOpen ? QStringLiteral(")") : QStringLiteral("]"));
}

NumberField::NumberField(const NumberRange& range, QWidget* parent) : QLineEdit(parent), m_range(range)
{
    setAlignment(Qt::AlignRight);
    connect(this, &QLineEdit::textEdited, this, &NumberField::check);
    setDescription({});
}

void NumberField::setRange(const NumberRange& range)
{
    m_range = range;
    setDescription(m_description);
    check();
}

void NumberField::setDescription(const QString& text)
{
    m_description = text;
    const QString range = tr("Range: %1").arg(m_range.text());
    setToolTip(text.isEmpty() ? range : text + QLatin1Char('\n') + range);
}

void NumberField::setValue(double value)
{
    m_value = value;
    // What the user is typing is not overwritten by an unrelated refresh.
    if (!(hasFocus() && isModified()))
        setText(shortest(value));
    check();
}

void NumberField::setBlank()
{
    clear();
    m_acceptable = true;
    setPalette({});
}

void NumberField::check()
{
    if (text().isEmpty() && !isModified())
        return;
    const auto number = parseDouble(text().toStdString());
    m_acceptable = number && m_range.contains(*number);
    QPalette colors;
    if (!m_acceptable) {
        colors.setColor(QPalette::Text, theme().warning);
        colors.setColor(QPalette::Base, mixed(theme().background, theme().warning, 0.15));
    }
    setPalette(m_acceptable ? QPalette() : colors);
}

void NumberField::commit()
{
    if (!isModified())
        return;
    setModified(false);
    if (!m_acceptable) {
        setText(shortest(m_value));
        check();
        return;
    }
    const double number = *parseDouble(text().toStdString());
    if (number != m_value) {
        m_value = number;
        Q_EMIT valueEdited(number);
    }
}

void NumberField::keyPressEvent(QKeyEvent* event)
{
    const int direction = event->key() == Qt::Key_Up ? 1 : event->key() == Qt::Key_Down ? -1 : 0;
    if (direction != 0) {
        // Rounded to the step's grid, so that 0.7 + 0.01 is 0.71.
        const double next = std::round((m_value + direction * m_range.step) / m_range.step * 1e6) / 1e6 * m_range.step;
        const double tidy = std::round(next * 1e9) / 1e9;
        if (m_range.contains(tidy)) {
            setText(shortest(tidy));
            setModified(true);
            check();
            commit();
        }
        return;
    }
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        commit();
        return;
    }
    if (event->key() == Qt::Key_Escape && isModified()) {
        setModified(false);
        setText(shortest(m_value));
        check();
        return;
    }
    QLineEdit::keyPressEvent(event);
}

void NumberField::focusOutEvent(QFocusEvent* event)
{
    commit();
    QLineEdit::focusOutEvent(event);
}

void NumberField::changeEvent(QEvent* event)
{
    QLineEdit::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        check();
}

}  // namespace qs

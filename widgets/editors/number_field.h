// A number as typed: checked with every key, its range in the tooltip, changed with the arrow keys.
#pragma once

#include <QLineEdit>

namespace qs {

struct NumberRange {
    double low = 0;
    double high = 1;
    bool lowOpen = false;  ///< low itself is not allowed
    bool highOpen = false;
    double step = 0.01;
    bool integer = false;

    bool contains(double value) const;
    QString text() const;  ///< "(0.5, 1]"
};

class NumberField : public QLineEdit {
    Q_OBJECT

public:
    explicit NumberField(const NumberRange& range, QWidget* parent = nullptr);
    void setRange(const NumberRange& range);
    /// Says what the number is; the range is added.
    void setDescription(const QString& text);
    void setValue(double value);
    /// Shows nothing: there is no value.
    void setBlank();
    double value() const { return m_value; }
    bool acceptable() const { return m_acceptable; }

Q_SIGNALS:
    /// By the user, inside the range, when the field is left, Enter is pressed or an arrow key steps.
    void valueEdited(double value);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void check();
    void commit();

    NumberRange m_range;
    QString m_description;
    double m_value = 0;
    bool m_acceptable = true;
};

}  // namespace qs

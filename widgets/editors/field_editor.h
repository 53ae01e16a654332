// Forms out of the table of settings (core/quant/setting_fields.h): the widget of each field, its words in the user's language.
#pragma once

#include "core/quant/setting_fields.h"

#include <QString>

#include <functional>

class QCheckBox;
class QFormLayout;
class QWidget;

namespace qs {

/// The widget of one field: shows values, and calls what it was made with when the user has entered another.
struct FieldEditor {
    const FieldInfo* field;
    QWidget* widget;
    QWidget* head;  ///< what stands in the label's place; null: the label does
    std::function<void(const FieldValue&)> show;
    std::function<void(bool mixed)> showMixed;                       ///< of several layers that differ in it: no value
    std::function<void(const QuantScheme& scheme)> offer = nullptr;  ///< what the target allows; null: the same for all. Before show()

    template <class Setting>
    const SettingField<Setting>& row() const
    {
        return static_cast<const SettingField<Setting>&>(*field);
    }
};
FieldEditor makeFieldEditor(const FieldInfo& field, const std::function<void(const FieldValue&)>& edited);

/// Of all fields that stand in a form, in the form's order. What holds where a field is absent is entered as its absence.
template <class Setting>
std::vector<FieldEditor> makeFieldEditors(const std::function<void(const SettingField<Setting>&, const FieldValue&)>& edited)
{
    std::vector<FieldEditor> editors;
    for (const bool first : {true, false})
        for (const SettingField<Setting>& row : fieldsOf<Setting>())
            if (row.inForm() && row.first == first)
                editors.push_back(makeFieldEditor(row, [&row, edited](const FieldValue& value) {
                    const Setting absent;
                    edited(row, value == row.held(absent) ? row.get(absent) : value);
                }));
    return editors;
}

/// Rows for the editors whose field is of the group, two of one field side by side.
void addFieldRows(QFormLayout* form, std::span<const FieldEditor> editors, std::string_view group);
/// Null: it is not in the form. Of several the first.
const FieldEditor* findEditor(std::span<const FieldEditor> editors, const Field& field);

/// Partly checked where the layers differ.
void showMixedCheck(QCheckBox* box, bool mixed);
/// A text of the table in the user's language.
QString fieldText(const char* text);
/// What the field is, with its name in the manual.
QString fieldHelp(const FieldInfo& field);

}  // namespace qs

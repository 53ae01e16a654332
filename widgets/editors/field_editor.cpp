#include "widgets/editors/field_editor.h"

#include "core/base/text.h"
#include "core/targets/forms.h"
#include "widgets/common/parameter_help.h"
#include "widgets/editors/form.h"
#include "widgets/editors/number_field.h"
#include "widgets/editors/refinements.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>

#include <algorithm>
#include <memory>

namespace qs {

namespace {

using Edited = std::function<void(const FieldValue&)>;

// --- Switches -----------------------------------------------------------------------------------------------------------------------------------

FieldEditor makeSwitch(const FieldInfo& field, const Edited& edited)
{
    auto* box = new QCheckBox(fieldText(field.caption));
    box->setToolTip(fieldHelp(field));
    QObject::connect(box, &QCheckBox::clicked, box, [edited](bool on) { edited(on); });
    return {&field, box, nullptr, [box](const FieldValue& value) { box->setChecked(value == FieldValue(true)); },
            [box](bool mixed) { showMixedCheck(box, mixed); }};
}

// --- Choices ------------------------------------------------------------------------------------------------------------------------------------

struct Choice {
    QString label;
    FieldValue value;
    QString help = {};
};

/// Empty for a field that is typed. Of those that the scheme allows.
std::vector<Choice> choicesOf(const FieldInfo& info, const QuantScheme& scheme)
{
    std::vector<Choice> choices;
    if (info.field == &field::calibrator)
        for (const Calibrator& calibrator : calibrators())
            choices.push_back({calibratorLabel(calibrator), std::string(calibrator.name), calibratorHelp(calibrator)});
    else if (info.field == &field::activationBits)
        for (const int bits : scheme.activationWidths)
            choices.push_back({QString::number(bits), bits});
    else if (info.field == &field::weightBits) {
        for (const int bits : weightWidthsOffered(scheme))
            choices.push_back({QString::number(bits), bits});
    } else if (info.field == &field::withOffset)
        choices = {{fieldText("as the network"), {}}, {fieldText("with offset"), true}, {fieldText("without offset"), false}};
    else if (info.field == &field::weightAlgorithm) {
        choices = {{fieldText("ARQ (uniform)"), std::string("arq")}};
        if (scheme.codebooks)
            choices.push_back({fieldText("SNQ (non-uniform)"), std::string("snq")});
    } else
        for (const std::string& choice : splitText(info.field->choices, '|'))
            choices.push_back({QString::fromStdString(choice), choice});
    return choices;
}

void fillChoices(QComboBox* box, const std::vector<Choice>& choices)
{
    box->clear();
    for (const Choice& choice : choices) {
        box->addItem(choice.label, QString::fromStdString(valueText(choice.value)));
        box->setItemData(box->count() - 1, choice.help, Qt::ToolTipRole);
    }
}

bool sameChoices(const std::vector<Choice>& a, const std::vector<Choice>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Choice& x, const Choice& y) { return x.value == y.value; });
}

FieldEditor makeChoice(const FieldInfo& field, const Edited& edited)
{
    auto* box = new QComboBox;
    auto choices = std::make_shared<std::vector<Choice>>(choicesOf(field, standardScheme()));
    fillChoices(box, *choices);
    box->setObjectName(QLatin1String(field.key));
    box->setToolTip(fieldHelp(field));
    // (It shrinks before the panel is cut off.)
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(6);
    box->setPlaceholderText(fieldText("mixed"));
    QObject::connect(box, &QComboBox::activated, box, [choices, edited](int index) { edited((*choices)[static_cast<size_t>(index)].value); });
    return {.field = &field,
            .widget = box,
            .head = nullptr,
            .show =
                [box, choices](const FieldValue& value) {
                    const auto found = std::find_if(choices->begin(), choices->end(), [&](const Choice& choice) { return choice.value == value; });
                    const bool absent = value == FieldValue();
                    box->setCurrentIndex(found != choices->end() ? static_cast<int>(found - choices->begin()) : absent ? 0 : -1);
                },
            .showMixed =
                [box](bool mixed) {
                    if (mixed)
                        box->setCurrentIndex(-1);
                },
            .offer =
                [box, choices, &field](const QuantScheme& scheme) {
                    std::vector<Choice> allowed = choicesOf(field, scheme);
                    if (sameChoices(allowed, *choices))
                        return;
                    *choices = std::move(allowed);
                    fillChoices(box, *choices);
                }};
}

// --- Numbers ------------------------------------------------------------------------------------------------------------------------------------

void showMixedNumber(NumberField* number, bool mixed)
{
    number->setPlaceholderText(mixed ? fieldText("mixed") : QString());
    if (mixed)
        number->setBlank();
}

FieldEditor makeNumber(const FieldInfo& info, const Edited& edited)
{
    const Field& range = *info.field;
    const bool integer = info.type == FieldType::Integer;
    auto* number = new NumberField({range.low, range.high, range.lowOpen, range.highOpen, info.step, integer});
    number->setDescription(fieldHelp(info));
    QObject::connect(number, &NumberField::valueEdited, number,
                     [edited, integer](double value) { edited(integer ? FieldValue(static_cast<int>(value)) : FieldValue(value)); });
    return {&info, number, nullptr,
            [number](const FieldValue& value) {
                if (const int* whole = std::get_if<int>(&value))
                    number->setValue(*whole);
                else
                    number->setValue(std::get<double>(value));
            },
            [number](bool mixed) { showMixedNumber(number, mixed); }};
}

// --- Limits -------------------------------------------------------------------------------------------------------------------------------------

constexpr double largestFloat = 3.4e38;

QWidget* rowOf(std::initializer_list<QWidget*> widgets)
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    for (QWidget* widget : widgets)
        layout->addWidget(widget);
    return row;
}

QWidget* between(QWidget* first, QWidget* last)
{
    return rowOf({first, new QLabel(QStringLiteral("–")), last});
}

/// Zero for both would leave no range.
void showLimits(NumberField* low, NumberField* high, std::pair<float, float> limits)
{
    low->setRange({-largestFloat, 0, false, limits.second <= 0, 0.01, false});
    high->setRange({0, largestFloat, limits.first >= 0, false, 0.01, false});
    // As a float reads: the double behind it has digits that nobody set.
    low->setValue(parseDouble(numberText(limits.first)).value_or(0));
    high->setValue(parseDouble(numberText(limits.second)).value_or(0));
}

/// Absent unless the box before them is checked.
FieldEditor makeLimits(const FieldInfo& field, const Edited& edited)
{
    auto* box = new QCheckBox(fieldText(field.caption));
    box->setToolTip(fieldHelp(field));
    auto* low = new NumberField({-largestFloat, 0, false, false, 0.01, false});
    auto* high = new NumberField({0, largestFloat, false, false, 0.01, false});
    low->setDescription(fieldText("Lower clip limit, at most 0"));
    high->setDescription(fieldText("Upper clip limit, at least 0"));
    const auto entered = [edited, low, high] { edited(std::pair{static_cast<float>(low->value()), static_cast<float>(high->value())}); };
    QObject::connect(low, &NumberField::valueEdited, low, entered);
    QObject::connect(high, &NumberField::valueEdited, high, entered);
    QObject::connect(box, &QCheckBox::clicked, box, [edited](bool on) { edited(on ? FieldValue(std::pair{-1.0F, 1.0F}) : FieldValue()); });
    return {&field, between(low, high), box,
            [box, low, high](const FieldValue& value) {
                const auto* limits = std::get_if<std::pair<float, float>>(&value);
                box->setChecked(limits);
                for (NumberField* number : {low, high}) {
                    number->setEnabled(limits);
                    if (!limits)
                        number->setBlank();
                }
                if (limits)
                    showLimits(low, high, *limits);
            },
            [box, low, high](bool mixed) {
                showMixedCheck(box, mixed);
                showMixedNumber(low, mixed);
                showMixedNumber(high, mixed);
            }};
}

// --- Texts --------------------------------------------------------------------------------------------------------------------------------------

FieldValue entered(FieldType type, const QString& text)
{
    if (type == FieldType::Text)
        return text.toStdString();
    std::vector<std::string> names;
    for (const QString& name : text.split(QLatin1Char(','), Qt::SkipEmptyParts))
        if (!name.trimmed().isEmpty())
            names.push_back(name.trimmed().toStdString());
    return names;
}

QString shownText(const FieldValue& value)
{
    const auto* names = std::get_if<std::vector<std::string>>(&value);
    if (!names)
        return QString::fromStdString(std::get<std::string>(value));
    QStringList list;
    for (const std::string& name : *names)
        list << QString::fromStdString(name);
    return list.join(QStringLiteral(", "));
}

FieldEditor makeText(const FieldInfo& field, const Edited& edited)
{
    auto* line = new QLineEdit;
    if (field.type == FieldType::Names)
        line->setPlaceholderText(fieldText("names, separated by commas"));
    QObject::connect(line, &QLineEdit::editingFinished, line, [edited, line, type = field.type] { edited(entered(type, line->text())); });
    return {&field, line, nullptr, [line](const FieldValue& value) { line->setText(shownText(value)); },
            [line](bool mixed) {
                if (mixed)
                    line->clear();
            }};
}

void addRow(QFormLayout* form, const FieldEditor& editor, QWidget* widget)
{
    const QString label = fieldText(editor.field->label);
    if (editor.head)
        form->addRow(editor.head, widget);
    else if (standardForms().findParameter(editor.field->field->name))
        addHelped(form, label, widget, editor.field->field->name);
    else
        form->addRow(label, widget);
}

}  // namespace

FieldEditor makeFieldEditor(const FieldInfo& field, const std::function<void(const FieldValue&)>& edited)
{
    if (!choicesOf(field, standardScheme()).empty())
        return makeChoice(field, edited);
    switch (field.type) {
        case FieldType::Switch:
            return makeSwitch(field, edited);
        case FieldType::Integer:
        case FieldType::Number:
            return makeNumber(field, edited);
        case FieldType::Limits:
            return makeLimits(field, edited);
        default:
            return makeText(field, edited);
    }
}

void addFieldRows(QFormLayout* form, std::span<const FieldEditor> editors, std::string_view group)
{
    for (size_t i = 0; i < editors.size(); ++i) {
        if (editors[i].field->group != group)
            continue;
        const FieldEditor& first = editors[i];
        const bool two = i + 1 < editors.size() && editors[i + 1].field->field == first.field->field;
        addRow(form, first, two ? between(first.widget, editors[++i].widget) : first.widget);
    }
}

const FieldEditor* findEditor(std::span<const FieldEditor> editors, const Field& field)
{
    const auto found = std::find_if(editors.begin(), editors.end(), [&](const FieldEditor& editor) { return editor.field->field == &field; });
    return found == editors.end() ? nullptr : &*found;
}

void showMixedCheck(QCheckBox* box, bool mixed)
{
    box->setTristate(mixed);
    if (mixed)
        box->setCheckState(Qt::PartiallyChecked);
}

QString fieldText(const char* text)
{
    return *text ? QCoreApplication::translate("Settings", text) : QString();
}

QString fieldHelp(const FieldInfo& field)
{
    const Parameter* parameter = standardForms().findParameter(field.field->name);
    QString help = fieldText(field.help);
    if (!parameter || help.isEmpty())
        return help;
    const QString key = QString::fromLatin1(parameter->key).section(QLatin1Char('.'), -1);
    return fieldText("%1: %2").arg(key, help);
}

}  // namespace qs

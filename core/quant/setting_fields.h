// The table of settings: one row for each field of a configuration. Whatever goes through all of them goes through these rows: the project file,
// differences, the forms of the window, flags of the command line, what a change makes stale, the search's fingerprint, the guide's changes, the
// checks of ranges.
//
// To add a setting: its member (configuration.h), its name and range (fields.h), its row here (setting_fields.cpp), its Chinese sentences, the code
// that uses it.
#pragma once

#include "core/quant/configuration.h"
#include "core/quant/fields.h"

#include <algorithm>
#include <span>
#include <variant>

namespace qs {

/// What a field has, in the order of FieldType; std::monostate: it is absent.
using FieldValue = std::variant<std::monostate, bool, int, double, std::string, std::pair<float, float>, std::vector<std::string>>;
enum class FieldType : uint8_t { Absent, Switch, Integer, Number, Text, Limits, Names };

/// What a change of a field asks for where there are factors.
enum class Stale : uint8_t {
    Nothing,      ///< they hold: the field has no part in them, or is entered afterwards
    Factors,      ///< they are solved again from what the calibration saw
    Calibration,  ///< the data are run again
};

struct FieldInfo {
    const Field* field;
    const char* key;               ///< in project files
    Stale stale = Stale::Factors;  ///< where more than the field decides, freshness.cpp and calibrate.cpp say what
    bool written = true;           ///< false: left out of files where it is the default, as every field that is absent
    int element = -1;              ///< fields with one key are a list in files: which of it
    FieldType type = FieldType::Absent;
    // In the window's forms. English; the translation has them under "Settings".
    const char* label = "";    ///< before the field
    const char* caption = "";  ///< behind the box of a switch
    const char* help = "";     ///< what it is
    const char* group = "";    ///< part of the form
    double step = 0.01;        ///< of the arrow keys
    bool first = false;        ///< before those that are not
    const char* flag = "";     ///< of the command line, for all layers, which has them set what it is given; rows may share one
    bool inForm() const { return *label || *caption; }
};

/// The group of what only SNQ reads.
inline constexpr const char* codebookGroup = "Codebook";

template <class Setting>
struct SettingField : FieldInfo {
    FieldValue (*get)(const Setting& setting);
    FieldValue (*held)(const Setting& setting);              ///< the same, and what holds where it is absent if that is always one value
    void (*set)(Setting& setting, const FieldValue& value);  ///< of its type; absent only where it may be
};

/// The rows of ActivationSetting, WeightSetting, LayerSetting, BnUpdateSetting and Configuration, each in the order of the project file. Settings
/// within settings (a layer's inputs and weights, the network's layers and bn_update) are no rows: whoever walks asks for theirs.
template <class Setting>
std::span<const SettingField<Setting>> fieldsOf();
template <>
std::span<const SettingField<ActivationSetting>> fieldsOf();
template <>
std::span<const SettingField<WeightSetting>> fieldsOf();
template <>
std::span<const SettingField<LayerSetting>> fieldsOf();
template <>
std::span<const SettingField<BnUpdateSetting>> fieldsOf();
template <>
std::span<const SettingField<Configuration>> fieldsOf();

/// "8", "true", "1.0", "[a, b]"; empty for what is absent.
std::string valueText(const FieldValue& value);

struct FieldText {
    const FieldInfo* field;
    std::string text;
};
/// Each field as text, those with one key as one list ("[0.7, 1.3, 0.01]").
template <class Setting>
std::vector<FieldText> fieldTexts(const Setting& setting)
{
    std::vector<FieldText> texts;
    for (const SettingField<Setting>& row : fieldsOf<Setting>()) {
        const std::string text = valueText(row.get(setting));
        if (row.element > 0)
            texts.back().text.insert(texts.back().text.size() - 1, ", " + text);
        else
            texts.push_back({&row, row.element == 0 ? "[" + text + "]" : text});
    }
    return texts;
}

/// Whether no field differs whose change asks for `least` or more.
template <class Setting>
bool sameFor(Stale least, const Setting& a, const Setting& b)
{
    const auto rows = fieldsOf<Setting>();
    return std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return row.stale < least || row.held(a) == row.held(b); });
}

}  // namespace qs

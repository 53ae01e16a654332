// The table of settings: one row for each field of a configuration. Whatever goes through all of them goes through these rows: the project file,
// differences, what a change makes stale, the search's fingerprint, the guide's changes, the checks of ranges.
//
// To add a setting: its member (configuration.h), its name and range (fields.h), its row here (setting_fields.cpp), the code that uses it.
#pragma once

#include "core/quant/configuration.h"
#include "core/quant/fields.h"

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
};

template <class Setting>
struct SettingField : FieldInfo {
    FieldValue (*get)(const Setting& setting);
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

}  // namespace qs

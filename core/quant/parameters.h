// Every parameter of AMCT's quantization configuration: the manual's 26 tables (seed 003, 量化配置, 参数配置说明) as one table. The checks on
// reading, the help in the window and the command line's errors take their words and ranges from here and nowhere else.
#pragma once

#include "core/quant/configuration.h"

#include <span>

namespace qs {

struct Parameter {
    int table;                ///< number of the manual's table
    const char* key;          ///< path in config.json ("activation_quant_params.num_bits"); "layer_config" stands for a layer's own name
    const char* type;         ///< "int", "float", "bool", "string", "object", "list"
    const char* meaning;      ///< one or two English sentences; widgets/common/parameter_help.cpp translates them
    const char* range;        ///< as an interval or a set; "" where anything is allowed
    const char* standard;     ///< what holds when the key is absent, as JSON; "" where that depends on the layer
    const char* recommended;  ///< the manual's recommendation; "" where it has none
    double low = 0;           ///< numbers: the interval's ends; both 0: not a number, or depends on others
    double high = 0;
    bool lowOpen = false;
    bool highOpen = false;
    const char* choices = "";  ///< strings: the allowed values between '|'

    /// Whether the interval holds this number (true where there is none; never for NaN).
    bool holds(double value) const;
    bool holds(const std::string& value) const;
};

/// In the order of the manual's tables.
std::span<const Parameter> parameters();
/// Null for a key that the manual does not have.
const Parameter* findParameter(std::string_view key);

/// A value outside its range, before anybody knows file, line or layer.
struct Violation {
    std::string key;    ///< as Parameter::key
    std::string value;  ///< as text
    std::string range;  ///< what is allowed
};
std::optional<Violation> findViolation(const ActivationSetting& setting, const QuantScheme& scheme);
/// More than 100,000 search iterations: allowed, but they take long (seed 003, table 18).
bool searchIsLong(const ActivationSetting& setting);
/// `op` decides whether channel_wise may be true.
std::optional<Violation> findViolation(const WeightSetting& setting, const std::string& op, const QuantScheme& scheme);
/// Of the keys that belong to no layer.
std::optional<Violation> findViolation(const Configuration& configuration);

}  // namespace qs

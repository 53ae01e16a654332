// Every parameter of AMCT's quantization configuration: the manual's 26 tables (seed 003, 量化配置, 参数配置说明) as one table. The checks on
// reading, the help in the window and the command line's errors take their words and ranges from here and nowhere else.
#pragma once

#include "core/quant/fields.h"

#include <span>

namespace qs {

struct Parameter {
    int table;                     ///< number of the manual's table
    const char* key;               ///< path in config.json ("activation_quant_params.num_bits"); "layer_config" stands for a layer's own name
    const Field* field = nullptr;  ///< null: none of a setting
    const char* type;              ///< "int", "float", "bool", "string", "object", "list"
    const char* meaning;           ///< one or two English sentences; widgets/common/parameter_help.cpp translates them
    const char* range;             ///< as an interval or a set; "" where anything is allowed
    const char* standard;          ///< what holds when the key is absent, as JSON; "" where that depends on the layer
    const char* recommended;       ///< the manual's recommendation; "" where it has none
    /// As the field; anything where there is none.
    bool holds(double value) const { return !field || field->holds(value); }
};

/// In the order of the manual's tables.
std::span<const Parameter> parameters();
/// By key or by the field's own name. Null for what the manual does not have.
const Parameter* findParameter(std::string_view name);

/// AMCT's key of a field, and its name of a weight algorithm; other words as they are.
std::string amctWords(std::string_view word);
/// The opposite for algorithms: "arq" of "arq_quantize". Nothing where AMCT has no such algorithm.
std::optional<std::string> ownAlgorithm(std::string_view amctName);

}  // namespace qs

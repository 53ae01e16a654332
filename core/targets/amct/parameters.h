// Every parameter of AMCT's quantization configuration: the manual's 26 tables (seed 003, 量化配置, 参数配置说明) as one table. The checks on
// reading, the help in the window and the command line's errors take their words and ranges from here and nowhere else.
#pragma once

#include "core/targets/forms.h"

namespace qs {

/// In the order of the manual's tables.
std::span<const Parameter> parameters();
/// By key or by the field's own name. Null for what the manual does not have.
const Parameter* findParameter(std::string_view name);

/// AMCT's key of a field, and its name of a weight algorithm; other words as they are.
std::string amctWords(std::string_view word);
/// The opposite for algorithms: "arq" of "arq_quantize". Nothing where AMCT has no such algorithm.
std::optional<std::string> ownAlgorithm(std::string_view amctName);

}  // namespace qs

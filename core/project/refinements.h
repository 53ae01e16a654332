// The part of a record that AMCT's text has no place for: what was equalized, AdaRound's roundings, corrected biases.
#pragma once

#include "core/base/json.h"
#include "core/quant/record.h"

namespace qs {

/// {"equalized": [layer...], "layers": {layer: {"weights": n, "roundUp": hex, "bias": [...]}}}; four weights a hex digit, the first in its highest
/// bit. Empty for a record that has none of it.
Json refinementsJson(const QuantRecord& record);
/// Enters them. Layers that the record does not have are left out. Errors: ParseFailed for roundings that are not `weights` bits of hex; a
/// nlohmann::json::exception for a wrong type.
Result<void> readRefinements(const Json& json, QuantRecord& record, const std::string& fileName);

}  // namespace qs

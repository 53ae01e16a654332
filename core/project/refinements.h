// The part of a record that a record file has no place for: what was equalized, AdaRound's roundings, corrected biases, other grids than it knows.
#pragma once

#include "core/base/json.h"
#include "core/quant/record.h"

namespace qs {

/// Whether a record file can say the layer's grids: of inputs alone, signed, in 8 to 16 bits, with weights of 4 or 8.
bool heldByText(const LayerFactors& factors);

/// {"equalized": [layer...], "layers": {layer: {"weights": n, "roundUp": hex, "bias": [...], "floatBias": true, "factors": {...}}}}; four weights a
/// hex digit, the first in its highest bit; "factors" of layers that are not heldByText(), whole. Empty for a record that has none of it.
Json refinementsJson(const QuantRecord& record);
/// Enters them. Layers that the record does not have are left out. Errors: ParseFailed for roundings that are not `weights` bits of hex; OutOfRange
/// and IllegalScale for grids that cannot be; a nlohmann::json::exception for a wrong type.
Result<void> readRefinements(const Json& json, QuantRecord& record, const std::string& fileName);

}  // namespace qs

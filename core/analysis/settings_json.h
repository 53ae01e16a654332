// Requested and effective settings as JSON: the same words in `compare --json`, quant.json and the project's reports. Core and CLI .cpp files only.
#pragma once

#include "core/analysis/prepared.h"
#include "core/base/json.h"

namespace qs {

/// {"quantEnable", "activationBits": [...], "withOffset", "clip", "weightBits", "algorithm", "channelWise"}; {} for a layer without a setting.
Json requestedJson(const Configuration& configuration, const std::string& layer);
/// {"quantized", "inputs": [{"index", "bits", "withOffset", "byHand"}], "weightBits", "algorithm", "channelWise"}.
Json effectiveJson(const Effective& effective);

}  // namespace qs

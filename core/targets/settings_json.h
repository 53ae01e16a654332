// Requested and effective settings, and metrics, as JSON: the same words in `compare --json`, quant.json and the project's reports. Core and CLI .cpp
// files only.
#pragma once

#include "core/base/json.h"
#include "core/prepare/prepared.h"
#include "core/stats/metrics.h"

namespace qs {

/// {"quantEnable", "activationBits": [...], "withOffset", "clip", "weightBits", "algorithm", "channelWise"}; {} for a layer without a setting.
Json requestedJson(const Configuration& configuration, const std::string& layer);
/// {"quantized", "inputs": [{"index", "bits", "withOffset", "byHand"}], "weightBits", "algorithm", "channelWise"}.
Json effectiveJson(const Effective& effective);
/// {"cosine", "cosineWorst", "sqnrDb", "mse", "maxAbs", "relL2"}; an infinite sqnrDb is null.
Json metricsJson(const Metrics& metrics);

}  // namespace qs

// Limits that are values seen: the extremes, or percentiles. No search.
#pragma once

#include "core/calib/calibrators.h"

namespace qs {

/// The exact smallest and largest value, widened to contain 0.
Result<QuantParams> minMaxSolve(const Observation& observation, const CalibratorOptions& options);

/// The values of rank ifmrRank(percentile, n) from either end, widened to contain 0: exact up to the rank that was kept (Observation's tail), within
/// a bin of the histogram beyond it. Source: Wu et al. 2020, section 3.3.
Result<QuantParams> percentileSolve(const Observation& observation, const CalibratorOptions& options);

}  // namespace qs

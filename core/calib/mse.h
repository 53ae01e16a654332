// The two limits of least squared error over what was observed. Source: Sung et al. 2015 (L2 error minimization).
#pragma once

#include "core/calib/calibrators.h"

namespace qs {

/// Both limits are searched between 0 and the extremes seen: a coarse grid, then twice a finer one around its best, down to 1/2048 of the range
/// (finer where there is one limit only). The loss is that of fake quantization with the resulting factors, over the histogram, or over the values
/// themselves where no more than Observation::fewValues were seen: within 0.1 % of a search of all limits (a test).
Result<QuantParams> mseSolve(const Observation& observation, const CalibratorOptions& options);

}  // namespace qs

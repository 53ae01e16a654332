#include "core/calib/percentile.h"

#include "core/calib/ifmr.h"

namespace qs {

Result<QuantParams> minMaxSolve(const Observation& observation, const CalibratorOptions& options)
{
    QS_CHECK(checkObservation(observation));
    return paramsFromRange(observation.histogram().minimum(), observation.histogram().maximum(), options.bits, options.withOffset);
}

Result<QuantParams> percentileSolve(const Observation& observation, const CalibratorOptions& options)
{
    QS_CHECK(checkObservation(observation));
    return paramsFromRange(observation.kthSmallest(ifmrRank(options.minPercentile, observation.count())),
                           observation.kthLargest(ifmrRank(options.maxPercentile, observation.count())), options.bits, options.withOffset);
}

}  // namespace qs

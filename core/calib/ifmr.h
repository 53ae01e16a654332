// IFMR (input feature map reconstruction): the standard activation calibrator. Source: semantics 1.2 [A; M; C; T].
#pragma once

#include "core/calib/calibrators.h"

namespace qs {

/// The rank (1 = extreme) that a percentile means for n values: 1 when 1 - p < FLT_EPSILON, else n - int(p n), at least 1.
uint64_t ifmrRank(double percentile, uint64_t count);
/// Rank to keep exactly for these percentiles; beyond 2^20 the histogram answers.
size_t ifmrTail(double maxPercentile, double minPercentile, uint64_t count);
/// Histogram bins that the loss search needs at this width: 64 a level at 8 bits, 16 above 10.
int ifmrBins(int bits);

/// One of the upper limits tried, with the mean squared error of fake quantization at it.
struct IfmrCandidate {
    float scale = 0;
    double loss = 0;
};
/// All candidates, searchStart..searchEnd (end excluded) times the percentile value; one where the range is nothing. The loss is taken over all
/// values where the observation has them (exact), else over its histogram. Errors: InvalidNumber, IllegalScale, NoData.
Result<std::vector<IfmrCandidate>> ifmrCandidates(const Observation& observation, const CalibratorOptions& options);

/// The upper limit is searched in searchStart..searchEnd (end excluded) times the percentile value, the lower stays; the first candidate of
/// least mean squared error wins; losses as in ifmrCandidates(). Errors: InvalidNumber, IllegalScale.
Result<QuantParams> ifmrSolve(const Observation& observation, const CalibratorOptions& options);

}  // namespace qs

#include "core/calib/ifmr.h"

#include "core/calib/range_loss.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace qs {

uint64_t ifmrRank(double percentile, uint64_t count)
{
    if (1 - percentile < FLT_EPSILON)
        return 1;
    const auto kept = static_cast<uint64_t>(percentile * static_cast<double>(count));
    return std::max<uint64_t>(1, count - std::min(kept, count));
}

size_t ifmrTail(double maxPercentile, double minPercentile, uint64_t count)
{
    return static_cast<size_t>(std::min<uint64_t>(std::max(ifmrRank(maxPercentile, count), ifmrRank(minPercentile, count)), uint64_t{1} << 20));
}

int ifmrBins(int bits)
{
    return std::max(1 << 14, 1 << std::min(bits + 4, 20));
}

namespace {

/// The range that the percentiles leave.
struct Percentiles {
    float min = 0;
    float max = 0;
    bool negativeBound = false;
    QuantParams unscaled;
};

Result<Percentiles> percentilesOf(const Observation& observation, const CalibratorOptions& options)
{
    QS_CHECK(checkObservation(observation));
    Percentiles range;
    range.max = std::max(0.0F, observation.kthLargest(ifmrRank(options.maxPercentile, observation.count())));
    range.min = std::min(0.0F, observation.kthSmallest(ifmrRank(options.minPercentile, observation.count())));
    if (!options.withOffset) {
        range.negativeBound = std::fabs(range.max) < std::fabs(range.min);
        range.max = std::max(std::fabs(range.max), std::fabs(range.min));
    }
    // The unscaled range must be legal; it also answers the case of nothing but zeros.
    QS_TRY(range.unscaled, paramsFromRange(range.min, range.negativeBound ? -range.max : range.max, options.bits, options.withOffset));
    return range;
}

std::vector<IfmrCandidate> candidatesIn(const Percentiles& range, const Observation& observation, const CalibratorOptions& options)
{
    const auto levels = static_cast<float>(options.withOffset ? (int64_t{1} << options.bits) - 1
                                                              : (int64_t{1} << (options.bits - 1)) - (range.negativeBound ? 0 : 1));
    // The end is excluded; a step that divides the range exactly must not sneak in one more by rounding.
    const bool nothing = range.max - range.min < FLT_EPSILON;
    const int count = nothing ? 1 : std::max(1, static_cast<int>(std::ceil((options.searchEnd - options.searchStart) / options.searchStep - 1e-6)));
    std::vector<IfmrCandidate> candidates(static_cast<size_t>(count));
    std::vector<float> highs(candidates.size());
    for (int i = 0; i < count; ++i) {
        const float high = nothing ? range.max : range.max * static_cast<float>(options.searchStart + i * options.searchStep);
        const float scale = nothing ? range.unscaled.scale : (high - (options.withOffset ? range.min : 0.0F)) / levels;
        highs[static_cast<size_t>(i)] = high;
        candidates[static_cast<size_t>(i)].scale = scale < FLT_EPSILON ? 1 : scale;
    }
    const RangeLoss loss(observation, true);
    const auto evaluate = [&](RangeLoss::Detail detail, size_t i) {
        candidates[i].loss = loss.at(detail, options.withOffset ? range.min : -highs[i], highs[i], candidates[i].scale);
    };
    for (size_t i = 0; i < candidates.size(); ++i)
        evaluate(RangeLoss::Detail::Coarse, i);
    if (loss.exact())
        return candidates;
    // Where few of the bins lie inside a level (a far outlier has widened them), the centres' losses are off by some tenths of a percent: the
    // candidates that are near the best are looked at more finely. All of them would take four times as long.
    constexpr double near = 1.02;
    double least = candidates.front().loss;
    for (const IfmrCandidate& candidate : candidates)
        least = std::min(least, candidate.loss);
    for (size_t i = 0; i < candidates.size(); ++i)
        if (candidates[i].loss <= least * near)
            evaluate(RangeLoss::Detail::Fine, i);
    return candidates;
}

}  // namespace

Result<std::vector<IfmrCandidate>> ifmrCandidates(const Observation& observation, const CalibratorOptions& options)
{
    QS_TRY(const Percentiles range, percentilesOf(observation, options));
    return candidatesIn(range, observation, options);
}

Result<QuantParams> ifmrSolve(const Observation& observation, const CalibratorOptions& options)
{
    QS_TRY(const Percentiles range, percentilesOf(observation, options));
    QuantParams params = range.unscaled;
    if (range.max - range.min < FLT_EPSILON)
        return params;
    const std::vector<IfmrCandidate> candidates = candidatesIn(range, observation, options);
    // The first of least loss.
    const auto best =
        std::min_element(candidates.begin(), candidates.end(), [](const IfmrCandidate& a, const IfmrCandidate& b) { return a.loss < b.loss; });
    params.scale = best->scale;
    params.offset = options.withOffset ? static_cast<int32_t>(-std::nearbyint(range.min / best->scale)) + params.qmin() : 0;
    QS_CHECK(checkParams(params));
    return params;
}

}  // namespace qs

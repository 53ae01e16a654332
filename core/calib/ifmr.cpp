#include "core/calib/ifmr.h"

#include "core/base/parallel.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>

namespace qs {

namespace {

constexpr int lanes = 16;

/// Sum of counts * (fakeQuant(centre) - centre)^2; sizes are multiples of `lanes`.
QS_CLONES double histogramLoss(const float* centres, const float* counts, int64_t size, float low, float high, float scale)
{
    std::array<double, lanes> sums{};
    for (int64_t i = 0; i < size; i += lanes) {
        for (int lane = 0; lane < lanes; ++lane) {
            const float x = centres[i + lane];
            float clamped = x < low ? low : x;
            clamped = clamped > high ? high : clamped;
            const float error = std::nearbyint(clamped / scale) * scale - x;
            sums[static_cast<size_t>(lane)] += static_cast<double>(counts[i + lane] * error) * error;
        }
    }
    double total = 0;
    for (const double sum : sums)
        total += sum;
    return total;
}

struct Bins {
    std::vector<float> centres;
    std::vector<float> counts;
};

Bins occupiedBins(const WideningHistogram& histogram)
{
    Bins bins;
    const auto counts = histogram.counts();
    for (size_t i = 0; i < counts.size(); ++i)
        if (counts[i] != 0) {
            bins.centres.push_back(static_cast<float>(static_cast<double>(static_cast<int64_t>(i) + histogram.firstBin()) * histogram.binWidth()));
            bins.counts.push_back(static_cast<float>(counts[i]));
        }
    while (bins.centres.size() % lanes != 0) {
        bins.centres.push_back(0);
        bins.counts.push_back(0);
    }
    return bins;
}

}  // namespace

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

Result<QuantParams> ifmrSolve(const Observation& observation, const IfmrOptions& options)
{
    if (!observation.finite())
        return Error{ErrorCode::InvalidNumber, "the data contain NaN or infinity", {}};
    if (observation.count() == 0)
        return Error{ErrorCode::NoData, "nothing was observed", {}};
    float max = std::max(0.0F, observation.kthLargest(ifmrRank(options.maxPercentile, observation.count())));
    float min = std::min(0.0F, observation.kthSmallest(ifmrRank(options.minPercentile, observation.count())));
    bool negativeBound = false;
    if (!options.withOffset) {
        negativeBound = std::fabs(max) < std::fabs(min);
        max = std::max(std::fabs(max), std::fabs(min));
    }
    // The unscaled range must be legal; it also answers the case of nothing but zeros.
    QS_TRY(QuantParams params, paramsFromRange(min, negativeBound ? -min : max, options.bits, options.withOffset));
    if (max - min < FLT_EPSILON)
        return params;

    const Bins bins = occupiedBins(observation.histogram());
    const auto levels =
        static_cast<float>(options.withOffset ? (int64_t{1} << options.bits) - 1 : (int64_t{1} << (options.bits - 1)) - (negativeBound ? 0 : 1));
    // The end is excluded; a step that divides the range exactly must not sneak in one more by rounding.
    const int candidates = std::max(1, static_cast<int>(std::ceil((options.searchEnd - options.searchStart) / options.searchStep - 1e-6)));
    double bestLoss = 0;
    float bestScale = 0;
    for (int i = 0; i < candidates; ++i) {
        const auto ratio = static_cast<float>(options.searchStart + i * options.searchStep);
        const float high = max * ratio;
        const float low = options.withOffset ? min : -high;
        float scale = (high - (options.withOffset ? min : 0.0F)) / levels;
        if (scale < FLT_EPSILON)
            scale = 1;
        const double loss = histogramLoss(bins.centres.data(), bins.counts.data(), static_cast<int64_t>(bins.centres.size()), low, high, scale);
        if (i == 0 || loss < bestLoss) {
            bestLoss = loss;
            bestScale = scale;
        }
    }
    params.scale = bestScale;
    params.offset = options.withOffset ? static_cast<int32_t>(-std::nearbyint(min / bestScale)) + params.qmin() : 0;
    QS_CHECK(checkParams(params));
    return params;
}

}  // namespace qs

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

/// Each occupied bin as `parts` points spread evenly over it; the bin of zero, whose values are mostly exact zeros behind a ReLU, stays one.
Bins occupiedBins(const WideningHistogram& histogram, int parts)
{
    Bins bins;
    const auto counts = histogram.counts();
    for (size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0)
            continue;
        const int64_t bin = static_cast<int64_t>(i) + histogram.firstBin();
        const int points = bin == 0 ? 1 : parts;
        for (int point = 0; point < points; ++point) {
            const double at = static_cast<double>(bin) + (point + 0.5) / points - 0.5;
            bins.centres.push_back(static_cast<float>(at * histogram.binWidth()));
            bins.counts.push_back(static_cast<float>(counts[i]) / static_cast<float>(points));
        }
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

namespace {

/// The range that the percentiles leave.
struct Percentiles {
    float min = 0;
    float max = 0;
    bool negativeBound = false;
    QuantParams unscaled;
};

Result<Percentiles> percentilesOf(const Observation& observation, const IfmrOptions& options)
{
    if (!observation.finite())
        return Error{ErrorCode::InvalidNumber, "the data contain NaN or infinity", {}};
    if (observation.count() == 0)
        return Error{ErrorCode::NoData, "nothing was observed", {}};
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

/// Sum of squared errors over all values. In pieces, whose sums are added in order: the same on any number of threads.
double exactLoss(std::span<const float> values, float low, float high, float scale)
{
    constexpr int64_t chunk = 1 << 16;
    static const std::vector<float> ones(chunk, 1.0F);
    const auto count = static_cast<int64_t>(values.size());
    std::vector<double> parts(static_cast<size_t>((count + chunk - 1) / chunk));
    forChunks(count, chunk, [&](int64_t i, int64_t begin, int64_t end) {
        const int64_t whole = (end - begin) / lanes * lanes;
        double sum = histogramLoss(values.data() + begin, ones.data(), whole, low, high, scale);
        // Padded with zeros, which cost nothing.
        std::array<float, lanes> rest{};
        std::copy(values.begin() + begin + whole, values.begin() + end, rest.begin());
        sum += histogramLoss(rest.data(), ones.data(), lanes, low, high, scale);
        parts[static_cast<size_t>(i)] = sum;
    });
    double total = 0;
    for (const double part : parts)
        total += part;
    return total;
}

std::vector<IfmrCandidate> candidatesIn(const Percentiles& range, const Observation& observation, const IfmrOptions& options)
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
    const auto evaluate = [&](size_t i, const auto& sumOf) {
        candidates[i].loss =
            sumOf(options.withOffset ? range.min : -highs[i], highs[i], candidates[i].scale) / static_cast<double>(observation.count());
    };
    if (!observation.all().empty()) {
        for (size_t i = 0; i < candidates.size(); ++i)
            evaluate(i, [&](float low, float high, float scale) { return exactLoss(observation.all(), low, high, scale); });
        return candidates;
    }
    const auto over = [](const Bins& bins) {
        return [&bins](float low, float high, float scale) {
            return histogramLoss(bins.centres.data(), bins.counts.data(), static_cast<int64_t>(bins.centres.size()), low, high, scale);
        };
    };
    const Bins coarse = occupiedBins(observation.histogram(), 1);
    for (size_t i = 0; i < candidates.size(); ++i)
        evaluate(i, over(coarse));
    // Where few of the bins lie inside a level (a far outlier has widened them), the centres' losses are off by some tenths of a percent: the
    // candidates that are near the best are looked at more finely. All of them would take four times as long.
    constexpr double near = 1.02;
    double least = candidates.front().loss;
    for (const IfmrCandidate& candidate : candidates)
        least = std::min(least, candidate.loss);
    const Bins fine = occupiedBins(observation.histogram(), 4);
    for (size_t i = 0; i < candidates.size(); ++i)
        if (candidates[i].loss <= least * near)
            evaluate(i, over(fine));
    return candidates;
}

}  // namespace

Result<std::vector<IfmrCandidate>> ifmrCandidates(const Observation& observation, const IfmrOptions& options)
{
    QS_TRY(const Percentiles range, percentilesOf(observation, options));
    return candidatesIn(range, observation, options);
}

Result<QuantParams> ifmrSolve(const Observation& observation, const IfmrOptions& options)
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

#include "core/calib/entropy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace qs {

namespace {

constexpr int binCount = 2048;
/// Values that an empty bin of the quantized distribution counts as.
constexpr double emptyBin = 1e-4;

struct Magnitudes {
    std::vector<double> counts = std::vector<double>(binCount);
    double width = 0;  ///< of a bin
};

/// Shares `count` out over the bins that [low, high) meets, low >= 0.
void spread(Magnitudes& magnitudes, double low, double high, double count)
{
    const double perUnit = count / (high - low);
    for (auto bin = static_cast<int>(low / magnitudes.width); bin < binCount && bin * magnitudes.width < high; ++bin) {
        const double part = std::min(high, (bin + 1) * magnitudes.width) - std::max(low, bin * magnitudes.width);
        magnitudes.counts[static_cast<size_t>(bin)] += std::max(0.0, part) * perUnit;
    }
}

Magnitudes magnitudesOf(const Observation& observation)
{
    const WideningHistogram& histogram = observation.histogram();
    const double limit = std::max(std::fabs(static_cast<double>(histogram.minimum())), std::fabs(static_cast<double>(histogram.maximum())));
    Magnitudes magnitudes;
    magnitudes.width = limit / binCount;
    if (observation.count() <= Observation::fewValues && !observation.all().empty()) {
        for (const float value : observation.all())
            ++magnitudes.counts[static_cast<size_t>(std::min<int>(binCount - 1, static_cast<int>(std::fabs(value) / magnitudes.width)))];
    } else {
        for (size_t i = 0; i < histogram.counts().size(); ++i) {
            const auto bin = std::fabs(static_cast<double>(static_cast<int64_t>(i) + histogram.firstBin()));
            if (histogram.counts()[i] != 0)
                spread(magnitudes, std::min(std::max(0.0, bin - 0.5) * histogram.binWidth(), limit * (1 - 1e-9)),
                       std::min((bin + 0.5) * histogram.binWidth(), limit), histogram.counts()[i]);
        }
    }
    magnitudes.counts[0] = magnitudes.counts[1];
    return magnitudes;
}

/// Of the distribution with everything beyond `bins` in its last bin from its quantized form; infinite when
/// less than half of all lies inside: its one large bin would look like itself.
double divergence(const Magnitudes& magnitudes, int bins, int levels, double total)
{
    const auto& counts = magnitudes.counts;
    const double inside = std::accumulate(counts.begin(), counts.begin() + bins, 0.0);
    if (2 * inside < total)
        return std::numeric_limits<double>::infinity();
    const auto empty = static_cast<double>(std::count(counts.begin(), counts.begin() + bins, 0.0));
    const double quantizedTotal = inside + emptyBin * empty;
    double sum = 0;
    for (int level = 0; level < levels; ++level) {
        const int begin = static_cast<int>(int64_t{level} * bins / levels);
        const int end = static_cast<int>(int64_t{level + 1} * bins / levels);
        double merged = 0;
        int occupied = 0;
        for (int bin = begin; bin < end; ++bin) {
            merged += counts[static_cast<size_t>(bin)];
            occupied += counts[static_cast<size_t>(bin)] > 0 ? 1 : 0;
        }
        for (int bin = begin; bin < end; ++bin) {
            const double p = (counts[static_cast<size_t>(bin)] + (bin + 1 == bins ? total - inside : 0)) / total;
            const double q = (counts[static_cast<size_t>(bin)] > 0 ? merged / occupied : emptyBin) / quantizedTotal;
            if (p > 0)
                sum += p * std::log(p / q);
        }
    }
    return sum;
}

}  // namespace

Result<QuantParams> entropySolve(const Observation& observation, const CalibratorOptions& options)
{
    QS_CHECK(checkObservation(observation));
    const float low = observation.histogram().minimum();
    const float high = observation.histogram().maximum();
    QS_TRY(const QuantParams whole, paramsFromRange(low, high, options.bits, options.withOffset));
    const bool oneSign = low >= 0 || high <= 0;
    const int levels = 1 << std::min(20, options.withOffset && oneSign ? options.bits : options.bits - 1);
    if (levels >= binCount || low == high)
        return whole;
    const Magnitudes magnitudes = magnitudesOf(observation);
    const double total = std::accumulate(magnitudes.counts.begin(), magnitudes.counts.end(), 0.0);
    double least = std::numeric_limits<double>::infinity();
    int best = binCount;
    for (int bins = levels; bins <= binCount; ++bins)
        if (const double found = divergence(magnitudes, bins, levels, total); found < least) {
            least = found;
            best = bins;
        }
    const auto limit = static_cast<float>((best + 0.5) * magnitudes.width);
    return paramsFromRange(std::max(low, -limit), std::min(high, limit), options.bits, options.withOffset);
}

}  // namespace qs

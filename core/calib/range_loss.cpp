#include "core/calib/range_loss.h"

#include "core/base/levels.h"
#include "core/base/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace qs {

namespace {

constexpr int lanes = 16;

/// Sum of counts * (fakeQuant(centre) - centre)^2; sizes are multiples of `lanes`.
QS_LEVELS(double, histogramLoss, (const float* centres, const float* counts, int64_t size, float low, float high, float scale),
          (centres, counts, size, low, high, scale))
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

}  // namespace

RangeLoss::Bins RangeLoss::occupiedBins(const WideningHistogram& histogram, int parts)
{
    Bins bins;
    const auto counts = histogram.counts();
    const auto occupied = counts.size() - static_cast<size_t>(std::count(counts.begin(), counts.end(), 0U));
    const size_t size = occupied * static_cast<size_t>(parts) + lanes;
    bins.centres.reserve(size);
    bins.counts.reserve(size);
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

RangeLoss::RangeLoss(const Observation& observation, bool exact) : m_observation(observation), m_exact(exact && !observation.all().empty())
{
    if (m_exact)
        return;
    m_coarse = occupiedBins(observation.histogram(), static_cast<int>(Detail::Coarse));
    m_fine = occupiedBins(observation.histogram(), static_cast<int>(Detail::Fine));
}

double RangeLoss::at(Detail detail, float low, float high, float scale) const
{
    const Bins& bins = detail == Detail::Coarse ? m_coarse : m_fine;
    const double sum = m_exact ? exactLoss(m_observation.all(), low, high, scale)
                               : histogramLoss(bins.centres.data(), bins.counts.data(), static_cast<int64_t>(bins.centres.size()), low, high, scale);
    return sum / static_cast<double>(m_observation.count());
}

}  // namespace qs

#include "core/stats/metrics.h"

#include "core/base/levels.h"
#include "core/base/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace qs {

namespace {

constexpr int lanes = 16;
using Lanes = std::array<double, lanes>;

struct LaneSums {
    Lanes xx{}, yy{}, xy{}, nn{}, maxAbs{};
};

/// Sums are kept in a local copy: through the pointer every step would have to be stored.
QS_LEVELS(void, addBlock, (const float* x, const float* y, int64_t blocks, LaneSums* sums), (x, y, blocks, sums))
{
    LaneSums local = *sums;
    for (int64_t block = 0; block < blocks; ++block, x += lanes, y += lanes) {
        for (size_t lane = 0; lane < lanes; ++lane) {
            const double a = x[lane];
            const double b = y[lane];
            const double n = b - a;
            local.xx[lane] += a * a;
            local.yy[lane] += b * b;
            local.xy[lane] += a * b;
            local.nn[lane] += n * n;
            const double distance = std::fabs(n);
            local.maxAbs[lane] = distance > local.maxAbs[lane] ? distance : local.maxAbs[lane];
        }
    }
    *sums = local;
}

double sum(const Lanes& values)
{
    double total = 0;
    for (const double value : values)
        total += value;
    return total;
}

ErrorSums chunkSums(const float* x, const float* y, int64_t count)
{
    LaneSums sums;
    const int64_t blocks = count / lanes;
    addBlock(x, y, blocks, &sums);
    std::array<float, lanes> restX{};
    std::array<float, lanes> restY{};
    std::copy(x + blocks * lanes, x + count, restX.begin());
    std::copy(y + blocks * lanes, y + count, restY.begin());
    addBlock(restX.data(), restY.data(), 1, &sums);
    return {sum(sums.xx), sum(sums.yy), sum(sums.xy), sum(sums.nn), *std::max_element(sums.maxAbs.begin(), sums.maxAbs.end()), count};
}

}  // namespace

const std::vector<std::pair<std::string, std::string>>& metricDefinitions()
{
    static const std::vector<std::pair<std::string, std::string>> definitions{
        {"cosine",
         "x.y / (|x| |y|), x the float and y the quantized output of the layer; 1 when both are zero, 0 when one is; mean over the samples"},
        {"cosineWorst", "the cosine of the worst sample"},
        {"sqnrDb", "10 log10(sum x^2 / sum (y-x)^2) in dB over all samples; infinite when they are equal"},
        {"mse", "mean of (y-x)^2 over all values of all samples"},
        {"maxAbs", "largest |y-x| of all values of all samples"},
        {"relL2", "|y-x| / |x| over all samples"},
        {"local", "only this layer is quantized, its inputs are the float ones"},
        {"cumulative", "the whole configuration is applied up to this layer"},
    };
    return definitions;
}

ErrorSums& ErrorSums::operator+=(const ErrorSums& other)
{
    xx += other.xx;
    yy += other.yy;
    xy += other.xy;
    nn += other.nn;
    maxAbs = std::max(maxAbs, other.maxAbs);
    count += other.count;
    return *this;
}

ErrorSums errorSums(std::span<const float> x, std::span<const float> y)
{
    constexpr int64_t chunk = 1 << 16;
    const auto count = static_cast<int64_t>(std::min(x.size(), y.size()));
    std::vector<ErrorSums> parts(static_cast<size_t>((count + chunk - 1) / chunk));
    forChunks(count, chunk, [&](int64_t i, int64_t begin, int64_t end) {
        parts[static_cast<size_t>(i)] = chunkSums(x.data() + begin, y.data() + begin, end - begin);
    });
    ErrorSums total;
    for (const ErrorSums& part : parts)
        total += part;
    return total;
}

double cosineOf(const ErrorSums& sums)
{
    if (sums.xx == 0 && sums.yy == 0)
        return 1;
    if (sums.xx == 0 || sums.yy == 0)
        return 0;
    // Identical values give exactly 1: the square root of the product would round.
    if (sums.nn == 0)
        return 1;
    return sums.xy / (std::sqrt(sums.xx) * std::sqrt(sums.yy));
}

double sqnrOf(const ErrorSums& sums)
{
    return sums.nn == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(sums.xx / sums.nn);
}

void MetricsAccumulator::add(const ErrorSums& sample, int sampleIndex)
{
    m_total += sample;
    const double cosine = cosineOf(sample);
    m_cosineSum += cosine;
    if (cosine < m_cosineWorst || std::isnan(cosine)) {
        m_cosineWorst = cosine;
        m_worstSample = sampleIndex;
    }
    ++m_samples;
}

Metrics MetricsAccumulator::metrics() const
{
    Metrics metrics;
    if (m_samples == 0)
        return metrics;
    metrics.cosine = m_cosineSum / m_samples;
    metrics.cosineWorst = m_cosineWorst;
    metrics.worstSample = m_worstSample;
    metrics.sqnrDb = sqnrOf(m_total);
    metrics.mse = m_total.count == 0 ? 0 : m_total.nn / static_cast<double>(m_total.count);
    // The largest of distances of which one is no number is none, too.
    metrics.maxAbs = std::isnan(m_total.nn) ? m_total.nn : m_total.maxAbs;
    metrics.relL2 = m_total.nn == 0 ? 0 : std::sqrt(m_total.nn / m_total.xx);
    return metrics;
}

}  // namespace qs

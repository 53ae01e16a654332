#include "core/analysis/histogram.h"

#include "core/base/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace qs {

namespace {

constexpr int64_t lanes = 16;

/// Sums are kept in local arrays: through the pointers every step would have to be stored.
QS_CLONES void rangeSpan(const float* values, int64_t blocks, float* minimum, float* maximum, float* nan)
{
    std::array<float, lanes> low;
    std::array<float, lanes> high;
    std::array<float, lanes> bad;
    std::copy_n(minimum, lanes, low.data());
    std::copy_n(maximum, lanes, high.data());
    std::copy_n(nan, lanes, bad.data());
    for (int64_t block = 0; block < blocks; ++block, values += lanes) {
        for (size_t lane = 0; lane < lanes; ++lane) {
            const float value = values[lane];
            low[lane] = value < low[lane] ? value : low[lane];
            high[lane] = value > high[lane] ? value : high[lane];
            bad[lane] = value == value ? bad[lane] : value;
        }
    }
    std::copy_n(low.data(), lanes, minimum);
    std::copy_n(high.data(), lanes, maximum);
    std::copy_n(bad.data(), lanes, nan);
}

Range chunkRange(const float* values, int64_t count)
{
    std::array<float, lanes> minimum;
    std::array<float, lanes> maximum;
    std::array<float, lanes> nan{};
    minimum.fill(values[0]);
    maximum.fill(values[0]);
    const int64_t blocks = count / lanes;
    rangeSpan(values, blocks, minimum.data(), maximum.data(), nan.data());
    std::array<float, lanes> rest;
    rest.fill(values[0]);
    std::copy(values + blocks * lanes, values + count, rest.begin());
    rangeSpan(rest.data(), 1, minimum.data(), maximum.data(), nan.data());
    for (const float value : nan)
        if (value != value)
            return {value, value};
    return {*std::min_element(minimum.begin(), minimum.end()), *std::max_element(maximum.begin(), maximum.end())};
}

struct BinScale {
    float inverseWidth;
    float first;
    float last;
    float zero;   ///< number of the bin of 0; outside [0, last] when 0 has none
    float spare;  ///< first of the spare counters
};

constexpr int64_t spares = 16;

/// Bin numbers of a few values; the caller counts (a scatter does not vectorise). Exact zeros, of which a ReLU leaves many, are spread over spare
/// counters: the same counter again and again would make each count wait for the last.
QS_CLONES void binNumbers(const float* values, int32_t* bins, int32_t count, const BinScale* scale)
{
    const auto [inverseWidth, first, last, zero, spare] = *scale;
    for (int32_t i = 0; i < count; ++i) {
        float bin = std::nearbyint(values[i] * inverseWidth) - first;
        bin = bin < 0 ? 0 : bin;
        bin = bin > last ? last : bin;
        const auto number = static_cast<int32_t>(bin);
        bins[i] = bin == zero ? static_cast<int32_t>(spare) + (i & static_cast<int32_t>(spares - 1)) : number;
    }
}

/// `counters` has the bins and the spares behind them.
void countBins(const float* values, int64_t count, const BinScale& scale, uint32_t* counters)
{
    constexpr int64_t block = 1024;
    std::array<int32_t, block> numbers;
    for (int64_t begin = 0; begin < count; begin += block) {
        const int64_t size = std::min(block, count - begin);
        binNumbers(values + begin, numbers.data(), static_cast<int32_t>(size), &scale);
        for (int64_t i = 0; i < size; ++i)
            ++counters[numbers[static_cast<size_t>(i)]];
    }
}

}  // namespace

Range rangeOf(std::span<const float> values)
{
    if (values.empty())
        return {};
    constexpr int64_t chunk = 1 << 17;
    const auto count = static_cast<int64_t>(values.size());
    std::vector<Range> parts(static_cast<size_t>((count + chunk - 1) / chunk));
    forChunks(count, chunk,
              [&](int64_t i, int64_t begin, int64_t end) { parts[static_cast<size_t>(i)] = chunkRange(values.data() + begin, end - begin); });
    Range range = parts.front();
    for (const Range& part : parts) {
        if (std::isnan(part.minimum))
            return part;
        range.minimum = std::min(range.minimum, part.minimum);
        range.maximum = std::max(range.maximum, part.maximum);
    }
    return range;
}

double Histogram::outside(double low, double high) const
{
    if (total == 0 || width <= 0)
        return 0;
    double inside = 0;
    for (size_t i = 0; i < counts.size(); ++i) {
        const double left = lower + width * static_cast<double>(i);
        const double overlap = std::min(left + width, high) - std::max(left, low);
        inside += static_cast<double>(counts[i]) * std::clamp(overlap / width, 0.0, 1.0);
    }
    return std::max(0.0, 1 - inside / static_cast<double>(total));
}

WideningHistogram::WideningHistogram(int binCount) : m_bins(static_cast<size_t>(binCount)), m_counts(m_bins + spares) {}

void WideningHistogram::widenTo(float minimum, float maximum)
{
    const auto bins = static_cast<int64_t>(m_bins);
    if (m_width == 0) {
        // A quarter of the bins is left free, so that batches a little wider do not double the width at once.
        const double span = static_cast<double>(maximum) - minimum;
        // Bin numbers and the inverse of the width must stay exact in float.
        const double finest = std::max(std::max(std::fabs(minimum), std::fabs(maximum)) / static_cast<double>(1 << 22), 1e-30);
        m_width = std::max(span / (0.75 * static_cast<double>(bins)), finest);
        m_first = static_cast<int64_t>(std::floor(minimum / m_width)) - bins / 8;
        return;
    }
    const double lowest = std::min<double>(minimum, m_minimum);
    const double highest = std::max<double>(maximum, m_maximum);
    double width = m_width;
    while ((highest - lowest) / width + 3 > static_cast<double>(bins))
        width *= 2;
    // New first bin: room on both sides of what is there now.
    const auto lowBin = static_cast<int64_t>(std::floor(lowest / width)) - 1;
    const auto highBin = static_cast<int64_t>(std::ceil(highest / width)) + 1;
    const int64_t first = lowBin - (bins - (highBin - lowBin + 1)) / 2;
    std::vector<uint32_t> counts(m_counts.size());
    for (int64_t i = 0; i < bins; ++i) {
        if (m_counts[static_cast<size_t>(i)] == 0)
            continue;
        // Bin k is centred on k*width, so old bin k belongs to the new one that its centre is nearest to.
        const auto bin = static_cast<int64_t>(std::nearbyint(static_cast<double>(i + m_first) * (m_width / width))) - first;
        counts[static_cast<size_t>(std::clamp<int64_t>(bin, 0, bins - 1))] += m_counts[static_cast<size_t>(i)];
    }
    m_counts = std::move(counts);
    m_width = width;
    m_first = first;
}

void WideningHistogram::add(std::span<const float> values)
{
    if (values.empty())
        return;
    const Range range = rangeOf(values);
    add(values, range.minimum, range.maximum);
}

void WideningHistogram::add(std::span<const float> values, float minimum, float maximum)
{
    if (values.empty() || !std::isfinite(minimum) || !std::isfinite(maximum))
        return;
    const auto bins = static_cast<int64_t>(m_bins);
    if (m_width == 0 || minimum / m_width < static_cast<double>(m_first) || maximum / m_width > static_cast<double>(m_first + bins - 1))
        widenTo(minimum, maximum);
    m_minimum = m_total == 0 ? minimum : std::min(m_minimum, minimum);
    m_maximum = m_total == 0 ? maximum : std::max(m_maximum, maximum);
    m_total += values.size();
    const auto zero = static_cast<float>(-m_first);
    const auto last = static_cast<float>(bins - 1);
    const BinScale scale{static_cast<float>(1 / m_width), static_cast<float>(m_first), last, zero >= 0 && zero <= last ? zero : -1.0F,
                         static_cast<float>(bins)};
    const auto count = static_cast<int64_t>(values.size());
    const auto foldSpares = [&](uint32_t* counters) {
        for (size_t i = 0; i < spares && scale.zero >= 0; ++i)
            m_counts[static_cast<size_t>(-m_first)] += counters[m_bins + i];
    };
    constexpr int64_t large = 1 << 18;
    if (count < large || !parallelRunner) {
        countBins(values.data(), count, scale, m_counts.data());
        foldSpares(m_counts.data());
        std::fill_n(m_counts.end() - spares, spares, 0);
        return;
    }
    // One piece a thread where that is worth the adding up; kept between calls, since fresh memory costs page faults.
    constexpr int64_t pieces = 2;
    thread_local std::vector<uint32_t> scratch;
    scratch.assign(static_cast<size_t>(pieces) * m_counts.size(), 0);
    uint32_t* const shared = scratch.data();  // the other thread must not see a thread_local of its own
    const auto countersOf = [&](int64_t piece) { return shared + static_cast<size_t>(piece) * m_counts.size(); };
    forChunks(count, (count + pieces - 1) / pieces,
              [&](int64_t piece, int64_t begin, int64_t end) { countBins(values.data() + begin, end - begin, scale, countersOf(piece)); });
    for (int64_t piece = 0; piece < pieces; ++piece) {
        for (size_t i = 0; i < m_bins; ++i)
            m_counts[i] += countersOf(piece)[i];
        foldSpares(countersOf(piece));
    }
}

Histogram WideningHistogram::display(int bins) const
{
    Histogram histogram;
    histogram.total = m_total;
    histogram.minimum = m_minimum;
    histogram.maximum = m_maximum;
    if (m_total == 0)
        return histogram;
    const double span = static_cast<double>(m_maximum) - m_minimum;
    histogram.counts.resize(static_cast<size_t>(bins));
    histogram.width = (span > 0 ? span : 1) / bins;
    histogram.lower = span > 0 ? m_minimum : m_minimum - 0.5;
    for (size_t i = 0; i < m_bins; ++i) {
        if (m_counts[i] == 0)
            continue;
        const double centre = static_cast<double>(static_cast<int64_t>(i) + m_first) * m_width;
        const auto bin = static_cast<int64_t>((centre - histogram.lower) / histogram.width);
        histogram.counts[static_cast<size_t>(std::clamp<int64_t>(bin, 0, bins - 1))] += m_counts[i];
    }
    return histogram;
}

}  // namespace qs

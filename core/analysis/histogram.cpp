#include "core/analysis/histogram.h"

#include "core/base/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace qs {

namespace {

constexpr int64_t lanes = 16;

QS_CLONES void rangeSpan(const float* values, int64_t blocks, float* minimum, float* maximum, float* nan)
{
    for (int64_t block = 0; block < blocks; ++block, values += lanes) {
        for (int64_t lane = 0; lane < lanes; ++lane) {
            const float value = values[lane];
            minimum[lane] = value < minimum[lane] ? value : minimum[lane];
            maximum[lane] = value > maximum[lane] ? value : maximum[lane];
            nan[lane] = value == value ? nan[lane] : value;
        }
    }
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

/// Bin numbers of a few values; the caller counts (a scatter does not vectorise).
QS_CLONES void binNumbers(const float* values, int32_t* bins, int64_t count, float inverseWidth, float first, float last)
{
    for (int64_t i = 0; i < count; ++i) {
        float bin = std::nearbyint(values[i] * inverseWidth) - first;
        bin = bin < 0 ? 0 : bin;
        bin = bin > last ? last : bin;
        bins[i] = static_cast<int32_t>(bin);
    }
}

struct BinScale {
    float inverseWidth, first, last;
};

void countBins(const float* values, int64_t count, const BinScale& scale, const std::array<uint32_t*, 4>& counters)
{
    constexpr int64_t block = 1024;
    std::array<int32_t, block> numbers;
    for (int64_t begin = 0; begin < count; begin += block) {
        const int64_t size = std::min(block, count - begin);
        binNumbers(values + begin, numbers.data(), size, scale.inverseWidth, scale.first, scale.last);
        for (int64_t i = 0; i < size; ++i)
            ++counters[static_cast<size_t>(i) % 4][numbers[static_cast<size_t>(i)]];
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
    forChunks(count, chunk, [&](int64_t i, int64_t begin, int64_t end) { parts[static_cast<size_t>(i)] = chunkRange(values.data() + begin, end - begin); });
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

WideningHistogram::WideningHistogram(int binCount) : m_counts(static_cast<size_t>(binCount)) {}

void WideningHistogram::widenTo(float minimum, float maximum)
{
    const auto bins = static_cast<int64_t>(m_counts.size());
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
    const auto bins = static_cast<int64_t>(m_counts.size());
    if (m_width == 0 || minimum / m_width < static_cast<double>(m_first) || maximum / m_width > static_cast<double>(m_first + bins - 1))
        widenTo(minimum, maximum);
    m_minimum = m_total == 0 ? minimum : std::min(m_minimum, minimum);
    m_maximum = m_total == 0 ? maximum : std::max(m_maximum, maximum);
    m_total += values.size();
    const BinScale scale{static_cast<float>(1 / m_width), static_cast<float>(m_first), static_cast<float>(bins - 1)};
    const auto count = static_cast<int64_t>(values.size());
    if (count < 4 * bins) {
        countBins(values.data(), count, scale, {m_counts.data(), m_counts.data(), m_counts.data(), m_counts.data()});
        return;
    }
    // Two pieces for two threads, four counters each: equal neighbours (zeros behind a ReLU) do not wait for each other.
    constexpr size_t pieces = 2;
    constexpr size_t counters = 4;
    // Kept between calls: a fresh one would cost page faults.
    thread_local std::vector<uint32_t> scratch;
    scratch.assign(m_counts.size() * pieces * counters, 0);
    uint32_t* const shared = scratch.data();  // the other thread must not see its own thread_local
    forChunks(count, (count + 1) / static_cast<int64_t>(pieces), [&](int64_t piece, int64_t begin, int64_t end) {
        uint32_t* own = shared + static_cast<size_t>(piece) * counters * m_counts.size();
        countBins(values.data() + begin, end - begin, scale, {own, own + m_counts.size(), own + 2 * m_counts.size(), own + 3 * m_counts.size()});
    });
    for (size_t part = 0; part < pieces * counters; ++part)
        for (size_t i = 0; i < m_counts.size(); ++i)
            m_counts[i] += shared[part * m_counts.size() + i];
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
    for (size_t i = 0; i < m_counts.size(); ++i) {
        if (m_counts[i] == 0)
            continue;
        const double centre = static_cast<double>(static_cast<int64_t>(i) + m_first) * m_width;
        const auto bin = static_cast<int64_t>((centre - histogram.lower) / histogram.width);
        histogram.counts[static_cast<size_t>(std::clamp<int64_t>(bin, 0, bins - 1))] += m_counts[i];
    }
    return histogram;
}

}  // namespace qs

#include "core/stats/histogram.h"

#include "core/base/levels.h"
#include "core/base/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace qs {

namespace {

constexpr int64_t lanes = 16;

/// Sums are kept in local arrays: through the pointers every step would have to be stored.
QS_LEVELS(void, rangeSpan, (const float* values, int64_t blocks, float* minimum, float* maximum, float* nan), (values, blocks, minimum, maximum, nan))
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

/// Not a number where one of them is not.
Range joined(const Range& a, const Range& b)
{
    if (std::isnan(a.minimum) || std::isnan(b.minimum))
        return std::isnan(a.minimum) ? a : b;
    return {std::min(a.minimum, b.minimum), std::max(a.maximum, b.maximum)};
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
QS_LEVELS(void, binNumbers, (const float* values, int32_t* bins, int32_t count, const BinScale* scale), (values, bins, count, scale))
{
    const auto [inverseWidth, first, last, zero, spare] = *scale;
    for (int32_t i = 0; i < count; ++i) {
        float bin = std::nearbyint(values[i] * inverseWidth) - first;
        bin = bin > 0 ? bin : 0;
        bin = bin > last ? last : bin;
        const auto number = static_cast<int32_t>(bin);
        bins[i] = bin == zero ? static_cast<int32_t>(spare) + (i & static_cast<int32_t>(spares - 1)) : number;
    }
}

#if defined(__x86_64__)
/// The same numbers without those of zeros, which are not counted one by one here; and the values' range. Returns how many numbers there are; writes
/// up to 16 more. (The forms without a mask make GCC 12 warn of its own headers.)
__attribute__((target("avx512f"))) int32_t otherBinNumbers(const float* values, int32_t* bins, int32_t count, const BinScale& scale, Range& range)
{
    const __m512 inverseWidth = _mm512_set1_ps(scale.inverseWidth);
    const __m512 first = _mm512_set1_ps(scale.first);
    const __m512 last = _mm512_set1_ps(scale.last);
    const __m512 zero = _mm512_set1_ps(scale.zero);
    __m512 low = _mm512_set1_ps(values[0]);
    __m512 high = low;
    __mmask16 bad = 0;
    int32_t found = 0;
    for (int32_t i = 0; i < count; i += lanes) {
        const auto there = static_cast<__mmask16>(count - i < lanes ? (1U << (count - i)) - 1 : 0xFFFFU);
        const __m512 value = _mm512_maskz_loadu_ps(there, values + i);
        low = _mm512_mask_min_ps(low, there, low, value);
        high = _mm512_mask_max_ps(high, there, high, value);
        bad = _mm512_kor(bad, _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q));
        const __m512 rounded = _mm512_maskz_roundscale_ps(there, _mm512_mul_ps(value, inverseWidth), _MM_FROUND_CUR_DIRECTION);
        // Of two operands one of which is not a number, these give the second.
        const __m512 bin = _mm512_maskz_min_ps(there, _mm512_maskz_max_ps(there, _mm512_sub_ps(rounded, first), _mm512_setzero_ps()), last);
        const __mmask16 counted = _mm512_mask_cmp_ps_mask(there, bin, zero, _CMP_NEQ_OQ);
        _mm512_storeu_si512(bins + found, _mm512_maskz_compress_epi32(counted, _mm512_maskz_cvttps_epi32(there, bin)));
        found += __builtin_popcount(counted);
    }
    std::array<float, lanes> lows;
    std::array<float, lanes> highs;
    _mm512_storeu_ps(lows.data(), low);
    _mm512_storeu_ps(highs.data(), high);
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    range = bad ? Range{nan, nan} : Range{*std::min_element(lows.begin(), lows.end()), *std::max_element(highs.begin(), highs.end())};
    return found;
}

bool canCompress()
{
    static const bool can = __builtin_cpu_supports("avx512f");
    return can;
}
#endif

/// Adds `one` for each value to its counter, and returns the values' range. `counters` has the bins and the spares behind them.
template <class Counter>
Range countBins(const float* values, int64_t count, const BinScale& scale, Counter* counters, Counter one)
{
    constexpr int64_t block = 2048;
    std::array<int32_t, block + lanes> numbers;
    Range range{values[0], values[0]};
    for (int64_t begin = 0; begin < count; begin += block) {
        const auto size = static_cast<int32_t>(std::min<int64_t>(block, count - begin));
        Range part;
        int32_t found = size;
#if defined(__x86_64__)
        if (canCompress()) {
            found = otherBinNumbers(values + begin, numbers.data(), size, scale, part);
            Counter& zeros = counters[static_cast<size_t>(scale.spare)];
            zeros = static_cast<Counter>(zeros + one * static_cast<Counter>(size - found));
        } else
#endif
        {
            part = chunkRange(values + begin, size);
            binNumbers(values + begin, numbers.data(), size, &scale);
        }
        range = joined(range, part);
        // Neighbours often have one bin, whose count would wait for the last one: from four places in turn.
        constexpr int32_t places = 4;
        const int32_t share = found / places;
        const auto countAt = [&](int32_t i) {
            Counter& counter = counters[numbers[static_cast<size_t>(i)]];
            counter = static_cast<Counter>(counter + one);
        };
        for (int32_t i = 0; i < share; ++i)
            for (int32_t place = 0; place < places; ++place)
                countAt(i + place * share);
        for (int32_t i = places * share; i < found; ++i)
            countAt(i);
    }
    return range;
}

/// Moves `from`'s counts to the others.
QS_LEVELS(void, moveCounts, (uint16_t * from, uint64_t* to, int64_t count, uint64_t times), (from, to, count, times))
{
    for (int64_t i = 0; i < count; ++i) {
        to[i] += times * from[i];
        from[i] = 0;
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
    return std::accumulate(parts.begin() + 1, parts.end(), parts.front(), joined);
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
    std::vector<uint64_t> counts(m_counts.size());
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

bool WideningHistogram::holds(const Range& range) const
{
    return m_width > 0 && range.minimum / m_width >= static_cast<double>(m_first) &&
           range.maximum / m_width <= static_cast<double>(m_first + static_cast<int64_t>(m_bins) - 1);
}

Range WideningHistogram::add(std::span<const float> values)
{
    if (values.empty())
        return {};
    // After the first values the bins are mostly wide enough: one pass over memory instead of two.
    const bool counted = m_width > 0;
    const Range range = counted ? count(values, 1) : rangeOf(values);
    if (!holds(range)) {
        if (counted)
            count(values, -1);
        if (!range.finite())
            return range;
        widenTo(range.minimum, range.maximum);
        count(values, 1);
    }
    m_minimum = m_total == 0 ? range.minimum : std::min(m_minimum, range.minimum);
    m_maximum = m_total == 0 ? range.maximum : std::max(m_maximum, range.maximum);
    m_total += values.size();
    return range;
}

Range WideningHistogram::count(std::span<const float> values, int times)
{
    const auto last = static_cast<float>(m_bins - 1);
    const auto zero = static_cast<float>(-m_first);
    const BinScale scale{static_cast<float>(1 / m_width), static_cast<float>(m_first), last, zero >= 0 && zero <= last ? zero : -1.0F,
                         static_cast<float>(m_bins)};
    const auto one = static_cast<uint64_t>(times);
    const auto size = static_cast<int64_t>(values.size());
    const auto counters = static_cast<int64_t>(m_counts.size());
    Range range{values[0], values[0]};
    if (size < counters) {
        range = countBins(values.data(), size, scale, m_counts.data(), one);
    } else {
        // Two threads with 16-bit counters of their own, which stay in the first cache; kept between calls, since fresh memory costs page faults.
        constexpr int64_t threads = 2;
        constexpr int64_t most = int64_t{60} << 10;
        thread_local std::vector<uint16_t> kept;
        kept.resize(std::max(kept.size(), static_cast<size_t>(threads * counters)));
        uint16_t* const shared = kept.data();  // the other thread must not see a thread_local of its own
        std::mutex mutex;
        forChunks(size, (size + threads - 1) / threads, [&](int64_t thread, int64_t begin, int64_t end) {
            uint16_t* const own = shared + thread * counters;
            for (; begin < end; begin += most) {
                const Range part = countBins(values.data() + begin, std::min(most, end - begin), scale, own, uint16_t{1});
                const std::lock_guard lock(mutex);
                moveCounts(own, m_counts.data(), counters, one);
                range = joined(range, part);
            }
        });
    }
    for (size_t i = m_bins; i < m_counts.size(); ++i) {
        if (scale.zero >= 0)
            m_counts[static_cast<size_t>(-m_first)] += m_counts[i];
        m_counts[i] = 0;
    }
    return range;
}

WideningHistogram::State WideningHistogram::state() const
{
    return {m_width, m_first, m_minimum, m_maximum, {counts().begin(), counts().end()}};
}

std::optional<WideningHistogram> WideningHistogram::of(const State& state)
{
    constexpr size_t mostBins = size_t{1} << 20;
    constexpr double farthest = 1e15;  // bin numbers are far from overflow
    const double ends = std::fabs(static_cast<double>(state.first)) + static_cast<double>(mostBins);
    if (state.counts.empty() || state.counts.size() > mostBins || !std::isfinite(state.width) || state.width < 0 || ends > farthest ||
        !Range{state.minimum, state.maximum}.finite() || state.minimum > state.maximum)
        return std::nullopt;
    WideningHistogram histogram(static_cast<int>(state.counts.size()));
    histogram.m_width = state.width;
    histogram.m_first = state.first;
    histogram.m_minimum = state.minimum;
    histogram.m_maximum = state.maximum;
    std::copy(state.counts.begin(), state.counts.end(), histogram.m_counts.begin());
    for (const uint64_t count : state.counts) {
        if (count > (uint64_t{1} << 53))
            return std::nullopt;
        histogram.m_total += count;
    }
    const bool empty = histogram.m_total == 0;
    return empty == (state.width == 0) ? std::optional(std::move(histogram)) : std::nullopt;
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

#include "core/stats/observation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace qs {

void LargestValues::add(std::span<const float> values, float sign)
{
    for (const float raw : values) {
        const float value = raw * sign;
        if (m_heap.size() < m_capacity) {
            m_heap.push_back(value);
            std::push_heap(m_heap.begin(), m_heap.end(), std::greater<>());
        } else if (value > m_heap.front()) {
            std::pop_heap(m_heap.begin(), m_heap.end(), std::greater<>());
            m_heap.back() = value;
            std::push_heap(m_heap.begin(), m_heap.end(), std::greater<>());
        }
    }
}

float LargestValues::kth(size_t k) const
{
    std::vector<float> sorted = m_heap;
    const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(k, sorted.size()) - 1);
    std::nth_element(sorted.begin(), nth, sorted.end(), std::greater<>());
    return *nth;
}

void LargestValues::restore(std::vector<float> values)
{
    m_heap = std::move(values);
    m_heap.resize(std::min(m_heap.size(), m_capacity));
    std::make_heap(m_heap.begin(), m_heap.end(), std::greater<>());
}

float LargestValues::threshold() const
{
    return m_heap.size() < m_capacity ? -std::numeric_limits<float>::infinity() : m_heap.front();
}

Observation::Observation(size_t tail, int bins, bool keepAll)
    : m_histogram(bins), m_largest(std::max<size_t>(tail, 1)), m_smallest(std::max<size_t>(tail, 1)), m_keepAll(keepAll)
{
}

namespace {

/// Enters it where it belongs; among equals the first one stays first.
void keepFurthest(std::vector<Extreme>& kept, Extreme extreme, bool high)
{
    const auto further = [high](const Extreme& a, const Extreme& b) { return high ? a.value > b.value : a.value < b.value; };
    kept.insert(std::upper_bound(kept.begin(), kept.end(), extreme, further), extreme);
    if (kept.size() > Observation::extremesKept)
        kept.pop_back();
}

}  // namespace

void Observation::add(std::span<const float> values)
{
    const int sample = m_samples++;
    if (values.empty())
        return;
    const bool keep = m_keepAll || (m_histogram.total() == m_all.size() && m_all.size() + values.size() <= fewValues);
    const Range all = m_histogram.add(values);
    if (!all.finite()) {
        m_finite = false;
        return;
    }
    keepFurthest(m_highest, {all.maximum, sample}, true);
    keepFurthest(m_lowest, {all.minimum, sample}, false);
    if (keep)
        m_all.insert(m_all.end(), values.begin(), values.end());
    else
        m_all = {};
    // The tails rarely change after the first samples: a block is looked into only when its range says so.
    constexpr size_t block = 4096;
    if (all.maximum <= m_largest.threshold() && -all.minimum <= m_smallest.threshold())
        return;
    for (size_t begin = 0; begin < values.size(); begin += block) {
        const std::span<const float> part = values.subspan(begin, std::min(block, values.size() - begin));
        const Range range = rangeOf(part);
        if (range.maximum > m_largest.threshold())
            m_largest.add(part, 1);
        if (-range.minimum > m_smallest.threshold())
            m_smallest.add(part, -1);
    }
}

namespace {

float nth(std::span<const float> values, uint64_t rank)
{
    std::vector<float> sorted(values.begin(), values.end());
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(std::min<uint64_t>(rank, sorted.size() - 1));
    std::nth_element(sorted.begin(), at, sorted.end());
    return *at;
}

}  // namespace

float Observation::kthLargest(uint64_t k) const
{
    if (k <= m_largest.size())
        return m_largest.kth(k);
    if (!m_all.empty())
        return nth(m_all, m_all.size() - std::min<uint64_t>(k, m_all.size()));
    uint64_t seen = 0;
    const auto counts = m_histogram.counts();
    for (size_t i = counts.size(); i-- > 0;) {
        seen += counts[i];
        if (seen >= k)
            return static_cast<float>(static_cast<double>(static_cast<int64_t>(i) + m_histogram.firstBin()) * m_histogram.binWidth());
    }
    return m_histogram.minimum();
}

float Observation::kthSmallest(uint64_t k) const
{
    if (k <= m_smallest.size())
        return -m_smallest.kth(k);
    if (!m_all.empty())
        return nth(m_all, k - 1);
    uint64_t seen = 0;
    const auto counts = m_histogram.counts();
    for (size_t i = 0; i < counts.size(); ++i) {
        seen += counts[i];
        if (seen >= k)
            return static_cast<float>(static_cast<double>(static_cast<int64_t>(i) + m_histogram.firstBin()) * m_histogram.binWidth());
    }
    return m_histogram.maximum();
}

Observation::State Observation::state() const
{
    return {m_histogram.state(), m_largest.capacity(), m_largest.values(), m_smallest.values(), m_all, m_keepAll, m_finite};
}

std::optional<Observation> Observation::of(State state)
{
    const auto finite = [](const std::vector<float>& values) {
        return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
    };
    auto histogram = WideningHistogram::of(state.histogram);
    const bool whole = histogram && state.tail > 0 && state.largest.size() == state.smallest.size() && state.largest.size() <= state.tail &&
                       state.largest.empty() == (histogram->total() == 0) && (state.all.empty() || state.all.size() == histogram->total());
    if (!whole || !finite(state.largest) || !finite(state.smallest) || !finite(state.all))
        return std::nullopt;
    Observation observation(state.tail, static_cast<int>(state.histogram.counts.size()), state.keepAll);
    observation.m_histogram = *std::move(histogram);
    observation.m_largest.restore(std::move(state.largest));
    observation.m_smallest.restore(std::move(state.smallest));
    observation.m_all = std::move(state.all);
    observation.m_finite = state.finite;
    return observation;
}

}  // namespace qs

// What calibration remembers of one value: enough to choose quantization factors with any percentile, width or algorithm afterwards,
// in memory that does not grow with the number of samples (unless all values are asked for).
#pragma once

#include "core/stats/histogram.h"

#include <span>
#include <vector>

namespace qs {

/// The k largest values seen, exactly.
class LargestValues {
public:
    explicit LargestValues(size_t capacity = 0) : m_capacity(capacity) {}
    /// `sign` -1 keeps the smallest instead (stored negated).
    void add(std::span<const float> values, float sign);
    size_t capacity() const { return m_capacity; }
    /// The k-th largest, k from 1 to min(capacity, seen).
    float kth(size_t k) const;
    size_t size() const { return m_heap.size(); }
    /// Smallest value that is kept once full; -inf before.
    float threshold() const;

private:
    size_t m_capacity;
    std::vector<float> m_heap;  // min-heap
};

class Observation {
public:
    /// `tail`: order statistics up to this rank are exact at both ends. `bins` of the histogram for the loss search. `keepAll`: every value is
    /// kept, 4 bytes each, so that percentiles and losses of any kind are exact.
    explicit Observation(size_t tail, int bins = 1 << 14, bool keepAll = false);
    /// Non-finite values are remembered as such and spoil the observation.
    void add(std::span<const float> values);

    uint64_t count() const { return m_histogram.total(); }
    bool finite() const { return m_finite; }
    const WideningHistogram& histogram() const { return m_histogram; }
    /// In the order seen; empty unless all are kept. So few are kept in any case: a bin's rounding averages out over many values, not over some
    /// hundreds, where the candidate chosen from the histogram lost 0.2 % (a test holds 0.1 % on the open networks).
    static constexpr size_t fewValues = 1 << 16;
    std::span<const float> all() const { return m_all; }
    /// The k-th largest or smallest value, exact up to the tail's rank, from the histogram beyond it.
    float kthLargest(uint64_t k) const;
    float kthSmallest(uint64_t k) const;

private:
    WideningHistogram m_histogram;
    LargestValues m_largest;
    LargestValues m_smallest;
    bool m_keepAll;
    std::vector<float> m_all;
    bool m_finite = true;
};

}  // namespace qs

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
    /// What is kept (negated, of the smallest), in no order; and so much of it again.
    const std::vector<float>& values() const { return m_heap; }
    void restore(std::vector<float> values);

private:
    size_t m_capacity;
    std::vector<float> m_heap;  // min-heap
};

/// How far one sample's values reach.
struct Extreme {
    float value = 0;
    int sample = -1;  ///< in the order of the calls of Observation::add
    bool operator==(const Extreme&) const = default;
};

class Observation {
public:
    /// `tail`: order statistics up to this rank are exact at both ends. `bins` of the histogram for the loss search. `keepAll`: every value is
    /// kept, 4 bytes each, so that percentiles and losses of any kind are exact.
    explicit Observation(size_t tail, int bins = 1 << 14, bool keepAll = false);
    /// One sample's values, which may be none. Non-finite values are remembered as such and spoil the observation.
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
    /// The samples with the largest maxima and the smallest minima, furthest first.
    static constexpr size_t extremesKept = 5;
    const std::vector<Extreme>& highest() const { return m_highest; }
    const std::vector<Extreme>& lowest() const { return m_lowest; }

    /// All that decides factors, for a file; without what says which sample reaches how far.
    struct State {
        WideningHistogram::State histogram;
        size_t tail = 0;
        std::vector<float> largest;
        std::vector<float> smallest;
        std::vector<float> all;
        bool keepAll = false;
        bool finite = true;
    };
    State state() const;
    /// Nothing for a state that none can have.
    static std::optional<Observation> of(State state);

private:
    WideningHistogram m_histogram;
    LargestValues m_largest;
    LargestValues m_smallest;
    bool m_keepAll;
    std::vector<float> m_all;
    std::vector<Extreme> m_highest;
    std::vector<Extreme> m_lowest;
    int m_samples = 0;
    bool m_finite = true;
};

}  // namespace qs

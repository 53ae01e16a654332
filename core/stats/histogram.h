// Histograms of tensors whose range is not known beforehand, in one pass and bounded memory.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace qs {

/// Range of a span in one vectorised pass; NaN anywhere gives {NaN, NaN}. Empty: {0, 0}.
struct Range {
    float minimum = 0;
    float maximum = 0;

    bool finite() const { return std::isfinite(minimum) && std::isfinite(maximum); }
};
Range rangeOf(std::span<const float> values);

/// For display: `counts[i]` values in [lower + i*width, lower + (i+1)*width).
struct Histogram {
    double lower = 0;
    double width = 0;  ///< 0: empty
    std::vector<uint64_t> counts;
    uint64_t total = 0;
    double minimum = 0;  ///< exact
    double maximum = 0;  ///< exact

    double upper() const { return lower + width * static_cast<double>(counts.size()); }
    /// Share of values (0..1) outside [low, high], by whole bins with linear interpolation inside one.
    double outside(double low, double high) const;
};

/// Fixed number of bins centred on multiples of the bin width (so that the many exact zeros behind a ReLU sit on a bin centre);
/// when a value falls outside, the width doubles and neighbours merge.
class WideningHistogram {
public:
    explicit WideningHistogram(int binCount = 1 << 14);
    /// Returns the values' range; where that is not finite, they are not counted.
    Range add(std::span<const float> values);

    uint64_t total() const { return m_total; }
    float minimum() const { return m_minimum; }
    float maximum() const { return m_maximum; }
    double binWidth() const { return m_width; }
    /// Bin i is centred on (i + firstBin()) * binWidth().
    int64_t firstBin() const { return m_first; }
    std::span<const uint64_t> counts() const { return std::span(m_counts).first(m_bins); }
    /// Rebinned for display over [minimum, maximum].
    Histogram display(int bins = 2048) const;

    /// All that it is, for a file.
    struct State {
        double width = 0;
        int64_t first = 0;
        float minimum = 0;
        float maximum = 0;
        std::vector<uint64_t> counts;  ///< by bin
    };
    State state() const;
    /// Nothing for a state that none can have.
    static std::optional<WideningHistogram> of(const State& state);

private:
    bool holds(const Range& range) const;
    void widenTo(float minimum, float maximum);
    Range count(std::span<const float> values, int times);
    size_t m_bins;
    std::vector<uint64_t> m_counts;  // the bins, and counters that are 0 between calls
    double m_width = 0;
    int64_t m_first = 0;
    uint64_t m_total = 0;
    float m_minimum = 0;
    float m_maximum = 0;
};

}  // namespace qs

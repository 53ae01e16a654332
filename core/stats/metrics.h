// How wrong a quantized value is. One meaning each, given in words by metricDefinitions() wherever a number is shown.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace qs {

/// Of one layer's output over a whole set. x float, y quantized, n = y - x.
struct Metrics {
    double cosine = 1;       ///< mean over samples of x.y / (|x| |y|); 1 when both are zero, 0 when one is
    double cosineWorst = 1;  ///< the worst sample's
    int worstSample = -1;    ///< its index in the data set
    double sqnrDb = 0;       ///< 10 log10(sum x^2 / sum n^2) over the set; +inf when n is 0
    double mse = 0;          ///< mean n^2
    double maxAbs = 0;       ///< max |n|
    double relL2 = 0;        ///< |n| / |x| over the set; 0 when n is 0
    bool operator==(const Metrics&) const = default;
};

/// Name ("cosine", "sqnrDb"...) and English definition, in display order.
const std::vector<std::pair<std::string, std::string>>& metricDefinitions();

/// Sums of one sample; computed in double over float products, one pass.
struct ErrorSums {
    double xx = 0;
    double yy = 0;
    double xy = 0;
    double nn = 0;
    double maxAbs = 0;
    int64_t count = 0;
    ErrorSums& operator+=(const ErrorSums& other);
};
ErrorSums errorSums(std::span<const float> x, std::span<const float> y);
double cosineOf(const ErrorSums& sums);
/// 10 log10(xx / nn); infinite when nn is 0.
double sqnrOf(const ErrorSums& sums);

/// Collects samples one by one.
class MetricsAccumulator {
public:
    void add(const ErrorSums& sample, int sampleIndex);
    Metrics metrics() const;
    int samples() const { return m_samples; }

private:
    ErrorSums m_total;
    double m_cosineSum = 0;
    double m_cosineWorst = 2;
    int m_worstSample = -1;
    int m_samples = 0;
};

}  // namespace qs

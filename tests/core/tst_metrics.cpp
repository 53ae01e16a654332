#include "core/base/text.h"
#include "core/stats/histogram.h"
#include "core/stats/metrics.h"
#include "tests/support/networks.h"
#include "tests/support/on_threads.h"

#include <cmath>
#include <numeric>

namespace qs {

TEST(Metrics, MeanWhatTheySay)
{
    const std::vector<float> x = test::randomValues(1001, 1);
    std::vector<float> y = x;
    for (size_t i = 0; i < y.size(); ++i)
        y[i] += i % 2 ? 0.01F : -0.02F;
    double xx = 0, yy = 0, xy = 0, nn = 0, largest = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        const double a = x[i], b = y[i];
        xx += a * a;
        yy += b * b;
        xy += a * b;
        nn += (b - a) * (b - a);
        largest = std::max(largest, std::fabs(b - a));
    }
    MetricsAccumulator accumulator;
    accumulator.add(errorSums(x, y), 4);
    const Metrics metrics = accumulator.metrics();
    EXPECT_NEAR(metrics.cosine, xy / std::sqrt(xx * yy), 1e-12);
    EXPECT_EQ(metrics.worstSample, 4);
    EXPECT_NEAR(metrics.sqnrDb, 10 * std::log10(xx / nn), 1e-9);
    EXPECT_NEAR(metrics.mse, nn / 1001, 1e-12);
    EXPECT_DOUBLE_EQ(metrics.maxAbs, largest);
    EXPECT_NEAR(metrics.relL2, std::sqrt(nn / xx), 1e-12);
}

TEST(Metrics, EqualAndZeroValues)
{
    const std::vector<float> zeros(5);
    const std::vector<float> ones(5, 1);
    EXPECT_EQ(cosineOf(errorSums(zeros, zeros)), 1);
    EXPECT_EQ(cosineOf(errorSums(zeros, ones)), 0);
    EXPECT_EQ(cosineOf(errorSums(ones, ones)), 1);
    MetricsAccumulator accumulator;
    accumulator.add(errorSums(ones, ones), 0);
    EXPECT_TRUE(std::isinf(accumulator.metrics().sqnrDb));
    EXPECT_EQ(accumulator.metrics().relL2, 0);
}

TEST(Metrics, MeanAndWorstOverSamples)
{
    MetricsAccumulator accumulator;
    accumulator.add(errorSums(std::vector<float>{1, 0}, std::vector<float>{1, 0}), 0);
    accumulator.add(errorSums(std::vector<float>{1, 0}, std::vector<float>{0, 1}), 1);
    EXPECT_DOUBLE_EQ(accumulator.metrics().cosine, 0.5);
    EXPECT_DOUBLE_EQ(accumulator.metrics().cosineWorst, 0);
    EXPECT_EQ(accumulator.metrics().worstSample, 1);
}

TEST(Histogram, CountsMoreThan32BitsHold)
{
    // Of a network's first ReLU, that many come together over some ten thousand pictures.
    const std::vector<float> zeros(size_t{1} << 22);
    constexpr uint64_t times = 1025;
    WideningHistogram histogram(1 << 8);
    for (uint64_t i = 0; i < times; ++i)
        histogram.add(zeros);
    ASSERT_GT(times * zeros.size(), uint64_t{1} << 32);
    EXPECT_EQ(*std::max_element(histogram.counts().begin(), histogram.counts().end()), times * zeros.size());
    EXPECT_EQ(histogram.total(), times * zeros.size());
}

TEST(Histogram, WidensWithoutLosingAnything)
{
    WideningHistogram histogram(256);
    double smallest = 0, largest = 0;
    for (unsigned i = 0; i < 10; ++i) {
        const std::vector<float> values = test::randomValues(1000, i, static_cast<float>(i * i + 1));
        histogram.add(values);
        smallest = std::min<double>(smallest, *std::min_element(values.begin(), values.end()));
        largest = std::max<double>(largest, *std::max_element(values.begin(), values.end()));
    }
    EXPECT_EQ(histogram.total(), 10'000U);
    const auto counts = histogram.counts();
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), uint64_t{0}), 10'000U);
    EXPECT_EQ(histogram.minimum(), static_cast<float>(smallest));
    EXPECT_EQ(histogram.maximum(), static_cast<float>(largest));
    const Histogram shown = histogram.display(64);
    EXPECT_EQ(std::accumulate(shown.counts.begin(), shown.counts.end(), uint64_t{0}), 10'000U);
    EXPECT_NEAR(shown.outside(smallest, largest), 0, 1e-9);
    EXPECT_NEAR(shown.outside(1e9, 2e9), 1, 1e-9);
}

TEST(Histogram, ZerosSitOnABinsCentre)
{
    WideningHistogram histogram(1024);
    std::vector<float> values(1000);
    values.push_back(3);
    histogram.add(values);
    uint64_t zeros = 0;
    for (size_t i = 0; i < histogram.counts().size(); ++i)
        if (static_cast<int64_t>(i) + histogram.firstBin() == 0)
            zeros = histogram.counts()[i];
    EXPECT_EQ(zeros, 1000U);
}

namespace {

/// What a scalar loop counts in the same bins.
std::vector<uint32_t> countedOneByOne(const WideningHistogram& histogram, std::span<const float> values)
{
    std::vector<uint32_t> counts(histogram.counts().size());
    const auto inverse = static_cast<float>(1 / histogram.binWidth());
    for (const float value : values) {
        const float bin = std::nearbyint(value * inverse) - static_cast<float>(histogram.firstBin());
        ++counts[static_cast<size_t>(std::clamp(bin, 0.0F, static_cast<float>(counts.size() - 1)))];
    }
    return counts;
}

std::vector<float> halfZeros(size_t count, unsigned seed)
{
    std::vector<float> values = test::randomValues(count, seed);
    for (float& value : values)
        value = std::max(value, 0.0F);
    return values;
}

}  // namespace

TEST(Histogram, CountsEveryValueForAnyLengthAndThreads)
{
    // Shorter than the bins, longer than 16-bit counters hold, and no multiples of anything.
    for (const size_t count : {size_t{1}, size_t{17}, size_t{5'003}, size_t{20'011}, size_t{131'101}, size_t{300'007}})
        for (const int threads : {1, 2}) {
            const test::OnThreads on(threads);
            const std::vector<float> values = halfZeros(count, 3);
            WideningHistogram histogram(4096);
            histogram.add(values);
            EXPECT_TRUE(std::ranges::equal(histogram.counts(), countedOneByOne(histogram, values))) << count;
            // Again, with what is known of the range by then.
            const Range range = histogram.add(values);
            EXPECT_EQ(range.minimum, *std::min_element(values.begin(), values.end()));
            EXPECT_EQ(range.maximum, *std::max_element(values.begin(), values.end()));
            std::vector<uint32_t> twice = countedOneByOne(histogram, values);
            std::ranges::transform(twice, twice.begin(), [](uint32_t n) { return 2 * n; });
            EXPECT_TRUE(std::ranges::equal(histogram.counts(), twice)) << count;
        }
}

TEST(Histogram, OneBinHoldsMoreThanSixteenBits)
{
    WideningHistogram histogram(1024);
    std::vector<float> values(200'000, 2.0F);
    values.front() = -1;
    histogram.add(values);
    EXPECT_EQ(*std::ranges::max_element(histogram.counts()), 199'999U);
}

TEST(Histogram, WidensAsIfTheRangeWereKnownBefore)
{
    for (const size_t count : {size_t{1'000}, size_t{100'000}}) {
        std::vector<float> wide = halfZeros(count, 5);
        wide[count / 2] = -40;
        WideningHistogram histogram(4096);
        histogram.add(halfZeros(count, 4));
        histogram.add(wide);
        EXPECT_EQ(histogram.minimum(), -40);
        EXPECT_EQ(histogram.total(), 2 * count);
        const auto counts = histogram.counts();
        EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), uint64_t{0}), 2 * count);
        // The values that came with the wide range lie where it puts them.
        const std::vector<uint32_t> last = countedOneByOne(histogram, wide);
        for (size_t i = 0; i < last.size(); ++i)
            ASSERT_GE(counts[i], last[i]) << i;
    }
}

TEST(Histogram, ValuesThatAreNotFiniteLeaveItAsItWas)
{
    for (const size_t count : {size_t{1'000}, size_t{100'000}})
        for (const float wrong : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
            WideningHistogram histogram(4096);
            const std::vector<float> values = halfZeros(count, 6);
            histogram.add(values);
            std::vector<float> spoiled = values;
            spoiled[count / 3] = wrong;
            const Range range = histogram.add(spoiled);
            EXPECT_FALSE(std::isfinite(range.minimum) && std::isfinite(range.maximum));
            EXPECT_EQ(histogram.total(), count);
            EXPECT_TRUE(std::ranges::equal(histogram.counts(), countedOneByOne(histogram, values)));
        }
}

TEST(Metrics, OfValuesThatAreNoNumbersAreNone)
{
    const std::vector<float> given{1, std::nanf(""), 3};
    MetricsAccumulator accumulator;
    accumulator.add(errorSums(given, given), 0);
    const Metrics metrics = accumulator.metrics();
    for (const double value : {metrics.cosine, metrics.cosineWorst, metrics.sqnrDb, metrics.mse, metrics.maxAbs, metrics.relL2})
        EXPECT_TRUE(std::isnan(value)) << value;
    // Without a sign, which says nothing.
    EXPECT_EQ(fixedText(-std::nan(""), 2), "nan");
    EXPECT_EQ(fixedText(-HUGE_VAL, 2), "-inf");
}

TEST(Histogram, RangeFindsNan)
{
    std::vector<float> values = test::randomValues(1000, 1);
    EXPECT_FALSE(std::isnan(rangeOf(values).minimum));
    values[777] = std::nanf("");
    EXPECT_TRUE(std::isnan(rangeOf(values).minimum));
    EXPECT_EQ(rangeOf({}).maximum, 0);
}

TEST(Histogram, OneValueIsShown)
{
    WideningHistogram histogram(128);
    histogram.add(std::vector<float>(10, 2.5F));
    EXPECT_EQ(histogram.display().total, 10U);
    histogram.add(std::vector<float>(10, -1000.0F));
    EXPECT_EQ(histogram.total(), 20U);
}

}  // namespace qs

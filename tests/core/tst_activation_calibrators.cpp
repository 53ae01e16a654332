// The calibrators beside IFMR, against naive forms of what their papers say.
#include "core/calib/calibrators.h"
#include "core/calib/ifmr.h"
#include "core/quant/fake_quant.h"
#include "tests/support/networks.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qs {

namespace {

struct Distribution {
    const char* name;
    std::vector<float> values;
};

/// Behind a ReLU, around zero, off centre, with far outliers, all negative.
std::vector<Distribution> distributions(size_t count)
{
    std::vector<Distribution> list{{"normal", test::randomValues(count, 1)},
                                   {"relu", test::randomValues(count, 2)},
                                   {"shifted", test::randomValues(count, 3, 0.5F, 0.7F)},
                                   {"outliers", test::randomValues(count, 4)},
                                   {"negative", test::randomValues(count, 5, 1, -6)}};
    for (float& value : list[1].values)
        value = std::max(value, 0.0F);
    for (size_t i = 0; i < count; i += 1000)
        list[3].values[i] *= 8;
    return list;
}

Observation observed(const std::vector<float>& values, size_t piece = 5000, int bits = 8)
{
    Observation observation(ifmrTail(0.999, 0.999, values.size()), ifmrBins(bits));
    for (size_t at = 0; at < values.size(); at += piece)
        observation.add(std::span(values).subspan(at, std::min(piece, values.size() - at)));
    return observation;
}

QuantParams solved(const char* name, const Observation& observation, const CalibratorOptions& options)
{
    const auto params = findCalibrator(name)->solve(observation, options);
    EXPECT_TRUE(params.ok()) << name << ": " << (params.ok() ? "" : errorText(params.error()));
    return params.ok() ? *params : QuantParams{};
}

double lossOf(const std::vector<float>& values, const QuantParams& params)
{
    std::vector<float> quantized(values.size());
    fakeQuantize(values, quantized, params);
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i)
        sum += (static_cast<double>(quantized[i]) - static_cast<double>(values[i])) *
               (static_cast<double>(quantized[i]) - static_cast<double>(values[i]));
    return sum / static_cast<double>(values.size());
}

TEST(Calibrators, TableIsExplicit)
{
    ASSERT_FALSE(calibrators().empty());
    EXPECT_STREQ(calibrators().front().name, ActivationSetting{}.algorithm.c_str());
    EXPECT_EQ(calibratorNames(), "ifmr, minmax, percentile, entropy, mse");
    EXPECT_EQ(findCalibrator("hfmg"), nullptr);
    for (const Calibrator& calibrator : calibrators())
        EXPECT_EQ(findCalibrator(calibrator.name), &calibrator);
}

TEST(Calibrators, RefuseWhatCannotBeQuantized)
{
    Observation broken(1);
    broken.add(std::vector<float>{1, std::numeric_limits<float>::infinity()});
    Observation huge(1);
    huge.add(std::vector<float>{-1e30F, 1e30F});
    Observation zeros(1);
    zeros.add(std::vector<float>(100, 0.0F));
    for (const Calibrator& calibrator : calibrators()) {
        EXPECT_EQ(calibrator.solve(broken, {}).error().code, ErrorCode::InvalidNumber) << calibrator.name;
        EXPECT_EQ(calibrator.solve(huge, {}).error().code, ErrorCode::IllegalScale) << calibrator.name;
        EXPECT_EQ(calibrator.solve(Observation(1), {}).error().code, ErrorCode::NoData) << calibrator.name;
        EXPECT_EQ(solved(calibrator.name, zeros, {}), (QuantParams{.scale = 1, .offset = -128, .bits = 8})) << calibrator.name;
    }
    ActivationSetting unknown;
    unknown.algorithm = "magic";
    EXPECT_EQ(solveActivation(zeros, unknown, true).error().code, ErrorCode::OutOfRange);
}

TEST(Calibrators, MinMaxIsExact)
{
    for (const Distribution& distribution : distributions(200'000)) {
        const auto [low, high] = std::minmax_element(distribution.values.begin(), distribution.values.end());
        for (const bool withOffset : {true, false})
            for (const int bits : {8, 12, 16})
                EXPECT_EQ(solved("minmax", observed(distribution.values), {.bits = bits, .withOffset = withOffset}),
                          *paramsFromRange(*low, *high, bits, withOffset))
                    << distribution.name;
    }
}

TEST(Calibrators, PercentileIsThatOfTheSortedValues)
{
    for (const Distribution& distribution : distributions(200'000)) {
        std::vector<float> sorted = distribution.values;
        std::sort(sorted.begin(), sorted.end());
        const Observation observation = observed(distribution.values);
        const auto bin = static_cast<float>(observation.histogram().binWidth());
        for (const double percentile : {0.9999, 0.999, 0.99, 0.9}) {
            const uint64_t rank = ifmrRank(percentile, sorted.size());
            const float low = std::min(0.0F, sorted[rank - 1]);
            const float high = std::max(0.0F, sorted[sorted.size() - rank]);
            const QuantParams params = solved("percentile", observation, {.maxPercentile = percentile, .minPercentile = percentile});
            const auto exact = paramsFromRange(low, high, 8, true);
            // The tail keeps rank 200: exactly up to there, to a bin beyond.
            if (percentile >= 0.999)
                EXPECT_EQ(params, *exact) << distribution.name << " " << percentile;
            else
                EXPECT_NEAR(params.scale * 255, high - low, 2 * bin) << distribution.name << " " << percentile;
        }
    }
}

/// The least loss of 400 limits on each side.
double bruteForce(const std::vector<float>& values, int bits, bool withOffset)
{
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    constexpr int steps = 400;
    const bool twoSided = withOffset && *low < 0 && *high > 0;
    double least = std::numeric_limits<double>::infinity();
    for (int i = 1; i <= steps; ++i)
        for (int j = twoSided ? steps / 4 : i; j <= (twoSided ? steps : i); j += twoSided ? 8 : 1) {
            if (twoSided && i % 8 != 0)
                continue;
            const auto params = paramsFromRange(*low * static_cast<float>(j) / steps, *high * static_cast<float>(i) / steps, bits, withOffset);
            least = std::min(least, lossOf(values, *params));
        }
    return least;
}

TEST(Calibrators, MseIsWithinAThousandthOfABruteForceSearch)
{
    for (const size_t count : {20'000, 70'000})
        for (const Distribution& distribution : distributions(count))
            for (const bool withOffset : {true, false}) {
                const QuantParams params = solved("mse", observed(distribution.values), {.withOffset = withOffset});
                EXPECT_LE(lossOf(distribution.values, params), bruteForce(distribution.values, 8, withOffset) * 1.001)
                    << distribution.name << " " << count << " " << withOffset;
            }
}

TEST(Calibrators, MseIsNoWorseThanTheOthers)
{
    for (const Distribution& distribution : distributions(100'000)) {
        const Observation observation = observed(distribution.values);
        const double least = lossOf(distribution.values, solved("mse", observation, {}));
        for (const char* other : {"ifmr", "minmax", "percentile", "entropy"})
            EXPECT_LE(least, lossOf(distribution.values, solved(other, observation, {})) * 1.001) << distribution.name << " " << other;
    }
}

/// Migacz's pseudo-code, one step after another, over all values. Returns the number of bins, and the divergence of every number.
struct Naive {
    int best = 0;
    double width = 0;
    std::vector<double> divergences;
};

Naive naiveEntropy(const std::vector<float>& values, int levels)
{
    constexpr int bins = 2048;
    double limit = 0;
    for (const float value : values)
        limit = std::max(limit, std::fabs(static_cast<double>(value)));
    Naive naive{.best = bins, .width = limit / bins, .divergences = std::vector<double>(bins + 1, std::numeric_limits<double>::infinity())};
    std::vector<double> histogram(bins);
    for (const float value : values)
        histogram[std::min<size_t>(bins - 1, static_cast<size_t>(std::fabs(value) / naive.width))] += 1;
    histogram[0] = histogram[1];
    for (int i = levels; i <= bins; ++i) {
        const std::vector<double> inside(histogram.begin(), histogram.begin() + i);
        std::vector<double> p = inside;
        for (size_t j = inside.size(); j < histogram.size(); ++j)
            p.back() += histogram[j];
        // Quantize to levels, expand again over the bins that are not empty.
        std::vector<double> sums(static_cast<size_t>(levels));
        std::vector<double> filled(sums.size());
        std::vector<size_t> levelOf;
        for (int level = 0; level < levels; ++level)
            while (static_cast<int>(levelOf.size()) < (level + 1) * i / levels)
                levelOf.push_back(static_cast<size_t>(level));
        for (size_t j = 0; j < inside.size(); ++j) {
            sums[levelOf[j]] += inside[j];
            filled[levelOf[j]] += inside[j] > 0 ? 1 : 0;
        }
        std::vector<double> q(p.size());
        for (size_t j = 0; j < inside.size(); ++j)
            q[j] = inside[j] > 0 ? sums[levelOf[j]] / filled[levelOf[j]] : 1e-4;
        double sumP = 0;
        double sumQ = 0;
        double sumInside = 0;
        for (size_t j = 0; j < p.size(); ++j) {
            sumP += p[j];
            sumQ += q[j];
            sumInside += inside[j];
        }
        if (sumInside < 0.5 * sumP)
            continue;
        double divergence = 0;
        for (size_t j = 0; j < p.size(); ++j)
            if (p[j] > 0)
                divergence += p[j] / sumP * std::log(p[j] / sumP / (q[j] / sumQ));
        naive.divergences[static_cast<size_t>(i)] = divergence;
        if (divergence < naive.divergences[static_cast<size_t>(naive.best)])
            naive.best = i;
    }
    return naive;
}

TEST(Calibrators, EntropyIsThatOfThePaper)
{
    for (const Distribution& distribution : distributions(50'000)) {
        const auto [low, high] = std::minmax_element(distribution.values.begin(), distribution.values.end());
        const bool oneSign = *low >= 0 || *high <= 0;
        for (const bool withOffset : {true, false}) {
            const Naive naive = naiveEntropy(distribution.values, withOffset && oneSign ? 256 : 128);
            const auto limit = static_cast<float>((naive.best + 0.5) * naive.width);
            const auto expected = paramsFromRange(std::max(*low, -limit), std::min(*high, limit), 8, withOffset);
            EXPECT_NEAR(solved("entropy", observed(distribution.values), {.withOffset = withOffset}).scale, expected->scale, expected->scale * 1e-5F)
                << distribution.name;
        }
    }
}

TEST(Calibrators, EntropyOfAHistogramIsNearThatOfTheValues)
{
    for (const Distribution& distribution : distributions(400'000)) {
        const Naive naive = naiveEntropy(distribution.values, 128);
        const QuantParams params = solved("entropy", observed(distribution.values), {.withOffset = false});
        const auto bins = static_cast<size_t>(std::lround(static_cast<double>(std::max(params.clipMax(), -params.clipMin())) / naive.width - 0.5));
        const size_t found = std::clamp<size_t>(bins, 128, 2048);
        EXPECT_LE(naive.divergences[found], naive.divergences[static_cast<size_t>(naive.best)] * 1.1 + 1e-3) << distribution.name;
    }
}

TEST(Calibrators, EntropyClipsOutliersAndKeepsWideGridsWhole)
{
    std::vector<float> values = test::randomValues(60'000, 9);
    values[7] = 100;
    const Observation observation = observed(values);
    EXPECT_LT(solved("entropy", observation, {}).clipMax(), 20);
    EXPECT_EQ(solved("entropy", observation, {.bits = 16}), solved("minmax", observation, {.bits = 16}));
}

}  // namespace

}  // namespace qs

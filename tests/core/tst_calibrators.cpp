#include "core/calib/arq.h"
#include "core/calib/ifmr.h"
#include "core/calib/snq.h"
#include "tests/support/networks.h"

#include <algorithm>
#include <cfloat>
#include <random>

namespace qs {

namespace {

/// IFMR over all values, as semantics 1.2 writes it.
struct Exact {
    QuantParams params;
    double loss = 0;
};

double lossOf(const std::vector<float>& values, float low, float high, float scale)
{
    double sum = 0;
    for (const float x : values) {
        const double error = static_cast<double>(std::nearbyint(std::clamp(x, low, high) / scale) * scale) - static_cast<double>(x);
        sum += error * error;
    }
    return sum / static_cast<double>(values.size());
}

Exact exactIfmr(const std::vector<float>& values, const CalibratorOptions& options)
{
    std::vector<float> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const size_t n = sorted.size();
    float max = std::max(0.0F, sorted[n - ifmrRank(options.maxPercentile, n)]);
    float min = std::min(0.0F, sorted[ifmrRank(options.minPercentile, n) - 1]);
    const bool negative = !options.withOffset && max < -min;
    if (!options.withOffset)
        max = std::max(max, -min);
    const auto levels = static_cast<float>(options.withOffset ? (1 << options.bits) - 1 : (1 << (options.bits - 1)) - (negative ? 0 : 1));
    Exact best;
    for (int i = 0; i < 60; ++i) {
        const float high = max * static_cast<float>(options.searchStart + i * options.searchStep);
        const float low = options.withOffset ? min : -high;
        const float scale = options.withOffset ? (high - min) / levels : high / levels;
        const double loss = lossOf(values, low, high, scale);
        if (i == 0 || loss < best.loss) {
            best.loss = loss;
            best.params = {.scale = scale,
                           .offset = options.withOffset ? static_cast<int32_t>(-std::nearbyint(min / scale)) - (1 << (options.bits - 1)) : 0,
                           .bits = options.bits};
        }
    }
    return best;
}

double lossOf(const std::vector<float>& values, const QuantParams& params)
{
    return lossOf(values, params.clipMin(), params.clipMax(), params.scale);
}

/// More than Observation::fewValues, so that the histogram answers; a multiple of the pieces below.
std::vector<float> distribution(int kind)
{
    std::vector<float> values = test::randomValues(97'500, static_cast<unsigned>(kind) + 1);
    for (float& value : values) {
        if (kind == 1)
            value = std::max(value, 0.0F);  // behind a ReLU: half are exact zeros
        if (kind == 2)
            value = value * value * value;  // heavy tails
        if (kind == 3)
            value = -std::fabs(value) * 0.01F;
        if (kind == 4)
            value = std::exp(value * 2);
    }
    return values;
}

}  // namespace

TEST(Ifmr, RanksAreTheManuals)
{
    EXPECT_EQ(ifmrRank(1.0, 100), 1U);
    EXPECT_EQ(ifmrRank(0.999999, 100), 1U);
    EXPECT_EQ(ifmrRank(0.9, 100), 10U);
    EXPECT_EQ(ifmrRank(0.999999, 25'000'000), 25U);
}

TEST(Ifmr, LossIsWithinAThousandthOfTheExactOne)
{
    for (int kind = 0; kind < 5; ++kind)
        for (const bool withOffset : {true, false})
            for (const int bits : {8, 12}) {
                const std::vector<float> values = distribution(kind);
                CalibratorOptions options{.bits = bits, .withOffset = withOffset, .maxPercentile = 0.9999, .minPercentile = 0.9999};
                Observation observation(ifmrTail(options.maxPercentile, options.minPercentile, values.size()), ifmrBins(bits));
                // Arrives in pieces, the widest last.
                std::vector<float> ordered = values;
                std::sort(ordered.begin(), ordered.end(), [](float a, float b) { return std::fabs(a) < std::fabs(b); });
                for (size_t begin = 0; begin < ordered.size(); begin += 7'500)
                    observation.add(std::span(ordered).subspan(begin, 7'500));
                const auto solved = ifmrSolve(observation, options);
                QS_ASSERT_OK(solved);
                const Exact exact = exactIfmr(values, options);
                // The zero point's rounding belongs to the exact loss too.
                EXPECT_LE(lossOf(values, *solved), lossOf(values, exact.params) * 1.001)
                    << "distribution " << kind << ", offset " << withOffset << ", bits " << bits;
            }
}

TEST(Ifmr, AllValuesKeptIsTheDefinitionItself)
{
    for (int kind = 0; kind < 5; ++kind)
        for (const bool withOffset : {true, false}) {
            const std::vector<float> values = distribution(kind);
            const CalibratorOptions options{.withOffset = withOffset, .maxPercentile = 0.99, .minPercentile = 0.98};
            // A tail that is too short for these percentiles: the values themselves answer.
            Observation observation(1, 1 << 14, true);
            for (size_t begin = 0; begin < values.size(); begin += 7'500)
                observation.add(std::span(values).subspan(begin, 7'500));
            const auto solved = ifmrSolve(observation, options);
            QS_ASSERT_OK(solved);
            const Exact exact = exactIfmr(values, options);
            EXPECT_EQ(*solved, exact.params) << "distribution " << kind << ", offset " << withOffset;
            const auto candidates = ifmrCandidates(observation, options);
            QS_ASSERT_OK(candidates);
            double least = candidates->front().loss;
            for (const IfmrCandidate& candidate : *candidates)
                least = std::min(least, candidate.loss);
            EXPECT_NEAR(least, exact.loss, exact.loss * 1e-5);  // errors are float here, double there
        }
}

TEST(Ifmr, PercentilesAreExactOrderStatistics)
{
    std::vector<float> values = test::randomValues(20'000, 9);
    values[5] = 1000;  // one outlier: cut by the percentile
    Observation observation(ifmrTail(0.999, 0.999, values.size()));
    for (size_t begin = 0; begin < values.size(); begin += 1000)
        observation.add(std::span(values).subspan(begin, 1000));
    std::vector<float> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (const uint64_t k : {1U, 2U, 20U}) {
        EXPECT_EQ(observation.kthLargest(k), sorted[sorted.size() - k]);
        EXPECT_EQ(observation.kthSmallest(k), sorted[k - 1]);
    }
}

TEST(Ifmr, DegenerateData)
{
    Observation zeros(1);
    zeros.add(std::vector<float>(100));
    EXPECT_EQ(*ifmrSolve(zeros, {}), (QuantParams{.scale = 1, .offset = -128, .bits = 8}));
    Observation broken(1);
    broken.add(std::vector<float>{1, std::numeric_limits<float>::infinity()});
    EXPECT_EQ(ifmrSolve(broken, {}).error().code, ErrorCode::InvalidNumber);
    Observation huge(1);
    huge.add(std::vector<float>{0, 1e10F});
    EXPECT_EQ(ifmrSolve(huge, {}).error().code, ErrorCode::IllegalScale);
    EXPECT_EQ(ifmrSolve(Observation(1), {}).error().code, ErrorCode::NoData);
}

TEST(Arq, PerChannelAndPerTensor)
{
    Layer layer;
    layer.op = "Convolution";
    layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats({2, 1, 1, 2}, std::vector<float>{1, -0.5F, 0.2F, -0.4F}))};
    const WeightChannels channels(layer);
    const WeightInput input{layer.weights[0]->floats(), channels};
    const auto perChannel =
        arqGrid(input, {.algorithm = "arq", .channelWise = true, .bits = 8, .maxIteration = {}, .minDistance = {}, .initAlgorithm = {}});
    QS_ASSERT_OK(perChannel);
    EXPECT_EQ(perChannel->scales, (std::vector<float>{1.0F / 127, 0.4F / 128}));
    EXPECT_EQ(weightCodes(input, *perChannel, 8), (std::vector<int8_t>{127, -64, 64, -128}));
    const auto perTensor =
        arqGrid(input, {.algorithm = "arq", .channelWise = false, .bits = 8, .maxIteration = {}, .minDistance = {}, .initAlgorithm = {}});
    EXPECT_EQ(perTensor->scales, (std::vector<float>{1.0F / 127}));
}

TEST(Arq, DeconvolutionChannelsOfGroups)
{
    // (Cin 4, Cout/group 2): group 0 is rows 0 and 1 -> channels 0 and 1, group 1 rows 2 and 3 -> channels 2 and 3.
    Layer layer;
    layer.op = "Deconvolution";
    layer.attributes.set("group", int64_t{2});
    layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats({4, 2, 1, 1}, std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}))};
    const WeightChannels channels(layer);
    EXPECT_EQ(channels.channels(), 4);
    const auto scales = arqGrid({layer.weights[0]->floats(), channels}, WeightSetting{});
    QS_ASSERT_OK(scales);
    EXPECT_EQ(scales->scales, (std::vector<float>{3.0F / 127, 4.0F / 127, 7.0F / 127, 8.0F / 127}));
}

TEST(Arq, NanIsRefused)
{
    Layer layer;
    layer.op = "InnerProduct";
    layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats({1, 2}, std::vector<float>{1, std::nanf("")}))};
    const WeightChannels channels(layer);
    EXPECT_EQ(arqGrid({layer.weights[0]->floats(), channels}, WeightSetting{}).error().code, ErrorCode::InvalidNumber);
}

/// Squared error of the weights of each channel against codes times scale.
std::vector<double> channelErrors(const WeightInput& weight, const std::vector<int8_t>& codes, std::span<const float> scales)
{
    std::vector<double> errors(scales.size());
    for (size_t i = 0; i < codes.size(); ++i) {
        const auto run = static_cast<int64_t>(i) / weight.channels.inner();
        const size_t channel = scales.size() == 1 ? 0 : static_cast<size_t>(weight.channels.of(run));
        const double difference = static_cast<double>(weight.values[i]) - static_cast<double>(codes[i]) * static_cast<double>(scales[channel]);
        errors[channel] += difference * difference;
    }
    return errors;
}

Layer randomConvolution(int64_t outputs, int64_t inputs, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.02F, 0.1F);
    std::vector<float> values(static_cast<size_t>(outputs * inputs * 9));
    for (float& value : values)
        value = normal(random);
    Layer layer;
    layer.op = "Convolution";
    layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats({outputs, inputs, 3, 3}, values))};
    return layer;
}

TEST(Snq, IsNotWorseThanSixteenUniformLevels)
{
    const Layer layer = randomConvolution(6, 16, 7);
    const WeightChannels channels(layer);
    const WeightInput input{layer.weights[0]->floats(), channels};
    for (const bool channelWise : {true, false}) {
        WeightSetting setting{.algorithm = "snq", .channelWise = channelWise, .bits = 4, .maxIteration = {}, .minDistance = {}, .initAlgorithm = {}};
        const auto uniform = arqGrid(input, setting);
        QS_ASSERT_OK(uniform);
        const auto uniformErrors = channelErrors(input, weightCodes(input, *uniform, 4), uniform->scales);
        for (const char* init : {"uniform", "gaussian", "d2sampling"}) {
            setting.initAlgorithm = init;
            const auto grid = snqGrid(input, setting);
            QS_ASSERT_OK(grid);
            ASSERT_EQ(grid->codebook.size(), grid->scales.size() * codebookLevels);
            for (size_t first = 0; first < grid->codebook.size(); first += codebookLevels)
                EXPECT_TRUE(std::is_sorted(grid->codebook.begin() + static_cast<std::ptrdiff_t>(first),
                                           grid->codebook.begin() + static_cast<std::ptrdiff_t>(first + codebookLevels)));
            const auto errors = channelErrors(input, weightCodes(input, *grid, 4), grid->scales);
            for (size_t channel = 0; channel < errors.size(); ++channel)
                EXPECT_LT(errors[channel], uniformErrors[channel]) << init << ", channel " << channel;
        }
    }
}

TEST(Snq, FewDistinctWeightsAreKeptExactly)
{
    // Multiples of the int8 scale, fewer than 16: every one is a level.
    std::vector<float> values;
    for (const int code : {-127, -90, -3, 0, 0, 1, 64, 127, 127})
        values.push_back(static_cast<float>(code) * 0.5F);
    Layer layer;
    layer.op = "Convolution";
    layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats({1, 1, 3, 3}, values))};
    const WeightChannels channels(layer);
    const WeightInput input{layer.weights[0]->floats(), channels};
    const auto grid =
        snqGrid(input, {.algorithm = "snq", .channelWise = true, .bits = 4, .maxIteration = {}, .minDistance = {}, .initAlgorithm = {}});
    QS_ASSERT_OK(grid);
    EXPECT_EQ(weightCodes(input, *grid, 4), (std::vector<int8_t>{-127, -90, -3, 0, 0, 1, 64, 127, 127}));
    layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats({1, 1, 3, 3}, std::vector<float>(9, 0.0F)))};
    const WeightChannels zero(layer);
    const WeightInput zeros{layer.weights[0]->floats(), zero};
    const auto flat = snqGrid(zeros, WeightSetting{});
    QS_ASSERT_OK(flat);
    EXPECT_EQ(weightCodes(zeros, *flat, 4), std::vector<int8_t>(9));
}

TEST(Snq, UnknownStartIsRefused)
{
    const Layer layer = randomConvolution(1, 1, 1);
    const WeightChannels channels(layer);
    const auto grid = snqGrid({layer.weights[0]->floats(), channels},
                              {.algorithm = "snq", .channelWise = true, .bits = 4, .maxIteration = {}, .minDistance = {}, .initAlgorithm = "random"});
    EXPECT_EQ(grid.error().code, ErrorCode::OutOfRange);
}

}  // namespace qs

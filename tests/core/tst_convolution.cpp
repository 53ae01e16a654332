// The engine's own convolutions, 3x3 by Winograd's method and 1x1 (where the processor has the registers; elsewhere the library's pass too), against
// scalar ones in double.
#include "tests/support/networks.h"

#include <cstring>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;

struct Convolution {
    Shape input;
    int64_t outputs = 0;
    Ints pad;  ///< top, left, bottom, right
    bool bias = true;
    std::optional<FusedActivation> activation = {};
    int64_t kernel = 3;
};

Convolution pointwise(const Shape& input, int64_t outputs, bool bias = true)
{
    return {.input = input, .outputs = outputs, .pad = {0, 0, 0, 0}, .bias = bias, .activation = {}, .kernel = 1};
}

/// The layer, with random weights and input.
struct Subject {
    explicit Subject(const Convolution& given) : convolution(given)
    {
        layer.op = layer.type = "Convolution";
        layer.attributes.set("outputs", given.outputs);
        layer.attributes.set("kernel", Ints{given.kernel, given.kernel});
        layer.attributes.set("pad", given.pad);
        const auto add = [this](const Shape& shape, unsigned seed) {
            const auto values = test::randomValues(static_cast<size_t>(elementCount(shape)), seed, 0.2F);
            layer.weights.push_back(std::make_shared<const Buffer>(Buffer::fromFloats(shape, values)));
        };
        add({given.outputs, given.input[1], given.kernel, given.kernel}, 1);
        if (given.bias)
            add({given.outputs}, 2);
        input = pool.allocate(given.input, Layout::ChannelsLast);
        const auto values = test::randomValues(static_cast<size_t>(input.count()), 3);
        std::copy(values.begin(), values.end(), input.data());
    }

    Tensor run() { return run(input); }
    Tensor run(const Tensor& of)
    {
        auto kernel = test::engine()->prepare({.layer = &layer,
                                               .weights = layer.weights,
                                               .inputShapes = {of.shape()},
                                               .inputLayouts = {Layout::ChannelsLast},
                                               .activation = convolution.activation});
        EXPECT_TRUE(kernel.ok());
        std::vector<Tensor> outputs{pool.allocate((*kernel)->outputShapes()[0], Layout::ChannelsLast)};
        EXPECT_TRUE((*kernel)->run(std::vector<Tensor>{of}, outputs).ok());
        return outputs[0];
    }

    /// The same weights as those of an InnerProduct, over the first pixels.
    Tensor runFullyConnected(int64_t rows)
    {
        const int64_t features = convolution.input[1];
        Layer dense;
        dense.op = dense.type = "InnerProduct";
        dense.attributes.set("outputs", convolution.outputs);
        const auto weights = std::make_shared<const Buffer>(layer.weights[0]->reshaped({convolution.outputs, features}));
        auto kernel = test::engine()->prepare({.layer = &dense,
                                               .weights = {weights, layer.weights[1]},
                                               .inputShapes = {{rows, features}},
                                               .inputLayouts = {Layout::Plain},
                                               .activation = convolution.activation});
        EXPECT_TRUE(kernel.ok());
        Tensor from = pool.allocate({rows, features});
        std::copy_n(input.data(), from.count(), from.data());
        std::vector<Tensor> outputs{pool.allocate((*kernel)->outputShapes()[0])};
        EXPECT_TRUE((*kernel)->run(std::vector<Tensor>{from}, outputs).ok());
        return outputs[0];
    }

    /// One output without the activation.
    double direct(int64_t n, int64_t o, int64_t y, int64_t x) const
    {
        const Shape& shape = input.shape();
        double sum = convolution.bias ? static_cast<double>(layer.weights[1]->floats()[static_cast<size_t>(o)]) : 0;
        const int64_t kernel = convolution.kernel;
        for (int64_t ky = 0; ky < kernel; ++ky)
            for (int64_t kx = 0; kx < kernel; ++kx) {
                const int64_t row = y + ky - convolution.pad[0];
                const int64_t column = x + kx - convolution.pad[1];
                if (row < 0 || row >= shape[2] || column < 0 || column >= shape[3])
                    continue;
                const float* pixel = input.data() + ((n * shape[2] + row) * shape[3] + column) * shape[1];
                for (int64_t i = 0; i < shape[1]; ++i)
                    sum += static_cast<double>(pixel[i]) *
                           static_cast<double>(layer.weights[0]->floats()[static_cast<size_t>(((o * shape[1] + i) * kernel + ky) * kernel + kx)]);
            }
        return sum;
    }

    Convolution convolution;
    Layer layer;
    TensorPool pool;
    Tensor input;
};

/// Sums at the points ±3/2 weigh up to (3/2)^6 = 11 times in an output, so that each one's rounding to 2^-24 is up to 7e-7 of it; a few of them add
/// up, where a bound for the worst signs would be 1e-4. Found over 16 to 256 channels: 0.5 to 1.6e-6 of the largest output; with the points ±1, ±2 it
/// were 2 to 4.5e-6.
constexpr double tolerance = 4e-6;
/// Up to 300 products, each added with a rounding of 2^-24 of the sum so far: 2e-5 at the very most, found 5e-7.
constexpr double pointwiseTolerance = 1e-6;

void expectAsDirect(const Convolution& convolution)
{
    Subject subject(convolution);
    const Tensor found = subject.run();
    const Shape& shape = found.shape();
    EXPECT_EQ(shape[2], convolution.input[2] + convolution.pad[0] + convolution.pad[2] - (convolution.kernel - 1));
    EXPECT_EQ(shape[3], convolution.input[3] + convolution.pad[1] + convolution.pad[3] - (convolution.kernel - 1));
    double largest = 0;
    double worst = 0;
    size_t at = 0;
    for (int64_t n = 0; n < shape[0]; ++n)
        for (int64_t y = 0; y < shape[2]; ++y)
            for (int64_t x = 0; x < shape[3]; ++x)
                for (int64_t o = 0; o < shape[1]; ++o) {
                    const double expected = subject.direct(n, o, y, x);
                    largest = std::max(largest, std::fabs(expected));
                    worst = std::max(worst, std::fabs(static_cast<double>(found.data()[at++]) - expected));
                }
    EXPECT_LE(worst / largest, convolution.kernel == 1 ? pointwiseTolerance : tolerance) << shape[1] << "x" << shape[2] << "x" << shape[3];
}

bool sameBits(const float* a, const float* b, int64_t count)
{
    return std::memcmp(a, b, static_cast<size_t>(count) * sizeof(float)) == 0;
}

void expectActivationsOnly(Convolution convolution)
{
    for (const FusedActivation& activation : {FusedActivation{.slope = 0}, FusedActivation{.slope = 0.1F}, FusedActivation{.slope = 0, .high = 2},
                                              FusedActivation{.slope = 0.5F, .high = 1}, FusedActivation{.low = -1, .high = 0.5F}}) {
        convolution.activation = {};
        const Tensor plain = Subject(convolution).run();
        convolution.activation = activation;
        const Tensor found = Subject(convolution).run();
        for (int64_t i = 0; i < found.count(); ++i) {
            const float value = plain.data()[i] < 0 ? plain.data()[i] * activation.slope : plain.data()[i];
            ASSERT_EQ(found.data()[i], std::clamp(value, activation.low, activation.high));
        }
    }
}

void expectSameBitsForAnyThreadsAndBatch(const Convolution& convolution)
{
    Subject subject(convolution);
    const int threads = test::engine()->threads();
    test::engine()->setThreads(1);
    const Tensor alone = subject.run();
    test::engine()->setThreads(2);
    const Tensor shared = subject.run();
    test::engine()->setThreads(threads);
    EXPECT_TRUE(sameBits(alone.data(), shared.data(), alone.count()));
    Shape shape = convolution.input;
    const int64_t samples = std::exchange(shape[0], 1);
    for (int64_t n = 0; n < samples; ++n) {
        Tensor sample = subject.pool.allocate(shape, Layout::ChannelsLast);
        std::copy_n(subject.input.data() + n * sample.count(), sample.count(), sample.data());
        const Tensor found = subject.run(sample);
        EXPECT_TRUE(sameBits(found.data(), alone.data() + n * found.count(), found.count())) << n;
    }
}

}  // namespace

TEST(Winograd, AgreesWithTheDirectSumForEveryRestOfTiles)
{
    for (const int64_t height : {8, 10, 11, 12, 13})
        for (const int64_t width : {14, 15, 16, 17})
            expectAsDirect({{1, 16, height, width}, 16, {1, 1, 1, 1}});
}

TEST(Winograd, AgreesWithTheDirectSumForAnyChannels)
{
    expectAsDirect({{1, 48, 13, 13}, 192, {1, 1, 1, 1}});
    expectAsDirect({{1, 17, 15, 15}, 33, {1, 1, 1, 1}});
    expectAsDirect({{1, 24, 20, 19}, 40, {1, 1, 1, 1}, false});
    expectAsDirect({{1, 31, 30, 30}, 50, {1, 1, 1, 1}});
    expectAsDirect({{2, 64, 13, 13}, 72, {1, 1, 1, 1}});
}

TEST(Winograd, AgreesWithTheDirectSumForAnyPadding)
{
    for (const Ints& pad : {Ints{0, 0, 0, 0}, Ints{2, 2, 2, 2}, Ints{0, 1, 2, 0}, Ints{2, 0, 0, 1}})
        expectAsDirect({{2, 16, 14, 16}, 24, pad});
}

TEST(Winograd, AFusedActivationChangesNoOtherBit)
{
    for (const int64_t outputs : {32, 20})
        expectActivationsOnly({{1, 16, 16, 16}, outputs, {1, 1, 1, 1}});
}

TEST(Winograd, NotANumberStaysOne)
{
    Subject subject({{1, 16, 16, 16}, 16, {1, 1, 1, 1}, true, FusedActivation{.slope = 0, .high = 6}});
    subject.input.data()[(5 * 16 + 5) * 16] = std::nanf("");
    const Tensor found = subject.run();
    for (const int64_t pixel : {4 * 16 + 4, 5 * 16 + 5, 6 * 16 + 6})
        EXPECT_TRUE(std::isnan(found.data()[pixel * 16])) << pixel;
    EXPECT_FALSE(std::isnan(found.data()[15 * 16 * 16]));
}

TEST(Winograd, HasTheSameBitsForAnyThreadsAndBatch)
{
    expectSameBitsForAnyThreadsAndBatch({{3, 16, 30, 27}, 64, {1, 1, 1, 1}});
    expectSameBitsForAnyThreadsAndBatch({{3, 40, 13, 13}, 200, {1, 1, 1, 1}});
    expectSameBitsForAnyThreadsAndBatch({{3, 64, 8, 8}, 50, {1, 1, 1, 1}});
}

TEST(Pointwise, AgreesWithTheDirectSumForAnyPixelsAndChannels)
{
    for (const int64_t width : {1, 2, 5, 6, 7, 13, 23, 24, 25})
        expectAsDirect(pointwise({1, 16, 1, width}, 64));
    for (const int64_t outputs : {1, 8, 15, 16, 17, 24, 32, 40, 48, 56, 57, 63, 80, 96, 144, 200})
        expectAsDirect(pointwise({1, 24, 7, 9}, outputs));
    for (const int64_t inputs : {1, 3, 16, 33, 64, 65, 128, 300})
        expectAsDirect(pointwise({2, inputs, 11, 5}, 50, false));
    expectAsDirect(pointwise({1, 16, 55, 55}, 64));
}

TEST(Pointwise, AFullyConnectedLayerIsOneOverItsRows)
{
    for (const int64_t rows : {1, 7, 40})
        for (const int64_t outputs : {10, 64, 200}) {
            Convolution convolution = pointwise({1, 90, 1, rows}, outputs);
            convolution.activation = FusedActivation{.slope = 0, .high = 6};
            Subject subject(convolution);
            const Tensor expected = subject.run();
            const Tensor found = subject.runFullyConnected(rows);
            EXPECT_EQ(found.shape(), (Shape{rows, outputs}));
            EXPECT_TRUE(sameBits(found.data(), expected.data(), expected.count())) << rows << " rows, " << outputs << " outputs";
        }
}

TEST(Pointwise, AFullyConnectedLayerOfNothingIsItsBias)
{
    EXPECT_EQ(Subject(pointwise({1, 90, 1, 1}, 20)).runFullyConnected(0).count(), 0);
    Subject subject(pointwise({1, 0, 1, 3}, 20));
    const Tensor found = subject.runFullyConnected(3);
    for (int64_t i = 0; i < found.count(); ++i)
        ASSERT_EQ(found.data()[i], subject.layer.weights[1]->floats()[static_cast<size_t>(i % 20)]) << i;
}

TEST(Pointwise, AFusedActivationChangesNoOtherBit)
{
    for (const int64_t outputs : {64, 20})
        expectActivationsOnly(pointwise({1, 16, 13, 13}, outputs));
}

TEST(Pointwise, NotANumberStaysOneInItsPixel)
{
    Convolution convolution = pointwise({1, 16, 8, 8}, 20);
    convolution.activation = FusedActivation{.slope = 0, .high = 6};
    Subject subject(convolution);
    subject.input.data()[5 * 16] = std::nanf("");
    const Tensor found = subject.run();
    for (int64_t i = 0; i < found.count(); ++i)
        ASSERT_EQ(std::isnan(found.data()[i]), i / 20 == 5) << i;
}

TEST(Pointwise, HasTheSameBitsForAnyThreadsAndBatch)
{
    expectSameBitsForAnyThreadsAndBatch(pointwise({3, 16, 30, 27}, 64));
    expectSameBitsForAnyThreadsAndBatch(pointwise({3, 64, 13, 13}, 200));
    expectSameBitsForAnyThreadsAndBatch(pointwise({3, 48, 5, 5}, 50));
    expectSameBitsForAnyThreadsAndBatch(pointwise({3, 200, 14, 14}, 48));
    expectSameBitsForAnyThreadsAndBatch(pointwise({3, 90, 1, 1}, 200));
    expectSameBitsForAnyThreadsAndBatch(pointwise({2, 96, 40, 40}, 160));
}

TEST(Pointwise, SkippedZerosChangeNoBit)
{
    for (const int64_t outputs : {16, 32, 48, 64, 100, 256})
        for (const Shape& shape : {Shape{1, 200, 14, 14}, Shape{1, 70, 30, 31}, Shape{2, 64, 9, 8}}) {
            Subject subject(pointwise(shape, outputs));
            const int64_t depth = shape[1];
            const int64_t pixels = subject.input.count() / depth;
            Tensor dense = subject.pool.allocate(shape, Layout::ChannelsLast);
            std::copy_n(subject.input.data(), dense.count(), dense.data());
            // Channels without any value, and of the others as many as a ReLU leaves.
            for (int64_t i = 0; i < subject.input.count(); ++i)
                if (float& value = subject.input.data()[i]; i % depth % 3 == 0 || value < 0)
                    value = i % 7 == 0 ? -0.0F : 0.0F;
            const Tensor found = subject.run();
            // With every other pixel as it was, no input is zero in all rows of a product.
            for (int64_t pixel = 0; pixel < pixels; pixel += 2)
                std::copy_n(subject.input.data() + pixel * depth, depth, dense.data() + pixel * depth);
            const Tensor expected = subject.run(dense);
            for (int64_t pixel = 0; pixel < pixels; pixel += 2)
                ASSERT_TRUE(sameBits(found.data() + pixel * outputs, expected.data() + pixel * outputs, outputs)) << outputs << " " << pixel;
        }
}

TEST(Pointwise, OfNothingButZerosTheBiasIsLeft)
{
    Subject subject(pointwise({1, 40, 8, 9}, 50));
    std::fill_n(subject.input.data(), subject.input.count(), 0.0F);
    Buffer bias = *subject.layer.weights[1];
    bias.floats()[7] = -0.0F;  // as fake quantization leaves it: skipped or multiplied, zeros are added to it
    subject.layer.weights[1] = std::make_shared<const Buffer>(std::move(bias));
    const Tensor found = subject.run();
    for (int64_t i = 0; i < found.count(); ++i) {
        ASSERT_EQ(found.data()[i], subject.layer.weights[1]->floats()[static_cast<size_t>(i % 50)]);
        ASSERT_FALSE(i % 50 == 7 && std::signbit(found.data()[i]));
    }
}

TEST(Pointwise, AZeroTimesInfinityIsNotANumber)
{
    Subject subject(pointwise({1, 40, 8, 9}, 50));
    std::fill_n(subject.input.data(), subject.input.count(), 0.0F);
    Buffer weights = *subject.layer.weights[0];
    weights.floats()[3 * 40 + 7] = std::numeric_limits<float>::infinity();
    subject.layer.weights[0] = std::make_shared<const Buffer>(std::move(weights));
    const Tensor found = subject.run();
    for (int64_t i = 0; i < found.count(); ++i)
        ASSERT_EQ(std::isnan(found.data()[i]), i % 50 == 3) << i;
}

}  // namespace qs

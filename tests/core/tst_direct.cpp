// Convolutions of any window, stride, dilation and group, and products of matrices, against scalar sums in double.
#include "tests/support/networks.h"

#include <cmath>
#include <cstring>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;

struct Windowed {
    Shape input;
    int64_t outputs = 0;
    Ints kernel{3, 3};
    Ints stride{1, 1};
    Ints pad{0, 0, 0, 0};
    Ints dilation{1, 1};
    int64_t group = 1;
    std::optional<FusedActivation> activation = {};
};

struct Subject {
    explicit Subject(const Windowed& given) : w(given)
    {
        layer.op = layer.type = given.group > 1 && given.group == given.input[1] ? "DepthwiseConv" : "Convolution";
        layer.attributes.set("outputs", given.outputs);
        layer.attributes.set("kernel", given.kernel);
        layer.attributes.set("stride", given.stride);
        layer.attributes.set("pad", given.pad);
        layer.attributes.set("dilation", given.dilation);
        layer.attributes.set("group", given.group);
        const auto add = [this](const Shape& shape, unsigned seed) {
            const auto values = test::randomValues(static_cast<size_t>(elementCount(shape)), seed, 0.2F);
            layer.weights.push_back(std::make_shared<const Buffer>(Buffer::fromFloats(shape, values)));
        };
        add({given.outputs, given.input[1] / given.group, given.kernel[0], given.kernel[1]}, 1);
        add({given.outputs}, 2);
        input = pool.allocate(given.input, Layout::ChannelsLast);
        const auto values = test::randomValues(static_cast<size_t>(input.count()), 3);
        std::copy(values.begin(), values.end(), input.data());
    }

    Tensor run()
    {
        auto kernel = test::engine()->prepare({.layer = &layer,
                                               .weights = layer.weights,
                                               .inputShapes = {input.shape()},
                                               .inputLayouts = {Layout::ChannelsLast},
                                               .activation = w.activation});
        EXPECT_TRUE(kernel.ok());
        std::vector<Tensor> outputs{pool.allocate((*kernel)->outputShapes()[0], Layout::ChannelsLast)};
        EXPECT_TRUE((*kernel)->run(std::vector<Tensor>{input}, outputs).ok());
        return outputs[0];
    }

    double expected(int64_t n, int64_t o, int64_t y, int64_t x) const
    {
        const Shape& shape = input.shape();
        const int64_t inputs = shape[1] / w.group;
        const int64_t first = o / (w.outputs / w.group) * inputs;
        double sum = layer.weights[1]->floats()[static_cast<size_t>(o)];
        for (int64_t ky = 0; ky < w.kernel[0]; ++ky)
            for (int64_t kx = 0; kx < w.kernel[1]; ++kx) {
                const int64_t row = y * w.stride[0] - w.pad[0] + ky * w.dilation[0];
                const int64_t column = x * w.stride[1] - w.pad[1] + kx * w.dilation[1];
                if (row < 0 || row >= shape[2] || column < 0 || column >= shape[3])
                    continue;
                const float* pixel = input.data() + ((n * shape[2] + row) * shape[3] + column) * shape[1] + first;
                const int64_t from = ((o * inputs) * w.kernel[0] + ky) * w.kernel[1] + kx;
                for (int64_t i = 0; i < inputs; ++i)
                    sum += static_cast<double>(pixel[i]) *
                           static_cast<double>(layer.weights[0]->floats()[static_cast<size_t>(from + i * w.kernel[0] * w.kernel[1])]);
            }
        if (w.activation)
            sum = std::clamp(sum < 0 ? sum * w.activation->slope : sum, static_cast<double>(w.activation->low),
                             static_cast<double>(w.activation->high));
        return sum;
    }

    Windowed w;
    Layer layer;
    TensorPool pool;
    Tensor input;
};

void expectTheSum(const Windowed& windowed)
{
    Subject subject(windowed);
    const Tensor found = subject.run();
    const Shape& shape = found.shape();
    double largest = 0;
    double worst = 0;
    size_t at = 0;
    for (int64_t n = 0; n < shape[0]; ++n)
        for (int64_t y = 0; y < shape[2]; ++y)
            for (int64_t x = 0; x < shape[3]; ++x)
                for (int64_t o = 0; o < shape[1]; ++o) {
                    const double expected = subject.expected(n, o, y, x);
                    largest = std::max(largest, std::fabs(expected));
                    worst = std::max(worst, std::fabs(static_cast<double>(found.data()[at++]) - expected));
                }
    // A few hundred to 2,000 products, each added with a rounding of 2^-24 of the sum so far, of both signs.
    EXPECT_LE(worst, 2e-6 * largest) << shape[1] << "x" << shape[2] << "x" << shape[3];
    const int threads = test::engine()->threads();
    test::engine()->setThreads(threads == 1 ? 3 : 1);
    const Tensor again = subject.run();
    test::engine()->setThreads(threads);
    EXPECT_EQ(std::memcmp(found.data(), again.data(), found.sizeBytes()), 0);
}

Tensor matrixProduct(const Shape& a, const Shape& b, bool transA, bool transB, std::vector<float>& left, std::vector<float>& right)
{
    Layer layer;
    layer.op = layer.type = "MatMul";
    layer.attributes.set("transA", transA);
    layer.attributes.set("transB", transB);
    TensorPool pool;
    std::vector<Tensor> inputs{pool.allocate(a), pool.allocate(b)};
    left = test::randomValues(static_cast<size_t>(elementCount(a)), 1);
    right = test::randomValues(static_cast<size_t>(elementCount(b)), 2);
    std::copy(left.begin(), left.end(), inputs[0].data());
    std::copy(right.begin(), right.end(), inputs[1].data());
    auto kernel = test::engine()->prepare(
        {.layer = &layer, .weights = {}, .inputShapes = {a, b}, .inputLayouts = {Layout::Plain, Layout::Plain}, .activation = {}});
    EXPECT_TRUE(kernel.ok());
    std::vector<Tensor> outputs{pool.allocate((*kernel)->outputShapes()[0])};
    EXPECT_TRUE((*kernel)->run(inputs, outputs).ok());
    return outputs[0];
}

}  // namespace

TEST(Direct, AnyWindowStrideDilationAndPadding)
{
    expectTheSum({.input = {1, 3, 29, 31}, .outputs = 24, .kernel = {7, 7}, .stride = {2, 2}, .pad = {3, 3, 3, 3}});
    expectTheSum({.input = {2, 3, 15, 40}, .outputs = 32, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}});
    expectTheSum({.input = {1, 5, 9, 11}, .outputs = 17, .kernel = {1, 7}, .pad = {0, 3, 0, 3}});
    expectTheSum({.input = {1, 40, 11, 9}, .outputs = 50, .kernel = {7, 1}, .pad = {3, 0, 3, 0}});
    expectTheSum({.input = {2, 24, 13, 12}, .outputs = 70, .kernel = {1, 1}, .stride = {2, 2}});
    expectTheSum({.input = {1, 33, 12, 12}, .outputs = 20, .kernel = {3, 3}, .pad = {2, 2, 2, 2}, .dilation = {2, 2}});
    expectTheSum({.input = {1, 20, 6, 7}, .outputs = 10, .kernel = {5, 3}, .stride = {1, 3}, .pad = {0, 2, 1, 0}, .dilation = {1, 2}});
    // Deeper than a part of the sums, on few pixels; and windows that lie outside the picture.
    expectTheSum({.input = {1, 200, 4, 4}, .outputs = 96, .kernel = {3, 3}, .pad = {1, 1, 1, 1}});
    expectTheSum({.input = {1, 3, 4, 14}, .outputs = 8, .kernel = {2, 2}, .stride = {3, 1}, .pad = {5, 1, 5, 1}});
}

TEST(Direct, Groups)
{
    for (const int64_t size : {1, 2, 3, 4, 8, 12, 16, 24})
        expectTheSum({.input = {1, 4 * size, 9, 10}, .outputs = 4 * size, .kernel = {3, 3}, .stride = {1, 2}, .pad = {1, 1, 1, 1}, .group = 4});
    // Depthwise ones with registers that are not full, of large windows, dilated, and with several outputs a channel.
    for (const int64_t channels : {1, 3, 5, 16, 20, 37})
        expectTheSum({.input = {2, channels, 12, 13}, .outputs = channels, .kernel = {3, 3}, .pad = {1, 1, 1, 1}, .group = channels});
    // Narrow pictures, most of whose windows reach over the borders.
    for (const int64_t size : {1, 2, 4, 8, 16})
        for (const int64_t width : {1, 2, 3, 5, 8})
            expectTheSum({.input = {2, 5 * size, 7, width}, .outputs = 5 * size, .kernel = {5, 5}, .pad = {2, 2, 2, 2}, .group = 5});
    expectTheSum({.input = {1, 80, 8, 8}, .outputs = 80, .kernel = {3, 3}, .stride = {2, 2}, .pad = {0, 0, 1, 1}, .group = 80});
    expectTheSum({.input = {1, 72, 5, 6}, .outputs = 72, .kernel = {3, 3}, .pad = {2, 2, 2, 2}, .dilation = {2, 2}, .group = 72});
    expectTheSum({.input = {1, 24, 15, 21}, .outputs = 24, .kernel = {7, 7}, .pad = {3, 3, 3, 3}, .group = 24});
    expectTheSum({.input = {1, 24, 15, 40}, .outputs = 24, .kernel = {5, 5}, .stride = {2, 2}, .pad = {1, 2, 2, 1}, .group = 24});
    expectTheSum({.input = {1, 8, 15, 21}, .outputs = 8, .kernel = {3, 3}, .pad = {3, 3, 3, 3}, .dilation = {3, 3}, .group = 8});
    expectTheSum({.input = {1, 8, 9, 9}, .outputs = 16, .kernel = {3, 3}, .pad = {1, 1, 1, 1}, .group = 8});
    expectTheSum({.input = {1, 6, 20, 3}, .outputs = 6, .kernel = {17, 1}, .pad = {8, 0, 8, 0}, .group = 6});
}

TEST(Direct, FusedActivations)
{
    for (const FusedActivation& activation :
         {FusedActivation{.slope = 0}, FusedActivation{.slope = 0.1F}, FusedActivation{.slope = 0, .high = 0.5F}}) {
        expectTheSum({.input = {1, 12, 9, 10}, .outputs = 20, .stride = {2, 2}, .pad = {1, 1, 1, 1}, .activation = activation});
        expectTheSum({.input = {1, 20, 9, 10}, .outputs = 20, .pad = {1, 1, 1, 1}, .group = 20, .activation = activation});
    }
}

TEST(Direct, NotANumberStaysOneInTheWindowsThatReadIt)
{
    for (const int64_t group : {1, 4, 16}) {
        Subject subject({.input = {1, 16, 9, 9},
                         .outputs = 16,
                         .stride = {2, 2},
                         .pad = {1, 1, 1, 1},
                         .group = group,
                         .activation = FusedActivation{.slope = 0}});
        subject.input.data()[(4 * 9 + 4) * 16 + 5] = std::numeric_limits<float>::quiet_NaN();
        const Tensor found = subject.run();
        int64_t count = 0;
        for (int64_t i = 0; i < found.count(); ++i)
            count += std::isnan(found.data()[i]) ? 1 : 0;
        // Of 5x5 outputs the one in the middle alone reads it; all channels of its group.
        EXPECT_EQ(count, 16 / group) << group;
    }
}

TEST(MatrixProduct, BroadcastsAndTransposes)
{
    std::vector<float> a, b;
    const auto expectProduct = [&](int64_t batch, int64_t rows, int64_t depth, int64_t columns, bool shared, bool transA, bool transB) {
        const Shape left = transA ? Shape{batch, depth, rows} : Shape{batch, rows, depth};
        Shape right = transB ? Shape{batch, columns, depth} : Shape{batch, depth, columns};
        if (shared)
            right.erase(right.begin());
        const Tensor found = matrixProduct(left, right, transA, transB, a, b);
        ASSERT_EQ(found.shape(), (Shape{batch, rows, columns}));
        for (int64_t n = 0; n < batch; ++n)
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t c = 0; c < columns; ++c) {
                    double sum = 0;
                    double size = 0;
                    for (int64_t k = 0; k < depth; ++k) {
                        const double x = a[static_cast<size_t>(n * rows * depth + (transA ? k * rows + r : r * depth + k))];
                        const double y = b[static_cast<size_t>((shared ? 0 : n) * depth * columns + (transB ? c * depth + k : k * columns + c))];
                        sum += x * y;
                        size += std::fabs(x * y);
                    }
                    ASSERT_NEAR(found.data()[(n * rows + r) * columns + c], sum, 1e-6 * size + 1e-12);
                }
    };
    for (const bool transA : {false, true})
        for (const bool transB : {false, true})
            for (const bool shared : {false, true}) {
                expectProduct(3, 7, 19, 37, shared, transA, transB);
                expectProduct(2, 50, 5, 3, shared, transA, transB);
            }
}

}  // namespace qs

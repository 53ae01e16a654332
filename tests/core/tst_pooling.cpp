// Pooling of any number of channels, against one window and channel after the other: the same sums in the same order, so the same bits.
#include "tests/support/networks.h"

#include <cstring>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;

struct Pooling {
    bool average = false;
    int64_t kernel = 3;
    int64_t stride = 2;
    int64_t pad = 0;
    bool exclude = false;
};

struct Side {
    int64_t begin, end, divisor;
};

Side side(const Pooling& pooling, int64_t index, int64_t extent)
{
    const int64_t start = index * pooling.stride - pooling.pad;
    const int64_t begin = std::max<int64_t>(start, 0);
    const int64_t end = std::min(start + pooling.kernel, extent);
    return {begin, end, pooling.exclude ? end - begin : std::min(start + pooling.kernel, extent + pooling.pad) - start};
}

float pooled(const Tensor& input, const Pooling& pooling, int64_t n, int64_t c, int64_t y, int64_t x)
{
    const Shape& shape = input.shape();
    const Side rows = side(pooling, y, shape[2]);
    const Side columns = side(pooling, x, shape[3]);
    float result = 0;
    bool first = true;
    for (int64_t row = rows.begin; row < rows.end; ++row)
        for (int64_t column = columns.begin; column < columns.end; ++column) {
            const float value = input.data()[((n * shape[2] + row) * shape[3] + column) * shape[1] + c];
            if (first)
                result = value;
            else if (pooling.average)
                result += value;
            else
                result = value > result ? value : result;
            first = false;
        }
    return pooling.average ? result * (1.0F / static_cast<float>(rows.divisor * columns.divisor)) : result;
}

Tensor run(const Tensor& input, const Pooling& pooling, TensorPool& pool)
{
    Layer layer;
    layer.op = layer.type = "Pooling";
    layer.attributes.set("method", std::string(pooling.average ? "ave" : "max"));
    layer.attributes.set("kernel", Ints{pooling.kernel, pooling.kernel});
    layer.attributes.set("stride", Ints{pooling.stride, pooling.stride});
    layer.attributes.set("pad", Ints(4, pooling.pad));
    layer.attributes.set("count", std::string(pooling.exclude ? "exclude" : "caffe"));
    layer.outputs.resize(1);
    auto kernel = test::engine()->prepare(
        {.layer = &layer, .weights = {}, .inputShapes = {input.shape()}, .inputLayouts = {Layout::ChannelsLast}, .activation = {}});
    EXPECT_TRUE(kernel.ok());
    std::vector<Tensor> outputs{pool.allocate((*kernel)->outputShapes()[0], Layout::ChannelsLast)};
    EXPECT_TRUE((*kernel)->run(std::vector<Tensor>{input}, outputs).ok());
    return outputs[0];
}

Tensor randomImage(const Shape& shape, TensorPool& pool)
{
    Tensor image = pool.allocate(shape, Layout::ChannelsLast);
    const auto values = test::randomValues(static_cast<size_t>(image.count()), 1);
    std::copy(values.begin(), values.end(), image.data());
    return image;
}

void expectAsScalar(const Tensor& input, const Pooling& pooling, TensorPool& pool)
{
    const Tensor found = run(input, pooling, pool);
    const Shape& shape = found.shape();
    size_t at = 0;
    for (int64_t n = 0; n < shape[0]; ++n)
        for (int64_t y = 0; y < shape[2]; ++y)
            for (int64_t x = 0; x < shape[3]; ++x)
                for (int64_t c = 0; c < shape[1]; ++c) {
                    const float expected = pooled(input, pooling, n, c, y, x);
                    ASSERT_EQ(std::memcmp(&found.data()[at++], &expected, sizeof(float)), 0)
                        << n << " " << c << " " << y << " " << x << " of " << shape[1] << " channels: " << found.data()[at - 1] << ", not "
                        << expected;
                }
}

}  // namespace

TEST(Pooling, HasTheBitsOfScalarSumsForAnyChannels)
{
    TensorPool pool;
    for (const int64_t channels : {1, 3, 7, 16, 23, 64, 101})
        for (const Pooling& pooling :
             {Pooling{}, Pooling{.pad = 1}, Pooling{.average = true}, Pooling{.average = true, .pad = 1},
              Pooling{.average = true, .stride = 1, .pad = 1, .exclude = true}, Pooling{.average = true, .kernel = 11, .stride = 1}})
            expectAsScalar(randomImage({2, channels, 11, 12}, pool), pooling, pool);
}

TEST(Pooling, OfWhatIsNotANumberAndNegativeZeros)
{
    TensorPool pool;
    Tensor input = randomImage({1, 21, 9, 9}, pool);
    for (int64_t i = 0; i < input.count(); i += 5)
        input.data()[i] = std::nanf("");
    expectAsScalar(input, {}, pool);
    std::fill(input.data(), input.data() + input.count(), -0.0F);
    expectAsScalar(input, {}, pool);
    expectAsScalar(input, {.average = true}, pool);
}

}  // namespace qs

// The vectorised arithmetic against the definition written plainly: bit for bit.
#include "core/quant/fake_quant.h"
#include "tests/support/networks.h"

#include <bit>
#include <limits>

namespace qs {

namespace {

int32_t code(float x, const QuantParams& params)
{
    if (std::isnan(x))
        return params.offset;
    const double q = std::nearbyint(x / params.scale) + static_cast<double>(params.offset);
    return static_cast<int32_t>(std::clamp(q, static_cast<double>(params.qmin()), static_cast<double>(params.qmax())));
}

std::vector<float> awkwardValues()
{
    std::vector<float> values = test::randomValues(1003, 7, 2);
    const float infinity = std::numeric_limits<float>::infinity();
    for (const float value : {0.0F, -0.0F, 1e-30F, -1e-30F, 1e30F, -1e30F, infinity, -infinity, std::numeric_limits<float>::denorm_min()})
        values.push_back(value);
    return values;
}

}  // namespace

TEST(FakeQuant, EqualsTheScalarDefinition)
{
    for (const QuantParams params : {QuantParams{0.0123F, -17, 8}, QuantParams{0.5F, 0, 8}, QuantParams{1.0F / 3, 127, 8},
                                     QuantParams{0.001F, -2048, 12}, QuantParams{0.0001F, 1234, 16}, QuantParams{1e-5F, 0, 9}}) {
        const std::vector<float> in = awkwardValues();
        std::vector<float> out(in.size());
        std::vector<int32_t> codes(in.size());
        fakeQuantize(in, out, params);
        quantize(in, codes, params);
        for (size_t i = 0; i < in.size(); ++i) {
            EXPECT_EQ(codes[i], code(in[i], params)) << in[i];
            const float expected = static_cast<float>(code(in[i], params) - params.offset) * params.scale;
            // Minus zero and zero are the same quantized value.
            EXPECT_EQ(std::bit_cast<uint32_t>(out[i] + 0.0F), std::bit_cast<uint32_t>(expected + 0.0F)) << in[i];
        }
    }
}

TEST(FakeQuant, RoundsHalvesToEven)
{
    const std::vector<float> in{0.5F, 1.5F, 2.5F, -0.5F, -1.5F, -2.5F};
    std::vector<int32_t> codes(in.size());
    quantize(in, codes, {.scale = 1, .offset = 3, .bits = 8});
    EXPECT_EQ(codes, (std::vector<int32_t>{3, 5, 5, 3, 1, 1}));
    std::vector<float> values(in.size());
    fakeQuantize(in, values, {.scale = 1, .offset = 3, .bits = 8});
    EXPECT_EQ(values, (std::vector<float>{0, 2, 2, 0, -2, -2}));
}

TEST(FakeQuant, NanAndLongSpans)
{
    std::vector<float> values = test::randomValues(300'001, 3);
    values[17] = std::nanf("");
    std::vector<float> out(values.size());
    const QuantParams params{.scale = 0.02F, .offset = 5, .bits = 8};
    fakeQuantize(values, out, params);
    EXPECT_TRUE(std::isnan(out[17]));
    EXPECT_EQ(out.back(), static_cast<float>(code(values.back(), params) - 5) * 0.02F);
    fakeQuantize(values, values, params);
    EXPECT_EQ(values.back(), out.back());
}

}  // namespace qs

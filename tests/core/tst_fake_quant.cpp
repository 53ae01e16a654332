// The vectorised arithmetic against the definition written plainly: bit for bit.
#include "core/quant/fake_quant.h"
#include "tests/support/networks.h"

#include <bit>
#include <limits>

namespace qs {

namespace {

double rounded(double x, Rounding rounding)
{
    switch (rounding) {
        case Rounding::HalfEven:
            return std::nearbyint(x);
        case Rounding::HalfUp:
            return std::floor(x + 0.5);  // of a float, the sum is exact where it matters
        case Rounding::HalfAway:
            return std::round(x);
    }
    return x;
}

int32_t code(float x, const QuantParams& params)
{
    if (std::isnan(x))
        return params.offset;
    const double q = rounded(x / params.scale, params.form.rounding) + static_cast<double>(params.offset);
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

// Every width, sign, narrow range and rounding that a target can ask for.
TEST(FakeQuant, EqualsTheScalarDefinitionOnEveryGrid)
{
    std::vector<float> in = awkwardValues();
    for (int i = -40; i <= 40; ++i)  // halves, and their neighbours
        for (const float value : {static_cast<float>(i) * 0.125F, std::nextafter(static_cast<float>(i) * 0.125F, 100.0F),
                                  std::nextafter(static_cast<float>(i) * 0.125F, -100.0F)})
            in.push_back(value);
    std::vector<float> out(in.size());
    std::vector<int32_t> codes(in.size());
    for (int bits = 2; bits <= 16; ++bits)
        for (const bool isUnsigned : {false, true})
            for (const bool narrow : {false, true})
                for (const Rounding rounding : {Rounding::HalfEven, Rounding::HalfUp, Rounding::HalfAway})
                    for (const bool withOffset : {false, true}) {
                        const GridForm form{.isUnsigned = isUnsigned, .narrow = narrow, .rounding = rounding};
                        QuantParams params{.scale = 0.25F, .offset = 0, .bits = bits, .form = form};
                        if (withOffset)
                            params.offset = (params.qmin() + params.qmax()) / 2;
                        EXPECT_EQ(params.qmax() - params.qmin(), (1 << bits) - 1 - (narrow ? 1 : 0));
                        fakeQuantize(in, out, params);
                        quantize(in, codes, params);
                        for (size_t i = 0; i < in.size(); ++i) {
                            ASSERT_EQ(codes[i], code(in[i], params)) << in[i] << " in " << bits << " bits";
                            const float expected = static_cast<float>(code(in[i], params) - params.offset) * params.scale;
                            ASSERT_EQ(std::bit_cast<uint32_t>(out[i] + 0.0F), std::bit_cast<uint32_t>(expected + 0.0F)) << in[i];
                        }
                    }
}

TEST(FakeQuant, RangesOnEveryGrid)
{
    // Unsigned without an offset: what is negative is cut off.
    const auto relu = paramsFromRange(-1, 3, 4, false, {.isUnsigned = true});
    ASSERT_TRUE(relu);
    EXPECT_EQ(relu->offset, 0);
    EXPECT_FLOAT_EQ(relu->clipMax(), 3);
    EXPECT_EQ(relu->clipMin(), 0);
    // Unsigned with one: the signed grid's limits, its codes moved up by half the range.
    const auto moved = paramsFromRange(-1, 3, 8, true, {.isUnsigned = true});
    const auto signedOne = paramsFromRange(-1, 3, 8, true);
    ASSERT_TRUE(moved && signedOne);
    EXPECT_EQ(moved->scale, signedOne->scale);
    EXPECT_EQ(moved->offset, signedOne->offset + 128);
    // Narrow: the same number of codes on both sides of zero.
    const auto narrow = paramsFromRange(-4, 2, 8, false, {.narrow = true});
    ASSERT_TRUE(narrow);
    EXPECT_FLOAT_EQ(narrow->clipMin(), -4);
    EXPECT_FLOAT_EQ(narrow->clipMax(), 4);
    // A power of two that holds the range, and the range itself where it is one.
    for (const auto& [largest, scale] : {std::pair{3.0F, 0.03125F}, std::pair{127 * 0.5F, 0.5F}, std::pair{128 * 0.5F, 1.0F}}) {
        const auto power = paramsFromRange(-largest / 2, largest, 8, false, {.powerOfTwo = true});
        ASSERT_TRUE(power);
        EXPECT_EQ(power->scale, scale);
    }
    // Another form of the same limits.
    const auto other = withForm(*signedOne, true, {.isUnsigned = true});
    ASSERT_TRUE(other);
    EXPECT_FLOAT_EQ(other->clipMin(), signedOne->clipMin());
    EXPECT_FLOAT_EQ(other->clipMax(), signedOne->clipMax());
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

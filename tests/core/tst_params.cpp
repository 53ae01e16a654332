#include "core/quant/params.h"

#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <limits>

namespace qs {

namespace {

QuantParams solved(float min, float max, int bits, bool withOffset)
{
    const auto params = paramsFromRange(min, max, bits, withOffset);
    EXPECT_TRUE(params.ok());
    return params.ok() ? *params : QuantParams{};
}

}  // namespace

TEST(Params, AsymmetricFollowsTheFormula)
{
    const QuantParams params = solved(-1, 3, 8, true);
    EXPECT_FLOAT_EQ(params.scale, 4.0F / 255);
    EXPECT_EQ(params.offset, static_cast<int32_t>(std::nearbyint(-128 + 1 / (4.0F / 255))));
    // Zero is always representable.
    EXPECT_FLOAT_EQ(solved(2, 3, 8, true).scale, 3.0F / 255);
    EXPECT_EQ(solved(2, 3, 8, true).offset, -128);
    EXPECT_EQ(solved(-3, -2, 8, true).offset, 127);
}

TEST(Params, SymmetricUsesTheExtraNegativeLevel)
{
    EXPECT_FLOAT_EQ(solved(-1, 2, 8, false).scale, 2.0F / 127);
    EXPECT_FLOAT_EQ(solved(-2, 1, 8, false).scale, 2.0F / 128);
    EXPECT_FLOAT_EQ(solved(-2, 2, 12, false).scale, 2.0F / 2047);
    EXPECT_EQ(solved(-1, 2, 8, false).offset, 0);
}

TEST(Params, ZerosAndTinyRangesGetScaleOne)
{
    EXPECT_EQ(solved(0, 0, 8, true), (QuantParams{.scale = 1, .offset = -128, .bits = 8}));
    EXPECT_EQ(solved(0, 1e-6F, 8, true).scale, 1);
    EXPECT_EQ(solved(0, 0, 8, false), (QuantParams{.scale = 1, .offset = 0, .bits = 8}));
}

TEST(Params, IllegalRangesSayWhatTheManualSays)
{
    const float infinity = std::numeric_limits<float>::infinity();
    const auto infinite = paramsFromRange(0, infinity, 8, true);
    ASSERT_FALSE(infinite.ok());
    EXPECT_EQ(infinite.error().code, ErrorCode::IllegalScale);
    EXPECT_NE(infinite.error().detail.find("IfmrQuantWithOffset scale is illegal"), std::string::npos);
    EXPECT_EQ(paramsFromRange(0, std::nanf(""), 8, true).error().code, ErrorCode::InvalidNumber);
    // The hardware multiplies by 1/scale, which must not fall below FLT_EPSILON.
    EXPECT_TRUE(paramsFromRange(0, 255 / FLT_EPSILON, 8, true).ok());
    EXPECT_FALSE(paramsFromRange(0, 256 / FLT_EPSILON, 8, true).ok());
}

TEST(Params, GivenFactorsAreChecked)
{
    EXPECT_TRUE(checkParams({.scale = 0.1F, .offset = -128, .bits = 8}).ok());
    EXPECT_EQ(checkParams({.scale = 0, .offset = 0, .bits = 8}).error().code, ErrorCode::IllegalScale);
    EXPECT_EQ(checkParams({.scale = -1, .offset = 0, .bits = 8}).error().code, ErrorCode::IllegalScale);
    EXPECT_EQ(checkParams({.scale = std::nanf(""), .offset = 0, .bits = 8}).error().code, ErrorCode::IllegalScale);
    EXPECT_EQ(checkParams({.scale = 1, .offset = 128, .bits = 8}).error().code, ErrorCode::OutOfRange);
    EXPECT_TRUE(checkParams({.scale = 1, .offset = 128, .bits = 12}).ok());
}

}  // namespace qs

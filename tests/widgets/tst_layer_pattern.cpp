#include "widgets/models/layer_pattern.h"

#include <gtest/gtest.h>

using namespace qs;

namespace {

bool meets(const char* pattern, const char* name, const char* type = "Conv")
{
    return LayerPattern(QString::fromLatin1(pattern)).meets(QString::fromLatin1(name), QString::fromLatin1(type));
}

}  // namespace

TEST(LayerPattern, APartOfNameOrType)
{
    EXPECT_TRUE(meets("", "a"));
    EXPECT_TRUE(meets("EAT", "features.3"));
    EXPECT_TRUE(meets("con", "a"));
    EXPECT_FALSE(meets("relu", "a"));
}

TEST(LayerPattern, WildcardsAreOfTheWholeName)
{
    EXPECT_TRUE(meets("features.*.conv", "features.3.conv"));
    EXPECT_TRUE(meets("features/*/Conv", "features/a/b/Conv"));
    EXPECT_FALSE(meets("features.*.conv", "features.3.conv.1"));
    EXPECT_FALSE(meets("features.*.conv", "featuresX3Xconv"));
    EXPECT_TRUE(meets("conv?", "conv1"));
    EXPECT_FALSE(meets("conv?", "conv12"));
    // Not of the type.
    EXPECT_FALSE(meets("Con*", "a"));
    EXPECT_TRUE(meets("a[1]*", "a[1].b"));
}

TEST(LayerPattern, TypeAndNameAlone)
{
    EXPECT_TRUE(meets("type:Conv*", "a", "ConvTranspose"));
    EXPECT_TRUE(meets("type:trans", "a", "ConvTranspose"));
    EXPECT_FALSE(meets("type:Conv", "conv", "ReLU"));
    EXPECT_FALSE(meets("name:conv", "a", "Conv"));
    // Not typed yet.
    EXPECT_TRUE(meets("type:", "a"));
}

TEST(LayerPattern, AllWordsMustBeMet)
{
    EXPECT_TRUE(meets("type:Conv features.*", "features.3"));
    EXPECT_FALSE(meets("type:Conv features.*", "classifier.3"));
}

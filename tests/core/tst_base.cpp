#include "core/base/buffer.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/ir/builder.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <clocale>
#include <cmath>

namespace qs {

namespace {

TEST(Text, NumbersIgnoreTheLocale)
{
    std::setlocale(LC_ALL, "de_DE.UTF-8");
    EXPECT_EQ(numberText(0.7), "0.7");
    EXPECT_EQ(numberText(0.1F), "0.1");
    EXPECT_EQ(parseDouble(" 0.5 "), 0.5);
    EXPECT_EQ(parseDouble("0,5"), std::nullopt);
    EXPECT_EQ(fixedText(1.005, 1), "1.0");
    EXPECT_TRUE(std::isinf(*parseDouble("inf")));
    EXPECT_EQ(parseInteger("+12"), 12);
    EXPECT_EQ(parseInteger("12x"), std::nullopt);
    std::setlocale(LC_ALL, "C");
}

TEST(Text, PiecesAndNearWords)
{
    EXPECT_EQ(splitText("a, b,,c", ','), (std::vector<std::string>{"a", "b", "", "c"}));
    EXPECT_TRUE(splitText("  ", ',').empty());
    EXPECT_EQ(nearestWord("num_bit", {"num_bits", "scale"}), "num_bits");
    EXPECT_EQ(nearestWord("zzzz", {"num_bits", "scale"}), "");
}

TEST(Buffer, SharesAndReshapes)
{
    const Buffer buffer = Buffer::fromFloats({2, 3}, std::vector<float>{0, 1, 2, 3, 4, 5});
    const Buffer view = buffer.reshaped({6});
    EXPECT_EQ(view.bytes(), buffer.bytes());
    EXPECT_EQ(view.floats()[5], 5);
    EXPECT_EQ(shapeText({}), "scalar");
    EXPECT_EQ(shapeText({1, 64}), "1x64");
    EXPECT_EQ(elementCount({}), 1);
}

TEST(File, ReadsAndWritesWhole)
{
    const test::TemporaryFolder folder;
    const auto path = folder.write("deep/er/file", "content");
    EXPECT_EQ(*readFile(path), "content");
    EXPECT_EQ(readFile(path, 3).error().code, ErrorCode::FileTooLarge);
    EXPECT_EQ(readFile(folder.path()).error().code, ErrorCode::FileUnreadable);
    EXPECT_EQ(readFile(folder.path() / "none").error().code, ErrorCode::FileNotFound);
    EXPECT_EQ(writeFile(folder.path(), "x").error().code, ErrorCode::FileNotWritable);
    EXPECT_EQ(writeFile(path / "below a file", "x").error().code, ErrorCode::FileNotWritable);
}

Layer layerOf(const char* name, const char* op, std::vector<ValueId> inputs, std::vector<ValueId> outputs)
{
    Layer layer;
    layer.name = name;
    layer.type = op;
    layer.op = op;
    layer.inputs = std::move(inputs);
    layer.outputs = std::move(outputs);
    return layer;
}

TEST(Builder, SortsInfersAndNames)
{
    ModelBuilder builder("m", "caffe");
    const ValueId x = builder.addValue("x");
    const ValueId a = builder.addValue("a");
    const ValueId b = builder.addValue("a");
    builder.addLayer(layerOf("late", "ReLU", {a}, {b}));
    builder.addLayer(layerOf("late", "ReLU", {x}, {a}));
    builder.addLayer(layerOf("in", "Input", {}, {x}));
    builder.setInputShape(x, {1, 2});
    const auto model = std::move(builder).build();
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_EQ((*model)->layers()[0].name, "in");
    EXPECT_EQ((*model)->layers()[1].name, "late_2");
    EXPECT_EQ((*model)->value((*model)->outputs()[0]).name, "a_2");
    const auto shapes = inferShapes(**model, {{5, 2}});
    ASSERT_TRUE(shapes.ok());
    EXPECT_EQ(shapes->back().shape, (Shape{5, 2}));
    EXPECT_EQ(inferShapes(**model, {}).error().code, ErrorCode::ShapeMismatch);
}

TEST(Builder, KeepsTheFilesOrderWhereItCan)
{
    ModelBuilder builder("m", "caffe");
    const ValueId x = builder.addValue("x");
    builder.addLayer(layerOf("in", "Input", {}, {x}));
    builder.setInputShape(x, {1, 2});
    for (const char* name : {"a", "b", "c"})
        builder.addLayer(layerOf(name, "ReLU", {x}, {builder.addValue(name)}));
    const auto model = std::move(builder).build();
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    std::string order;
    for (const Layer& layer : (*model)->layers())
        order += layer.name + ' ';
    EXPECT_EQ(order, "in a b c ");
}

TEST(Builder, WeightlessLayersAreNotRun)
{
    ModelBuilder builder("m", "caffe");
    const ValueId x = builder.addValue("x");
    const ValueId y = builder.addValue("y");
    const ValueId z = builder.addValue("z");
    builder.addLayer(layerOf("in", "Input", {}, {x}));
    builder.setInputShape(x, {1, 2, 3, 3});
    builder.addLayer(layerOf("bn", "BatchNorm", {x}, {y}));
    builder.addLayer(layerOf("relu", "ReLU", {y}, {z}));
    const auto model = std::move(builder).build();
    ASSERT_TRUE(model.ok());
    EXPECT_EQ((*model)->layers()[1].notRunnable, "its weights are missing");
    EXPECT_NE((*model)->layers()[2].notRunnable.find("bn"), std::string::npos);
}

}  // namespace

}  // namespace qs

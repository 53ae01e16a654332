#include "core/ops/op.h"

#include "core/ir/builder.h"
#include "core/ops/shape_rules.h"
#include "core/quant/scheme.h"

#include <gtest/gtest.h>

#include <set>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;

Result<std::vector<Shape>> shapesOf(const char* op, const std::vector<std::pair<const char*, Attribute>>& attributes, std::vector<Shape> inputs,
                                    size_t outputs = 1)
{
    Layer layer;
    layer.op = op;
    layer.outputs.resize(outputs);
    for (const auto& [name, value] : attributes)
        layer.attributes.set(name, value);
    return findOp(op)->shapes(layer, inputs);
}

Attribute text(const char* value)
{
    return std::string(value);
}

TEST(Ops, NamesAreUnique)
{
    std::set<std::string> names;
    for (const OpInfo& op : allOps())
        EXPECT_TRUE(names.insert(op.name).second) << op.name;
    EXPECT_EQ(findOp("NoSuchOp"), nullptr);
}

TEST(Ops, DefaultsFollowTheManual)
{
    const QuantScheme& scheme = standardScheme();
    EXPECT_TRUE(scheme.rule("Convolution")->enabled);
    EXPECT_EQ(scheme.rule("InnerProduct")->quantizable, Quantizable::WeightsAndData);
    EXPECT_FALSE(scheme.rule("ReLU")->enabled);
    EXPECT_EQ(scheme.rule("ReLU")->quantizable, Quantizable::DataOnly);
    EXPECT_TRUE(scheme.rule("Eltwise")->enabled);
    EXPECT_EQ(scheme.rule("DetectionOutput"), nullptr);
    EXPECT_FALSE(hasOutputChannels("InnerProduct"));
    EXPECT_TRUE(hasOutputChannels("Deconvolution"));
}

TEST(Ops, ConvolutionShapes)
{
    const auto shapes = shapesOf(
        "Convolution", {{"outputs", int64_t{8}}, {"kernel", Ints{3, 5}}, {"stride", Ints{2, 1}}, {"pad", Ints{1, 2, 1, 2}}, {"dilation", Ints{1, 1}}},
        {{2, 6, 9, 11}});
    ASSERT_TRUE(shapes.ok()) << errorText(shapes.error());
    EXPECT_EQ((*shapes)[0], (Shape{2, 8, 5, 11}));
    EXPECT_FALSE(shapesOf("Convolution", {{"outputs", int64_t{8}}, {"kernel", Ints{3, 3}}, {"group", int64_t{4}}}, {{2, 6, 9, 11}}).ok());
    EXPECT_FALSE(shapesOf("Convolution", {{"outputs", int64_t{8}}, {"kernel", Ints{0, 3}}}, {{2, 6, 9, 11}}).ok());
    EXPECT_FALSE(shapesOf("Convolution", {{"outputs", int64_t{8}}, {"kernel", Ints{30, 3}}}, {{2, 6, 9, 11}}).ok());
}

TEST(Ops, ConvolutionChecksItsWeights)
{
    Layer layer;
    layer.op = "Convolution";
    layer.attributes.set("outputs", int64_t{4});
    layer.attributes.set("kernel", Ints{1, 1});
    layer.weights = {std::make_shared<const Buffer>(DType::F32, Shape{4, 5, 1, 1})};
    const std::vector<Shape> inputs{{1, 6, 2, 2}};
    const auto shapes = findOp("Convolution")->shapes(layer, inputs);
    ASSERT_FALSE(shapes.ok());
    EXPECT_EQ(shapes.error().code, ErrorCode::WeightsMismatch);
    EXPECT_NE(shapes.error().detail.find("4x6x1x1"), std::string::npos);
    EXPECT_NE(shapes.error().detail.find("4x5x1x1"), std::string::npos);
}

TEST(Ops, PoolingRoundsAsCaffe)
{
    const auto extent = [](int64_t input, int64_t kernel, int64_t stride, int64_t pad, bool ceil) {
        const auto shapes = shapesOf("Pooling",
                                     {{"kernel", Ints{kernel, kernel}},
                                      {"stride", Ints{stride, stride}},
                                      {"pad", Ints{pad, pad, pad, pad}},
                                      {"ceil", int64_t{ceil}},
                                      {"method", text("max")}},
                                     {{1, 1, input, input}});
        return shapes.ok() ? (*shapes)[0][2] : -1;
    };
    EXPECT_EQ(extent(32, 3, 2, 0, true), 16);
    EXPECT_EQ(extent(32, 3, 2, 0, false), 15);
    EXPECT_EQ(extent(4, 2, 2, 1, true), 3);   // 3 windows; a fourth would start behind the image
    EXPECT_EQ(extent(3, 2, 2, 1, true), 2);   // the third would start in the padding behind
    EXPECT_EQ(extent(5, 2, 2, 2, true), -1);  // padding as large as the kernel
    // On one side only.
    for (const Ints& pad : {Ints{2, 0, 0, 0}, Ints{0, 0, 0, 2}})
        EXPECT_FALSE(
            shapesOf("Pooling", {{"method", text("max")}, {"kernel", Ints{2, 2}}, {"stride", Ints{1, 1}}, {"pad", pad}}, {{1, 1, 5, 5}}).ok());
    EXPECT_EQ((*shapesOf("Pooling", {{"global", int64_t{1}}, {"method", text("ave")}}, {{2, 3, 7, 5}}))[0], (Shape{2, 3, 1, 1}));
    EXPECT_EQ(shapesOf("Pooling", {{"global", int64_t{1}}, {"method", text("max")}}, {{2, 3, 7, 5}}, 2)->size(), 2U);
}

TEST(Ops, ReshapeCopiesAndInfers)
{
    EXPECT_EQ((*shapesOf("Reshape", {{"dims", Ints{0, 3, -1}}}, {{2, 6, 4}}))[0], (Shape{2, 3, 8}));
    EXPECT_EQ((*shapesOf("Reshape", {{"dims", Ints{2, 3}}, {"axis", int64_t{1}}, {"numAxes", int64_t{1}}}, {{5, 6, 4}}))[0], (Shape{5, 2, 3, 4}));
    EXPECT_FALSE(shapesOf("Reshape", {{"dims", Ints{7, -1}}}, {{2, 6}}).ok());
    EXPECT_FALSE(shapesOf("Reshape", {{"dims", Ints{-1, -1}}}, {{2, 6}}).ok());
    EXPECT_FALSE(shapesOf("Reshape", {{"dims", Ints{int64_t{1} << 40, int64_t{1} << 40}}}, {{2, 6}}).ok());
}

TEST(Ops, LayoutShapes)
{
    EXPECT_EQ((*shapesOf("Concat", {{"axis", int64_t{1}}}, {{2, 3, 4}, {2, 5, 4}}))[0], (Shape{2, 8, 4}));
    EXPECT_FALSE(shapesOf("Concat", {{"axis", int64_t{1}}}, {{2, 3, 4}, {2, 5, 5}}).ok());
    const auto parts = shapesOf("Slice", {{"axis", int64_t{1}}, {"points", Ints{1, 4}}}, {{2, 6}}, 3);
    ASSERT_TRUE(parts.ok());
    EXPECT_EQ((*parts)[1], (Shape{2, 3}));
    EXPECT_FALSE(shapesOf("Slice", {{"axis", int64_t{1}}, {"points", Ints{4, 1}}}, {{2, 6}}, 3).ok());
    EXPECT_EQ((*shapesOf("Permute", {{"order", Ints{0, 2, 3, 1}}}, {{1, 2, 3, 4}}))[0], (Shape{1, 3, 4, 2}));
    EXPECT_FALSE(shapesOf("Permute", {{"order", Ints{0, 0, 3, 1}}}, {{1, 2, 3, 4}}).ok());
    EXPECT_EQ((*shapesOf("Squeeze", {{"axes", Ints{-1}}}, {{2, 3, 1}}))[0], (Shape{2, 3}));
    EXPECT_EQ((*shapesOf("Unsqueeze", {{"axes", Ints{0, 2}}}, {{2, 3}}))[0], (Shape{1, 2, 1, 3}));
    EXPECT_EQ((*shapesOf("StridedSlice", {{"axes", Ints{1}}, {"starts", Ints{-3}}, {"ends", Ints{INT64_MAX}}, {"steps", Ints{2}}}, {{1, 8}}))[0],
              (Shape{1, 2}));
    EXPECT_EQ((*shapesOf("Flatten", {{"axis", int64_t{0}}, {"always2d", int64_t{1}}}, {{2, 3}}))[0], (Shape{1, 6}));
    EXPECT_EQ((*shapesOf("Crop", {{"axis", int64_t{2}}, {"offset", Ints{1, 3}}}, {{2, 6, 9, 11}, {2, 6, 5, 6}}))[0], (Shape{2, 6, 5, 6}));
    EXPECT_FALSE(shapesOf("Crop", {{"axis", int64_t{2}}, {"offset", Ints{5}}}, {{2, 6, 9, 11}, {2, 6, 5, 6}}).ok());
}

TEST(Ops, Broadcasting)
{
    EXPECT_EQ((*shapesOf("Add", {}, {{2, 1, 4}, {3, 1}}))[0], (Shape{2, 3, 4}));
    EXPECT_FALSE(shapesOf("Add", {}, {{2, 3}, {4}}).ok());
    EXPECT_EQ((*shapesOf("MatMul", {}, {{5, 2, 3}, {3, 4}}))[0], (Shape{5, 2, 4}));
    EXPECT_FALSE(shapesOf("MatMul", {}, {{2, 3}, {4, 3}}).ok());
}

TEST(Ops, Detection)
{
    EXPECT_EQ(
        (*shapesOf("PriorBox",
                   {{"minSizes", std::vector<double>{16}}, {"maxSizes", std::vector<double>{32}}, {"aspectRatios", std::vector<double>{1, 2, 0.5}}},
                   {{1, 6, 9, 11}, {1, 3, 90, 110}}))[0],
        (Shape{1, 2, 9 * 11 * 4 * 4}));
    EXPECT_EQ((*shapesOf("DetectionOutput", {{"classes", int64_t{2}}, {"keepTopK", int64_t{5}}}, {{1, 8}, {1, 4}, {1, 2, 8}}))[0],
              (Shape{1, 1, 5, 7}));
    EXPECT_FALSE(shapesOf("DetectionOutput", {{"classes", int64_t{3}}, {"keepTopK", int64_t{5}}}, {{1, 8}, {1, 4}, {1, 2, 8}}).ok());
}

namespace {

/// Garbage ends in an error that says something, or in a shape for each output that memory could be asked for.
void expectShapesOrReason(const OpInfo& op, const Layer& layer, const std::vector<Shape>& inputs)
{
    const auto shapes = op.shapes(layer, inputs);
    if (!shapes.ok()) {
        EXPECT_FALSE(shapes.error().detail.empty()) << op.name;
        return;
    }
    ASSERT_FALSE(shapes->empty()) << op.name;
    for (const Shape& shape : *shapes) {
        EXPECT_LE(shape.size(), ops::largestRank + 1) << op.name;
        for (const int64_t dimension : shape)
            EXPECT_GE(dimension, 0) << op.name;
    }
}

}  // namespace

/// (Run under the sanitizers.)
TEST(Ops, EveryShapeFunctionSurvivesStrangeInputs)
{
    const std::vector<Shape> samples{{}, {1}, {3, 4}, {1, 2, 3}, {2, 6, 9, 11}, {1, 2, 3, 4, 5}};
    for (const OpInfo& op : allOps()) {
        if (!op.shapes)
            continue;
        for (const int64_t number : {int64_t{-7}, int64_t{0}, int64_t{3}, INT64_MAX, INT64_MIN}) {
            Layer layer;
            layer.op = op.name;
            layer.outputs = {0};
            for (const char* name : {"axis",         "endAxis", "numAxes", "outputs",       "group", "size",   "classes", "keepTopK", "tiles",
                                     "stride",       "zoom",    "shrink",  "topK",          "k",     "groups", "height",  "reverse",  "staticInput",
                                     "exposeHidden", "transA",  "transB",  "samplingRatio", "batch", "rows",   "subm"})
                layer.attributes.set(name, number);
            for (const char* name : {"kernel", "points", "dims", "axes", "order", "starts", "ends", "offset", "pads", "pooled", "block", "size",
                                     "padOut", "spatialShape"})
                layer.attributes.set(name, Ints{number, number});
            for (const Shape& a : samples) {
                expectShapesOrReason(op, layer, {a});
                for (const Shape& b : samples)
                    for (const size_t more : {size_t{0}, size_t{1}, size_t{2}, size_t{3}}) {
                        std::vector<Shape> inputs{a, b};
                        inputs.insert(inputs.end(), more, a);
                        expectShapesOrReason(op, layer, inputs);
                    }
            }
            expectShapesOrReason(op, layer, {});
        }
    }
}

}  // namespace

}  // namespace qs

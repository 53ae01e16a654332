// ONNX's rarer poolings and samplings: against ONNX Runtime, and counted by hand.
#include "core/ops/op.h"
#include "tests/support/onnx_oracle.h"

#include <limits>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using test::Graph;
using test::listOf;
using test::randomBuffer;

void real(onnx::NodeProto& node, const char* name, float value)
{
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::FLOAT);
    attribute->set_f(value);
}

Graph pool(const char* type, const Shape& shape, const Ints& kernel, const Ints& strides, const Ints& pads, int64_t opset = 13)
{
    Graph g(opset);
    g.input("x", shape).output("y");
    auto& node = g.node(type, {"x"}, {"y"});
    node.set_name("pool");
    Graph::attribute(node, "kernel_shape", kernel);
    Graph::attribute(node, "strides", strides);
    Graph::attribute(node, "pads", pads);
    return g;
}

onnx::NodeProto& last(Graph& g)
{
    return *g.graph().mutable_node(g.graph().node_size() - 1);
}

TEST(OnnxPooling, MaximaOfWindowsWithGaps)
{
    Graph row = pool("MaxPool", {1, 2, 9}, {3}, {2}, {1, 1});
    Graph::attribute(last(row), "dilations", Ints{2});
    test::expectAsOnnxRuntime(row, {randomBuffer({1, 2, 9}, 1)});
    Graph picture = pool("MaxPool", {2, 3, 9, 8}, {3, 2}, {2, 1}, {1, 0, 2, 1});
    Graph::attribute(last(picture), "dilations", Ints{2, 3});
    test::expectAsOnnxRuntime(picture, {randomBuffer({2, 3, 9, 8}, 2)});
    Graph volume = pool("MaxPool", {1, 2, 6, 7, 8}, {2, 3, 2}, {1, 2, 1}, {0, 1, 0, 1, 1, 0});
    Graph::attribute(last(volume), "dilations", Ints{2, 1, 3});
    test::expectAsOnnxRuntime(volume, {randomBuffer({1, 2, 6, 7, 8}, 3)});
    Graph mean = pool("AveragePool", {1, 1, 6, 6}, {2, 2}, {1, 1}, {0, 0, 0, 0}, 19);
    Graph::attribute(last(mean), "dilations", Ints{2, 2});
    EXPECT_NE(test::reasonOf(mean, "pool").find("gaps"), std::string::npos);
}

/// Places count through the whole tensor.
TEST(OnnxPooling, PlacesOfMaximaAndBack)
{
    for (const Shape& shape : {Shape{2, 3, 8}, Shape{2, 3, 4, 6}, Shape{1, 2, 4, 4, 6}}) {
        const Ints two(shape.size() - 2, 2);
        Graph g = pool("MaxPool", shape, two, two, Ints(2 * two.size()));
        last(g).add_output("i");
        last(g).set_output(0, "m");
        Graph::attribute(g.node("Cast", {"i"}, {"places"}), "to", int64_t{onnx::TensorProto::FLOAT});
        g.output("places");
        auto& unpool = g.node("MaxUnpool", {"m", "i"}, {"y"});
        Graph::attribute(unpool, "kernel_shape", two);
        Graph::attribute(unpool, "strides", two);
        const auto found = test::expectAsOnnxRuntime(g, {randomBuffer(shape, 4)});
        ASSERT_EQ(found.size(), 2U);
        EXPECT_EQ(found[0].shape(), shape);
    }
    Graph g = pool("MaxPool", {1, 2, 2}, {2}, {2}, {0, 0});
    last(g).set_output(0, "m");
    last(g).add_output("i");
    Graph::attribute(g.node("Cast", {"i"}, {"y"}), "to", int64_t{onnx::TensorProto::FLOAT});
    EXPECT_EQ(listOf(test::runGraph(g, {Buffer::fromFloats({1, 2, 2}, {{1, 5, 9, 3}})})[0]), (Floats{1, 2}));
    // Minus infinity has a place, too: not that of the plane before.
    const float low = -std::numeric_limits<float>::infinity();
    EXPECT_EQ(listOf(test::runGraph(g, {Buffer::fromFloats({1, 2, 2}, {{1, 5, low, low}})})[0]), (Floats{1, 2}));
    Graph sized = pool("MaxPool", {1, 1, 4, 4}, {2, 2}, {2, 2}, {0, 0, 0, 0});
    last(sized).set_output(0, "m");
    last(sized).add_output("i");
    sized.integers("size", {1, 1, 5, 4});
    Graph::attribute(sized.node("MaxUnpool", {"m", "i", "size"}, {"y"}), "kernel_shape", Ints{2, 2});
    EXPECT_EQ(test::expectAsOnnxRuntime(sized, {randomBuffer({1, 1, 4, 4}, 5)})[0].shape(), (Shape{1, 1, 5, 4}));
}

TEST(OnnxPooling, MeansThatRoundUpAndCountPadding)
{
    for (const auto& [include, ceil] : {std::pair<int64_t, int64_t>(0, 0), {1, 0}, {0, 1}}) {
        Graph g = pool("AveragePool", {1, 2, 7, 6}, {3, 3}, {2, 2}, {1, 1, 1, 1});
        Graph::attribute(last(g), "count_include_pad", include);
        Graph::attribute(last(g), "ceil_mode", ceil);
        test::expectAsOnnxRuntime(g, {randomBuffer({1, 2, 7, 6}, 6)});
    }
    // What rounding up adds behind the padding is not counted. (ONNX Runtime 1.20 counts it; PyTorch does not.)
    Graph both = pool("AveragePool", {1, 1, 6}, {3}, {2}, {1, 1});
    Graph::attribute(last(both), "count_include_pad", int64_t{1});
    Graph::attribute(last(both), "ceil_mode", int64_t{1});
    EXPECT_EQ(listOf(test::runGraph(both, {Buffer::fromFloats({1, 1, 6}, Floats(6, 3))})[0]), (Floats{2, 3, 3, 1.5F}));
}

TEST(OnnxPooling, PowersOfWindows)
{
    for (const int64_t p : {1, 2, 3}) {
        Graph g = pool("LpPool", {2, 3, 6, 7}, {2, 3}, {2, 1}, {0, 1, 1, 1});
        Graph::attribute(last(g), "p", p);
        test::expectAsOnnxRuntime(g, {randomBuffer({2, 3, 6, 7}, 7)});
        Graph global(13);
        global.input("x", {2, 3, 6, 7}).output("y");
        Graph::attribute(global.node("GlobalLpPool", {"x"}, {"y"}), "p", p);
        test::expectAsOnnxRuntime(global, {randomBuffer({2, 3, 6, 7}, 8)});
    }
}

TEST(OnnxPooling, SamplesBetweenPixels)
{
    const Buffer x = randomBuffer({2, 3, 5, 6}, 9);
    const Buffer grid = randomBuffer({2, 4, 3, 2}, 10, 0.7F);
    for (const char* mode : {"bilinear", "nearest", "bicubic"})
        for (const char* padding : {"zeros", "border", "reflection"})
            for (const int64_t corners : {0, 1}) {
                SCOPED_TRACE(std::string(mode) + " " + padding + " " + std::to_string(corners));
                Graph g(16);
                g.input("x", x.shape()).input("grid", grid.shape()).output("y");
                auto& node = g.node("GridSample", {"x", "grid"}, {"y"});
                Graph::attribute(node, "mode", std::string(mode));
                Graph::attribute(node, "padding_mode", std::string(padding));
                Graph::attribute(node, "align_corners", corners);
                test::expectAsOnnxRuntime(g, {x, grid}, 2e-5F);
            }
}

TEST(OnnxPooling, AlignedRegions)
{
    const Buffer x = randomBuffer({2, 3, 9, 8}, 11);
    for (const char* coordinates : {"half_pixel", "output_half_pixel"})
        for (const int64_t ratio : {0, 2}) {
            Graph g(16);
            g.input("x", x.shape()).values("rois", {3, 4}, {0, 0, 12, 10, 3, 2, 4, 3, 5, 1, 15, 17}).integers("pictures", {0, 1, 1}).output("y");
            auto& node = g.node("RoiAlign", {"x", "rois", "pictures"}, {"y"});
            Graph::attribute(node, "output_height", int64_t{3});
            Graph::attribute(node, "output_width", int64_t{2});
            Graph::attribute(node, "sampling_ratio", ratio);
            Graph::attribute(node, "coordinate_transformation_mode", std::string(coordinates));
            real(node, "spatial_scale", 0.5F);
            test::expectAsOnnxRuntime(g, {x});
        }
}

}  // namespace

}  // namespace qs

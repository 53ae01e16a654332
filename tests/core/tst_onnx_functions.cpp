// Functions of one value, reductions and running sums of ONNX: against their definitions and ONNX Runtime.
#include "tests/support/onnx_oracle.h"

#include <array>
#include <functional>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;
using test::Graph;
using test::listOf;
using test::randomBuffer;

onnx::AttributeProto& real(onnx::NodeProto& node, const char* name, float value)
{
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::FLOAT);
    attribute->set_f(value);
    return *attribute;
}

Graph unary(const std::string& type, const Shape& shape, int64_t opset)
{
    Graph g(opset);
    g.input("x", shape).output("y");
    g.node(type, {"x"}, {"y"});
    return g;
}

onnx::NodeProto& last(Graph& g)
{
    return *g.graph().mutable_node(g.graph().node_size() - 1);
}

void expectFunction(const Graph& g, const std::vector<float>& x, const std::function<double(double)>& formula)
{
    const auto found = test::expectAsOnnxRuntime(g, {Buffer::fromFloats({1, static_cast<int64_t>(x.size())}, x)}, 2e-6F);
    ASSERT_EQ(found.size(), 1U);
    std::vector<float> expected;
    for (const float value : x)
        expected.push_back(static_cast<float>(formula(static_cast<double>(value))));
    test::expectSameValues(listOf(found[0]), expected, 2e-6F, "its definition");
}

const std::vector<float> some{-40, -3.5F, -1, -0.75F, -0.25F, -1e-4F, 0, 1e-4F, 0.3F, 0.5F, 1, 2.5F, 30};
const std::vector<float> inside{-0.95F, -0.5F, -1e-3F, 0, 0.25F, 0.75F, 0.95F};

TEST(OnnxFunctions, Activations)
{
    const Shape shape{1, static_cast<int64_t>(some.size())};
    expectFunction(unary("Gelu", shape, 20), some, [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); });
    Graph byTanh = unary("Gelu", shape, 20);
    Graph::attribute(last(byTanh), "approximate", std::string("tanh"));
    expectFunction(byTanh, some, [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); });
    expectFunction(unary("Mish", shape, 18), some, [](double x) { return x * std::tanh(std::log1p(std::exp(x))); });
    expectFunction(unary("Softsign", shape, 13), some, [](double x) { return x / (1 + std::fabs(x)); });
    expectFunction(unary("Selu", shape, 13), some,
                   [](double x) { return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (std::exp(x) - 1)); });
    Graph celu = unary("Celu", shape, 13);
    real(last(celu), "alpha", 0.75F);
    expectFunction(celu, some, [](double x) { return x > 0 ? x : 0.75 * (std::exp(x / 0.75) - 1); });
    Graph thresholded = unary("ThresholdedRelu", shape, 13);
    real(last(thresholded), "alpha", 0.5F);
    expectFunction(thresholded, some, [](double x) { return x > 0.5 ? x : 0; });
    Graph shrink = unary("Shrink", shape, 13);
    real(last(shrink), "lambd", 0.5F);
    real(last(shrink), "bias", 0.25F);
    expectFunction(shrink, some, [](double x) { return x < -0.5 ? x + 0.25 : x > 0.5 ? x - 0.25 : 0; });
}

TEST(OnnxFunctions, AnglesAndHyperbolas)
{
    const Shape shape{1, static_cast<int64_t>(inside.size())};
    const std::pair<const char*, double (*)(double)> functions[] = {
        {"Tan", std::tan},   {"Asin", std::asin}, {"Acos", std::acos},   {"Atan", std::atan},
        {"Sinh", std::sinh}, {"Cosh", std::cosh}, {"Asinh", std::asinh}, {"Atanh", std::atanh},
    };
    for (const auto& [type, function] : functions) {
        SCOPED_TRACE(type);
        expectFunction(unary(type, shape, 13), inside, function);
    }
    expectFunction(unary("Acosh", {1, 3}, 13), {1, 1.5F, 20}, [](double x) { return std::acosh(x); });
}

TEST(OnnxFunctions, WhatIsNoNumber)
{
    const std::vector<float> odd{NAN, INFINITY, -INFINITY, 0, 1};
    const auto marks = [&](const char* type, const char* off) {
        Graph g(13);
        g.input("x", {1, 5}).output("y");
        auto& node = g.node(type, {"x"}, {"m"});
        if (off)
            Graph::attribute(node, off, int64_t{0});
        Graph::attribute(g.node("Cast", {"m"}, {"y"}), "to", int64_t{onnx::TensorProto::FLOAT});
        const auto found = test::expectAsOnnxRuntime(g, {Buffer::fromFloats({1, 5}, odd)});
        return found.empty() ? std::vector<float>() : listOf(found[0]);
    };
    EXPECT_EQ(marks("IsNaN", nullptr), (std::vector<float>{1, 0, 0, 0, 0}));
    EXPECT_EQ(marks("IsInf", nullptr), (std::vector<float>{0, 1, 1, 0, 0}));
    EXPECT_EQ(marks("IsInf", "detect_negative"), (std::vector<float>{0, 1, 0, 0, 0}));
    EXPECT_EQ(marks("IsInf", "detect_positive"), (std::vector<float>{0, 0, 1, 0, 0}));
}

TEST(OnnxFunctions, LogSoftmaxAndHardmax)
{
    const Buffer x = randomBuffer({2, 3, 4, 2}, 1, 3);
    for (const char* type : {"LogSoftmax", "Hardmax"})
        for (const auto& [axis, opset] : {std::pair<int64_t, int64_t>(1, 11), {-1, 13}, {1, 13}}) {
            SCOPED_TRACE(std::string(type) + " axis " + std::to_string(axis) + " opset " + std::to_string(opset));
            Graph g = unary(type, x.shape(), opset);
            Graph::attribute(last(g), "axis", axis);
            test::expectAsOnnxRuntime(g, {x});
        }
    // The first of equal ones; a sum of exponentials that alone would leave float's range.
    EXPECT_EQ(listOf(test::runGraph(unary("Hardmax", {1, 4}, 13), {Buffer::fromFloats({1, 4}, {{1, 3, 3, 2}})})[0]),
              (std::vector<float>{0, 1, 0, 0}));
    const auto large = listOf(test::runGraph(unary("LogSoftmax", {1, 2}, 13), {Buffer::fromFloats({1, 2}, {{1000, 1000}})})[0]);
    EXPECT_NEAR(large[0], -std::log(2.0F), 1e-6F);
}

TEST(OnnxFunctions, Reductions)
{
    const Buffer x = randomBuffer({2, 3, 4, 5}, 2);
    const Buffer positive = randomBuffer({2, 3, 4, 5}, 3, 0.2F, 2);
    struct Case {
        Ints axes;
        int64_t keep, opset;
    };
    for (const char* type : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"})
        for (const auto& [axes, keep, opset] : {Case{{}, 0, 13}, {{-1}, 1, 13}, {{0, 2}, 0, 18}}) {
            SCOPED_TRACE(std::string(type) + " " + shapeText(axes) + " opset " + std::to_string(opset));
            Graph g(opset);
            g.input("x", x.shape()).output("y");
            const bool asInput = opset == 18;
            auto& node = g.node(type, asInput ? std::vector<std::string>{"x", "axes"} : std::vector<std::string>{"x"}, {"y"});
            Graph::attribute(node, "keepdims", keep);
            if (asInput)
                g.integers("axes", axes);
            else if (!axes.empty())
                Graph::attribute(node, "axes", axes);
            test::expectAsOnnxRuntime(g, {std::string(type) == "ReduceLogSum" ? positive : x});
        }
    // Exponentials beyond float's range.
    Graph g = unary("ReduceLogSumExp", {1, 2}, 13);
    EXPECT_NEAR(listOf(test::runGraph(g, {Buffer::fromFloats({1, 2}, {{500, 500}})})[0])[0], 500 + std::log(2.0F), 1e-4F);
}

TEST(OnnxFunctions, RunningSums)
{
    const Buffer x = randomBuffer({2, 3, 4}, 4);
    for (const auto& [axis, exclusive, reverse] : {std::array<int64_t, 3>{0, 0, 0}, {1, 1, 0}, {-1, 1, 1}, {1, 0, 1}}) {
        Graph g(14);
        g.input("x", x.shape()).output("y");
        g.integers("axis", {axis}).graph().mutable_initializer(0)->clear_dims();
        auto& node = g.node("CumSum", {"x", "axis"}, {"y"});
        Graph::attribute(node, "exclusive", exclusive);
        Graph::attribute(node, "reverse", reverse);
        test::expectAsOnnxRuntime(g, {x});
    }
    Graph g(14);
    g.input("x", {1, 4}).integers("axis", {1}).output("y");
    Graph::attribute(g.node("CumSum", {"x", "axis"}, {"y"}), "reverse", int64_t{1});
    EXPECT_EQ(listOf(test::runGraph(g, {Buffer::fromFloats({1, 4}, {{1, 2, 3, 4}})})[0]), (std::vector<float>{10, 9, 7, 4}));
}

}  // namespace

}  // namespace qs

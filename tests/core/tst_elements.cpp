// Permutations, operands that are repeated, and reductions, in both layouts, against what each element is by its index.
#include "tests/support/networks.h"

#include <cmath>

namespace qs {

namespace {

using Ints = std::vector<int64_t>;

/// All places of a shape, the last dimension first.
std::vector<Ints> placesOf(const Shape& shape)
{
    std::vector<Ints> places{{}};
    for (const int64_t size : shape) {
        std::vector<Ints> longer;
        for (const Ints& place : places)
            for (int64_t i = 0; i < size; ++i) {
                longer.push_back(place);
                longer.back().push_back(i);
            }
        places = std::move(longer);
    }
    return places;
}

/// Of a tensor in any layout.
int64_t offsetOf(const Tensor& tensor, const Ints& place)
{
    const Shape& shape = tensor.shape();
    if (tensor.layout() == Layout::ChannelsLast)
        return ((place[0] * shape[2] + place[2]) * shape[3] + place[3]) * shape[1] + place[1];
    int64_t offset = 0;
    for (size_t d = 0; d < shape.size(); ++d)
        offset = offset * shape[d] + place[d];
    return offset;
}

struct Subject {
    Layer layer;
    TensorPool pool;
    std::vector<Tensor> inputs;

    explicit Subject(const std::string& op) { layer.op = layer.type = op; }
    void add(const Shape& shape, Layout layout = Layout::Plain)
    {
        inputs.push_back(pool.allocate(shape, layout));
        const auto values = test::randomValues(static_cast<size_t>(elementCount(shape)), static_cast<unsigned>(inputs.size()), 2, 0.5F);
        std::copy(values.begin(), values.end(), inputs.back().data());
    }
    Tensor run()
    {
        std::vector<Shape> shapes;
        std::vector<Layout> layouts;
        for (const Tensor& input : inputs) {
            shapes.push_back(input.shape());
            layouts.push_back(input.layout());
        }
        auto kernel = test::engine()->prepare({.layer = &layer, .weights = {}, .inputShapes = shapes, .inputLayouts = layouts, .activation = {}});
        EXPECT_TRUE(kernel.ok());
        std::vector<Tensor> given;
        for (size_t i = 0; i < inputs.size(); ++i)
            given.push_back(convertLayout(inputs[i], (*kernel)->inputLayouts()[i], pool));
        std::vector<Tensor> outputs{pool.allocate((*kernel)->outputShapes()[0], (*kernel)->outputLayouts()[0])};
        EXPECT_TRUE((*kernel)->run(given, outputs).ok());
        return outputs[0];
    }
    float at(size_t input, const Ints& place) const { return inputs[input].data()[offsetOf(inputs[input], place)]; }
};

void expectPermuted(const Shape& shape, const Ints& order, Layout layout)
{
    Subject subject("Permute");
    subject.layer.attributes.set("order", order);
    subject.add(shape, layout);
    const Tensor found = subject.run();
    for (const Ints& place : placesOf(found.shape())) {
        Ints from(place.size());
        for (size_t d = 0; d < place.size(); ++d)
            from[static_cast<size_t>(order[d])] = place[d];
        ASSERT_EQ(found.data()[offsetOf(found, place)], subject.at(0, from)) << ::testing::PrintToString(order) << ::testing::PrintToString(place);
    }
}

/// Where an operand that is repeated along some dimensions is read.
Ints repeated(const Ints& place, const Shape& shape)
{
    Ints read(place.end() - static_cast<std::ptrdiff_t>(shape.size()), place.end());
    for (size_t d = 0; d < shape.size(); ++d)
        read[d] = shape[d] == 1 ? 0 : read[d];
    return read;
}

void expectCombined(const Shape& a, const Shape& b)
{
    const std::tuple<const char*, float (*)(float, float)> operations[] = {{"Add", [](float x, float y) { return x + y; }},
                                                                           {"Sub", [](float x, float y) { return x - y; }},
                                                                           {"Mul", [](float x, float y) { return x * y; }},
                                                                           {"Div", [](float x, float y) { return x / y; }}};
    for (const auto& [op, exact] : operations) {
        Subject subject(op);
        subject.add(a);
        subject.add(b);
        const Tensor found = subject.run();
        for (const Ints& place : placesOf(found.shape()))
            ASSERT_EQ(found.data()[offsetOf(found, place)], exact(subject.at(0, repeated(place, a)), subject.at(1, repeated(place, b))))
                << op << ::testing::PrintToString(a) << ::testing::PrintToString(b) << ::testing::PrintToString(place);
    }
}

void expectReduced(const std::string& op, const Shape& shape, const Ints& axes, Layout layout)
{
    Subject subject(op);
    subject.layer.attributes.set("axes", axes);
    subject.add(shape, layout);
    const Tensor found = subject.run();
    int64_t size = 1;
    for (const int64_t axis : axes)
        size *= shape[static_cast<size_t>(axis)];
    std::map<Ints, std::vector<double>> expected;
    for (const Ints& place : placesOf(shape)) {
        Ints to = place;
        for (const int64_t axis : axes)
            to[static_cast<size_t>(axis)] = 0;
        expected[to].push_back(static_cast<double>(subject.at(0, place)));
    }
    for (const auto& [place, values] : expected) {
        double sum = 0;
        double largest = -1e30;
        for (const double value : values) {
            sum += value;
            largest = std::max(largest, value);
        }
        const double exact = op == "ReduceMax" ? largest : op == "ReduceMean" ? sum / static_cast<double>(size) : sum;
        // Of sums in float, which ATen makes where the axes do not lie together, with a rounding of 2^-24 for each of some ten steps.
        ASSERT_NEAR(found.data()[offsetOf(found, place)], exact, 1e-6 * std::max(10.0, std::fabs(exact)))
            << op << ::testing::PrintToString(axes) << ::testing::PrintToString(place);
    }
}

}  // namespace

TEST(Elements, AreWhereAPermutationPutsThem)
{
    for (const Layout layout : {Layout::Plain, Layout::ChannelsLast}) {
        // (Tiles of four by four, and what is left beside them.)
        for (const Shape& shape : {Shape{2, 5, 4, 7}, Shape{1, 17, 6, 3}, Shape{1, 40, 9, 9}})
            for (const Ints& order : {Ints{0, 2, 3, 1}, Ints{0, 3, 1, 2}, Ints{0, 1, 2, 3}, Ints{0, 1, 3, 2}, Ints{3, 2, 1, 0}, Ints{0, 2, 1, 3},
                                      Ints{1, 0, 2, 3}, Ints{2, 3, 0, 1}, Ints{1, 3, 0, 2}})
                expectPermuted(shape, order, layout);
        expectPermuted({1, 6, 1, 5}, {3, 2, 1, 0}, layout);
        expectPermuted({3, 1, 1, 5}, {0, 3, 2, 1}, layout);
    }
    expectPermuted({1, 2, 29, 4, 4}, {0, 2, 1, 3, 4}, Layout::Plain);
    expectPermuted({3, 2, 5, 1, 7}, {4, 1, 3, 0, 2}, Layout::Plain);
    expectPermuted({1, 3, 1, 5}, {2, 0, 1, 3}, Layout::Plain);
    expectPermuted({33, 70}, {1, 0}, Layout::Plain);
    expectPermuted({5}, {0}, Layout::Plain);
}

TEST(Elements, OfWhichThereAreNoneHaveALayoutAndAnOrderToo)
{
    TensorPool pool;
    for (const Shape& shape : {Shape{1, 0, 3, 4}, Shape{2, 3, 0, 4}, Shape{0, 3, 2, 4}}) {
        for (const Layout layout : {Layout::Plain, Layout::ChannelsLast}) {
            const Tensor other = convertLayout(pool.allocate(shape, layout), layout == Layout::Plain ? Layout::ChannelsLast : Layout::Plain, pool);
            EXPECT_EQ(other.shape(), shape);
            for (const Ints& order : {Ints{0, 2, 3, 1}, Ints{0, 3, 1, 2}, Ints{0, 1, 3, 2}, Ints{3, 2, 1, 0}})
                expectPermuted(shape, order, layout);
        }
        expectCombined(shape, {1});
    }
}

TEST(Elements, MeetOperandsThatAreRepeated)
{
    for (const auto& [a, b] : {std::pair<Shape, Shape>{{2, 3, 4, 5}, {5}},
                               {{7}, {2, 3, 7}},
                               {{2, 3, 4, 5}, {1}},
                               {{2, 3, 4, 5}, {}},
                               {{}, {3, 2}},
                               {{2, 3, 4, 5}, {2, 3, 4, 1}},
                               {{2, 3, 4, 1}, {2, 3, 4, 5}},
                               {{3, 1, 1}, {2, 3, 4, 5}},
                               {{2, 1, 4, 1}, {1, 3, 1, 5}},
                               {{4, 1}, {1, 6}},
                               {{1, 1, 3}, {2, 2, 1}},
                               {{1, 20}, {1, 1}},
                               {{}, {}}})
        expectCombined(a, b);
    // A span that threads share.
    expectCombined({2, 70000}, {2, 1});
}

TEST(Elements, AreReducedAlongAnyAxes)
{
    for (const Layout layout : {Layout::Plain, Layout::ChannelsLast})
        for (const char* op : {"ReduceMean", "ReduceSum", "ReduceMax"})
            for (const Ints& axes : {Ints{3}, Ints{2, 3}, Ints{1, 2, 3}, Ints{0}, Ints{1}, Ints{0, 1, 2, 3}, Ints{1, 3}, Ints{2}})
                expectReduced(op, {2, 70, 3, 5}, axes, layout);
}

TEST(Elements, ThatAreNoNumbersMakeAReductionNone)
{
    for (const char* op : {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"}) {
        Subject subject(op);
        subject.layer.attributes.set("axes", Ints{1});
        subject.add({2, 9});
        subject.inputs[0].data()[4] = std::nanf("");
        const Tensor found = subject.run();
        EXPECT_TRUE(std::isnan(found.data()[0])) << op;
        EXPECT_FALSE(std::isnan(found.data()[1])) << op;
    }
}

}  // namespace qs

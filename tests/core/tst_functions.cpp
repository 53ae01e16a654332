// Functions of one value that are computed in vectors, against the C library's in double.
#include "tests/support/networks.h"

#include <cmath>

namespace qs {

namespace {

std::vector<float> applied(const std::string& op, const std::vector<float>& values)
{
    Layer layer;
    layer.op = layer.type = op;
    const Shape shape{static_cast<int64_t>(values.size())};
    auto kernel =
        test::engine()->prepare({.layer = &layer, .weights = {}, .inputShapes = {shape}, .inputLayouts = {Layout::Plain}, .activation = {}});
    EXPECT_TRUE(kernel.ok());
    TensorPool pool;
    std::vector<Tensor> tensors{pool.allocate(shape), pool.allocate(shape)};
    std::copy(values.begin(), values.end(), tensors[0].data());
    EXPECT_TRUE((*kernel)->run(std::span(tensors).first(1), std::span(tensors).last(1)).ok());
    return {tensors[1].data(), tensors[1].data() + tensors[1].count()};
}

struct Function {
    const char* op;
    double (*exact)(double);
    double relative, absolute;  ///< how far it may be off
};

const Function functions[] = {
    {"Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }, 5e-7, 2e-38},
    {"TanH", [](double x) { return std::tanh(x); }, 3e-7, 0},
    {"Exp", [](double x) { return std::exp(x); }, 3e-7, 2e-38},
    {"Erf", [](double x) { return std::erf(x); }, 4e-7, 0},
    {"Swish", [](double x) { return x / (1 + std::exp(-x)); }, 5e-7, 2e-36},
    {"ELU", [](double x) { return x > 0 ? x : std::exp(x) - 1; }, 2e-7, 1.2e-7},
    {"Hswish", [](double x) { return x * std::clamp(x + 3, 0.0, 6.0) / 6; }, 3e-7, 3e-7},
};

}  // namespace

TEST(Functions, AreWithinTheirBounds)
{
    std::vector<float> values{0, 1e-30F, -1e-30F, 0.65F, -0.65F, 1, -1, 4, -4, 88.7F, -87.3F, -100, 88};
    for (int i = -2000; i <= 2000; ++i)
        values.push_back(static_cast<float>(i) * 0.0217F);
    for (const Function& function : functions) {
        const std::vector<float> found = applied(function.op, values);
        for (size_t i = 0; i < values.size(); ++i) {
            const double exact = function.exact(static_cast<double>(values[i]));
            ASSERT_NEAR(found[i], exact, std::fabs(exact) * function.relative + function.absolute) << function.op << " of " << values[i];
        }
    }
}

TEST(Functions, KeepWhatIsNoNumberAndReachTheirLimits)
{
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> values{std::numeric_limits<float>::quiet_NaN(), infinity, -infinity, 1e30F, -1e30F, 0, 0, 0, 0};
    for (const Function& function : functions)
        EXPECT_TRUE(std::isnan(applied(function.op, values)[0])) << function.op;
    for (const auto& [op, high, low] : {std::tuple("Sigmoid", 1.0F, 0.0F), std::tuple("TanH", 1.0F, -1.0F), std::tuple("Erf", 1.0F, -1.0F),
                                        std::tuple("Exp", infinity, 0.0F), std::tuple("ELU", infinity, -1.0F)}) {
        const std::vector<float> found = applied(op, values);
        EXPECT_EQ(found[1], high) << op;
        EXPECT_EQ(found[2], low) << op;
        EXPECT_EQ(found[4], low) << op;
    }
}

}  // namespace qs

// First-order predictions: gradients against differences, a linear network where they are exact, and the open networks.
#include "core/jobs/sensitivity.h"

#include "core/jobs/samples.h"
#include "tests/support/networks.h"
#include "tests/support/open_networks.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

std::shared_ptr<const Sensitivity> predicted(const std::shared_ptr<const Model>& model, const DataSet& data, int samples)
{
    const auto prepared = prepareNetwork(model, createQuantConfig(*model, std::min(2, data.size())));
    EXPECT_TRUE(prepared.ok());
    const auto calibration = calibrate(test::engine(), **prepared, data, {});
    EXPECT_TRUE(calibration.ok()) << (calibration.ok() ? "" : errorText(calibration.error()));
    const auto quantized = quantizeNetwork(**prepared, (*calibration)->record);
    EXPECT_TRUE(quantized.ok());
    IncrementalEvaluator evaluator(test::engine(), (*prepared)->network, std::make_shared<ValueCache>(size_t{256} << 20));
    const auto result = sensitivity(evaluator, **quantized, data, {.samples = samples, .fromQuantized = false, .predict = true, .publish = {}}, {});
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : errorText(result.error()));
    return result.ok() ? *result : nullptr;
}

/// Sum of seed times output for this input.
double projected(LayerRunner& runner, const std::vector<Tensor>& inputs, const std::vector<Tensor>& seeds)
{
    Forward forward;
    forward.inputs = inputs;
    const auto outputs = Evaluator(runner).run(forward, {});
    double sum = 0;
    for (size_t i = 0; i < outputs->size(); ++i) {
        const Tensor plain = convertLayout((*outputs)[i], Layout::Plain, runner.pool());
        for (int64_t k = 0; k < plain.count(); ++k)
            sum += static_cast<double>(plain.data()[k]) * static_cast<double>(seeds[i].data()[k]);
    }
    return sum;
}

}  // namespace

TEST(Prediction, GradientsAreThoseOfDifferences)
{
    const test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    LayerRunner runner(test::engine(), model);
    const test::RandomData data(Shape(model->value(model->inputs().front()).shape.begin() + 1, model->value(model->inputs().front()).shape.end()), 1);
    std::vector<Tensor> inputs = *inputTensors(*model, *data.sample(0), "", runner.pool());
    std::vector<Tensor> seeds;
    for (const ValueId output : model->outputs()) {
        const Shape& shape = model->value(output).shape;
        seeds.push_back(tensorFrom(Buffer::fromFloats(shape, test::randomValues(static_cast<size_t>(elementCount(shape)), 5)), runner.pool()));
    }
    const LayerId first = model->value(model->inputs().front()).consumers.front();
    const auto gradients =
        test::engine()->gradients({.model = model, .inputs = inputs, .seeds = seeds, .inputPorts = {{first, 0}}, .weights = {}}, runner.pool());
    QS_ASSERT_OK(gradients);
    const Tensor& gradient = gradients->inputPorts.front();
    ASSERT_EQ(gradient.count(), inputs.front().count());
    double largest = 0;
    for (const float value : gradient.values())
        largest = std::max(largest, std::fabs(static_cast<double>(value)));
    // A step that float sums can tell; a ReLU's corner inside it costs some percent.
    constexpr float step = 1e-2F;
    for (int64_t i = 0; i < gradient.count(); i += 17) {
        const float before = inputs.front().data()[i];
        inputs.front().data()[i] = before + step;
        const double above = projected(runner, inputs, seeds);
        inputs.front().data()[i] = before - step;
        const double below = projected(runner, inputs, seeds);
        inputs.front().data()[i] = before;
        EXPECT_NEAR((above - below) / (2 * static_cast<double>(step)), static_cast<double>(gradient.data()[i]), 0.05 * largest) << i;
    }
}

TEST(Prediction, IsTheErrorItselfForALinearNetworkOfOneOutput)
{
    const test::TemporaryFolder folder;
    test::writeNetwork(folder.path(), R"(name: "linear"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 1 } }
)",
                       {{"fc", {test::randomBlob({1, 192}, 1), test::randomBlob({1}, 2)}}});
    const auto model = test::openNetwork(folder.path());
    QS_ASSERT_OK(model);
    const auto result = predicted(*model, test::RandomData({3, 8, 8}, 4), 4);
    ASSERT_EQ(result->layers.size(), 1U);
    const LayerSensitivity& layer = result->layers.front();
    ASSERT_EQ(layer.predicted.widths.size(), 4U);
    // What is left out is the product of the errors of weights and data.
    EXPECT_NEAR(layer.predicted.widths.front().firstOrder, layer.oneQuantized.relL2, 0.02 * layer.oneQuantized.relL2);
    EXPECT_EQ(layer.predicted.widths[1].bits, 8);
    EXPECT_EQ(layer.predicted.widths[1].firstOrder, layer.predicted.widths.front().firstOrder);
    // More bits for the data leave the weights' errors.
    EXPECT_LT(layer.predicted.widths[3].squared, layer.predicted.widths.front().squared);
}

TEST(Prediction, SaysWhatHasNoGradient)
{
    const test::TemporaryFolder folder;
    test::writeNetwork(folder.path(), R"(name: "choice"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 5 } }
layer { name: "best" type: "ArgMax" bottom: "fc" top: "best" }
)",
                       {{"fc", {test::randomBlob({5, 192}, 1), test::randomBlob({5}, 2)}}});
    const auto model = test::openNetwork(folder.path());
    QS_ASSERT_OK(model);
    const auto result = predicted(*model, test::RandomData({3, 8, 8}, 2), 2);
    EXPECT_NE(result->noPrediction.find("'best'"), std::string::npos) << result->noPrediction;
    ASSERT_FALSE(result->layers.empty());
    EXPECT_TRUE(result->layers.front().predicted.widths.empty());
    EXPECT_GT(result->layers.front().local.relL2, 0);
}

TEST(Prediction, RanksAreSpearmans)
{
    const std::vector<double> a{1, 2, 3, 4, 5};
    EXPECT_DOUBLE_EQ(rankCorrelation(a, std::vector<double>{10, 20, 30, 40, 1000}), 1);
    EXPECT_DOUBLE_EQ(rankCorrelation(a, std::vector<double>{5, 4, 3, 2, 1}), -1);
    // 1 - 6 * (sum of squared rank differences: 4 + 1 + 1 + 0 + 0) / (5 * 24)
    EXPECT_DOUBLE_EQ(rankCorrelation(a, std::vector<double>{3, 1, 2, 4, 5}), 0.7);
    EXPECT_DOUBLE_EQ(rankCorrelation(a, std::vector<double>{7, 7, 7, 7, 7}), 0);
}

TEST(PredictionNetworks, ForwardsAgree)
{
    QS_SHARED_MODELS(models);
    for (const test::OpenNetwork& open : test::openNetworks(models)) {
        SCOPED_TRACE(open.name);
        const auto model = importModel({open.model, open.weights});
        QS_ASSERT_OK(model);
        if ((*model)->inputs().size() != 1)
            continue;
        DataSpec spec = open.data;
        spec.limit = 2;
        const auto data = openDataSet(spec, (*model)->value((*model)->inputs().front()).shape);
        QS_ASSERT_OK(data);
        const auto result = predicted(*model, **data, 1);
        ASSERT_TRUE(result);
        if (!result->noPrediction.empty()) {
            EXPECT_NE(result->noPrediction.find("no gradient"), std::string::npos) << result->noPrediction;
            continue;
        }
        for (const LayerSensitivity& layer : result->layers)
            EXPECT_TRUE(std::isfinite(layer.predicted.widths.front().firstOrder)) << layer.layer;
    }
}

}  // namespace qs

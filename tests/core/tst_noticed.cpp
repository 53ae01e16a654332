// Small changes to the sources that no other test noticed, one a test.
#include "core/analysis/metrics.h"
#include "core/analysis/prepared.h"
#include "core/calib/snq.h"
#include "core/engine/evaluator.h"
#include "core/passes/pass.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <cmath>

namespace qs {

namespace {

const char* const convolutionAndNorm = R"(name: "net"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 3 dim: 3 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 3 kernel_size: 1 bias_term: false } }
layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "bn" batch_norm_param { use_global_stats: true eps: 0.5 } }
)";

/// Variances of 0.1: an eps of 0.5 and one of 1e-5 are far apart.
std::shared_ptr<const Model> openConvolutionAndNorm(const std::filesystem::path& folder)
{
    test::writeNetwork(folder, convolutionAndNorm,
                       {{"conv", {test::randomBlob({3, 2, 1, 1}, 1)}},
                        {"bn", {test::randomBlob({3}, 2, 0.2F), test::Blob{{3}, {0.1F, 0.1F, 0.1F}}, test::Blob{{1}, {1.0F}}}}});
    auto model = test::openNetwork(folder);
    EXPECT_TRUE(model.ok());
    return model.ok() ? *model : nullptr;
}

}  // namespace

TEST(Noticed, CosinesAreAveragedOverSamplesNotPooled)
{
    // A large sample that is right and a small one that is orthogonal: 0.5 in the mean, nearly 1 pooled.
    const std::vector<float> large{100, 100}, small{1, 0}, turned{0, 1};
    MetricsAccumulator accumulator;
    accumulator.add(errorSums(large, large), 0);
    accumulator.add(errorSums(small, turned), 1);
    EXPECT_NEAR(accumulator.metrics().cosine, 0.5, 1e-12);
    EXPECT_EQ(accumulator.metrics().worstSample, 1);
}

TEST(Noticed, SnqStopsAfterItsIterations)
{
    Layer layer;
    layer.op = "Convolution";
    layer.weights = {std::make_shared<Buffer>(Buffer::fromFloats({1, 16, 8, 8}, test::randomValues(1024, 3, 1)))};
    const WeightChannels channels(layer);
    const WeightInput input{layer.weights[0]->floats(), channels};
    WeightSetting setting{
        .algorithm = "snq_quantize", .channelWise = false, .bits = 4, .maxIteration = 1, .minDistance = 1e-10, .initAlgorithm = "gaussian"};
    const auto once = snqGrid(input, setting);
    setting.maxIteration = 500;
    const auto often = snqGrid(input, setting);
    QS_ASSERT_OK(once);
    QS_ASSERT_OK(often);
    EXPECT_NE(once->codebook, often->codebook);
}

TEST(Noticed, ABatchNormHasItsOwnEps)
{
    const test::TemporaryFolder folder;
    const auto model = openConvolutionAndNorm(folder.path());
    ASSERT_NE(model, nullptr);
    LayerRunner runner(test::engine(), model);
    Tensor input = runner.pool().allocate({1, 2, 3, 3});
    std::fill_n(input.data(), input.count(), 1.0F);
    const LayerId conv = model->findLayer("conv");
    const LayerId bn = model->findLayer("bn");
    const auto before = runner.run(conv, std::span(&input, 1));
    QS_ASSERT_OK(before);
    const auto after = runner.run(bn, *before);
    QS_ASSERT_OK(after);
    const Buffer x = bufferFrom((*before)[0]);
    const Buffer y = bufferFrom((*after)[0]);
    const auto mean = test::randomBlob({3}, 2, 0.2F).values;
    for (size_t c = 0; c < 3; ++c)
        EXPECT_NEAR(y.floats()[c * 9], (x.floats()[c * 9] - mean[c]) / std::sqrt(0.1 + 0.5), 1e-5);
}

TEST(Noticed, AHostInTheSkipListIsNotFusedInto)
{
    const test::TemporaryFolder folder;
    const auto model = openConvolutionAndNorm(folder.path());
    ASSERT_NE(model, nullptr);
    const auto layersOf = [&](const std::vector<std::string>& skip) {
        const auto fused = fuseBatchNorm(*model, skip);
        return fused.ok() ? fused->model->layers().size() : 0;
    };
    EXPECT_EQ(layersOf({}), model->layers().size() - 1);
    EXPECT_EQ(layersOf({"conv"}), model->layers().size());
    EXPECT_EQ(layersOf({"bn"}), model->layers().size());
}

TEST(Noticed, WithoutActivationOffsetTheEffectiveSettingHasNone)
{
    const test::TemporaryFolder folder;
    const auto model = openConvolutionAndNorm(folder.path());
    ASSERT_NE(model, nullptr);
    for (const bool offset : {true, false}) {
        const auto prepared = prepareNetwork(model, createQuantConfig(*model, 1, offset));
        QS_ASSERT_OK(prepared);
        const Effective& effective = (*prepared)->effective[static_cast<size_t>(model->findLayer("conv"))];
        ASSERT_FALSE(effective.inputs.empty());
        EXPECT_EQ(effective.inputs.front().withOffset, offset);
    }
}

TEST(Noticed, ASearchStepAsLongAsItsRangeIsAllowed)
{
    const test::TemporaryFolder folder;
    const auto model = openConvolutionAndNorm(folder.path());
    ASSERT_NE(model, nullptr);
    Configuration configuration = createQuantConfig(*model);
    ActivationSetting& activation = configuration.layers.at("conv").activations.front();
    activation.searchStep = activation.searchEnd - activation.searchStart;
    EXPECT_TRUE(checkConfiguration(*model, configuration).ok());
    activation.searchStep *= 1.01;
    EXPECT_FALSE(checkConfiguration(*model, configuration).ok());
}

TEST(Noticed, TransposedConvolutionsHaveGroups)
{
    // Two groups of two inputs and one output each, 2x2 with stride 2: every input pixel makes four outputs of its own group.
    Layer layer;
    layer.op = layer.type = "Deconvolution";
    layer.attributes.set("outputs", int64_t{2});
    layer.attributes.set("kernel", std::vector<int64_t>{2, 2});
    layer.attributes.set("stride", std::vector<int64_t>{2, 2});
    layer.attributes.set("group", int64_t{2});
    const auto weights = test::randomValues(16, 5);
    layer.weights = {std::make_shared<const Buffer>(Buffer::fromFloats({4, 1, 2, 2}, weights))};
    auto kernel = test::engine()->prepare(
        {.layer = &layer, .weights = layer.weights, .inputShapes = {{1, 4, 2, 2}}, .inputLayouts = {Layout::Plain}, .activation = {}});
    QS_ASSERT_OK(kernel);
    TensorPool pool;
    Tensor input = pool.allocate({1, 4, 2, 2});
    const auto values = test::randomValues(16, 6);
    std::copy(values.begin(), values.end(), input.data());
    std::vector<Tensor> outputs{pool.allocate({1, 2, 4, 4})};
    QS_ASSERT_OK((*kernel)->run(std::span(&input, 1), outputs));
    for (size_t o = 0; o < 2; ++o)
        for (size_t y = 0; y < 4; ++y)
            for (size_t x = 0; x < 4; ++x) {
                float sum = 0;
                for (size_t i = 2 * o; i < 2 * o + 2; ++i)
                    sum += values[i * 4 + y / 2 * 2 + x / 2] * weights[i * 4 + y % 2 * 2 + x % 2];
                EXPECT_NEAR(outputs[0].data()[o * 16 + y * 4 + x], sum, 1e-6) << o << y << x;
            }
}

}  // namespace qs

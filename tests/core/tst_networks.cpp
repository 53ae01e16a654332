// The open Caffe networks, from the file to the deploy model and back.
#include "core/calib/ifmr.h"
#include "core/calib/snq.h"
#include "core/calib/weight_algorithm.h"
#include "core/jobs/compare.h"
#include "core/jobs/integer_comparison.h"
#include "core/jobs/samples.h"
#include "core/ops/op.h"
#include "core/prepare/integer_network.h"
#include "core/prepare/quantized_weights.h"
#include "core/targets/amct/export.h"
#include "tests/support/networks.h"
#include "tests/support/open_networks.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>

namespace qs {

namespace {

constexpr int calibrationSamples = 4;
constexpr int comparedSamples = 2;

std::vector<Buffer> outputsOf(const std::shared_ptr<const Model>& model, const ById<LayerId, LayerQuantization>* quantization, const Buffer& sample)
{
    LayerRunner runner(test::engine(), model);
    Forward forward;
    forward.inputs = *inputTensors(*model, sample, "sample", runner.pool());
    forward.quantization = quantization;
    const auto outputs = Evaluator(runner).run(forward, {});
    EXPECT_TRUE(outputs.ok()) << (outputs.ok() ? "" : errorText(outputs.error()));
    std::vector<Buffer> buffers;
    if (outputs.ok())
        for (const Tensor& output : *outputs)
            if (!output.empty())
                buffers.push_back(bufferFrom(output));
    return buffers;
}

double relativeDifference(const Buffer& a, const Buffer& b)
{
    double largest = 0;
    double difference = 0;
    for (size_t i = 0; i < std::min(a.floats().size(), b.floats().size()); ++i) {
        largest = std::max(largest, static_cast<double>(std::fabs(a.floats()[i])));
        difference = std::max(difference, static_cast<double>(std::fabs(a.floats()[i] - b.floats()[i])));
    }
    return a.count() == b.count() ? difference / std::max(largest, 1e-30) : 1;
}

}  // namespace

TEST(OpenNetworks, QuantizeExportReopen)
{
    QS_SHARED_MODELS(models);
    for (const test::OpenNetwork& network : test::openNetworks(models)) {
        SCOPED_TRACE(network.name);
        const auto model = importModel({network.model, network.weights});
        ASSERT_TRUE(model.ok()) << errorText(model.error());
        const auto data = openDataSet(network.data, (*model)->value((*model)->inputs().front()).shape);
        ASSERT_TRUE(data.ok()) << errorText(data.error());
        const auto prepared = prepareNetwork(*model, createQuantConfig(**model, calibrationSamples));
        QS_ASSERT_OK(prepared);
        const auto calibration = calibrate(test::engine(), **prepared, **data, {});
        QS_ASSERT_OK(calibration);
        const auto quantized = quantizeNetwork(**prepared, (*calibration)->record);
        QS_ASSERT_OK(quantized);
        const auto comparison = compareIntegers(test::engine(), **quantized, **data, comparedSamples, {});
        QS_ASSERT_OK(comparison);
        for (const IntegerLayer& layer : comparison->layers) {
            EXPECT_GE(layer.local.share(), 0.999) << layer.layer << ": largest difference " << layer.local.largest << " steps";
            EXPECT_EQ(layer.overflows, 0) << layer.layer;
        }
        test::TemporaryFolder folder;
        const auto plan = planAmct({prepared->get(), quantized->get(), folder.path() / "m"});
        QS_ASSERT_OK(plan);
        QS_ASSERT_OK(writeExport(*plan));
        const auto fake = importModel({folder.path() / "m_fake_quant_model.prototxt", folder.path() / "m_fake_quant_weights.caffemodel"});
        const auto deploy = importModel({folder.path() / "m_deploy_model.prototxt", folder.path() / "m_deploy_weights.caffemodel"});
        QS_ASSERT_OK(fake);
        QS_ASSERT_OK(deploy);
        const auto built = integerNetwork(**quantized);
        QS_ASSERT_OK(built);
        const Buffer sample = *(*data)->sample(0);
        const auto expected = outputsOf((*quantized)->network, &(*quantized)->layers, sample);
        const auto reopened = outputsOf(*fake, nullptr, sample);
        ASSERT_EQ(reopened.size(), expected.size());
        // A detection that rounding tips in or out moves all rows behind it: boxes are not compared value by value.
        const bool boxes = (*model)->findLayer("detection_out") != noId;
        for (size_t i = 0; i < expected.size() && !boxes; ++i)
            EXPECT_LT(relativeDifference(expected[i], reopened[i]), 1e-4);
        const auto deployed = outputsOf(*deploy, nullptr, sample);
        const auto integers = outputsOf(*built, nullptr, sample);
        ASSERT_EQ(deployed.size(), integers.size());
        for (size_t i = 0; i < integers.size(); ++i)
            EXPECT_LT(relativeDifference(integers[i], deployed[i]), 1e-6);
    }
}

/// Few samples try the inputs of a few hundred values, many the histograms; 16 keep the exact side below 2 GB.
class IfmrOnOpenNetworks : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Samples, IfmrOnOpenNetworks, testing::Values(4, 16));

TEST_P(IfmrOnOpenNetworks, IsWithinAThousandthOfTheExactLoss)
{
    QS_SHARED_MODELS(models);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    if (GetParam() > 4)
        GTEST_SKIP() << "billions of steps of plain arithmetic: left to the builds without sanitizers";
#endif
    double worst = 0;
    for (const test::OpenNetwork& network : test::openNetworks(models)) {
        SCOPED_TRACE(network.name);
        const auto model = importModel({network.model, network.weights});
        QS_ASSERT_OK(model);
        const auto data = openDataSet(network.data, (*model)->value((*model)->inputs().front()).shape);
        QS_ASSERT_OK(data);
        const auto prepared = prepareNetwork(*model, createQuantConfig(**model, GetParam()));
        QS_ASSERT_OK(prepared);
        const auto byDefault = calibrate(test::engine(), **prepared, **data, {});
        const auto exactly = calibrate(test::engine(), **prepared, **data, {}, {.exact = true});
        QS_ASSERT_OK(byDefault);
        QS_ASSERT_OK(exactly);
        double worstHere = 0;
        int large = 0;
        std::string worstInput;
        for (const auto& [input, observation] : (*byDefault)->observed) {
            const auto found = ifmrCandidates(*observation, {});
            const auto exact = ifmrCandidates(*(*exactly)->observed.at(input), {});
            QS_ASSERT_OK(found);
            QS_ASSERT_OK(exact);
            // The percentiles are exact in both: the same candidates.
            ASSERT_EQ(found->size(), exact->size());
            const auto less = [](const IfmrCandidate& a, const IfmrCandidate& b) { return a.loss < b.loss; };
            const auto chosen = static_cast<size_t>(std::min_element(found->begin(), found->end(), less) - found->begin());
            EXPECT_EQ((*found)[chosen].scale, (*exact)[chosen].scale) << input.first;
            large += observation->all().empty();
            const double least = std::min_element(exact->begin(), exact->end(), less)->loss;
            const double excess = least > 0 ? (*exact)[chosen].loss / least - 1 : (*exact)[chosen].loss;
            EXPECT_LE(excess, 1e-3) << input.first << ", input " << input.second << ", " << observation->count() << " values";
            if (excess > worstHere || worstInput.empty()) {
                worstHere = excess;
                worstInput = input.first;
            }
        }
        std::printf("%-26s %3zu inputs, %2d of them by histogram, worst excess of the loss %.5f %% at %s\n", network.name.c_str(),
                    (*byDefault)->observed.size(), large, 100 * worstHere, worstInput.c_str());
        worst = std::max(worst, worstHere);
    }
    EXPECT_LE(worst, 1e-3);
}

TEST(OpenNetworks, SnqIsNotAboveSixteenUniformLevels)
{
    QS_SHARED_MODELS(models);
    for (const test::OpenNetwork& network : test::openNetworks(models)) {
        SCOPED_TRACE(network.name);
        const auto model = importModel({network.model, network.weights});
        QS_ASSERT_OK(model);
        for (const Layer& layer : (*model)->layers()) {
            const LayerId id = (*model)->findLayer(layer.name);
            if (layerQuantizable(**model, id) != Quantizable::WeightsAndData)
                continue;
            const bool channelWise = hasOutputChannels(layer.op);
            const WeightSetting setting{
                .algorithm = "snq", .channelWise = channelWise, .bits = 4, .maxIteration = {}, .minDistance = {}, .initAlgorithm = {}};
            const WeightChannels channels(layer);
            const WeightInput input{layer.weights[0]->floats(), channels};
            const WeightAlgorithm* arq = findWeightAlgorithm("arq");
            const auto uniform = arq->solve(input, setting);
            const auto clustered = snqGrid(input, setting);
            QS_ASSERT_OK(uniform);
            QS_ASSERT_OK(clustered);
            const auto errors = [&](const WeightGrid& grid) {
                const auto codes = weightCodes(input, grid, 4);
                std::vector<double> sums(grid.scales.size());
                for (int64_t run = 0; run < channels.runs(); ++run) {
                    const auto scale = grid.scales.size() == 1 ? size_t{0} : static_cast<size_t>(channels.of(run));
                    for (auto i = static_cast<size_t>(run * channels.inner()); i < static_cast<size_t>((run + 1) * channels.inner()); ++i) {
                        const double difference =
                            static_cast<double>(input.values[i]) - static_cast<double>(codes[i]) * static_cast<double>(grid.scales[scale]);
                        sums[scale] += difference * difference;
                    }
                }
                return sums;
            };
            const auto before = errors(*uniform);
            const auto after = errors(*clustered);
            for (size_t channel = 0; channel < before.size(); ++channel)
                EXPECT_LE(after[channel], before[channel]) << layer.name << ", channel " << channel;
        }
    }
}

}  // namespace qs

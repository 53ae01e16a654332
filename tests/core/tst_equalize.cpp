// Cross-layer equalization (Nagel et al. 2019): the same function, and equal ranges.
#include "core/ir/builder.h"
#include "core/jobs/compare.h"
#include "core/jobs/samples.h"
#include "core/ops/weight_channels.h"
#include "core/passes/pass.h"
#include "core/prepare/prepared.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

/// conv -> ReLU -> depthwise -> PReLU -> grouped conv -> fc; `tee` has two readers.
std::shared_ptr<const Model> chain(const std::filesystem::path& folder)
{
    const char* text = R"(name: "chain"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 9 dim: 7 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 8 kernel_size: 3 pad: 1 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" relu_param { negative_slope: 0.1 } }
layer { name: "dw" type: "Convolution" bottom: "conv1" top: "dw" convolution_param { num_output: 8 group: 8 kernel_size: 3 pad: 1 } }
layer { name: "prelu" type: "PReLU" bottom: "dw" top: "dw" }
layer { name: "grouped" type: "Convolution" bottom: "dw" top: "grouped" convolution_param { num_output: 6 group: 2 kernel_size: 3 stride: 2 bias_term: false } }
layer { name: "fc" type: "InnerProduct" bottom: "grouped" top: "fc" inner_product_param { num_output: 5 } }
layer { name: "tee" type: "InnerProduct" bottom: "fc" top: "tee" inner_product_param { num_output: 4 } }
layer { name: "left" type: "InnerProduct" bottom: "tee" top: "left" inner_product_param { num_output: 3 } }
layer { name: "sigmoid" type: "Sigmoid" bottom: "tee" top: "sigmoid" }
layer { name: "right" type: "InnerProduct" bottom: "sigmoid" top: "right" inner_product_param { num_output: 3 } }
)";
    test::writeNetwork(folder, text,
                       {{"conv1", {test::randomBlob({8, 3, 3, 3}, 1, 0.2F), test::randomBlob({8}, 2)}},
                        {"dw", {test::randomBlob({8, 1, 3, 3}, 3, 0.3F), test::randomBlob({8}, 4)}},
                        {"prelu", {test::randomBlob({8}, 5, 0.1F, 0.25F)}},
                        {"grouped", {test::randomBlob({6, 4, 3, 3}, 6, 0.2F)}},
                        {"fc", {test::randomBlob({5, 72}, 7, 0.1F), test::randomBlob({5}, 8)}},
                        {"tee", {test::randomBlob({4, 5}, 9, 0.3F), test::randomBlob({4}, 10)}},
                        {"left", {test::randomBlob({3, 4}, 11), test::randomBlob({3}, 13)}},
                        {"right", {test::randomBlob({3, 4}, 12), test::randomBlob({3}, 14)}}});
    auto model = test::openNetwork(folder);
    EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
    return model.ok() ? *model : nullptr;
}

std::vector<Buffer> outputsOf(const std::shared_ptr<const Model>& model, const Buffer& sample)
{
    LayerRunner runner(test::engine(), model);
    Forward forward;
    forward.inputs = *inputTensors(*model, sample, "sample", runner.pool());
    const auto outputs = Evaluator(runner).run(forward, {});
    EXPECT_TRUE(outputs.ok()) << (outputs.ok() ? "" : errorText(outputs.error()));
    std::vector<Buffer> buffers;
    for (const Tensor& tensor : *outputs)
        buffers.push_back(bufferFrom(tensor));
    return buffers;
}

double farthest(const Buffer& a, const Buffer& b)
{
    double largest = 0;
    double difference = 0;
    for (size_t i = 0; i < a.floats().size(); ++i) {
        largest = std::max(largest, std::fabs(static_cast<double>(a.floats()[i])));
        difference = std::max(difference, std::fabs(static_cast<double>(a.floats()[i]) - static_cast<double>(b.floats()[i])));
    }
    return difference / largest;
}

/// Largest magnitude of the weights of output channel `c`.
float outputRange(const Layer& layer, int64_t c)
{
    const WeightChannels channels(layer);
    const auto row = layer.weights[0]->floats().subspan(static_cast<size_t>(c * channels.inner()), static_cast<size_t>(channels.inner()));
    return std::fabs(*std::max_element(row.begin(), row.end(), [](float a, float b) { return std::fabs(a) < std::fabs(b); }));
}

/// Of the weights that multiply input channel `c`, written out over (Cout, Cin / group, kernel).
float inputRange(const Layer& layer, int64_t c, int64_t channels)
{
    const Shape& shape = layer.weights[0]->shape();
    const int64_t group = layer.op == "InnerProduct" ? 1 : layer.attributes.integer("group", 1);
    const int64_t perGroup = channels / group;
    const int64_t kernel = elementCount(shape) / shape[0] / perGroup;
    float range = 0;
    for (int64_t o = 0; o < shape[0]; ++o)
        for (int64_t k = 0; k < kernel; ++k)
            if (o / (shape[0] / group) == c / perGroup)
                range = std::max(range, std::fabs(layer.weights[0]->floats()[static_cast<size_t>((o * perGroup + c % perGroup) * kernel + k)]));
    return range;
}

const Layer& named(const Model& model, const char* name)
{
    return model.layer(model.findLayer(name));
}

TEST(Equalize, KeepsTheFunctionAndMakesRangesEqual)
{
    test::TemporaryFolder folder;
    const auto model = chain(folder.path());
    ASSERT_NE(model, nullptr);
    const auto equalized = equalizeLayers(*model, {"conv1", "dw", "grouped", "fc", "tee", "left", "right"});
    QS_ASSERT_OK(equalized);
    // `tee` has two readers; nothing stands behind the last ones.
    const std::map<std::string, std::string> pairs{{"conv1", "dw"}, {"dw", "grouped"}, {"grouped", "fc"}, {"fc", "tee"}};
    EXPECT_EQ(equalized->pairs, pairs);
    for (unsigned seed = 0; seed < 4; ++seed) {
        const Buffer sample = Buffer::fromFloats({3, 9, 7}, test::randomValues(3 * 9 * 7, 50 + seed));
        const auto before = outputsOf(model, sample);
        const auto after = outputsOf(equalized->model, sample);
        ASSERT_EQ(before.size(), after.size());
        for (size_t i = 0; i < before.size(); ++i)
            EXPECT_LT(farthest(before[i], after[i]), 1e-5) << i << " " << before[i].floats()[0] << " " << after[i].floats()[0];
    }
    for (const auto& [first, second] : pairs) {
        const Layer& before = named(*equalized->model, first.c_str());
        const Layer& behind = named(*equalized->model, second.c_str());
        const int64_t channels = WeightChannels(before).channels();
        for (int64_t c = 0; c < channels; ++c) {
            const float range = outputRange(before, c);
            EXPECT_NEAR(range, inputRange(behind, c, channels), range * 1e-5F) << first << " " << c;
        }
    }
}

TEST(Equalize, OnePairHasTheGeometricMeanOfItsRanges)
{
    test::TemporaryFolder folder;
    const auto model = chain(folder.path());
    ASSERT_NE(model, nullptr);
    const auto equalized = equalizeLayers(*model, {"conv1"});
    QS_ASSERT_OK(equalized);
    for (int64_t c = 0; c < 8; ++c) {
        const float mean = std::sqrt(outputRange(named(*model, "conv1"), c) * inputRange(named(*model, "dw"), c, 8));
        EXPECT_NEAR(outputRange(named(*equalized->model, "conv1"), c), mean, mean * 1e-5F);
        EXPECT_NEAR(inputRange(named(*equalized->model, "dw"), c, 8), mean, mean * 1e-5F);
    }
    // The others are untouched.
    EXPECT_EQ(named(*equalized->model, "fc").weights[0]->floats()[0], named(*model, "fc").weights[0]->floats()[0]);
}

TEST(Equalize, DeadChannelsStay)
{
    test::TemporaryFolder folder;
    const auto model = chain(folder.path());
    ASSERT_NE(model, nullptr);
    ModelBuilder builder(*model);
    Layer& conv = builder.layer(model->findLayer("conv1"));
    auto weight = std::make_shared<Buffer>(Buffer::fromFloats({8, 3, 3, 3}, test::randomValues(216, 1)));
    std::fill_n(weight->floats().begin(), 27, 1e-30F);
    conv.weights[0] = weight;
    const auto dead = std::move(builder).build();
    QS_ASSERT_OK(dead);
    const auto equalized = equalizeLayers(**dead, {"conv1"});
    QS_ASSERT_OK(equalized);
    EXPECT_EQ(named(*equalized->model, "conv1").weights[0]->floats()[0], 1e-30F);
    EXPECT_EQ(named(*equalized->model, "conv1").weights[1]->floats()[0], named(**dead, "conv1").weights[1]->floats()[0]);
}

TEST(Equalize, RequestedAndEffective)
{
    test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    Configuration configuration = createQuantConfig(*model);
    for (const char* name : {"conv1", "fc"})
        configuration.layers.at(name).weights->equalize = true;
    const auto prepared = prepareNetwork(model, configuration);
    QS_ASSERT_OK(prepared);
    // conv1 is read by conv2 and by the sum.
    EXPECT_TRUE((*prepared)->equalized.empty());
    for (const char* name : {"conv1", "fc"}) {
        const Effective& effective = (*prepared)->effective[model->findLayer(name)];
        EXPECT_TRUE(effective.quantized);
        EXPECT_EQ(effective.reason, Reason::NotEqualized);
        EXPECT_NE(reasonText(effective).find("not equalized"), std::string::npos);
    }
    const auto network = chain(folder.path());
    Configuration all = createQuantConfig(*network);
    const auto first = equalizableLayers(network, all);
    QS_ASSERT_OK(first);
    EXPECT_EQ(*first, (std::vector<std::string>{"conv1", "dw", "fc", "grouped"}));
    all.layers.at("dw").weights->equalize = true;
    all.layers.at("dw").quantEnable = false;
    const auto pair = prepareNetwork(network, all);
    QS_ASSERT_OK(pair);
    EXPECT_EQ((*pair)->equalized, std::vector<std::string>{"dw"}) << "switching a layer off leaves the network as it is";
    EXPECT_EQ((*pair)->effective[network->findLayer("dw")].equalizedWith, "grouped");
}

}  // namespace

}  // namespace qs

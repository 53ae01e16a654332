// Deploy models run in integers; update_bn; BN acceleration.
#include "core/ir/builder.h"
#include "core/jobs/compare.h"
#include "core/jobs/integer_comparison.h"
#include "core/jobs/samples.h"
#include "core/jobs/update_batch_norm.h"
#include "core/prepare/quantized_weights.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <bit>

namespace qs {

namespace {

struct Ptq {
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> quantized;
};

Result<Ptq> quantize(const std::shared_ptr<const Model>& model, const Configuration& configuration, const DataSet& data)
{
    Ptq result;
    QS_TRY(result.prepared, prepareNetwork(model, configuration));
    QS_TRY(const auto calibration, calibrate(test::engine(), *result.prepared, data, {}));
    QS_TRY(result.quantized, quantizeNetwork(*result.prepared, calibration->record));
    return result;
}

class IntegerTest : public ::testing::Test {
    test::TemporaryFolder m_folder;  // before the model that is read from it

protected:
    std::shared_ptr<const Model> m_model = test::mixedNetwork(m_folder.path());
    test::RandomData m_data{{1, 3, 8, 8}};
    Configuration m_configuration = createQuantConfig(*m_model, 4);
};

}  // namespace

TEST_F(IntegerTest, AgreesWithTheFakeQuantNetworkWithinAStep)
{
    for (const int bits : {8, 12, 16})
        for (const char* algorithm : {"arq", "snq"})
            for (const bool offset : {true, false}) {
                Configuration configuration = m_configuration;
                configuration.activationOffset = offset;
                for (auto& [name, setting] : configuration.layers) {
                    for (ActivationSetting& activation : setting.activations)
                        activation.bits = bits;
                    if (setting.weights && algorithm == std::string("snq")) {
                        setting.weights->algorithm = algorithm;
                        setting.weights->bits = 4;
                    }
                }
                const auto ptq = quantize(m_model, configuration, m_data);
                QS_ASSERT_OK(ptq);
                const auto comparison = compareIntegers(test::engine(), *ptq->quantized, m_data, 8, {});
                QS_ASSERT_OK(comparison);
                EXPECT_EQ(comparison->samples, 8);
                for (const IntegerLayer& layer : comparison->layers) {
                    EXPECT_GT(layer.local.values, 0) << layer.layer;
                    // One layer on the same inputs: only the order of float sums differs.
                    EXPECT_GE(layer.local.share(), 0.999) << layer.layer << ", " << bits << " bits, " << algorithm;
                    // Beyond 8 bits a step comes near to the rounding of float sums (1e-6 of the range): a code may tip where the exact value lies
                    // between two, and reaches every output that reads it.
                    EXPECT_GE(layer.cumulative.share(), bits == 8 ? 0.999 : 0.97) << layer.layer << ", " << bits << " bits, " << algorithm;
                    EXPECT_LE(layer.cumulative.largest, bits == 8 ? 2 : 4) << layer.layer << ", " << bits << " bits, " << algorithm;
                    EXPECT_EQ(layer.overflows, 0) << layer.layer;
                }
            }
}

TEST_F(IntegerTest, OneSampleShowsWhatTheComparisonCounts)
{
    Configuration configuration = m_configuration;
    const auto ptq = quantize(m_model, configuration, m_data);
    QS_ASSERT_OK(ptq);
    for (const char* layer : {"conv1", "sum", "pool", "fc", "prob"}) {
        const auto sample = integerSample(test::engine(), *ptq->quantized, m_data, 3, layer, {});
        QS_ASSERT_OK(sample);
        const auto pair = compareSample(test::engine(), *ptq->prepared, *ptq->quantized, m_data, 3, layer, {});
        QS_ASSERT_OK(pair);
        const IntegerSample& s = **sample;
        ASSERT_EQ(s.output.shape(), (*pair)->quantizedOutput.shape()) << layer;
        EXPECT_GT(s.step, 0);
        EXPECT_EQ(s.agreement.values, s.output.count());
        EXPECT_GE(s.agreement.share(), 0.99) << layer;
        double largest = 0;
        for (size_t i = 0; i < s.output.floats().size(); ++i) {
            const double difference = static_cast<double>(s.output.floats()[i]) - static_cast<double>((*pair)->quantizedOutput.floats()[i]);
            EXPECT_NEAR(static_cast<double>(s.steps.floats()[i]), difference / s.step, 1e-2) << layer;
            largest = std::max(largest, std::fabs(difference) / s.step);
        }
        EXPECT_NEAR(s.agreement.largest, largest, 1e-2) << layer;
        EXPECT_TRUE(s.overflows.empty());
    }
    EXPECT_EQ(integerSample(test::engine(), *ptq->quantized, m_data, 8, "conv1", {}).error().code, ErrorCode::OutOfRange);
    EXPECT_EQ(integerSample(test::engine(), *ptq->quantized, m_data, 0, "nothing", {}).error().code, ErrorCode::UnknownLayer);
}

TEST(IntegerLayers, AreTheSumsOfTheirDefinition)
{
    // One layer of each kind against loops over the definition, with zero points, padding, strides, groups and dilation.
    struct Case {
        const char* type;
        const char* parameters;
        Shape weight;
        int64_t outputs, group, kernel, stride, pad, dilation;
    };
    const Case cases[] = {
        {"Convolution", "num_output: 4 kernel_size: 3 stride: 2 pad: 1 group: 2 dilation: 2", {4, 2, 3, 3}, 4, 2, 3, 2, 1, 2},
        {"DepthwiseConv", "num_output: 4 kernel_size: 3 pad: 1", {4, 1, 3, 3}, 4, 4, 3, 1, 1, 1},
        {"Deconvolution", "num_output: 6 kernel_size: 4 stride: 2 pad: 1 group: 2", {4, 3, 4, 4}, 6, 2, 4, 2, 1, 1},
    };
    constexpr int64_t channels = 4, height = 7, width = 6;
    constexpr int32_t offset = -37;
    for (const Case& c : cases) {
        test::TemporaryFolder folder;
        const bool transposed = c.type == std::string("Deconvolution");
        const std::string text =
            std::string("layer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { dim: 1 dim: 4 dim: 7 dim: 6 } } }\n") +
            "layer { name: \"q\" type: \"Quant\" bottom: \"data\" top: \"q\" quant_param { with_offset: true scale: 0.02 offset: -37 } }\n" +
            "layer { name: \"x\" type: \"" + c.type + "\" bottom: \"q\" top: \"x\" convolution_param { " + c.parameters + " } }\n";
        test::writeNetwork(folder.path(), text, {});
        quantscope_caffe::NetParameter net;
        auto* layer = net.add_layer();
        layer->set_name("x");
        auto* weight = layer->add_blobs();
        for (const int64_t dimension : c.weight)
            weight->mutable_shape()->add_dim(dimension);
        std::mt19937 random(3);
        std::vector<int8_t> codes(static_cast<size_t>(elementCount(c.weight)));
        for (int8_t& code : codes)
            code = static_cast<int8_t>(static_cast<int>(random() % 256) - 128);
        weight->set_int8_data(codes.data(), codes.size());
        auto* bias = layer->add_blobs();
        bias->mutable_shape()->add_dim(c.outputs);
        for (int64_t i = 0; i < c.outputs; ++i)
            bias->add_int32_data(static_cast<int32_t>(i * 1000003 - 2000000));
        std::ofstream(folder.path() / "net.caffemodel", std::ios::binary) << net.SerializeAsString();
        const auto model = test::openNetwork(folder.path());
        QS_ASSERT_OK(model);
        LayerRunner runner(test::engine(), *model);
        const Buffer sample = Buffer::fromFloats({1, channels, height, width}, test::randomValues(channels * height * width, 5));
        Forward forward;
        forward.inputs = *inputTensors(**model, sample, "sample", runner.pool());
        const auto outputs = Evaluator(runner).run(forward, {});
        QS_ASSERT_OK(outputs);
        const Tensor& result = outputs->front();
        ASSERT_EQ(result.element(), Element::Int32);
        const Shape& shape = result.shape();
        const auto at = [&](int64_t channel, int64_t y, int64_t x) -> int64_t {
            if (y < 0 || x < 0 || y >= height || x >= width)
                return 0;
            const float value = sample.floats()[static_cast<size_t>((channel * height + y) * width + x)];
            const auto q = std::clamp<int64_t>(static_cast<int64_t>(std::nearbyint(value / 0.02F)) + offset, -128, 127);
            return q - offset;
        };
        const int64_t perGroupIn = channels / c.group;
        const int64_t perGroupOut = c.outputs / c.group;
        for (int64_t o = 0; o < c.outputs; ++o)
            for (int64_t y = 0; y < shape[2]; ++y)
                for (int64_t x = 0; x < shape[3]; ++x) {
                    int64_t sum = o * 1000003 - 2000000;
                    for (int64_t i = 0; i < perGroupIn; ++i)
                        for (int64_t ky = 0; ky < c.kernel; ++ky)
                            for (int64_t kx = 0; kx < c.kernel; ++kx) {
                                const int64_t channel = o / perGroupOut * perGroupIn + i;
                                if (transposed) {
                                    const int64_t sy = y + c.pad - ky * c.dilation;
                                    const int64_t sx = x + c.pad - kx * c.dilation;
                                    if (sy % c.stride == 0 && sx % c.stride == 0 && sy >= 0 && sx >= 0)
                                        sum +=
                                            at(channel, sy / c.stride, sx / c.stride) *
                                            codes[static_cast<size_t>(((channel * perGroupOut + o % perGroupOut) * c.kernel + ky) * c.kernel + kx)];
                                } else {
                                    sum += at(channel, y * c.stride - c.pad + ky * c.dilation, x * c.stride - c.pad + kx * c.dilation) *
                                           codes[static_cast<size_t>(((o * perGroupIn + i) * c.kernel + ky) * c.kernel + kx)];
                                }
                            }
                    ASSERT_EQ(result.integers()[static_cast<size_t>((o * shape[2] + y) * shape[3] + x)], sum)
                        << c.type << " " << o << " " << y << " " << x;
                }
        EXPECT_EQ(runner.overflows((*model)->findLayer("x")), 0);
    }
}

TEST(IntegerLayers, OverflowOfTheAccumulatorIsCounted)
{
    // 600 products of 127 * 65535: above 2^31. The first output overflows, the third (weight -127) below; the second (weight 1) does not.
    test::TemporaryFolder folder;
    test::writeNetwork(
        folder.path(),
        "layer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { dim: 1 dim: 600 } } }\n"
        "layer { name: \"q\" type: \"Quant\" bottom: \"data\" top: \"q\" quant_param { with_offset: true scale: 1 offset: -32768 num_bits_d: 16 } }\n"
        "layer { name: \"fc\" type: \"InnerProduct\" bottom: \"q\" top: \"fc\" inner_product_param { num_output: 3 bias_term: false } }\n"
        "layer { name: \"d\" type: \"DeQuant\" bottom: \"fc\" top: \"d\" }\n",
        {});
    quantscope_caffe::NetParameter net;
    auto* layer = net.add_layer();
    layer->set_name("fc");
    auto* weight = layer->add_blobs();
    weight->mutable_shape()->add_dim(3);
    weight->mutable_shape()->add_dim(600);
    weight->set_int8_data(std::string(600, 127) + std::string(600, 1) + std::string(600, static_cast<char>(-127)));
    auto* dequant = net.add_layer();
    dequant->set_name("d");
    dequant->add_blobs()->add_uint64_data(std::bit_cast<uint32_t>(1.0F));
    std::ofstream(folder.path() / "net.caffemodel", std::ios::binary) << net.SerializeAsString();
    const auto model = test::openNetwork(folder.path());
    QS_ASSERT_OK(model);
    LayerRunner runner(test::engine(), *model);
    Forward forward;
    forward.inputs = *inputTensors(**model, Buffer::fromFloats({1, 600}, std::vector<float>(600, 70000.0F)), "sample", runner.pool());
    const auto outputs = Evaluator(runner).run(forward, {});
    QS_ASSERT_OK(outputs);
    EXPECT_EQ(runner.overflows((*model)->findLayer("fc")), 2);
    EXPECT_EQ(outputs->front().values()[1], 600.0F * 65535);
}

TEST_F(IntegerTest, UpdateBnMovesTheStatisticsTowardsTheData)
{
    Configuration configuration = m_configuration;
    configuration.updateBn = true;
    configuration.bnUpdate = BnUpdateSetting{.movingAverageFraction = 0.25, .iterations = 2, .dumpDir = "bn"};
    const auto prepared = prepareNetwork(m_model, configuration);
    QS_ASSERT_OK(prepared);
    const auto statistics = updateBatchNorm(test::engine(), **prepared, m_data, {});
    QS_ASSERT_OK(statistics);
    ASSERT_EQ(statistics->size(), 1U);
    // The same from conv1's own output with quantized weights.
    LayerFactors factors;
    const Layer& conv = m_model->layer(m_model->findLayer("conv1"));
    QS_ASSERT_OK(solveWeights(conv, *configuration.layers.at("conv1").weights, {}, factors));
    ById<LayerId, LayerQuantization> quantization(m_model->layers().size());
    quantization[m_model->findLayer("conv1")].weights = fakeQuantizedWeightsOnly(conv, factors);
    const Layer& bn = m_model->layer(m_model->findLayer("bn1"));
    std::vector<double> mean(bn.weights[0]->floats().begin(), bn.weights[0]->floats().end());
    std::vector<double> variance(bn.weights[1]->floats().begin(), bn.weights[1]->floats().end());
    LayerRunner runner(test::engine(), m_model);
    for (int sample = 0; sample < 2; ++sample) {
        Forward forward;
        forward.inputs = *inputTensors(*m_model, *m_data.sample(sample), "sample", runner.pool());
        forward.quantization = &quantization;
        forward.tapped.assign(m_model->values().size(), 0);
        forward.tapped[conv.outputs.front()] = 1;
        forward.tap = [&](ValueId, const Tensor& tensor) -> Result<void> {
            const Buffer values = bufferFrom(tensor);
            for (size_t c = 0; c < 8; ++c) {
                const auto channel = values.floats().subspan(c * 64, 64);
                double sum = 0, squares = 0;
                for (const float value : channel)
                    sum += static_cast<double>(value);
                for (const float value : channel)
                    squares += (static_cast<double>(value) - sum / 64) * (static_cast<double>(value) - sum / 64);
                mean[c] = 0.75 * sum / 64 + 0.25 * mean[c];
                variance[c] = 0.75 * squares / 63 + 0.25 * variance[c];
            }
            return {};
        };
        QS_ASSERT_OK(Evaluator(runner).run(forward, {}));
    }
    for (size_t c = 0; c < 8; ++c) {
        EXPECT_NEAR(static_cast<double>(statistics->at("bn1").mean[c]), mean[c], 1e-5);
        EXPECT_NEAR(static_cast<double>(statistics->at("bn1").variance[c]), variance[c], 1e-4);
    }
    // They reach the folded weights of the quantized network, and the float one keeps its own.
    const auto ptq = quantize(m_model, configuration, m_data);
    QS_ASSERT_OK(ptq);
    const LayerId host = ptq->prepared->network->findLayer("conv1");
    EXPECT_NE(ptq->quantized->network->layer(host).weights[0]->floats()[0], ptq->prepared->network->layer(host).weights[0]->floats()[0]);
    EXPECT_EQ(ptq->quantized->record.statistics, *statistics);
    // A record file does not hold them: with the original statistics its scale_w would belong to other weights.
    QuantRecord fromFile = ptq->quantized->record;
    fromFile.statistics.clear();
    const auto without = quantizeNetwork(*ptq->prepared, fromFile);
    ASSERT_FALSE(without.ok());
    EXPECT_EQ(without.error().code, ErrorCode::MissingValue);
}

TEST_F(IntegerTest, LeftoverBatchNormIsAccelerated)
{
    Configuration configuration = m_configuration;
    configuration.doFusion = false;
    const auto plain = prepareNetwork(m_model, configuration);
    QS_ASSERT_OK(plain);
    configuration.layers.at("bn1").quantEnable = true;
    const auto ptq = quantize(m_model, configuration, m_data);
    QS_ASSERT_OK(ptq);
    const LayerId id = ptq->prepared->network->findLayer("bn1");
    ASSERT_NE(id, noId);
    EXPECT_EQ(ptq->prepared->network->layer(id).op, "DepthwiseConv");
    EXPECT_EQ(ptq->prepared->network->findLayer("scale1"), noId);
    const auto& effective = ptq->quantized->effective;
    EXPECT_EQ(effective[m_model->findLayer("bn1")].weightBits, 8);
    EXPECT_EQ(effective[m_model->findLayer("scale1")].reasonLayer, "bn1");
    // In float nothing has changed but the order of a product and a sum.
    const auto outputs = [&](const std::shared_ptr<const Model>& model) {
        LayerRunner runner(test::engine(), model);
        Forward forward;
        forward.inputs = *inputTensors(*model, *m_data.sample(0), "sample", runner.pool());
        return bufferFrom(Evaluator(runner).run(forward, {})->front());
    };
    const Buffer before = outputs(m_model);
    const Buffer after = outputs(ptq->prepared->network);
    for (size_t i = 0; i < 6; ++i)
        EXPECT_NEAR(before.floats()[i], after.floats()[i], 1e-5F);
    const auto comparison = compareIntegers(test::engine(), *ptq->quantized, m_data, 4, {});
    QS_ASSERT_OK(comparison);
    for (const IntegerLayer& layer : comparison->layers)
        EXPECT_GE(layer.local.share(), 0.999) << layer.layer;
}

TEST(IntegerLayers, FaultsAreNamed)
{
    const std::string head = "layer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { dim: 1 dim: 4 } } }\n";
    const std::string quant = "layer { name: \"q\" type: \"Quant\" bottom: \"data\" top: \"q\" quant_param { scale: 1 } }\n";
    const auto open = [&](const std::string& text, const quantscope_caffe::NetParameter& net) {
        test::TemporaryFolder folder;
        test::writeNetwork(folder.path(), text, {});
        std::ofstream(folder.path() / "net.caffemodel", std::ios::binary) << net.SerializeAsString();
        return test::openNetwork(folder.path());
    };
    const auto weights = [](size_t bytes, int levels) {
        quantscope_caffe::NetParameter net;
        auto* layer = net.add_layer();
        layer->set_name("fc");
        auto* blob = layer->add_blobs();
        blob->mutable_shape()->add_dim(2);
        blob->mutable_shape()->add_dim(4);
        blob->set_int8_data(std::string(bytes, 1));
        for (int i = 0; i < levels; ++i)
            blob->add_int32_data(i);
        return net;
    };
    const auto fc = [](const std::string& bottom) {
        return "layer { name: \"fc\" type: \"InnerProduct\" bottom: \"" + bottom +
               "\" top: \"fc\" inner_product_param { num_output: 2 bias_term: false } }\n";
    };
    // Too few bytes, a code book of 15 levels, indices of another count.
    for (const auto& [bytes, levels] : {std::pair<size_t, int>{7, 0}, {4, 15}, {3, 16}}) {
        const auto model = open(head + quant + fc("q"), weights(bytes, levels));
        ASSERT_FALSE(model.ok());
        EXPECT_EQ(model.error().code, ErrorCode::WeightsMismatch);
        EXPECT_NE(errorText(model.error()).find("fc"), std::string::npos);
    }
    // Kinds exchanged: a weight of int32, a bias of int8.
    quantscope_caffe::NetParameter exchanged;
    auto* layer = exchanged.add_layer();
    layer->set_name("fc");
    for (const bool asWeight : {true, false}) {
        layer->clear_blobs();
        auto* weight = layer->add_blobs();
        weight->mutable_shape()->add_dim(2);
        weight->mutable_shape()->add_dim(4);
        auto* bias = layer->add_blobs();
        bias->mutable_shape()->add_dim(2);
        if (asWeight) {
            for (int i = 0; i < 8; ++i)
                weight->add_int32_data(i);
            bias->add_int32_data(0);
            bias->add_int32_data(0);
        } else {
            weight->set_int8_data(std::string(8, 1));
            bias->set_int8_data(std::string(2, 1));
        }
        const std::string biased = "layer { name: \"fc\" type: \"InnerProduct\" bottom: \"q\" top: \"fc\" inner_product_param { num_output: 2 } }\n";
        const auto model = open(head + quant + biased, exchanged);
        ASSERT_FALSE(model.ok());
        EXPECT_EQ(model.error().code, ErrorCode::WeightsMismatch);
    }
    // Widths and zero points that no integer has.
    for (const char* faulty :
         {"scale: 1 num_bits_d: 40", "scale: 1 num_bits_d: 0", "with_offset: true scale: 1 offset: 300", "scale: 0", "scale: nan"}) {
        const auto model = open(head + "layer { name: \"q\" type: \"Quant\" bottom: \"data\" top: \"q\" quant_param { " + faulty + " } }\n", {});
        EXPECT_FALSE(model.ok()) << faulty;
    }
    // SNQ's form: indices 1, levels 0 to 15.
    const auto snq = open(head + quant + fc("q"), weights(4, 16));
    QS_ASSERT_OK(snq);
    EXPECT_EQ((*snq)->layer((*snq)->findLayer("fc")).weights[0]->as<int8_t>()[0], 1);
    EXPECT_EQ((*snq)->layer((*snq)->findLayer("fc")).weights[0]->as<int8_t>()[1], 0);
    // Integers without a Quant in front have no zero point.
    const auto bare = open(head + fc("data"), weights(8, 0));
    QS_ASSERT_OK(bare);
    EXPECT_NE((*bare)->layer((*bare)->findLayer("fc")).notRunnable.find("Quant"), std::string::npos);
    // Quantized already: nothing to configure, and a configuration from elsewhere is refused.
    EXPECT_TRUE(createQuantConfig(**snq).layers.empty());
    Configuration configuration;
    configuration.layers["fc"] = LayerSetting{};
    EXPECT_EQ(prepareNetwork(*snq, configuration).error().code, ErrorCode::AlreadyQuantized);
}

TEST(RecurrentWeights, EveryMatrixIsQuantizedWithAScaleOfItsOwn)
{
    for (const char* type : {"LSTM", "RNN", "GRU"}) {
        SCOPED_TRACE(type);
        test::TemporaryFolder folder;
        const int64_t gates = type == std::string("LSTM") ? 4 : type == std::string("GRU") ? 3 : 1;
        constexpr int64_t inputs = 5, hidden = 6;
        std::string text =
            "layer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { dim: 1 dim: 1 dim: 5 } } }\n"
            "layer { name: \"cont\" type: \"Parameter\" top: \"cont\" parameter_param { shape { dim: 1 dim: 1 } } }\n";
        text += std::string("layer { name: \"r\" type: \"") + type +
                "\" bottom: \"data\" bottom: \"cont\" top: \"r\" recurrent_param { num_output: 6 } }\n";
        std::vector<test::Blob> blobs{test::randomBlob({gates * hidden, inputs}, 1, 0.3F), test::randomBlob({gates * hidden}, 2, 0.1F),
                                      test::randomBlob({gates * hidden, hidden}, 3, 0.3F)};
        if (type == std::string("RNN")) {
            blobs.push_back(test::randomBlob({hidden, hidden}, 4, 0.3F));
            blobs.push_back(test::randomBlob({hidden}, 5, 0.1F));
        }
        test::writeNetwork(folder.path(), text, {{"r", blobs}, {"cont", {test::Blob{{1, 1}, {0}}}}});
        const auto model = test::openNetwork(folder.path());
        QS_ASSERT_OK(model);
        const test::RandomData data({1, 1, inputs});
        const auto ptq = quantize(*model, createQuantConfig(**model, 2), data);
        QS_ASSERT_OK(ptq);
        const Layer& layer = (*model)->layer((*model)->findLayer("r"));
        const LayerId id = ptq->prepared->network->findLayer("r");
        const auto& weights = ptq->quantized->layers[id].weights;
        const auto& scales = ptq->quantized->record.layers.at("r").weightScales;
        const std::vector<size_t> matrices = quantizedWeights(layer);
        ASSERT_EQ(matrices.size(), type == std::string("RNN") ? 3U : 2U);
        ASSERT_EQ(scales.size(), matrices.size());
        for (size_t n = 0; n < matrices.size(); ++n)
            for (size_t i = 0; i < weights[matrices[n]]->floats().size(); ++i) {
                const float code = weights[matrices[n]]->floats()[i] / scales[n];
                EXPECT_NEAR(code, std::nearbyint(code), 1e-3F);
                EXPECT_NEAR(weights[matrices[n]]->floats()[i], layer.weights[matrices[n]]->floats()[i], scales[n] / 2 * 1.001F);
            }
        // Biases stay: two products with scales of their own are added to them.
        EXPECT_EQ(weights[1], layer.weights[1]);
        const auto comparison = compareIntegers(test::engine(), *ptq->quantized, data, 2, {});
        QS_ASSERT_OK(comparison);
        EXPECT_EQ(comparison->layers.back().cumulative.share(), 1);
    }
}

}  // namespace qs

// The .cfg: the manual's own sample, precedence, and what is refused with which words.
#include "core/targets/amct/config_json.h"
#include "core/targets/amct/parameters.h"
#include "core/targets/amct/simple_config.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <set>

namespace qs {

namespace {

// Typed from the manual's quant.cfg for non-uniform quantization (its ResNet-50's layer names: conv1, pool1, fc1000).
constexpr const char* manualSample = R"(# global quantize parameter
skip_layers : "pool1"
skip_layer_types:"Softmax"
do_fusion: true
skip_fusion_layers : "conv1"
update_bn: true
bn_update_config : {
    bn_update_iterations : 30
    bn_moving_average_fraction: 0.5
    bn_dump_dir: 'tmp/bn_data'
}
common_config : {
    ifmr_quantize : {
        search_range_start : 0.7
        search_range_end : 1.3
        search_step : 0.01
        max_percentile : 0.999999
        min_percentile : 0.999999
        num_bits:8
    }
    snq_quantize : {
        channel_wise : true
        max_iteration : 1000
        min_distance : 1e-10
        init_algo : 'gaussian'
    }
}
override_layer_types : {
    layer_type : "InnerProduct"
    calibration_config : {
        ifmr_quantize : {
            search_range_start : 0.7
            search_range_end : 1.3
            search_step : 0.01
            max_percentile : 0.999999
            min_percentile : 0.999999
            num_bits:8
        }
        arq_quantize : {
            channel_wise : false
            num_bits:8
        }
    }
}
override_layer_configs : {
    layer_name : "conv1"
    calibration_config : {
        arq_quantize : {
            channel_wise : true
            num_bits:8
        }
        ifmr_quantize : {
            search_range_start : 0.8
            search_range_end : 1.2
            search_step : 0.02
            max_percentile : 0.999999
            min_percentile : 0.999999
            num_bits:8
        }
    }
}
)";

constexpr const char* manualNetwork = R"(name: "like ResNet-50"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "bn_conv1" type: "BatchNorm" bottom: "conv1" top: "conv1" batch_norm_param { use_global_stats: true } }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "res2a_branch1" type: "Convolution" bottom: "pool1" top: "res2a_branch1" convolution_param { num_output: 4 kernel_size: 1 } }
layer { name: "fc1000" type: "InnerProduct" bottom: "res2a_branch1" top: "fc1000" inner_product_param { num_output: 10 } }
layer { name: "prob" type: "Softmax" bottom: "fc1000" top: "prob" }
)";

class SimpleConfigTest : public testing::Test {
protected:
    void SetUp() override
    {
        test::writeNetwork(m_folder.path(), manualNetwork,
                           {{"conv1", {test::randomBlob({4, 3, 3, 3}, 1), test::randomBlob({4}, 2)}},
                            {"bn_conv1", {test::randomBlob({4}, 3), test::Blob{{4}, {1, 1, 1, 1}}, test::Blob{{1}, {1}}}},
                            {"res2a_branch1", {test::randomBlob({4, 4, 1, 1}, 4), test::randomBlob({4}, 5)}},
                            {"fc1000", {test::randomBlob({10, 36}, 6), test::randomBlob({10}, 7)}}});
        const auto model = test::openNetwork(m_folder.path());
        QS_ASSERT_OK(model);
        m_model = *model;
    }
    Result<SimpleConfig> read(const std::string& text) { return configurationFromCfg(*m_model, text, "quant.cfg"); }
    void expectError(const std::string& text, ErrorCode code, std::initializer_list<const char*> words)
    {
        const auto result = read(text);
        ASSERT_FALSE(result.ok()) << text;
        EXPECT_EQ(result.error().code, code) << errorText(result.error());
        for (const char* word : words)
            EXPECT_NE(errorText(result.error()).find(word), std::string::npos) << word << " in " << errorText(result.error());
    }
    test::TemporaryFolder m_folder;
    std::shared_ptr<const Model> m_model;
};

}  // namespace

TEST_F(SimpleConfigTest, TheManualsSample)
{
    const auto made = read(manualSample);
    QS_ASSERT_OK(made);
    const Configuration& configuration = made->configuration;
    EXPECT_EQ(configuration.batchNum, 1);
    EXPECT_TRUE(configuration.doFusion);
    EXPECT_EQ(configuration.skipFusionLayers, std::vector<std::string>{"conv1"});
    EXPECT_EQ(configuration.updateBn, true);
    EXPECT_EQ(configuration.bnUpdate, (BnUpdateSetting{0.5, 30, "tmp/bn_data"}));
    EXPECT_FALSE(configuration.layers.at("pool1").quantEnable);
    EXPECT_FALSE(configuration.layers.at("prob").quantEnable);
    EXPECT_EQ(made->skipped.at("pool1"), "skip_layers");
    EXPECT_EQ(made->skipped.at("prob"), "skip_layer_types: Softmax");
    // Layer over type over common.
    const LayerSetting& common = configuration.layers.at("res2a_branch1");
    EXPECT_EQ(common.weights, (WeightSetting{"snq", true, 4, 1000, 1e-10, "gaussian"}));
    EXPECT_EQ(common.activations.front(), ActivationSetting{});
    EXPECT_EQ(configuration.layers.at("fc1000").weights, (WeightSetting{"arq", false, 8, {}, {}, {}}));
    const LayerSetting& layer = configuration.layers.at("conv1");
    EXPECT_EQ(layer.weights, (WeightSetting{"arq", true, 8, {}, {}, {}}));
    EXPECT_EQ(layer.activations.front().searchStart, 0.8);
    EXPECT_EQ(layer.activations.front().searchEnd, 1.2);
    EXPECT_EQ(layer.activations.front().searchStep, 0.02);
    // The whole of it is a config.json that reads back.
    const std::string json = configurationToJson(*m_model, configuration);
    const auto again = configurationFromJson(*m_model, json, "config.json");
    QS_ASSERT_OK(again);
    EXPECT_EQ(*again, configuration);
}

TEST_F(SimpleConfigTest, AnEmptyFileIsTheDefault)
{
    const auto made = read("");
    QS_ASSERT_OK(made);
    EXPECT_EQ(made->configuration, createQuantConfig(*m_model));
    const auto globals = read("batch_num: 4 activation_offset: false joint_quant: true do_fusion: false update_bn: false");
    QS_ASSERT_OK(globals);
    EXPECT_EQ(globals->configuration.batchNum, 4);
    EXPECT_FALSE(globals->configuration.activationOffset);
    EXPECT_EQ(globals->configuration.jointQuant, true);
    EXPECT_FALSE(globals->configuration.doFusion);
    EXPECT_EQ(globals->configuration.updateBn, false);
}

TEST_F(SimpleConfigTest, EachAlgorithmIsOverriddenByItself)
{
    const auto made = read(R"(
common_config { ifmr_quantize { num_bits: 12 } snq_quantize { channel_wise: false } }
override_layer_types { layer_type: "Convolution" calibration_config { ifmr_quantize { max_percentile: 0.9 } } }
override_layer_configs { layer_name: "conv1" calibration_config { arq_quantize { } } })");
    QS_ASSERT_OK(made);
    const auto& layers = made->configuration.layers;
    // conv1: data from the type (whose message replaces the common one whole), weights from the layer.
    EXPECT_EQ(layers.at("conv1").activations.front().bits, 8);
    EXPECT_EQ(layers.at("conv1").activations.front().maxPercentile, 0.9);
    EXPECT_EQ(layers.at("conv1").weights->algorithm, "arq");
    EXPECT_TRUE(layers.at("conv1").weights->channelWise);
    EXPECT_EQ(layers.at("res2a_branch1").weights->algorithm, "snq");
    EXPECT_EQ(layers.at("pool1").activations.front().bits, 12);
    EXPECT_FALSE(layers.at("pool1").weights.has_value());
    EXPECT_FALSE(layers.at("fc1000").weights->channelWise);
}

TEST_F(SimpleConfigTest, FaultsNameFileLineKeyAndReason)
{
    expectError("batch_num: 1\n\nbatch_num_: 2", ErrorCode::ParseFailed, {"quant.cfg:3", "batch_num_", "did you mean 'batch_num'"});
    expectError("batch_num: 0", ErrorCode::OutOfRange, {"quant.cfg:1", "batch_num", "0 is not in [1, 2147483647]"});
    expectError("batch_num: 4000000000", ErrorCode::OutOfRange, {"batch_num", "4000000000"});
    expectError("batch_num: -1", ErrorCode::ParseFailed, {"quant.cfg:1"});
    expectError("batch_num: 1\nbatch_num: 2", ErrorCode::ParseFailed, {"quant.cfg:2"});
    expectError("\nskip_layers: \"conv2\"", ErrorCode::UnknownLayer, {"quant.cfg:2", "skip_layers", "conv2", "did you mean 'conv1'"});
    expectError("skip_layers: \"conv1\"\nskip_layers: \"conv9999\"", ErrorCode::UnknownLayer, {"quant.cfg:2", "conv9999"});
    expectError("skip_layer_types: \"Convolutoin\"", ErrorCode::UnknownKey, {"quant.cfg:1", "Convolutoin", "did you mean 'Convolution'"});
    expectError("skip_fusion_layers: \"nothing\"", ErrorCode::UnknownLayer, {"quant.cfg:1", "skip_fusion_layers"});
    expectError("bn_update_config {\n bn_update_iterations: 1000 }", ErrorCode::OutOfRange, {"quant.cfg:2", "bn_update_iterations", "(0, 1000)"});
    expectError("bn_update_config {\n bn_moving_average_fraction: 1 }", ErrorCode::OutOfRange, {"quant.cfg:2", "(0, 1)"});
    const auto inCommon = [](const std::string& text) { return "common_config {\n ifmr_quantize {\n" + text + "\n } }"; };
    expectError(inCommon("num_bits: 17"), ErrorCode::OutOfRange, {"quant.cfg:3", "common_config.ifmr_quantize.num_bits", "17", "[8, 16]"});
    expectError(inCommon("max_percentile: 0.5"), ErrorCode::OutOfRange, {"quant.cfg:3", "max_percentile", "(0.5, 1]"});
    expectError(inCommon("min_percentile: 1.5"), ErrorCode::OutOfRange, {"quant.cfg:3", "min_percentile"});
    expectError(inCommon("search_range_start: 2"), ErrorCode::OutOfRange, {"quant.cfg:3", "search_range_start", "[2, 1.3]"});
    expectError(inCommon("search_range_end: 0.1"), ErrorCode::OutOfRange, {"quant.cfg:3", "search_range_end"});
    expectError(inCommon("search_step: 1"), ErrorCode::OutOfRange, {"quant.cfg:3", "search_step", "(0, 0.6"});
    expectError("common_config { snq_quantize {\n max_iteration: 499 } }", ErrorCode::OutOfRange, {"quant.cfg:2", "max_iteration", "[500, 2000]"});
    expectError("common_config { snq_quantize {\n min_distance: 1 } }", ErrorCode::OutOfRange, {"quant.cfg:2", "min_distance"});
    expectError("common_config { snq_quantize {\n init_algo: 'random' } }", ErrorCode::OutOfRange, {"quant.cfg:2", "random", "{uniform, gaussian"});
    expectError("common_config { arq_quantize {\n num_bits: 4 } }", ErrorCode::OutOfRange, {"quant.cfg:2", "num_bits", "{8} for arq_quantize"});
    expectError("common_config { arq_quantize { }\n snq_quantize { } }", ErrorCode::ParseFailed, {"quant.cfg:2", "arq_quantize"});
    // The manual: InnerProduct has no channels, true is an error.
    expectError("common_config {\n arq_quantize {\n channel_wise: true } }", ErrorCode::OutOfRange,
                {"quant.cfg:3", "layer 'fc1000'", "channel_wise", "{false}"});
    expectError("override_layer_configs {\n layer_name: \"conv7\" calibration_config { } }", ErrorCode::UnknownLayer, {"quant.cfg:2", "conv7"});
    expectError("override_layer_configs { calibration_config { } }", ErrorCode::MissingValue, {"quant.cfg:1", "layer_name"});
    expectError("override_layer_configs { layer_name: \"conv1\" }", ErrorCode::MissingValue, {"quant.cfg:1", "calibration_config", "conv1"});
    expectError("override_layer_configs {\n layer_name: \"data\" calibration_config { } }", ErrorCode::OutOfRange, {"quant.cfg:2", "data", "Input"});
    expectError("override_layer_configs { layer_name: \"pool1\" calibration_config {\n arq_quantize { } } }", ErrorCode::OutOfRange,
                {"quant.cfg:2", "pool1", "no weights"});
    expectError("override_layer_types {\n layer_type: \"Input\" calibration_config { } }", ErrorCode::OutOfRange, {"quant.cfg:2", "Input"});
    const std::string twice = "override_layer_configs { layer_name: \"conv1\" calibration_config { } }\n";
    expectError(twice + twice, ErrorCode::DuplicateKey, {"quant.cfg:2", "conv1"});
}

TEST_F(SimpleConfigTest, SaysWhatHasNoEffect)
{
    const auto made = read(
        "skip_layers: \"data\" skip_layer_types: \"LSTM\" "
        "override_layer_configs { layer_name: \"bn_conv1\" calibration_config { ifmr_quantize { num_bits: 9 } } }");
    QS_ASSERT_OK(made);
    EXPECT_EQ(made->notes.size(), 3U);
    EXPECT_FALSE(made->configuration.layers.at("bn_conv1").quantEnable);
}

TEST(Parameters, TheManuals26Tables)
{
    std::set<int> tables;
    for (const Parameter& parameter : parameters()) {
        EXPECT_TRUE(tables.insert(parameter.table).second) << parameter.key;
        EXPECT_NE(std::string(parameter.meaning), "") << parameter.key;
        EXPECT_EQ(findParameter(parameter.key), &parameter);
    }
    EXPECT_EQ(tables.size(), 26U);
    EXPECT_EQ(*tables.begin(), 1);
    EXPECT_EQ(*tables.rbegin(), 26);
    EXPECT_EQ(findParameter("nothing"), nullptr);
    EXPECT_TRUE(findParameter("activation_quant_params.max_percentile")->holds(1));
    EXPECT_FALSE(findParameter("activation_quant_params.max_percentile")->holds(0.5));
    EXPECT_FALSE(findParameter("activation_quant_params.max_percentile")->holds(std::nan("")));
}

TEST(Parameters, DefaultsAreTheSettings)
{
    const ActivationSetting activation;
    EXPECT_EQ(std::stod(findParameter("activation_quant_params.max_percentile")->standard), activation.maxPercentile);
    EXPECT_EQ(std::stod(findParameter("activation_quant_params.min_percentile")->standard), activation.minPercentile);
    EXPECT_EQ(std::stod(findParameter("activation_quant_params.search_step")->standard), activation.searchStep);
    EXPECT_EQ(std::stoi(findParameter("activation_quant_params.num_bits")->standard), activation.bits);
    EXPECT_EQ(std::stod(findParameter("bn_update_config.bn_moving_average_fraction")->standard), BnUpdateSetting{}.movingAverageFraction);
    EXPECT_EQ(std::stoi(findParameter("bn_update_config.bn_update_iterations")->standard), BnUpdateSetting{}.iterations);
    EXPECT_EQ(std::stoi(findParameter("batch_num")->standard), Configuration{}.batchNum);
    EXPECT_EQ(findParameter("weight_quant_params.wts_algo")->standard, "\"" + amctWords(WeightSetting{}.algorithm) + "\"");
}

}  // namespace qs

#include "core/analysis/prepared.h"
#include "core/quant/configuration.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

class ConfigurationTest : public testing::Test {
protected:
    void SetUp() override
    {
        m_model = test::mixedNetwork(m_folder.path());
        ASSERT_TRUE(m_model);
    }
    Result<Configuration> read(const std::string& json) { return configurationFromJson(*m_model, json, "config.json"); }
    Error errorOf(const std::string& json)
    {
        const auto result = read(json);
        EXPECT_FALSE(result.ok()) << json;
        return result.ok() ? Error{} : result.error();
    }
    test::TemporaryFolder m_folder;
    std::shared_ptr<const Model> m_model;
};

std::string layerJson(const std::string& content)
{
    return R"({"version": 1, "conv1": {)" + content + "}}";
}

}  // namespace

TEST_F(ConfigurationTest, DefaultFollowsTheTable)
{
    const Configuration configuration = createQuantConfig(*m_model, 3, false);
    EXPECT_EQ(configuration.batchNum, 3);
    EXPECT_FALSE(configuration.activationOffset);
    EXPECT_FALSE(configuration.layers.contains("data"));
    EXPECT_TRUE(configuration.layers.at("conv1").quantEnable);
    EXPECT_TRUE(configuration.layers.at("conv1").weights->channelWise);
    EXPECT_FALSE(configuration.layers.at("fc").weights->channelWise);
    EXPECT_FALSE(configuration.layers.at("relu1").quantEnable);
    EXPECT_FALSE(configuration.layers.at("bn1").quantEnable);
    EXPECT_TRUE(configuration.layers.at("pool").quantEnable);
    EXPECT_FALSE(configuration.layers.at("pool").weights.has_value());
}

TEST_F(ConfigurationTest, JsonRoundTripIsTheIdentity)
{
    Configuration configuration = createQuantConfig(*m_model, 2);
    configuration.skipFusionLayers = {"conv1"};
    configuration.updateBn = true;
    configuration.bnUpdate = BnUpdateSetting{0.25, 40, "somewhere"};
    configuration.jointQuant = false;
    LayerSetting& sum = configuration.layers.at("sum");
    sum.activations = {ActivationSetting{}, ActivationSetting{}};
    sum.activations[1].bits = 12;
    sum.activations[1].withOffset = false;
    sum.activationsAsList = true;
    configuration.layers.at("conv2").weights->algorithm = "snq_quantize";
    configuration.layers.at("conv2").weights->bits = 4;
    configuration.layers.at("conv2").weights->minDistance = 1e-10;
    const std::string json = configurationToJson(*m_model, configuration);
    const auto again = read(json);
    QS_ASSERT_OK(again);
    EXPECT_EQ(*again, configuration);
    EXPECT_EQ(configurationToJson(*m_model, *again), json);
    // Numbers are written as the manual writes them, whatever the locale.
    EXPECT_NE(json.find("0.999999"), std::string::npos);
    EXPECT_NE(json.find("1e-10"), std::string::npos);
}

TEST_F(ConfigurationTest, ClipsAreNotPartOfTheFile)
{
    Configuration configuration = createQuantConfig(*m_model);
    configuration.layers.at("conv1").activations[0].clip = {-1.0F, 2.0F};
    const auto again = read(configurationToJson(*m_model, configuration));
    QS_ASSERT_OK(again);
    EXPECT_FALSE(again->layers.at("conv1").activations[0].clip.has_value());
}

TEST_F(ConfigurationTest, TheManualsUniformSampleIsRead)
{
    const auto configuration = read(R"({
     "version":1, "batch_num":2, "activation_offset":true, "do_fusion":true, "skip_fusion_layers":[],
     "conv1":{ "quant_enable":true,
         "activation_quant_params":{ "num_bits":8, "max_percentile":0.999999, "min_percentile":0.999999, "search_range":[ 0.7, 1.3 ], "search_step":0.01 },
         "weight_quant_params":{ "wts_algo":"arq_quantize", "channel_wise":true, "num_bits":8 } },
     "conv2":{ "quant_enable":true,
         "activation_quant_params":[{ "num_bits":8, "max_percentile":0.999999, "min_percentile":0.999999, "search_range":[ 0.7, 1.3 ], "search_step":0.01 }],
         "weight_quant_params":{ "wts_algo":"snq_quantize", "channel_wise":true, "num_bits":4, "max_iteration":1000, "min_distance":1e-10, "init_algo":"gaussian" } } })");
    QS_ASSERT_OK(configuration);
    EXPECT_EQ(configuration->batchNum, 2);
    EXPECT_EQ(configuration->layers.size(), 2U);
    EXPECT_EQ(*configuration->layers.at("conv2").weights->maxIteration, 1000);
}

TEST_F(ConfigurationTest, EveryRangeIsChecked)
{
    const std::pair<const char*, const char*> bad[] = {
        {R"("activation_quant_params": {"num_bits": 7})", "num_bits"},
        {R"("activation_quant_params": {"num_bits": 17})", "num_bits"},
        {R"("activation_quant_params": {"max_percentile": 0.5})", "max_percentile"},
        {R"("activation_quant_params": {"max_percentile": 1.01})", "max_percentile"},
        {R"("activation_quant_params": {"min_percentile": 0})", "min_percentile"},
        {R"("activation_quant_params": {"search_range": [0, 1]})", "search_range"},
        {R"("activation_quant_params": {"search_range": [1.3, 0.7]})", "search_range"},
        {R"("activation_quant_params": {"search_step": 0})", "search_step"},
        {R"("activation_quant_params": {"search_step": 0.7})", "search_step"},
        {R"("activation_quant_params": {"search_step": 1e-9})", "search_step"},
        {R"("weight_quant_params": {"wts_algo": "magic"})", "wts_algo"},
        {R"("weight_quant_params": {"num_bits": 4})", "num_bits"},
        {R"("weight_quant_params": {"wts_algo": "snq_quantize", "num_bits": 8})", "num_bits"},
        {R"("weight_quant_params": {"wts_algo": "snq_quantize", "max_iteration": 499})", "max_iteration"},
        {R"("weight_quant_params": {"wts_algo": "snq_quantize", "min_distance": 0.01})", "min_distance"},
        {R"("weight_quant_params": {"wts_algo": "snq_quantize", "init_algo": "random"})", "init_algo"},
    };
    for (const auto& [content, key] : bad) {
        const Error error = errorOf(layerJson(content));
        EXPECT_EQ(error.code, ErrorCode::OutOfRange) << content;
        const std::string text = errorText(error);
        EXPECT_NE(text.find("config.json"), std::string::npos) << text;
        EXPECT_NE(text.find("conv1"), std::string::npos) << text;
        EXPECT_NE(text.find(key), std::string::npos) << text;
    }
    EXPECT_EQ(errorOf(R"({"batch_num": 0})").code, ErrorCode::OutOfRange);
    EXPECT_EQ(errorOf(R"({"version": 2})").code, ErrorCode::OutOfRange);
    EXPECT_EQ(errorOf(R"({"bn_update_config": {"bn_update_iterations": 1000}})").code, ErrorCode::OutOfRange);
    EXPECT_EQ(errorOf(R"({"fc": {"weight_quant_params": {"channel_wise": true}}})").code, ErrorCode::OutOfRange);
    EXPECT_EQ(errorOf(R"({"pool": {"weight_quant_params": {}}})").code, ErrorCode::OutOfRange);
}

TEST_F(ConfigurationTest, FaultsAreNamed)
{
    EXPECT_EQ(errorOf("{\n\n\"version\": }").code, ErrorCode::ParseFailed);
    EXPECT_EQ(errorOf("{\n\n\"version\": }").where, "config.json:3");
    EXPECT_EQ(errorOf(R"({"batch_mum": 2})").code, ErrorCode::UnknownKey);
    EXPECT_NE(errorOf(R"({"batch_mum": 2})").detail.find("batch_num"), std::string::npos);
    EXPECT_EQ(errorOf(R"({"conv9": {"quant_enable": true}})").code, ErrorCode::UnknownLayer);
    EXPECT_EQ(errorOf(layerJson(R"("quant_enabled": true)")).code, ErrorCode::UnknownKey);
    EXPECT_EQ(errorOf(R"({"conv1": {}, "conv1": {}})").code, ErrorCode::DuplicateKey);
    EXPECT_EQ(errorOf(layerJson(R"("quant_enable": true, "quant_enable": false)")).code, ErrorCode::DuplicateKey);
    EXPECT_EQ(errorOf(layerJson(R"("quant_enable": "yes")")).code, ErrorCode::WrongType);
    EXPECT_EQ(errorOf(R"({"batch_num": 1.5})").code, ErrorCode::WrongType);
    EXPECT_EQ(errorOf("[]").code, ErrorCode::WrongType);
    EXPECT_EQ(errorOf(R"({"skip_fusion_layers": ["nothing"]})").code, ErrorCode::UnknownLayer);
    EXPECT_EQ(errorOf(R"({"data": {}})").code, ErrorCode::UnknownLayer);
    EXPECT_EQ(errorOf(std::string(5000, '[')).code, ErrorCode::ParseFailed);
}

TEST_F(ConfigurationTest, FusionIsReported)
{
    const auto prepared = prepareNetwork(m_model, createQuantConfig(*m_model));
    QS_ASSERT_OK(prepared);
    const auto effectiveOf = [&](const char* name) { return (*prepared)->effective[static_cast<size_t>(m_model->findLayer(name))]; };
    EXPECT_EQ(reasonText(effectiveOf("bn1")), "fused into conv1");
    EXPECT_EQ(reasonText(effectiveOf("scale1")), "fused into conv1");
    EXPECT_TRUE(effectiveOf("conv1").quantized);
    EXPECT_EQ((*prepared)->network->findLayer("bn1"), noId);
    EXPECT_EQ((*prepared)->network->layers().size(), m_model->layers().size() - 2);
    // The host writes what the last folded layer wrote.
    const Layer& host = (*prepared)->network->layer((*prepared)->network->findLayer("conv1"));
    EXPECT_EQ((*prepared)->network->value(host.outputs[0]).name, "scale1");

    Configuration skipped = createQuantConfig(*m_model);
    skipped.skipFusionLayers = {"scale1"};
    const auto partly = prepareNetwork(m_model, skipped);
    QS_ASSERT_OK(partly);
    EXPECT_EQ((*partly)->network->findLayer("bn1"), noId);
    EXPECT_NE((*partly)->network->findLayer("scale1"), noId);
    skipped.doFusion = false;
    EXPECT_NE((*prepareNetwork(m_model, skipped))->network->findLayer("bn1"), noId);
}

TEST_F(ConfigurationTest, RequestedAndEffectiveDiffer)
{
    Configuration configuration = createQuantConfig(*m_model);
    configuration.layers.erase("pool");
    configuration.layers.at("left").quantEnable = false;
    const auto prepared = prepareNetwork(m_model, configuration);
    QS_ASSERT_OK(prepared);
    const auto reasonOf = [&](const char* name) { return (*prepared)->effective[static_cast<size_t>(m_model->findLayer(name))].reason; };
    EXPECT_EQ(reasonOf("pool"), Reason::NotConfigured);
    EXPECT_EQ(reasonOf("left"), Reason::None);
    EXPECT_EQ(reasonOf("data"), Reason::TypeNotQuantizable);
    EXPECT_TRUE((*prepared)->notes.empty());
    // The manual: the first and the last layer stay on ARQ.
    for (auto& [name, setting] : configuration.layers)
        if (setting.weights)
            *setting.weights = WeightSetting{"snq_quantize", setting.weights->channelWise, 4, {}, {}, {}};
    EXPECT_EQ((*prepareNetwork(m_model, configuration))->notes.size(), 2U);
}

}  // namespace qs

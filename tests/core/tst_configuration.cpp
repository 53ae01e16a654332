#include "core/base/json.h"
#include "core/ops/op.h"
#include "core/ops/weight_channels.h"
#include "core/prepare/why_float.h"
#include "core/quant/configuration.h"
#include "core/targets/amct/config_json.h"
#include "tests/support/networks.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

#include <random>
#include <set>

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
    configuration.layers.at("conv2").weights->algorithm = "snq";
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

TEST_F(ConfigurationTest, TheManualsNonUniformSampleIsMeantWithoutItsOuterBrace)
{
    // As it stands there, with this network's layer names: two braces open, one closes.
    const std::string sample = R"({
{
    "version":1,
    "batch_num":1,
    "activation_offset":true,
    "do_fusion":true,
    "skip_fusion_layers":[
        "conv1"
    ],
    "update_bn":true,
    "bn_update_config":{
        "bn_moving_average_fraction":0.5,
        "bn_update_iterations":30,
        "bn_dump_dir":"tmp/bn_data"
    },
    "conv2":{
        "quant_enable":true,
        "activation_quant_params":[
            {
                "num_bits":8,
                "max_percentile":0.999999,
                "min_percentile":0.999999,
                "search_range":[
                    0.7,
                    1.3
                ],
                "search_step":0.01
            }
        ],
        "weight_quant_params":{
            "wts_algo":"snq_quantize",
            "channel_wise":true,
            "num_bits":4,
            "max_iteration":1000,
            "min_distance":1e-10,
            "init_algo":"gaussian"
        }
    }
}
)";
    const auto configuration = read(sample);
    QS_ASSERT_OK(configuration);
    EXPECT_EQ(configuration->layers.size(), 1U);
    EXPECT_TRUE(configuration->layers.at("conv2").activationsAsList);
    EXPECT_EQ(configuration->bnUpdate, (BnUpdateSetting{0.5, 30, "tmp/bn_data"}));
    EXPECT_EQ(*read(sample + "}"), *configuration);
    EXPECT_EQ(*read(sample.substr(2)), *configuration);
    // Lines stay those of the file.
    std::string broken = sample;
    broken.replace(broken.find("\"update_bn\":true"), 16, "\"update_bn\":yes ");
    EXPECT_EQ(errorOf(broken).where, "config.json:10");
    EXPECT_EQ(errorOf("{ { { \"version\": 1 } } }").code, ErrorCode::ParseFailed);
    // joint_quant, from the sample of create_quant_config, is kept.
    EXPECT_EQ(read(R"({"joint_quant":false})")->jointQuant, false);
    EXPECT_NE(configurationToJson(*m_model, *read(R"({"joint_quant":true})")).find("\"joint_quant\": true"), std::string::npos);
}

TEST_F(ConfigurationTest, TwoHundredFaultyFiles)
{
    Configuration whole = createQuantConfig(*m_model, 2);
    whole.updateBn = true;
    whole.bnUpdate = BnUpdateSetting{};
    const std::string good = configurationToJson(*m_model, whole);
    const Json json = *parseJson(good, "good");
    std::mt19937 random(20240607);
    const auto pick = [&](size_t count) { return static_cast<size_t>(random() % count); };
    std::vector<std::string> layers;
    for (const auto& [name, setting] : whole.layers)
        layers.push_back(name);
    const std::pair<const char*, std::vector<Json>> wrong[] = {{"num_bits", {7, 17, -8, 0, 1000000}},
                                                               {"max_percentile", {0.5, 1.0001, -1, 0}},
                                                               {"min_percentile", {0.4999, 2}},
                                                               {"search_range", {Json{1.3, 0.7}, Json{0, 1}, Json{-1, 1}}},
                                                               {"search_step", {0, -0.01, 0.7, 1e-12}}};
    const std::vector<Json> types{nullptr, "text", Json::array({"a"}), Json::object({{"a", 1}})};
    int refused = 0;
    for (int i = 0; i < 200; ++i) {
        Json bad = json;
        const std::string layer = layers[pick(layers.size())];
        std::vector<std::string> words{"config.json"};
        std::string text;
        const int kind = i % 8;
        if (kind == 0) {  // wrong type
            const auto& [key, values] = wrong[pick(std::size(wrong))];
            bad[layer]["activation_quant_params"][key] = types[pick(types.size())];
            words = {"config.json", layer, key, "wrong type"};
        } else if (kind == 1) {  // out of range
            const auto& [key, values] = wrong[pick(std::size(wrong))];
            bad[layer]["activation_quant_params"][key] = values[pick(values.size())];
            words = {"config.json", layer, key, "is not in"};
        } else if (kind == 2) {  // unknown key
            const std::string key = "key" + std::to_string(random());
            bad[layer]["activation_quant_params"][key] = 1;
            words = {"config.json", layer, key, "not known"};
        } else if (kind == 3) {  // duplicate key
            text = jsonText(bad);
            text.insert(text.find("\"quant_enable\"", text.find("\"" + layer + "\"")), "\"quant_enable\": false, ");
            words = {"config.json", layer, "quant_enable", "twice"};
        } else if (kind == 4) {  // unknown layer
            const std::string name = "layer" + std::to_string(random());
            bad[name] = json[layer];
            words = {"config.json", name, "no such layer"};
        } else if (kind == 5) {  // truncated
            text = good.substr(0, 1 + pick(good.size() - 4));
            words = {"config.json:", "parse"};
        } else if (kind == 6) {  // garbage
            text = good;
            for (size_t at = pick(good.size()), left = 1 + pick(20); left > 0 && at < text.size(); ++at, --left)
                text[at] = static_cast<char>(128 + pick(128));
        } else {  // a key of the whole network
            const std::pair<const char*, Json> globals[] = {{"version", 2},           {"batch_num", 0},       {"batch_num", "1"},
                                                            {"activation_offset", 1}, {"do_fusion", "yes"},   {"skip_fusion_layers", "conv1"},
                                                            {"joint_quant", 0},       {"update_bn", nullptr}, {"bn_update_config", 3},
                                                            {"batch_nun", 1}};
            const auto& [key, value] = globals[pick(std::size(globals))];
            bad[key] = value;
            words = {"config.json", key};
        }
        if (text.empty())
            text = jsonText(bad);
        const auto result = read(text);
        ASSERT_FALSE(result.ok()) << i << "\n" << text;
        ++refused;
        for (const std::string& word : words)
            EXPECT_NE(errorText(result.error()).find(word), std::string::npos) << i << ": " << word << " in: " << errorText(result.error());
        EXPECT_FALSE(result.error().detail.empty()) << i;
    }
    EXPECT_EQ(refused, 200);
}

TEST(ConfigurationModels, GenerateChangeWriteReadIsTheIdentity)
{
    QS_SHARED_MODELS(models);
    std::mt19937 random(7);
    int networks = 0;
    // A folder's order is the file system's: the same seed asks the same of every network on each machine.
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(models))
        if (entry.path().extension() == ".prototxt" || entry.path().extension() == ".onnx")
            files.insert(entry.path());
    for (const std::filesystem::path& file : files) {
        const auto model = importModel({file, {}});
        if (!model.ok())
            continue;  // the importers' tests say which of them must open
        Configuration configuration = createQuantConfig(**model, 1 + static_cast<int>(random() % 64), random() % 2 == 0);
        ASSERT_EQ(*configurationFromJson(**model, configurationToJson(**model, configuration), "default"), configuration) << file;
        configuration.jointQuant = random() % 2 == 0;
        configuration.doFusion = random() % 2 == 0;
        configuration.updateBn = random() % 2 == 0;
        configuration.bnUpdate = BnUpdateSetting{0.125 + 1e-3 * static_cast<double>(random() % 100), 1 + static_cast<int>(random() % 998), "a/b"};
        configuration.skipFusionLayers = {(*model)->layers().front().name, (*model)->layers().back().name};
        for (auto layer = configuration.layers.begin(); layer != configuration.layers.end();) {
            auto& [name, setting] = *layer;
            if (random() % 8 == 0) {
                layer = configuration.layers.erase(layer);
                continue;
            }
            setting.quantEnable = random() % 2 == 0;
            const size_t ports = quantizableSites(**model, (*model)->findLayer(name)).size();
            setting.activationsAsList = random() % 2 == 0;
            setting.activations.resize(setting.activationsAsList ? ports : 1);
            for (ActivationSetting& activation : setting.activations) {
                activation.bits = 8 + static_cast<int>(random() % 9);
                activation.maxPercentile = 0.5 + 1e-9 * static_cast<double>(1 + random() % 500000000);
                activation.searchStart = 0.01 * static_cast<double>(1 + random() % 90);
                activation.searchStep = 1e-3;
                if (random() % 2 == 0)
                    activation.withOffset = random() % 2 == 0;
            }
            const bool uniformOnly = isRecurrent((*model)->layer((*model)->findLayer(name)).op);
            if (setting.weights && random() % 2 == 0 && !uniformOnly)
                setting.weights = WeightSetting{"snq", false, 4, 500 + static_cast<int>(random() % 1500), 1e-10, "d2sampling"};
            ++layer;
        }
        const std::string json = configurationToJson(**model, configuration);
        const auto again = configurationFromJson(**model, json, "config.json");
        ASSERT_TRUE(again.ok()) << file << ": " << errorText(again.error());
        EXPECT_EQ(*again, configuration) << file;
        EXPECT_EQ(configurationToJson(**model, *again), json) << file;
        ++networks;
    }
    EXPECT_GT(networks, 90);
}

TEST_F(ConfigurationTest, FusionIsReported)
{
    const auto prepared = prepareNetwork(m_model, createQuantConfig(*m_model));
    QS_ASSERT_OK(prepared);
    const auto effectiveOf = [&](const char* name) { return (*prepared)->effective[m_model->findLayer(name)]; };
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
    const auto reasonOf = [&](const char* name) { return (*prepared)->effective[m_model->findLayer(name)].reason; };
    EXPECT_EQ(reasonOf("pool"), Reason::NotConfigured);
    EXPECT_EQ(reasonOf("left"), Reason::None);
    EXPECT_EQ(reasonOf("data"), Reason::TypeNotQuantizable);
    EXPECT_TRUE((*prepared)->notes.empty());
    // The manual: the first and the last layer stay on ARQ.
    for (auto& [name, setting] : configuration.layers)
        if (setting.weights)
            *setting.weights = WeightSetting{"snq", setting.weights->channelWise, 4, {}, {}, {}};
    EXPECT_EQ((*prepareNetwork(m_model, configuration))->notes.size(), 2U);
}

TEST_F(ConfigurationTest, EveryLayerThatIsOffSaysWhy)
{
    Configuration configuration = createQuantConfig(*m_model);
    configuration.layers.erase("pool");
    configuration.layers.at("left").quantEnable = false;
    const auto prepared = prepareNetwork(m_model, configuration);
    QS_ASSERT_OK(prepared);
    const auto why = [&](const char* name, const std::string& skippedBy = {}) {
        const LayerId id = m_model->findLayer(name);
        return whyFloatText(*m_model, id, (*prepared)->effective[id], skippedBy);
    };
    EXPECT_EQ(why("conv1"), "");
    EXPECT_EQ(why("relu1"), "off by default for the type ReLU");
    EXPECT_EQ(why("left"), "switched off (quant_enable is false)");
    EXPECT_EQ(why("left", "skip_layers"), "skipped (skip_layers)");
    EXPECT_EQ(why("pool"), "not listed in the configuration");
    EXPECT_EQ(why("data"), "type not quantizable");
    EXPECT_EQ(why("bn1"), "fused into conv1");
    for (const LayerId id : m_model->layerIds()) {
        const Effective& effective = (*prepared)->effective[id];
        EXPECT_EQ(whyFloatText(*m_model, id, effective).empty(), effective.quantized) << m_model->layer(id).name;
    }
}

}  // namespace qs

// AMCT's functions used as its manual's template uses them.
#include "core/targets/amct/amct.h"

#include "core/base/file.h"
#include "core/jobs/compare.h"
#include "core/jobs/samples.h"
#include "core/targets/amct/log.h"
#include "core/targets/amct/record_configuration.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <cstdlib>
#include <set>

namespace qs {

namespace {

class AmctTest : public ::testing::Test {
    test::TemporaryFolder m_folder;

protected:
    std::string at(const std::string& name) const { return (m_folder.path() / name).string(); }
    bool exists(const std::string& name) const { return std::filesystem::exists(m_folder.path() / name); }
    std::string content(const std::string& name) const
    {
        const auto text = readFile(at(name));
        EXPECT_TRUE(text.ok());
        return text.ok() ? *text : std::string();
    }

    std::shared_ptr<const Model> m_model = test::mixedNetwork(m_folder.path());
    test::RandomData m_data{{1, 3, 8, 8}};
};

}  // namespace

TEST_F(AmctTest, TheManualsTemplate)
{
    amct::set_cpu_mode();
    EXPECT_EQ(amct::set_gpu_mode().error().code, ErrorCode::NotSupported);
    QS_ASSERT_OK(amct::create_quant_config(at("config.json"), at("net.prototxt"), at("net.caffemodel"), 2, true));
    auto graph = amct::init(at("config.json"), at("net.prototxt"), at("net.caffemodel"), at("record.txt"));
    QS_ASSERT_OK(graph);
    EXPECT_EQ(content("record.txt"), "");
    // In the wrong order: an error, not a file.
    EXPECT_EQ(amct::activation_quantize_model(*graph, at("a.prototxt"), at("a.caffemodel")).error().code, ErrorCode::MissingValue);
    QS_ASSERT_OK(amct::weights_quantize_model(*graph, at("modified.prototxt"), at("modified.caffemodel")));
    EXPECT_NE(content("record.txt").find("scale_w"), std::string::npos);
    EXPECT_EQ(content("record.txt").find("scale_d"), std::string::npos);
    QS_ASSERT_OK(amct::activation_quantize_model(*graph, at("activation.prototxt"), at("activation.caffemodel")));
    EXPECT_NE(content("activation.prototxt").find("type: \"IFMR\""), std::string::npos);
    const auto early = amct::save_model(*graph, "Both", at("results/model"));
    EXPECT_NE(early.error().detail.find("Cannot find scale_d of layer"), std::string::npos);
    QS_ASSERT_OK(amct::run_calibration(*graph, test::engine(), m_data, {}));
    EXPECT_NE(content("record.txt").find("scale_d"), std::string::npos);
    QS_ASSERT_OK(amct::save_model(*graph, "Both", at("results/model")));
    for (const char* suffix : {"fake_quant_model.prototxt", "fake_quant_weights.caffemodel", "deploy_model.prototxt", "deploy_weights.caffemodel",
                               "quant.json", "quant_param_record.txt", "quant_param_record.bin"})
        EXPECT_TRUE(exists(std::string("results/model_") + suffix)) << suffix;
    QS_ASSERT_OK(amct::save_model(*graph, "Deploy", at("deploy/model")));
    EXPECT_FALSE(exists("deploy/model_fake_quant_model.prototxt"));
    EXPECT_TRUE(exists("deploy/model_deploy_model.prototxt"));
    EXPECT_EQ(amct::save_model(*graph, "both", at("x/model")).error().code, ErrorCode::OutOfRange);
    // Weights that are quantized again ask for another calibration.
    QS_ASSERT_OK(amct::weights_quantize_model(*graph, at("again.prototxt"), at("again.caffemodel")));
    EXPECT_EQ(amct::save_model(*graph, "Both", at("y/model")).error().code, ErrorCode::MissingValue);

    // The network with quantized weights is a network of its own, and the one with IFMR gives the same values.
    const auto modified = importModel({at("modified.prototxt"), at("modified.caffemodel")});
    const auto activation = importModel({at("activation.prototxt"), at("activation.caffemodel")});
    QS_ASSERT_OK(modified);
    QS_ASSERT_OK(activation);
    const auto outputs = [&](const std::shared_ptr<const Model>& model) {
        LayerRunner runner(test::engine(), model);
        Forward forward;
        forward.inputs = *inputTensors(*model, *m_data.sample(0), "sample", runner.pool());
        const auto result = Evaluator(runner).run(forward, {});
        EXPECT_TRUE(result.ok());
        const auto values = result->front().values();
        return std::vector<float>(values.begin(), values.end());
    };
    EXPECT_EQ(outputs(*modified), outputs(*activation));
}

TEST_F(AmctTest, ConvertGivesTheModelThatTheRecordComesFrom)
{
    QS_ASSERT_OK(amct::create_quant_config(at("config.json"), at("net.prototxt"), at("net.caffemodel")));
    auto graph = amct::init(at("config.json"), at("net.prototxt"), at("net.caffemodel"), at("record.txt"));
    QS_ASSERT_OK(graph);
    QS_ASSERT_OK(amct::weights_quantize_model(*graph, at("m.prototxt"), at("m.caffemodel")));
    QS_ASSERT_OK(amct::run_calibration(*graph, test::engine(), m_data, {}));
    QS_ASSERT_OK(amct::save_model(*graph, "Both", at("a/model")));
    QS_ASSERT_OK(amct::convert_model(at("net.prototxt"), at("net.caffemodel"), at("record.txt"), at("b/model")));
    for (const char* suffix : {"_deploy_model.prototxt", "_deploy_weights.caffemodel", "_fake_quant_weights.caffemodel", "_quant_param_record.bin",
                               "_scale_offset_record.txt"})
        EXPECT_EQ(content(std::string("a/model") + suffix), content(std::string("b/model") + suffix)) << suffix;
    // Twice is refused, by name.
    const auto twice =
        amct::convert_model(at("b/model_deploy_model.prototxt"), at("b/model_deploy_weights.caffemodel"), at("record.txt"), at("c/model"));
    EXPECT_EQ(twice.error().code, ErrorCode::AlreadyQuantized);
}

TEST_F(AmctTest, TheRecordIsTheConfiguration)
{
    QuantRecord record;
    record.layers["conv2"] = {.inputs = {{.port = 0, .params = {.scale = 0.5F, .offset = 0, .bits = 12}}}, .weightScales = {1}, .codebook = {}};
    record.layers["left"] = {
        .inputs = {{.port = 0, .params = {.scale = 0.5F, .offset = -3, .bits = 8}}}, .weightScales = {1, 1, 1, 1, 1}, .codebook = {}};
    record.layers["left"].skipFusion = true;
    const auto configuration = amct::configurationFromRecord(*m_model, record, "record.txt");
    QS_ASSERT_OK(configuration);
    const LayerSetting& conv = configuration->layers.at("conv2");
    EXPECT_EQ(conv.activation(0).bits, 12);
    EXPECT_EQ(conv.activation(0).withOffset, false);
    EXPECT_FALSE(conv.weights->channelWise);
    const LayerSetting& left = configuration->layers.at("left");
    EXPECT_EQ(left.activation(0).bits, 8);
    EXPECT_EQ(left.activation(0).withOffset, true);
    EXPECT_TRUE(left.weights->channelWise);
    EXPECT_EQ(configuration->skipFusionLayers, std::vector<std::string>{"left"});
}

TEST_F(AmctTest, ConvertNamesWhatIsWrongInTheRecord)
{
    const auto fault = [&](const std::string& record) -> Result<void> {
        QS_CHECK(writeFile(at("faulty.txt"), record));
        return amct::convert_model(at("net.prototxt"), at("net.caffemodel"), at("faulty.txt"), at("d/model"));
    };
    struct Case {
        const char* record;
        ErrorCode code;
        const char* named;
    };
    const Case cases[] = {
        {"record { key: \"nobody\" value { scale_w: 1 record_d { scale_d: 1 offset_d: 0 index: 0 } } }", ErrorCode::UnknownLayer, "nobody"},
        {"record { key: \"data\" value { record_d { scale_d: 1 offset_d: 0 index: 0 } } }", ErrorCode::UnknownLayer, "data"},
        {"record { key: \"conv2\" value { scale_w: 1 num_bits_w: 8 } }", ErrorCode::MissingValue, "conv2"},
        {"record { key: \"conv2\" value { record_d { scale_d: 1 offset_d: 0 index: 0 } } }", ErrorCode::MissingValue, "conv2"},
        {"record { key: \"conv2\" value { scale_w: 1 scale_w: 1 offset_w: 0 offset_w: 0 record_d { scale_d: 1 offset_d: 0 index: 0 } } }",
         ErrorCode::ShapeMismatch, "conv2"},
        {"record { key: \"conv2\" value { scale_w: 1 num_bits_w: 8 record_d { scale_d: 1 offset_d: 0 index: 3 } } }", ErrorCode::OutOfRange, "conv2"},
        {"record { key: \"sum\" value { record_d { scale_d: 1 offset_d: 0 index: 0 } } }", ErrorCode::MissingValue, "sum"},
    };
    for (const Case& c : cases) {
        const auto result = fault(c.record);
        ASSERT_FALSE(result.ok()) << c.record;
        EXPECT_EQ(result.error().code, c.code) << errorText(result.error());
        EXPECT_NE(errorText(result.error()).find(c.named), std::string::npos) << errorText(result.error());
        EXPECT_FALSE(exists("d/model_deploy_model.prototxt"));
    }
}

TEST_F(AmctTest, UninplaceKeepsTheValues)
{
    QS_ASSERT_OK(amct::uninplace_model(at("net.prototxt"), at("plain.prototxt")));
    const auto plain = importModel({at("plain.prototxt"), at("net.caffemodel")});
    QS_ASSERT_OK(plain);
    std::set<std::string> blobs;
    for (const Value& value : (*plain)->values())
        EXPECT_TRUE(blobs.insert(value.blob).second) << value.blob;
    EXPECT_EQ((*plain)->layers().size(), m_model->layers().size());
    const auto outputs = [&](const std::shared_ptr<const Model>& model) {
        LayerRunner runner(test::engine(), model);
        Forward forward;
        forward.inputs = *inputTensors(*model, *m_data.sample(0), "sample", runner.pool());
        const auto values = Evaluator(runner).run(forward, {})->front().values();
        return std::vector<float>(values.begin(), values.end());
    };
    EXPECT_EQ(outputs(m_model), outputs(*plain));
}

TEST_F(AmctTest, TheLogGoesWhereTheUserSays)
{
    ASSERT_EQ(setenv("AMCT_LOG_FILE_LEVEL", "warning", 1), 0);
    QS_ASSERT_OK(amct::openLog(at("logs")));
    amct::logInfo("not in the file");
    amct::logWarning("in the file");
    const std::string text = content("logs/amct_log/amct_caffe.log");
    EXPECT_EQ(text.find("not in the file"), std::string::npos);
    EXPECT_NE(text.find("in the file"), std::string::npos);
    // The file may say more than the terminal.
    ASSERT_EQ(setenv("AMCT_LOG_FILE_LEVEL", "DEBUG", 1), 0);
    QS_ASSERT_OK(amct::openLog(at("more")));
    amct::logDebug("a detail");
    EXPECT_NE(content("more/amct_log/amct_caffe.log").find("a detail"), std::string::npos);
    ASSERT_EQ(setenv("AMCT_LOG_FILE_LEVEL", "loud", 1), 0);
    EXPECT_EQ(amct::openLog({}).error().code, ErrorCode::OutOfRange);
    unsetenv("AMCT_LOG_FILE_LEVEL");
    QS_ASSERT_OK(amct::openLog({}));
}

}  // namespace qs

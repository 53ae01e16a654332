#include "core/targets/amct/export.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/export/caffe_layers.h"
#include "core/jobs/compare.h"
#include "core/jobs/integer_comparison.h"
#include "core/jobs/samples.h"
#include "core/prepare/integer_network.h"
#include "core/targets/amct/config_json.h"
#include "core/targets/amct/qs_quant_param.pb.h"
#include "core/targets/amct/record_text.h"
#include "tests/support/networks.h"
#include "tests/support/protoc.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

#include <google/protobuf/text_format.h>

#include <bit>
#include <set>

namespace qs {

namespace {

namespace fs = std::filesystem;

struct Exported {
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> quantized;
    fs::path prefix;
};

Result<Exported> exportNetwork(const std::shared_ptr<const Model>& model, const Configuration& configuration, const DataSet& data,
                               const fs::path& prefix)
{
    Exported exported{nullptr, nullptr, prefix};
    QS_TRY(exported.prepared, prepareNetwork(model, configuration));
    QS_TRY(const auto calibration, calibrate(test::engine(), *exported.prepared, data, {}));
    QS_TRY(exported.quantized, quantizeNetwork(*exported.prepared, calibration->record));
    QS_TRY(const ExportPlan plan, planAmct({exported.prepared.get(), exported.quantized.get(), prefix}));
    QS_CHECK(writeExport(plan));
    return exported;
}

fs::path file(const Exported& exported, const char* suffix)
{
    return exported.prefix.string() + suffix;
}

/// Largest difference of the reopened fake-quant model's outputs from the quantized network's, relative to the largest value.
double reopenedDifference(const Exported& exported, const Buffer& sample)
{
    const auto reopened = importModel({file(exported, "_fake_quant_model.prototxt"), file(exported, "_fake_quant_weights.caffemodel")});
    EXPECT_TRUE(reopened.ok()) << (reopened.ok() ? "" : errorText(reopened.error()));
    if (!reopened.ok())
        return 1;
    const auto run = [&](const std::shared_ptr<const Model>& model, const ById<LayerId, LayerQuantization>* quantization) {
        LayerRunner runner(test::engine(), model);
        Evaluator evaluator(runner);
        Forward forward;
        forward.inputs = *inputTensors(*model, sample, "sample", runner.pool());
        forward.quantization = quantization;
        const auto outputs = evaluator.run(forward, {});
        EXPECT_TRUE(outputs.ok()) << (outputs.ok() ? "" : errorText(outputs.error()));
        return bufferFrom(outputs->front());
    };
    const Buffer expected = run(exported.prepared->network, &exported.quantized->layers);
    const Buffer found = run(*reopened, nullptr);
    EXPECT_EQ(expected.shape(), found.shape());
    double difference = 0, largest = 0;
    for (size_t i = 0; i < expected.floats().size(); ++i) {
        difference = std::max(difference, std::fabs(static_cast<double>(expected.floats()[i]) - static_cast<double>(found.floats()[i])));
        largest = std::max(largest, std::fabs(static_cast<double>(expected.floats()[i])));
    }
    return difference / largest;
}

class ExportTest : public testing::Test {
protected:
    void SetUp() override
    {
        m_model = test::mixedNetwork(m_folder.path());
        Configuration configuration = createQuantConfig(*m_model, 2);
        // In-place layers too: their Quant ends the sharing of names.
        configuration.layers.at("relu1").quantEnable = true;
        configuration.layers.at("sum").activations = {ActivationSetting{}, ActivationSetting{}};
        configuration.layers.at("sum").activations[1].bits = 12;
        configuration.layers.at("sum").activationsAsList = true;
        auto exported = exportNetwork(m_model, configuration, m_data, m_folder.path() / "out" / "model");
        QS_ASSERT_OK(exported);
        m_exported = *std::move(exported);
    }
    std::string content(const char* suffix)
    {
        const auto text = readFile(file(m_exported, suffix));
        EXPECT_TRUE(text.ok()) << suffix;
        return text.ok() ? *text : "";
    }
    test::TemporaryFolder m_folder;
    test::RandomData m_data{{3, 8, 8}};
    std::shared_ptr<const Model> m_model;
    Exported m_exported;
};

}  // namespace

TEST_F(ExportTest, TheFakeQuantModelGivesTheQuantizedOutputs)
{
    for (int sample = 0; sample < 4; ++sample)
        EXPECT_LT(reopenedDifference(m_exported, *m_data.sample(sample)), 1e-5);
}

TEST_F(ExportTest, RecordAndConfigurationReadBack)
{
    const auto record = recordFromText(content("_scale_offset_record.txt"), "record");
    QS_ASSERT_OK(record);
    for (const auto& [name, factors] : m_exported.quantized->record.layers) {
        const LayerFactors& again = record->layers.at(name);
        EXPECT_EQ(again.weightScales, factors.weightScales) << name;
        ASSERT_EQ(again.inputs.size(), factors.inputs.size()) << name;
        for (size_t i = 0; i < factors.inputs.size(); ++i)
            EXPECT_EQ(again.inputs[i].params, factors.inputs[i].params) << name;
    }
    const auto configuration = configurationFromJson(*m_model, content("_config.json"), "config.json");
    QS_ASSERT_OK(configuration);
    EXPECT_EQ(*configuration, m_exported.prepared->configuration);
    // Quantizing from the record gives the same network.
    const auto again = quantizeNetwork(*m_exported.prepared, *record);
    QS_ASSERT_OK(again);
    for (size_t id = 0; id < (*again)->layers.size(); ++id)
        EXPECT_EQ((*again)->layers[id].inputs, m_exported.quantized->layers[id].inputs);
}

TEST_F(ExportTest, ProtocReadsTheRecords)
{
    const std::string record = content("_scale_offset_record.txt");
    const char* recordType = "quantscope_record.ScaleOffsetRecord";
    EXPECT_EQ(test::protoc("decode", recordType, "qs_record.proto", test::protoc("encode", recordType, "qs_record.proto", record)), record);
    const auto read = recordFromText(record, "record");
    QS_ASSERT_OK(read);
    std::vector<std::string> order;
    for (const Layer& layer : m_exported.prepared->network->layers())
        order.push_back(layer.name);
    EXPECT_EQ(recordToText(*read, order), record);

    const std::string text = content("_quant_param_record.txt"), binary = content("_quant_param_record.bin");
    const char* parameterType = "quantscope_calibration.CalibrationParam";
    EXPECT_EQ(test::protoc("decode", parameterType, "qs_quant_param.proto", binary), text);
    EXPECT_EQ(test::protoc("encode", parameterType, "qs_quant_param.proto", text), binary);
    quantscope_calibration::CalibrationParam message;
    ASSERT_TRUE(message.ParseFromString(binary));
    EXPECT_EQ(message.SerializeAsString(), binary);
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
    EXPECT_EQ(message.SerializeAsString(), binary);
}

TEST_F(ExportTest, TheDeployModelHoldsIntegers)
{
    quantscope_caffe::NetParameter weights;
    ASSERT_TRUE(weights.ParseFromString(content("_deploy_weights.caffemodel")));
    const auto layer = [&](const std::string& name) -> const quantscope_caffe::LayerParameter& {
        for (const auto& candidate : weights.layer())
            if (candidate.name() == name)
                return candidate;
        ADD_FAILURE() << name;
        return weights.layer(0);
    };
    const auto& conv = layer("conv2");
    ASSERT_EQ(conv.blobs_size(), 2);
    EXPECT_EQ(conv.blobs(0).int8_data().size(), 8U * 4 * 3 * 3);
    EXPECT_EQ(conv.blobs(0).data_size(), 0);
    EXPECT_EQ(conv.blobs(1).int32_data_size(), 8);
    const auto& dequant = layer("conv2_dequant");
    const LayerFactors& factors = m_exported.quantized->record.layers.at("conv2");
    ASSERT_EQ(dequant.blobs(0).uint64_data_size(), 8);
    for (int c = 0; c < 8; ++c) {
        const auto scale = std::bit_cast<float>(static_cast<uint32_t>(dequant.blobs(0).uint64_data(c)));
        EXPECT_EQ(scale, factors.weightScales[static_cast<size_t>(c)] * factors.inputs[0].params.scale);
        // The bias on its grid is the fake-quantized one.
        const auto id = m_exported.prepared->network->findLayer("conv2");
        EXPECT_NEAR(static_cast<float>(conv.blobs(1).int32_data(c)) * scale,
                    m_exported.quantized->layers[id].weights[1]->floats()[static_cast<size_t>(c)], 1e-6);
    }
}

TEST_F(ExportTest, TheDeployModelRunsAsItsIntegersSay)
{
    const auto deploy = importModel({file(m_exported, "_deploy_model.prototxt"), file(m_exported, "_deploy_weights.caffemodel")});
    QS_ASSERT_OK(deploy);
    EXPECT_NE((*deploy)->findLayer("conv2_quant_0"), noId);
    EXPECT_EQ((*deploy)->layer((*deploy)->findLayer("conv2")).weights[0]->dtype(), DType::I8);
    const auto built = integerNetwork(*m_exported.quantized);
    QS_ASSERT_OK(built);
    // The file and the network made in memory are the same arithmetic: equal bits.
    for (int sample = 0; sample < 4; ++sample) {
        const auto outputs = [&](const std::shared_ptr<const Model>& model) {
            LayerRunner runner(test::engine(), model);
            Forward forward;
            forward.inputs = *inputTensors(*model, *m_data.sample(sample), "sample", runner.pool());
            auto result = Evaluator(runner).run(forward, {});
            EXPECT_TRUE(result.ok()) << (result.ok() ? "" : errorText(result.error()));
            const auto values = result->front().values();
            return std::vector<float>(values.begin(), values.end());
        };
        EXPECT_EQ(outputs(*deploy), outputs(*built));
    }
}

TEST(ExportRecurrent, TheDeployModelHoldsIntegersAndRunsThem)
{
    constexpr int64_t inputs = 5, fixed = 3, hidden = 6;
    // Uniform weights: the manual has no others for these.
    for (const std::string type : {"LSTM", "RNN", "GRU"})
        for (const bool withStatic : {true, false}) {
            SCOPED_TRACE(type + (withStatic ? ", static input" : ""));
            test::TemporaryFolder folder;
            const int64_t rows = hidden * (type == "LSTM" ? 4 : type == "GRU" ? 3 : 1);
            const auto constant = [](const std::string& name, const std::string& dimensions) {
                return "layer { name: \"" + name + "\" type: \"Parameter\" top: \"" + name + "\" parameter_param { shape { " + dimensions +
                       " } } }\n";
            };
            std::string text = "layer { name: \"x\" type: \"Input\" top: \"x\" input_param { shape { dim: 4 dim: 2 dim: 5 } } }\n" +
                               constant("cont", "dim: 4 dim: 2") + constant("static", "dim: 2 dim: 3") + constant("h0", "dim: 1 dim: 2 dim: 6") +
                               constant("c0", "dim: 1 dim: 2 dim: 6");
            text += "layer { name: \"r\" type: \"" + type + "\" bottom: \"x\" bottom: \"cont\" " + (withStatic ? "bottom: \"static\" " : "") +
                    "bottom: \"h0\" top: \"r\" top: \"h\" " + (type == "LSTM" ? "bottom: \"c0\" top: \"c\" " : "") +
                    "recurrent_param { num_output: 6 expose_hidden: true } }\n";
            std::vector<test::Blob> blobs{test::randomBlob({rows, inputs}, 1, 0.3F), test::randomBlob({rows}, 2, 0.1F)};
            if (withStatic)
                blobs.push_back(test::randomBlob({rows, fixed}, 3, 0.3F));
            blobs.push_back(test::randomBlob({rows, hidden}, 4, 0.3F));
            if (type == "RNN") {
                blobs.push_back(test::randomBlob({hidden, hidden}, 5, 0.3F));
                blobs.push_back(test::randomBlob({hidden}, 6, 0.1F));
            }
            test::writeNetwork(folder.path(), text,
                               {{"r", blobs},
                                {"cont", {test::Blob{{4, 2}, {0, 1, 1, 1, 1, 0, 1, 1}}}},
                                {"static", {test::randomBlob({2, 3}, 7)}},
                                {"h0", {test::randomBlob({1, 2, 6}, 8, 0.5F)}},
                                {"c0", {test::randomBlob({1, 2, 6}, 9, 0.5F)}}});
            const auto model = test::openNetwork(folder.path());
            QS_ASSERT_OK(model);
            const test::RandomData data({4, 2, inputs});
            const Configuration configuration = createQuantConfig(**model, 4);
            const auto exported = exportNetwork(*model, configuration, data, folder.path() / "out");
            QS_ASSERT_OK(exported);
            EXPECT_LT(reopenedDifference(*exported, *data.sample(1)), 1e-5);
            const auto deploy = importModel({file(*exported, "_deploy_model.prototxt"), file(*exported, "_deploy_weights.caffemodel")});
            QS_ASSERT_OK(deploy);
            // Matrices in 8 bits, biases not; codes for what meets a matrix, values for the states.
            const Layer& layer = (*deploy)->layer((*deploy)->findLayer("r"));
            for (const auto& weight : layer.weights)
                EXPECT_EQ(weight->dtype(), weight->shape().size() == 2 ? DType::I8 : DType::F32);
            const auto behind = [&](size_t port) { return (*deploy)->layer((*deploy)->value(layer.inputs[port]).producer).op; };
            EXPECT_EQ(behind(0), "Quant");
            EXPECT_EQ(behind(1), "Parameter");
            if (withStatic)
                EXPECT_EQ(behind(2), "Quant");
            EXPECT_EQ(behind(withStatic ? 3 : 2), "AntiQuant");
            // The file and the network made in memory are the same arithmetic: equal bits.
            const auto built = integerNetwork(*exported->quantized);
            QS_ASSERT_OK(built);
            const auto output = [&](const std::shared_ptr<const Model>& network) {
                LayerRunner runner(test::engine(), network);
                Forward forward;
                forward.inputs = *inputTensors(*network, *data.sample(0), "sample", runner.pool());
                auto result = Evaluator(runner).run(forward, {});
                EXPECT_TRUE(result.ok()) << (result.ok() ? "" : errorText(result.error()));
                const auto values = result->front().values();
                return std::vector<float>(values.begin(), values.end());
            };
            EXPECT_EQ(output(*deploy), output(*built));
            const auto comparison = compareIntegers(test::engine(), *exported->quantized, data, 4, {});
            QS_ASSERT_OK(comparison);
            EXPECT_EQ(comparison->layers.back().cumulative.share(), 1);
            EXPECT_LT(comparison->layers.back().cumulative.largest, 0.01);
        }
}

TEST(ExportRecurrent, OverflowIsCountedAndAMatrixWithoutScaleIsRefused)
{
    // 600 products of 127 * 65535 in the one row of an RNN's input matrix: above 2^31.
    test::TemporaryFolder folder;
    test::writeNetwork(
        folder.path(),
        "layer { name: \"x\" type: \"Input\" top: \"x\" input_param { shape { dim: 1 dim: 1 dim: 600 } } }\n"
        "layer { name: \"cont\" type: \"Parameter\" top: \"cont\" parameter_param { shape { dim: 1 dim: 1 } } }\n"
        "layer { name: \"q\" type: \"Quant\" bottom: \"x\" top: \"q\" quant_param { with_offset: true scale: 1 offset: -32768 num_bits_d: 16 } }\n"
        "layer { name: \"r\" type: \"RNN\" bottom: \"q\" bottom: \"cont\" top: \"r\" recurrent_param { num_output: 1 } }\n",
        {});
    const auto write = [&](bool scaled) {
        quantscope_caffe::NetParameter net;
        auto* cont = net.add_layer();
        cont->set_name("cont");
        setFloatBlob(*cont->add_blobs(), {1, 1}, std::vector<float>{0});
        auto* layer = net.add_layer();
        layer->set_name("r");
        const auto matrix = [&](int64_t columns) {
            auto* blob = layer->add_blobs();
            blob->mutable_shape()->add_dim(1);
            blob->mutable_shape()->add_dim(columns);
            blob->set_int8_data(std::string(static_cast<size_t>(columns), 127));
            if (scaled)
                blob->add_data(1e-9F);
        };
        matrix(600);
        setFloatBlob(*layer->add_blobs(), {1}, std::vector<float>{0});
        matrix(1);
        matrix(1);
        setFloatBlob(*layer->add_blobs(), {1}, std::vector<float>{0.5F});
        std::ofstream(folder.path() / "net.caffemodel", std::ios::binary) << net.SerializeAsString();
        return test::openNetwork(folder.path());
    };
    const auto model = write(true);
    QS_ASSERT_OK(model);
    LayerRunner runner(test::engine(), *model);
    Forward forward;
    forward.inputs = *inputTensors(**model, Buffer::fromFloats({1, 1, 600}, std::vector<float>(600, 70000.0F)), "sample", runner.pool());
    QS_ASSERT_OK(Evaluator(runner).run(forward, {}));
    EXPECT_EQ(runner.overflows((*model)->findLayer("r")), 1);
    // A bias in integers would have no scale.
    quantscope_caffe::NetParameter net;
    ASSERT_TRUE(net.ParseFromString(*readFile(folder.path() / "net.caffemodel")));
    net.mutable_layer(1)->mutable_blobs(1)->clear_data();
    net.mutable_layer(1)->mutable_blobs(1)->add_int32_data(3);
    std::ofstream(folder.path() / "net.caffemodel", std::ios::binary) << net.SerializeAsString();
    const auto biased = test::openNetwork(folder.path());
    ASSERT_FALSE(biased.ok());
    EXPECT_NE(errorText(biased.error()).find("int32_data"), std::string::npos);
    const auto refused = write(false);
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(errorText(refused.error()).find("scale"), std::string::npos);
    EXPECT_NE(errorText(refused.error()).find("'r'"), std::string::npos);
}

TEST_F(ExportTest, StatisticsOfLayersWithSimilarNamesGoToFilesOfTheirOwn)
{
    QuantizedNetwork quantized = *m_exported.quantized;
    quantized.record.statistics = {{"a/b", {{1}, {2}}}, {"a_b", {{3}, {4}}}};
    const auto plan = planAmct({m_exported.prepared.get(), &quantized, m_folder.path() / "updated"});
    QS_ASSERT_OK(plan);
    std::set<std::string> names;
    for (const auto& planned : plan->files)
        if (planned.path.extension() == ".npy")
            names.insert(planned.path.filename().string());
    EXPECT_EQ(names, (std::set<std::string>{"a_b_mean.npy", "a_b_variance.npy", "a_b_2_mean.npy", "a_b_2_variance.npy"}));
}

TEST_F(ExportTest, StatisticsStayBelowThePrefixUnlessTheUserSaysOtherwise)
{
    QuantizedNetwork quantized = *m_exported.quantized;
    quantized.record.statistics = {{std::string(1000, 'n'), {{1}, {2}}}};
    PreparedNetwork prepared = *m_exported.prepared;
    const fs::path prefix = m_folder.path() / "below" / "model";
    fs::create_directories(prefix.parent_path());
    fs::create_directory_symlink(m_folder.path(), prefix.parent_path() / "link");
    const auto planned = [&](const std::string& dumpDir, const fs::path& said = {}) {
        prepared.configuration.bnUpdate = BnUpdateSetting{.dumpDir = dumpDir};
        return planAmct({&prepared, &quantized, prefix, SaveType::Both, said});
    };
    for (const std::string& inside : {std::string("bn"), std::string("a/../b"), std::string(""), (prefix.parent_path() / "abs").string()}) {
        const auto plan = planned(inside);
        ASSERT_TRUE(plan.ok()) << inside << errorText(plan.error());
        for (const ExportFile& file : plan->files)
            EXPECT_LE(file.path.filename().string().size(), 255U);
    }
    for (const std::string& outside :
         {std::string(".."), std::string("../x"), std::string("a/../../x"), std::string("/tmp"), std::string("link/x")}) {
        const auto plan = planned(outside);
        ASSERT_FALSE(plan.ok()) << outside;
        EXPECT_EQ(plan.error().code, ErrorCode::OutOfRange);
    }
    const auto said = planned("..", m_folder.path() / "said");
    QS_ASSERT_OK(said);
    EXPECT_TRUE(std::any_of(said->files.begin(), said->files.end(),
                            [&](const ExportFile& file) { return file.path.parent_path() == m_folder.path() / "said"; }));
}

TEST_F(ExportTest, ParametersForAtcInBothForms)
{
    quantscope_calibration::CalibrationParam text, binary;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(content("_quant_param_record.txt"), &text));
    ASSERT_TRUE(binary.ParseFromString(content("_quant_param_record.bin")));
    EXPECT_EQ(text.SerializeAsString(), binary.SerializeAsString());
    for (const auto& layer : text.layer()) {
        const LayerFactors& factors = m_exported.quantized->record.layers.at(layer.name());
        ASSERT_EQ(layer.quant_param().input_size(), static_cast<int>(factors.inputs.size()));
        for (int i = 0; i < layer.quant_param().input_size(); ++i) {
            const QuantParams& params = factors.inputs[static_cast<size_t>(i)].params;
            EXPECT_FLOAT_EQ(layer.quant_param().input(i).scale(0), 1 / params.scale);
            EXPECT_EQ(layer.quant_param().input(i).offset(0), static_cast<float>(params.offset));
            EXPECT_EQ(layer.quant_param().input(i).data_type(), params.bits > 8 ? quantscope_calibration::S16 : quantscope_calibration::S8);
        }
        ASSERT_EQ(layer.quant_param().weight().scale_size(), static_cast<int>(factors.weightScales.size()));
        for (int i = 0; i < layer.quant_param().weight().scale_size(); ++i)
            EXPECT_FLOAT_EQ(layer.quant_param().weight().scale(i), 1 / factors.weightScales[static_cast<size_t>(i)]);
    }
    EXPECT_EQ(m_exported.quantized->record.layers.at("sum").inputs[1].params.bits, 12);
}

/// Each layer that was put in says whose it is, and with which factors.
TEST_F(ExportTest, InsertedLayersNameTheirLayer)
{
    std::map<std::string, std::vector<QuantParams>> found;
    quantscope_caffe::NetParameter net;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(content("_fake_quant_model.prototxt"), &net));
    for (const auto& layer : net.layer()) {
        if (layer.type() != "Quant" && layer.type() != "AntiQuant")
            continue;
        const auto& quant = layer.quant_param();
        const std::string kind = layer.type() == "Quant" ? "_quant_" : "_antiquant_";
        EXPECT_EQ(layer.name(), quant.object_layer() + kind + std::to_string(quant.index()));
        const auto factors = m_exported.quantized->record.layers.find(quant.object_layer());
        ASSERT_NE(factors, m_exported.quantized->record.layers.end()) << quant.object_layer();
        const InputFactors* input = factors->second.input(static_cast<int>(quant.index()));
        ASSERT_NE(input, nullptr);
        EXPECT_EQ(quant.scale(), input->params.scale);
        EXPECT_EQ(quant.offset(), input->params.offset);
        EXPECT_EQ(static_cast<int>(quant.num_bits_d()), input->params.bits);
        found[quant.object_layer()].push_back(input->params);
    }
    EXPECT_EQ(found.size(), m_exported.quantized->record.layers.size());
    EXPECT_EQ(found.at("sum").size(), 4U);
}

TEST_F(ExportTest, QuantJsonTellsWhatBecameOfEachLayer)
{
    const auto json = parseJson(content("_quant.json"), "quant.json");
    QS_ASSERT_OK(json);
    for (const Json& layer : (*json)["layers"]) {
        if (layer["name"] == "bn1") {
            EXPECT_EQ(layer["quantizedLayer"], "conv1");
            EXPECT_EQ(layer["reason"], "fused into conv1");
        }
        if (layer["name"] == "conv1")
            EXPECT_EQ(layer["fused"].size(), 2U);
        if (layer["name"] == "conv2")
            EXPECT_EQ(layer["deployNodes"].size(), 2U);
    }
}

TEST_F(ExportTest, AFailureLeavesNothing)
{
    const auto plan = planAmct({m_exported.prepared.get(), m_exported.quantized.get(), m_folder.path() / "blocked" / "model"});
    QS_ASSERT_OK(plan);
    // A folder stands where the last file should go.
    fs::create_directories(plan->files.back().path);
    const auto written = writeExport(*plan);
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code, ErrorCode::FileNotWritable);
    EXPECT_EQ(std::distance(fs::directory_iterator(m_folder.path() / "blocked"), fs::directory_iterator()), 1);
}

TEST(ExportModels, FakeQuantReopensOnRealNetworks)
{
    QS_SHARED_MODELS(models);
    const std::pair<ImportRequest, Shape> networks[] = {
        {{models / "caffe-resnet20-cifar10/res20_deploy.prototxt", models / "caffe-resnet20-cifar10/cifar10_res20_iter_64000.caffemodel"},
         {3, 32, 32}},
        {{models / "caffe-lenet-mnist/lenet.prototxt", models / "caffe-lenet-mnist/lenet_iter_10000.caffemodel"}, {1, 28, 28}},
        {{models / "caffe-ultraface/RFB-320.prototxt", models / "caffe-ultraface/RFB-320.caffemodel"}, {3, 240, 320}},
        {{models / "caffe-squeezenet11/deploy.prototxt", models / "caffe-squeezenet11/squeezenet_v1.1_f16weights.caffemodel"}, {3, 227, 227}},
        {{models / "onnx-squeezenet11-f32/squeezenet1.1_f32_from_f16.onnx", {}}, {3, 224, 224}},
    };
    for (const auto& [request, shape] : networks) {
        const auto model = importModel(request);
        QS_ASSERT_OK(model);
        const test::TemporaryFolder folder;
        const test::RandomData data(shape, 2, 50);
        const auto exported = exportNetwork(*model, createQuantConfig(**model, 2), data, folder.path() / "m");
        QS_ASSERT_OK(exported);
        EXPECT_LT(reopenedDifference(*exported, *data.sample(0)), 1e-5) << request.model;
    }
}

}  // namespace qs

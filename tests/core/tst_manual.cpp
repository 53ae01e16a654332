// Points of AMCT's manual (seed 003) that were once read differently; the line of the seed stands at each.
#include "core/base/file.h"
#include "core/data/npy.h"
#include "core/import/caffe/custom_proto.h"
#include "core/jobs/calibrate.h"
#include "core/jobs/samples.h"
#include "core/targets/amct/amct.h"
#include "core/targets/amct/config_json.h"
#include "core/targets/amct/log.h"
#include "core/targets/amct/record_text.h"
#include "core/targets/amct/simple_config.h"
#include "tests/support/onnx_graph.h"
#include "tests/support/run_model.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

using test::randomBlob;

class Manual : public testing::Test {
protected:
    std::string at(const std::string& name) const { return (m_folder.path() / name).string(); }
    std::string content(const std::string& name) const
    {
        const auto text = readFile(at(name));
        return text.ok() ? *text : std::string();
    }
    std::shared_ptr<const Model> open(const std::string& text, const std::map<std::string, std::vector<test::Blob>>& weights)
    {
        test::writeNetwork(m_folder.path(), text, weights);
        const auto model = test::openNetwork(m_folder.path());
        EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
        return model.ok() ? *model : nullptr;
    }
    std::shared_ptr<const Model> mixed() { return test::mixedNetwork(m_folder.path()); }
    /// The command line: its exit status; what it printed is in out and err.
    int cli(const std::vector<std::string>& arguments, const test::Environment& environment = {})
    {
        std::vector<std::string> words{QS_CLI};
        words.insert(words.end(), arguments.begin(), arguments.end());
        return test::waitFor(test::startProgram(std::move(words), at("out"), at("err"), environment));
    }
    std::vector<std::string> quantize(const std::string& output, const std::vector<std::string>& more = {})
    {
        std::vector<std::string> words{"quantize", at("net.prototxt"), "-w", at("net.caffemodel"), "--npy", at("x.npy"), "--batch", "1", "-o",
                                       output};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
    void writeSamples(const Shape& shape, float spread = 1)
    {
        const auto values = test::randomValues(static_cast<size_t>(elementCount(shape)), 5, spread);
        ASSERT_TRUE(writeFile(at("x.npy"), npyBytes(Buffer::fromFloats(shape, values))).ok());
    }
    test::TemporaryFolder m_folder;
};

constexpr const char* sequenceNet = R"(name: "sequence"
layer { name: "seq" type: "Input" top: "seq" input_param { shape { dim: 3 dim: 2 dim: 4 } } }
layer { name: "cont" type: "Input" top: "cont" input_param { shape { dim: 3 dim: 2 } } }
layer { name: "lstm" type: "LSTM" bottom: "seq" bottom: "cont" top: "y" recurrent_param { num_output: 5 } }
)";
std::map<std::string, std::vector<test::Blob>> sequenceWeights()
{
    return {{"lstm", {randomBlob({20, 4}, 1, 0.4F), randomBlob({20}, 2, 0.3F), randomBlob({20, 5}, 3, 0.4F)}}};
}

}  // namespace

// Lines 859, 885, 1348, 4858.
TEST_F(Manual, EveryStepWritesItsLog)
{
    ASSERT_TRUE(mixed());
    writeSamples({4, 3, 8, 8});
    const auto log = [&](const char* folder) { return content(std::string(folder) + "/amct_log/amct_caffe.log"); };
    EXPECT_EQ(cli(quantize(at("q/m"), {"--amct-log", at("a")}), {{"AMCT_LOG_FILE_LEVEL", "DEBUG"}, {"AMCT_LOG_LEVEL", "ERROR"}}), 0);
    for (const char* words : {"[AMCT][INFO]init: reading", "[AMCT][DEBUG]Do layer bn1 fusion into conv1 success!",
                              "[AMCT][DEBUG]Do layer conv2 weights calibration success!",
                              "[AMCT][DEBUG]Do layer conv2 activation calibration success!", "[AMCT][INFO]saving", "[AMCT][DEBUG]written: "})
        EXPECT_NE(log("a").find(words), std::string::npos) << words;
    EXPECT_EQ(content("err").find("[AMCT]"), std::string::npos) << content("err");
    // INFO where nothing is said; what ends a step stands in the file and on the screen.
    EXPECT_EQ(cli(quantize(at("q/m"), {"--amct-log", at("b"), "--record", at("nothing.txt")})), 1);
    EXPECT_EQ(log("b").find("DEBUG"), std::string::npos);
    EXPECT_NE(log("b").find("[AMCT][ERROR]" + at("nothing.txt")), std::string::npos) << log("b");
    EXPECT_NE(content("err").find("[AMCT][ERROR]" + at("nothing.txt")), std::string::npos);
    m_folder.write("custom.proto", "message LayerParameter { optional uint32 mine = 300; }");
    const std::vector<std::vector<std::string>> steps{
        {"config", at("net.prototxt"), "-o", at("c.json")},
        {"convert", at("net.prototxt"), "-w", at("net.caffemodel"), "--record", at("q/m_scale_offset_record.txt"), "-o", at("v/m")},
        {"uninplace", at("net.prototxt"), "-o", at("u.prototxt")},
        {"merge-proto", at("custom.proto"), "-o", at("merged.proto")}};
    for (auto step : steps) {
        EXPECT_EQ(cli(step, {{"AMCT_LOG_LEVEL", "LOUD"}}), 1) << step.front();
        EXPECT_EQ(cli(step, {{"AMCT_LOG_FILE_LEVEL", "LOUD"}}), 1) << step.front();
        const std::string folder = "log-" + step.front();
        step.insert(step.end(), {"--amct-log", at(folder)});
        EXPECT_EQ(cli(step), 0) << step.front() << content("err");
        EXPECT_NE(log(folder.c_str()).find("[AMCT][INFO]"), std::string::npos) << step.front();
    }
}

// Lines 4172, 4843.
TEST_F(Manual, ALayerWithoutFactorsEndsTheExport)
{
    ASSERT_TRUE(mixed());
    writeSamples({4, 3, 8, 8});
    ASSERT_EQ(cli(quantize(at("q/m"))), 0) << content("err");
    std::string record = content("q/m_scale_offset_record.txt");
    const size_t first = record.find("record {");
    const size_t second = record.find("record {", first + 1);
    ASSERT_NE(second, std::string::npos);
    m_folder.write("short.txt", record.substr(second));
    EXPECT_EQ(cli(quantize(at("z/m"), {"--record", at("short.txt")})), 1);
    EXPECT_NE(content("err").find("Cannot find scale_d of layer 'conv1' in record file"), std::string::npos) << content("err");
    EXPECT_FALSE(std::filesystem::exists(m_folder.path() / "z"));
    m_folder.write("empty.txt", "");
    EXPECT_EQ(cli(quantize(at("z/m"), {"--record", at("empty.txt")})), 1);
    EXPECT_EQ(amct::convert_model(at("net.prototxt"), at("net.caffemodel"), at("empty.txt"), at("z/m")).error().code, ErrorCode::MissingValue);
    // record_d without its required index.
    const size_t index = record.find("index: 0");
    m_folder.write("noindex.txt", record.substr(0, index) + record.substr(index + 8));
    const auto without = amct::convert_model(at("net.prototxt"), at("net.caffemodel"), at("noindex.txt"), at("z/m"));
    EXPECT_EQ(without.error().code, ErrorCode::MissingValue);
    EXPECT_NE(errorText(without.error()).find("conv1"), std::string::npos);
}

// Line 5743: num_bits_w is 8 where it is not given.
TEST_F(Manual, AUnitScaleOfALayerWithWeightsIsItsScale)
{
    ASSERT_TRUE(mixed());
    m_folder.write("unit.txt", R"(record { key: "conv2" value { scale_w: 1 offset_w: 0 record_d { scale_d: 0.5 offset_d: 0 index: 0 } } }
record { key: "pool" value { scale_w: 1 offset_w: 0 record_d { scale_d: 0.25 offset_d: 0 index: 0 } } })");
    QS_ASSERT_OK(amct::convert_model(at("net.prototxt"), at("net.caffemodel"), at("unit.txt"), at("u/m")));
    const auto record = recordFromText(content("u/m_scale_offset_record.txt"), "u");
    QS_ASSERT_OK(record);
    EXPECT_EQ(record->layers.at("conv2").weightScales, std::vector<float>{1});
    EXPECT_EQ(record->layers.at("conv2").weightBits, 8);
    EXPECT_TRUE(record->layers.at("pool").weightScales.empty());
    // Read and written again the file is the same.
    const auto given = recordFromText(content("unit.txt"), "unit");
    QS_ASSERT_OK(given);
    EXPECT_EQ(recordToText(*recordFromText(recordToText(*given, {"conv2", "pool"}), "again"), {"conv2", "pool"}),
              recordToText(*given, {"conv2", "pool"}));
}

TEST_F(Manual, AnLstmNamesHowManyScalesItNeeds)
{
    ASSERT_TRUE(open(sequenceNet, sequenceWeights()));
    const auto fault = [&](const std::string& scales) {
        m_folder.write("r.txt", "record { key: \"lstm\" value { " + scales + " num_bits_w: 8 record_d { scale_d: 0.5 offset_d: 0 index: 0 } } }");
        const auto result = amct::convert_model(at("net.prototxt"), at("net.caffemodel"), at("r.txt"), at("l/m"));
        return result.ok() ? std::string() : result.error().detail;
    };
    EXPECT_EQ(fault("scale_w: 0.5 scale_w: 0.5"), "");
    EXPECT_EQ(fault("scale_w: 0.5"), "1 scale_w; the layer needs 2 (one for each matrix)");
    EXPECT_EQ(fault("scale_w: 0.5 scale_w: 0.5 scale_w: 0.5"), "3 scale_w; the layer needs 2 (one for each matrix)");
}

// Line 4932.
TEST_F(Manual, AnIllegalScaleEndsTheCalibration)
{
    ASSERT_TRUE(open(R"(layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 4 dim: 4 } } }
layer { name: "scale" type: "Power" bottom: "data" top: "large" power_param { scale: 1e38 } }
layer { name: "pool" type: "Pooling" bottom: "large" top: "pool" pooling_param { kernel_size: 2 stride: 2 } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 2 kernel_size: 1 } }
)",
                     {{"conv", {randomBlob({2, 2, 1, 1}, 1), randomBlob({2}, 2)}}}));
    writeSamples({2, 2, 4, 4});
    EXPECT_EQ(cli(quantize(at("q/m"))), 1);
    EXPECT_NE(content("err").find("scale is illegal"), std::string::npos) << content("err");
    EXPECT_NE(content("err").find("layer 'pool'"), std::string::npos) << content("err");
    EXPECT_EQ(cli(quantize(at("q/m"), {"--partial"})), 0) << content("err");
    EXPECT_NE(content("err").find("layer 'pool' stays float"), std::string::npos) << content("err");
}

// Lines 125, 1125, 5001.
TEST_F(Manual, SequencesAreMarkedOrTheMarksAreGiven)
{
    const auto model = open(sequenceNet, sequenceWeights());
    ASSERT_TRUE(model);
    writeSamples({2, 3, 2, 4});
    TensorPool pool;
    const Buffer sample = Buffer::fromFloats({3, 2, 4}, test::randomValues(24, 1));
    const auto marked = inputTensors(*model, sample, "sample", pool);
    QS_ASSERT_OK(marked);
    EXPECT_EQ(test::listOf(bufferFrom((*marked)[1])), (std::vector<float>{0, 0, 1, 1, 1, 1}));
    EXPECT_EQ(cli(quantize(at("q/m"))), 0) << content("err");
    EXPECT_NE(content("q/m_scale_offset_record.txt").find("key: \"lstm\""), std::string::npos);

    // One array a sample: the second sample gets its own.
    ASSERT_TRUE(writeFile(at("cont.npy"), npyBytes(Buffer::fromFloats({2, 3, 2}, std::vector<float>{0, 0, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1}))).ok());
    DataSpec spec;
    spec.kind = DataKind::Npy;
    spec.path = at("x.npy");
    spec.inputs["cont"] = at("cont.npy");
    const auto data = openDataSet(spec, {3, 2, 4});
    QS_ASSERT_OK(data);
    const auto given = inputTensors(*model, **data, 1, pool);
    QS_ASSERT_OK(given);
    EXPECT_EQ(test::listOf(bufferFrom((*given)[1])), (std::vector<float>{0, 0, 1, 0, 0, 1}));
    EXPECT_EQ(cli(quantize(at("q/n"), {"--with-input", "cont=" + at("cont.npy")})), 0) << content("err");
    ASSERT_TRUE(writeFile(at("nan.npy"), npyBytes(Buffer::fromFloats({3, 2}, std::vector<float>(6, std::nanf(""))))).ok());
    EXPECT_EQ(cli(quantize(at("q/n"), {"--with-input", "cont=" + at("nan.npy")})), 1);
    EXPECT_NE(content("err").find("not finite"), std::string::npos) << content("err");
    EXPECT_EQ(cli(quantize(at("q/n"), {"--with-input", "other=" + at("cont.npy")})), 1);
    EXPECT_EQ(cli(quantize(at("q/n"), {"--with-input", "cont=" + at("x.npy")})), 1);
    EXPECT_NE(content("err").find("'cont'"), std::string::npos) << content("err");
}

TEST_F(Manual, FirstStatesAreZero)
{
    std::string text = sequenceNet;
    for (const char* state : {"h0", "c0"})
        text.insert(text.find("layer { name: \"lstm\""), "layer { name: \"" + std::string(state) + "\" type: \"Input\" top: \"" + state +
                                                             "\" input_param { shape { dim: 1 dim: 2 dim: 5 } } }\n");
    text.replace(text.find("bottom: \"cont\" top: \"y\""), 23, "bottom: \"cont\" bottom: \"h0\" bottom: \"c0\" top: \"y\" top: \"h\" top: \"c\"");
    text.replace(text.find("num_output: 5"), 13, "num_output: 5 expose_hidden: true");
    const auto model = open(text, sequenceWeights());
    ASSERT_TRUE(model);
    TensorPool pool;
    const auto tensors = inputTensors(*model, Buffer::fromFloats({3, 2, 4}, test::randomValues(24, 1)), "sample", pool);
    QS_ASSERT_OK(tensors);
    ASSERT_EQ(tensors->size(), 4U);
    EXPECT_EQ(test::listOf(bufferFrom((*tensors)[2])), std::vector<float>(10, 0));
    EXPECT_EQ(test::listOf(bufferFrom((*tensors)[3])), std::vector<float>(10, 0));
}

TEST_F(Manual, AStaticInputMustBeGiven)
{
    std::string text = sequenceNet;
    text.insert(text.find("layer { name: \"lstm\""),
                "layer { name: \"fixed\" type: \"Input\" top: \"fixed\" input_param { shape { dim: 2 dim: 3 } } }\n");
    text.replace(text.find("bottom: \"cont\" top"), 18, "bottom: \"cont\" bottom: \"fixed\" top");
    ASSERT_TRUE(open(
        text, {{"lstm", {randomBlob({20, 4}, 1, 0.4F), randomBlob({20}, 2, 0.3F), randomBlob({20, 3}, 4, 0.4F), randomBlob({20, 5}, 3, 0.4F)}}}));
    writeSamples({2, 3, 2, 4});
    EXPECT_EQ(cli(quantize(at("q/m"))), 1);
    EXPECT_NE(content("err").find("--with-input fixed=FILE.npy"), std::string::npos) << content("err");
    ASSERT_TRUE(writeFile(at("fixed.npy"), npyBytes(Buffer::fromFloats({2, 3}, test::randomValues(6, 2)))).ok());
    EXPECT_EQ(cli(quantize(at("q/m"), {"--with-input", "fixed=" + at("fixed.npy")})), 0) << content("err");
}

// Line 133.
TEST_F(Manual, RecurrentWeightsAreUniformOnly)
{
    const auto model = open(sequenceNet, sequenceWeights());
    ASSERT_TRUE(model);
    const auto json =
        configurationFromJson(*model, R"({"lstm": {"weight_quant_params": {"wts_algo": "snq_quantize", "channel_wise": false}}})", "c.json");
    EXPECT_EQ(json.error().code, ErrorCode::OutOfRange);
    EXPECT_NE(json.error().where.find("lstm"), std::string::npos);
    for (const char* cfg :
         {"common_config: { snq_quantize { } }", "override_layer_types: { layer_type: \"LSTM\" calibration_config: { snq_quantize { } } }",
          "override_layer_configs: { layer_name: \"lstm\" calibration_config: { snq_quantize { } } }"})
        EXPECT_EQ(configurationFromCfg(*model, cfg, "c.cfg").error().code, ErrorCode::OutOfRange) << cfg;
}

// Lines 2900, 6100.
TEST_F(Manual, WhatIsSwitchedOffIsNotJudgedByItsType)
{
    const auto model = mixed();
    ASSERT_TRUE(model);
    const std::string parameters =
        R"("activation_quant_params": [{"num_bits": 8}, {"num_bits": 8}], "weight_quant_params": {"wts_algo": "arq_quantize", "channel_wise": true}})";
    for (const char* layer : {"fc", "pool", "data"}) {
        const auto off = configurationFromJson(*model, "{\"" + std::string(layer) + "\": {\"quant_enable\": false, " + parameters + "}", "c.json");
        EXPECT_TRUE(off.ok()) << layer << (off.ok() ? "" : errorText(off.error()));
        const auto on = configurationFromJson(*model, "{\"" + std::string(layer) + "\": {\"quant_enable\": true, " + parameters + "}", "c.json");
        EXPECT_FALSE(on.ok()) << layer;
    }
    // A range is a range.
    EXPECT_FALSE(configurationFromJson(*model, R"({"fc": {"quant_enable": false, "activation_quant_params": {"num_bits": 99}}})", "c.json").ok());
    const std::string channels = "calibration_config: { arq_quantize: { channel_wise: true } } }";
    for (const char* layer : {"fc", "pool"}) {
        const std::string own = "override_layer_configs: { layer_name: \"" + std::string(layer) + "\" " + channels;
        EXPECT_FALSE(configurationFromCfg(*model, own, "c.cfg").ok()) << layer;
        const auto skipped = configurationFromCfg(*model, "skip_layers: \"" + std::string(layer) + "\" " + own, "c.cfg");
        EXPECT_TRUE(skipped.ok()) << layer << (skipped.ok() ? "" : errorText(skipped.error()));
    }
    EXPECT_TRUE(
        configurationFromCfg(*model, "skip_layer_types: \"InnerProduct\" override_layer_types: { layer_type: \"InnerProduct\" " + channels, "c.cfg")
            .ok());
}

// Line 4258.
TEST_F(Manual, AQuantizedNetworkGetsNoConfiguration)
{
    ASSERT_TRUE(mixed());
    writeSamples({4, 3, 8, 8});
    ASSERT_EQ(cli(quantize(at("q/m"))), 0) << content("err");
    EXPECT_EQ(cli({"config", at("q/m_deploy_model.prototxt"), "-w", at("q/m_deploy_weights.caffemodel"), "-o", at("c.json")}), 1);
    EXPECT_NE(content("err").find("quantized already"), std::string::npos) << content("err");
    EXPECT_FALSE(std::filesystem::exists(at("c.json")));
}

// Line 5835: BN+Scale+Conv. What comes is what the layers give one by one.
TEST_F(Manual, ABatchNormBeforeAConvolutionIsFolded)
{
    const auto net = [&](int pad, float shift) {
        return open(
            "layer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { dim: 1 dim: 4 dim: 5 dim: 5 } } }\n"
            "layer { name: \"bn\" type: \"BatchNorm\" bottom: \"data\" top: \"bn\" batch_norm_param { use_global_stats: true } }\n"
            "layer { name: \"scale\" type: \"Scale\" bottom: \"bn\" top: \"scale\" scale_param { bias_term: true } }\n"
            "layer { name: \"conv\" type: \"Convolution\" bottom: \"scale\" top: \"conv\" convolution_param { num_output: 6 kernel_size: 3 group: 2 "
            "pad: " +
                std::to_string(pad) + " } }\n",
            {{"bn", {test::Blob{{4}, std::vector<float>(4, shift)}, test::Blob{{4}, {0.5F, 1, 2, 4}}, test::Blob{{1}, {1}}}},
             {"scale", {test::Blob{{4}, {1, -2, 0.5F, 3}}, test::Blob{{4}, std::vector<float>(4, shift)}}},
             {"conv", {randomBlob({6, 2, 3, 3}, 1), randomBlob({6}, 2)}}});
    };
    const auto prepare = [](const std::shared_ptr<const Model>& model, std::vector<std::string> skip = {}) {
        Configuration configuration = createQuantConfig(*model);
        configuration.skipFusionLayers = std::move(skip);
        return *prepareNetwork(model, configuration);
    };
    const auto model = net(0, 0.75F);
    ASSERT_TRUE(model);
    const auto prepared = prepare(model);
    EXPECT_EQ(prepared->network->layers().size(), 2U);
    EXPECT_EQ(prepared->effective[1].reasonLayer, "conv");
    EXPECT_EQ(prepared->effective[2].reasonLayer, "conv");
    const Buffer input = Buffer::fromFloats({1, 4, 5, 5}, test::randomValues(100, 9));
    const auto expected = test::listOf(test::runModel(model, {input}).front());
    const auto folded = test::listOf(test::runModel(prepared->network, {input}).front());
    ASSERT_EQ(folded.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(folded[i], expected[i], 1e-4F) << i;
    // A pad's zeros would be shifted, too.
    EXPECT_EQ(prepare(net(1, 0.75F))->network->layers().size(), 4U);
    EXPECT_EQ(prepare(net(1, 0))->network->layers().size(), 2U);
    for (const char* name : {"bn", "conv"})
        EXPECT_EQ(prepare(model, {name})->network->layers().size(), 4U) << name;
    EXPECT_EQ(prepare(model, {"scale"})->network->layers().size(), 4U) << "the Scale stands between";
}

/// Its statistics are the batch's: what its file holds is not what it computes with.
TEST_F(Manual, ABatchNormThatIsNotRunIsNotFolded)
{
    for (const bool before : {false, true}) {
        test::Graph g;
        g.input("x", {1, 1, 2, 2}).values("w", {1, 1, 1, 1}, {2}).output("y");
        for (const char* name : {"scale", "shift", "mean", "variance"})
            g.values(name, {1}, {3});
        const auto norm = [&](const char* from, const char* to) {
            auto& node = g.node("BatchNormalization", {from, "scale", "shift", "mean", "variance"}, {to});
            node.set_name("bn");
            auto* training = node.add_attribute();
            training->set_name("training_mode");
            training->set_type(onnx::AttributeProto::INT);
            training->set_i(1);
        };
        if (before)
            norm("x", "n");
        g.node("Conv", {before ? "n" : "x", "w"}, {before ? "y" : "c"}).set_name("conv");
        if (!before)
            norm("c", "y");
        const auto model = importModel({m_folder.write("net.onnx", g.bytes()), {}});
        QS_ASSERT_OK(model);
        ASSERT_FALSE((*model)->layer((*model)->findLayer("bn")).notRunnable.empty());
        const auto prepared = prepareNetwork(*model, createQuantConfig(**model));
        QS_ASSERT_OK(prepared);
        EXPECT_NE((*prepared)->network->findLayer("bn"), noId) << before;
    }
}

TEST_F(Manual, SettingsWithoutEffectAndLongOnesAreNoted)
{
    const auto model = mixed();
    ASSERT_TRUE(model);
    Configuration configuration = createQuantConfig(*model);
    configuration.skipFusionLayers = {"bn1", "pool", "conv1"};
    ActivationSetting& activation = configuration.layers.at("fc").activations.front();
    activation.searchStep = 5e-6;
    const auto prepared = prepareNetwork(model, configuration);
    QS_ASSERT_OK(prepared);
    EXPECT_EQ((*prepared)->notes, (std::vector<Note>{{NoteCode::SkipsNothing, "pool"}, {NoteCode::SearchIsLong, "fc"}}));
    EXPECT_EQ(noteText((*prepared)->notes.front()), "skip_fusion_layers names 'pool', which would not be fused anyway");
    activation.searchStep = 1e-9;
    EXPECT_EQ(prepareNetwork(model, configuration).error().code, ErrorCode::OutOfRange) << "beyond a million it would be a hang";

    Configuration update = createQuantConfig(*model);
    update.updateBn = true;
    update.bnUpdate = BnUpdateSetting{.movingAverageFraction = 0.9, .iterations = 11};
    const auto refreshed = prepareNetwork(model, update);
    QS_ASSERT_OK(refreshed);
    const test::RandomData data({1, 3, 8, 8}, 8);
    const auto calibration = calibrate(test::engine(), **refreshed, data, {});
    QS_ASSERT_OK(calibration);
    ASSERT_EQ((*calibration)->notes.size(), 1U);
    EXPECT_NE(noteText((*calibration)->notes.front()).find("11 samples"), std::string::npos);
}

}  // namespace qs

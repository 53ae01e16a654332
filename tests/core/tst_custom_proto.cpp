// custom.proto: the manual's sample, its FAQ's four scenarios, and a layer of the user's own from prototxt to exported prototxt.
#include "core/import/caffe/custom_proto.h"
#include "core/import/caffe/document.h"
#include "core/jobs/compare.h"
#include "core/targets/amct/export.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <cstdlib>

namespace qs {

namespace {

using caffe::CustomProto;

// Messages of the manual's samples (seed 003, proto合并前提条件 and FAQ).
constexpr const char* reluMessage = "message ReLU6Parameter {\n  optional float negative_slope = 1 [default = 0];\n}\n";
constexpr const char* roiMessage = R"(message ROIPoolingParameter {
  // Pad, kernel size, and stride are all given as a single value
  optional uint32 pooled_h = 1 [default = 0]; // The pooled output height
  optional uint32 pooled_w = 2 [default = 0]; // The pooled output width
  optional float spatial_scale = 3 [default = 1];
}
)";

std::string layerParameter(const std::string& fields)
{
    return "message LayerParameter {\n" + fields + "}\n";
}

std::string manualSample()
{
    return layerParameter("  optional ReLU6Parameter relu6_param = 2060;\n  optional ROIPoolingParameter roi_pooling_param = 8266711;\n") +
           reluMessage + roiMessage;
}

Error errorOf(const std::string& text)
{
    const auto result = CustomProto::parse(text, "custom.proto");
    EXPECT_FALSE(result.ok()) << text;
    return result.ok() ? Error{} : result.error();
}

bool mentions(const std::vector<std::string>& notes, const std::string& words)
{
    return std::any_of(notes.begin(), notes.end(), [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

}  // namespace

TEST(CustomProto, TheManualsSampleMerges)
{
    const auto custom = CustomProto::parse(manualSample(), "custom.proto");
    QS_ASSERT_OK(custom);
    // Our relu6_param has a number of our own choice and another message: the user's hold.
    EXPECT_TRUE(mentions((*custom)->notes(), "relu6_param = 2060"));
    EXPECT_TRUE(mentions((*custom)->notes(), "ReLU6Parameter"));
    EXPECT_TRUE(mentions((*custom)->notes(), "8266711 is not below 5000"));
    const std::string merged = (*custom)->mergedText();
    for (const char* words : {"package caffe;", "relu6_param = 2060", "roi_pooling_param = 8266711", "convolution_param = 106", "quant_param = 208"})
        EXPECT_NE(merged.find(words), std::string::npos) << words;
    EXPECT_EQ(merged.find("quantscope"), std::string::npos);
    // protoc takes it.
    const test::TemporaryFolder folder;
    folder.write("merged.proto", merged);
    const std::string command = "protoc --proto_path=" + folder.path().string() + " --descriptor_set_out=" + (folder.path() / "set").string() +
                                " merged.proto 2>" + (folder.path() / "err").string();
    EXPECT_EQ(std::system(command.c_str()), 0) << *readFile(folder.path() / "err");  // NOLINT(concurrency-mt-unsafe)
}

TEST(CustomProto, Scenario1AMessageOfAmctIsDefinedAgain)
{
    const Error error = errorOf(layerParameter("  optional QuantParameter quant_param = 208;\n  optional ReLU6Parameter relu6_param = 1000000;\n") +
                                reluMessage + "message QuantParameter {\n  optional bool with_offset = 1;\n}\n");
    EXPECT_EQ(error.code, ErrorCode::DuplicateKey);
    EXPECT_EQ(error.where, "custom.proto:8");
    EXPECT_NE(error.detail.find("message QuantParameter of this file"), std::string::npos) << error.detail;
    EXPECT_NE(error.detail.find("AMCT's message QuantParameter (amct_custom.proto)"), std::string::npos) << error.detail;
    for (const char* name : {"DeQuantParameter", "IFMRParameter", "LSTMQuantParameter", "SearchNParameter", "RetrainDataQuantParameter",
                             "RetrainWeightQuantParameter", "SingleLayerRecord", "ScaleOffsetRecord"})
        EXPECT_EQ(errorOf(std::string("message ") + name + " { }\n" + layerParameter("")).code, ErrorCode::DuplicateKey) << name;
}

TEST(CustomProto, Scenario2ANumberIsAmcts)
{
    const Error error = errorOf(layerParameter("  optional QuantParameter quant_param = 208;\n"));
    EXPECT_EQ(error.code, ErrorCode::DuplicateKey);
    EXPECT_EQ(error.where, "custom.proto:2");
    EXPECT_NE(error.detail.find("AMCT's field quant_param = 208"), std::string::npos) << error.detail;
    EXPECT_EQ(errorOf(layerParameter("  optional ReLU6Parameter my_param = 208;\n") + reluMessage).code, ErrorCode::DuplicateKey);
}

TEST(CustomProto, Scenario3ANumberIsCaffes)
{
    const Error error = errorOf(layerParameter("  optional ReLU6Parameter relu6_param = 206;\n") + reluMessage);
    EXPECT_EQ(error.code, ErrorCode::DuplicateKey);
    EXPECT_EQ(error.where, "custom.proto:2");
    EXPECT_NE(error.detail.find("relu6_param = 206 of this file"), std::string::npos) << error.detail;
    EXPECT_NE(error.detail.find("built-in field norm_param = 206 (caffe.proto)"), std::string::npos) << error.detail;
}

TEST(CustomProto, Scenario4ABuiltInMessageIsTakenFromTheUser)
{
    const auto custom = CustomProto::parse(layerParameter("  optional NormalizeParameter norm_param = 206;\n") + R"(message NormalizeParameter {
  optional bool across_spatial = 1 [default = true];
  // Initial value of scale. Default is 1.0 for all
  optional FillerParameter scale_filler = 2;
  optional bool channel_shared = 3 [default = true];
  optional float eps = 4 [default = 1e-10];
  optional string comment = 5;
})",
                                           "custom.proto");
    QS_ASSERT_OK(custom);
    EXPECT_TRUE(mentions((*custom)->notes(), "the message NormalizeParameter is taken from custom.proto:4"));
    EXPECT_NE((*custom)->mergedText().find("optional string comment = 5"), std::string::npos);
    // By name it still reaches the layer that the program knows.
    const test::TemporaryFolder folder;
    folder.write("custom.proto", layerParameter("  optional NormalizeParameter norm_param = 206;\n") +
                                     "message NormalizeParameter { optional string comment = 1; optional bool across_spatial = 2; }\n");
    folder.write("net.prototxt", R"(layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 4 dim: 4 } } }
layer { name: "norm" type: "Normalize" bottom: "data" top: "norm" norm_param { comment: "ours" across_spatial: false } })");
    const auto model = importModel({folder.path() / "net.prototxt", {}, folder.path() / "custom.proto"});
    QS_ASSERT_OK(model);
    const auto& document = dynamic_cast<const CaffeDocument&>(*(*model)->source());
    EXPECT_TRUE(document.net.layer(1).norm_param().has_across_spatial());
    EXPECT_FALSE(document.net.layer(1).norm_param().across_spatial());
    const std::string text = caffeNetText(document.net, &document);
    EXPECT_NE(text.find("comment: \"ours\""), std::string::npos) << text;
    EXPECT_NE(text.find("across_spatial: false"), std::string::npos) << text;
}

TEST(CustomProto, FaultsNameTheLine)
{
    // One rule for Caffe's names and ATC's: the user's field holds (the manual's sample does that to roi_pooling_param), and a note says so.
    for (const std::string field : {"ConvolutionParameter convolution_param", "PermuteParameter permute_param", "uint32 convolution_param"}) {
        const auto renumbered = CustomProto::parse(layerParameter(" optional " + field + " = 300;\n"), "custom.proto");
        QS_ASSERT_OK(renumbered);
        EXPECT_TRUE(mentions((*renumbered)->notes(), field.substr(field.find(' ') + 1) + " = 300")) << field;
    }
    // Not of what every layer is made of, and not AMCT's, whatever the number.
    EXPECT_EQ(errorOf(layerParameter(" optional uint32 blobs = 300;\n")).code, ErrorCode::DuplicateKey);
    const Error amct = errorOf(layerParameter(" optional ReLU6Parameter quant_param = 300;\n") + reluMessage);
    EXPECT_EQ(amct.code, ErrorCode::DuplicateKey);
    EXPECT_NE(amct.detail.find("AMCT's field quant_param"), std::string::npos) << amct.detail;
    EXPECT_EQ(errorOf("message LayerParameter {\n optional Nothing x_param = 300;\n}\n").where, "custom.proto:2");
    EXPECT_NE(errorOf(layerParameter(" optional Nothing x_param = 300;\n")).detail.find("Nothing"), std::string::npos);
    EXPECT_EQ(errorOf("message LayerParameter {\n optional uint32 = 300;\n}").where, "custom.proto:2");
    EXPECT_EQ(errorOf("message A { }").code, ErrorCode::MissingValue);
    EXPECT_EQ(errorOf("").code, ErrorCode::MissingValue);
    EXPECT_EQ(errorOf(layerParameter(" repeated uint32 a = 300;\n")).code, ErrorCode::OutOfRange);
    EXPECT_EQ(errorOf(layerParameter(" optional uint32 a = 300000000;\n")).code, ErrorCode::OutOfRange);
    EXPECT_EQ(errorOf(layerParameter(" optional uint32 a = 300;\n optional uint32 b = 300;\n")).code, ErrorCode::DuplicateKey);
    EXPECT_EQ(errorOf(layerParameter(" optional uint32 name = 300;\n")).code, ErrorCode::DuplicateKey);
    EXPECT_EQ(errorOf("import \"other.proto\";\n" + layerParameter("")).code, ErrorCode::NotSupported);
    EXPECT_EQ(errorOf("syntax = \"proto3\";\n" + layerParameter("")).code, ErrorCode::NotSupported);
    EXPECT_EQ(errorOf("message BlobProto { }\n" + layerParameter("")).code, ErrorCode::DuplicateKey);
    EXPECT_EQ(errorOf(std::string(3000, '{')).code, ErrorCode::ParseFailed);
    EXPECT_EQ(errorOf(std::string("\0\1\2", 3)).code, ErrorCode::ParseFailed);
    EXPECT_EQ(CustomProto::parse("syntax = \"proto2\";\npackage caffe;\n" + manualSample(), "custom.proto").ok(), true);
}

namespace {

constexpr const char* customNet = R"(name: "custom"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 6 dim: 6 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "mine" type: "MyLayer" bottom: "conv" top: "mine"
  my_param { alpha: 0.25 mode: SLOW size: 3 size: 4 inner { label: "a b" } inner { label: "c" } } my_flag: true }
layer { name: "relu6" type: "ReLU6" bottom: "conv" top: "relu6" relu6_param { negative_slope: 0.125 } }
)";
constexpr const char* customMessages = R"(message LayerParameter {
  optional MyParameter my_param = 300;
  optional bool my_flag = 6200;
  optional ReLU6Parameter relu6_param = 2060;
}
message MyParameter {
  message Inner { optional string label = 1; }
  enum Mode { FAST = 0; SLOW = 1; }
  optional float alpha = 1;
  optional Mode mode = 2;
  repeated int32 size = 3;
  repeated Inner inner = 4;
}
message ReLU6Parameter { optional float negative_slope = 1; }
)";

class CustomLayerTest : public testing::Test {
protected:
    void SetUp() override
    {
        test::writeNetwork(m_folder.path(), customNet, {{"conv", {test::randomBlob({2, 3, 3, 3}, 1), test::randomBlob({2}, 2)}}});
        m_folder.write("custom.proto", customMessages);
        const auto model = importModel(request());
        QS_ASSERT_OK(model);
        m_model = *model;
    }
    ImportRequest request() const { return {m_folder.path() / "net.prototxt", m_folder.path() / "net.caffemodel", m_folder.path() / "custom.proto"}; }
    void expectAttributes(const Model& model)
    {
        const Layer& mine = model.layer(model.findLayer("mine"));
        EXPECT_EQ(mine.type, "MyLayer");
        EXPECT_FALSE(mine.notRunnable.empty());
        EXPECT_EQ(mine.attributes.real("my_param.alpha", 0), 0.25);
        EXPECT_EQ(mine.attributes.text("my_param.mode", ""), "SLOW");
        EXPECT_EQ(mine.attributes.text("my_param.size", ""), "[3, 4]");
        EXPECT_EQ(mine.attributes.text("my_param.inner[0].label", ""), "a b");
        EXPECT_EQ(mine.attributes.integer("my_flag", 0), 1);
    }
    test::TemporaryFolder m_folder;
    std::shared_ptr<const Model> m_model;
};

}  // namespace

TEST_F(CustomLayerTest, IsDrawnWithItsParametersAndNotRun)
{
    expectAttributes(*m_model);
    // A message of the user's under a name that the program knows is read by name, whatever its numbers.
    const auto& document = dynamic_cast<const CaffeDocument&>(*m_model->source());
    EXPECT_EQ(document.net.layer(3).relu6_param().negative_slope(), 0.125F);
}

TEST_F(CustomLayerTest, KeepsItsParametersThroughExport)
{
    const test::RandomData data({3, 6, 6}, 2);
    const auto prepared = prepareNetwork(m_model, createQuantConfig(*m_model, 2));
    QS_ASSERT_OK(prepared);
    const auto calibration = calibrate(test::engine(), **prepared, data, {});
    QS_ASSERT_OK(calibration);
    const auto quantized = quantizeNetwork(**prepared, (*calibration)->record);
    QS_ASSERT_OK(quantized);
    const auto plan = planAmct({prepared->get(), quantized->get(), m_folder.path() / "out"});
    QS_ASSERT_OK(plan);
    QS_ASSERT_OK(writeExport(*plan));
    for (const char* form : {"fake_quant", "deploy"}) {
        const std::string prefix = (m_folder.path() / "out_").string() + form;
        const auto again = importModel({prefix + "_model.prototxt", prefix + "_weights.caffemodel", m_folder.path() / "custom.proto"});
        QS_ASSERT_OK(again);
        expectAttributes(**again);
        EXPECT_FALSE(mentions((*again)->notes(), "left out")) << form;
        const auto& document = dynamic_cast<const CaffeDocument&>(*(*again)->source());
        EXPECT_EQ(document.net.layer((*again)->layer((*again)->findLayer("relu6")).source).relu6_param().negative_slope(), 0.125F);
        // Text, message, text: the same.
        const std::string text = caffeNetText(document.net, &document);
        EXPECT_EQ(text, *readFile(prefix + "_model.prototxt"));
    }
}

TEST_F(CustomLayerTest, WithoutItsProtoTheNoteSaysWhereAndWhatToDo)
{
    ImportRequest bare = request();
    bare.customProto.clear();
    const auto model = importModel(bare);
    QS_ASSERT_OK(model);
    EXPECT_TRUE(mentions((*model)->notes(), "line 5: 'my_param' is not known"));
    EXPECT_TRUE(mentions((*model)->notes(), "--custom-proto"));
    bare.customProto = m_folder.path() / "nothing.proto";
    EXPECT_EQ(importModel(bare).error().code, ErrorCode::FileNotFound);
    bare.customProto = m_folder.write("bad.proto", layerParameter(" optional ReLU6Parameter x = 106;\n") + reluMessage);
    EXPECT_EQ(importModel(bare).error().where, (m_folder.path() / "bad.proto").string() + ":2");
    const auto merged = mergeProto(m_folder.path() / "custom.proto");
    QS_ASSERT_OK(merged);
    EXPECT_NE(merged->text.find("my_param = 300"), std::string::npos);
}

}  // namespace qs

// Inputs made to hurt: each stands for a kind. An error that says what is wrong, in time that grows with the input.
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/dataset.h"
#include "core/data/picture_header.h"
#include "core/data/preprocess.h"
#include "core/import/caffe/custom_proto.h"
#include "core/import/importer.h"
#include "core/ir/builder.h"
#include "core/project/project.h"
#include "core/quant/configuration.h"
#include "core/quant/record.h"
#include "core/targets/amct/record_text.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

std::string repeated(const std::string& text, int count)
{
    std::string all;
    for (int i = 0; i < count; ++i)
        all += text;
    return all;
}

/// Input, then ReLUs in a row.
std::string chain(int layers, const std::string& firstType = "ReLU")
{
    std::string text = "name: 'chain'\nlayer { name: 'data' type: 'Input' top: 'v0' input_param { shape { dim: 1 dim: 2 } } }\n";
    for (int i = 0; i < layers; ++i)
        text += "layer { name: 'l" + std::to_string(i) + "' type: '" + (i == 0 ? firstType : "ReLU") + "' bottom: 'v" + std::to_string(i) +
                "' top: 'v" + std::to_string(i + 1) + "' }\n";
    return text;
}

std::shared_ptr<const Model> import(const test::TemporaryFolder& folder, const std::string& text)
{
    auto model = importModel({folder.write("net.prototxt", text), {}});
    EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
    return model.ok() ? *model : nullptr;
}

std::string bigEndian(uint32_t value)
{
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift);
    return bytes;
}

std::string png(uint32_t width, uint32_t height)
{
    return std::string("\x89PNG\r\n\x1a\n", 8) + bigEndian(13) + "IHDR" + bigEndian(width) + bigEndian(height);
}

}  // namespace

TEST(HostileJson, NestingEndsForArraysAndObjects)
{
    for (const std::string& text : {repeated("[", 300'000), repeated("{\"a\":", 300'000), repeated("[{\"a\":", 200'000)}) {
        const auto json = parseJson(text, "f");
        ASSERT_FALSE(json.ok());
        EXPECT_EQ(json.error().code, ErrorCode::ParseFailed);
        EXPECT_NE(json.error().detail.find("nested deeper than 100"), std::string::npos);
    }
    EXPECT_TRUE(parseJson(repeated("[", 100) + repeated("]", 100), "f").ok());
    EXPECT_FALSE(parseJson(repeated("[", 101) + repeated("]", 101), "f").ok());
    // The same in every file that is JSON.
    EXPECT_EQ(preprocessFromJson("{\"mean\":" + repeated("[", 300'000), "f").error().code, ErrorCode::ParseFailed);
    EXPECT_EQ(projectFromJson("{\"branches\":" + repeated("[", 300'000), "/", "f").error().code, ErrorCode::ParseFailed);
}

TEST(HostileJson, NumbersBeyondADoubleNameTheirLine)
{
    const auto json = parseJson("{\n\"a\":\n1e999}", "f");
    ASSERT_FALSE(json.ok());
    EXPECT_EQ(json.error().code, ErrorCode::ParseFailed);
    EXPECT_EQ(json.error().where, "f:3");
}

TEST(HostileJson, WholeNumbersAreNotCut)
{
    for (const char* text : {"4294967297", "-4294967297", "1e300", "1.5", "\"1\"", "18446744073709551615"})
        EXPECT_THROW((void)jsonInteger(*parseJson(text, "f")), nlohmann::json::exception) << text;
    EXPECT_EQ(jsonInteger(*parseJson("-2147483648", "f")), INT32_MIN);
    const std::string head =
        "{\"quantscope\":1,\"model\":\"m\",\"configuration\":{\"activationOffset\":true,\"doFusion\":true,\"skipFusionLayers\":[],"
        "\"layers\":{},\"batchNum\":";
    EXPECT_TRUE(projectFromJson(head + "3}}", "/", "f").ok());
    EXPECT_EQ(projectFromJson(head + "4294967297}}", "/", "f").error().code, ErrorCode::ParseFailed);
}

TEST(HostileJson, ManyKeysAreReadAndPatchedInTime)
{
    std::string text = "{\"last\":0";
    for (int i = 0; i < 100'000; ++i)
        text += ",\"key" + std::to_string(i) + "\":{\"a\":1}";
    const auto json = parseJson(text + "}", "f");
    QS_ASSERT_OK(json);
    EXPECT_EQ(json->size(), 100'001U);
    EXPECT_EQ(parseJson(text + ",\"last\":1}", "f").error().code, ErrorCode::DuplicateKey);
}

TEST(HostileNames, ControlCharactersAreShown)
{
    EXPECT_EQ(shown("a\x1b]0;title\x07"), "a\\x1b]0;title\\x07");
    EXPECT_EQ(shown("\xc2\x9b"), "\\x9b");                           // CSI as one character
    EXPECT_EQ(shown("\xe2\x80\xae"), "\\u202e");                     // writes from right to left
    EXPECT_EQ(shown("\xe2\x81\xa6\xe2\x81\xa9"), "\\u2066\\u2069");  // begin and end of such a piece
    EXPECT_EQ(shown("\xff\xc3"), "\\xff\\xc3");                      // no UTF-8
    EXPECT_EQ(shown("卷积 é 1"), "卷积 é 1");
    EXPECT_EQ(errorText({ErrorCode::UnknownLayer, "a\nerror: b", {}}).find('\n'), std::string::npos);
    EXPECT_EQ(jsonText(Json{{"a", "\x7f\xc2\x9b卷"}}), "{\n    \"a\": \"\\u007f\\u009b卷\"\n}\n");
    EXPECT_EQ(*parseJson(jsonText(Json{{"a", "\xe2\x80\xae"}}), "f"), (Json{{"a", "\xe2\x80\xae"}}));
}

TEST(HostileNames, LongOnesAreShortened)
{
    EXPECT_EQ(shortened("short"), "short");
    EXPECT_EQ(shortened(std::string(10'000, 'x')).size(), 200U);
    const std::string text = shortened(repeated("é", 1000));
    EXPECT_LE(text.size(), 200U);
    EXPECT_EQ(shown(text), text);  // no character is cut
    EXPECT_EQ(nearestWord(std::string(1'000'000, 'x'), std::vector<std::string>(10'000, std::string(100, 'y'))), "");
    EXPECT_LT(errorText({ErrorCode::UnknownLayer, std::string(1'000'000, 'x'), std::string(1'000'000, 'y')}).size(), 10'000U);
}

TEST(HostileNames, AReasonIsNotCopiedWhole)
{
    const test::TemporaryFolder folder;
    const auto model = import(folder, chain(50, std::string(100'000, 'T')));
    ASSERT_TRUE(model);
    for (const Layer& layer : model->layers()) {
        EXPECT_LT(layer.notRunnable.size(), 1000U);
        if (layer.name == "l49")
            EXPECT_NE(layer.notRunnable.find("it needs layer 'l0'"), std::string::npos);
    }
}

TEST(HostileSizes, ManyLayersAreFoundByName)
{
    const test::TemporaryFolder folder;
    const auto model = import(folder, chain(20'000));
    ASSERT_TRUE(model);
    for (const LayerId id : model->layerIds())
        ASSERT_EQ(model->findLayer(model->layer(id).name), id);
    EXPECT_EQ(model->findLayer("none"), noId);
    EXPECT_EQ(model->findValue("v7"), model->layer(model->findLayer("l6")).outputs[0]);
    // A copy that is changed finds its own.
    ModelBuilder builder(*model);
    builder.layer(model->findLayer("l3")).name = "zzz";
    const auto changed = std::move(builder).build();
    QS_ASSERT_OK(changed);
    EXPECT_EQ((*changed)->findLayer("l3"), noId);
    EXPECT_EQ((*changed)->layer((*changed)->findLayer("zzz")).name, "zzz");
}

TEST(HostileSizes, ManyDataLayers)
{
    const test::TemporaryFolder folder;
    std::string text = chain(1);
    for (int i = 0; i < 5000; ++i)
        text += "layer { name: 'd" + std::to_string(i) + "' type: 'Data' top: 't" + std::to_string(i) + "' }\n";
    const auto model = import(folder, text);
    ASSERT_TRUE(model);
    EXPECT_EQ(model->layers().size(), 2U);
    // The training twin says how large the pictures are.
    const auto twin = import(folder,
                             "layer { name: 'a' type: 'Data' top: 'data' include { phase: TEST } }\n"
                             "layer { name: 'b' type: 'Data' top: 'data' include { phase: TRAIN } transform_param { crop_size: 8 } }\n"
                             "layer { name: 'r' type: 'ReLU' bottom: 'data' top: 'r' }\n");
    ASSERT_TRUE(twin);
    EXPECT_EQ(twin->value(twin->inputs()[0]).shape, (Shape{1, 3, 8, 8}));
}

TEST(HostileRecords, ManyInputsAndNone)
{
    std::string text = "record { key: 'a' value { scale_w: 1 ";
    for (int i = 0; i < 100'000; ++i)
        text += "record_d { scale_d: 1 index: " + std::to_string(i) + " }\n";
    EXPECT_TRUE(recordFromText(text + "} }", "f").ok());
    EXPECT_EQ(recordFromText(text + "record_d { scale_d: 1 index: 7 } } }", "f").error().code, ErrorCode::DuplicateKey);
    EXPECT_EQ(recordFromText("record { key: 'a' value { record_d { scale_d: 1 index: 4294967295 } } }", "f").error().code, ErrorCode::OutOfRange);
    const test::TemporaryFolder folder;
    EXPECT_EQ(readRecordFile(folder.write("empty.txt", "")).error().code, ErrorCode::MissingValue);
}

TEST(HostileProtos, NestingChainsAndManyFields)
{
    using caffe::CustomProto;
    const std::string end = "message LayerParameter { optional A a_param = 2000; } message A {}";
    for (const std::string& text : {repeated("message A {", 50'000), end + "message B {" + repeated("message C {", 50'000) + repeated("}", 50'001),
                                    end + "message B { optional int32 a = 1 [(x) = " + repeated("{ a: ", 50'000)}) {
        const auto custom = CustomProto::parse(text, "f");
        ASSERT_FALSE(custom.ok());
        EXPECT_EQ(custom.error().code, ErrorCode::ParseFailed);
        EXPECT_NE(custom.error().detail.find("nested"), std::string::npos);
    }
    std::string messages = end;
    for (int i = 0; i < 20'000; ++i)
        messages += "message M" + std::to_string(i) + " { optional M" + std::to_string(i + 1) + " m = 1; }\n";
    EXPECT_EQ(CustomProto::parse(messages + "message M20000 {}", "f").error().code, ErrorCode::NotSupported);
    // A shorter chain, and one that leads to a message which the user replaces.
    std::string shorter = "message LayerParameter { optional ReLUParameter relu_param = 123; }\nmessage ReLUParameter { optional M0 m = 5; }\n";
    for (int i = 0; i < 1900; ++i)
        shorter += "message M" + std::to_string(i) + " { optional M" + std::to_string(i + 1) + " m = 1; }\n";
    EXPECT_TRUE(CustomProto::parse(shorter + "message M1900 {}", "f").ok());
    std::string fields = "message A {}\nmessage LayerParameter {\n";
    for (int i = 0; i < 20'000; ++i)
        fields += "optional A f" + std::to_string(i) + " = " + std::to_string(20'000 + i) + ";\n";
    const auto many = CustomProto::parse(fields + "}", "f");
    QS_ASSERT_OK(many);
    EXPECT_NE((*many)->notes().back().find("f:20002"), std::string::npos) << (*many)->notes().back();
}

TEST(HostilePictures, TheHeaderIsReadFirst)
{
    using namespace data;
    const auto good = pictureHeader(png(640, 480));
    QS_ASSERT_OK(good);
    EXPECT_EQ(good->width, 640);
    EXPECT_EQ(good->height, 480);
    const auto large = pictureHeader(png(30'000, 30'000));
    ASSERT_FALSE(large.ok());
    EXPECT_NE(large.error().detail.find("30000x30000"), std::string::npos);
    EXPECT_FALSE(pictureHeader(png(0xffffffff, 0xffffffff)).ok());
    EXPECT_FALSE(pictureHeader(png(0, 5)).ok());
    EXPECT_FALSE(pictureHeader(png(5, 5).substr(0, 20)).ok());
    // A thumbnail inside of APP1 is skipped; the frame header is what counts.
    const std::string jpeg = std::string("\xff\xd8\xff\xe1\x00\x08", 6) + "Exif\xff\xc0" + std::string("\xff\xc2\x00\x0b\x08\x00\x10\x00\x20", 9);
    const auto progressive = pictureHeader(jpeg);
    QS_ASSERT_OK(progressive);
    EXPECT_EQ(progressive->width, 32);
    EXPECT_EQ(progressive->height, 16);
    EXPECT_FALSE(pictureHeader(jpeg.substr(0, jpeg.size() - 2)).ok());
    for (const char* other : {"P6\n1 1\n255\nabc", "#?RADIANCE\n", "II*\0", "RIFF", "GIF89a", "\0\0\0\x0cjP  "})
        EXPECT_FALSE(beginsAsPicture(other));
}

TEST(HostilePictures, OnlyThreeFormatsAreDecoded)
{
    const test::TemporaryFolder folder;
    folder.write("p/a.png", "P6\n1 1\n255\nabc");
    folder.write("p/b.png", png(30'000, 30'000));
    DataSpec spec;
    spec.path = folder.path() / "p";
    const auto data = openDataSet(spec, {1, 3, 8, 8});
    ASSERT_FALSE(data.ok());
    EXPECT_EQ(data.error().code, ErrorCode::NoData);
}

TEST(HostileData, ProductsDoNotWrap)
{
    const test::TemporaryFolder folder;
    DataSpec spec;
    spec.kind = DataKind::Mnist;
    spec.path = folder.write("idx", bigEndian(0x803) + bigEndian(0xffffffff) + bigEndian(65536) + bigEndian(65536) + std::string(100, 'x'));
    spec.preprocess.color = ColorOrder::Gray;
    EXPECT_EQ(openDataSet(spec, {1, 1, 8, 8}).error().code, ErrorCode::FileTruncated);
    spec.path = folder.write("idx", bigEndian(0x803) + bigEndian(0x80000000) + bigEndian(65536) + bigEndian(65536 / 2) + std::string(100, 'x'));
    EXPECT_EQ(openDataSet(spec, {1, 1, 8, 8}).error().code, ErrorCode::FileTruncated);
}

TEST(HostileData, PathsThatAreNotUtf8)
{
    Preprocess preprocess;
    preprocess.meanFile = "/tmp/a\xff.npy";
    EXPECT_NE(preprocessToJson(preprocess).find("meanFile"), std::string::npos);
    Project project;
    project.model = "/tmp/\xff";
    EXPECT_FALSE(projectToJson(project, "/").empty());
}

}  // namespace qs

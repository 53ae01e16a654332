#include "core/quant/record.h"
#include "core/targets/amct/record_text.h"

#include "tests/support/protoc.h"

#include <gtest/gtest.h>

namespace qs {

namespace {

// Typed after the manual's samples: a nested layer, one without weights, and the flat form.
constexpr const char* sample = R"(
record { key: "conv1" value: { scale_d: 0.01424 offset_d: -128 scale_w: 0.43213 scale_w: 0.78163 scale_w: 1.03213 offset_w: 0 offset_w: 0 offset_w: 0
  shift_bit: 1 shift_bit: 1 shift_bit: 1 num_bits_w: 8 } }
record { key: "pool1" value { scale_w: 1.0 offset_w: 0 record_d { scale_d: 0.051592775 offset_d: -128 index: 0 num_bits_d: 8 } } }
record { key: "fc1000" value { scale_w: 0.0057898927 offset_w: 0 shift_bit: 2 num_bits_w: 8 record_d { scale_d: 0.031852875 offset_d: -128 index: 0 num_bits_d: 8 } } }
)";

ErrorCode codeOf(const std::string& text)
{
    const auto record = recordFromText(text, "record.txt");
    EXPECT_FALSE(record.ok()) << text;
    return record.ok() ? ErrorCode::Internal : record.error().code;
}

}  // namespace

TEST(Record, ReadsTheManualsForms)
{
    const auto record = recordFromText(sample, "record.txt");
    ASSERT_TRUE(record.ok()) << errorText(record.error());
    const LayerFactors& conv = record->layers.at("conv1");
    EXPECT_EQ(conv.weightScales.size(), 3U);
    EXPECT_FLOAT_EQ(conv.input(0)->params.scale, 0.01424F);
    EXPECT_EQ(conv.input(0)->params.offset, -128);
    EXPECT_TRUE(record->layers.at("pool1").weightScales.empty());
    EXPECT_EQ(record->layers.at("fc1000").weightScales.size(), 1U);
}

/// The flat form is input 0, beside what stands nested for another; a level may be the least of int8.
TEST(Record, FlatAndNestedInputsStandSideBySide)
{
    const auto record = recordFromText(
        "record { key: \"a\" value { scale_d: 2 offset_d: 1 scale_w: 0.5 num_bits_w: 4 cluster: -128 cluster: -7 cluster: -6 cluster: -5 cluster: -4 "
        "cluster: -3 cluster: -2 cluster: -1 cluster: 0 cluster: 1 cluster: 2 cluster: 3 cluster: 4 cluster: 5 cluster: 6 cluster: 127 "
        "record_d { scale_d: 3 offset_d: 0 index: 1 } } }",
        "record.txt");
    ASSERT_TRUE(record.ok()) << errorText(record.error());
    const LayerFactors& factors = record->layers.at("a");
    ASSERT_EQ(factors.inputs.size(), 2U);
    EXPECT_EQ(factors.input(0)->params.scale, 2);
    EXPECT_EQ(factors.input(1)->params.scale, 3);
    EXPECT_EQ(factors.codebook.front(), -128);
    EXPECT_EQ(factors.codebook.back(), 127);
}

TEST(Record, WritesWhatItReads)
{
    const auto record = recordFromText(sample, "record.txt");
    ASSERT_TRUE(record.ok());
    const std::vector<std::string> order{"conv1", "pool1", "fc1000"};
    const std::string text = recordToText(*record, order);
    const auto again = recordFromText(text, "again.txt");
    ASSERT_TRUE(again.ok()) << errorText(again.error());
    EXPECT_EQ(recordToText(*again, order), text);
}

TEST(Record, FaultsAreNamed)
{
    EXPECT_EQ(codeOf("record { key: \"a\" value { scale_w: } }"), ErrorCode::ParseFailed);
    EXPECT_EQ(recordFromText("\n\nrecord {\n unknown_field: 1 }", "record.txt").error().where, "record.txt:4");
    EXPECT_EQ(codeOf("record { value { scale_w: 1 } }"), ErrorCode::MissingValue);
    EXPECT_EQ(codeOf("record { key: \"a\" value { record_d { index: 0 } } }"), ErrorCode::MissingValue);
    EXPECT_EQ(codeOf("record { key: \"a\" value { record_d { index: 0 scale_d: 0 } } }"), ErrorCode::IllegalScale);
    EXPECT_EQ(codeOf("record { key: \"a\" value { record_d { index: 0 scale_d: inf } } }"), ErrorCode::IllegalScale);
    EXPECT_EQ(codeOf("record { key: \"a\" value { record_d { index: 0 scale_d: 1 offset_d: 200 } } }"), ErrorCode::OutOfRange);
    EXPECT_EQ(codeOf("record { key: \"a\" value { scale_w: 1 offset_w: 3 } }"), ErrorCode::OutOfRange);
    EXPECT_EQ(codeOf("record { key: \"a\" value { scale_w: 1 scale_w: 2 offset_w: 0 } }"), ErrorCode::ShapeMismatch);
    EXPECT_EQ(codeOf("record { key: \"a\" value { } } record { key: \"a\" value { } }"), ErrorCode::DuplicateKey);
    EXPECT_EQ(codeOf("record { key: \"a\" value { num_bits_w: 7 } }"), ErrorCode::OutOfRange);
}

// The manual's sample as it stands there: flat and nested factors for conv1, and a brace too few behind it.
constexpr const char* manualHead = R"(record {
    key: "conv1"
    value: {
        scale_d: 0.01424
        offset_d: -128
        scale_w: 0.43213
        scale_w: 0.78163
        scale_w: 1.03213
        offset_w: 0
        offset_w: 0
        offset_w: 0
        shift_bit: 1
        shift_bit: 1
        shift_bit: 1
        num_bits_w: 8        record_d {
          scale_d: 1.554879
          offset_d: -49
          index: 0
          num_bits_d: 8
        }
)";
constexpr const char* manualTail = R"(} record {
  key: "pool1"
  value {
    scale_w: 1.0
    offset_w: 0
    record_d {
      scale_d: 0.051592775
      offset_d: -128
      index: 0
      num_bits_d: 8
    }
  }
}
)";

TEST(Record, TheManualsMissingBraceIsRefusedWithItsLine)
{
    const auto refused = recordFromText(std::string(manualHead) + manualTail, "record.txt");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::ParseFailed);
    EXPECT_EQ(refused.error().where, "record.txt:21");
    EXPECT_NE(refused.error().detail.find("'}' is missing"), std::string::npos) << refused.error().detail;

    const auto record = recordFromText(std::string(manualHead) + "}" + manualTail, "record.txt");
    ASSERT_TRUE(record.ok()) << errorText(record.error());
    const LayerFactors& conv = record->layers.at("conv1");
    ASSERT_EQ(conv.inputs.size(), 1U);
    EXPECT_EQ(conv.inputs[0].params.scale, 1.554879F);
    EXPECT_EQ(conv.inputs[0].params.offset, -49);
    EXPECT_EQ(conv.shiftBits, (std::vector<uint32_t>{1, 1, 1}));
    EXPECT_TRUE(record->layers.contains("pool1"));
}

TEST(Record, WritesTheSameBytesWithEverythingItDoesNotUse)
{
    // Every field of the manual's messages.
    const std::string full =
        R"(record { key: "a" value { scale_w: 0.1 scale_w: 3.4e-05 offset_w: 0 offset_w: 0 shift_bit: 3 shift_bit: 4 skip_fusion: true
      object_layer: "a" num_bits_w: 8
      record_d { scale_d: 0.3 offset_d: -3 index: 1 channels: 3 height: 224 width: 225 num_bits_d: 12 } record_d { scale_d: 1 index: 0 } } })";
    // CANN's order, flat, with a code book.
    std::string levels;
    for (int level = -8; level < 8; ++level)
        levels += "cluster: " + std::to_string(level) + " ";
    const std::string cann =
        R"(record { key: "b" value { scale_d: 0.5 offset_d: -1 scale_w: 0.25 offset_w: 0 shift_bit: 1 channels: 3 height: 4 width: 5
      )" +
        levels + R"( skip_fusion: true num_bits_w: 4 } })";
    const std::vector<std::string> order{"a", "b"};
    const auto first = recordFromText(full + cann, "record.txt");
    ASSERT_TRUE(first.ok()) << errorText(first.error());
    EXPECT_EQ(first->layers.at("a").inputs[0].width, 225U);
    EXPECT_EQ(first->layers.at("a").objectLayer, "a");
    EXPECT_EQ(first->layers.at("b").inputs.at(0).height, 4U);
    EXPECT_EQ(first->layers.at("b").codebook.front(), -8);
    EXPECT_EQ(codeOf("record { key: \"a\" value { scale_w: 1 cluster: 3 } }"), ErrorCode::ShapeMismatch);
    const std::string text = recordToText(*first, order);
    const auto second = recordFromText(text, "again.txt");
    ASSERT_TRUE(second.ok()) << errorText(second.error());
    EXPECT_EQ(recordToText(*second, order), text);
    for (const char* kept : {"shift_bit: 4", "object_layer: \"a\"", "channels: 3", "height: 224", "width: 225", "cluster: -8", "skip_fusion: true"})
        EXPECT_NE(text.find(kept), std::string::npos) << kept;
    EXPECT_EQ(codeOf("record { key: \"a\" value { shift_bit: 17 } }"), ErrorCode::OutOfRange);

    // protoc reads what we write, and its text is ours.
    const char* type = "quantscope_record.ScaleOffsetRecord";
    const std::string bytes = test::protoc("encode", type, "qs_record.proto", text);
    EXPECT_FALSE(bytes.empty());
    EXPECT_EQ(test::protoc("decode", type, "qs_record.proto", bytes), text);
}

}  // namespace qs

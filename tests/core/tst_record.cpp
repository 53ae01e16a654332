#include "core/quant/record.h"

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

}  // namespace qs

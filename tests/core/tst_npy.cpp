#include "core/data/npy.h"

#include <gtest/gtest.h>

namespace qs {

namespace {

std::string npy(const std::string& descr, const std::string& shape, const std::string& content, bool fortran = false)
{
    std::string header = "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n";
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size());
    bytes += '\0';
    return bytes + header + content;
}

TEST(Npy, RoundTrip)
{
    for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 3}, Shape{1, 2, 3, 4}}) {
        Buffer buffer(DType::F32, shape);
        for (size_t i = 0; i < buffer.floats().size(); ++i)
            buffer.floats()[i] = static_cast<float>(i) * 0.1F;
        const std::string bytes = npyBytes(buffer);
        EXPECT_EQ((bytes.size() - buffer.sizeBytes()) % 64, 0U);
        const auto read = parseNpy(bytes, "x");
        ASSERT_TRUE(read.ok()) << errorText(read.error());
        EXPECT_EQ(read->shape(), shape);
        EXPECT_TRUE(std::equal(read->floats().begin(), read->floats().end(), buffer.floats().begin()));
    }
    const auto bytes = parseNpy(npyBytes(Buffer(DType::U8, {2})), "x");
    EXPECT_EQ(bytes->dtype(), DType::U8);
}

TEST(Npy, DoublesHalvesAndFortranOrder)
{
    const double value = 2.5;
    const auto doubles = parseNpy(npy("<f8", "(1,)", std::string(reinterpret_cast<const char*>(&value), 8)), "x");
    ASSERT_TRUE(doubles.ok());
    EXPECT_EQ(doubles->floats()[0], 2.5F);
    const auto halves = parseNpy(npy("<f2", "(1,)", std::string("\x00\xbe", 2)), "x");
    ASSERT_TRUE(halves.ok());
    EXPECT_EQ(toFloat(*halves).floats()[0], -1.5F);
    const auto fortran = parseNpy(npy("|u1", "(2, 3)", std::string("\0\1\2\3\4\5", 6), true), "x");
    ASSERT_TRUE(fortran.ok());
    const Buffer ordered = toFloat(*fortran);
    EXPECT_EQ(std::vector<float>(ordered.floats().begin(), ordered.floats().end()), (std::vector<float>{0, 2, 4, 1, 3, 5}));
}

TEST(Npy, BadFiles)
{
    EXPECT_EQ(parseNpy("nonsense", "x").error().code, ErrorCode::ParseFailed);
    EXPECT_EQ(parseNpy(npy("<f4", "(4,)", "abc"), "x").error().code, ErrorCode::FileTruncated);
    EXPECT_EQ(parseNpy(std::string("\x93NUMPY\x01\x00\xff\xff", 10) + "{}", "x").error().code, ErrorCode::FileTruncated);
    EXPECT_EQ(parseNpy(npy(">f4", "(1,)", "abcd"), "x").error().code, ErrorCode::NotSupported);
    EXPECT_EQ(parseNpy(npy("<c8", "(1,)", "abcdefgh"), "x").error().code, ErrorCode::NotSupported);
    EXPECT_EQ(parseNpy(npy("<f4", "(99999999999, 99999999999)", ""), "x").error().code, ErrorCode::FileTooLarge);
    EXPECT_EQ(parseNpy(npy("<f4", "(-1,)", ""), "x").error().code, ErrorCode::ParseFailed);
    const std::string whole = npyBytes(Buffer(DType::F32, {2, 2}));
    for (size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(parseNpy(whole.substr(0, length), "x").ok()) << length;
}

}  // namespace

}  // namespace qs

// Point clouds as voxels, arrays of features and sites, tensor files of CUDA-BEVFusion.
#include "core/data/dataset.h"
#include "core/data/npy.h"
#include "core/data/tensor_file.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <cstring>

namespace qs {

namespace {

template <class T>
std::string bytesOf(const std::vector<T>& values)
{
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::vector<float> listOf(const Buffer& buffer)
{
    return {buffer.floats().begin(), buffer.floats().end()};
}

/// A grid of 4 x 4 x 2 metres in voxels of one.
Voxelization small()
{
    Voxelization voxels;
    voxels.size = {1, 1, 1};
    voxels.range = {0, 0, 0, 4, 4, 2};
    voxels.features = 4;
    return voxels;
}

}  // namespace

TEST(Points, AVoxelHasTheMeanOfItsFirstPoints)
{
    Voxelization voxels = small();
    const std::vector<float> points{1.5F,   2.5F, 0.5F,   10, /**/ 0.5F, 0.5F, 1.5F,       1, /**/ 1.25F, 2.75F,
                                    0.5F,   20,   /**/ 4, 0,  0,         9,    /**/ -0.1F, 0, 0,          9,
                                    /**/ 1, 2,    0,      60};
    const SparseSample sample = voxelized(points, voxels);
    EXPECT_EQ(listOf(sample.sites), (std::vector<float>{0, 1, 2, 0, 0, 0, 0, 1}));
    EXPECT_EQ(listOf(sample.features), (std::vector<float>{1.25F, 2.41666675F, 0.333333343F, 30, 0.5F, 0.5F, 1.5F, 1}));
    voxels.mostPoints = 2;
    EXPECT_EQ(voxelized(points, voxels).features.floats()[3], 15) << "the third is left";
    voxels.mostVoxels = 1;
    EXPECT_EQ(voxelized(points, voxels).sites.shape(), (Shape{1, 4}));
    EXPECT_EQ(Voxelization().side(0), 1440);
    EXPECT_EQ(Voxelization().side(2), 40);
    voxels.size[1] = 0;
    EXPECT_EQ(voxels.check().error().code, ErrorCode::OutOfRange);
}

TEST(Points, CloudsAreReadAndReversed)
{
    const test::TemporaryFolder folder;
    folder.write("b.bin", bytesOf<float>({3.5F, 1.5F, 0.5F, 7}));
    folder.write("a.bin", bytesOf<float>({0.5F, 1.5F, 1.5F, 5}));
    DataSpec spec = guessDataSpec(folder.path(), {100, 4});
    EXPECT_EQ(spec.kind, DataKind::Points);
    spec.voxels = small();
    auto data = openDataSet(spec, {100, 4});
    QS_ASSERT_OK(data);
    ASSERT_EQ((*data)->size(), 2);
    EXPECT_EQ((*data)->sampleName(1), "b.bin");
    EXPECT_EQ(listOf(*(*data)->sites(1)), (std::vector<float>{0, 3, 1, 0}));
    EXPECT_EQ(listOf(*(*data)->sample(1)), (std::vector<float>{3.5F, 1.5F, 0.5F, 7}));
    EXPECT_EQ((*data)->picture(1)->shape(), (Shape{256, 256, 3}));
    spec.reverseSites = true;
    data = openDataSet(spec, {100, 4});
    EXPECT_EQ(listOf(*(*data)->sites(1)), (std::vector<float>{0, 0, 1, 3}));
    EXPECT_EQ(openDataSet(spec, {100, 5}).error().code, ErrorCode::ShapeMismatch);
    folder.write("c.bin", "xyz");
    EXPECT_EQ((*openDataSet(spec, {100, 4}))->sample(2).error().code, ErrorCode::DataUnreadable);
}

TEST(Points, ArraysOfFloatsAreFeaturesAndIntegersSites)
{
    const test::TemporaryFolder folder;
    folder.write("voxels.npy", npyBytes(Buffer::fromFloats({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6})));
    DataSpec spec;
    spec.kind = DataKind::Points;
    spec.path = folder.path();
    EXPECT_EQ(openDataSet(spec, {}).error().code, ErrorCode::DataUnreadable) << "no sites";
    Buffer sites(DType::I32, {2, 4});
    for (size_t i = 0; i < 8; ++i)
        sites.as<int32_t>()[i] = static_cast<int32_t>(i);
    folder.write("coors.npy", npyBytes(sites));
    const auto data = openDataSet(spec, {7, 3});
    QS_ASSERT_OK(data);
    EXPECT_EQ((*data)->size(), 1);
    EXPECT_EQ(listOf(*(*data)->sample(0)), (std::vector<float>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(listOf(*(*data)->sites(0)), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ((*data)->files().size(), 2U);
    folder.write("coors.npy", npyBytes(Buffer(DType::I32, {3, 4})));
    EXPECT_EQ((*openDataSet(spec, {}))->sites(0).error().code, ErrorCode::ShapeMismatch);
}

TEST(Points, TensorFilesOfCudaBevfusion)
{
    constexpr int32_t magic = 0x33ff1101;
    const auto file = [](const std::vector<int32_t>& head, const std::string& values) { return bytesOf(head) + values; };
    const auto read = parseTensorFile(file({magic, 2, 3, 1, 2}, bytesOf<float>({1.5F, -2})), "t");
    QS_ASSERT_OK(read);
    EXPECT_EQ(read->shape(), (Shape{1, 2}));
    EXPECT_EQ(listOf(*read), (std::vector<float>{1.5F, -2}));
    const auto half = parseTensorFile(file({magic, 1, 2, 2}, bytesOf<uint16_t>({0x3c00, 0xc000})), "t");
    QS_ASSERT_OK(half);
    EXPECT_EQ(listOf(toFloat(*half)), (std::vector<float>{1, -2}));
    EXPECT_EQ(parseTensorFile("", "t").error().code, ErrorCode::ParseFailed);
    EXPECT_EQ(parseTensorFile(file({magic + 1, 1, 3, 1}, "1234"), "t").error().code, ErrorCode::ParseFailed);
    EXPECT_EQ(parseTensorFile(file({magic, 9, 3}, ""), "t").error().code, ErrorCode::ParseFailed);
    EXPECT_EQ(parseTensorFile(file({magic, 1, 6, 1}, "1234"), "t").error().code, ErrorCode::NotSupported);
    EXPECT_EQ(parseTensorFile(file({magic, 2, 3, 2}, ""), "t").error().code, ErrorCode::FileTruncated);
    EXPECT_EQ(parseTensorFile(file({magic, 2, 3, 1 << 30, 1 << 30}, "1234"), "t").error().code, ErrorCode::FileTruncated);
    EXPECT_EQ(parseTensorFile(file({magic, 1, 3, -1}, "1234"), "t").error().code, ErrorCode::ParseFailed);
}

}  // namespace qs

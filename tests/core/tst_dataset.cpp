#include "core/data/dataset.h"
#include "core/data/npy.h"
#include "core/import/importer.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace qs {

namespace {

/// A 24-bit BMP of one colour.
std::string bmp(int width, int height, uint8_t red, uint8_t green, uint8_t blue)
{
    const int row = (3 * width + 3) / 4 * 4;
    const auto number = [](uint32_t value, int bytes) {
        std::string text;
        for (int i = 0; i < bytes; ++i)
            text += static_cast<char>(value >> (8 * i));
        return text;
    };
    std::string text = "BM" + number(static_cast<uint32_t>(54 + row * height), 4) + number(0, 4) + number(54, 4) + number(40, 4) +
                       number(static_cast<uint32_t>(width), 4) + number(static_cast<uint32_t>(height), 4) + number(1, 2) + number(24, 2) +
                       std::string(24, '\0');
    for (int y = 0; y < height; ++y) {
        std::string line;
        for (int x = 0; x < width; ++x)
            line += {static_cast<char>(blue), static_cast<char>(green), static_cast<char>(red)};
        line.resize(static_cast<size_t>(row));
        text += line;
    }
    return text;
}

DataSpec specOf(DataKind kind, const std::filesystem::path& path)
{
    DataSpec spec;
    spec.kind = kind;
    spec.path = path;
    return spec;
}

TEST(DataSet, FolderOfPictures)
{
    const test::TemporaryFolder folder;
    folder.write("pictures/b.bmp", bmp(6, 4, 10, 20, 30));
    folder.write("pictures/a.bmp", bmp(4, 4, 1, 2, 3));
    folder.write("pictures/broken.png", "not a picture");
    folder.write("pictures/notes.txt", "left alone");
    DataSpec spec = specOf(DataKind::Pictures, folder.path() / "pictures");
    spec.preprocess.mean = {1, 2, 3};
    spec.preprocess.scale = {0.5};
    spec.labels = folder.write("labels.txt", "a.bmp 7\nb.bmp 9\n");
    const auto data = openDataSet(spec, {1, 3, 2, 2});
    ASSERT_TRUE(data.ok()) << errorText(data.error());
    ASSERT_EQ((*data)->size(), 2);
    EXPECT_EQ((*data)->sampleName(1), "b.bmp");
    EXPECT_EQ((*data)->label(1), 9);
    EXPECT_EQ((*data)->skipped().size(), 1U);
    const auto sample = (*data)->sample(1);
    ASSERT_TRUE(sample.ok());
    EXPECT_EQ(sample->shape(), (Shape{3, 2, 2}));
    EXPECT_FLOAT_EQ(sample->floats()[0], (30 - 1) * 0.5F);  // blue first
    EXPECT_FLOAT_EQ(sample->floats()[8], (10 - 3) * 0.5F);
    const auto picture = (*data)->picture(1);
    ASSERT_TRUE(picture.ok());
    EXPECT_EQ(picture->as<uint8_t>()[0], 10);
}

TEST(DataSet, ResizeCropAndLimit)
{
    const test::TemporaryFolder folder;
    folder.write("a.bmp", bmp(40, 20, 9, 9, 9));
    folder.write("b.bmp", bmp(40, 20, 9, 9, 9));
    DataSpec spec = specOf(DataKind::Pictures, folder.path());
    spec.preprocess.color = ColorOrder::Gray;
    spec.preprocess.resizeShort = 10;
    spec.preprocess.crop = std::pair(8, 6);
    spec.limit = 1;
    const auto data = openDataSet(spec, {1, 1, 6, 8});
    ASSERT_TRUE(data.ok()) << errorText(data.error());
    EXPECT_EQ((*data)->size(), 1);
    EXPECT_EQ((*data)->sample(0)->shape(), (Shape{1, 6, 8}));
    EXPECT_EQ((*data)->sample(0)->floats()[0], 9);
    spec.preprocess.crop = std::pair(80, 6);
    EXPECT_EQ((*openDataSet(spec, {1, 1, 6, 8}))->sample(0).error().code, ErrorCode::DataUnreadable);
}

TEST(DataSet, Lists)
{
    const test::TemporaryFolder folder;
    folder.write("my pictures/a.bmp", bmp(4, 4, 1, 2, 3));
    const auto list = folder.write("list.txt", "my pictures/a.bmp 3\nmissing.bmp 4\n");
    const auto data = openDataSet(specOf(DataKind::List, list), {1, 3, 4, 4});
    ASSERT_TRUE(data.ok()) << errorText(data.error());
    EXPECT_EQ((*data)->size(), 1);
    EXPECT_EQ((*data)->label(0), 3);
    EXPECT_EQ((*data)->skipped().size(), 1U);
}

TEST(DataSet, EmptyAndMissing)
{
    const test::TemporaryFolder folder;
    EXPECT_EQ(openDataSet(specOf(DataKind::Pictures, folder.path()), {1, 3, 4, 4}).error().code, ErrorCode::NoData);
    EXPECT_EQ(openDataSet(specOf(DataKind::Pictures, folder.path() / "none"), {1, 3, 4, 4}).error().code, ErrorCode::FileNotFound);
    folder.write("a.png", "broken");
    EXPECT_EQ(openDataSet(specOf(DataKind::Pictures, folder.path()), {1, 3, 4, 4}).error().code, ErrorCode::NoData);
}

TEST(DataSet, NpyBatch)
{
    const test::TemporaryFolder folder;
    Buffer values(DType::F32, {3, 2, 2, 2});
    values.floats()[8] = 5;
    const auto path = folder.write("x.npy", npyBytes(values));
    const auto data = openDataSet(specOf(DataKind::Npy, path), {1, 2, 2, 2});
    ASSERT_TRUE(data.ok()) << errorText(data.error());
    EXPECT_EQ((*data)->size(), 3);
    EXPECT_EQ((*data)->sample(1)->shape(), (Shape{2, 2, 2}));
    EXPECT_EQ((*data)->sample(1)->floats()[0], 5);
    EXPECT_EQ(openDataSet(specOf(DataKind::Npy, path), {1, 3, 2, 2}).error().code, ErrorCode::ShapeMismatch);
}

TEST(DataSet, Cifar10)
{
    const test::TemporaryFolder folder;
    std::string record(3073, '\0');
    record[0] = 4;
    record[1] = 100;        // red of the first pixel
    record[1 + 2048] = 50;  // blue
    DataSpec spec = specOf(DataKind::Cifar10, folder.write("c.bin", record + record));
    spec.preprocess.color = ColorOrder::Rgb;
    const auto data = openDataSet(spec, {1, 3, 32, 32});
    ASSERT_TRUE(data.ok()) << errorText(data.error());
    EXPECT_EQ((*data)->size(), 2);
    EXPECT_EQ((*data)->label(0), 4);
    EXPECT_EQ((*data)->sample(0)->floats()[0], 100);
    spec.preprocess.color = ColorOrder::Bgr;
    EXPECT_EQ((*openDataSet(spec, {1, 3, 32, 32}))->sample(0)->floats()[0], 50);
    spec.path = folder.write("short.bin", record.substr(0, 3000));
    EXPECT_EQ(openDataSet(spec, {1, 3, 32, 32}).error().code, ErrorCode::FileTruncated);
}

TEST(DataSet, MnistFindsItsLabels)
{
    const test::TemporaryFolder folder;
    const std::string head("\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02", 16);
    DataSpec spec = guessDataSpec(folder.write("t10k-images-idx3-ubyte", head + std::string("\1\2\3\4\5\6\7\x80", 8)), {1, 1, 2, 2});
    folder.write("t10k-labels-idx1-ubyte", std::string("\0\0\x08\x01\0\0\0\x02\x07\x02", 10));
    EXPECT_EQ(spec.kind, DataKind::Mnist);
    spec.preprocess.scale = {1.0 / 256};
    const auto data = openDataSet(spec, {1, 1, 2, 2});
    ASSERT_TRUE(data.ok()) << errorText(data.error());
    EXPECT_EQ((*data)->label(0), 7);
    EXPECT_EQ((*data)->sample(1)->floats()[3], 0.5F);
    spec.path = folder.write("cut-images-idx3-ubyte", head + "abc");
    EXPECT_EQ(openDataSet(spec, {1, 1, 2, 2}).error().code, ErrorCode::FileTruncated);
}

TEST(DataSet, MeanImageOfAnotherSize)
{
    const test::TemporaryFolder folder;
    folder.write("p/a.bmp", bmp(4, 4, 1, 2, 3));
    DataSpec spec = specOf(DataKind::Pictures, folder.path() / "p");
    spec.preprocess.meanFile = folder.write("mean.npy", npyBytes(Buffer(DType::F32, {3, 5, 5})));
    EXPECT_EQ(openDataSet(spec, {1, 3, 4, 4}).error().code, ErrorCode::ShapeMismatch);
    EXPECT_EQ(openDataSet(specOf(DataKind::Pictures, folder.path() / "p"), {1, 1, 4, 4}).error().code, ErrorCode::ShapeMismatch);
}

TEST(Preprocess, JsonRoundTripAndErrors)
{
    Preprocess preprocess;
    preprocess.color = ColorOrder::Rgb;
    preprocess.resizeShort = 256;
    preprocess.crop = std::pair(227, 224);
    preprocess.mean = {104, 117, 123};
    preprocess.scale = {0.0078125};
    preprocess.batch = 4;
    preprocess.transpose = true;
    const auto again = preprocessFromJson(preprocessToJson(preprocess), "p.json");
    ASSERT_TRUE(again.ok()) << errorText(again.error());
    EXPECT_EQ(*again, preprocess);
    EXPECT_EQ(preprocessFromJson("{", "p").error().code, ErrorCode::ParseFailed);
    EXPECT_EQ(preprocessFromJson("[]", "p").error().code, ErrorCode::WrongType);
    EXPECT_EQ(preprocessFromJson(R"({"colour": "rgb"})", "p").error().code, ErrorCode::UnknownKey);
    EXPECT_EQ(preprocessFromJson(R"({"batch": 0})", "p").error().code, ErrorCode::OutOfRange);
    EXPECT_EQ(preprocessFromJson(R"({"mean": "x"})", "p").error().code, ErrorCode::WrongType);
}

TEST(Preprocess, FromTransformParam)
{
    const test::TemporaryFolder folder;
    const auto path = folder.write("net.prototxt", R"(
layer { name: "d" type: "ImageData" top: "data" top: "label" image_data_param { batch_size: 4 new_height: 256 new_width: 256 }
  transform_param { crop_size: 227 mean_value: 104 mean_value: 117 mean_value: 123 scale: 0.1 } }
layer { name: "r" type: "ReLU" bottom: "data" top: "r" })");
    const auto model = importModel({path, {}});
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    const auto preprocess = preprocessFromModel(**model);
    ASSERT_TRUE(preprocess.has_value());
    EXPECT_EQ(preprocess->mean, (std::vector<double>{104, 117, 123}));
    EXPECT_EQ(preprocess->crop, std::pair(227, 227));
    EXPECT_EQ(preprocess->scale, std::vector<double>{0.1});
    EXPECT_EQ(preprocess->batch, 4);
}

TEST(SharedData, Opens)
{
    QS_SHARED_MODELS(models);
    const auto pictures = openDataSet(guessDataSpec(models / "images-imagenet-128", {1, 3, 227, 227}), {1, 3, 227, 227});
    ASSERT_TRUE(pictures.ok()) << errorText(pictures.error());
    EXPECT_EQ((*pictures)->size(), 128);
    EXPECT_TRUE((*pictures)->labelled());
    EXPECT_EQ((*pictures)->sample(0)->shape(), (Shape{3, 227, 227}));
    EXPECT_EQ(readClassNames(models / "imagenet-labels" / "synset.txt").size(), 1000U);
}

}  // namespace

}  // namespace qs

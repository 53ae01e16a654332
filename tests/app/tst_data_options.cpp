#include "app/common/data_options.h"

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>
#include <QTemporaryDir>

#include <fstream>

using namespace qs;

namespace {

Result<DataSpec> parse(const std::string& line)
{
    CLI::App app;
    DataOptions options;
    addDataOptions(app, options);
    app.parse(line);
    return dataSpec(options);
}

}  // namespace

TEST(DataOptions, ReadsEveryFlag)
{
    const auto spec =
        parse("--images /tmp --color rgb --resize-short 256 --crop 227x224 --mean 104,117,123 --scale 0.5 --batch 4 --limit 32 --labels /l.txt");
    ASSERT_TRUE(spec.ok()) << errorText(spec.error());
    EXPECT_EQ(spec->kind, DataKind::Pictures);
    EXPECT_EQ(spec->path, "/tmp");
    EXPECT_EQ(spec->preprocess.color, ColorOrder::Rgb);
    EXPECT_EQ(spec->preprocess.resizeShort, 256);
    EXPECT_EQ(spec->preprocess.crop, (std::pair{227, 224}));
    EXPECT_EQ(spec->preprocess.mean, (std::vector<double>{104, 117, 123}));
    EXPECT_EQ(spec->preprocess.scale, std::vector<double>{0.5});
    EXPECT_EQ(spec->preprocess.batch, 4);
    EXPECT_EQ(spec->limit, 32);
    EXPECT_EQ(spec->labels, "/l.txt");
}

TEST(DataOptions, TakesAMeanImage)
{
    const auto spec = parse("--cifar10 /x.bin --mean /mean.npy");
    ASSERT_TRUE(spec.ok());
    EXPECT_EQ(spec->kind, DataKind::Cifar10);
    EXPECT_TRUE(spec->preprocess.mean.empty());
    EXPECT_EQ(spec->preprocess.meanFile, "/mean.npy");
}

/// What stands on the command line replaces what the file of --preprocess says, and what excludes it.
TEST(DataOptions, FlagsOverrideTheFile)
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("p.json"));
    std::ofstream(file.toStdString()) << R"({"resizeShort": 256, "scale": 0.5})";
    const auto spec = parse("--images /tmp --preprocess " + file.toStdString() + " --resize 8x6");
    ASSERT_TRUE(spec.ok()) << errorText(spec.error());
    EXPECT_FALSE(spec->preprocess.resizeShort.has_value());
    EXPECT_EQ(spec->preprocess.resize, (std::pair{8, 6}));
    EXPECT_EQ(spec->preprocess.scale, std::vector<double>{0.5});
}

TEST(DataOptions, RefusesNonsenseNamingTheFlag)
{
    EXPECT_EQ(parse("--color rgb").error().where, "DATA");
    EXPECT_EQ(parse("--images /tmp --npy /x.npy").error().where, "DATA");
    EXPECT_EQ(parse("--images /tmp --crop 224").error().where, "--crop");
    EXPECT_EQ(parse("--images /tmp --color blue").error().where, "--color");
    EXPECT_EQ(parse("--images /tmp --resize 2x2 --resize-short 3").error().where, "--resize");
}

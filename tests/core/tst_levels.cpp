// What is promised across the levels of a processor's instructions (core/base/cpu.h): the whole program, run at each that this machine has.
#include "core/base/cpu.h"
#include "core/base/file.h"
#include "core/data/npy.h"
#include "tests/support/networks.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

#include <cmath>
#include <cstring>

namespace qs {

namespace {

namespace fs = std::filesystem;

const fs::path demo = fs::path(QS_SOURCE_DIR) / "resources/demo";

int runProgram(const std::string& level, std::vector<std::string> words, const fs::path& output)
{
    words.insert(words.begin(), QS_CLI);
    return test::waitFor(test::startProgram(std::move(words), output.string(), output.string() + ".err", {{"QUANTSCOPE_CPU", level}}));
}

std::vector<std::string> levels()
{
    std::vector<std::string> names;
    for (const CpuLevel level : {CpuLevel::Portable, CpuLevel::V3, CpuLevel::V4})
        if (level <= highestCpuLevel())
            names.push_back(cpuLevelName(level));
    return names;
}

}  // namespace

TEST(Levels, TheDemosValuesDifferByTheRoundingOfSumsOnly)
{
    const test::TemporaryFolder folder;
    std::map<std::string, std::vector<Buffer>> values;
    for (const std::string& level : levels())
        for (const char* threads : {"1", "2"}) {
            const fs::path out = folder.path() / (level + threads);
            ASSERT_EQ(runProgram(level,
                                 {"run", (demo / "demo.prototxt").string(), "-w", (demo / "demo.caffemodel").string(), "--images",
                                  (demo / "pictures").string(), "--limit", "1", "-o", out.string(), "--threads", threads},
                                 folder.path() / "out"),
                      0);
            std::vector<Buffer> found;
            std::vector<fs::path> files;
            for (const auto& entry : fs::recursive_directory_iterator(out))
                if (entry.path().extension() == ".npy")
                    files.push_back(entry.path());
            std::sort(files.begin(), files.end());
            for (const fs::path& file : files) {
                auto array = readNpy(file);
                QS_ASSERT_OK(array);
                found.push_back(*std::move(array));
            }
            ASSERT_GT(found.size(), 10U);
            const auto& first = values.emplace(level, found).first->second;
            // The same bits within a level.
            for (size_t i = 0; i < found.size(); ++i)
                EXPECT_EQ(std::memcmp(first[i].bytes(), found[i].bytes(), found[i].sizeBytes()), 0) << level << " " << files[i];
        }
    const std::vector<Buffer>& lowest = values.begin()->second;
    for (const auto& [level, found] : values)
        for (size_t i = 0; i < found.size(); ++i) {
            float largest = 0;
            for (const float value : found[i].floats())
                largest = std::max(largest, std::fabs(value));
            // Some twenty layers, each of which adds a rounding of a few units in 2^-24 of its largest value.
            for (int64_t k = 0; k < found[i].count(); ++k)
                ASSERT_NEAR(found[i].floats()[static_cast<size_t>(k)], lowest[i].floats()[static_cast<size_t>(k)], 2e-5F * largest) << level;
        }
}

TEST(Levels, AreNamedAndRefusedWhereTheyAreNone)
{
    const test::TemporaryFolder folder;
    for (const std::string& level : levels()) {
        EXPECT_EQ(runProgram(level, {"--version"}, folder.path() / "out"), 0);
        EXPECT_NE(readFile(folder.path() / "out")->find(level), std::string::npos);
    }
    EXPECT_EQ(runProgram("x86-64-v9", {"ops"}, folder.path() / "out"), 2);
    EXPECT_NE(readFile(folder.path() / "out.err")->find("x86-64-v3"), std::string::npos);
}

}  // namespace qs

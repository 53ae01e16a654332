// The corpora of tests/fuzz, with what fuzzing has found, through the same functions: nothing may crash or throw.
#include "core/base/file.h"
#include "tests/fuzz/targets.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace qs {

TEST(FuzzCorpus, IsReadWithoutHarm)
{
    const std::filesystem::path corpus = std::filesystem::path(QS_SOURCE_DIR) / "tests/fuzz/corpus";
    for (const fuzz::Target& target : fuzz::targets()) {
        int inputs = 0;
        for (const auto& entry : std::filesystem::directory_iterator(corpus / target.name)) {
            SCOPED_TRACE(entry.path().string());
            const auto bytes = readFile(entry.path());
            ASSERT_TRUE(bytes.ok());
            target.run(*bytes);
            ++inputs;
        }
        EXPECT_GT(inputs, 0) << target.name;
    }
}

}  // namespace qs

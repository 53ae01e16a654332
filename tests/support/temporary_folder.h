// A folder that goes away with the test.
#pragma once

#include "core/base/file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace qs::test {

class TemporaryFolder {
public:
    TemporaryFolder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "quantscope-test.XXXXXX").string();
        m_path = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder()
    {
        std::error_code failure;
        std::filesystem::remove_all(m_path, failure);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return m_path; }
    std::filesystem::path write(const std::string& name, std::string_view content) const
    {
        EXPECT_TRUE(writeFile(m_path / name, content).ok());
        return m_path / name;
    }

private:
    std::filesystem::path m_path;
};

}  // namespace qs::test

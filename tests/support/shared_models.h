// Where the local test data is: QUANTSCOPE_MODELS, or ../shared/models beside the sources. Tests that need it skip without it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace qs::test {

inline std::optional<std::filesystem::path> sharedModels()
{
    const char* chosen = std::getenv("QUANTSCOPE_MODELS");
    const std::filesystem::path path = chosen ? std::filesystem::path(chosen) : std::filesystem::path(QS_SOURCE_DIR) / ".." / "shared" / "models";
    if (std::filesystem::is_directory(path))
        return path;
    return std::nullopt;
}

}  // namespace qs::test

#define QS_SHARED_MODELS(variable)                         \
    const auto variable##Found = qs::test::sharedModels(); \
    if (!variable##Found)                                  \
        GTEST_SKIP() << "skipped: no shared models";       \
    const std::filesystem::path variable = *variable##Found

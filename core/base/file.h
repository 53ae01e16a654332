// Whole files in and out. Writing goes to a temporary name in the same folder and is renamed: a reader never sees half a file.
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace qs {

/// Errors: FileNotFound, FileUnreadable (also for a folder), FileTooLarge above `limitBytes`.
Result<std::string> readFile(const std::filesystem::path& path, uint64_t limitBytes = uint64_t{8} << 30);

/// Creates missing parent folders. Errors: FileNotWritable; then an existing file is untouched and no temporary is left.
Result<void> writeFile(const std::filesystem::path& path, std::string_view content);

/// Several files of which either all or none replace what was there (up to a crash between renames).
class FileSet {
public:
    FileSet() = default;
    ~FileSet();
    FileSet(const FileSet&) = delete;
    FileSet& operator=(const FileSet&) = delete;

    /// Writes the content to a temporary beside `path`.
    Result<void> add(const std::filesystem::path& path, std::string_view content);
    /// Renames all temporaries to their names. Without it the destructor removes them.
    Result<void> commit();

private:
    struct Entry {
        std::filesystem::path temporary;
        std::filesystem::path path;
    };
    std::vector<Entry> m_entries;
};

}  // namespace qs

// Whole files in and out. A reader never sees half a file, nor some files of a set and not the others.
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace qs {

constexpr uint64_t largestFile = uint64_t{2} << 30;    ///< protobuf's limit, and so that of a network
constexpr uint64_t largestText = uint64_t{256} << 20;  ///< of what people and our own programs write: configurations, records, journals
constexpr uint64_t largestArray = uint64_t{8} << 30;   ///< data sets in one file

/// Errors: FileNotFound, FileUnreadable (also for a folder, a device, or a pipe that the caller was not handed as /dev/stdin or /dev/fd/N),
/// FileTooLarge above `limitBytes`, OutOfMemory. Never waits for a writer. Finishes first what a killed writeFiles() left in the folder.
Result<std::string> readFile(const std::filesystem::path& path, uint64_t limitBytes = largestFile);
/// The first bytes, for a look at what kind of file it is; empty where readFile() would fail.
std::string readHead(const std::filesystem::path& path, size_t bytes);

struct NewFile {
    std::filesystem::path path;
    std::string_view content;
    std::string_view rest{};  ///< follows the content: what is large and lies elsewhere is not copied behind its header
};

enum class Durability : uint8_t {
    Disk,    ///< survives a power failure: waits for the disk
    Process  ///< survives the end of the process: for many files that can be made again
};

/// Writes several files, of which either all or none replace what was there, also when the process is killed: what a dead one left is finished or
/// removed by the next writer or reader in the folder. Files outside of the first one's folder and of what is below it are whole each, but only a
/// process that lives on brings all of them.
/// Missing parent folders are created; symbolic links are followed; mode, and where that is allowed the owner, of a file that is replaced are kept.
/// Character devices and pipes are written to in place (/dev/stdout); folders, block devices, sockets and pipes that nobody reads are refused. Waits
/// for another process that writes to the same folder. Errors: FileNotWritable; then all files are what they were and no temporary is left.
Result<void> writeFiles(const std::vector<NewFile>& files, Durability durability = Durability::Disk);
Result<void> writeFile(const std::filesystem::path& path, std::string_view content, Durability durability = Durability::Disk);

/// The part of a layer's or picture's name that may be a file's: separators and control characters become '_', and it is at most `longest` bytes.
std::string fileNameOf(std::string_view name, size_t longest = 200);

}  // namespace qs

#include "core/base/file.h"

#include "core/base/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace qs {

namespace fs = std::filesystem;

namespace {

Error unreadable(const fs::path& path, std::string detail)
{
    return {ErrorCode::FileUnreadable, std::move(detail), path.string()};
}

Error tooLarge(const fs::path& path, uint64_t limitBytes)
{
    return {ErrorCode::FileTooLarge, "more than " + std::to_string(limitBytes) + " bytes", path.string()};
}

/// /dev/stdin and a shell's <(command): pipes that the user has opened for us.
bool handedOver(const fs::path& path)
{
    const std::string text = path.string();
    return text == "/dev/stdin" || text.starts_with("/dev/fd/") || text.starts_with("/proc/self/fd/");
}

/// Opens without waiting for a writer, which a pipe may never have.
Result<Descriptor> openFile(const fs::path& path, struct stat& status)
{
    Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file.open() && (errno == ENOENT || errno == ENOTDIR))
        return Error{ErrorCode::FileNotFound, std::strerror(errno), path.string()};
    if (!file.open() || ::fstat(file.get(), &status) != 0)
        return unreadable(path, std::strerror(errno));
    if (S_ISDIR(status.st_mode))
        return unreadable(path, "it is a folder");
    if (!S_ISREG(status.st_mode) && !(S_ISFIFO(status.st_mode) && handedOver(path)))
        return unreadable(path, "it is no file but a device or a pipe");
    ::fcntl(file.get(), F_SETFL, ::fcntl(file.get(), F_GETFL) & ~O_NONBLOCK);
    return file;
}

/// Up to `count` bytes more at the end of the content. False: errno says why.
bool readMore(int file, std::string& content, size_t count)
{
    size_t size = content.size();
    content.resize(size + count);
    ssize_t got = 0;
    do {
        got = ::read(file, content.data() + size, content.size() - size);
        if (got > 0)
            size += static_cast<size_t>(got);
    } while (size < content.size() && (got > 0 || (got < 0 && errno == EINTR)));
    content.resize(size);
    return got >= 0;
}

Result<std::string> readAll(const fs::path& path, uint64_t limitBytes)
{
    struct stat status {};
    QS_TRY(const Descriptor file, openFile(path, status));
    const auto size = static_cast<uint64_t>(status.st_size);
    if (size > limitBytes)
        return tooLarge(path, limitBytes);
    std::string content;
    // One byte more than the size shows the end; pipes and /proc have no size.
    constexpr size_t piece = 1 << 16;
    for (size_t wanted = size + 1, before = 0;; wanted = piece, before = content.size()) {
        if (!readMore(file.get(), content, wanted))
            return unreadable(path, std::strerror(errno));
        if (content.size() > limitBytes)
            return tooLarge(path, limitBytes);
        if (content.size() < before + wanted)
            return content;
    }
}

}  // namespace

Result<std::string> readFile(const fs::path& path, uint64_t limitBytes)
{
    finishDeadWriterIfAny(path.parent_path());
    try {
        return readAll(path, limitBytes);
    } catch (const std::bad_alloc&) {
        std::error_code failure;
        return Error{ErrorCode::OutOfMemory, std::to_string(fs::file_size(path, failure)) + " bytes", path.string()};
    }
}

std::string readHead(const fs::path& path, size_t bytes)
{
    struct stat status {};
    const auto file = openFile(path, status);
    std::string head;
    // What is taken from a pipe would be missing later.
    if (!file || !S_ISREG(status.st_mode) || !readMore(file->get(), head, bytes))
        head.clear();
    return head;
}

std::string fileNameOf(std::string_view name, size_t longest)
{
    std::string file(name.substr(0, longest));
    // Not inside of a character of UTF-8.
    while (file.size() < name.size() && !file.empty() && (static_cast<unsigned char>(name[file.size()]) & 0xC0U) == 0x80)
        file.pop_back();
    for (char& c : file)
        if (c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            c = '_';
    return file == "." || file == ".." ? "_" : file;
}

}  // namespace qs

#include "core/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace qs {

namespace fs = std::filesystem;

namespace {

Error systemError(ErrorCode code, const fs::path& path)
{
    return {code, std::strerror(errno), path.string()};
}

Result<void> writeAll(int descriptor, std::string_view content, const fs::path& path)
{
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return systemError(ErrorCode::FileNotWritable, path);
        }
        content.remove_prefix(static_cast<size_t>(written));
    }
    // A full disk may show only here.
    if (::fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS)
        return systemError(ErrorCode::FileNotWritable, path);
    return {};
}

}  // namespace

Result<std::string> readFile(const fs::path& path, uint64_t limitBytes)
{
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return systemError(errno == ENOENT || errno == ENOTDIR ? ErrorCode::FileNotFound : ErrorCode::FileUnreadable, path);
    if (S_ISDIR(status.st_mode))
        return Error{ErrorCode::FileUnreadable, "it is a folder", path.string()};
    if (static_cast<uint64_t>(status.st_size) > limitBytes)
        return Error{ErrorCode::FileTooLarge, std::to_string(status.st_size) + " bytes", path.string()};
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (!file)
        return systemError(ErrorCode::FileUnreadable, path);
    std::string content(static_cast<size_t>(status.st_size), '\0');
    size_t count = std::fread(content.data(), 1, content.size(), file);
    content.resize(count);
    // Pipes and /proc have no size: read on to the end.
    char more[4096];
    while ((count = std::fread(more, 1, sizeof more, file)) > 0) {
        content.append(more, count);
        if (content.size() > limitBytes) {
            std::fclose(file);
            return Error{ErrorCode::FileTooLarge, "more than " + std::to_string(limitBytes) + " bytes", path.string()};
        }
    }
    const bool failed = std::ferror(file) != 0;
    std::fclose(file);
    if (failed)
        return Error{ErrorCode::FileUnreadable, "reading failed", path.string()};
    return content;
}

Result<void> writeFile(const fs::path& path, std::string_view content)
{
    FileSet files;
    QS_CHECK(files.add(path, content));
    return files.commit();
}

FileSet::~FileSet()
{
    for (const Entry& entry : m_entries)
        ::unlink(entry.temporary.c_str());
}

Result<void> FileSet::add(const fs::path& path, std::string_view content)
{
    std::error_code failure;
    if (path.has_parent_path())
        fs::create_directories(path.parent_path(), failure);  // a real failure shows when the file is opened
    if (fs::is_directory(path, failure))
        return Error{ErrorCode::FileNotWritable, "a folder has this name", path.string()};
    std::string temporary = path.string() + ".XXXXXX";
    const int descriptor = ::mkstemp(temporary.data());
    if (descriptor < 0)
        return systemError(ErrorCode::FileNotWritable, path);
    m_entries.push_back({temporary, path});
    const Result<void> written = writeAll(descriptor, content, path);
    // mkstemp makes the file private; give it what a plain open would.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(descriptor, 0666 & ~mask);
    if (::close(descriptor) != 0 && written.ok())
        return systemError(ErrorCode::FileNotWritable, path);
    return written;
}

Result<void> FileSet::commit()
{
    while (!m_entries.empty()) {
        const Entry& entry = m_entries.front();
        if (std::rename(entry.temporary.c_str(), entry.path.c_str()) != 0)
            return systemError(ErrorCode::FileNotWritable, entry.path);
        m_entries.erase(m_entries.begin());
    }
    return {};
}

}  // namespace qs

#include "core/base/file.h"
#include "core/base/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

namespace qs {

namespace fs = std::filesystem;

namespace {

Error notWritable(const fs::path& path, std::string detail = std::strerror(errno))
{
    return {ErrorCode::FileNotWritable, std::move(detail), path.string()};
}

/// Where a file will really stand, and what stands there.
struct Target {
    fs::path path;  ///< no link any more
    std::string_view content, rest;
    bool inPlace = false;
    std::optional<struct stat> replaced;
    fs::path temporary;
};

/// The end of a chain of links, which may not exist.
Result<fs::path> withoutLinks(fs::path path)
{
    constexpr int longest = 40;
    for (int i = 0; i < longest; ++i) {
        std::error_code failure;
        if (!fs::is_symlink(fs::symlink_status(path, failure)))
            return path;
        const fs::path next = fs::read_symlink(path, failure);
        if (failure)
            return notWritable(path, failure.message());
        path = next.is_absolute() ? next : path.parent_path() / next;
    }
    return notWritable(path, "its symbolic links go round in a circle");
}

Result<Target> targetOf(const NewFile& file)
{
    std::error_code failure;
    Target target;
    target.path = file.path;
    target.content = file.content;
    target.rest = file.rest;
    struct stat status {};
    if (::stat(file.path.c_str(), &status) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return notWritable(file.path);
        QS_TRY(target.path, withoutLinks(file.path));
        if (target.path.has_parent_path())
            fs::create_directories(target.path.parent_path(), failure);  // a real failure shows when the temporary is opened
        target.path = fs::absolute(target.path, failure);
        if (const fs::path folder = fs::canonical(target.path.parent_path(), failure); !failure)
            target.path = folder / target.path.filename();
        return target;
    }
    if (S_ISDIR(status.st_mode))
        return notWritable(file.path, "a folder has this name");
    if (S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode)) {
        target.inPlace = true;
        return target;
    }
    if (!S_ISREG(status.st_mode))
        return notWritable(file.path, "it is no file but a device or a socket");
    // A rename asks the folder only; the file's own permission counts as well.
    if (::access(file.path.c_str(), W_OK) != 0)
        return notWritable(file.path);
    target.replaced = status;
    target.path = fs::canonical(file.path, failure);
    return failure ? Result<Target>(notWritable(file.path, failure.message())) : Result<Target>(target);
}

Result<void> writeAll(int descriptor, std::string_view content, const fs::path& path)
{
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return notWritable(path);
        content.remove_prefix(static_cast<size_t>(written));
    }
    return {};
}

/// Devices and pipes: opening never waits, writing does.
Result<void> writeInPlace(const Target& target)
{
    Descriptor descriptor(::open(target.path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!descriptor.open())
        return errno == ENXIO ? notWritable(target.path, "it is a pipe that nobody reads") : notWritable(target.path);
    ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) & ~O_NONBLOCK);
    QS_CHECK(writeAll(descriptor.get(), target.content, target.path));
    return writeAll(descriptor.get(), target.rest, target.path);
}

void keepOwnerAndMode(int descriptor, const struct stat& replaced)
{
    mode_t mode = replaced.st_mode & 07777;
    // Where the owner cannot be given the group may be; set-user-id of another owner must not become one of ours.
    if (::fchown(descriptor, replaced.st_uid, replaced.st_gid) != 0 && ::fchown(descriptor, static_cast<uid_t>(-1), replaced.st_gid) != 0)
        mode &= 0777;
    struct stat status {};
    if (::fstat(descriptor, &status) == 0 && status.st_uid != replaced.st_uid)
        mode &= 0777;
    ::fchmod(descriptor, mode);
}

Result<void> writeTemporary(const Target& target, bool sync)
{
    // Never more open than what it replaces; a new one as the umask has it.
    const mode_t mode = target.replaced ? target.replaced->st_mode & 0600 : 0666;
    Descriptor descriptor(::open(target.temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!descriptor.open())
        return notWritable(target.path);
    if (target.replaced)
        keepOwnerAndMode(descriptor.get(), *target.replaced);
    QS_CHECK(writeAll(descriptor.get(), target.content, target.path));
    QS_CHECK(writeAll(descriptor.get(), target.rest, target.path));
    // A full disk may show only here.
    if (sync && ::fsync(descriptor.get()) != 0 && errno != EINVAL && errno != EROFS)
        return notWritable(target.path);
    return descriptor.close() ? Result<void>() : notWritable(target.path);
}

void syncFolder(const fs::path& folder)
{
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ::fsync(descriptor.get());
}

/// Removes the temporaries that were not renamed.
class Temporaries {
public:
    ~Temporaries()
    {
        for (const fs::path& path : m_paths)
            ::unlink(path.c_str());
    }
    void add(const fs::path& path) { m_paths.push_back(path); }

private:
    std::vector<fs::path> m_paths;
};

Result<void> replace(std::vector<Target>& targets, bool sync)
{
    const fs::path folder = targets.front().path.parent_path();
    const FolderLock lock(folder, true);
    if (lock.state() == FolderLock::State::Busy)
        return notWritable(folder, "another process has been writing there for a minute");
    if (lock.state() == FolderLock::State::Held)
        finishDeadWriter(folder);
    const std::string prefix = temporaryPrefix();
    std::vector<JournalEntry> entries;
    for (size_t i = 0; i < targets.size(); ++i) {
        Target& target = targets[i];
        target.temporary = target.path.parent_path() / (prefix + std::to_string(i));
        if (const fs::path relative = target.path.lexically_relative(folder); !relative.empty() && *relative.begin() != "..")
            entries.push_back({target.temporary.lexically_relative(folder), relative});
    }
    auto journal = Journal::begin(folder, entries);
    if (!journal)
        return notWritable(targets.front().path, journal.error().detail);
    Temporaries temporaries;
    for (const Target& target : targets) {
        temporaries.add(target.temporary);
        QS_CHECK(writeTemporary(target, sync));
    }
    QS_CHECK(journal->commit(sync && targets.size() > 1));
    for (const Target& target : targets)
        if (std::rename(target.temporary.c_str(), target.path.c_str()) != 0)
            return notWritable(target.path);
    if (sync)
        syncFolder(folder);
    return {};
}

}  // namespace

Result<void> writeFiles(const std::vector<NewFile>& files, Durability durability)
{
    std::vector<Target> targets;
    std::vector<Target> inPlace;
    for (const NewFile& file : files) {
        QS_TRY(Target target, targetOf(file));
        (target.inPlace ? inPlace : targets).push_back(std::move(target));
    }
    for (const Target& target : inPlace)
        QS_CHECK(writeInPlace(target));
    return targets.empty() ? Result<void>() : replace(targets, durability == Durability::Disk);
}

Result<void> writeFile(const fs::path& path, std::string_view content, Durability durability)
{
    return writeFiles({{path, content}}, durability);
}

}  // namespace qs

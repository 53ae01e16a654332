#include "core/base/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>

namespace qs {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view ourPrefix = ".quantscope-";
constexpr std::string_view head = "quantscope journal 1";
constexpr std::string_view committed = "commit";

/// One for each user: nobody can remove what another has left in a folder like /tmp.
fs::path journalOf(const fs::path& folder)
{
    return folder / (std::string(ourPrefix) + "journal-" + std::to_string(::geteuid()));
}

/// The parts between NULs, which no path has; what a killed writer left unfinished at the end is not one.
std::vector<std::string> partsOf(std::string_view text)
{
    std::vector<std::string> parts;
    for (size_t end = text.find('\0'); end != std::string_view::npos; end = text.find('\0')) {
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    return parts;
}

std::string readJournal(const fs::path& file)
{
    constexpr off_t longest = 16 << 20;
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!descriptor.open() || ::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > longest)
        return {};
    std::string text(static_cast<size_t>(status.st_size), '\0');
    const ssize_t count = ::pread(descriptor.get(), text.data(), text.size(), 0);
    text.resize(count < 0 ? 0 : static_cast<size_t>(count));
    return text;
}

/// A temporary of ours beside what it becomes, both really inside of the folder.
bool trusted(const fs::path& folder, const JournalEntry& entry)
{
    const auto inside = [](const fs::path& path) {
        return path.is_relative() && path.has_filename() && path.lexically_normal() == path && *path.begin() != "..";
    };
    if (!inside(entry.temporary) || !inside(entry.path) || entry.temporary.parent_path() != entry.path.parent_path() ||
        !entry.temporary.filename().string().starts_with(ourPrefix))
        return false;
    std::error_code failure;
    const fs::path real = fs::canonical(folder, failure);
    return !failure && fs::canonical(folder / entry.path.parent_path(), failure) == (real / entry.path.parent_path() / "").parent_path() && !failure;
}

}  // namespace

Descriptor::~Descriptor()
{
    if (m_value >= 0)
        ::close(m_value);
}

Descriptor::Descriptor(Descriptor&& other) noexcept : m_value(std::exchange(other.m_value, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept
{
    std::swap(m_value, other.m_value);
    return *this;
}

bool Descriptor::close()
{
    return ::close(std::exchange(m_value, -1)) == 0;
}

FolderLock::FolderLock(const fs::path& folder, bool wait) : m_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
{
    constexpr auto longest = std::chrono::minutes(1);
    const auto begin = std::chrono::steady_clock::now();
    while (m_folder.open()) {
        if (::flock(m_folder.get(), LOCK_EX | LOCK_NB) == 0) {
            m_state = State::Held;
            return;
        }
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return;
        m_state = State::Busy;
        if (!wait || std::chrono::steady_clock::now() - begin > longest)
            return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

Journal::Journal(fs::path file, Descriptor descriptor) : m_file(std::move(file)), m_descriptor(std::move(descriptor)) {}

Journal::~Journal()
{
    if (m_descriptor.open())
        ::unlink(m_file.c_str());
}

Result<Journal> Journal::begin(const fs::path& folder, const std::vector<JournalEntry>& entries)
{
    const fs::path file = journalOf(folder);
    ::unlink(file.c_str());
    Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!descriptor.open())
        return Error{ErrorCode::FileNotWritable, std::strerror(errno), folder.string()};
    Journal journal(file, std::move(descriptor));
    std::string text(head);
    text += '\0';
    for (const JournalEntry& entry : entries)
        text += entry.temporary.string() + '\0' + entry.path.string() + '\0';
    if (::write(journal.m_descriptor.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return Error{ErrorCode::FileNotWritable, std::strerror(errno), folder.string()};
    return journal;
}

Result<void> Journal::commit(bool sync)
{
    std::string text(committed);
    text += '\0';
    if (::write(m_descriptor.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        (sync && ::fsync(m_descriptor.get()) != 0 && errno != EINVAL && errno != EROFS))
        return Error{ErrorCode::FileNotWritable, std::strerror(errno), m_file.parent_path().string()};
    return {};
}

std::string temporaryPrefix()
{
    static std::atomic<unsigned> calls = 0;
    const auto now = static_cast<unsigned>(std::chrono::system_clock::now().time_since_epoch().count());
    std::string prefix(ourPrefix);
    for (const unsigned part : {static_cast<unsigned>(::getpid()), ++calls, now})
        prefix += std::to_string(part) + "-";
    return prefix;
}

void finishDeadWriter(const fs::path& folder)
{
    const fs::path file = journalOf(folder);
    const std::vector<std::string> parts = partsOf(readJournal(file));
    if (!parts.empty() && parts.front() == head) {
        const bool forward = parts.back() == committed;
        for (size_t i = 1; i + 1 < parts.size(); i += 2) {
            const JournalEntry entry{parts[i], parts[i + 1]};
            struct stat status {};
            const fs::path temporary = folder / entry.temporary;
            // What was renamed already has no temporary any more.
            if (!trusted(folder, entry) || ::lstat(temporary.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
                continue;
            if (!forward || std::rename(temporary.c_str(), (folder / entry.path).c_str()) != 0)
                ::unlink(temporary.c_str());
        }
    }
    struct stat status {};
    if (::lstat(file.c_str(), &status) == 0 && !S_ISDIR(status.st_mode))
        ::unlink(file.c_str());
}

void finishDeadWriterIfAny(const fs::path& folder)
{
    const fs::path place = folder.empty() ? fs::path(".") : folder;
    if (::access(journalOf(place).c_str(), F_OK) != 0)
        return;
    const FolderLock lock(place, false);
    if (lock.state() == FolderLock::State::Held)
        finishDeadWriter(place);
}

}  // namespace qs

#include "core/data/lmdb.h"

#include "core/base/file.h"
#include "core/base/journal.h"
#include "core/base/text.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <span>

namespace qs::data {

namespace fs = std::filesystem;

namespace {

static_assert(std::endian::native == std::endian::little && sizeof(size_t) == 8, "LMDB's file is that of a 64-bit little-endian machine");

Error unreadable(const fs::path& file, std::string detail)
{
    return {ErrorCode::DataUnreadable, std::move(detail), file.string()};
}

Error damaged(const fs::path& file, const std::string& detail)
{
    return unreadable(file, "the database is damaged: " + detail);
}

/// Reads with bounds on everything, and never through a mapping: a file that is cut or written to while it is read is an error, no SIGBUS. Layout:
/// LMDB 0.9's mdb.c, data version 1.
class Reader final : public LmdbReader {
public:
    explicit Reader(const fs::path& file) : m_file(file), m_descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}

    Result<void> open()
    {
        struct stat status {};
        if (!m_descriptor.open() || ::fstat(m_descriptor.get(), &status) != 0)
            return Error{ErrorCode::FileUnreadable, std::strerror(errno), m_file.string()};
        if (!S_ISREG(status.st_mode))
            return Error{ErrorCode::FileUnreadable, "it is no file", m_file.string()};
        m_size = static_cast<uint64_t>(status.st_size);
        QS_TRY(Meta meta, metaAt(0));
        m_pageSize = meta.pageSize;
        QS_TRY(const Meta second, metaAt(m_pageSize));
        if (second.pageSize != m_pageSize)
            return damaged(m_file, "its two heads differ in the size of pages");
        // The newer one holds.
        if (second.transaction > meta.transaction)
            meta = second;
        m_pages = meta.lastPage + 1;
        if (m_pages == 0 || m_pages > (uint64_t{1} << 40) || m_size < m_pages * m_pageSize)
            return Error{ErrorCode::FileTruncated, std::to_string(m_size) + " bytes of " + std::to_string(m_pages * m_pageSize), m_file.string()};
        if (meta.flags != 0)
            return unreadable(m_file, "its keys have several values, or are numbers: that is not a data set of Caffe");
        if (meta.depth > deepest)
            return damaged(m_file, "its tree is " + std::to_string(meta.depth) + " pages deep; LMDB has " + std::to_string(deepest) + " at most");
        if (meta.root == invalidPage)
            return {};
        QS_CHECK(page(meta.root, 1, meta.depth));
        if (m_values.size() != meta.entries)
            return damaged(m_file, "it has " + std::to_string(m_values.size()) + " entries instead of " + std::to_string(meta.entries));
        return {};
    }

    const std::vector<std::string>& keys() const override { return m_keys; }

    Result<std::string> value(size_t index) const override
    {
        const auto [begin, size] = m_values[index];
        std::string bytes(size, '\0');
        if (const auto done = read(begin, bytes); !done.ok())
            return unreadable(m_file, "'" + shortened(m_keys[index]) + "': it was cut after it was opened");
        return bytes;
    }

private:
    static constexpr uint64_t invalidPage = ~uint64_t{0};
    static constexpr size_t pageHead = 16;
    static constexpr size_t nodeHead = 8;
    static constexpr unsigned deepest = 32;                      ///< liblmdb's CURSOR_STACK
    static constexpr uint64_t largestValue = uint64_t{1} << 30;  ///< as of a picture file

    struct Meta {
        uint32_t pageSize = 0;
        uint16_t flags = 0;
        uint16_t depth = 0;
        uint64_t entries = 0;
        uint64_t root = 0;
        uint64_t lastPage = 0;
        uint64_t transaction = 0;
    };

    template <class T>
    static T at(std::span<const char> bytes, size_t offset)
    {
        T value;
        std::memcpy(&value, bytes.data() + offset, sizeof value);
        return value;
    }

    Result<void> read(uint64_t offset, std::span<char> bytes) const
    {
        while (!bytes.empty()) {
            const ssize_t count = ::pread(m_descriptor.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR)
                continue;
            if (count <= 0)
                return Error{ErrorCode::FileTruncated, "it ends at byte " + std::to_string(m_size), m_file.string()};
            bytes = bytes.subspan(static_cast<size_t>(count));
            offset += static_cast<uint64_t>(count);
        }
        return {};
    }

    Result<Meta> metaAt(uint64_t offset)
    {
        // Page head, then magic, version, address, map size, two databases of 48 bytes (the free list, the main one), last page, transaction.
        std::array<char, pageHead + 136> bytes;
        QS_CHECK(read(offset, bytes));
        constexpr size_t mainDatabase = pageHead + 24 + 48;
        if (at<uint32_t>(bytes, pageHead) != 0xBEEFC0DE)
            return unreadable(m_file, "it is not an LMDB database");
        if (const auto version = at<uint32_t>(bytes, pageHead + 4); version != 1)
            return unreadable(m_file, "it is an LMDB database of version " + std::to_string(version) + "; 1 is known");
        Meta meta;
        meta.pageSize = at<uint32_t>(bytes, pageHead + 24);
        meta.flags = at<uint16_t>(bytes, mainDatabase + 4);
        meta.depth = at<uint16_t>(bytes, mainDatabase + 6);
        meta.entries = at<uint64_t>(bytes, mainDatabase + 32);
        meta.root = at<uint64_t>(bytes, mainDatabase + 40);
        meta.lastPage = at<uint64_t>(bytes, mainDatabase + 48);
        meta.transaction = at<uint64_t>(bytes, mainDatabase + 56);
        if (meta.pageSize < 256 || meta.pageSize > 65536 || !std::has_single_bit(meta.pageSize))
            return damaged(m_file, "its pages are said to have " + std::to_string(meta.pageSize) + " bytes");
        return meta;
    }

    Result<void> page(uint64_t number, unsigned level, unsigned depth)
    {
        const std::string where = "page " + std::to_string(number);
        // A tree has each page once; one that comes again is a loop.
        if (number < 2 || number >= m_pages || level > depth || ++m_visited > m_pages)
            return damaged(m_file, where + " is not a page of its tree");
        std::vector<char> bytes(m_pageSize);
        QS_CHECK(read(number * m_pageSize, bytes));
        constexpr uint16_t branch = 1;
        constexpr uint16_t leaf = 2;
        const auto flags = at<uint16_t>(bytes, 10);
        const size_t lower = at<uint16_t>(bytes, 12);
        const size_t upper = at<uint16_t>(bytes, 14);
        if (at<uint64_t>(bytes, 0) != number || flags != (level == depth ? leaf : branch) || lower < pageHead || lower > upper ||
            upper > m_pageSize || lower % 2 != 0)
            return damaged(m_file, where + " has a head that makes no sense");
        const size_t count = (lower - pageHead) / 2;
        if (count < (flags == branch ? 2U : 1U))
            return damaged(m_file, where + " is empty");
        for (size_t i = 0; i < count; ++i) {
            const size_t node = at<uint16_t>(bytes, pageHead + 2 * i);
            if (node < upper || node + nodeHead > m_pageSize)
                return damaged(m_file, where + " points outside of itself");
            const uint64_t low = at<uint16_t>(bytes, node);
            const uint64_t high = at<uint16_t>(bytes, node + 2);
            const uint64_t nodeFlags = at<uint16_t>(bytes, node + 4);
            const size_t keyEnd = node + nodeHead + at<uint16_t>(bytes, node + 6);
            if (keyEnd > m_pageSize)
                return damaged(m_file, where + " has a key that leaves it");
            if (flags == branch) {
                QS_CHECK(page(low | high << 16 | nodeFlags << 32, level + 1, depth));
                continue;
            }
            m_keys.emplace_back(bytes.data() + node + nodeHead, keyEnd - node - nodeHead);
            QS_CHECK(leafValue(bytes, number, keyEnd, low | high << 16, nodeFlags, where));
        }
        return {};
    }

    Result<void> leafValue(std::span<const char> bytes, uint64_t number, size_t begin, uint64_t size, uint64_t flags, const std::string& where)
    {
        constexpr uint64_t onOwnPages = 1;
        if (flags == 0 && begin + size <= m_pageSize) {
            m_values.emplace_back(number * m_pageSize + begin, size);
            return {};
        }
        if (flags == onOwnPages && begin + 8 <= m_pageSize) {
            const auto first = at<uint64_t>(bytes, begin);
            const uint64_t pages = (pageHead + size + m_pageSize - 1) / m_pageSize;
            if (first >= 2 && first < m_pages && pages <= m_pages - first && size <= largestValue) {
                m_values.emplace_back(first * m_pageSize + pageHead, size);
                return {};
            }
        } else if (flags > onOwnPages) {
            return unreadable(m_file, "it has databases inside the database: that is not a data set of Caffe");
        }
        return damaged(m_file, where + " has a value that leaves the file");
    }

    fs::path m_file;
    Descriptor m_descriptor;
    uint64_t m_size = 0;
    uint64_t m_pageSize = 0;
    uint64_t m_pages = 0;
    uint64_t m_visited = 0;
    std::vector<std::string> m_keys;
    std::vector<std::pair<uint64_t, uint64_t>> m_values;  ///< where in the file, and how many bytes
};

class Environment {
public:
    ~Environment()
    {
        if (m_environment)
            ::mdb_env_close(m_environment);
    }
    Environment() = default;
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    int open(const fs::path& folder, unsigned flags)
    {
        int status = ::mdb_env_create(&m_environment);
        if (status == 0)
            status = ::mdb_env_open(m_environment, folder.c_str(), flags, 0666);
        return status;
    }
    MDB_env* get() const { return m_environment; }

private:
    MDB_env* m_environment = nullptr;
};

MDB_val valueOf(std::string_view bytes)
{
    return {bytes.size(), const_cast<char*>(bytes.data())};
}

class Writer final : public LmdbWriter {
public:
    explicit Writer(fs::path folder) : m_folder(std::move(folder)) {}
    ~Writer() override
    {
        m_environment.reset();
        std::error_code ignored;
        if (!m_temporary.empty())
            fs::remove_all(m_temporary, ignored);
    }

    Result<void> open()
    {
        std::error_code failure;
        if (fs::exists(m_folder, failure)) {
            if (!fs::is_directory(m_folder, failure))
                return notWritable("a file has this name");
            for (const auto& entry : fs::directory_iterator(m_folder, failure))
                if (entry.path().filename() != "data.mdb" && entry.path().filename() != "lock.mdb")
                    return notWritable("the folder has something else in it: " + entry.path().filename().string());
        }
        if (m_folder.has_parent_path())
            fs::create_directories(m_folder.parent_path(), failure);
        // A name that the next run finds again: what a dead one left in it goes, and two at once do not mix.
        const fs::path temporary = m_folder.parent_path() / (".quantscope-" + fileNameOf(m_folder.filename().string()));
        fs::create_directory(temporary, failure);
        if (fs::symlink_status(temporary, failure).type() != fs::file_type::directory)
            return notWritable(failure ? failure.message() : temporary.string() + " is in the way");
        m_lock.emplace(temporary, false);
        if (m_lock->state() == FolderLock::State::Busy)
            return notWritable("another process is writing it");
        m_temporary = temporary;
        for (const auto& left : fs::directory_iterator(m_temporary, failure))
            fs::remove_all(left.path(), failure);
        // No one else knows the temporary folder: no lock file.
        if (const int status = m_environment->open(m_temporary, MDB_NOLOCK); status != 0)
            return notWritable(::mdb_strerror(status));
        return {};
    }

    Result<void> add(const std::string& key, std::string value) override
    {
        m_pendingBytes += key.size() + value.size() + 4096;
        m_pending.emplace_back(key, std::move(value));
        return m_pendingBytes < (size_t{32} << 20) ? Result<void>() : flush();
    }

    Result<void> commit() override
    {
        QS_CHECK(flush());
        m_environment.reset();
        std::error_code failure;
        if (!fs::exists(m_folder, failure)) {
            fs::rename(m_temporary, m_folder, failure);
            // From here on the name may be another process's.
            if (!failure)
                m_temporary.clear();
        } else {
            // What stands there is an LMDB: its one file is replaced.
            fs::rename(m_temporary / "data.mdb", m_folder / "data.mdb", failure);
            std::error_code ignored;
            fs::remove(m_folder / "lock.mdb", ignored);
        }
        return failure ? notWritable(failure.message()) : Result<void>();
    }

private:
    Error notWritable(std::string detail) const { return {ErrorCode::FileNotWritable, std::move(detail), m_folder.string()}; }

    Result<void> flush()
    {
        if (m_pending.empty())
            return {};
        // Readers map as much as the file says: it says what is needed (Caffe's says a terabyte).
        MDB_envinfo info{};
        MDB_stat statistics{};
        ::mdb_env_info(m_environment->get(), &info);
        ::mdb_env_stat(m_environment->get(), &statistics);
        const size_t used = (info.me_last_pgno + 1) * statistics.ms_psize;
        MDB_txn* transaction = nullptr;
        MDB_dbi database = 0;
        int status = ::mdb_env_set_mapsize(m_environment->get(), used + 2 * m_pendingBytes + (size_t{1} << 20));
        if (status == 0)
            status = ::mdb_txn_begin(m_environment->get(), nullptr, 0, &transaction);
        if (status == 0)
            status = ::mdb_dbi_open(transaction, nullptr, 0, &database);
        for (size_t i = 0; i < m_pending.size() && status == 0; ++i) {
            MDB_val key = valueOf(m_pending[i].first);
            MDB_val value = valueOf(m_pending[i].second);
            status = ::mdb_put(transaction, database, &key, &value, MDB_APPEND);
        }
        if (status == 0)
            status = ::mdb_txn_commit(transaction);
        else if (transaction)
            ::mdb_txn_abort(transaction);
        m_pending.clear();
        m_pendingBytes = 0;
        return status == 0 ? Result<void>() : notWritable(::mdb_strerror(status));
    }

    fs::path m_folder;
    fs::path m_temporary;
    std::optional<FolderLock> m_lock;  ///< of the temporary folder
    std::unique_ptr<Environment> m_environment = std::make_unique<Environment>();
    std::vector<std::pair<std::string, std::string>> m_pending;
    size_t m_pendingBytes = 0;
};

}  // namespace

Result<std::unique_ptr<LmdbReader>> LmdbReader::open(const fs::path& path)
{
    std::error_code failure;
    const fs::path file = fs::is_directory(path, failure) ? path / "data.mdb" : path;
    if (file.filename() != "data.mdb" || !fs::is_regular_file(file, failure))
        return Error{ErrorCode::FileNotFound, "an LMDB data set is a folder with a file data.mdb", path.string()};
    auto reader = std::make_unique<Reader>(file);
    QS_CHECK(reader->open());
    return std::unique_ptr<LmdbReader>(std::move(reader));
}

Result<std::unique_ptr<LmdbWriter>> LmdbWriter::create(const fs::path& folder)
{
    // "out/" means the folder out.
    auto writer = std::make_unique<Writer>(folder.has_filename() ? folder : folder.parent_path());
    QS_CHECK(writer->open());
    return std::unique_ptr<LmdbWriter>(std::move(writer));
}

}  // namespace qs::data

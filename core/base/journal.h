// What makes a set of files whole: a lock of the folder, and a journal in it that a later process can finish. For write.cpp and file.cpp only.
//
// The journal names the temporaries before the first of them exists, and says "commit" once all of them are complete. Who finds one in a folder that
// nobody has locked finds that its writer is dead: with the mark the renames are done to the end, without it the temporaries are removed. It is read
// from folders that may come from anywhere: only temporaries of ours in this folder and below it are touched.
#pragma once

#include "core/base/error.h"

#include <filesystem>
#include <string>
#include <vector>

namespace qs {

/// An open file, closed at the end.
class Descriptor {
public:
    explicit Descriptor(int value = -1) : m_value(value) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_value; }
    bool open() const { return m_value >= 0; }
    /// Errors of closing (a full disk of a network folder) are errors of writing: errno is set.
    bool close();

private:
    int m_value;
};

/// Held by one process and thread at a time, and gone with it. Where the file system has no locks nothing is held.
class FolderLock {
public:
    enum class State : uint8_t { Held, Busy, Unsupported };
    /// Waits a minute at most for another one; without `wait` not at all.
    FolderLock(const std::filesystem::path& folder, bool wait);
    State state() const { return m_state; }

private:
    Descriptor m_folder;
    State m_state = State::Unsupported;
};

struct JournalEntry {
    std::filesystem::path temporary;  ///< relative to the journal's folder
    std::filesystem::path path;       ///< the same
};

class Journal {
public:
    /// Written at once, before the temporaries. The folder is locked. Errors: FileNotWritable.
    static Result<Journal> begin(const std::filesystem::path& folder, const std::vector<JournalEntry>& entries);
    /// All temporaries are complete: from here on a later process goes forward. `sync`: on the disk before it returns.
    Result<void> commit(bool sync);
    /// Removes it: all is done, or undone.
    ~Journal();
    Journal(Journal&&) = default;
    Journal& operator=(Journal&&) = delete;

private:
    Journal(std::filesystem::path file, Descriptor descriptor);
    std::filesystem::path m_file;
    Descriptor m_descriptor;
};

/// How the names of temporaries begin; no other process or call gets the same.
std::string temporaryPrefix();

/// Finishes what a dead writer left in the folder, which the caller has locked.
void finishDeadWriter(const std::filesystem::path& folder);
/// The same for a reader: takes the lock if it is free, and does nothing where there is no journal.
void finishDeadWriterIfAny(const std::filesystem::path& folder);

}  // namespace qs

// LMDB databases (a folder with data.mdb): the only place that knows LMDB: written by liblmdb, read by ourselves. Values are bytes here; lmdb_set.cpp
// knows what is in them.
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace qs::data {

/// Reads without locks, so that a folder that may not be written to is read as well; one that Caffe writes to at the same time is not for it.
class LmdbReader {
public:
    /// `path`: the folder, or the data.mdb in it. liblmdb maps the file and trusts what it finds; here everything is checked and read by pread(), so
    /// that a damaged file, or one that changes while it is read, is an error and not a crash. Reads the branch and leaf pages once; values when
    /// asked. Errors: FileNotFound (no data.mdb), DataUnreadable (not LMDB, of another format), FileTruncated.
    static Result<std::unique_ptr<LmdbReader>> open(const std::filesystem::path& path);
    virtual ~LmdbReader() = default;
    /// Sorted, as the database has them.
    virtual const std::vector<std::string>& keys() const = 0;
    /// Thread-safe. Errors: DataUnreadable naming the file and the key.
    virtual Result<std::string> value(size_t index) const = 0;
};

/// Writes to a temporary folder beside `folder`; commit() renames. Without it nothing is left.
class LmdbWriter {
public:
    /// Errors: FileNotWritable, also where `folder` exists and has anything but an LMDB in it.
    static Result<std::unique_ptr<LmdbWriter>> create(const std::filesystem::path& folder);
    virtual ~LmdbWriter() = default;
    /// Keys must come sorted and be at most 511 bytes long. Errors: FileNotWritable.
    virtual Result<void> add(const std::string& key, std::string value) = 0;
    virtual Result<void> commit() = 0;
};

}  // namespace qs::data

// Writing: whole sets whatever kills the writer, links and modes kept, devices and pipes left alone. Reading: nothing but files.
#include "core/base/file.h"
#include "tests/support/temporary_folder.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <set>
#include <thread>

namespace {

/// Counts the calls below in a child process; at the one of this number the child dies, as by kill -9.
int killAt = -1;
int calls = 0;

void mayDie()
{
    if (killAt >= 0 && calls++ == killAt)
        ::kill(::getpid(), SIGKILL);
}

}  // namespace

// The program's own definitions stand before the C library's: each step of writing a set of files passes here.
extern "C" int rename(const char* from, const char* to) noexcept
{
    mayDie();
    return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

extern "C" int unlink(const char* path) noexcept
{
    mayDie();
    return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

extern "C" int fsync(int descriptor)
{
    mayDie();
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

namespace qs {

namespace {

namespace fs = std::filesystem;

std::set<std::string> names(const fs::path& folder)
{
    std::set<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        all.insert(entry.path().lexically_relative(folder).string());
    return all;
}

std::vector<NewFile> setOf(const fs::path& folder, std::string_view content)
{
    return {{folder / "a", content}, {folder / "b", content}, {folder / "sub" / "c", content}, {folder / "d", content}};
}

/// False when the child came to its end before step `step`.
bool writeAndDie(const fs::path& folder, const std::string& content, int step)
{
    const pid_t child = ::fork();
    if (child == 0) {
        calls = 0;
        killAt = step;
        const bool ok = writeFiles(setOf(folder, content)).ok();
        ::_exit(ok ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return WIFSIGNALED(status);
}

mode_t modeOf(const fs::path& path)
{
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
}

}  // namespace

TEST(Files, AKilledSetIsAllOldOrAllNew)
{
    const test::TemporaryFolder folder;
    const fs::path place = folder.path() / "place";
    const std::set<std::string> whole{"a", "b", "d", "sub", "sub/c"};
    int deaths = 0;
    bool sawOld = false;
    bool sawNew = false;
    for (int step = 0;; ++step) {
        const std::string before = "old " + std::to_string(step);
        const std::string after = "new " + std::to_string(step);
        ASSERT_TRUE(writeFiles(setOf(place, before)).ok());
        EXPECT_EQ(names(place), whole);
        if (!writeAndDie(place, after, step))
            break;
        ++deaths;
        // The next reader finds one or the other, and no traces.
        const std::string a = *readFile(place / "a");
        EXPECT_TRUE(a == before || a == after);
        (a == before ? sawOld : sawNew) = true;
        for (const char* name : {"b", "sub/c", "d"})
            EXPECT_EQ(*readFile(place / name), a) << name << ", step " << step;
        EXPECT_EQ(names(place), whole) << "step " << step;
    }
    // A file of its own each, four renames, the journal: there is something to interrupt.
    EXPECT_GE(deaths, 10);
    EXPECT_TRUE(sawOld);
    EXPECT_TRUE(sawNew);
}

TEST(Files, TheNextWriterTidiesUp)
{
    const test::TemporaryFolder folder;
    for (int step = 0; writeAndDie(folder.path(), "first", step); ++step) {
        ASSERT_TRUE(writeFile(folder.path() / "other", "x").ok());
        for (const std::string& name : names(folder.path()))
            EXPECT_EQ(name.find("quantscope"), std::string::npos) << name << ", step " << step;
    }
}

TEST(Files, SetsWrittenAtOnceDoNotMix)
{
    const test::TemporaryFolder folder;
    const auto write = [&](const std::string& content) {
        for (int i = 0; i < 20; ++i)
            EXPECT_TRUE(writeFiles(setOf(folder.path(), content), Durability::Process).ok());
    };
    std::thread one(write, "one");
    std::thread two(write, "two");
    one.join();
    two.join();
    const std::string a = *readFile(folder.path() / "a");
    for (const char* name : {"b", "sub/c", "d"})
        EXPECT_EQ(*readFile(folder.path() / name), a) << name;
    EXPECT_EQ(names(folder.path()).size(), 5U);
}

TEST(Files, AForeignJournalReachesNothingOutside)
{
    const test::TemporaryFolder folder;
    const fs::path outside = folder.write("outside", "precious");
    const fs::path place = folder.path() / "unpacked";
    fs::create_directory(place);
    fs::create_directory_symlink(folder.path(), place / "link");
    std::ofstream(place / ".quantscope-1") << "evil";
    std::ofstream(place / "data") << "evil";
    const std::string zero(1, '\0');
    std::string journal = "quantscope journal 1" + zero;
    for (const auto& [from, to] : {std::pair<std::string, std::string>{".quantscope-1", "../outside"},
                                   {".quantscope-1", outside.string()},
                                   {"link/.quantscope-2", "link/outside"},
                                   {"../outside", "gone"},
                                   {"data", "gone"}})
        journal += from + zero + to + zero;
    std::ofstream(folder.path() / ".quantscope-2") << "evil";
    std::ofstream(place / (".quantscope-journal-" + std::to_string(::geteuid())), std::ios::binary) << journal + "commit" + zero;
    EXPECT_EQ(*readFile(place / "data"), "evil");
    EXPECT_EQ(*readFile(outside), "precious");
    EXPECT_TRUE(fs::exists(folder.path() / ".quantscope-2"));
}

TEST(Files, LinksAndModesStay)
{
    const test::TemporaryFolder folder;
    const fs::path target = folder.write("real/target", "old");
    ASSERT_EQ(::chmod(target.c_str(), 0640), 0);
    fs::create_symlink("real/target", folder.path() / "link");
    fs::create_symlink("link", folder.path() / "chain");
    fs::create_symlink("real/new", folder.path() / "dangling");
    fs::create_symlink("circle", folder.path() / "circle");
    EXPECT_TRUE(writeFile(folder.path() / "chain", "new").ok());
    EXPECT_TRUE(fs::is_symlink(folder.path() / "link"));
    EXPECT_EQ(*readFile(target), "new");
    EXPECT_EQ(modeOf(target), 0640U);
    EXPECT_TRUE(writeFile(folder.path() / "dangling", "new").ok());
    EXPECT_TRUE(fs::is_symlink(folder.path() / "dangling"));
    EXPECT_EQ(*readFile(folder.path() / "real/new"), "new");
    EXPECT_EQ(writeFile(folder.path() / "circle", "new").error().code, ErrorCode::FileNotWritable);
    // A new one is as the umask has it.
    const mode_t mask = ::umask(027);
    EXPECT_TRUE(writeFile(folder.path() / "fresh", "new").ok());
    ::umask(mask);
    EXPECT_EQ(modeOf(folder.path() / "fresh"), 0640U);
}

TEST(Files, DevicesPipesAndFoldersAreNotReplaced)
{
    const test::TemporaryFolder folder;
    EXPECT_TRUE(writeFile("/dev/null", "x").ok());
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
    EXPECT_EQ(writeFile("/dev/full", "x").error().code, ErrorCode::FileNotWritable);
    EXPECT_EQ(writeFile(folder.path(), "x").error().code, ErrorCode::FileNotWritable);
    const fs::path pipe = folder.path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(writeFile(pipe, "x").error().code, ErrorCode::FileNotWritable);
    EXPECT_TRUE(fs::is_fifo(pipe));
    // One that cannot be written: the others stay as they were.
    folder.write("a", "old");
    EXPECT_FALSE(writeFiles({{folder.path() / "a", "new"}, {pipe, "new"}}).ok());
    EXPECT_FALSE(writeFiles({{folder.path() / "a", "new"}, {folder.path() / std::string(300, 'n'), "new"}}).ok());
    EXPECT_EQ(*readFile(folder.path() / "a"), "old");
    EXPECT_EQ(names(folder.path()), (std::set<std::string>{"a", "pipe"}));
    // A name as long as a name may be.
    EXPECT_TRUE(writeFile(folder.path() / std::string(255, 'n'), "new").ok());
}

TEST(Files, AFullDiskLeavesNothing)
{
    const test::TemporaryFolder folder;
    folder.write("a", "old");
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1 << 16, 1 << 16};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const std::string large(1 << 17, 'x');
        const bool failed = !writeFiles({{folder.path() / "a", "new"}, {folder.path() / "b", large}}).ok();
        ::_exit(failed ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_EQ(*readFile(folder.path() / "a"), "old");
    EXPECT_EQ(names(folder.path()), std::set<std::string>{"a"});
}

TEST(Files, OnlyFilesAreRead)
{
    const test::TemporaryFolder folder;
    const fs::path pipe = folder.path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    fs::create_symlink("/dev/zero", folder.path() / "zero");
    for (const fs::path& path : {pipe, folder.path() / "zero", fs::path("/dev/zero")}) {
        const auto content = readFile(path);
        ASSERT_FALSE(content.ok());
        EXPECT_EQ(content.error().code, ErrorCode::FileUnreadable);
        EXPECT_EQ(readHead(path, 16), "");
    }
    // What has no size is read to its end.
    EXPECT_FALSE(readFile("/proc/self/status")->empty());
    // A pipe that a shell hands over.
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ASSERT_EQ(::write(ends[1], "piped", 5), 5);
    ::close(ends[1]);
    EXPECT_EQ(*readFile("/dev/fd/" + std::to_string(ends[0])), "piped");
    ::close(ends[0]);
    const fs::path file = folder.write("file", "0123456789");
    EXPECT_EQ(readHead(file, 4), "0123");
    EXPECT_EQ(readHead(file, 40), "0123456789");
    EXPECT_EQ(readFile(file, 9).error().code, ErrorCode::FileTooLarge);
    EXPECT_EQ(*readFile(file, 10), "0123456789");
}

TEST(Files, NamesBecomeNamesOfFiles)
{
    EXPECT_EQ(fileNameOf("a/b\n\x1b"), "a_b__");
    EXPECT_EQ(fileNameOf(".."), "_");
    EXPECT_EQ(fileNameOf(std::string(1000, 'x')).size(), 200U);
    // 199 bytes and a character of two: it is not cut in half.
    std::string name(199, 'x');
    EXPECT_EQ(fileNameOf(name.append("\xc3\xa4")).size(), 199U);
}

}  // namespace qs

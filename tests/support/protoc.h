// protoc, which the packages bring: a second reader of our files.
#pragma once

#include "core/base/file.h"
#include "tests/support/temporary_folder.h"

#include <cstdlib>

namespace qs::test {

/// The output of `protoc --encode|--decode=TYPE` with one of AMCT's files; fails the test when protoc does.
inline std::string protoc(const std::string& direction, const std::string& type, const std::string& protoFile, const std::string& input)
{
    const TemporaryFolder folder;
    const auto in = folder.write("in", input);
    const std::string out = (folder.path() / "out").string();
    const std::string command = "protoc --proto_path=" QS_SOURCE_DIR " --" + direction + "=" + type + " core/targets/amct/" + protoFile + " <" +
                                in.string() + " >" + out + " 2>" + (folder.path() / "err").string();
    const int status = std::system(command.c_str());  // NOLINT(concurrency-mt-unsafe): one thread, our own words
    EXPECT_EQ(status, 0) << *readFile(folder.path() / "err");
    const auto text = readFile(out);
    return text.ok() ? *text : std::string();
}

}  // namespace qs::test

// Another program, run by a test.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace qs::test {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// Starts words[0] with what it prints in two files (an empty name: as this program), `environment` on top of this program's own.
inline pid_t startProgram(std::vector<std::string> words, const std::string& output, const std::string& errors, const Environment& environment = {})
{
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0)
        return child;
    for (const auto& [name, value] : environment)
        ::setenv(name.c_str(), value.c_str(), 1);
    for (const auto& [file, descriptor] : {std::pair{&output, 1}, std::pair{&errors, 2}})
        if (!file->empty() && ::dup2(::open(file->c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), descriptor) < 0)
            ::_exit(98);
    ::execv(pointers[0], pointers.data());
    ::_exit(99);
}

/// Its exit status; 1000 and the signal that ended it.
inline int waitFor(pid_t child)
{
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

}  // namespace qs::test

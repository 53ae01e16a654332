// What is fuzzed: one entry for each kind of foreign file, from its bytes to everything that the core makes of them without an engine.
//
// To add one: a function in targets.cpp, its line in the table, its name in CMakeLists.txt, some small seeds in corpus/<name>.
#pragma once

#include <span>
#include <string_view>

namespace qs::fuzz {

struct Target {
    const char* name;
    void (*run)(std::string_view bytes);
};

std::span<const Target> targets();

}  // namespace qs::fuzz

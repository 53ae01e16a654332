#include "core/base/cpu.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace qs {

namespace {

constexpr const char* variable = "QUANTSCOPE_CPU";

std::optional<CpuLevel> levelNamed(std::string_view name)
{
    if (name.starts_with("x86-64-"))
        name.remove_prefix(7);
    if (name == "v4")
        return CpuLevel::V4;
    if (name == "v3")
        return CpuLevel::V3;
    if (name == "v2" || name == "portable")
        return CpuLevel::Portable;
    return std::nullopt;
}

CpuLevel chosen()
{
    const char* name = std::getenv(variable);
    const std::optional<CpuLevel> wanted = name ? levelNamed(name) : std::nullopt;
    return std::min(highestCpuLevel(), wanted.value_or(CpuLevel::V4));
}

}  // namespace

CpuLevel highestCpuLevel()
{
#if defined(__x86_64__)
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return v4 ? CpuLevel::V4 : v3 ? CpuLevel::V3 : CpuLevel::Portable;
#else
    return CpuLevel::Portable;
#endif
}

CpuLevel cpuLevel()
{
    static const CpuLevel level = chosen();
    return level;
}

std::string cpuLevelName(CpuLevel level)
{
#if defined(__x86_64__)
    return level == CpuLevel::V4 ? "x86-64-v4" : level == CpuLevel::V3 ? "x86-64-v3" : "x86-64-v2";
#else
    return level == CpuLevel::Portable ? "portable" : "";
#endif
}

Result<void> checkCpuVariable()
{
    const char* name = std::getenv(variable);
    if (!name || *name == '\0' || levelNamed(name))
        return {};
    return Error{ErrorCode::OutOfRange, std::string(variable) + " is '" + name + "': it may be x86-64-v4, x86-64-v3 or x86-64-v2", {}};
}

}  // namespace qs

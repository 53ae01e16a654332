// Compiling a loop for several levels of a processor's instructions (cpu.h), of which the one in force is run.
#pragma once

#include "core/base/cpu.h"

#if defined(__x86_64__)

/// Defines the function `result name parameters`; its body follows. `arguments` are the names of the parameters again:
///     QS_LEVELS(void, add, (const float* a, float* b, int64_t count), (a, b, count)) { ... }
/// Whatever it calls is to be always_inline, or is compiled for every processor.
#define QS_LEVELS(result, name, parameters, arguments)             \
    [[gnu::always_inline]] inline result name##Loop parameters;    \
    [[gnu::target("arch=x86-64-v4")]] result name##AtV4 parameters \
    {                                                              \
        return name##Loop arguments;                               \
    }                                                              \
    [[gnu::target("arch=x86-64-v3")]] result name##AtV3 parameters \
    {                                                              \
        return name##Loop arguments;                               \
    }                                                              \
    result name##Portable parameters                               \
    {                                                              \
        return name##Loop arguments;                               \
    }                                                              \
    result name parameters                                         \
    {                                                              \
        switch (qs::cpuLevel()) {                                  \
            case qs::CpuLevel::V4:                                 \
                return name##AtV4 arguments;                       \
            case qs::CpuLevel::V3:                                 \
                return name##AtV3 arguments;                       \
            default:                                               \
                return name##Portable arguments;                   \
        }                                                          \
    }                                                              \
    [[gnu::always_inline]] inline result name##Loop parameters

#else

#define QS_LEVELS(result, name, parameters, arguments) result name parameters

#endif

// What the loops files (loops/each_level.h) are made of.
#pragma once

#include "core/base/cpu.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// Goes by reference and is always inlined: it takes the instruction set of whatever it is called from.
#define QS_INLINE [[gnu::always_inline]] inline

/// All loops over what is to stay in registers must be unrolled, or it lies in memory.
#define QS_UNROLL _Pragma("GCC unroll 64")

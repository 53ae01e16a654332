// Which instructions the loops of this program may use: decided here, once, for all of it. A processor's own level unless $QUANTSCOPE_CPU lowers it.
//
// What is promised across levels: a value that is not a number stays one; a level gives the same bits on every machine that has it; between levels
// results differ by the rounding of sums only (products are fused with the additions from x86-64-v3 on), by no more than a sum in another order would
// (tests/core/tst_levels.cpp).
#pragma once

#include "core/base/error.h"

#include <string>

namespace qs {

/// In order. Portable: whatever the compiler takes for every processor of the kind (SSE2; NEON).
enum class CpuLevel : uint8_t { Portable, V3, V4 };

/// The level that is in force, the same as long as the process lives.
CpuLevel cpuLevel();
/// What this processor could do.
CpuLevel highestCpuLevel();
/// "x86-64-v4", "x86-64-v3", "x86-64-v2"; "portable" on other processors.
std::string cpuLevelName(CpuLevel level);
/// Errors: OutOfRange where $QUANTSCOPE_CPU names no level. (cpuLevel() passes over such a name.)
Result<void> checkCpuVariable();

}  // namespace qs

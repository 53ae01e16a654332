// Includes the file QS_LOOPS once for every level of the processor's instructions (core/base/cpu.h), in namespaces v4, v3 and portable. There
// QS_LANES is the number of floats of a register. QS_AT_LEVEL(call) calls what the level in force has.
//
// A loops file is written over Vec (vector.h) and includes nothing: what standard headers define is compiled for every processor, and stays so. No
// lambdas in it: GCC compiles them for the processor of the file.

#if defined(__x86_64__)

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4")
#define QS_LANES 16
namespace qs::kernels::v4 {
#include "core/engine/kernels/loops/vector.h"

#include QS_LOOPS
}  // namespace qs::kernels::v4
#undef QS_LANES
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
#define QS_LANES 8
namespace qs::kernels::v3 {
#include "core/engine/kernels/loops/vector.h"

#include QS_LOOPS
}  // namespace qs::kernels::v3
#undef QS_LANES
#pragma GCC pop_options

#endif

#define QS_LANES 4
namespace qs::kernels::portable {
#include "core/engine/kernels/loops/vector.h"

#include QS_LOOPS
}  // namespace qs::kernels::portable
#undef QS_LANES
#undef QS_LOOPS

#if defined(__x86_64__)
#define QS_AT_LEVEL(call) (cpuLevel() == CpuLevel::V4 ? v4::call : cpuLevel() == CpuLevel::V3 ? v3::call : portable::call)
#else
#define QS_AT_LEVEL(call) (portable::call)
#endif

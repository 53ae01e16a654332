// oneTBB behind two functions: the library is not built with the thread sanitizer, which takes its handing over of work for races; so is this file
// (CMakeLists.txt), and what hands work over visibly is outside of it (threads.cpp).
#pragma once

#include <cstdint>

namespace qs::kernels {

void setArenaSize(int threads);
/// Calls own(context) on this thread and help(context) so many times on whoever is free, and returns when all of them have.
void runInArena(int64_t helpers, void (*own)(void* context), void (*help)(void* context), void* context);

}  // namespace qs::kernels

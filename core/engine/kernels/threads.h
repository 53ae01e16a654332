// The engine's threads: oneTBB's, which share work out so that one that is not running holds up no more than the piece that it has begun, and sleep
// where there is none.
#pragma once

#include "core/base/parallel.h"

namespace qs::kernels {

/// For everything that follows.
void setThreadCount(int count);
int threadCount();
/// A ParallelRunner: whoever is free takes the next piece.
void runParallel(int64_t count, void (*call)(void* context, int64_t i), void* context);

}  // namespace qs::kernels

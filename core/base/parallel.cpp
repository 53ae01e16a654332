#include "core/base/parallel.h"

namespace qs {

thread_local ParallelRunner parallelRunner = nullptr;

}  // namespace qs

#include "core/engine/kernels/functions.h"

#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/vector.h"

#define QS_LOOPS "core/engine/kernels/loops/functions.h"
#include "core/engine/kernels/loops/each_level.h"

namespace qs::kernels {

void apply(const FunctionSpan& span)
{
    QS_AT_LEVEL(functionOf(span));
}

float exponentials(const float* in, float* out, int64_t count, float largest)
{
    return QS_AT_LEVEL(exponentialsOf(in, out, count, largest));
}

}  // namespace qs::kernels

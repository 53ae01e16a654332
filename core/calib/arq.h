// ARQ (adaptive range quantization): the uniform weight algorithm. Symmetric, from the channel's or tensor's own range. Source: semantics 1.3.
#pragma once

#include "core/calib/weight_algorithm.h"

namespace qs {

Result<WeightGrid> arqGrid(const WeightInput& weight, const WeightSetting& setting);

}  // namespace qs

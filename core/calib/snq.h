// SNQ (semantics 1.5): 4-bit weights as 16 levels that k-means finds, each level an int8 multiple of the ARQ scale.
// The manual describes the parameters only; the algorithm is INFERRED: Lloyd's k-means (Deep Compression, Han 2015) on w / scale_w, the
// initial centres by init_algo (k-means++, Arthur and Vassilvitskii 2007, for d2sampling), centres rounded to int8.
#pragma once

#include "core/calib/weight_algorithm.h"

namespace qs {

/// scale_w of ARQ with 8 bits, and per scale 16 levels in ascending order. Its squared error is not above that of 16 uniform levels wherever
/// rounding the centres to int8 allows it: k-means is started from those, too, and the better result is taken.
/// Errors: those of ARQ; OutOfRange for an unknown init_algo.
Result<WeightGrid> snqGrid(const WeightInput& weight, const WeightSetting& setting);

}  // namespace qs

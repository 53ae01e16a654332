// The limit that loses least information: TensorRT's entropy calibration. Source: Migacz, GTC 2017.
#pragma once

#include "core/calib/calibrators.h"

namespace qs {

/// Of the magnitudes a histogram of 2,048 bins; for every limit of i bins the Kullback-Leibler divergence between the first i bins, with what
/// lies beyond added to the last, and the same bins merged into the quantized levels and spread again over those that are not empty. The first least
/// one wins; the limit is (i + 0.5) bins, in both directions as far as values were seen. An empty bin of the second counts as
/// 1e-4 values, as in MXNet, so that outliers do not make the divergence infinite; a limit that
/// would clip more than half of the values is passed over. Levels: 2^(bits-1) as in the talk, 2^bits where an offset gives
/// all of them to one sign. The bin of zero counts as much as its neighbour, as in NVIDIA's pytorch-quantization: exact zeros behind a ReLU are
/// represented by any limit. With as many levels as bins, or more (12 bits and up), nothing is lost without clipping: the extremes.
Result<QuantParams> entropySolve(const Observation& observation, const CalibratorOptions& options);

}  // namespace qs

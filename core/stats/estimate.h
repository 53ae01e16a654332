// What quantization will do to a tensor, guessed from its histogram while a hand is still moving.
#pragma once

#include "core/quant/params.h"
#include "core/stats/histogram.h"

namespace qs {

/// Of the values themselves, as metrics.h defines them, with the values taken as spread evenly inside each bin.
struct ErrorEstimate {
    double cosine = 1;
    double sqnrDb = 0;  ///< +inf when nothing is lost
    double relL2 = 0;
};
/// Some 8,000 fake quantizations: a small part of a frame.
ErrorEstimate estimateError(const Histogram& histogram, const QuantParams& params);

}  // namespace qs

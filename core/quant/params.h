// The affine map between float and integer values (semantics 1.1) and the choice of its parameters from a range.
#pragma once

#include "core/base/error.h"

#include <cstdint>

namespace qs {

/// q = clip(round_half_even(x / scale) + offset, -2^(bits-1), 2^(bits-1) - 1); x' = (q - offset) * scale.
struct QuantParams {
    float scale = 1;
    int32_t offset = 0;  ///< zero point; AMCT's "offset"
    int bits = 8;        ///< 8..16 for activations, 8 or 4 for weights

    int32_t qmin() const { return -(int32_t{1} << (bits - 1)); }
    int32_t qmax() const { return (int32_t{1} << (bits - 1)) - 1; }
    /// The float range that is represented without clipping.
    float clipMin() const { return static_cast<float>(qmin() - offset) * scale; }
    float clipMax() const { return static_cast<float>(qmax() - offset) * scale; }
    bool operator==(const QuantParams&) const = default;
};

/// Asymmetric: min and max are widened to contain 0; scale = (max - min) / (2^b - 1), offset = round(-2^(b-1) - min / scale).
/// Symmetric: offset 0, scale = max(|min|, |max|) / Q with Q = 2^(b-1) - 1, or 2^(b-1) when |max| < |min|.
/// A scale below FLT_EPSILON becomes 1. Errors: InvalidNumber (NaN or infinite range), IllegalScale (scale above 1/FLT_EPSILON) with the
/// manual's words "IfmrQuantWithOffset scale is illegal". Source: semantics 1.1 [A; M FAQ].
Result<QuantParams> paramsFromRange(float min, float max, int bits, bool withOffset);
/// Checks scale and offset that come from a file or a hand: scale finite and in (0, 1/FLT_EPSILON], offset inside the integer range.
Result<void> checkParams(const QuantParams& params);

}  // namespace qs

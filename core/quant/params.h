// The affine map between float and integer values (semantics 1.1) and the choice of its parameters from a range.
#pragma once

#include "core/base/error.h"

#include <cmath>
#include <cstdint>

namespace qs {

/// What becomes of a value half way between two codes.
enum class Rounding : uint8_t {
    HalfEven,  ///< to the even one
    HalfUp,    ///< to the larger one
    HalfAway,  ///< away from zero
};

/// `x` as an integer; NaN and infinities stay what they are. Exact: x - floor(x) is, wherever a float has a fraction.
template <class T>
[[gnu::always_inline]] inline T roundedTo(T x, Rounding rounding)
{
    if (rounding == Rounding::HalfEven)
        return std::nearbyint(x);
    const T size = rounding == Rounding::HalfAway ? std::fabs(x) : x;
    const T below = std::floor(size);
    const T whole = size - below >= T(0.5) ? below + 1 : below;
    return rounding == Rounding::HalfAway ? std::copysign(whole, x) : whole;
}

/// What a chip's integers are like, beside their width.
struct GridForm {
    bool isUnsigned = false;  ///< 0 .. 2^b - 1 instead of -2^(b-1) .. 2^(b-1) - 1
    bool narrow = false;      ///< without the lowest code
    bool powerOfTwo = false;  ///< the scale is a power of two
    Rounding rounding = Rounding::HalfEven;
    bool operator==(const GridForm&) const = default;
};

/// q = clip(round(x / scale) + offset, qmin, qmax); x' = (q - offset) * scale.
struct QuantParams {
    float scale = 1;
    int32_t offset = 0;  ///< zero point
    int bits = 8;        ///< 2..16
    GridForm form = {};

    int32_t qmin() const { return (form.isUnsigned ? 0 : -(int32_t{1} << (bits - 1))) + (form.narrow ? 1 : 0); }
    int32_t qmax() const { return (int32_t{1} << (form.isUnsigned ? bits : bits - 1)) - 1; }
    /// The float range that is represented without clipping.
    float clipMin() const { return static_cast<float>(qmin() - offset) * scale; }
    float clipMax() const { return static_cast<float>(qmax() - offset) * scale; }
    bool operator==(const QuantParams&) const = default;
};

/// Asymmetric: min and max are widened to contain 0; scale = (max - min) / (qmax - qmin), offset = round(qmin - min / scale).
/// Symmetric: offset 0, scale = max(|min|, |max|) / qmax, or / -qmin when |max| < |min|; of unsigned codes max / qmax, and what is negative is 0.
/// A power of two is the next one that still holds the range (INFERRED).
/// A scale below FLT_EPSILON becomes 1. Errors: InvalidNumber (NaN or infinite range), IllegalScale (scale above 1/FLT_EPSILON) with the
/// manual's words "IfmrQuantWithOffset scale is illegal". Source: semantics 1.1 [A; M FAQ].
Result<QuantParams> paramsFromRange(float min, float max, int bits, bool withOffset, const GridForm& form = {});
/// The grid of another form that holds the same limits; the same one where it has that form.
Result<QuantParams> withForm(const QuantParams& params, bool withOffset, const GridForm& form);
/// Checks scale and offset that come from a file or a hand: scale finite and in (0, 1/FLT_EPSILON], offset inside the integer range.
Result<void> checkParams(const QuantParams& params);

}  // namespace qs

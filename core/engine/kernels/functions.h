// Functions of one value as arithmetic without branches, which loops over spans are compiled to vectors with (core/base/levels.h). What is not a
// number stays one. Polynomials are fits by least squares at Chebyshev points; errors are the largest found over the floats of the ranges named.
#pragma once

#include "core/engine/kernels/vector.h"

#include <bit>
#include <cstdint>

namespace qs::kernels {

/// e^x; within 2 units of the last place. 0 below -87.3, infinite above 88.7.
QS_INLINE float exponential(float given)
{
    constexpr float lowest = -87.33654F;
    constexpr float highest = 88.722839F;
    float x = given < lowest ? lowest : given;
    x = x > highest ? highest : x;
    // x = n ln 2 + r: added to this number, n stands in the last bits.
    constexpr float rounder = 12582912.0F;
    const float shifted = x * 1.44269504F + rounder;
    const float n = shifted - rounder;
    float r = x - n * 0.693359375F;
    r = r + n * 2.12194440e-4F;
    const float p =
        ((((1.394656195e-3F * r + 8.369223508e-3F) * r + 4.166626152e-2F) * r + 1.666651538e-1F) * r + 5.000000081e-1F) * r * r + r + 1.0F;
    // Times 2^n in two steps, each of which is a float for every n.
    const auto whole = static_cast<int32_t>(std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(rounder));
    const int32_t half = whole >> 1;
    const float first = std::bit_cast<float>(static_cast<uint32_t>(half + 127) << 23U);
    const float second = std::bit_cast<float>(static_cast<uint32_t>(whole - half + 127) << 23U);
    const float value = p * first * second;
    return given < lowest ? 0.0F : given > highest ? __builtin_inff() : value;
}

QS_INLINE float sigmoid(float x)
{
    return 1.0F / (1.0F + exponential(-x));
}

/// Within 2e-7 of the value.
QS_INLINE float hyperbolicTangent(float x)
{
    const float size = x < 0 ? -x : x;
    const float z = x * x;
    const float inner = ((((-5.529292883e-3F * z + 2.048480368e-2F) * z - 5.369389858e-2F) * z + 1.333092128e-1F) * z - 3.333326445e-1F) * z * x + x;
    const float outer = 1.0F - 2.0F / (exponential(2.0F * size) + 1.0F);
    return size < 0.65F ? inner : x < 0 ? -outer : outer;
}

/// Within 2e-7.
QS_INLINE float errorFunction(float x)
{
    float size = x < 0 ? -x : x;
    size = size > 4.0F ? 4.0F : size;
    const float z = size * size;
    const float inner =
        ((((((7.898210150e-5F * z - 8.024354113e-4F) * z + 5.190053576e-3F) * z - 2.685480854e-2F) * z + 1.128361243e-1F) * z - 3.761262884e-1F) * z +
         1.128379167F) *
        size;
    const float q =
        ((((((-3.784685008e-4F * size + 5.878901174e-3F) * size - 4.035737072e-2F) * size + 1.623663082e-1F) * size - 4.288179639e-1F) * size +
          7.898726540e-1F) *
             size -
         1.046800945F) *
            size +
        9.858204193e-1F;
    const float value = size < 1.0F ? inner : 1.0F - exponential(-z) * q;
    return x < 0 ? -value : value;
}

}  // namespace qs::kernels

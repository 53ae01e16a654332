// Quantization arithmetic on spans, vectorised. Bit for bit equal to the scalar definition in quant/params.h (tests/core/tst_fake_quant.cpp):
// x / scale is a true division.
#pragma once

#include "core/quant/params.h"

#include <cstdint>
#include <span>

namespace qs {

/// out[i] = (clip(round(in[i] / scale) + offset) - offset) * scale. In and out may be the same span. NaN stays NaN.
void fakeQuantize(std::span<const float> in, std::span<float> out, const QuantParams& params);

/// codes[i] = clip(round(in[i] / scale) + offset); NaN becomes the zero point.
void quantize(std::span<const float> in, std::span<int32_t> codes, const QuantParams& params);

}  // namespace qs

#include "core/quant/fake_quant.h"

#include "core/base/levels.h"
#include "core/base/parallel.h"

#include <cmath>

namespace qs {

namespace {

// The offset is an integer and cancels: clip(round(x/s) + o) - o = clamp(round(x/s), qmin - o, qmax - o), exact in float below 2^24.
QS_LEVELS(void, fakeQuantizeSpan, (const float* in, float* out, int64_t count, float scale, float low, float high),
          (in, out, count, scale, low, high))
{
    for (int64_t i = 0; i < count; ++i) {
        float q = std::nearbyint(in[i] / scale);
        q = q < low ? low : q;
        q = q > high ? high : q;
        out[i] = q * scale;
    }
}

QS_LEVELS(void, quantizeSpan, (const float* in, int32_t* codes, int64_t count, float scale, float low, float high, int32_t offset),
          (in, codes, count, scale, low, high, offset))
{
    for (int64_t i = 0; i < count; ++i) {
        float q = std::nearbyint(in[i] / scale);
        q = q == q ? q : 0.0F;
        q = q < low ? low : q;
        q = q > high ? high : q;
        codes[i] = static_cast<int32_t>(q) + offset;
    }
}

constexpr int64_t chunk = 1 << 16;

float lowest(const QuantParams& params)
{
    return static_cast<float>(params.qmin() - params.offset);
}

float highest(const QuantParams& params)
{
    return static_cast<float>(params.qmax() - params.offset);
}

}  // namespace

void fakeQuantize(std::span<const float> in, std::span<float> out, const QuantParams& params)
{
    forChunks(static_cast<int64_t>(in.size()), chunk, [&](int64_t, int64_t begin, int64_t end) {
        fakeQuantizeSpan(in.data() + begin, out.data() + begin, end - begin, params.scale, lowest(params), highest(params));
    });
}

void quantize(std::span<const float> in, std::span<int32_t> codes, const QuantParams& params)
{
    forChunks(static_cast<int64_t>(in.size()), chunk, [&](int64_t, int64_t begin, int64_t end) {
        quantizeSpan(in.data() + begin, codes.data() + begin, end - begin, params.scale, lowest(params), highest(params), params.offset);
    });
}

}  // namespace qs

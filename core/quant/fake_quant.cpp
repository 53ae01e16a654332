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

// The other roundings, for chips that have them: apart, so that the loops above stay what they are.
QS_LEVELS(void, fakeQuantizeRounded, (const float* in, float* out, int64_t count, float scale, float low, float high, Rounding rounding),
          (in, out, count, scale, low, high, rounding))
{
    const auto loop = [&](Rounding way) __attribute__((always_inline))
    {
        for (int64_t i = 0; i < count; ++i) {
            float q = roundedTo(in[i] / scale, way);
            q = q < low ? low : q;
            q = q > high ? high : q;
            out[i] = q * scale;
        }
    };
    if (rounding == Rounding::HalfUp)
        loop(Rounding::HalfUp);
    else
        loop(Rounding::HalfAway);
}

QS_LEVELS(void, quantizeRounded,
          (const float* in, int32_t* codes, int64_t count, float scale, float low, float high, int32_t offset, Rounding rounding),
          (in, codes, count, scale, low, high, offset, rounding))
{
    const auto loop = [&](Rounding way) __attribute__((always_inline))
    {
        for (int64_t i = 0; i < count; ++i) {
            float q = roundedTo(in[i] / scale, way);
            q = q == q ? q : 0.0F;
            q = q < low ? low : q;
            q = q > high ? high : q;
            codes[i] = static_cast<int32_t>(q) + offset;
        }
    };
    if (rounding == Rounding::HalfUp)
        loop(Rounding::HalfUp);
    else
        loop(Rounding::HalfAway);
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
        const Rounding rounding = params.form.rounding;
        if (rounding == Rounding::HalfEven)
            fakeQuantizeSpan(in.data() + begin, out.data() + begin, end - begin, params.scale, lowest(params), highest(params));
        else
            fakeQuantizeRounded(in.data() + begin, out.data() + begin, end - begin, params.scale, lowest(params), highest(params), rounding);
    });
}

void quantize(std::span<const float> in, std::span<int32_t> codes, const QuantParams& params)
{
    forChunks(static_cast<int64_t>(in.size()), chunk, [&](int64_t, int64_t begin, int64_t end) {
        const Rounding rounding = params.form.rounding;
        if (rounding == Rounding::HalfEven)
            quantizeSpan(in.data() + begin, codes.data() + begin, end - begin, params.scale, lowest(params), highest(params), params.offset);
        else
            quantizeRounded(in.data() + begin, codes.data() + begin, end - begin, params.scale, lowest(params), highest(params), params.offset,
                            rounding);
    });
}

}  // namespace qs

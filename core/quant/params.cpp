#include "core/quant/params.h"

#include "core/base/text.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace qs {

namespace {

constexpr float largestScale = 1.0F / FLT_EPSILON;

Error illegalScale(float scale, float min, float max)
{
    return {ErrorCode::IllegalScale,
            "IfmrQuantWithOffset scale is illegal: range [" + numberText(min) + ", " + numberText(max) + "] gives scale " + numberText(scale) +
                ", allowed is at most 1/FLT_EPSILON = " + numberText(largestScale),
            {}};
}

}  // namespace

Result<QuantParams> paramsFromRange(float min, float max, int bits, bool withOffset)
{
    if (std::isnan(min) || std::isnan(max))
        return Error{ErrorCode::InvalidNumber, "the data contain NaN", {}};
    max = std::max(max, 0.0F);
    min = std::min(min, 0.0F);
    QuantParams params{.scale = 1, .offset = 0, .bits = bits};
    if (withOffset) {
        params.scale = (max - min) / static_cast<float>((int64_t{1} << bits) - 1);
    } else {
        // One level more is usable on the negative side.
        const bool negativeBound = std::fabs(max) < std::fabs(min);
        const int64_t levels = (int64_t{1} << (bits - 1)) - (negativeBound ? 0 : 1);
        params.scale = std::max(std::fabs(max), std::fabs(min)) / static_cast<float>(levels);
    }
    if (!std::isfinite(params.scale) || params.scale > largestScale)
        return illegalScale(params.scale, min, max);
    if (params.scale < FLT_EPSILON) {
        params.scale = 1;
        params.offset = withOffset ? params.qmin() : 0;
    } else if (withOffset) {
        params.offset = static_cast<int32_t>(std::nearbyint(static_cast<float>(params.qmin()) - min / params.scale));
    }
    return params;
}

Result<void> checkParams(const QuantParams& params)
{
    if (!std::isfinite(params.scale) || params.scale <= 0)
        return Error{ErrorCode::IllegalScale, "Param scale has invalid value inf, nan or zeros! (" + numberText(params.scale) + ")", {}};
    if (params.scale > largestScale)
        return Error{ErrorCode::IllegalScale, "scale " + numberText(params.scale) + " is above 1/FLT_EPSILON", {}};
    if (params.offset < params.qmin() || params.offset > params.qmax())
        return Error{
            ErrorCode::OutOfRange,
            "offset " + std::to_string(params.offset) + " is outside [" + std::to_string(params.qmin()) + ", " + std::to_string(params.qmax()) + "]",
            {}};
    return {};
}

}  // namespace qs

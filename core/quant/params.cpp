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

Result<QuantParams> paramsFromRange(float min, float max, int bits, bool withOffset, const GridForm& form)
{
    if (std::isnan(min) || std::isnan(max))
        return Error{ErrorCode::InvalidNumber, "the data contain NaN", {}};
    max = std::max(max, 0.0F);
    min = std::min(min, 0.0F);
    QuantParams params{.scale = 1, .offset = 0, .bits = bits, .form = form};
    const int32_t low = params.qmin();
    const int32_t high = params.qmax();
    if (withOffset)
        params.scale = (max - min) / static_cast<float>(high - low);
    else if (form.isUnsigned)
        params.scale = max / static_cast<float>(high);
    else  // One level more may be usable on the negative side.
        params.scale = std::max(std::fabs(max), std::fabs(min)) / static_cast<float>(std::fabs(max) < std::fabs(min) ? -low : high);
    if (form.powerOfTwo && std::isfinite(params.scale) && params.scale > 0)
        params.scale = std::exp2(std::ceil(std::log2(params.scale)));
    if (!std::isfinite(params.scale) || params.scale > largestScale)
        return illegalScale(params.scale, min, max);
    if (params.scale < FLT_EPSILON) {
        params.scale = 1;
        params.offset = withOffset ? low : 0;
    } else if (withOffset) {
        params.offset = static_cast<int32_t>(std::nearbyint(static_cast<float>(low) - min / params.scale));
    }
    return params;
}

Result<QuantParams> withForm(const QuantParams& params, bool withOffset, const GridForm& form)
{
    return params.form == form ? params : paramsFromRange(params.clipMin(), params.clipMax(), params.bits, withOffset, form);
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

#include "core/ops/element_type.h"

#include <bit>
#include <cmath>
#include <iterator>
#include <limits>

namespace qs {

namespace {

constexpr const char* names[] = {"float32", "float64", "float16", "bfloat16", "int8",   "int16", "int32",
                                 "int64",   "uint8",   "uint16",  "uint32",   "uint64", "bool"};

float toHalf(float value)
{
    if (!std::isfinite(value) || value == 0)
        return value;
    int exponent = 0;
    std::frexp(value, &exponent);
    // 11 bits of mantissa; below 2^-14 the step stays 2^-24.
    const int step = std::max(exponent - 11, -24);
    const float rounded = std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
    return std::fabs(rounded) < 65520 ? rounded : std::copysign(std::numeric_limits<float>::infinity(), value);
}

float toBrainFloat(float value)
{
    if (!std::isfinite(value))
        return value;
    const auto bits = std::bit_cast<uint32_t>(value);
    return std::bit_cast<float>((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000U);
}

}  // namespace

bool isFloating(ElementType type)
{
    return type <= ElementType::BFloat16;
}

bool isInteger(ElementType type)
{
    return !isFloating(type) && type != ElementType::Bool;
}

const char* elementTypeName(ElementType type)
{
    return names[static_cast<size_t>(type)];
}

std::optional<ElementType> elementTypeNamed(std::string_view name)
{
    for (size_t i = 0; i < std::size(names); ++i)
        if (name == names[i])
            return static_cast<ElementType>(i);
    return std::nullopt;
}

float castReal(float value, ElementType to)
{
    switch (to) {
        case ElementType::Float32:
        case ElementType::Float64:
            return value;
        case ElementType::Float16:
            return toHalf(value);
        case ElementType::BFloat16:
            return toBrainFloat(value);
        default:
            return static_cast<float>(castToInteger(value, to));
    }
}

int64_t castInteger(int64_t value, ElementType to)
{
    switch (to) {
        case ElementType::Int8:
            return static_cast<int8_t>(value);
        case ElementType::Int16:
            return static_cast<int16_t>(value);
        case ElementType::Int32:
            return static_cast<int32_t>(value);
        case ElementType::UInt8:
            return static_cast<uint8_t>(value);
        case ElementType::UInt16:
            return static_cast<uint16_t>(value);
        case ElementType::UInt32:
            return static_cast<uint32_t>(value);
        case ElementType::Bool:
            return value != 0 ? 1 : 0;
        default:
            return value;
    }
}

int64_t castToInteger(float value, ElementType to)
{
    if (to == ElementType::Bool)
        return value != 0 ? 1 : 0;
    if (std::isnan(value))
        return 0;
    constexpr auto most = std::numeric_limits<int64_t>::max();
    if (std::fabs(value) >= 9.2233720368547758e18F)
        return castInteger(value > 0 ? most : std::numeric_limits<int64_t>::min(), to);
    return castInteger(static_cast<int64_t>(value), to);
}

}  // namespace qs

// What the elements of a value are, as its source says. The engine computes everything in float32: whole numbers are exact there up to 2^24.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace qs {

enum class ElementType : uint8_t { Float32, Float64, Float16, BFloat16, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64, Bool };

/// Float32 to BFloat16.
bool isFloating(ElementType type);
/// Int8 to UInt64, not Bool.
bool isInteger(ElementType type);
/// "float32", "bool"...
const char* elementTypeName(ElementType type);
std::optional<ElementType> elementTypeNamed(std::string_view name);

/// What a cast makes of a number: a whole one towards zero and wrapped to the type's width (as C does between integers), 1 or 0 for Bool, the nearest
/// one that the type has for the shorter floating types.
float castReal(float value, ElementType to);
int64_t castInteger(int64_t value, ElementType to);
/// Of a real number to a whole one or a Bool; 0 for NaN, the nearest 64-bit number beyond their range.
int64_t castToInteger(float value, ElementType to);

}  // namespace qs

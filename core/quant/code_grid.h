// A grid as attributes say it: of a Quant layer scale, offset, bits, and unsigned codes where a file has them; of a recurrent layer's state the same
// names behind "state".
#pragma once

#include "core/ir/attributes.h"
#include "core/quant/params.h"

#include <string>
#include <string_view>

namespace qs {

struct CodeGrid {
    QuantParams params;  ///< with signed codes
    int32_t shift = 0;   ///< what the layer's codes are above these: 0, or half the range
};

constexpr std::string_view stateGrid = "state.";

inline CodeGrid codeGrid(const Attributes& attributes, std::string_view prefix = {})
{
    const auto key = [prefix](const char* name) { return std::string(prefix) + name; };
    CodeGrid grid;
    grid.params = {
        .scale = static_cast<float>(attributes.real(key("scale"), 1)),
        .offset = static_cast<int32_t>(attributes.integer(key("offset"), 0)),
        .bits = static_cast<int>(attributes.integer(key("bits"), 8)),
        .form = {.narrow = attributes.flag(key("narrow"), false), .rounding = static_cast<Rounding>(attributes.integer(key("rounding"), 0))}};
    if (attributes.flag(key("unsigned"), false))
        grid.shift = int32_t{1} << (grid.params.bits - 1);
    grid.params.offset -= grid.shift;
    return grid;
}

inline void setCodeGrid(Attributes& attributes, const QuantParams& params, std::string_view prefix = {})
{
    const auto key = [prefix](const char* name) { return std::string(prefix) + name; };
    attributes.set(key("scale"), static_cast<double>(params.scale));
    attributes.set(key("offset"), int64_t{params.offset});
    attributes.set(key("bits"), int64_t{params.bits});
    if (params.form.isUnsigned)
        attributes.set(key("unsigned"), int64_t{1});
    if (params.form.narrow)
        attributes.set(key("narrow"), int64_t{1});
    if (params.form.rounding != Rounding::HalfEven)
        attributes.set(key("rounding"), static_cast<int64_t>(params.form.rounding));
}

}  // namespace qs

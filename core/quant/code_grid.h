// The grid of a Quant layer, as its attributes say it: scale, offset, bits, and unsigned codes where a file has them.
#pragma once

#include "core/ir/attributes.h"
#include "core/quant/params.h"

namespace qs {

struct CodeGrid {
    QuantParams params;  ///< with signed codes
    int32_t shift = 0;   ///< what the layer's codes are above these: 0, or half the range
};

inline CodeGrid codeGrid(const Attributes& attributes)
{
    CodeGrid grid;
    grid.params = {.scale = static_cast<float>(attributes.real("scale", 1)),
                   .offset = static_cast<int32_t>(attributes.integer("offset", 0)),
                   .bits = static_cast<int>(attributes.integer("bits", 8)),
                   .form = {.narrow = attributes.flag("narrow", false), .rounding = static_cast<Rounding>(attributes.integer("rounding", 0))}};
    if (attributes.flag("unsigned", false))
        grid.shift = int32_t{1} << (grid.params.bits - 1);
    grid.params.offset -= grid.shift;
    return grid;
}

}  // namespace qs

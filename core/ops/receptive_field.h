// Which pixels of the network's input a pixel of a value can depend on.
#pragma once

#include "core/ir/model.h"

#include <optional>

namespace qs {

/// Rows and columns, both ends included.
struct PixelRect {
    int64_t top = 0, left = 0, bottom = 0, right = 0;
    bool operator==(const PixelRect&) const = default;
};

/// Of pixel (y, x) of a value (N, C, H, W), on the network's first input of that form: from kernels, strides, paddings and dilations, layer by layer
/// backwards, united over all ways. Never less than what it depends on; all of the input behind a layer that mixes all pixels (a global pooling, an
/// InnerProduct) or that this does not know. Nothing where the value has no such pixel, or hangs on no such input. INFERRED: the usual arithmetic.
std::optional<PixelRect> receptiveField(const Model& model, ValueId value, int64_t y, int64_t x);

}  // namespace qs

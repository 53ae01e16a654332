// One spatial dimension as two: (N, C, L) is (N, C, 1, L), the same bytes in either layout.
#pragma once

#include "core/ir/model.h"

namespace qs {

/// Of three dimensions as a picture's of height 1; others as they are.
Shape pictureShape(const Shape& shape);
/// kernel, stride, dilation, pad, outputPad of one spatial dimension as those of pictures of height 1; others as they are.
Attributes pictureAttributes(const Attributes& attributes);

}  // namespace qs

// Three-dimensional values from above: the largest value over the height, the shortest side of the grid.
#pragma once

#include "core/base/buffer.h"

namespace qs {

/// Features (N, C) of sites (N, 1 + 3) in a grid: (1, C, A, B) of the first picture of the batch, 0 where no site is. Where a side of the grid is
/// longer than 512, a pixel has the largest value of so many places that it is not. Sites outside the grid are left. An empty Buffer where the shapes
/// do not fit.
Buffer birdView(const Buffer& features, const Buffer& sites, const std::vector<int64_t>& sides);
/// Dense (N, C, D, H, W): (N, C, A, B). An empty Buffer for other shapes.
Buffer birdView(const Buffer& dense);

}  // namespace qs

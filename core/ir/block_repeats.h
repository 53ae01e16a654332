// Structure of a row of layers whose names say nothing.
#pragma once

#include <string>
#include <vector>

namespace qs {

/// What stands in a row: a layer, or a block that is known by its name already. The row's order is one in which edges go forward.
struct RowItem {
    std::string what;       ///< equal for equal structure: the layer's op
    std::vector<int> uses;  ///< items before it, by place
};

struct RowPart {
    int first = 0;
    int end = 0;  ///< at least two items
};

/// Parts of one kind do not overlap, and stand in order.
struct RowParts {
    std::vector<RowPart> repeats;
    std::vector<RowPart> stretches;  ///< around repeats, which are not cut
};

/// First what lies between two items that all goes through (a residual block), then what follows itself at once (convolution and activation, again
/// and again); of a row that is still long, stretches.
RowParts repeatedParts(const std::vector<RowItem>& row);

}  // namespace qs

// Where the sites of a sparse value (sparse.cpp) stand, and how large their grid is.
#pragma once

#include "core/ir/model.h"

#include <optional>

namespace qs {

/// Whether a value is the sites of a sparse one: what SparseRules or ScatterDense reads as such.
bool areSites(const Model& model, ValueId value);
/// The grid behind a SparseRules layer.
std::vector<int64_t> sidesBehind(const Layer& rules);

struct SparseSites {
    ValueId value = noId;        ///< rows of sites
    std::vector<int64_t> sides;  ///< of their grid
};
/// Of rows of features: followed back to the rules of the convolution that made them, or to the input that they are. Nullopt for other values.
std::optional<SparseSites> sparseSites(const Model& model, ValueId features);

}  // namespace qs

// Functions that exporters write as several layers, found by their shape: one value goes in, one comes out, and a product joins two ways.
#pragma once

#include "core/ir/model.h"

namespace qs {

struct PatternFound {
    const char* name = nullptr;   ///< "Gelu", "LayerNorm", "HardSwish", "SiLU", "SE"
    std::vector<LayerId> layers;  ///< ascending, at least two
};

/// The larger first: one may lie inside another. Values inside are used inside alone, so that each can be one card.
std::vector<PatternFound> findPatterns(const Model& model);

}  // namespace qs

#include "core/engine/lanes.h"

namespace qs {

int64_t laneCount(const Engine& engine, const Model& model)
{
    // Every lane packs the weights for itself. A network too large for that has large layers, which are shared out well.
    constexpr size_t mostBytes = size_t{1} << 30;
    size_t bytes = 0;
    for (const Layer& layer : model.layers())
        for (const auto& weight : layer.weights)
            bytes += weight ? weight->sizeBytes() : 0;
    const int64_t threads = engine.threads();
    return static_cast<size_t>(threads) * bytes <= mostBytes ? threads : 1;
}

}  // namespace qs

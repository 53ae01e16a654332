// AdaRound's place in a calibration: the second moments of the layers' inputs, then the roundings.
#pragma once

#include "core/base/job.h"
#include "core/data/dataset.h"
#include "core/engine/evaluator.h"
#include "core/prepare/prepared.h"

namespace qs {

/// Enters LayerFactors::roundUp for each layer with Effective::adaRounded. `network` is prepared.network, perhaps with refreshed BatchNorm
/// statistics; its weights are in the record. One float pass over the first `samples` samples gathers what each layer reads (of large layers not
/// every output pixel: four billion multiplications a layer, or four patches a weight of a channel). Errors: Cancelled, and the engine's.
Result<void> roundAdaptively(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const std::shared_ptr<const Model>& network,
                             const DataSet& data, int samples, QuantRecord& record, const JobContext& job);

}  // namespace qs

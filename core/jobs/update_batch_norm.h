// update_bn: the statistics of BatchNorm layers, taken again on the network with quantized weights (semantics 1.6).
#pragma once

#include "core/base/job.h"
#include "core/data/dataset.h"
#include "core/engine/evaluator.h"
#include "core/prepare/prepared.h"
#include "core/quant/record.h"

namespace qs {

/// Runs bn_update_iterations batches (of the data set's batch size; the data is read again from its start when it ends) through the network before
/// fusion, with fake-quantized weights and BatchNorm layers that normalize by the statistics of the batch (use_global_stats: false). After each:
/// S = (1 - beta) * Y + beta * S with Y the batch's mean and unbiased variance per channel (Caffe's running variance), beta the layer's own
/// moving_average_fraction or bn_update_config's. Source: seed 003 update_bn; Caffe's BatchNorm. Empty for a network without BatchNorm.
/// Errors: NoData, Cancelled, and the engine's.
Result<BatchNormStatistics> updateBatchNorm(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const DataSet& data,
                                            const JobContext& job);

}  // namespace qs

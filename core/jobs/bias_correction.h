// Bias correction: what quantization adds to the mean of a channel, taken out of its bias.
// Source: Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019, section 4.2 and appendix D (empirical).
#pragma once

#include "core/base/job.h"
#include "core/data/dataset.h"
#include "core/engine/engine.h"
#include "core/prepare/prepared.h"
#include "core/quant/record.h"

namespace qs {

/// For each layer with Effective::biasCorrected that the record has, in execution order: the mean of every output channel over the first `samples`
/// samples, float minus quantized (the whole configuration up to here, with the biases that were corrected before), is added to its bias; entered as
/// LayerFactors::bias. Afterwards the two means differ by half a step of the bias, scale_w * scale_d, at most. Values that the layers
/// share are computed once while the memory for them (512 MiB) lasts. Errors: Cancelled, and the engine's.
Result<void> correctBiases(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const DataSet& data, int samples,
                           QuantRecord& record, const JobContext& job);

}  // namespace qs

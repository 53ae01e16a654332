// What AMCT's functions and the commands that stand for them share: the log's lines of each layer (DEBUG: fusion, weights, activations), and what
// ends a calibration.
#pragma once

#include "core/export/exporter.h"
#include "core/prepare/prepared.h"
#include "core/quant/record.h"

namespace qs::amct {

void logFusion(const PreparedNetwork& prepared);
void logWeights(const QuantRecord& record);
void logActivations(const QuantRecord& record);
void logWritten(const ExportPlan& plan);

/// AMCT ends where a layer has no legal scale (seed 003, "scale is illegal"). `effective` is by layer of `model`. Error IllegalScale naming the
/// first.
Result<void> requireLegalScales(const Model& model, const ById<LayerId, Effective>& effective);

}  // namespace qs::amct

// AMCT for Caffe's save_model (seed 003, save_model; semantics 1.8 to 1.11).
#pragma once

#include "core/export/exporter.h"

namespace qs {

/// PREFIX_fake_quant_model.prototxt and _fake_quant_weights.caffemodel, PREFIX_deploy_model.prototxt and _deploy_weights.caffemodel,
/// PREFIX_quant.json, PREFIX_quant_param_record.txt and .bin, PREFIX_scale_offset_record.txt, PREFIX_config.json.
/// Errors: NotSupported naming the layer that Caffe has no type for.
Result<ExportPlan> planAmct(const ExportRequest& request);

}  // namespace qs

// AMCT for Caffe's save_model (seed 003, save_model; semantics 1.8 to 1.11).
#pragma once

#include "core/export/exporter.h"

namespace qs {

/// PREFIX_fake_quant_model.prototxt and _fake_quant_weights.caffemodel, PREFIX_deploy_model.prototxt and _deploy_weights.caffemodel,
/// (the first or the second two where save_type asks for one model only), PREFIX_quant.json, PREFIX_quant_param_record.txt and .bin,
/// PREFIX_scale_offset_record.txt, PREFIX_config.json. After update_bn: the factors with fusion as PREFIX_scale_offset_record_update.txt, those of
/// the weights before fusion without "_update", and in bn_dump_dir (relative to the prefix's folder) LAYER_mean.npy and LAYER_variance.npy (INFERRED:
/// the manual does not say in which form). Errors: NotSupported naming the layer that Caffe has no type for.
Result<ExportPlan> planAmct(const ExportRequest& request);

}  // namespace qs

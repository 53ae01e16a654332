// What a record of factors says about the configuration it belongs to.
#pragma once

#include "core/quant/configuration.h"
#include "core/quant/record.h"

namespace qs::amct {

/// The layers of the record, enabled, with its widths and scales; those with skip_fusion are not fused. Errors, naming file and layer: UnknownLayer
/// (no such layer, or a type that AMCT does not quantize), MissingValue (no scale_d for an input, no scale_w for weights), ShapeMismatch (scale_w
/// neither one nor one a channel), OutOfRange (an index that the layer does not have; several scale_w where channel_wise is not possible).
Result<Configuration> configurationFromRecord(const Model& model, const QuantRecord& record, const std::string& fileName);

}  // namespace qs::amct

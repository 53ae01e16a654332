// The simple configuration (.cfg): a few lines that say what differs from the default, made into a whole Configuration.
#pragma once

#include "core/targets/forms.h"

namespace qs {

/// Text format of the manual's AMCTConfig (seed 003, 训练后量化简易量化配置文件说明). A layer's setting is the default, then common_config,
/// then override_layer_types, then override_layer_configs; of each only the algorithms that it gives (ifmr_quantize; arq_quantize or
/// snq_quantize), and what such a message leaves out is its own default. The manual only says that the nearer one overrides: that an override
/// without ifmr_quantize keeps that of common_config is our reading. A skipped layer stays listed, with quant_enable false.
/// Errors name the file, the line, layer or type, key, value and range: ParseFailed, UnknownLayer, UnknownKey (a layer type), DuplicateKey,
/// MissingValue, OutOfRange.
Result<SimpleConfig> configurationFromCfg(const Model& model, const std::string& text, const std::string& fileName);

}  // namespace qs

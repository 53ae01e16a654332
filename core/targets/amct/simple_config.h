// The simple configuration (.cfg): a few lines that say what differs from the default, made into a whole Configuration.
#pragma once

#include "core/quant/configuration.h"

namespace qs {

struct SimpleConfig {
    Configuration configuration;
    std::map<std::string, std::string> skipped;  ///< by layer: which line of the file switches it off ("skip_layers", "skip_layer_types: Softmax")
    std::vector<std::string> notes;              ///< what the file says without effect, one English sentence each
};

/// Text format of the manual's AMCTConfig (seed 003, 训练后量化简易量化配置文件说明). A layer's setting is the default, then common_config,
/// then override_layer_types, then override_layer_configs; of each only the algorithms that it gives (ifmr_quantize; arq_quantize or
/// snq_quantize), and what such a message leaves out is its own default. The manual only says that the nearer one overrides: that an override
/// without ifmr_quantize keeps that of common_config is our reading. A skipped layer stays listed, with quant_enable false.
/// Errors name the file, the line, layer or type, key, value and range: ParseFailed, UnknownLayer, UnknownKey (a layer type), DuplicateKey,
/// MissingValue, OutOfRange.
Result<SimpleConfig> configurationFromCfg(const Model& model, const std::string& text, const std::string& fileName);

}  // namespace qs

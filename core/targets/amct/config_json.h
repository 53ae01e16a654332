// config.json as a value and back.
#pragma once

#include "core/quant/configuration.h"

namespace qs {

/// config.json with exactly AMCT's keys, layers in the network's order. Clips by hand are not written.
std::string configurationToJson(const Model& model, const Configuration& configuration);
/// Errors name the file, the line (syntax) or layer, key, value and range: ParseFailed, UnknownKey, DuplicateKey, UnknownLayer, WrongType,
/// OutOfRange. A layer whose type cannot be quantized is UnknownLayer with that reason.
Result<Configuration> configurationFromJson(const Model& model, const std::string& json, const std::string& fileName);

}  // namespace qs

// The project file's form of settings: all fields, also those that config.json has no key for.
#pragma once

#include "core/base/json.h"
#include "core/quant/configuration.h"

namespace qs {

Json configurationJson(const Configuration& configuration);
/// Throws nlohmann::json::exception for what is missing or of another type; the network checks the rest.
Configuration readConfiguration(const Json& json);

/// What turns the first object into the second, as JSON Merge Patch (RFC 7396) has it. Neither may hold null.
Json mergePatch(const Json& from, const Json& to);
/// Applies such a patch, in time that is linear in both (Json::merge_patch looks through all keys for each).
Json applyPatch(const Json& from, const Json& patch);

}  // namespace qs

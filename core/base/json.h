// JSON read with what nlohmann_json leaves out: duplicate keys are errors, syntax errors name file and line. Core's .cpp files only.
#pragma once

#include "core/base/error.h"

#include <nlohmann/json.hpp>

#include <string>

namespace qs {

using Json = nlohmann::ordered_json;

/// Errors: ParseFailed ("file:line"), DuplicateKey.
Result<Json> parseJson(const std::string& text, const std::string& fileName);
/// Indented by four, UTF-8 kept, invalid UTF-8 replaced, a newline at the end.
std::string jsonText(const Json& json);
/// A float as the shortest decimal that reads back to it (0.7f as 0.7, not 0.699999988).
Json jsonNumber(float value);

}  // namespace qs

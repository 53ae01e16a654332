// JSON read with what nlohmann_json leaves out: duplicate keys, numbers beyond a double and deep nesting are errors, and errors name file and line.
// Core's .cpp files only.
#pragma once

#include "core/base/error.h"

#include <nlohmann/json.hpp>

#include <string>

namespace qs {

using Json = nlohmann::ordered_json;

/// Errors: ParseFailed, DuplicateKey, OutOfRange (a number), all with "file:line". Nesting ends at 100: whatever walks the value may recurse.
Result<Json> parseJson(const std::string& text, const std::string& fileName);
/// Indented by four, UTF-8 kept, invalid UTF-8 replaced, control characters escaped, a newline at the end.
std::string jsonText(const Json& json);
/// A float as the shortest decimal that reads back to it (0.7f as 0.7, not 0.699999988).
Json jsonNumber(float value);
/// An int; what else the value is, is thrown as nlohmann_json throws a wrong type (it would cut a larger or broken number to one that fits).
int jsonInteger(const Json& json);
/// Adds a key that is known to be new. json[key] looks through all keys before it: a loop over 80,000 layers would take minutes.
void appendKey(Json& object, std::string key, Json value);

}  // namespace qs

// Factors in the JSON of a project.
#pragma once

#include "core/base/json.h"
#include "core/quant/record.h"

namespace qs {

/// Puts "record" (the text of a record file), "statistics" (what update_bn found) and "refinements" (refinements.h) into an object.
void putFactors(Json& json, const QuantRecord& record);
/// Errors: those of the text and of readRefinements(); a nlohmann::json::exception for a wrong type or without "record".
Result<QuantRecord> readFactors(const Json& json, const std::string& fileName);

}  // namespace qs

// Parts of the file of results (core/project/results.h), as messages and back.
#pragma once

#include "core/jobs/diagnose.h"

namespace quantscope_results {
class Diagnosis;
class Metrics;
}  // namespace quantscope_results

namespace qs {

void putMetrics(quantscope_results::Metrics& out, const Metrics& metrics);
Metrics takenMetrics(const quantscope_results::Metrics& in);

/// Without params and causes: the first are the quantized network's, the second follow.
void putDiagnosis(quantscope_results::Diagnosis& out, const Diagnosis& diagnosis);
/// Throws where lists of a place are not as long as each other.
std::shared_ptr<const Diagnosis> takenDiagnosis(const quantscope_results::Diagnosis& in);
/// With params and causes of these networks. Errors: ModelInvalid where it is of others.
Result<std::shared_ptr<const Diagnosis>> restoredDiagnosis(Diagnosis diagnosis, const PreparedNetwork& prepared, const QuantizedNetwork& quantized);

}  // namespace qs

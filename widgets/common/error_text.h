// Core's codes as text in the user's language.
#pragma once

#include "core/base/error.h"
#include "core/base/job.h"
#include "core/prepare/why_float.h"

#include <QString>

namespace qs {

/// "where: what: detail. What to do."
QString errorMessage(const Error& error);
/// "calibrating 12 of 32".
QString progressPhrase(const Progress& progress);
/// Why the effective setting differs from the requested one; empty when it does not.
QString reasonMessage(const Effective& effective);
/// Why the layer is not quantized, also where that is as requested; empty when it is.
QString whyFloatMessage(const Model& model, LayerId layer, const Effective& effective);

QString noteMessage(const Note& note);

}  // namespace qs

// Core's codes and English phrases as text in the user's language.
#pragma once

#include "core/analysis/prepared.h"
#include "core/base/error.h"

#include <QString>

namespace qs {

/// "where: what: detail. What to do."
QString errorMessage(const Error& error);
/// A job's phrase ("calibrating 12 of 32").
QString progressPhrase(const std::string& english);
/// Why the effective setting differs from the requested one; empty when it does not.
QString reasonMessage(const Effective& effective);

}  // namespace qs

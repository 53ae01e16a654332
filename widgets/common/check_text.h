// Results of a target's rules in the user's language.
#pragma once

#include "core/targets/check.h"

#include <QIcon>
#include <QString>

namespace qs {

/// "Cannot be compiled", "Slow", "Costs accuracy", "Advice".
QString severityLabel(Severity severity);
/// A shape of its own for each.
QIcon severityIcon(Severity severity);
QString checkMessage(const CheckResult& result);
QString ruleSource(const Rule& rule);
QString ruleRemedy(const Rule& rule);

}  // namespace qs

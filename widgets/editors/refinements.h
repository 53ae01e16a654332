// Calibrators and refinements in the user's language.
#pragma once

#include "core/calib/calibrators.h"
#include "core/prepare/refinements.h"

#include <QString>

namespace qs {

QString refinementLabel(const Refinement& refinement);
QString refinementHelp(const Refinement& refinement);

/// "Min-max" for minmax.
QString calibratorLabel(const Calibrator& calibrator);

}  // namespace qs

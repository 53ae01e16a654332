// What the window calls the settings that the manual does not have: the calibrators, and what is done to weights beyond their algorithm.
#pragma once

#include "core/calib/calibrators.h"
#include "core/quant/configuration.h"

#include <QString>

#include <vector>

namespace qs {

struct Refinement {
    bool WeightSetting::*flag;
    QString name;  ///< identifier
    QString label;
    QString help;  ///< what it does, and its paper
};
/// In the user's language, in the order in which they are done.
std::vector<Refinement> refinements();

/// "Min-max" for minmax.
QString calibratorLabel(const Calibrator& calibrator);

}  // namespace qs

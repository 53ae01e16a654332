// Activation calibrators: from what calibration remembers of an input to its quantization factors, without another look at the data.
//
// To add one: a file calib/<name>.cpp, one line in calibrators.cpp, its test.
#pragma once

#include "core/quant/configuration.h"
#include "core/quant/params.h"
#include "core/stats/observation.h"

#include <span>
#include <string>
#include <string_view>

namespace qs {

/// An ActivationSetting with the network's offset entered.
struct CalibratorOptions {
    int bits = 8;
    bool withOffset = true;
    double maxPercentile = 0.999999;
    double minPercentile = 0.999999;
    double searchStart = 0.7;
    double searchEnd = 1.3;
    double searchStep = 0.01;
};
CalibratorOptions calibratorOptions(const ActivationSetting& setting, bool networkOffset);

struct Calibrator {
    const char* name;  ///< ActivationSetting::algorithm
    /// Errors: InvalidNumber (NaN or infinity was seen), NoData, IllegalScale.
    Result<QuantParams> (*solve)(const Observation& observation, const CalibratorOptions& options);
    bool percentiles;     ///< whether it reads maxPercentile and minPercentile
    bool searchRange;     ///< whether it reads searchStart, searchEnd and searchStep
    const char* meaning;  ///< one English sentence; widgets/common/parameter_help.cpp translates it
    const char* source;   ///< paper or document; null: the standard target's tool
};

/// In the order in which they are offered; the first is the default.
std::span<const Calibrator> calibrators();
/// Null when this version does not have it.
const Calibrator* findCalibrator(std::string_view name);
/// "ifmr, minmax, ...", for errors and help.
std::string calibratorNames();

/// The factors of one input by the setting's calibrator; clips are not entered. Calibrators choose the limits of signed codes; another form holds
/// the same ones. Errors: those of Calibrator::solve, OutOfRange for a name that is not in the table.
Result<QuantParams> solveActivation(const Observation& observation, const ActivationSetting& setting, bool networkOffset, const GridForm& form = {});

/// Limits that hold everything that was seen, said in IFMR's own words: every target's files have them.
void keepEverything(ActivationSetting& setting);

/// What every calibrator refuses: nothing seen (NoData), or values that are not finite (InvalidNumber).
Result<void> checkObservation(const Observation& observation);

}  // namespace qs

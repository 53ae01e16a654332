#include "core/base/job.h"

#include "core/base/text.h"

namespace qs {

const char* phaseText(Phase phase)
{
    switch (phase) {
        case Phase::Preparing:
            return "preparing";
        case Phase::Calibrating:
            return "calibrating %1 of %2";
        case Phase::UpdatingBatchNorm:
            return "updating BatchNorm %1 of %2";
        case Phase::LookingAtInputs:
            return "looking at inputs %1 of %2";
        case Phase::RoundingWeights:
            return "rounding weights %1 of %2";
        case Phase::CorrectingBiases:
            return "correcting bias %1 of %2";
        case Phase::Comparing:
            return "comparing %1 of %2";
        case Phase::Evaluating:
            return "evaluating %1 of %2";
        case Phase::RunningInIntegers:
            return "running in integers %1 of %2";
        case Phase::MeasuringSensitivity:
            return "sensitivity, sample %1 of %2";
        case Phase::Diagnosing:
            return "diagnosing %1 of %2";
        case Phase::TryingRemedies:
            return "remedy %1 of %2";
        case Phase::FloatOutputs:
            return "float outputs, sample %1 of %2";
        case Phase::SettingsAsTheyAre:
            return "the settings as they are";
        case Phase::Searching:
            return "%1 settings tried, best cosine %2";
        case Phase::Output:
            return "the output on %1 samples";
        case Phase::SettingsOnSubset:
            return "the settings on %1 samples";
        case Phase::SettingsOnSample:
            return "the settings on sample %1 of %2";
        case Phase::Sample:
            return "%1";
    }
    return "";
}

std::string progressText(const Progress& progress)
{
    return withArguments(phaseText(progress.phase), progress.arguments);
}

}  // namespace qs

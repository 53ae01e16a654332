#include "core/calib/calibrators.h"

#include "core/calib/entropy.h"
#include "core/calib/ifmr.h"
#include "core/calib/mse.h"
#include "core/calib/percentile.h"

#include <array>

namespace qs {

namespace {

constexpr std::array table{
    Calibrator{"ifmr", &ifmrSolve, true, true, "The upper limit in a range around a percentile that quantizes the values seen with the least error.",
               nullptr},
    Calibrator{"minmax", &minMaxSolve, false, false, "The smallest and the largest value seen.",
               "Jacob et al., Quantization and Training of Neural Networks, 2018"},
    Calibrator{"percentile", &percentileSolve, true, false, "The two percentiles; what lies beyond is clipped.",
               "Wu et al., Integer Quantization for Deep Learning Inference, 2020"},
    Calibrator{"entropy", &entropySolve, false, false,
               "The limit that keeps most of the distribution's information: the least Kullback-Leibler divergence of 2,048 bins.",
               "Migacz, 8-bit Inference with TensorRT, GTC 2017"},
    Calibrator{"mse", &mseSolve, false, false, "The two limits that quantize the values seen with the least squared error.",
               "Sung et al., Resiliency of Deep Neural Networks under Quantization, 2015"},
};

}  // namespace

CalibratorOptions calibratorOptions(const ActivationSetting& setting, bool networkOffset)
{
    return {.bits = setting.bits,
            .withOffset = setting.withOffset.value_or(networkOffset),
            .maxPercentile = setting.maxPercentile,
            .minPercentile = setting.minPercentile,
            .searchStart = setting.searchStart,
            .searchEnd = setting.searchEnd,
            .searchStep = setting.searchStep};
}

std::span<const Calibrator> calibrators()
{
    return table;
}

const Calibrator* findCalibrator(std::string_view name)
{
    for (const Calibrator& calibrator : table)
        if (calibrator.name == name)
            return &calibrator;
    return nullptr;
}

std::string calibratorNames()
{
    std::string names;
    for (const Calibrator& calibrator : table)
        names += (names.empty() ? "" : ", ") + std::string(calibrator.name);
    return names;
}

Result<QuantParams> solveActivation(const Observation& observation, const ActivationSetting& setting, bool networkOffset, const GridForm& form)
{
    const Calibrator* calibrator = findCalibrator(setting.algorithm);
    if (!calibrator)
        return Error{ErrorCode::OutOfRange, "'" + setting.algorithm + "' is not in {" + calibratorNames() + "}", "calibrator"};
    QS_TRY(const QuantParams params, calibrator->solve(observation, calibratorOptions(setting, networkOffset)));
    return withForm(params, setting.withOffset.value_or(networkOffset), form);
}

void keepEverything(ActivationSetting& setting)
{
    setting.algorithm = ActivationSetting{}.algorithm;
    setting.maxPercentile = setting.minPercentile = 1;
    setting.searchStart = 1;
    setting.searchEnd = 1.01;
    setting.searchStep = 0.01;
}

Result<void> checkObservation(const Observation& observation)
{
    if (!observation.finite())
        return Error{ErrorCode::InvalidNumber, "the data contain NaN or infinity", {}};
    if (observation.count() == 0)
        return Error{ErrorCode::NoData, "nothing was observed", {}};
    return {};
}

}  // namespace qs

#include "core/prepare/refinements.h"

#include "core/calib/adaround.h"
#include "core/ops/weight_channels.h"

namespace qs {

namespace {

constexpr Refinement table[] = {
    {.name = "equalize",
     .flag = &WeightSetting::equalize,
     .label = "Cross-layer equalization",
     .shortName = "CLE",
     .help = "Scales each channel so that its weights here and in the layer behind have the same range; the network computes the same. Only for a "
             "layer that one convolution or inner product reads, through at most a ReLU. Needs another calibration. (Nagel et al., Data-Free "
             "Quantization, 2019)",
     .option = "--equalize",
     .optionHelp = "cross-layer equalization of all pairs of layers",
     .refused = Reason::NotEqualized,
     .possible = nullptr,
     .entered = nullptr},
    {.name = "adaRound",
     .flag = &WeightSetting::adaRound,
     .label = "AdaRound",
     .shortName = "AdaRound",
     .help = "Learns on the calibration data which weights to round up and which down, so that the layer's output is nearest to the float one. Only "
             "for uniform weights. Needs another calibration. (Nagel et al., Up or Down?, 2020)",
     .option = "--adaround",
     .optionHelp = "learn which weights to round up, in all layers that it can take",
     .refused = Reason::NotAdaRounded,
     .possible = [](const Layer& layer, const WeightSetting& setting) { return setting.algorithm == "arq" && canAdaRound(layer); },
     .entered = &Effective::adaRounded},
    {.name = "biasCorrection",
     .flag = &WeightSetting::biasCorrection,
     .label = "Bias correction",
     .shortName = "BC",
     .help = "Takes the mean error of each output channel over the calibration data out of the bias. Needs another calibration. (Nagel et al., "
             "Data-Free Quantization, 2019)",
     .option = "--bias-correction",
     .optionHelp = "take the mean error of each channel out of the bias, in all layers that have one",
     .refused = Reason::BiasNotCorrected,
     .possible = [](const Layer& layer, const WeightSetting&) { return multipliesByWeights(layer.op); },
     .entered = &Effective::biasCorrected},
};

}  // namespace

std::span<const Refinement> refinements()
{
    return table;
}

Result<std::vector<std::string>> refinableLayers(const Refinement& refinement, const std::shared_ptr<const Model>& model,
                                                 const Configuration& configuration)
{
    if (!refinement.possible)
        return equalizableLayers(model, configuration);
    std::vector<std::string> layers;
    for (const auto& [name, setting] : configuration.layers)
        if (setting.weights && refinement.possible(model->layer(model->findLayer(name)), *setting.weights))
            layers.push_back(name);
    return layers;
}

}  // namespace qs

// The requested setting as a value. What a target's file has no key for (clips set by hand, the calibrator, equalization, AdaRound, bias
// correction), the project file keeps.
#pragma once

#include "core/base/error.h"
#include "core/ir/model.h"
#include "core/quant/scheme.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qs {

/// Of one input. Ranges: fields.h.
struct ActivationSetting {
    int bits = 8;                     ///< [8, 16]
    double maxPercentile = 0.999999;  ///< (0.5, 1]
    double minPercentile = 0.999999;  ///< (0.5, 1]
    double searchStart = 0.7;         ///< 0 < start < end
    double searchEnd = 1.3;
    double searchStep = 0.01;                     ///< (0, end - start]
    std::optional<bool> withOffset;               ///< absent: the network's activationOffset
    std::optional<std::pair<float, float>> clip;  ///< limits set by hand (min <= 0 <= max)
    std::string algorithm = "ifmr";               ///< calibrator, a name of calib/calibrators.h
    bool operator==(const ActivationSetting&) const = default;
};

/// Ranges: fields.h.
struct WeightSetting {
    std::string algorithm = "arq";             ///< a name of calib/weight_algorithms.cpp: "arq" (uniform), "snq" (codebooks)
    bool channelWise = true;                   ///< false for InnerProduct
    int bits = 8;                              ///< 8 (uniform), 4 (snq)
    std::optional<int> maxIteration;           ///< [500, 2000], snq
    std::optional<double> minDistance;         ///< [1e-10, 1e-3], snq
    std::optional<std::string> initAlgorithm;  ///< uniform, gaussian, d2sampling (semantics 1.5), snq
    // What each asks of the layer: prepared.h, Reason.
    bool equalize = false;        ///< share the ranges of the channels with the layer behind (passes/equalize.cpp)
    bool adaRound = false;        ///< learn which weights to round up (calib/adaround.h)
    bool biasCorrection = false;  ///< take the mean error of each channel out of the bias (analysis/bias_correction.h)
    bool operator==(const WeightSetting&) const = default;
};

struct LayerSetting {
    bool quantEnable = true;
    std::vector<ActivationSetting> activations{ActivationSetting{}};  ///< one for all inputs, or one per quantizable input
    bool activationsAsList = false;                                   ///< written as a JSON list (the manual's second form)
    std::optional<WeightSetting> weights;                             ///< only layers with weights

    /// The setting of input `port`: the last one where fewer than ports are given.
    const ActivationSetting& activation(size_t port) const { return activations[port < activations.size() ? port : activations.size() - 1]; }
    bool operator==(const LayerSetting&) const = default;
};

struct BnUpdateSetting {
    double movingAverageFraction = 0.5;  ///< (0, 1)
    int iterations = 30;                 ///< (0, 1000)
    std::string dumpDir = "tmp/bn_data";
    bool operator==(const BnUpdateSetting&) const = default;
};

struct Configuration {
    int version = 1;
    int batchNum = 1;                        ///< > 0: batches used for calibration
    std::vector<std::string> notCalibrated;  ///< samples that are left out of them (data/selection.h)
    bool activationOffset = true;            ///< asymmetric activations
    std::optional<bool> jointQuant;          ///< seen once in the manual; kept, without effect
    bool doFusion = true;
    std::vector<std::string> skipFusionLayers;
    std::optional<bool> updateBn;
    std::optional<BnUpdateSetting> bnUpdate;
    std::map<std::string, LayerSetting> layers;     ///< by layer name; a layer that is not listed is not quantized
    bool joinScales = false;                        ///< the inputs of a Concat or Eltwise share one scale
    std::string target = {};                        ///< what it is made for, a name of core/targets; empty: the standard one
    const QuantScheme* scheme = &standardScheme();  ///< the target's
    bool operator==(const Configuration&) const = default;
};

/// Whether both give the same numbers: all but the target is the same.
bool sameSettings(const Configuration& a, const Configuration& b);

/// Error AlreadyQuantized naming the first Quant, DeQuant, AntiQuant or integer layer: a network is not quantized twice.
Result<void> checkNotQuantized(const Model& model);

/// Every quantizable layer with its default (seed 003, appendix table 1). A type that is off by default is
/// listed, switched off; a network that is quantized already has none. Layers whose setting would have no effect because they are fused are
/// listed all the same.
Configuration createQuantConfig(const Model& model, int batchNum = 1, bool activationOffset = true, const QuantScheme& scheme = standardScheme());
/// The default setting of one layer; nullopt when it cannot be quantized.
std::optional<LayerSetting> defaultSetting(const Model& model, LayerId layer, const QuantScheme& scheme = standardScheme());

/// What somebody calls a field (fields.h) or a weight algorithm; the word itself where he has none for it.
using Wording = std::string (*)(std::string_view word);
/// The program's.
std::string ownWords(std::string_view word);

/// Checks one setting against the fields' ranges and, where it is switched on, the layer's type. Errors name layer, key, value and range.
Result<void> checkLayerSetting(const Model& model, LayerId layer, const LayerSetting& setting, const QuantScheme& scheme = standardScheme(),
                               Wording words = ownWords);
Result<void> checkConfiguration(const Model& model, const Configuration& configuration, Wording words = ownWords);

}  // namespace qs

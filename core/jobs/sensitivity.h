// How much each layer's quantization costs: at the layer itself and at the network's output.
#pragma once

#include "core/engine/incremental.h"
#include "core/jobs/compare.h"
#include "core/jobs/prediction.h"

namespace qs {

/// All errors are Metrics (metrics.h says how each is computed). At the output means: of all outputs of the network taken as one vector.
struct LayerSensitivity {
    std::string layer;                                           ///< name in the original model
    Metrics local;                                               ///< the layer's output, only it quantized, its inputs float
    Metrics cumulative;                                          ///< the layer's output, the whole configuration up to here
    Metrics oneQuantized;                                        ///< the network's output, only this layer quantized
    Metrics oneFloat;                                            ///< the network's output, everything quantized but this layer
    Prediction predicted;                                        ///< of oneQuantized's relL2; without widths: not asked for, or not possible
    std::optional<double> oneQuantizedAgreement = std::nullopt;  ///< OutputFigures::agreement() of the same
    std::optional<double> oneFloatAgreement = std::nullopt;
};

struct Sensitivity {
    int samples = 0;                       ///< that the figures rest on
    int wanted = 0;                        ///< more than `samples` while it is being computed
    Metrics output;                        ///< the network's output under the whole configuration
    std::vector<LayerSensitivity> layers;  ///< the quantized layers, in execution order
    /// Spearman's rank correlation of the layers' predictions with oneQuantized's relL2: how far to trust them here.
    double firstOrderRank = 0;
    double squaredRank = 0;
    std::string noPrediction;  ///< why there are no predictions, English; empty: there are, or nobody asked
    double seconds = 0;
    std::optional<double> outputAgreement = std::nullopt;  ///< OutputFigures::agreement() under the whole configuration

    const LayerSensitivity* layer(std::string_view name) const;
};

/// Name ("oneQuantized"...) and English definition of the four scopes and the two predictions, in display order.
const std::vector<std::pair<std::string, std::string>>& scopeDefinitions();

struct SensitivityOptions {
    int samples = 8;            ///< spread evenly over the data
    bool fromQuantized = true;  ///< also what the quantized network is run for: output, cumulative and oneFloat
    bool predict = false;       ///< also predict; where it cannot be done, Sensitivity::noPrediction says why
    uint64_t dataSerial = 0;    ///< for an evaluator whose cache holds values of several data sets
    /// Called after each sample with what is known so far; may be empty.
    std::function<void(std::shared_ptr<const Sensitivity>)> publish;
};

/// For each quantized layer one run of what lies behind it from the float network, and one from the quantized network, a sample: a prefix is never
/// run twice. Figures equal those of full runs. `evaluator` is of prepared.network; its cache holds one sample's values at a time and better has
/// room for them. Errors: NoData, NotRunnable where no output of the network runs, Cancelled, and the engine's.
Result<std::shared_ptr<const Sensitivity>> sensitivity(IncrementalEvaluator& evaluator, const QuantizedNetwork& quantized, const DataSet& data,
                                                       const SensitivityOptions& options, const JobContext& job);

}  // namespace qs

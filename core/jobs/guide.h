// The manual's way to more accuracy (seed 003, 量化配置, 参数调优说明): first batch_num, then the sensitive layers off, then ranges,
// bits and channel_wise of those that stay. What each step finds and what it proposes; nothing is applied here.
#pragma once

#include "core/jobs/compare.h"

namespace qs {

/// The manual's order.
enum class GuideStep : uint8_t { Batches, SwitchOff, Parameters, None };

/// The manual: layers should reach a cosine similarity of 0.99.
constexpr double manualCosine = 0.99;

/// What a step is judged by, before and after it.
struct GuideFigures {
    double outputCosine = 1;          ///< cumulative, of the worst of the network's outputs
    std::optional<double> agreement;  ///< OutputFigures::agreement()
    std::optional<double> top1;       ///< quantized, with labels
    std::string worstLayer;           ///< quantized, least local cosine; empty: nothing is quantized
    double worstCosine = 1;           ///< local
    int quantizedLayers = 0;

    bool meet(double goal) const { return outputCosine >= goal && worstCosine >= goal; }
};

/// Step 1. The manual wants batch_num * batch to be 16 or 32 pictures.
struct BatchFinding {
    int batchNum = 1;
    int batch = 1;      ///< samples a batch
    int available = 0;  ///< samples in the data set
    int proposed = 1;   ///< batchNum itself: nothing to propose
};

/// Step 2. The manual's two ways to find them: the comparison's error, and the place in the network.
struct SensitiveLayer {
    std::string layer;
    double local = 1;
    double cumulative = 1;
    int64_t parameters = 0;
    bool first = false;  ///< of the quantized layers with weights
    bool last = false;
    bool small = false;  ///< less than a quarter of the mean parameter count (our own measure)
};

struct ParameterChange {
    std::string field;  ///< a name of fields.h ("activation.bits")
    int input = -1;     ///< among the quantizable inputs; -1: all of them, or the weights
    std::string before;
    std::string after;
};

/// Step 3, for one layer.
struct ParameterProposal {
    std::string layer;
    LayerSetting setting;  ///< with the changes entered
    std::vector<ParameterChange> changes;
    /// Squared error of the quantized input that the calibration saw, after over before; absent where no input's setting changes.
    std::optional<double> inputLoss;
};

struct GuidePlan {
    GuideFigures figures;
    bool met = false;
    BatchFinding batches;
    std::vector<SensitiveLayer> sensitive;  ///< worst first; empty once the goal is met
    std::vector<ParameterProposal> parameters;
    /// The first step in the manual's order that has something to propose. None: the goal is met, or there is nothing left: the manual's last
    /// word is then not to quantize (or to train).
    GuideStep next = GuideStep::None;
};

struct GuideInput {
    const PreparedNetwork* prepared = nullptr;  ///< that was compared
    const QuantizedNetwork* quantized = nullptr;
    const Comparison* comparison = nullptr;
    const Calibration* calibration = nullptr;  ///< null (a record from a file): ranges are not proposed, for nobody knows what they would do
    int samples = 0;                           ///< in the data set
    int batch = 1;
    double goal = manualCosine;
    int most = 3;  ///< layers a step
};

GuideFigures guideFigures(const PreparedNetwork& prepared, const QuantizedNetwork& quantized, const Comparison& comparison);
/// 32 pictures where there are so many; fewer only when more than the manual's 50 are used.
BatchFinding findBatches(int batchNum, int batch, int samples);
/// Quantized layers below the goal, least local cosine first; where only the output is below it, those that add most.
std::vector<SensitiveLayer> findSensitive(const GuideInput& input);
/// For one layer, in the manual's order: uniform weights, channel_wise, percentiles and search where they lessen the input's error by 5 % or more;
/// when there is none of these, 12 bits (the manual: not 16). nullopt: nothing is left. Tries some hundred limits: not for a GUI thread.
std::optional<ParameterProposal> proposeParameters(const GuideInput& input, const std::string& layer);
GuidePlan planGuide(const GuideInput& input, const JobContext& job);

}  // namespace qs

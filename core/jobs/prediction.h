// What one layer's quantization costs at the network's output, predicted to first order from one backward pass a sample.
#pragma once

#include "core/engine/incremental.h"
#include "core/jobs/calibrate.h"

namespace qs {

/// |error| / |output| over the samples, all outputs as one vector.
struct PredictedError {
    int bits = 8;           ///< of the layer's inputs; its weights as configured
    double firstOrder = 0;  ///< from gradient . error
    double squared = 0;     ///< from gradient^2 . error^2: as if the errors of single values were independent
};

struct Prediction {
    /// As configured, then with the inputs at 8, 12 and 16 bits between the same limits.
    std::vector<PredictedError> widths;
};

/// The output y is projected on a vector r of random signs: E (r . dy)^2 = |dy|^2, and r . dy is about g . dx with g the gradient of r . y, x what
/// the layer reads (values and weights) and dx its quantization error. g . dx is squared and added up over the samples, each with its own r (a
/// fixed sequence). Source: the random projection is Hutchinson's (1990) estimator; the squared form is that of Fisher-weighted errors (LeCun et
/// al., Optimal Brain Damage, 1990, with Fisher's matrix for the Hessian).
class Predictor {
public:
    /// `layers`: the quantized ones, in the order of the predictions. `quantized` must outlive it.
    Predictor(IncrementalEvaluator& evaluator, const QuantizedNetwork& quantized, std::vector<LayerId> layers);

    /// Values that add() needs: the network's inputs and outputs and what the layers read.
    std::vector<ValueId> values() const;
    /// One sample's float values. Errors: NotSupported naming the layer that has no gradient, or whose output
    /// is quantized; Internal where the backward pass' own outputs are not
    /// those of the float run.
    Result<void> add(const Values& floating, int sample);
    /// By layer, as given.
    std::vector<Prediction> predictions() const;

private:
    struct Sums {
        double firstOrder = 0;  ///< of squares
        double squared = 0;
    };
    Result<void> checkOutputs(const Values& floating, const std::vector<Tensor>& found) const;
    void addLayer(size_t layer, const Values& floating, const Gradients& gradients, size_t& port, size_t& weight);

    IncrementalEvaluator& m_evaluator;
    const Model& m_model;
    const QuantizedNetwork& m_quantized;
    std::vector<LayerId> m_layers;
    GradientRequest m_request;
    std::vector<std::vector<Sums>> m_sums;  // by layer and width
    double m_outputSquares = 0;
};

/// Spearman's rank correlation; 0 for fewer than two.
double rankCorrelation(std::span<const double> a, std::span<const double> b);

}  // namespace qs

// Float against quantized, layer by layer. Scopes: local (only this layer quantized, float inputs), cumulative (the whole
// configuration up to here).
#pragma once

#include "core/jobs/calibrate.h"
#include "core/stats/detection.h"
#include "core/stats/metrics.h"

#include <chrono>
#include <functional>
#include <limits>

namespace qs {

/// What a figure rests on: settings that have changed since, the interactive subset of the samples, or all of them.
enum class Freshness : uint8_t { Stale, Subset, Full };

struct LayerComparison {
    std::string layer;  ///< name in the original model (a host stands for what is fused into it)
    bool run = false;   ///< false: not run, metrics mean nothing
    Freshness freshness = Freshness::Full;
    Metrics local;
    Metrics cumulative;
};

struct PortHistograms {
    std::string layer;
    int port = 0;  ///< input port; -1: the layer's output 0
    Histogram floatValues;
    Histogram quantizedValues;  ///< in the quantized run; for an input: after fake quantization
};

struct OutputComparison {
    std::string name;  ///< of the value
    Metrics cumulative;
    Freshness freshness = Freshness::Full;
};

/// Top-1 and top-5 of output 0 (the model's first output), counted over labelled samples; agreement is the share of samples whose
/// quantized top-1 is the float one.
struct Classification {
    bool valid = false;  ///< the output is a vector per sample of more than one class
    bool labelled = false;
    double floatTop1 = 0, floatTop5 = 0;
    double quantizedTop1 = 0, quantizedTop5 = 0;
    double agreement = 0;
};

/// What a detector finds in one sample.
struct SampleBoxes {
    std::vector<DetectedBox> floating;
    std::vector<DetectedBox> quantized;
};

/// Boxes of score 0.5 or more, matched from an intersection over union of 0.5 on; the float ones are the reference (stats/detection.h). For a network
/// with an output of boxes (boxOutput), over all samples.
struct Detection {
    bool valid = false;
    int matched = 0, missed = 0, extra = 0;
    /// Of all quantized boxes whatever their score, ranked by it; NaN where the float network has none of its own.
    double meanAveragePrecision = std::numeric_limits<double>::quiet_NaN();
};

/// What one sample says of classes and boxes. A class is the place of the largest value.
struct ClassVote {
    bool valid = false, labelled = false, agrees = false;
    bool floatTop1 = false, floatTop5 = false, quantizedTop1 = false, quantizedTop5 = false;
    int label = -1;
    int floatClass = -1, quantizedClass = -1;
    float floatScore = 0, quantizedScore = 0;            ///< the value at that place
    std::shared_ptr<const SampleBoxes> boxes = nullptr;  ///< null: none of the outputs has any
};

/// One sample at the network's outputs.
struct SampleFigures {
    int sample = -1;  ///< its index in the data set
    ErrorSums sums;   ///< over all outputs taken as one vector
    ClassVote vote;   ///< of the first output
};

struct Comparison {
    int samples = 0;                        ///< that the outputs' figures rest on
    Freshness freshness = Freshness::Full;  ///< of the outputs and the classification
    std::vector<LayerComparison> layers;    ///< by layer of prepared.network, execution order
    std::vector<OutputComparison> outputs;
    std::vector<SampleFigures> bySample;     ///< those that the outputs' figures rest on, in the data's order
    std::vector<PortHistograms> histograms;  ///< every input port and output of every run layer
    Classification classification;
    Detection detection;
    double seconds = 0;

    /// Nothing is stale, and all samples are in it.
    bool complete() const;
    const LayerComparison* layer(std::string_view name) const;
    const PortHistograms* histogram(std::string_view name, int port) const;
};

struct CompareOptions {
    bool histograms = true;
    bool local = true;
    /// Called with the figures of the samples so far, without histograms (Freshness::Subset), not more often than every `pause`; may be empty.
    std::function<void(std::shared_ptr<const Comparison>)> publish = {};
    std::chrono::milliseconds pause{300};
};

/// One walk over the network a sample, float and quantized side by side; memory is that of the widest cut. Cancellable per layer.
Result<std::shared_ptr<const Comparison>> compare(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared,
                                                  const QuantizedNetwork& quantized, const DataSet& data, const CompareOptions& options,
                                                  const JobContext& job);

struct Evaluation {
    int samples = 0;
    Classification classification;
    Detection detection;
};
/// Only the outputs: float and quantized forward a sample, classes and boxes counted.
Result<Evaluation> evaluate(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const QuantizedNetwork& quantized,
                            const DataSet& data, const JobContext& job);

/// One sample's values of one layer of prepared.network, for the Compare view.
struct SampleComparison {
    std::string layer;
    int sample = 0;
    Buffer floatOutput;
    Buffer quantizedOutput;            ///< cumulative
    std::vector<Buffer> floatOutputs;  ///< the network's outputs
    std::vector<Buffer> quantizedOutputs;
    Metrics metrics;
    std::shared_ptr<const Buffer> floatWeights = nullptr;      ///< weight 0 of the layer; null: it has none
    std::shared_ptr<const Buffer> quantizedWeights = nullptr;  ///< the same where it is not quantized
};
Result<std::shared_ptr<const SampleComparison>> compareSample(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared,
                                                              const QuantizedNetwork& quantized, const DataSet& data, int sample,
                                                              const std::string& layer, const JobContext& job);

/// Whether one sample's output of this shape, (1, C) or (1, C, 1, 1), is a vector of more than one class.
bool isClassVector(const Shape& shape);

/// Boxes of one sample that are shown and counted: those of this score on.
constexpr double countedScore = 0.5;
BoxMatches countedMatches(const SampleBoxes& boxes);
Detection detectionOf(std::span<const SampleFigures> samples);
/// Of one sample's outputs, in the network's order. `label` below 0: none.
ClassVote voteOf(const Model& network, std::span<const Tensor> floating, std::span<const Tensor> quantized, int label);

/// Counts top-1, top-5 and agreement of output 0 over samples.
class ClassificationCounter {
public:
    /// `label` below 0: none. Not valid where the outputs are not a vector of more than one class.
    static ClassVote vote(const Tensor& floatOutput, const Tensor& quantizedOutput, int label);
    void add(const ClassVote& vote);
    Classification result() const;

private:
    bool m_valid = true;
    int m_samples = 0, m_labelled = 0, m_agreeing = 0;
    int m_floatTop1 = 0, m_floatTop5 = 0, m_quantizedTop1 = 0, m_quantizedTop5 = 0;
};

}  // namespace qs

// Float against quantized, layer by layer. Scopes: local (only this layer quantized, float inputs), cumulative (the whole
// configuration up to here).
#pragma once

#include "core/jobs/calibrate.h"
#include "core/jobs/reading.h"
#include "core/stats/class_map.h"
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

/// Top-1 and top-5 of the output that is read as classes, counted over labelled samples; agreement is the share of samples whose
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
    std::optional<std::vector<DetectedBox>> truth = std::nullopt;  ///< that are labelled, their classes counted as the network does
};

/// What a network that gives a vector for a sample gives.
struct SampleVectors {
    std::vector<float> floating;
    std::vector<float> quantized;
};

/// Boxes of score 0.5 or more, matched from an intersection over union of 0.5 on; the float ones are the reference (stats/detection.h). For a network
/// whose outputs are read as boxes, over all samples.
struct Detection {
    bool valid = false;
    int matched = 0, missed = 0, extra = 0;
    /// Of all quantized boxes whatever their score, ranked by it; NaN where the float network has none of its own.
    double meanAveragePrecision = std::numeric_limits<double>::quiet_NaN();

    /// Against the labels: at an intersection over union of 0.5, and the mean over 0.5, 0.55... 0.95. Over the samples that have labels.
    struct Labelled {
        double at50 = 0;
        double mean = 0;
        bool operator==(const Labelled&) const = default;
    };
    bool labelled = false;
    Labelled floatLabelled, quantizedLabelled;
};

/// For a network whose output is read as a map of classes: the float map is the reference.
struct Segmentation {
    bool valid = false;
    double agreement = 0;  ///< share of all samples' pixels that have the float class
    double meanIou = 0;    ///< over the classes that one of the two has in any sample
};

/// For a network whose output is read as a vector.
struct Embedding {
    bool valid = false;
    double cosine = 0, worstCosine = 0;  ///< float to quantized: mean over the samples, and the least
    double distance = 0;                 ///< mean of |quantized - float|
    /// Share of the samples whose nearest neighbour among the samples, by cosine, is the same; NaN for one sample.
    double rankAgreement = std::numeric_limits<double>::quiet_NaN();
};
/// Neighbours are sought among the first so many samples: every sample is set against every other.
constexpr size_t mostRanked = 256;

/// What one sample says of what the outputs are read as. A class is the place of the largest value.
struct ClassVote {
    bool valid = false, labelled = false, agrees = false;
    bool floatTop1 = false, floatTop5 = false, quantizedTop1 = false, quantizedTop5 = false;
    int label = -1;
    int floatClass = -1, quantizedClass = -1;
    float floatScore = 0, quantizedScore = 0;                          ///< the value at that place
    std::shared_ptr<const SampleBoxes> boxes = nullptr;                ///< null: the outputs are not read as boxes
    std::shared_ptr<const std::vector<ClassPixels>> pixels = nullptr;  ///< of a map of classes: float and quantized, by class
    std::shared_ptr<const SampleVectors> vectors = nullptr;
};

/// One sample at the network's outputs.
struct SampleFigures {
    int sample = -1;  ///< its index in the data set
    ErrorSums sums;   ///< over all outputs taken as one vector
    ClassVote vote;
};

/// What the outputs are read as, counted over samples: one of the four at most is valid.
struct OutputFigures {
    Classification classification;
    Detection detection;
    Segmentation segmentation;
    Embedding embedding;

    /// How far quantized agrees with float, 0 to 1: classes' agreement, mAP, pixels' or ranks' agreement; nothing where no figure says it.
    std::optional<double> agreement() const;
};

struct Comparison : OutputFigures {
    int samples = 0;                        ///< that the outputs' figures rest on
    Freshness freshness = Freshness::Full;  ///< of the outputs and the classification
    std::vector<LayerComparison> layers;    ///< by layer of prepared.network, execution order
    std::vector<OutputComparison> outputs;
    std::vector<SampleFigures> bySample;     ///< those that the outputs' figures rest on, in the data's order
    std::vector<PortHistograms> histograms;  ///< every input port and output of every run layer
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

/// What counts as a box, and what as the same.
struct BoxRule {
    double score = 0.5;    ///< boxes of this score on are counted
    double overlap = 0.5;  ///< and paired from this intersection over union on
};

struct Evaluation : OutputFigures {
    int samples = 0;
};
/// Only the outputs: float and quantized forward a sample, counted as what they are read as.
Result<Evaluation> evaluate(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const QuantizedNetwork& quantized,
                            const DataSet& data, const JobContext& job, const BoxRule& rule = {});

/// One sample's values of one layer of prepared.network, for the Compare view.
struct SampleComparison {
    std::string layer;
    int sample = 0;
    Buffer floatOutput;                 ///< of three-dimensional values from above (stats/bird_view.h)
    Buffer quantizedOutput;             ///< cumulative
    std::optional<int64_t> sites = {};  ///< of a sparse value: the rows that it has
    std::vector<Buffer> floatOutputs;   ///< the network's outputs
    std::vector<Buffer> quantizedOutputs;
    Metrics metrics;
    std::shared_ptr<const Buffer> floatWeights = nullptr;      ///< weight 0 of the layer; null: it has none
    std::shared_ptr<const Buffer> quantizedWeights = nullptr;  ///< the same where it is not quantized
};
Result<std::shared_ptr<const SampleComparison>> compareSample(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared,
                                                              const QuantizedNetwork& quantized, const DataSet& data, int sample,
                                                              const std::string& layer, const JobContext& job);

/// Boxes of one sample that are counted.
BoxMatches countedMatches(const SampleBoxes& boxes, const BoxRule& rule = {});
OutputFigures figuresOf(std::span<const SampleFigures> samples, const BoxRule& rule = {});
/// Of one sample's outputs, in the network's order, and what is labelled in it.
ClassVote voteOf(const Reading& reading, std::span<const Tensor> floating, std::span<const Tensor> quantized, const DataSet& data, int index);

/// Counts top-1, top-5 and agreement over samples.
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

// The deploy model beside the simulation: how far its integers are from the floats that stand for them.
#pragma once

#include "core/base/job.h"
#include "core/data/dataset.h"
#include "core/engine/engine.h"
#include "core/prepare/quantized.h"

namespace qs {

/// How near two runs of one output are.
struct StepAgreement {
    int64_t values = 0;  ///< over all samples
    int64_t within = 0;  ///< that differ by at most one step
    double largest = 0;  ///< difference, in steps
    double share() const { return values == 0 ? 1 : static_cast<double>(within) / static_cast<double>(values); }
};

struct IntegerLayer {
    std::string layer;         ///< in prepared.network
    StepAgreement local;       ///< the integer layer on the inputs that the fake-quant network has there
    StepAgreement cumulative;  ///< both networks from their inputs on: codes that rounding has tipped add up from layer to layer
    int64_t overflows = 0;     ///< accumulators that left int32, in the cumulative run
};

struct IntegerComparison {
    int samples = 0;
    std::vector<IntegerLayer> layers;  ///< that run, execution order
};

/// Both networks side by side, output 0 of every layer. A layer's step is the smallest scale_d at which a quantized layer reads its output; where
/// none does, 1/255 of the range of the fake-quant network's output in the sample. Uses the first `samples` samples (all when there are fewer).
Result<IntegerComparison> compareIntegers(const std::shared_ptr<Engine>& engine, const QuantizedNetwork& quantized, const DataSet& data, int samples,
                                          const JobContext& job);

/// One sample's output of one layer, as the chip computes it from the network's input on.
struct IntegerSample {
    std::string layer;
    int sample = 0;
    Buffer output;                                           ///< of the integer network, as floats, in the shape of SampleComparison's
    Buffer steps;                                            ///< output minus the fake-quant network's, in steps (see compareIntegers)
    double step = 0;                                         ///< its size
    StepAgreement agreement;                                 ///< over this sample's values
    std::vector<std::pair<std::string, int64_t>> overflows;  ///< layers up to this one whose accumulators left int32, and how many did
};
/// For the Compare view. Errors: OutOfRange for the sample, UnknownLayer for a layer that is not run.
Result<std::shared_ptr<const IntegerSample>> integerSample(const std::shared_ptr<Engine>& engine, const QuantizedNetwork& quantized,
                                                           const DataSet& data, int sample, const std::string& layer, const JobContext& job);

}  // namespace qs

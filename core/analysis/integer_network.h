// The deploy model as a network of this program: Quant, integer layers, DeQuant. What is exported runs here before it runs on a chip.
#pragma once

#include "core/analysis/calibrate.h"

namespace qs {

/// quantized.network with every quantized layer in its deploy form (semantics 1.7, 1.8): Quant in front of each quantized input; int8 weights, int32
/// bias and a DeQuant behind a convolution or inner product; int8 matrices in an LSTM, RNN or GRU, which multiplies its inputs' codes in integers and
/// its state in float (our own); an AntiQuant behind the Quant of any other. Values keep their names.
Result<std::shared_ptr<const Model>> integerNetwork(const QuantizedNetwork& quantized);

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

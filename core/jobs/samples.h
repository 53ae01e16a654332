// Samples of a data set on their way into a network, and what comes out of it.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/incremental.h"
#include "core/stats/metrics.h"

namespace qs {

/// The network's inputs for one sample (batch 1): the sample for the first; for the others what `further` holds by name, or what they mean: sequence
/// marks that LSTM, RNN and GRU read alone (cont: 0 in the first step, then 1: one sequence), their first states (0), Faster R-CNN's im_info (1, 3:
/// the picture's height and width, scale 1). Errors: ShapeMismatch naming the sample and both shapes, NotSupported for an input that nothing is known
/// of.
Result<std::vector<Tensor>> inputTensors(const Model& model, const Buffer& sample, const std::string& sampleName, TensorPool& pool,
                                         const std::map<std::string, Buffer>& further = {});

/// The same of a data set's sample, with its further inputs. Errors: those of reading it, too.
Result<std::vector<Tensor>> inputTensors(const Model& model, const DataSet& data, int index, TensorPool& pool);

/// One sample of a data set, as the evaluator wants it. `data` and `evaluator` must outlive it. `serial` tells data sets apart that share a cache.
Sample sampleOf(const DataSet& data, int index, IncrementalEvaluator& evaluator, uint64_t serial = 0);

/// All indices of a data set of `count` samples: first `subset` of them spread evenly (files are often sorted by class), then the others in order.
std::vector<int> spreadOrder(int count, int subset);

/// Whoever measures at the network's output needs one that is run. Errors: NotRunnable with the cause.
Result<void> requireOutputs(const Model& network);

/// The network's outputs among these values, in order; empty tensors for those that are not there.
std::vector<Tensor> outputsOf(const Model& network, const Values& values);

/// Plain floats; empty Buffers for empty tensors.
std::vector<Buffer> buffersFrom(std::span<const Tensor> tensors);

/// Of two tensors in any layouts; integers count as floats. Where the shapes differ (outputs of Proposal or Filter, whose size depends on values; one
/// that was not run) nothing of one can be set against the other: as if the second were zero.
ErrorSums errorSums(const Tensor& x, const Tensor& y, TensorPool& pool);
/// Sums over all outputs taken as one vector; x and y in any layouts. An output whose size differs (a detector's) counts as wholly wrong.
ErrorSums outputSums(std::span<const Tensor> x, std::span<const Tensor> y, TensorPool& pool);

}  // namespace qs

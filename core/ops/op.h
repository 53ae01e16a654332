// The table of operations: everything that is known about a layer type without running it.
//
// To add an op: write its shape function (and MACs) in ops/<family>.cpp, its kernel in engine/kernels/<family>.cpp, one line in
// ops/ops.cpp and one in engine/kernels/kernels.cpp, and its test. Op names follow Caffe where Caffe has the type (InnerProduct,
// Eltwise), ONNX otherwise; importers translate.
//
// Attributes and weights of each op are documented at its shape function.
#pragma once

#include "core/base/error.h"
#include "core/ir/model.h"

#include <span>
#include <string_view>

namespace qs {

/// For colours and filters in the views.
enum class OpFamily : uint8_t { Input, Convolution, Dense, Pooling, Activation, Normalization, Elementwise, Layout, Detection, Quantization, Other };

struct OpInfo {
    const char* name;
    OpFamily family;
    bool runnable;  ///< the engine has a kernel (a test compares with the engine's table)
    int weights;    ///< how many of the first weights it cannot do without; a layer that lacks them is drawn and not run
    /// Output shapes for these input shapes; checks attributes, ranks and weight shapes. Errors (ShapeMismatch, WeightsMismatch,
    /// OutOfRange) carry a detail only: the caller adds the layer's name. Null when shapes cannot be known.
    Result<std::vector<Shape>> (*shapes)(const Layer& layer, std::span<const Shape> inputs);
    /// Multiply-accumulates of one forward pass; null counts as 0.
    int64_t (*macs)(const Layer& layer, std::span<const Shape> inputs, std::span<const Shape> outputs);
};

/// Null when there is no such op.
const OpInfo* findOp(std::string_view name);
std::span<const OpInfo> allOps();
/// True when the layer lacks weights without which it cannot run (a network opened without its weights file).
bool weightsMissing(const Layer& layer);

/// Pictures in a batch of the declared shapes: the first axis of a first input with four or five axes; 1 for other inputs.
int64_t declaredBatch(const Model& model);
/// Multiply-accumulates of one sample: at the declared shapes, without their batch; 0 where unknown.
int64_t layerMacs(const Model& model, LayerId id);
/// Indices into layer.inputs: non-constant inputs that are activations (not Crop's reference, marks of sequences, regions, masks).
std::vector<int> activationPorts(const Model& model, LayerId id);
/// Whether the op's weight 0 has an axis of output channels (WeightChannels) that is convolved: not InnerProduct.
bool hasOutputChannels(std::string_view op);

}  // namespace qs

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

/// What AMCT can quantize of a layer type (seed 003, appendix table 1).
enum class Quantizable : uint8_t {
    No,
    DataOnly,        ///< its inputs
    WeightsAndData,  ///< its inputs and its weights
};

struct OpInfo {
    const char* name;
    OpFamily family;
    Quantizable quantizable;
    bool defaultEnable;  ///< quant_enable that create_quant_config writes
    bool runnable;       ///< the engine has a kernel (a test compares with the engine's table)
    int weights;         ///< how many of the first weights it cannot do without; a layer that lacks them is drawn and not run
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

/// Pictures in a batch of the declared shapes: the first axis of a first input with four axes; 1 for other inputs.
int64_t declaredBatch(const Model& model);
/// Multiply-accumulates of one sample: at the declared shapes, without their batch; 0 where unknown.
int64_t layerMacs(const Model& model, LayerId id);
/// The quantizable input ports of a layer: indices into layer.inputs (all non-constant inputs of a quantizable op that are
/// activations: not Crop's reference, marks of sequences, regions, masks).
std::vector<int> quantizablePorts(const Model& model, LayerId id);
/// Quantizable::No for an unknown op, a layer that does not run, one with integer weights, and one without non-constant inputs.
Quantizable layerQuantizable(const Model& model, LayerId id);
/// Output channel axis of the op's weight 0 for per-channel quantization, and whether AMCT allows channel_wise for it (seed 003: not for
/// InnerProduct).
bool channelWiseAllowed(std::string_view op);

}  // namespace qs

// Layers of any format as ONNX nodes.
//
// To add an op: its function in the file of its family, declared in rows.h (or above, in a file of its own), its row in layers.cpp, its test
// (tests/core/tst_onnx_export.cpp).
#pragma once

#include "core/base/error.h"
#include "core/export/onnx/graph.h"
#include "core/ir/model.h"

#include <functional>

namespace qs {

/// A layer that is being written.
struct OnnxLayer {
    OnnxGraph& graph;
    const Model& model;
    const Layer& layer;
    std::vector<std::string> inputs;   ///< names of what it reads, as it was computed
    std::vector<std::string> outputs;  ///< names that its outputs must get
    /// The name of a weight that it has, as it multiplies by it; written into the file then.
    std::function<std::string(size_t i)> weight;
    /// What stands between a value of an input port and its reader: nothing, or QuantizeLinear and DequantizeLinear.
    std::function<std::string(const std::string& value, size_t port)> quantizer;

    const Attributes& attributes() const { return layer.attributes; }
    const Shape& inputShape(size_t port = 0) const { return model.value(layer.inputs[port]).shape; }
    const Shape& outputShape(size_t i = 0) const { return model.value(layer.outputs[i]).shape; }
    int64_t axis(int64_t fallback) const;  ///< counted from the front
    /// What the layer reads at a port, through its quantizer.
    std::string in(size_t port = 0) const { return quantizer(inputs[port], port); }
    bool hasWeight(size_t i) const { return i < layer.weights.size() && layer.weights[i]; }

    /// A node whose output is a new name, which is returned; `last`: the layer's output.
    std::string step(const std::string& type, const std::vector<std::string>& from) const;
    onnx::NodeProto& open(const std::string& type, const std::vector<std::string>& from) const;
    onnx::NodeProto& last(const std::string& type, const std::vector<std::string>& from) const;
    std::string number(double value) const;  ///< a scalar
    std::string list(const std::vector<int64_t>& values) const;
    std::string values(const Shape& shape, std::span<const float> values) const;
    /// The same values in another shape. A first dimension that both have is copied, so that another batch passes; with no shape before, it is what
    /// the others leave.
    std::string reshaped(const std::string& from, const Shape& before, const Shape& after) const;
    void reshapedLast(const std::string& from, const Shape& before, const Shape& after) const;
    Error refuse(const std::string& why) const;
};

/// Errors: NotSupported, with the layer, where ONNX has no such layer or the writing of it is not built.
Result<void> writeOnnxLayer(const OnnxLayer& layer);

using OnnxWrite = Result<void> (*)(const OnnxLayer& layer);
// gathering.cpp
Result<void> writeByPlaces(const OnnxLayer& layer);  ///< Gather and Scatter, of elements and of rows
Result<void> writeOneHot(const OnnxLayer& layer);
// functions.cpp
Result<void> writeGelu(const OnnxLayer& layer);
Result<void> writeMish(const OnnxLayer& layer);
Result<void> writeSameWithReals(const OnnxLayer& layer);  ///< Selu, Celu, ThresholdedRelu, Softsign, Shrink, angles: ONNX's own names
Result<void> writeMark(const OnnxLayer& layer);           ///< IsNaN, IsInf
Result<void> writeCumSum(const OnnxLayer& layer);
// normalizations.cpp
Result<void> writeBatchNorm(const OnnxLayer& layer);
Result<void> writeScale(const OnnxLayer& layer);
Result<void> writeLrn(const OnnxLayer& layer);
Result<void> writeNormalize(const OnnxLayer& layer);
Result<void> writeMvn(const OnnxLayer& layer);
Result<void> writeGroupNorm(const OnnxLayer& layer);
Result<void> writeLayerNorm(const OnnxLayer& layer);

}  // namespace qs

// Inside the writing of layers (layers.h): one function an operation, by family.
#pragma once

#include "core/export/onnx/layers.h"

namespace qs::onnxrow {

using Ints = std::vector<int64_t>;

// windows.cpp
Result<void> convolution(const OnnxLayer& l);
Result<void> innerProduct(const OnnxLayer& l);
Result<void> matMul(const OnnxLayer& l);
Result<void> gemm(const OnnxLayer& l);
std::string castTo(const OnnxLayer& l, onnx::TensorProto::DataType type, const std::string& from);
void lastAsFloat(const OnnxLayer& l, const std::string& from);
Result<void> embed(const OnnxLayer& l);
Result<void> pooling(const OnnxLayer& l);
// activations.cpp
Result<void> relu(const OnnxLayer& l);
Result<void> relu6(const OnnxLayer& l);
Result<void> clip(const OnnxLayer& l);
Result<void> elu(const OnnxLayer& l);
Result<void> swish(const OnnxLayer& l);
Result<void> hardSwish(const OnnxLayer& l);
Result<void> hardSigmoid(const OnnxLayer& l);
Result<void> power(const OnnxLayer& l);
Result<void> exponential(const OnnxLayer& l);
Result<void> logarithm(const OnnxLayer& l);
Result<void> threshold(const OnnxLayer& l);
Result<void> negated(const OnnxLayer& l);
Result<void> prelu(const OnnxLayer& l);
Result<void> crelu(const OnnxLayer& l);
Result<void> softmax(const OnnxLayer& l);
// arithmetic.cpp
Result<void> eltwise(const OnnxLayer& l);
Result<void> broadcast(const OnnxLayer& l);
Result<void> comparison(const OnnxLayer& l);
Result<void> logic(const OnnxLayer& l);
Result<void> where(const OnnxLayer& l);
Result<void> axpy(const OnnxLayer& l);
Result<void> reduce(const OnnxLayer& l);
Result<void> tailReduction(const OnnxLayer& l);
Result<void> argMax(const OnnxLayer& l);
// layout.cpp
Result<void> gather(const OnnxLayer& l);
Result<void> concat(const OnnxLayer& l);
Result<void> slice(const OnnxLayer& l);
Result<void> stridedSlice(const OnnxLayer& l);
Result<void> copies(const OnnxLayer& l);
Result<void> reshape(const OnnxLayer& l);
Result<void> permute(const OnnxLayer& l);
Result<void> crop(const OnnxLayer& l);
Result<void> expand(const OnnxLayer& l);
Result<void> pad(const OnnxLayer& l);
Result<void> upsample(const OnnxLayer& l);
Result<void> resize(const OnnxLayer& l);
Result<void> interp(const OnnxLayer& l);
Result<void> passThrough(const OnnxLayer& l);
Result<void> shuffleChannel(const OnnxLayer& l);
Result<void> reverse(const OnnxLayer& l);
Result<void> tile(const OnnxLayer& l);
Result<void> parameter(const OnnxLayer& l);

}  // namespace qs::onnxrow

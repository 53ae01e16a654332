// Inside the translation of nodes (nodes.h): one function an operator, by family. Each sets the op's attributes, chooses the inputs that are the
// layer's, and takes constant inputs as weights; what it reads of the node counts as understood.
#pragma once

#include "core/import/onnx/nodes.h"

namespace qs::onnxio {

using Ints = std::vector<int64_t>;
using Reals = std::vector<double>;

struct Context {
    const Node& node;
    Translation& out;
    const std::string& type() const { return node.proto.op_type(); }
    void set(const char* name, Attribute value) const { out.attributes.set(name, std::move(value)); }
    /// A variant that is not built: the node is drawn and not run.
    Result<void> refuse(std::string reason) const
    {
        out.op.clear();
        out.reason = std::move(reason);
        return {};
    }
    void takeAll() const
    {
        out.inputs.clear();
        for (int i = 0; i < node.proto.input_size(); ++i)
            out.inputs.push_back(i);
    }
};

/// A float as the decimal number that its author wrote.
double asReal(float value);
std::shared_ptr<const Buffer> share(Buffer buffer);
Reals realsOf(const Buffer& buffer);
inline Buffer floatsOf(const TypedConstant& constant)
{
    return toFloat(constant.data);
}

Result<void> nothing(const Context& c);
// window.cpp
Result<void> convolution(const Context& c);
Result<void> maxPool(const Context& c);
Result<void> averagePool(const Context& c);
Result<void> maxUnpool(const Context& c);
Result<void> gridSample(const Context& c);
Result<void> roiAlign(const Context& c);
// sparse.cpp
Result<void> sparseRules(const Context& c);
Result<void> sparseInverseRules(const Context& c);
Result<void> sparseConvolution(const Context& c);
Result<void> scatterDense(const Context& c);
// arithmetic.cpp
Result<void> gemm(const Context& c);
Result<void> matMul(const Context& c);
Result<void> binary(const Context& c);
Result<void> comparison(const Context& c);
Result<void> extremum(const Context& c);
Result<void> sum(const Context& c);
Result<void> power(const Context& c);
Result<void> modulo(const Context& c);
Result<void> negate(const Context& c);
Result<void> reciprocal(const Context& c);
Result<void> cast(const Context& c);
Result<void> where(const Context& c);
Result<void> reduce(const Context& c);
Result<void> argMax(const Context& c);
Result<void> topK(const Context& c);
Result<void> cumSum(const Context& c);
// activation.cpp
Result<void> leakyRelu(const Context& c);
Result<void> prelu(const Context& c);
Result<void> clip(const Context& c);
Result<void> elu(const Context& c);
Result<void> hardSigmoid(const Context& c);
Result<void> gelu(const Context& c);
Result<void> selu(const Context& c);
Result<void> celu(const Context& c);  ///< and ThresholdedRelu
Result<void> shrink(const Context& c);
Result<void> isInf(const Context& c);
Result<void> softmax(const Context& c);
Result<void> lrn(const Context& c);
Result<void> batchNorm(const Context& c);
Result<void> layerNorm(const Context& c);
Result<void> instanceNorm(const Context& c);
Result<void> groupNorm(const Context& c);
Result<void> dropout(const Context& c);
// quantization.cpp
Result<void> quantizeLinear(const Context& c);
Result<void> dequantizeLinear(const Context& c);
// layout.cpp
Result<void> concat(const Context& c);
Result<void> reshape(const Context& c);
Result<void> flatten(const Context& c);
Result<void> transpose(const Context& c);
Result<void> axes(const Context& c);
Result<void> tile(const Context& c);
Result<void> expand(const Context& c);
Result<void> gather(const Context& c);
Result<void> gatherNd(const Context& c);
Result<void> scatter(const Context& c);
Result<void> oneHot(const Context& c);
Result<void> spaceToDepth(const Context& c);
Result<void> slice(const Context& c);
Result<void> split(const Context& c);
Result<void> pad(const Context& c);
Result<void> resize(const Context& c);

}  // namespace qs::onnxio

// Inside the engine: how kernels are made.
//
// To add an op: a factory in kernels/<family>.cpp, its line in kernels.cpp, `runnable` in ops/ops.cpp, its test against reference outputs.
#pragma once

#include "core/engine/engine.h"
#include "core/ops/op.h"

#include <functional>

namespace qs::kernels {

using KernelResult = Result<std::unique_ptr<Kernel>>;
using Inputs = std::span<const Tensor>;
using Outputs = std::span<Tensor>;
using Body = std::function<Result<void>(Inputs, Outputs)>;

/// A kernel from a function. Layouts and shapes are what it declares.
std::unique_ptr<Kernel> makeKernel(std::vector<Layout> inputLayouts, std::vector<Layout> outputLayouts, std::vector<Shape> outputShapes, Body body);

/// What a factory works with: the request, with weights and output shapes at hand.
struct Work {
    const KernelRequest& request;
    std::vector<Shape> outputShapes;

    const Layer& layer() const { return *request.layer; }
    const Attributes& attributes() const { return request.layer->attributes; }
    const Shape& input(size_t i = 0) const { return request.inputShapes[i]; }
    const Shape& output(size_t i = 0) const { return outputShapes[i]; }
    size_t inputCount() const { return request.inputShapes.size(); }
    /// Null when the layer has no such weight.
    std::shared_ptr<const Buffer> weight(size_t i) const { return i < request.weights.size() ? request.weights[i] : nullptr; }
    std::vector<Layout> plainInputs() const { return std::vector<Layout>(request.inputShapes.size(), Layout::Plain); }
    std::vector<Layout> plainOutputs() const { return std::vector<Layout>(outputShapes.size(), Layout::Plain); }
};

using Factory = KernelResult (*)(const Work& work);

/// All inputs and outputs in C order.
std::unique_ptr<Kernel> plainKernel(const Work& work, Body body);
/// Inputs of one shape in the layout the first has now, outputs in the same.
std::unique_ptr<Kernel> sameLayoutKernel(const Work& work, Body body);

struct Entry {
    const char* op;
    Factory make;
    bool fusesActivation = false;
};
std::span<const Entry> entries();

/// This thread's own memory, 64-byte aligned, as large as the largest that was asked of it: kept from layer to layer, it stays in the processor's
/// cache.
void* scratch(size_t bytes);

/// Where an output pixel of a resampling reads along one side: two source pixels and the second's share.
struct ResampledFrom {
    int64_t first = 0;
    int64_t second = 0;
    float share = 0;
};
/// Of Upsample, Resize and Interp: by output row and by output column. Errors: NotSupported for a mode.
struct Resampling {
    std::vector<ResampledFrom> rows, columns;
    bool nearest = true;
};
Result<Resampling> resampling(const Work& work);

/// One side of a pooling window.
struct WindowSide {
    /// The part that lies in the image, and the count that an average divides by.
    struct Span {
        int64_t begin = 0;
        int64_t end = 0;
        int64_t divisor = 1;
    };
    int64_t extent, kernel, stride, before, after;
    bool excludePadding;
    Span window(int64_t index) const;
};
/// Of Pooling, a side a spatial dimension: of pictures vertical, then horizontal.
std::vector<WindowSide> poolingWindow(const Work& work);

// gradient.cpp
Result<Gradients> backward(const GradientRequest& request, TensorPool& pool);
// integer.cpp
/// Convolution, DepthwiseConv, Deconvolution, InnerProduct with I8 weights.
KernelResult integerLayer(const Work& work);
KernelResult deQuant(const Work& work);
// convolution.cpp, direct.cpp, dense.cpp
KernelResult convolution(const Work& work);
KernelResult deconvolution(const Work& work);
KernelResult innerProduct(const Work& work);
KernelResult matMul(const Work& work);
KernelResult gemm(const Work& work);
// winograd.cpp
/// Of a 3x3 one where it pays; null for others.
std::unique_ptr<Kernel> winograd(const Work& work);
// grouped.cpp
/// Of one in groups of few channels; null for others.
std::unique_ptr<Kernel> grouped(const Work& work);
// direct.cpp
/// Of any.
std::unique_ptr<Kernel> direct(const Work& work);
// sparse.cpp
KernelResult sparseRules(const Work& work);
KernelResult sparseInverseRules(const Work& work);
KernelResult sparseConvolution(const Work& work);
KernelResult scatterDense(const Work& work);
// volume.cpp
/// With one or three spatial dimensions, by what `make` makes of pictures.
KernelResult convolutionByPictures(const Work& work, Factory make);
KernelResult poolingByPictures(const Work& work, Factory make);
// gapped_pooling.cpp
/// Whether its dilation leaves something out.
bool hasGaps(const Attributes& attributes);
KernelResult gappedPooling(const Work& work);
KernelResult maxUnpool(const Work& work);
// sampling.cpp
KernelResult gridSample(const Work& work);
// recurrent.cpp
KernelResult recurrent(const Work& work);
KernelResult embed(const Work& work);
// pooling.cpp
KernelResult pooling(const Work& work);
KernelResult spp(const Work& work);
// regions.cpp
KernelResult roiPooling(const Work& work);
KernelResult psroiPooling(const Work& work);
KernelResult roiAlign(const Work& work);
KernelResult unpooling(const Work& work);
// activation.cpp
KernelResult unary(const Work& work);
KernelResult crelu(const Work& work);
KernelResult prelu(const Work& work);
KernelResult softmax(const Work& work);
KernelResult quant(const Work& work);
KernelResult antiQuant(const Work& work);
// along_axis.cpp
KernelResult logSoftmax(const Work& work);
KernelResult hardmax(const Work& work);
KernelResult cumSum(const Work& work);
// normalization.cpp
KernelResult batchNorm(const Work& work);
KernelResult scale(const Work& work);
KernelResult lrn(const Work& work);
KernelResult normalize(const Work& work);
KernelResult mvn(const Work& work);
KernelResult groupNorm(const Work& work);
KernelResult layerNorm(const Work& work);
// elementwise.cpp
KernelResult eltwise(const Work& work);
KernelResult binary(const Work& work);
KernelResult reduce(const Work& work);
KernelResult reduction(const Work& work);
KernelResult axpy(const Work& work);
// layout.cpp
KernelResult copy(const Work& work);
KernelResult concat(const Work& work);
KernelResult slice(const Work& work);
KernelResult stridedSlice(const Work& work);
KernelResult permute(const Work& work);
KernelResult crop(const Work& work);
KernelResult pad(const Work& work);
KernelResult resize(const Work& work);
KernelResult im2col(const Work& work);
KernelResult tile(const Work& work);
KernelResult reverse(const Work& work);
KernelResult shuffleChannel(const Work& work);
KernelResult reorg(const Work& work);
KernelResult passThrough(const Work& work);
KernelResult parameter(const Work& work);
// gathering.cpp
KernelResult gatherElements(const Work& work);
KernelResult gatherNd(const Work& work);
KernelResult scatterElements(const Work& work);
KernelResult scatterNd(const Work& work);
KernelResult oneHot(const Work& work);
// selection.cpp
KernelResult argMax(const Work& work);
KernelResult ordered(const Work& work);
KernelResult batchReindex(const Work& work);
KernelResult filter(const Work& work);
// detection.cpp
KernelResult priorBox(const Work& work);
KernelResult detectionOutput(const Work& work);
KernelResult nms(const Work& work);
KernelResult proposal(const Work& work);

}  // namespace qs::kernels

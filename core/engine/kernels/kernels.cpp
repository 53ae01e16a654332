#include "core/engine/kernels/evaluated.h"

#include <cstdlib>
#include <new>

namespace qs::kernels {

namespace {

class FunctionKernel final : public Kernel {
public:
    FunctionKernel(std::vector<Layout> inputLayouts, std::vector<Layout> outputLayouts, std::vector<Shape> outputShapes, Body body)
        : m_inputLayouts(std::move(inputLayouts)),
          m_outputLayouts(std::move(outputLayouts)),
          m_outputShapes(std::move(outputShapes)),
          m_body(std::move(body))
    {
    }
    std::span<const Layout> inputLayouts() const override { return m_inputLayouts; }
    std::span<const Layout> outputLayouts() const override { return m_outputLayouts; }
    std::span<const Shape> outputShapes() const override { return m_outputShapes; }
    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override { return m_body(inputs, outputs); }

private:
    std::vector<Layout> m_inputLayouts;
    std::vector<Layout> m_outputLayouts;
    std::vector<Shape> m_outputShapes;
    Body m_body;
};

constexpr Entry table[] = {
    {"Convolution", convolution, true},
    {"DepthwiseConv", convolution, true},
    {"Deconvolution", deconvolution},
    {"SparseConvolution", sparseConvolution, true},
    {"SparseRules", sparseRules},
    {"SparseInverseRules", sparseInverseRules},
    {"ScatterDense", scatterDense},
    {"InnerProduct", innerProduct, true},
    {"MatMul", matMul},
    {"Gemm", gemm},
    {"LSTM", recurrent},
    {"RNN", recurrent},
    {"GRU", recurrent},
    {"Embed", embed},
    {"Im2col", im2col},
    {"Pooling", pooling},
    {"SPP", spp},
    {"ROIPooling", roiPooling},
    {"PSROIPooling", psroiPooling},
    {"ROIAlign", roiAlign},
    {"Unpooling", unpooling},
    {"MaxUnpool", maxUnpool},
    {"GridSample", gridSample},
    {"ReLU", unary},
    {"ReLU6", unary},
    {"Clip", unary},
    {"Sigmoid", unary},
    {"TanH", unary},
    {"ELU", unary},
    {"Swish", unary},
    {"Hswish", unary},
    {"Power", unary},
    {"Exp", unary},
    {"Log", unary},
    {"AbsVal", unary},
    {"RReLU", unary},
    {"BNLL", unary},
    {"Threshold", unary},
    {"Sqrt", unary},
    {"Sign", unary},
    {"Sin", unary},
    {"Cos", unary},
    {"Erf", unary},
    {"Ceil", unary},
    {"Cast", evaluatedUnary},
    {"Floor", evaluatedUnary},
    {"Round", evaluatedUnary},
    {"HardSigmoid", evaluatedUnary},
    {"Gelu", unary},
    {"Mish", evaluatedUnary},
    {"Selu", evaluatedUnary},
    {"Celu", evaluatedUnary},
    {"ThresholdedRelu", evaluatedUnary},
    {"Softsign", evaluatedUnary},
    {"Shrink", evaluatedUnary},
    {"Tan", evaluatedUnary},
    {"Asin", evaluatedUnary},
    {"Acos", evaluatedUnary},
    {"Atan", evaluatedUnary},
    {"Sinh", evaluatedUnary},
    {"Cosh", evaluatedUnary},
    {"Asinh", evaluatedUnary},
    {"Acosh", evaluatedUnary},
    {"Atanh", evaluatedUnary},
    {"IsNaN", evaluatedUnary},
    {"IsInf", evaluatedUnary},
    {"CReLU", crelu},
    {"PReLU", prelu},
    {"Softmax", softmax},
    {"LogSoftmax", logSoftmax},
    {"Hardmax", hardmax},
    {"Quant", quant},
    {"AntiQuant", antiQuant},
    {"DeQuant", deQuant},
    {"LRN", lrn},
    {"BatchNorm", batchNorm},
    {"Scale", scale},
    {"Bias", scale},
    {"Normalize", normalize},
    {"MVN", mvn},
    {"Mvm", mvn},
    {"GroupNorm", groupNorm},
    {"LayerNormalization", layerNorm},
    {"Eltwise", eltwise},
    {"Add", binary},
    {"Sub", binary},
    {"Mul", binary},
    {"Div", binary},
    {"Pow", evaluatedBinary},
    {"Mod", evaluatedBinary},
    {"Min", evaluatedBinary},
    {"Max", evaluatedBinary},
    {"And", evaluatedBinary},
    {"Or", evaluatedBinary},
    {"Xor", evaluatedBinary},
    {"Not", evaluatedUnary},
    {"Where", where},
    {"Less", evaluatedBinary},
    {"LessOrEqual", evaluatedBinary},
    {"GreaterOrEqual", evaluatedBinary},
    {"Equal", evaluatedBinary},
    {"Greater", evaluatedBinary},
    {"ReduceMean", reduce},
    {"ReduceSum", reduce},
    {"ReduceProd", reduce},
    {"ReduceMax", reduce},
    {"ReduceMin", reduce},
    {"ReduceL1", reduce},
    {"ReduceL2", reduce},
    {"ReduceLogSum", reduce},
    {"ReduceLogSumExp", reduce},
    {"ReduceSumSquare", reduce},
    {"CumSum", cumSum},
    {"Reduction", reduction},
    {"Axpy", axpy},
    {"ArgMax", argMax},
    {"ArgMin", argMax},
    {"TopK", ordered},
    {"Sort", ordered},
    {"Concat", concat},
    {"Slice", slice},
    {"StridedSlice", stridedSlice},
    {"Expand", expand},
    {"Gather", gather},
    {"GatherElements", gatherElements},
    {"GatherND", gatherNd},
    {"ScatterElements", scatterElements},
    {"ScatterND", scatterNd},
    {"OneHot", oneHot},
    {"Split", copy},
    {"Dropout", copy},
    {"Identity", copy},
    {"Quantizer", copy},
    {"Flatten", copy},
    {"Reshape", copy},
    {"Squeeze", copy},
    {"Unsqueeze", copy},
    {"Permute", permute},
    {"Crop", crop},
    {"Pad", pad},
    {"Upsample", resize},
    {"Resize", resize},
    {"Interp", resize},
    {"PassThrough", passThrough},
    {"Reorg", reorg},
    {"ShuffleChannel", shuffleChannel},
    {"Reverse", reverse},
    {"Tile", tile},
    {"BatchReindex", batchReindex},
    {"Filter", filter},
    {"Parameter", parameter},
    {"PriorBox", priorBox},
    {"DetectionOutput", detectionOutput},
    {"Nms", nms},
    {"Proposal", proposal},
};

}  // namespace

std::span<const Entry> entries()
{
    return table;
}

void* scratch(size_t bytes)
{
    struct Free {
        void operator()(void* block) const { std::free(block); }
    };
    constexpr size_t alignment = 64;
    thread_local std::unique_ptr<void, Free> block;
    thread_local size_t size = 0;
    if (bytes > size) {
        size = (bytes + alignment - 1) / alignment * alignment;
        block.reset();
        block.reset(std::aligned_alloc(alignment, size));
        if (!block) {
            size = 0;
            throw std::bad_alloc();
        }
    }
    return block.get();
}

std::unique_ptr<Kernel> makeKernel(std::vector<Layout> inputLayouts, std::vector<Layout> outputLayouts, std::vector<Shape> outputShapes, Body body)
{
    return std::make_unique<FunctionKernel>(std::move(inputLayouts), std::move(outputLayouts), std::move(outputShapes), std::move(body));
}

std::unique_ptr<Kernel> plainKernel(const Work& work, Body body)
{
    return makeKernel(work.plainInputs(), work.plainOutputs(), work.outputShapes, std::move(body));
}

std::unique_ptr<Kernel> sameLayoutKernel(const Work& work, Body body)
{
    const Layout layout = work.request.inputLayouts.front();
    return makeKernel(std::vector<Layout>(work.inputCount(), layout), std::vector<Layout>(work.outputShapes.size(), layout), work.outputShapes,
                      std::move(body));
}

}  // namespace qs::kernels

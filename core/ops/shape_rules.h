// Shape functions of all families, for the table in ops.cpp. Each is documented where it is defined, with the op's attributes and weights:
// that comment is the contract between importers, kernels and exporters.
//
// Words used there: N batch, C channels, H height, W width. "kernel = [h, w]" is an attribute of two integers. Weights are listed by
// position. "axis" counts from the front, negative from the back. Where nothing else is said an op has one input and one output.
#pragma once

#include "core/ops/op.h"

#include <initializer_list>
#include <optional>

namespace qs::ops {

using Shapes = Result<std::vector<Shape>>;
using Inputs = std::span<const Shape>;

// Helpers of the families.
Error shapeError(std::string detail);
Error weightsError(std::string detail);
Error rangeError(std::string detail);
/// ShapeMismatch unless least <= count <= most.
Result<void> checkInputCount(Inputs inputs, size_t least, size_t most);
Result<void> checkRank(const Shape& shape, size_t rank);
/// How many spatial dimensions stand behind batch and channels: 1 to 3, ShapeMismatch otherwise.
Result<size_t> spatialSides(const Shape& shape);
/// WeightsMismatch unless weight `index` is absent or has this shape.
Result<void> checkWeight(const Layer& layer, size_t index, const Shape& expected, const char* role);
/// The attribute as an index in [0, rank) (or [0, rank] with `end`).
Result<size_t> axisOf(const Layer& layer, const char* name, int64_t fallback, size_t rank, bool end = false);
Result<size_t> normalizedAxis(int64_t axis, size_t rank, bool end = false);
/// An attribute of exactly `count` integers, each in [least, most].
Result<std::vector<int64_t>> integersOf(const Layer& layer, const char* name, std::vector<int64_t> fallback, size_t count, int64_t least,
                                        int64_t most);
/// Product of dimensions [begin, end), nullopt beyond 2^40.
std::optional<int64_t> productOf(const Shape& shape, size_t begin, size_t end);
/// Product of extents that stand apart: ShapeMismatch beyond 2^40. Shape functions multiply with nothing else.
Result<int64_t> checkedProduct(std::initializer_list<int64_t> factors);
/// Of counts of operations, which are shown and added up: 2^50 where they would be more.
int64_t cappedProduct(std::initializer_list<int64_t> factors);
/// How many places a kernel of these sides has.
int64_t tapsOf(const std::vector<int64_t>& kernel);
/// NumPy broadcasting.
Shapes broadcastShapes(const Shape& a, const Shape& b);

constexpr size_t largestRank = 32;                   ///< dimensions of a value: Caffe's own limit
constexpr int64_t largestExtent = int64_t{1} << 24;  ///< of kernels, strides, pads: anything beyond is a damaged file

// convolution.cpp
Shapes convolutionShapes(const Layer& layer, Inputs inputs);
int64_t convolutionMacs(const Layer& layer, Inputs inputs, Inputs outputs);
Shapes deconvolutionShapes(const Layer& layer, Inputs inputs);
int64_t deconvolutionMacs(const Layer& layer, Inputs inputs, Inputs outputs);
Shapes im2colShapes(const Layer& layer, Inputs inputs);

// sparse.cpp
Shapes sparseRulesShapes(const Layer& layer, Inputs inputs);
Shapes sparseInverseRulesShapes(const Layer& layer, Inputs inputs);
Shapes sparseConvolutionShapes(const Layer& layer, Inputs inputs);
int64_t sparseConvolutionMacs(const Layer& layer, Inputs inputs, Inputs outputs);
Shapes scatterDenseShapes(const Layer& layer, Inputs inputs);

// dense.cpp
Shapes innerProductShapes(const Layer& layer, Inputs inputs);
int64_t innerProductMacs(const Layer& layer, Inputs inputs, Inputs outputs);
Shapes matMulShapes(const Layer& layer, Inputs inputs);
int64_t matMulMacs(const Layer& layer, Inputs inputs, Inputs outputs);
Shapes gemmShapes(const Layer& layer, Inputs inputs);
int64_t gemmMacs(const Layer& layer, Inputs inputs, Inputs outputs);
Shapes embedShapes(const Layer& layer, Inputs inputs);
Shapes recurrentShapes(const Layer& layer, Inputs inputs);
int64_t recurrentMacs(const Layer& layer, Inputs inputs, Inputs outputs);

// pooling.cpp
Shapes poolingShapes(const Layer& layer, Inputs inputs);
int64_t poolingMacs(const Layer& layer, Inputs inputs, Inputs outputs);
Shapes sppShapes(const Layer& layer, Inputs inputs);
Shapes maxUnpoolShapes(const Layer& layer, Inputs inputs);
Shapes gridSampleShapes(const Layer& layer, Inputs inputs);
Shapes unpoolingShapes(const Layer& layer, Inputs inputs);

// activation.cpp
Shapes unaryShapes(const Layer& layer, Inputs inputs);
Shapes creluShapes(const Layer& layer, Inputs inputs);
Shapes preluShapes(const Layer& layer, Inputs inputs);
Shapes clipShapes(const Layer& layer, Inputs inputs);
Shapes softmaxShapes(const Layer& layer, Inputs inputs);

// normalization.cpp
Shapes lrnShapes(const Layer& layer, Inputs inputs);
Shapes batchNormShapes(const Layer& layer, Inputs inputs);
Shapes scaleShapes(const Layer& layer, Inputs inputs);
Shapes biasShapes(const Layer& layer, Inputs inputs);
Shapes normalizeShapes(const Layer& layer, Inputs inputs);
Shapes mvnShapes(const Layer& layer, Inputs inputs);
Shapes groupNormShapes(const Layer& layer, Inputs inputs);
Shapes layerNormShapes(const Layer& layer, Inputs inputs);

// elementwise.cpp
Shapes eltwiseShapes(const Layer& layer, Inputs inputs);
Shapes binaryShapes(const Layer& layer, Inputs inputs);
Shapes broadcastAllShapes(const Layer& layer, Inputs inputs);
Shapes whereShapes(const Layer& layer, Inputs inputs);
Shapes reduceShapes(const Layer& layer, Inputs inputs);
Shapes cumSumShapes(const Layer& layer, Inputs inputs);
Shapes reductionShapes(const Layer& layer, Inputs inputs);
Shapes axpyShapes(const Layer& layer, Inputs inputs);
int64_t elementMacs(const Layer& layer, Inputs inputs, Inputs outputs);

// layout.cpp
Shapes copyShapes(const Layer& layer, Inputs inputs);
Shapes concatShapes(const Layer& layer, Inputs inputs);
Shapes sliceShapes(const Layer& layer, Inputs inputs);
Shapes stridedSliceShapes(const Layer& layer, Inputs inputs);
Shapes flattenShapes(const Layer& layer, Inputs inputs);
Shapes reshapeShapes(const Layer& layer, Inputs inputs);
Shapes squeezeShapes(const Layer& layer, Inputs inputs);
Shapes unsqueezeShapes(const Layer& layer, Inputs inputs);
Shapes permuteShapes(const Layer& layer, Inputs inputs);
Shapes cropShapes(const Layer& layer, Inputs inputs);
Shapes padShapes(const Layer& layer, Inputs inputs);
Shapes upsampleShapes(const Layer& layer, Inputs inputs);
Shapes resizeShapes(const Layer& layer, Inputs inputs);
Shapes interpShapes(const Layer& layer, Inputs inputs);
Shapes tileShapes(const Layer& layer, Inputs inputs);
Shapes shuffleChannelShapes(const Layer& layer, Inputs inputs);
Shapes reorgShapes(const Layer& layer, Inputs inputs);
Shapes passThroughShapes(const Layer& layer, Inputs inputs);
Shapes reverseShapes(const Layer& layer, Inputs inputs);
Shapes parameterShapes(const Layer& layer, Inputs inputs);
Shapes batchReindexShapes(const Layer& layer, Inputs inputs);
Shapes filterShapes(const Layer& layer, Inputs inputs);
Shapes expandShapes(const Layer& layer, Inputs inputs);

// selection.cpp
Shapes argMaxShapes(const Layer& layer, Inputs inputs);
Shapes topKShapes(const Layer& layer, Inputs inputs);
Shapes sortShapes(const Layer& layer, Inputs inputs);
Shapes gatherShapes(const Layer& layer, Inputs inputs);

// gathering.cpp
Shapes gatherElementsShapes(const Layer& layer, Inputs inputs);
Shapes scatterElementsShapes(const Layer& layer, Inputs inputs);
Shapes gatherNdShapes(const Layer& layer, Inputs inputs);
Shapes scatterNdShapes(const Layer& layer, Inputs inputs);
Shapes oneHotShapes(const Layer& layer, Inputs inputs);

// detection.cpp
Shapes priorBoxShapes(const Layer& layer, Inputs inputs);
Shapes detectionOutputShapes(const Layer& layer, Inputs inputs);
Shapes roiPoolingShapes(const Layer& layer, Inputs inputs);
Shapes roiAlignShapes(const Layer& layer, Inputs inputs);
Shapes psroiPoolingShapes(const Layer& layer, Inputs inputs);
Shapes proposalShapes(const Layer& layer, Inputs inputs);
Shapes nmsShapes(const Layer& layer, Inputs inputs);

}  // namespace qs::ops

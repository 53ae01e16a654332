#include "core/ops/shape_rules.h"

namespace qs::ops {

namespace {

/// The shape that a Scale's or Bias's operand should have: dimensions [axis, axis + num_axes) of the input.
Result<Shape> operandShape(const Layer& layer, const Shape& input, const Shape* second)
{
    QS_TRY(const size_t axis, axisOf(layer, "axis", 1, input.size(), true));
    int64_t count = second ? static_cast<int64_t>(second->size()) : layer.attributes.integer("numAxes", 1);
    if (count == -1)
        count = static_cast<int64_t>(input.size() - axis);
    if (count < 0 || count > static_cast<int64_t>(input.size() - axis))
        return rangeError("it covers " + std::to_string(count) + " dimensions from axis " + std::to_string(axis) + " of " + shapeText(input));
    const auto first = input.begin() + static_cast<std::ptrdiff_t>(axis);
    return Shape(first, first + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

// LRN
//   attributes: size (5, odd), alpha (1), beta (0.75), k (1), region "across" | "within"
//   across: x / (k + alpha / size * S)^beta, S the sum of squares over `size` channels around (outside the tensor: 0)
//   within: x / (1 + alpha * A)^beta, A the average (Pooling "ave", stride 1, pad (size - 1) / 2, count "caffe") of the squares
Shapes lrnShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(checkRank(inputs[0], 4));
    const int64_t size = layer.attributes.integer("size", 5);
    if (size < 1 || size > largestExtent || size % 2 == 0)
        return rangeError("size is " + std::to_string(size) + ", it must be odd");
    return std::vector<Shape>{inputs[0]};
}

// BatchNorm (inference)
//   attributes: epsilon (1e-5)
//   weights:    0 = mean (C), 1 = variance (C), both already divided by Caffe's factor blob; then both or neither of 2 = gamma (C), 3 = beta (C)
//   (x - mean) / sqrt(variance + epsilon) [* gamma + beta]; channels are dimension 1 (dimension 0 of a vector)
Shapes batchNormShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    if (inputs[0].empty())
        return shapeError("it needs an input with channels");
    const Shape channels{inputs[0].size() == 1 ? 1 : inputs[0][1]};
    QS_CHECK(checkWeight(layer, 0, channels, "mean"));
    QS_CHECK(checkWeight(layer, 1, channels, "variance"));
    QS_CHECK(checkWeight(layer, 2, channels, "scale"));
    QS_CHECK(checkWeight(layer, 3, channels, "shift"));
    return std::vector<Shape>{inputs[0]};
}

// Scale
//   attributes: axis (1), numAxes (1; -1 = to the end; 0 = one scalar), bias (0; with two inputs: whether weight 0 is a beta)
//   one input:  weights 0 = gamma, optional 1 = beta, both of shape input[axis .. axis + numAxes)
//   two inputs: the second is gamma, its shape equals input[axis .. axis + its rank); optional weight 0 = beta of that shape
//   x * gamma + beta, broadcast over the other dimensions
Shapes scaleShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 2));
    QS_TRY(const Shape operand, operandShape(layer, inputs[0], inputs.size() == 2 ? &inputs[1] : nullptr));
    if (inputs.size() == 2) {
        if (inputs[1] != operand)
            return shapeError("its second input is " + shapeText(inputs[1]) + ", it should be " + shapeText(operand));
        QS_CHECK(checkWeight(layer, 0, operand, "shift"));
    } else {
        QS_CHECK(checkWeight(layer, 0, operand, "scale"));
        QS_CHECK(checkWeight(layer, 1, operand, "shift"));
    }
    return std::vector<Shape>{inputs[0]};
}

// Bias
//   attributes and inputs as Scale; one input: weight 0 = beta; two inputs: the second is beta. x + beta
Shapes biasShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 2));
    QS_TRY(const Shape operand, operandShape(layer, inputs[0], inputs.size() == 2 ? &inputs[1] : nullptr));
    if (inputs.size() == 2 && inputs[1] != operand)
        return shapeError("its second input is " + shapeText(inputs[1]) + ", it should be " + shapeText(operand));
    QS_CHECK(checkWeight(layer, 0, operand, "shift"));
    return std::vector<Shape>{inputs[0]};
}

// Normalize (SSD: L2 over channels)
//   attributes: acrossSpatial (1), channelShared (1), epsilon (1e-10)
//   weights:    0 = scale (C), or (1) with channelShared
//   acrossSpatial: x / sqrt(sum of squares of the whole sample + epsilon) * scale
//   otherwise:     x / sqrt(sum of squares over the channels at this pixel + epsilon) * scale
Shapes normalizeShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(checkRank(inputs[0], 4));
    QS_CHECK(checkWeight(layer, 0, {layer.attributes.flag("channelShared", true) ? 1 : inputs[0][1]}, "scale"));
    return std::vector<Shape>{inputs[0]};
}

// MVN (Caffe), Mvm (own definition: the manual's table names it and nothing public defines it; taken as MVN under another name)
//   attributes: acrossChannels (0), normalizeVariance (1), epsilon (1e-9)
//   (x - mean) [/ (sqrt(variance) + epsilon)] over each channel of each picture, or with acrossChannels over each picture
Shapes mvnShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    if (inputs[0].size() < 2)
        return shapeError("it needs an input with channels, it gets " + shapeText(inputs[0]));
    return std::vector<Shape>{inputs[0]};
}

// GroupNorm (Wu 2018)
//   attributes: groups (32), epsilon (1e-5)
//   weights:    none, or 0 = scale (C), 1 = shift (C)
//   (x - mean) / sqrt(variance + epsilon) over each group of channels of each picture, then scale and shift
Shapes groupNormShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const int64_t groups = layer.attributes.integer("groups", 32);
    if (inputs[0].size() < 2 || groups < 1 || inputs[0][1] % groups != 0)
        return shapeError("the channels of " + shapeText(inputs[0]) + " do not divide into " + std::to_string(groups) + " groups");
    QS_CHECK(checkWeight(layer, 0, {inputs[0][1]}, "scale"));
    QS_CHECK(checkWeight(layer, 1, {inputs[0][1]}, "shift"));
    return std::vector<Shape>{inputs[0]};
}

// LayerNormalization (Ba 2016, ONNX)
//   attributes: axis (-1), epsilon (1e-5)
//   weights:    none, or 0 = scale, optional 1 = shift, both of shape input[axis ...]
//   (x - mean) / sqrt(variance + epsilon) over all dimensions from axis on, then scale and shift
Shapes layerNormShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_TRY(const size_t axis, axisOf(layer, "axis", -1, inputs[0].size()));
    const Shape normalized(inputs[0].begin() + static_cast<std::ptrdiff_t>(axis), inputs[0].end());
    QS_CHECK(checkWeight(layer, 0, normalized, "scale"));
    QS_CHECK(checkWeight(layer, 1, normalized, "shift"));
    return std::vector<Shape>{inputs[0]};
}

}  // namespace qs::ops

#include "core/ops/shape_rules.h"

#include <algorithm>

namespace qs::ops {

// Eltwise
//   attributes: operation "sum" | "prod" | "max"; coefficients (reals, "sum" only; absent: all 1)
//   inputs:     two or more of the same shape
Shapes eltwiseShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, SIZE_MAX));
    for (const Shape& shape : inputs)
        if (shape != inputs[0])
            return shapeError("its inputs differ: " + shapeText(inputs[0]) + " and " + shapeText(shape));
    const std::vector<double> coefficients = layer.attributes.reals("coefficients");
    if (!coefficients.empty() && coefficients.size() != inputs.size())
        return rangeError("it has " + std::to_string(coefficients.size()) + " coefficients for " + std::to_string(inputs.size()) + " inputs");
    return std::vector<Shape>{inputs[0]};
}

// Add, Sub, Mul, Div, Pow, Mod, And, Or, Xor, Equal, Greater, Less, GreaterOrEqual, LessOrEqual
//   attributes: integers (0; Div, Pow: the operands are whole numbers, the result is rounded towards zero; exact up to 2^24), fmod (0; Mod: the
//               result has the sign of the first operand instead of the second's)
//   Two inputs, either may be constant; NumPy broadcasting. Comparisons and logic give 1 or 0; what is not 0 is true.
Shapes binaryShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    return broadcastShapes(inputs[0], inputs[1]);
}

// Min, Max: of one or more inputs, NumPy broadcasting; not-a-number wins
Shapes broadcastAllShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, SIZE_MAX));
    Shapes shape = std::vector<Shape>{inputs[0]};
    for (size_t i = 1; i < inputs.size() && shape; ++i)
        shape = broadcastShapes((*shape)[0], inputs[i]);
    return shape;
}

// Where
//   inputs: marks, a, b; NumPy broadcasting: a where the mark is not 0, b elsewhere
Shapes whereShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 3, 3));
    return broadcastAllShapes(layer, inputs);
}

// ReduceMean, ReduceSum, ReduceMax, ReduceMin, ReduceProd, ReduceL1 (sum of the magnitudes), ReduceL2 (root of the sum of the squares),
// ReduceSumSquare, ReduceLogSum (logarithm of the sum), ReduceLogSumExp (of the sum of the exponentials, without overflow)
//   attributes: axes (absent or empty: all), keepDims (1), integers (0; ReduceMean: rounded towards zero)
Shapes reduceShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const Shape& input = inputs[0];
    std::vector<bool> reduced(input.size(), !layer.attributes.has("axes") || layer.attributes.integers("axes").empty());
    for (const int64_t axis : layer.attributes.integers("axes")) {
        QS_TRY(const size_t index, normalizedAxis(axis, input.size()));
        reduced[index] = true;
    }
    const bool keep = layer.attributes.flag("keepDims", true);
    Shape shape;
    for (size_t i = 0; i < input.size(); ++i)
        if (!reduced[i] || keep)
            shape.push_back(reduced[i] ? 1 : input[i]);
    return std::vector<Shape>{shape};
}

// CumSum: running sums along an axis
//   attributes: axis (0), exclusive (0: a value is in its own sum), reverse (0: from the front)
Shapes cumSumShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(axisOf(layer, "axis", 0, inputs[0].size()));
    return std::vector<Shape>{inputs[0]};
}

// Reduction (Caffe's)
//   attributes: operation "sum" | "asum" | "sumsq" | "mean", axis (0): everything from here on is reduced to one number, coefficient (1)
Shapes reductionShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_TRY(const size_t axis, axisOf(layer, "axis", 0, inputs[0].size(), true));
    return std::vector<Shape>{Shape(inputs[0].begin(), inputs[0].begin() + static_cast<std::ptrdiff_t>(axis))};
}

// Axpy (SENet): a * x + y
//   inputs: a (N, C) or (N, C, 1, 1), one factor a channel; x and y (N, C, H, W)
Shapes axpyShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 3, 3));
    QS_CHECK(checkRank(inputs[1], 4));
    const Shape& x = inputs[1];
    if (inputs[2] != x || (inputs[0] != Shape{x[0], x[1]} && inputs[0] != Shape{x[0], x[1], 1, 1}))
        return shapeError("its inputs " + shapeText(inputs[0]) + ", " + shapeText(x) + " and " + shapeText(inputs[2]) + " do not fit");
    return std::vector<Shape>{x};
}

int64_t elementMacs(const Layer&, Inputs, Inputs outputs)
{
    return elementCount(outputs[0]);
}

}  // namespace qs::ops

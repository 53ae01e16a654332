// Places and order of values: which is the largest, the k largest, sorted.
#include "core/ops/shape_rules.h"

#include <algorithm>

namespace qs::ops {

// ArgMax (Caffe), ArgMin (own definition, the same for the smallest)
//   attributes: topK (1), outValue (0), axis (absent: each sample is one list)
//   with axis:  the axis shrinks to topK: the places along it of the largest values, largest first, or with outValue the values
//   without:    (N, 1, topK), one more 1 for an input of four dimensions, and so on: places; with outValue (N, 2, topK): places, then values
//   Of equal values Caffe's ArgMax takes the last first (it compares pairs of value and place); ArgMin the first.
//   ONNX's variants: lastOfEqual (1 for ArgMax, 0 for ArgMin); keepDims (1), 0 with an axis and topK 1: the axis goes away
Shapes argMaxShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const Shape& input = inputs[0];
    if (input.empty())
        return shapeError("it needs an input with a batch");
    const int64_t count = layer.attributes.integer("topK", 1);
    const bool values = layer.attributes.flag("outValue", false);
    const bool along = layer.attributes.has("axis");
    size_t axis = 0;
    if (along) {
        QS_TRY(axis, axisOf(layer, "axis", 0, input.size()));
    }
    const auto extent = along ? std::optional(input[axis]) : productOf(input, 1, input.size());
    if (!extent || count < 1 || count > *extent)
        return rangeError("top_k is " + std::to_string(count) + " of " + shapeText(input));
    if (along) {
        Shape shape = input;
        shape[axis] = count;
        if (!layer.attributes.flag("keepDims", true)) {
            if (count != 1)
                return rangeError("an axis of " + std::to_string(count) + " places cannot go away");
            shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
        }
        return std::vector<Shape>{shape};
    }
    Shape shape(std::max<size_t>(input.size(), 3), 1);
    shape[0] = input[0];
    shape[1] = values ? 2 : 1;
    shape[2] = count;
    return std::vector<Shape>{shape};
}

// TopK (ONNX; the Caffe message is an own definition)
//   attributes: k (1), axis (-1), largest (1). Outputs: the values, best first, and optionally their places along the axis; of equal values the
//   first in front.
Shapes topKShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_TRY(const size_t axis, axisOf(layer, "axis", -1, inputs[0].size()));
    const int64_t count = layer.attributes.integer("k", 1);
    if (count < 1 || count > inputs[0][axis])
        return rangeError("k is " + std::to_string(count) + " of " + std::to_string(inputs[0][axis]));
    if (layer.outputs.size() > 2)
        return shapeError("it has two outputs at most");
    Shape shape = inputs[0];
    shape[axis] = count;
    return std::vector<Shape>(std::max<size_t>(layer.outputs.size(), 1), shape);
}

// Sort (own definition)
//   attributes: axis (-1), descending (1). Outputs: the values in order along the axis, and optionally the places they came from; equal values keep
//   their order.
Shapes sortShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(axisOf(layer, "axis", -1, inputs[0].size()));
    if (layer.outputs.size() > 2)
        return shapeError("it has two outputs at most");
    return std::vector<Shape>(std::max<size_t>(layer.outputs.size(), 1), inputs[0]);
}

// Gather
//   attributes: axis (0)
//   inputs:     x and indices (...): the axis of x is replaced by the indices' dimensions. A negative index counts from the back; one outside the
//               axis is an error of the run.
Shapes gatherShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_TRY(const size_t axis, axisOf(layer, "axis", 0, inputs[0].size()));
    const auto at = inputs[0].begin() + static_cast<std::ptrdiff_t>(axis);
    Shape shape(inputs[0].begin(), at);
    shape.insert(shape.end(), inputs[1].begin(), inputs[1].end());
    shape.insert(shape.end(), at + 1, inputs[0].end());
    return std::vector<Shape>{shape};
}

}  // namespace qs::ops

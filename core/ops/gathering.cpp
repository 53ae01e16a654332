#include "core/ops/shape_rules.h"

#include <algorithm>

namespace qs::ops {

namespace {

Error mismatch(const char* what, const Shape& places, const Shape& data)
{
    return shapeError(std::string("its ") + what + " " + shapeText(places) + " do not fit " + shapeText(data));
}

/// The shape that rows of places name: of each row the dimensions behind the named ones.
Shapes namedRuns(const Shape& data, const Shape& places, size_t batch)
{
    if (places.empty() || batch >= places.size() || batch >= data.size() ||
        !std::equal(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(batch), places.begin()))
        return mismatch("places", places, data);
    const int64_t depth = places.back();
    if (depth < 0 || depth > static_cast<int64_t>(data.size() - batch))
        return mismatch("places", places, data);
    Shape shape(places.begin(), places.end() - 1);
    shape.insert(shape.end(), data.begin() + static_cast<std::ptrdiff_t>(batch) + depth, data.end());
    return std::vector<Shape>{shape};
}

/// Of one rank; along every other dimension no more places than there are.
Result<void> checkElements(const Layer& layer, const Shape& data, const Shape& places)
{
    QS_TRY(const size_t axis, axisOf(layer, "axis", 0, data.size()));
    bool fits = data.size() == places.size();
    for (size_t d = 0; fits && d < data.size(); ++d)
        fits = d == axis || places[d] <= data[d];
    return fits ? Result<void>() : mismatch("places", places, data);
}

}  // namespace

// GatherElements
//   attributes: axis (0)
//   inputs:     x and places of the same rank: each element is that of x at its own index, along the axis at its place. A negative place counts from
//               the back; one outside is an error of the run, here and below.
Shapes gatherElementsShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_CHECK(checkElements(layer, inputs[0], inputs[1]));
    return std::vector<Shape>{inputs[1]};
}

// ScatterElements
//   attributes: axis (0), reduction "none" | "add" | "mul" | "min" | "max": how an update meets the value that it is written over
//   inputs:     x, places and updates: x with each update written where GatherElements would read it
Shapes scatterElementsShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 3, 3));
    QS_CHECK(checkElements(layer, inputs[0], inputs[1]));
    if (inputs[2] != inputs[1])
        return mismatch("updates", inputs[2], inputs[1]);
    return std::vector<Shape>{inputs[0]};
}

// GatherND
//   attributes: batchDims (0): dimensions that x and the places share in front
//   inputs:     x and places (..., k): each row of k places names what lies behind as many dimensions of x
Shapes gatherNdShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    const int64_t batch = layer.attributes.integer("batchDims", 0);
    if (batch < 0 || batch > static_cast<int64_t>(largestRank))
        return rangeError("its batch_dims is " + std::to_string(batch));
    return namedRuns(inputs[0], inputs[1], static_cast<size_t>(batch));
}

// ScatterND
//   attributes: reduction as ScatterElements
//   inputs:     x, places (..., k) and updates of the shape that GatherND would give: x with the updates written there
Shapes scatterNdShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 3, 3));
    QS_TRY(const std::vector<Shape> runs, namedRuns(inputs[0], inputs[1], 0));
    if (inputs[2] != runs.front())
        return mismatch("updates", inputs[2], runs.front());
    return std::vector<Shape>{inputs[0]};
}

// OneHot
//   attributes: depth, axis (-1: where the new dimension stands), on (1), off (0)
//   (...) places -> with `depth` values for each: `on` at the place, `off` elsewhere; a negative place counts from the back, one outside marks none
Shapes oneHotShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const int64_t depth = layer.attributes.integer("depth", 1);
    if (depth < 1 || depth > largestExtent)
        return rangeError("its depth is " + std::to_string(depth));
    QS_TRY(const size_t axis, axisOf(layer, "axis", -1, inputs[0].size() + 1));
    Shape shape = inputs[0];
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), depth);
    return std::vector<Shape>{shape};
}

}  // namespace qs::ops

#include "core/ops/shape_rules.h"

#include <algorithm>
#include <cmath>

namespace qs::ops {

namespace {

std::ptrdiff_t at(size_t index)
{
    return static_cast<std::ptrdiff_t>(index);
}

/// [h, w] of a resized picture.
Result<Shape> scaled(const Shape& input, const std::vector<double>& scale)
{
    if (scale.size() != 2)
        return rangeError("scale should have 2 numbers, it has " + std::to_string(scale.size()));
    Shape shape = input;
    for (size_t side = 0; side < 2; ++side) {
        // In float32, as files hold scales and every runtime computes with them: 3 pixels times 1.6666666 are 5.
        const float extent = std::floor(static_cast<float>(input[side + 2]) * static_cast<float>(scale[side]));
        if (!(extent >= 1) || extent > static_cast<float>(largestExtent))
            return rangeError("scale leads to an output of " + std::to_string(extent) + " pixels a side");
        shape[side + 2] = static_cast<int64_t>(extent);
    }
    return shape;
}

}  // namespace

// Split, Dropout, Identity: every output is a copy of the input. No attributes.
// (ONNX Split becomes Slice. The kernels of Flatten, Reshape, Squeeze and Unsqueeze are plain copies into another shape, too.)
Shapes copyShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    return std::vector<Shape>(std::max<size_t>(layer.outputs.size(), 1), inputs[0]);
}

// Concat
//   attributes: axis (1). One or more inputs, of which some may be constant; they differ along the axis only.
Shapes concatShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, SIZE_MAX));
    QS_TRY(const size_t axis, axisOf(layer, "axis", 1, inputs[0].size()));
    Shape shape = inputs[0];
    shape[axis] = 0;
    for (const Shape& input : inputs) {
        if (input.size() != shape.size())
            return shapeError("it cannot join " + shapeText(inputs[0]) + " and " + shapeText(input));
        for (size_t i = 0; i < shape.size(); ++i)
            if (i != axis && input[i] != shape[i])
                return shapeError("it cannot join " + shapeText(inputs[0]) + " and " + shapeText(input) + " along axis " + std::to_string(axis));
        shape[axis] += input[axis];
    }
    return std::vector<Shape>{shape};
}

// Slice
//   attributes: axis (1); points: where to cut, ascending, one fewer than outputs; absent: equal parts
Shapes sliceShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_TRY(const size_t axis, axisOf(layer, "axis", 1, inputs[0].size()));
    const size_t count = std::max<size_t>(layer.outputs.size(), 1);
    const int64_t extent = inputs[0][axis];
    std::vector<int64_t> points = layer.attributes.integers("points");
    if (points.empty()) {
        if (extent % static_cast<int64_t>(count) != 0)
            return shapeError(std::to_string(extent) + " does not divide into " + std::to_string(count) + " equal parts");
        for (size_t i = 1; i < count; ++i)
            points.push_back(static_cast<int64_t>(i) * extent / static_cast<int64_t>(count));
    }
    if (points.size() + 1 != count)
        return rangeError("it has " + std::to_string(points.size()) + " slice points for " + std::to_string(count) + " outputs");
    points.push_back(extent);
    std::vector<Shape> shapes;
    int64_t begin = 0;
    for (const int64_t end : points) {
        if (end <= begin || end > extent)
            return rangeError("slice point " + std::to_string(end) + " is outside " + std::to_string(begin + 1) + " to " + std::to_string(extent));
        shapes.push_back(inputs[0]);
        shapes.back()[axis] = end - begin;
        begin = end;
    }
    return shapes;
}

// StridedSlice (ONNX Slice)
//   attributes: axes, starts, ends, steps: four lists of one length; no step is 0, a negative one goes backwards. Starts and ends count from the back
//               when negative and are clamped to what the direction can reach. Nothing may be left: that is an output of extent 0.
Shapes stridedSliceShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const std::vector<int64_t> axes = layer.attributes.integers("axes");
    const std::vector<int64_t> starts = layer.attributes.integers("starts");
    const std::vector<int64_t> ends = layer.attributes.integers("ends");
    const std::vector<int64_t> steps = layer.attributes.integers("steps");
    if (starts.size() != axes.size() || ends.size() != axes.size() || steps.size() != axes.size())
        return rangeError("axes, starts, ends and steps differ in length");
    Shape shape = inputs[0];
    for (size_t i = 0; i < axes.size(); ++i) {
        QS_TRY(const size_t axis, normalizedAxis(axes[i], shape.size()));
        const int64_t extent = inputs[0][axis];
        if (steps[i] == 0 || steps[i] == INT64_MIN)
            return rangeError("step " + std::to_string(steps[i]) + " is not supported");
        const int64_t low = steps[i] < 0 ? -1 : 0;
        const int64_t high = steps[i] < 0 ? extent - 1 : extent;
        const auto clamped = [&](int64_t position) {
            return std::clamp<int64_t>(position < 0 ? position + extent : position, low, std::max(low, high));
        };
        const int64_t length = steps[i] < 0 ? std::max<int64_t>(clamped(starts[i]), 0) - clamped(ends[i]) : clamped(ends[i]) - clamped(starts[i]);
        shape[axis] = extent == 0 || length <= 0 ? 0 : (length - 1) / std::abs(steps[i]) + 1;
    }
    return std::vector<Shape>{shape};
}

// Flatten
//   attributes: axis (1), endAxis (-1): dimensions [axis, endAxis] become one.
//               always2d (0): ONNX: (d0 * ... * d(axis-1), the rest); axis may be 0 or the rank; endAxis is not used
Shapes flattenShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const Shape& input = inputs[0];
    if (layer.attributes.flag("always2d", false)) {
        QS_TRY(const size_t axis, axisOf(layer, "axis", 1, input.size(), true));
        const auto rows = productOf(input, 0, axis);
        const auto columns = productOf(input, axis, input.size());
        if (!rows || !columns)
            return shapeError("the input " + shapeText(input) + " is too large");
        return std::vector<Shape>{{*rows, *columns}};
    }
    QS_TRY(const size_t first, axisOf(layer, "axis", 1, input.size()));
    QS_TRY(const size_t last, axisOf(layer, "endAxis", -1, input.size()));
    if (first > last)
        return rangeError("axis is behind endAxis");
    const auto flat = productOf(input, first, last + 1);
    if (!flat)
        return shapeError("the input " + shapeText(input) + " is too large");
    Shape shape(input.begin(), input.begin() + at(first));
    shape.push_back(*flat);
    shape.insert(shape.end(), input.begin() + at(last + 1), input.end());
    return std::vector<Shape>{shape};
}

// Reshape
//   attributes: dims: 0 copies the input's dimension at that place (counted from axis), one -1 is inferred;
//               axis (0), numAxes (-1 = to the end): only dimensions [axis, axis + numAxes) are replaced by dims (a negative axis counts from
//               rank + 1, so that -1 appends)
Shapes reshapeShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const Shape& input = inputs[0];
    const auto rank = static_cast<int64_t>(input.size());
    const int64_t given = layer.attributes.integer("axis", 0);
    const int64_t axis = given < 0 ? given + rank + 1 : given;
    const int64_t count = layer.attributes.integer("numAxes", -1);
    const bool inside = axis >= 0 && axis <= rank && count <= rank;
    const int64_t end = !inside || count < 0 ? rank : axis + count;
    if (!inside || end > rank)
        return rangeError("axis " + std::to_string(given) + " does not exist in " + shapeText(input));
    const auto first = static_cast<size_t>(axis);
    const auto last = static_cast<size_t>(end);
    Shape dims = layer.attributes.integers("dims");
    std::optional<size_t> inferred;
    for (size_t i = 0; i < dims.size(); ++i) {
        if (dims[i] == 0 && first + i >= input.size())
            return rangeError("dimension " + std::to_string(i) + " is copied, but the input is " + shapeText(input));
        if (dims[i] < -1 || (dims[i] == -1 && inferred))
            return rangeError("its dimensions are not valid");
        if (dims[i] == 0)
            dims[i] = input[first + i];
        else if (dims[i] == -1)
            inferred = i;
    }
    if (inferred)
        dims[*inferred] = 1;
    const auto have = productOf(input, first, last);
    const auto want = productOf(dims, 0, dims.size());
    if (!have || !want || *want == 0 || (inferred ? *have % *want != 0 : *have != *want)) {
        if (inferred)
            dims[*inferred] = -1;
        return shapeError("it cannot reshape " + shapeText(input) + " to " + shapeText(dims));
    }
    if (inferred)
        dims[*inferred] = *have / *want;
    Shape shape(input.begin(), input.begin() + at(first));
    shape.insert(shape.end(), dims.begin(), dims.end());
    shape.insert(shape.end(), input.begin() + at(last), input.end());
    return std::vector<Shape>{shape};
}

// Squeeze
//   attributes: axes, each of extent 1; absent or empty: every dimension of extent 1
Shapes squeezeShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const std::vector<int64_t> axes = layer.attributes.integers("axes");
    std::vector<bool> dropped(inputs[0].size());
    for (size_t i = 0; i < dropped.size(); ++i)
        dropped[i] = axes.empty() && inputs[0][i] == 1;
    for (const int64_t axis : axes) {
        QS_TRY(const size_t index, normalizedAxis(axis, inputs[0].size()));
        if (inputs[0][index] != 1)
            return shapeError("it cannot drop dimension " + std::to_string(index) + " of " + shapeText(inputs[0]));
        dropped[index] = true;
    }
    Shape shape;
    for (size_t i = 0; i < dropped.size(); ++i)
        if (!dropped[i])
            shape.push_back(inputs[0][i]);
    return std::vector<Shape>{shape};
}

// Unsqueeze
//   attributes: axes: where the output has its new dimensions of extent 1
Shapes unsqueezeShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const std::vector<int64_t> axes = layer.attributes.integers("axes");
    std::vector<bool> added(inputs[0].size() + axes.size());
    for (const int64_t axis : axes) {
        QS_TRY(const size_t index, normalizedAxis(axis, added.size()));
        if (added[index])
            return rangeError("an axis is given twice");
        added[index] = true;
    }
    Shape shape;
    auto next = inputs[0].begin();
    for (const bool isNew : added)
        shape.push_back(isNew ? 1 : *next++);
    return std::vector<Shape>{shape};
}

// Permute
//   attributes: order: output dimension i is input dimension order[i]; shorter lists are completed with the rest (importers write all)
Shapes permuteShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const std::vector<int64_t> order = layer.attributes.integers("order");
    std::vector<bool> seen(inputs[0].size());
    if (order.size() != seen.size())
        return rangeError("its order has " + std::to_string(order.size()) + " numbers, the input is " + shapeText(inputs[0]));
    Shape shape;
    for (const int64_t axis : order) {
        if (axis < 0 || axis >= static_cast<int64_t>(seen.size()) || seen[static_cast<size_t>(axis)])
            return rangeError("its order is not a permutation");
        seen[static_cast<size_t>(axis)] = true;
        shape.push_back(inputs[0][static_cast<size_t>(axis)]);
    }
    return std::vector<Shape>{shape};
}

// Crop
//   attributes: axis (2); offset: none (0), one for all, or one for each dimension from axis on
//   inputs:     the value, and a reference of which only the shape counts: dimensions from axis on take its extents
Shapes cropShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_TRY(const size_t axis, axisOf(layer, "axis", 2, inputs[0].size()));
    if (inputs[0].size() != inputs[1].size())
        return shapeError("it cannot crop " + shapeText(inputs[0]) + " to " + shapeText(inputs[1]));
    std::vector<int64_t> offset = layer.attributes.integers("offset");
    const size_t cropped = inputs[0].size() - axis;
    if (offset.size() <= 1)
        offset.assign(cropped, offset.empty() ? 0 : offset[0]);
    if (offset.size() != cropped)
        return rangeError("it has " + std::to_string(offset.size()) + " offsets for " + std::to_string(cropped) + " dimensions");
    Shape shape = inputs[0];
    for (size_t i = axis; i < shape.size(); ++i) {
        shape[i] = inputs[1][i];
        if (offset[i - axis] < 0 || offset[i - axis] > inputs[0][i] - shape[i])
            return shapeError("it cannot crop " + shapeText(inputs[0]) + " to " + shapeText(inputs[1]) + " at offset " +
                              std::to_string(offset[i - axis]));
    }
    return std::vector<Shape>{shape};
}

// Expand
//   attributes: dims: the input, broadcast with this shape
Shapes expandShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const Shape dims = layer.attributes.integers("dims");
    if (!productOf(dims, 0, dims.size()))
        return rangeError("its shape is " + shapeText(dims));
    return broadcastShapes(inputs[0], dims);
}

// Pad
//   attributes: pads = [before of each dimension..., after of each dimension...], >= 0; mode "constant" | "reflect" | "edge" | "wrap"
//               (goes on at the other side); value (0)
Shapes padShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const size_t rank = inputs[0].size();
    QS_TRY(const std::vector<int64_t> pads, integersOf(layer, "pads", {}, 2 * rank, 0, largestExtent));
    Shape shape = inputs[0];
    for (size_t i = 0; i < rank; ++i) {
        if (layer.attributes.text("mode", "constant") == "reflect" && std::max(pads[i], pads[i + rank]) >= shape[i])
            return rangeError("it reflects more than dimension " + std::to_string(i) + " has");
        if (layer.attributes.text("mode", "constant") == "wrap" && std::max(pads[i], pads[i + rank]) > shape[i])
            return rangeError("it wraps more than dimension " + std::to_string(i) + " has");
        shape[i] += pads[i] + pads[i + rank];
    }
    return std::vector<Shape>{shape};
}

// Upsample (YOLO's and SSD's forks, CANN; SegNet's with a second input)
//   attributes: scale = [h, w] reals; mode "nearest": out(y, x) = in(floor(y / sh), floor(x / sw)); "bilinear": source position y / sh, clamped
//               factor (1), "nearest" only: what the values are multiplied by (Darknet's `scale`)
//   input:      (N, C, H, W) -> (N, C, floor(H * sh), floor(W * sw))
//   with a mask as second input: Unpooling's attributes size, or scale with padOut = [h, w] (0, 0), extents scale * extent - padOut
Shapes upsampleShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 2));
    if (inputs.size() == 2) {
        QS_CHECK(checkRank(inputs[0], 4));
        Layer unpooling = layer;
        if (!layer.attributes.has("size")) {
            QS_TRY(const Shape shape, scaled(inputs[0], layer.attributes.reals("scale", {1, 1})));
            QS_TRY(const std::vector<int64_t> cut, integersOf(layer, "padOut", {0, 0}, 2, 0, 1));
            unpooling.attributes.set("size", std::vector<int64_t>{shape[2] - cut[0], shape[3] - cut[1]});
        }
        return unpoolingShapes(unpooling, inputs);
    }
    QS_CHECK(checkRank(inputs[0], 4));
    QS_TRY(Shape shape, scaled(inputs[0], layer.attributes.reals("scale", {1, 1})));
    return std::vector<Shape>{std::move(shape)};
}

// Resize (ONNX)
//   attributes: scale = [h, w] reals, or size = [h, w] integers (then scale = size / input); mode "nearest" | "linear" ("cubic" is not run);
//               coordinates: "half_pixel" ((y + 0.5) / s - 0.5), "pytorch_half_pixel" (the same, 0 when the output has one pixel),
//               "align_corners" (y * (in - 1) / (out - 1), 0 when out = 1), "asymmetric" (y / s);
//               rounding, for "nearest": "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil". Positions are clamped to the picture.
Shapes resizeShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(checkRank(inputs[0], 4));
    if (layer.attributes.has("size")) {
        QS_TRY(const std::vector<int64_t> size, integersOf(layer, "size", {}, 2, 1, largestExtent));
        return std::vector<Shape>{{inputs[0][0], inputs[0][1], size[0], size[1]}};
    }
    QS_TRY(Shape shape, scaled(inputs[0], layer.attributes.reals("scale", {1, 1})));
    return std::vector<Shape>{std::move(shape)};
}

// Interp (DeepLab's): bilinear with aligned corners, position y * (in - 1) / (out - 1)
//   attributes: zoom (0 = none): out = in + (in - 1) * (zoom - 1); shrink (0 = none): out = (in - 1) / shrink + 1, before zoom;
//               size = [h, w] (absent: by zoom and shrink). A second input gives its extents instead. Caffe's pad_beg and pad_end other than 0 are
//               not run.
Shapes interpShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 2));
    QS_CHECK(checkRank(inputs[0], 4));
    Shape shape = inputs[0];
    std::vector<int64_t> size = layer.attributes.integers("size");
    if (inputs.size() == 2) {
        QS_CHECK(checkRank(inputs[1], 4));
        size = {inputs[1][2], inputs[1][3]};
    }
    const int64_t zoom = layer.attributes.integer("zoom", 0);
    const int64_t shrink = layer.attributes.integer("shrink", 0);
    if (zoom < 0 || zoom > largestExtent || shrink < 0)
        return rangeError("zoom and shrink must be positive");
    for (size_t side = 0; side < 2; ++side) {
        int64_t& extent = shape[side + 2];
        if (size.size() == 2) {
            extent = size[side];
            continue;
        }
        if (shrink > 0)
            extent = (extent - 1) / shrink + 1;
        if (zoom > 0)
            extent = extent > largestExtent ? -1 : extent + (extent - 1) * (zoom - 1);
    }
    return std::vector<Shape>{shape};
}

// Tile
//   attributes: axis (1), tiles: the input repeated along the axis; or repeats, one a dimension
Shapes tileShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    if (layer.attributes.has("repeats")) {
        QS_TRY(const std::vector<int64_t> repeats, integersOf(layer, "repeats", {}, inputs[0].size(), 0, largestExtent));
        Shape tiled;
        for (size_t i = 0; i < repeats.size(); ++i) {
            QS_TRY(const int64_t extent, checkedProduct({inputs[0][i], repeats[i]}));
            tiled.push_back(extent);
        }
        return std::vector<Shape>{tiled};
    }
    QS_TRY(const size_t axis, axisOf(layer, "axis", 1, inputs[0].size()));
    const int64_t tiles = layer.attributes.integer("tiles", 1);
    if (tiles < 1 || tiles > largestExtent)
        return rangeError("tiles is " + std::to_string(tiles));
    Shape shape = inputs[0];
    QS_TRY(shape[axis], checkedProduct({shape[axis], tiles}));
    return std::vector<Shape>{shape};
}

// Reverse
//   attributes: axes (0): the order of the values along them is turned round
Shapes reverseShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    for (const int64_t axis : layer.attributes.integers("axes", {0}))
        QS_CHECK(normalizedAxis(axis, inputs[0].size()));
    return std::vector<Shape>{inputs[0]};
}

// ShuffleChannel (ShuffleNet)
//   attributes: group (1): channels as a matrix (group, C / group), transposed
Shapes shuffleChannelShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const int64_t group = layer.attributes.integer("group", 1);
    if (inputs[0].size() < 2 || group < 1 || inputs[0][1] % group != 0)
        return shapeError("the channels of " + shapeText(inputs[0]) + " do not divide into " + std::to_string(group) + " groups");
    return std::vector<Shape>{inputs[0]};
}

// Reorg (YOLOv2, as Darknet computes it)
//   attributes: stride (2), reverse (0)
//   input:      (N, C, H, W) -> (N, C * stride^2, H / stride, W / stride); with reverse -> (N, C / stride^2, H * stride, W * stride)
//   Both move values between a = (N, C, H, W) and b = (N, C / stride^2, H * stride, W * stride), whose place of a's (k, y, x) is
//   (k % c, y * stride + k / c / stride, x * stride + k / c % stride), c = C / stride^2. Forwards the input's values are read as if they lay in b
//   and are written as a, whose elements the output takes in order: that mixes the picture, and it is what YOLOv2's weights were trained with.
Shapes reorgShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(checkRank(inputs[0], 4));
    const int64_t stride = layer.attributes.integer("stride", 2);
    const bool reverse = layer.attributes.flag("reverse", false);
    const Shape& input = inputs[0];
    const bool whole =
        stride >= 1 && stride <= 1024 && input[1] % (stride * stride) == 0 && (reverse || (input[2] % stride == 0 && input[3] % stride == 0));
    if (!whole)
        return shapeError(shapeText(input) + " does not divide by " + std::to_string(stride));
    if (reverse)
        return std::vector<Shape>{{input[0], input[1] / (stride * stride), input[2] * stride, input[3] * stride}};
    QS_TRY(const int64_t channels, checkedProduct({input[1], stride, stride}));
    return std::vector<Shape>{{input[0], channels, input[2] / stride, input[3] / stride}};
}

// PassThrough (HiSilicon's and CANN's): blocks of pixels become channels
//   attributes: block = [h, w] (2, 2)
//   input:      (N, C, H, W) -> (N, h * w * C, H / h, W / w); channel (y * w + x) * C + c of an output pixel is channel c of pixel (y, x) of its
//   block
Shapes passThroughShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(checkRank(inputs[0], 4));
    QS_TRY(const std::vector<int64_t> block, integersOf(layer, "block", {2, 2}, 2, 1, 1024));
    const Shape& input = inputs[0];
    if (input[2] % block[0] != 0 || input[3] % block[1] != 0)
        return shapeError(shapeText(input) + " does not divide into blocks of " + shapeText(block));
    QS_TRY(const int64_t channels, checkedProduct({input[1], block[0], block[1]}));
    const Shape shape{input[0], channels, input[2] / block[0], input[3] / block[1]};
    const int64_t outputs = layer.attributes.integer("outputs", shape[1]);
    if (outputs != shape[1])
        return shapeError("num_output is " + std::to_string(outputs) + ", the blocks give " + std::to_string(shape[1]) + " channels");
    return std::vector<Shape>{shape};
}

// Parameter (Caffe): no inputs; weight 0 is the output. attributes: dims, the shape
Shapes parameterShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 0, 0));
    const Shape dims = layer.attributes.integers("dims");
    const auto count = productOf(dims, 0, dims.size());
    if (!count || *count < 1)
        return rangeError("its shape is " + shapeText(dims));
    QS_CHECK(checkWeight(layer, 0, dims, "value"));
    return std::vector<Shape>{dims};
}

// BatchReindex (Caffe)
//   inputs: x (N, ...) and the numbers (M) of the samples that become the output (M, ...). A number outside 0 to N - 1 is an error of the run.
Shapes batchReindexShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_CHECK(checkRank(inputs[1], 1));
    if (inputs[0].empty())
        return shapeError("it needs an input with a batch");
    Shape shape = inputs[0];
    shape[0] = inputs[1][0];
    return std::vector<Shape>{shape};
}

// Filter (Caffe)
//   inputs:  one or more (N, ...), and last a selector (N), (N, 1, 1, 1)...: samples where it is not 0 go on, in order
//   outputs: one for each input but the last. Declared with all N samples, the most there can be; a run gives as many as were selected (the only
//            op whose shape depends on data), and what follows is made ready for that. Where none is selected one sample of zeros goes on: Caffe
//            has an empty blob then, which few layers survive.
Shapes filterShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, SIZE_MAX));
    const Shape& selector = inputs.back();
    if (selector.empty() || productOf(selector, 1, selector.size()) != int64_t{1})
        return shapeError("its selector is " + shapeText(selector) + ", it should have one number a sample");
    for (const Shape& input : inputs)
        if (input.empty() || input[0] != selector[0])
            return shapeError("its inputs have not one batch: " + shapeText(input) + " and " + shapeText(selector));
    return std::vector<Shape>(inputs.begin(), inputs.end() - 1);
}

}  // namespace qs::ops

#include "core/ops/shape_rules.h"

#include <algorithm>

namespace qs::ops {

namespace {

/// Number of windows along one side.
int64_t windows(int64_t extent, int64_t kernel, int64_t stride, int64_t before, int64_t after, bool ceil)
{
    const int64_t room = extent + before + after - kernel;
    if (room < 0 && !(ceil && room > -stride))
        return 0;
    int64_t count = (ceil ? (room + stride - 1) / stride : room / stride) + 1;
    // The last window must start inside the image or the padding before it.
    if (ceil && (count - 1) * stride >= extent + before)
        --count;
    return count;
}

}  // namespace

// Pooling
//   attributes: method "max" | "ave" | "stochastic" (not run); global (0): the window is the whole image, kernel, stride and pad are ignored;
//               kernel = [h, w]; stride = [h, w] (1, 1); pad = [top, left, bottom, right] (0); with one or three spatial dimensions as Convolution's;
//               ceil (0): round the number of windows up (Caffe's default, which the importer writes as 1), then drop a last window that
//               starts at or beyond extent + pad before; otherwise round down;
//               count, for "ave", what a sum is divided by:
//                 "caffe"   the window clipped to the padded image, [-before, extent + after)
//                 "include" the same as "caffe"  (ONNX count_include_pad = 1; padding added by ceil is never counted)
//                 "exclude" the window clipped to the image (ONNX default)
//               dilation (1; "max" only): gaps between what a window reads, as Convolution's;
//               places, of the second output: "channel" (Caffe's mask, below) | "tensor": the winner's index in the whole input (ONNX)
//   outputs:    (N, C, Hout, Wout), or as many dimensions as the input; "max" may have a second output of the same shape: Caffe's mask, the winner's
//               index y * W + x in its
//               channel as float (the first of equal values). Padding never wins a maximum.
Shapes poolingShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_TRY(const size_t sides, spatialSides(inputs[0]));
    const Shape& input = inputs[0];
    Shape shape(input.size(), 1);
    std::copy_n(input.begin(), 2, shape.begin());
    if (!layer.attributes.flag("global", false)) {
        QS_TRY(const std::vector<int64_t> kernel, integersOf(layer, "kernel", {}, sides, 1, largestExtent));
        QS_TRY(const std::vector<int64_t> stride, integersOf(layer, "stride", std::vector<int64_t>(sides, 1), sides, 1, largestExtent));
        QS_TRY(const std::vector<int64_t> pad, integersOf(layer, "pad", std::vector<int64_t>(2 * sides), 2 * sides, 0, largestExtent));
        QS_TRY(const std::vector<int64_t> dilation, integersOf(layer, "dilation", std::vector<int64_t>(sides, 1), sides, 1, largestExtent));
        const bool gaps = std::any_of(dilation.begin(), dilation.end(), [](int64_t step) { return step != 1; });
        if (gaps && layer.attributes.text("method", "max") != "max")
            return rangeError("a mean of a window with gaps is not built");
        for (size_t side = 0; side < sides; ++side) {
            const int64_t reach = dilation[side] * (kernel[side] - 1) + 1;
            if (pad[side] >= kernel[side] || pad[side + sides] >= kernel[side])
                return rangeError("the padding is not smaller than the kernel");
            shape[side + 2] = windows(input[side + 2], reach, stride[side], pad[side], pad[side + sides], layer.attributes.flag("ceil", false));
            if (shape[side + 2] < 1)
                return shapeError("the window is larger than the input " + shapeText(input));
        }
    }
    constexpr int64_t exact = int64_t{1} << 24;
    if (layer.outputs.size() > 1 && layer.attributes.text("places", "channel") == "tensor" && elementCount(input) > exact)
        return rangeError("places in " + shapeText(input) + " are more than a float tells apart");
    return std::vector<Shape>(std::max<size_t>(layer.outputs.size(), 1), shape);
}

int64_t poolingMacs(const Layer& layer, Inputs inputs, Inputs outputs)
{
    if (layer.attributes.flag("global", false))
        return elementCount(inputs[0]);
    return cappedProduct({elementCount(outputs[0]), tapsOf(layer.attributes.integers("kernel"))});
}

// SPP (Caffe: spatial pyramid pooling)
//   attributes: height = levels (1), method "max" | "ave"
//   input:      (N, C, H, W) -> (N, C * (1 + 4 + ... + 4^(levels - 1))). Level l pools into 2^l x 2^l windows: kernel and stride
//               ceil(extent / 2^l), padding half of what the windows reach beyond the picture, rounded up; then flattens.
Shapes sppShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(checkRank(inputs[0], 4));
    const int64_t levels = layer.attributes.integer("height", 1);
    if (levels < 1 || levels > 12)
        return rangeError("pyramid_height is " + std::to_string(levels) + ", allowed is 1 to 12");
    int64_t features = 0;
    for (int64_t level = 0; level < levels; ++level) {
        const int64_t bins = int64_t{1} << level;
        for (const size_t side : {size_t{2}, size_t{3}}) {
            const int64_t extent = inputs[0][side];
            const int64_t kernel = (extent + bins - 1) / bins;
            const int64_t pad = (kernel * bins - extent + 1) / 2;
            if (pad >= kernel || windows(extent, kernel, kernel, pad, pad, true) != bins)
                return shapeError("a picture of " + shapeText(inputs[0]) + " is too small for a pyramid of " + std::to_string(levels) + " levels");
        }
        features += inputs[0][1] * bins * bins;
    }
    return std::vector<Shape>{{inputs[0][0], features}};
}

// Unpooling: puts each value where the pooling's mask says it came from; the rest is 0
//   attributes: kernel = [h, w], stride = [h, w] (1, 1), pad = [h, w] (0, 0): of the pooling that is undone. Extent (H - 1) * stride + kernel
//               - 2 * pad; size = [h, w] instead says it outright.
//   inputs:     the value and the mask, both (N, C, H, W); a mask's value is y * Wout + x, as Pooling's second output. A place outside the
//               output is an error of the run.
Shapes unpoolingShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_CHECK(checkRank(inputs[0], 4));
    if (inputs[1] != inputs[0])
        return shapeError("its mask is " + shapeText(inputs[1]) + ", its value " + shapeText(inputs[0]));
    Shape shape = inputs[0];
    if (layer.attributes.has("size")) {
        QS_TRY(const std::vector<int64_t> size, integersOf(layer, "size", {}, 2, 1, largestExtent));
        shape[2] = size[0];
        shape[3] = size[1];
        return std::vector<Shape>{shape};
    }
    QS_TRY(const std::vector<int64_t> kernel, integersOf(layer, "kernel", {}, 2, 1, largestExtent));
    QS_TRY(const std::vector<int64_t> stride, integersOf(layer, "stride", {1, 1}, 2, 1, largestExtent));
    QS_TRY(const std::vector<int64_t> pad, integersOf(layer, "pad", {0, 0}, 2, 0, largestExtent));
    for (size_t side = 0; side < 2; ++side) {
        if (shape[side + 2] > largestExtent)
            return shapeError("the input " + shapeText(inputs[0]) + " is too large");
        shape[side + 2] = (shape[side + 2] - 1) * stride[side] + kernel[side] - 2 * pad[side];
        if (shape[side + 2] < 1)
            return shapeError("the padding leaves nothing of the output");
    }
    return std::vector<Shape>{shape};
}

// MaxUnpool (ONNX): puts each value where a pooling's places ("tensor") say; the rest is 0
//   attributes: kernel, stride, pad of the pooling that is undone, as Pooling: extent (H - 1) * stride + kernel - pads; or size, the spatial extents
//   inputs:     the value and the places, of one shape. A place outside the output is an error of the run.
Shapes maxUnpoolShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_TRY(const size_t sides, spatialSides(inputs[0]));
    if (inputs[1] != inputs[0])
        return shapeError("its places are " + shapeText(inputs[1]) + ", its value " + shapeText(inputs[0]));
    Shape shape = inputs[0];
    if (layer.attributes.has("size")) {
        QS_TRY(const std::vector<int64_t> size, integersOf(layer, "size", {}, sides, 1, largestExtent));
        std::copy(size.begin(), size.end(), shape.begin() + 2);
        return std::vector<Shape>{shape};
    }
    QS_TRY(const std::vector<int64_t> kernel, integersOf(layer, "kernel", {}, sides, 1, largestExtent));
    QS_TRY(const std::vector<int64_t> stride, integersOf(layer, "stride", std::vector<int64_t>(sides, 1), sides, 1, largestExtent));
    QS_TRY(const std::vector<int64_t> pad, integersOf(layer, "pad", std::vector<int64_t>(2 * sides), 2 * sides, 0, largestExtent));
    for (size_t side = 0; side < sides; ++side) {
        if (shape[side + 2] > largestExtent)
            return shapeError("the input " + shapeText(inputs[0]) + " is too large");
        shape[side + 2] = (shape[side + 2] - 1) * stride[side] + kernel[side] - pad[side] - pad[side + sides];
        if (shape[side + 2] < 1)
            return shapeError("the padding leaves nothing of the output");
    }
    return std::vector<Shape>{shape};
}

// GridSample (ONNX, PyTorch)
//   attributes: mode "bilinear" | "nearest" | "bicubic"; padding "zeros" | "border" | "reflection"; alignCorners (0)
//   inputs:     x (N, C, H, W); places (N, H', W', 2): x and y from -1 to 1, the borders' middles with alignCorners, their edges without
//   output:     (N, C, H', W')
Shapes gridSampleShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_CHECK(checkRank(inputs[0], 4));
    const Shape& grid = inputs[1];
    if (grid.size() != 4 || grid[0] != inputs[0][0] || grid[3] != 2)
        return shapeError("its places " + shapeText(grid) + " do not fit " + shapeText(inputs[0]));
    return std::vector<Shape>{{inputs[0][0], inputs[0][1], grid[1], grid[2]}};
}

}  // namespace qs::ops

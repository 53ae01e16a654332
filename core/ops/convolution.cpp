#include "core/ops/shape_rules.h"

namespace qs::ops {

namespace {

struct Window {
    std::vector<int64_t> kernel, stride, pad, dilation;
    int64_t group = 1;
    int64_t outputs = 0;
};

Result<Window> windowOf(const Layer& layer, size_t sides)
{
    Window window;
    const std::vector<int64_t> ones(sides, 1);
    QS_TRY(window.kernel, integersOf(layer, "kernel", {}, sides, 1, largestExtent));
    QS_TRY(window.stride, integersOf(layer, "stride", ones, sides, 1, largestExtent));
    QS_TRY(window.pad, integersOf(layer, "pad", std::vector<int64_t>(2 * sides), 2 * sides, 0, largestExtent));
    QS_TRY(window.dilation, integersOf(layer, "dilation", ones, sides, 1, largestExtent));
    window.group = layer.attributes.integer("group", 1);
    window.outputs = layer.attributes.integer("outputs", 0);
    if (window.group < 1)
        return rangeError("group is " + std::to_string(window.group));
    if (window.outputs < 1)
        return rangeError("it has " + std::to_string(window.outputs) + " output channels");
    return window;
}

/// Extent of the output along one side; <= 0 when the kernel does not fit.
int64_t convolved(const Window& window, size_t side, int64_t extent)
{
    const int64_t reach = window.dilation[side] * (window.kernel[side] - 1) + 1;
    const int64_t room = extent + window.pad[side] + window.pad[side + window.kernel.size()] - reach;
    return room < 0 ? 0 : room / window.stride[side] + 1;
}

/// Two dimensions of channels, and the kernel's.
Shape weightShape(int64_t rows, int64_t columns, const Window& window)
{
    Shape shape{rows, columns};
    shape.insert(shape.end(), window.kernel.begin(), window.kernel.end());
    return shape;
}

}  // namespace

// Convolution, DepthwiseConv
//   attributes: outputs = Cout; kernel = [h, w]; stride = [h, w] (1, 1); pad = [top, left, bottom, right] (0); dilation = [h, w] (1, 1);
//               group (1). DepthwiseConv always has group = Cin (the importer writes it); a Convolution may have it too. With one or three spatial
//               dimensions each list has as many entries: kernel = [l] or [d, h, w]; pad = [before, after] or [front, top, left, back, bottom,
//               right].
//   weights:    0 = weight (Cout, Cin / group, kh, kw); 1 = bias (Cout), optional
//   input:      (N, Cin, H, W) -> (N, Cout, Hout, Wout), Hout = floor((H + top + bottom - dilation * (kh - 1) - 1) / stride) + 1; or (N, Cin, L),
//               (N, Cin, D, H, W)
Shapes convolutionShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_TRY(const size_t sides, spatialSides(inputs[0]));
    QS_TRY(const Window window, windowOf(layer, sides));
    const int64_t channels = inputs[0][1];
    if (channels % window.group != 0 || window.outputs % window.group != 0)
        return shapeError(std::to_string(channels) + " input and " + std::to_string(window.outputs) + " output channels do not divide into " +
                          std::to_string(window.group) + " groups");
    QS_CHECK(checkWeight(layer, 0, weightShape(window.outputs, channels / window.group, window), "weight"));
    QS_CHECK(checkWeight(layer, 1, {window.outputs}, "bias"));
    Shape shape{inputs[0][0], window.outputs};
    for (size_t side = 0; side < sides; ++side) {
        shape.push_back(convolved(window, side, inputs[0][side + 2]));
        if (shape.back() < 1)
            return shapeError("the kernel is larger than the input " + shapeText(inputs[0]));
    }
    return std::vector<Shape>{shape};
}

int64_t convolutionMacs(const Layer& layer, Inputs inputs, Inputs outputs)
{
    return cappedProduct(
        {elementCount(outputs[0]), inputs[0][1] / layer.attributes.integer("group", 1), tapsOf(layer.attributes.integers("kernel"))});
}

// Deconvolution (transposed convolution)
//   attributes: as Convolution, and outputPad = [h, w] (0, 0): extra rows and columns at the bottom and right (ONNX output_padding)
//   weights:    0 = weight (Cin, Cout / group, kh, kw); 1 = bias (Cout), optional
//   input:      (N, Cin, H, W) -> (N, Cout, Hout, Wout), Hout = stride * (H - 1) + dilation * (kh - 1) + 1 - top - bottom + outputPad
Shapes deconvolutionShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_TRY(const size_t sides, spatialSides(inputs[0]));
    QS_TRY(const Window window, windowOf(layer, sides));
    QS_TRY(const std::vector<int64_t> extra, integersOf(layer, "outputPad", std::vector<int64_t>(sides), sides, 0, largestExtent));
    const int64_t channels = inputs[0][1];
    if (channels % window.group != 0 || window.outputs % window.group != 0)
        return shapeError(std::to_string(channels) + " input and " + std::to_string(window.outputs) + " output channels do not divide into " +
                          std::to_string(window.group) + " groups");
    QS_CHECK(checkWeight(layer, 0, weightShape(channels, window.outputs / window.group, window), "weight"));
    QS_CHECK(checkWeight(layer, 1, {window.outputs}, "bias"));
    Shape shape = inputs[0];
    shape[1] = window.outputs;
    for (size_t side = 0; side < sides; ++side) {
        const int64_t extent = inputs[0][side + 2];
        if (extent > largestExtent)
            return shapeError("the input " + shapeText(inputs[0]) + " is too large");
        shape[side + 2] = window.stride[side] * (extent - 1) + window.dilation[side] * (window.kernel[side] - 1) + 1 - window.pad[side] -
                          window.pad[side + sides] + extra[side];
        if (shape[side + 2] < 1)
            return shapeError("the padding leaves nothing of the output");
    }
    return std::vector<Shape>{shape};
}

int64_t deconvolutionMacs(const Layer& layer, Inputs inputs, Inputs)
{
    return cappedProduct({elementCount(inputs[0]), layer.attributes.integer("outputs", 0) / layer.attributes.integer("group", 1),
                          tapsOf(layer.attributes.integers("kernel"))});
}

// Im2col
//   attributes: kernel, stride, pad, dilation as Convolution; (N, C, H, W) -> (N, C * kh * kw, Hout, Wout): channel (c * kh + y) * kw + x of a
//   pixel is what the kernel's element (y, x) sees of channel c there; 0 in the padding
Shapes im2colShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(checkRank(inputs[0], 4));
    Layer convolution = layer;
    convolution.attributes.set("outputs", int64_t{1});
    QS_TRY(std::vector<Shape> shapes, convolutionShapes(convolution, inputs));
    const std::vector<int64_t> kernel = layer.attributes.integers("kernel");
    QS_TRY(shapes[0][1], checkedProduct({inputs[0][1], kernel[0], kernel[1]}));
    return shapes;
}

}  // namespace qs::ops

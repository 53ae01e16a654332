#include "core/ops/shape_rules.h"

namespace qs::ops {

namespace {

struct Window {
    std::vector<int64_t> kernel, stride, pad, dilation;
    int64_t group = 1;
    int64_t outputs = 0;
};

Result<Window> windowOf(const Layer& layer)
{
    Window window;
    QS_TRY(window.kernel, integersOf(layer, "kernel", {}, 2, 1, largestExtent));
    QS_TRY(window.stride, integersOf(layer, "stride", {1, 1}, 2, 1, largestExtent));
    QS_TRY(window.pad, integersOf(layer, "pad", {0, 0, 0, 0}, 4, 0, largestExtent));
    QS_TRY(window.dilation, integersOf(layer, "dilation", {1, 1}, 2, 1, largestExtent));
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
    const int64_t room = extent + window.pad[side] + window.pad[side + 2] - reach;
    return room < 0 ? 0 : room / window.stride[side] + 1;
}

}  // namespace

// Convolution, DepthwiseConv
//   attributes: outputs = Cout; kernel = [h, w]; stride = [h, w] (1, 1); pad = [top, left, bottom, right] (0); dilation = [h, w] (1, 1);
//               group (1). DepthwiseConv always has group = Cin (the importer writes it); a Convolution may have it too.
//   weights:    0 = weight (Cout, Cin / group, kh, kw); 1 = bias (Cout), optional
//   input:      (N, Cin, H, W) -> (N, Cout, Hout, Wout), Hout = floor((H + top + bottom - dilation * (kh - 1) - 1) / stride) + 1
Shapes convolutionShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(checkRank(inputs[0], 4));
    QS_TRY(const Window window, windowOf(layer));
    const int64_t channels = inputs[0][1];
    if (channels % window.group != 0 || window.outputs % window.group != 0)
        return shapeError(std::to_string(channels) + " input and " + std::to_string(window.outputs) + " output channels do not divide into " +
                          std::to_string(window.group) + " groups");
    QS_CHECK(checkWeight(layer, 0, {window.outputs, channels / window.group, window.kernel[0], window.kernel[1]}, "weight"));
    QS_CHECK(checkWeight(layer, 1, {window.outputs}, "bias"));
    const int64_t height = convolved(window, 0, inputs[0][2]);
    const int64_t width = convolved(window, 1, inputs[0][3]);
    if (height < 1 || width < 1)
        return shapeError("the kernel is larger than the input " + shapeText(inputs[0]));
    return std::vector<Shape>{{inputs[0][0], window.outputs, height, width}};
}

int64_t convolutionMacs(const Layer& layer, Inputs inputs, Inputs outputs)
{
    const std::vector<int64_t> kernel = layer.attributes.integers("kernel", {1, 1});
    return cappedProduct({elementCount(outputs[0]), inputs[0][1] / layer.attributes.integer("group", 1), kernel[0], kernel[1]});
}

// Deconvolution (transposed convolution)
//   attributes: as Convolution, and outputPad = [h, w] (0, 0): extra rows and columns at the bottom and right (ONNX output_padding)
//   weights:    0 = weight (Cin, Cout / group, kh, kw); 1 = bias (Cout), optional
//   input:      (N, Cin, H, W) -> (N, Cout, Hout, Wout), Hout = stride * (H - 1) + dilation * (kh - 1) + 1 - top - bottom + outputPad
Shapes deconvolutionShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(checkRank(inputs[0], 4));
    QS_TRY(const Window window, windowOf(layer));
    QS_TRY(const std::vector<int64_t> extra, integersOf(layer, "outputPad", {0, 0}, 2, 0, largestExtent));
    const int64_t channels = inputs[0][1];
    if (channels % window.group != 0 || window.outputs % window.group != 0)
        return shapeError(std::to_string(channels) + " input and " + std::to_string(window.outputs) + " output channels do not divide into " +
                          std::to_string(window.group) + " groups");
    QS_CHECK(checkWeight(layer, 0, {channels, window.outputs / window.group, window.kernel[0], window.kernel[1]}, "weight"));
    QS_CHECK(checkWeight(layer, 1, {window.outputs}, "bias"));
    Shape shape{inputs[0][0], window.outputs, 0, 0};
    for (size_t side = 0; side < 2; ++side) {
        const int64_t extent = inputs[0][side + 2];
        if (extent > largestExtent)
            return shapeError("the input " + shapeText(inputs[0]) + " is too large");
        shape[side + 2] = window.stride[side] * (extent - 1) + window.dilation[side] * (window.kernel[side] - 1) + 1 - window.pad[side] -
                          window.pad[side + 2] + extra[side];
        if (shape[side + 2] < 1)
            return shapeError("the padding leaves nothing of the output");
    }
    return std::vector<Shape>{shape};
}

int64_t deconvolutionMacs(const Layer& layer, Inputs inputs, Inputs)
{
    const std::vector<int64_t> kernel = layer.attributes.integers("kernel", {1, 1});
    return cappedProduct(
        {elementCount(inputs[0]), layer.attributes.integer("outputs", 0) / layer.attributes.integer("group", 1), kernel[0], kernel[1]});
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

#include "core/import/onnx/translate.h"

#include <algorithm>
#include <tuple>

namespace qs::onnxio {

namespace {

constexpr int64_t largestWindow = 1 << 24;  ///< of kernels, strides, dilations, pads: what is beyond is damaged

bool within(const Ints& values, int64_t least)
{
    return std::all_of(values.begin(), values.end(), [least](int64_t value) { return value >= least && value <= largestWindow; });
}

/// Padding before and behind one side, so that the outputs are as many as the stride's steps over the extent.
std::pair<int64_t, int64_t> samePadding(int64_t extent, int64_t kernel, int64_t stride, int64_t dilation, bool upper)
{
    const int64_t outputs = (extent + stride - 1) / stride;
    const int64_t total = std::max<int64_t>(0, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - extent);
    const int64_t less = total / 2;
    // An odd one more stands behind (upper) or before.
    return upper ? std::pair(less, total - less) : std::pair(total - less, less);
}

Result<void> window(const Context& c, const Ints& kernel)
{
    const size_t sides = kernel.size();
    const Ints stride = c.node.integers("strides", Ints(sides, 1));
    const Ints dilation = c.node.integers("dilations", Ints(sides, 1));
    Ints pad = c.node.integers("pads", Ints(2 * sides));
    if (sides < 1 || sides > 3 || stride.size() != sides || dilation.size() != sides || pad.size() != 2 * sides)
        return c.refuse("its window has not as many sides as it should: one, two or three spatial dimensions are built");
    if (!within(kernel, 1) || !within(stride, 1) || !within(dilation, 1) || !within(pad, 0))
        return c.refuse("its window is not valid");
    const std::string automatic = c.node.text("auto_pad", "NOTSET");
    if (automatic == "VALID") {
        pad.assign(2 * sides, 0);
    } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
        const auto shape = c.node.shape(0);
        if (!shape || shape->size() != sides + 2)
            return c.refuse("its padding depends on a size that is not known");
        for (size_t side = 0; side < sides; ++side)
            std::tie(pad[side], pad[side + sides]) =
                samePadding((*shape)[side + 2], kernel[side], stride[side], dilation[side], automatic == "SAME_UPPER");
    } else if (automatic != "NOTSET") {
        return c.refuse("its auto_pad " + automatic + " is not known");
    }
    c.set("kernel", kernel);
    c.set("stride", stride);
    c.set("dilation", dilation);
    c.set("pad", pad);
    return {};
}

}  // namespace

Result<void> convolution(const Context& c)
{
    const TypedConstant* weight = c.node.constant(1);
    if (!weight || (c.node.has(2) && !c.node.constant(2)))
        return c.refuse("its weights are computed by the network");
    const Shape& shape = weight->data.shape();
    if (shape.size() < 3)
        return c.refuse("its weights " + shapeText(shape) + " have no kernel");
    const bool transposedKind = c.out.op == "Deconvolution";
    const int64_t group = c.node.integer("group", 1);
    if (group < 1 || group > largestWindow)
        return c.refuse("its group is " + std::to_string(group));
    const Ints kernel(shape.begin() + 2, shape.end());
    if (c.node.integers("kernel_shape", kernel) != kernel)
        return c.refuse("its kernel_shape is not its weights'");
    QS_CHECK(window(c, kernel));
    if (c.out.op.empty())
        return {};
    if (transposedKind && (c.node.attribute("output_shape") || c.node.text("auto_pad", "NOTSET").starts_with("SAME")))
        return c.refuse("a ConvTranspose with output_shape or auto_pad is not built");
    if (transposedKind && c.node.attribute("output_padding"))
        c.set("outputPad", c.node.integers("output_padding"));
    c.set("group", group);
    c.set("outputs", transposedKind ? shape[1] * group : shape[0]);
    c.out.weights = {share(floatsOf(*weight))};
    if (const TypedConstant* bias = c.node.constant(2))
        c.out.weights.push_back(share(floatsOf(*bias)));
    return {};
}

namespace {

Result<void> pool(const Context& c, bool maximum)
{
    c.set("method", std::string(maximum ? "max" : "ave"));
    if (c.node.proto.op_type().starts_with("Global")) {
        c.set("global", int64_t{1});
        if (!maximum)
            c.set("count", std::string("exclude"));
        return {};
    }
    QS_CHECK(window(c, c.node.integers("kernel_shape")));
    if (c.out.op.empty())
        return {};
    const bool places = c.node.proto.output_size() > 1 && !c.node.proto.output(1).empty();
    if (places && c.node.integer("storage_order", 0) != 0)
        return c.refuse("places counted column by column are not built");
    if (places)
        c.set("places", std::string("tensor"));
    c.set("ceil", c.node.integer("ceil_mode", 0));
    if (!maximum)
        c.set("count", std::string(c.node.integer("count_include_pad", 0) ? "include" : "exclude"));
    return {};
}

}  // namespace

Result<void> maxPool(const Context& c)
{
    return pool(c, true);
}

Result<void> averagePool(const Context& c)
{
    return pool(c, false);
}

Result<void> maxUnpool(const Context& c)
{
    c.out.inputs = {0, 1};
    QS_CHECK(window(c, c.node.integers("kernel_shape")));
    if (c.out.op.empty())
        return {};
    const auto size = c.node.integersAt(2);
    if (c.node.has(2) && (!size || size->size() < 3))
        return c.refuse("its output_shape is computed by the network");
    if (size)
        c.set("size", Ints(size->begin() + 2, size->end()));
    return {};
}

Result<void> gridSample(const Context& c)
{
    c.out.inputs = {0, 1};
    // Opset 20 has other names.
    const std::string mode = c.node.text("mode", "bilinear");
    c.set("mode", mode == "linear" ? std::string("bilinear") : mode == "cubic" ? std::string("bicubic") : mode);
    c.set("padding", c.node.text("padding_mode", "zeros"));
    c.set("alignCorners", c.node.integer("align_corners", 0));
    return {};
}

Result<void> roiAlign(const Context& c)
{
    c.out.inputs = {0, 1, 2};
    if (const std::string mode = c.node.text("mode", "avg"); mode != "avg")
        return c.refuse("a RoiAlign of mode " + mode + " is not built");
    const std::string coordinates = c.node.text("coordinate_transformation_mode", c.node.opset < 16 ? "output_half_pixel" : "half_pixel");
    if (coordinates != "half_pixel" && coordinates != "output_half_pixel")
        return c.refuse("its coordinates " + coordinates + " are not known");
    const double scale = c.node.real("spatial_scale", 1);
    c.set("pooled", Ints{c.node.integer("output_height", 1), c.node.integer("output_width", 1)});
    c.set("scale", Reals{scale, scale});
    c.set("samplingRatio", c.node.integer("sampling_ratio", 0));
    c.set("halfPixel", int64_t{coordinates == "half_pixel"});
    return {};
}

}  // namespace qs::onnxio

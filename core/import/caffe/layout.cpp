// Values moved, cut and joined.
#include "core/import/caffe/families.h"

#include <algorithm>

namespace qs::caffe {

namespace {

Result<void> dropout(const Context& c)
{
    const DropoutParameter& p = c.layer.dropout_param();
    if (p.scale_train())
        return {};
    c.out.op = "Mul";
    c.out.operand = {1 - p.dropout_ratio()};
    return {};
}

Result<void> concat(const Context& c)
{
    const ConcatParameter& p = c.layer.concat_param();
    c.integer("axis", p.has_concat_dim() ? static_cast<int64_t>(p.concat_dim()) : p.axis());
    return {};
}

Result<void> slice(const Context& c)
{
    const SliceParameter& p = c.layer.slice_param();
    c.integer("axis", p.has_slice_dim() ? static_cast<int64_t>(p.slice_dim()) : p.axis());
    if (p.slice_point_size() > 0)
        c.set("points", ints(p.slice_point()));
    return {};
}

Result<void> flatten(const Context& c)
{
    c.integer("axis", c.layer.flatten_param().axis());
    c.integer("endAxis", c.layer.flatten_param().end_axis());
    return {};
}

Result<void> reshape(const Context& c)
{
    const ReshapeParameter& p = c.layer.reshape_param();
    c.set("dims", ints(p.shape().dim()));
    c.integer("axis", p.axis());
    c.integer("numAxes", p.num_axes());
    return {};
}

Result<void> permute(const Context& c)
{
    Ints order = ints(c.layer.permute_param().order());
    const auto has = [&order](int64_t axis) { return std::find(order.begin(), order.end(), axis) != order.end(); };
    bool complete = true;
    for (size_t i = 0; i < order.size(); ++i)
        complete = complete && has(static_cast<int64_t>(i));
    // Caffe lets the remaining axes follow; pictures have four.
    for (int64_t axis = 0; axis < 4 && !complete; ++axis)
        if (!has(axis))
            order.push_back(axis);
    c.set("order", order);
    return {};
}

Result<void> crop(const Context& c)
{
    c.integer("axis", c.layer.crop_param().axis());
    if (c.layer.crop_param().offset_size() > 0)
        c.set("offset", ints(c.layer.crop_param().offset()));
    return {};
}

// SegNet's: a second input is the mask of a pooling.
Result<void> maskedUpsample(const Context& c)
{
    const UpsampleParameter& p = c.layer.upsample_param();
    if (p.has_upsample_h() || p.has_upsample_w()) {
        c.set("size", Ints{p.upsample_h(), p.upsample_w()});
        return {};
    }
    c.set("scale", Reals{p.has_scale_h() ? static_cast<double>(p.scale_h()) : real(p.scale()),
                         p.has_scale_w() ? static_cast<double>(p.scale_w()) : real(p.scale())});
    c.set("padOut", Ints{p.pad_out_h(), p.pad_out_w()});
    return {};
}

Result<void> upsample(const Context& c)
{
    const UpsampleParameter& p = c.layer.upsample_param();
    if (c.layer.bottom_size() > 1)
        return maskedUpsample(c);
    if (p.has_stride() || p.has_stride_h() || p.has_stride_w()) {
        // CANN: stride zooms, scale multiplies the values.
        const int32_t stride = p.has_stride() ? p.stride() : 2;
        c.set("mode", std::string("nearest"));
        c.set("scale",
              Reals{static_cast<double>(p.has_stride_h() ? p.stride_h() : stride), static_cast<double>(p.has_stride_w() ? p.stride_w() : stride)});
        if (p.has_scale() && p.scale() != 1)
            c.number("factor", p.scale());
        return {};
    }
    c.set("mode", std::string("nearest"));
    c.set("scale", Reals{p.has_scale_h() ? static_cast<double>(p.scale_h()) : real(p.scale()),
                         p.has_scale_w() ? static_cast<double>(p.scale_w()) : real(p.scale())});
    if (p.has_upsample_h() || p.has_upsample_w())
        c.out.notRunnable = "upsample_h and upsample_w need the mask of a pooling as second input";
    return {};
}

Result<void> interp(const Context& c)
{
    const InterpParameter& p = c.layer.interp_param();
    if (p.height() > 0 && p.width() > 0)
        c.set("size", Ints{p.height(), p.width()});
    if (p.zoom_factor() != 1)
        c.integer("zoom", p.zoom_factor());
    if (p.shrink_factor() != 1)
        c.integer("shrink", p.shrink_factor());
    if (p.pad_beg() != 0 || p.pad_end() != 0)
        c.out.notRunnable = "an Interp with padding is not built";
    return {};
}

Result<void> tile(const Context& c)
{
    c.integer("axis", c.layer.tile_param().axis());
    c.integer("tiles", c.layer.tile_param().tiles());
    return {};
}

Result<void> shuffle(const Context& c)
{
    c.integer("group", c.layer.shuffle_channel_param().group());
    return {};
}

Result<void> reorg(const Context& c)
{
    c.integer("stride", c.layer.reorg_param().stride());
    c.integer("reverse", c.layer.reorg_param().reverse());
    return {};
}

// HiSilicon's message, or Reorg's, which CANN writes for the same thing.
Result<void> passThrough(const Context& c)
{
    const PassThroughParameter& p = c.layer.pass_through_param();
    const int64_t stride = c.layer.reorg_param().stride();
    c.set("block", c.layer.has_reorg_param() ? Ints{stride, stride} : Ints{p.block_height(), p.block_width()});
    if (p.has_num_output())
        c.integer("outputs", p.num_output());
    return {};
}

Result<void> reverse(const Context& c)
{
    if (c.layer.reverse_param().axis_size() > 0)
        c.set("axes", ints(c.layer.reverse_param().axis()));
    return {};
}

Result<void> parameter(const Context& c)
{
    const Ints dims = ints(c.layer.parameter_param().shape().dim());
    c.set("dims", dims);
    return c.blobs() == 0 ? Result<void>() : c.take(0, dims, "value");
}

Result<void> pad(const Context& c)
{
    const PadParameter& p = c.layer.pad_param();
    c.set("pads", ints(p.pads()));
    c.set("mode", std::string(p.mode() == PadParameter::REFLECT ? "reflect" : p.mode() == PadParameter::EDGE ? "edge" : "constant"));
    c.number("value", p.value());
    return {};
}

constexpr LayerRow rows[] = {
    {"Dropout", "Dropout", dropout},
    {"Concat", "Concat", concat},
    {"Slice", "Slice", slice},
    {"Flatten", "Flatten", flatten},
    {"Reshape", "Reshape", reshape},
    {"Permute", "Permute", permute},
    {"Crop", "Crop", crop},
    {"Upsample", "Upsample", upsample},
    {"Interp", "Interp", interp},
    {"Tile", "Tile", tile},
    {"ShuffleChannel", "ShuffleChannel", shuffle},
    {"Reorg", "Reorg", reorg},
    {"PassThrough", "PassThrough", passThrough},
    {"Reverse", "Reverse", reverse},
    {"Pad", "Pad", pad},
    {"Parameter", "Parameter", parameter},
};

}  // namespace

std::span<const LayerRow> layoutLayers()
{
    return rows;
}

}  // namespace qs::caffe

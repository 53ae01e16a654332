// Pooling, also of regions.
#include "core/import/caffe/families.h"

namespace qs::caffe {

namespace {

Result<void> pooling(const Context& c)
{
    const PoolingParameter& p = c.layer.pooling_param();
    const bool average = p.pool() == PoolingParameter::AVE;
    c.set("method", std::string(average ? "ave" : p.pool() == PoolingParameter::MAX ? "max" : "stochastic"));
    if (p.pool() == PoolingParameter::STOCHASTIC)
        c.out.notRunnable = "stochastic pooling is not built";
    c.integer("global", p.global_pooling());
    if (average)
        c.set("count", std::string("caffe"));
    if (p.global_pooling())
        return {};
    const auto both = [](bool given, int64_t height, int64_t width, int64_t value) { return given ? Ints{height, width} : Ints{value, value}; };
    const Ints pad = both(p.has_pad_h() || p.has_pad_w(), p.pad_h(), p.pad_w(), p.pad());
    c.set("kernel", both(p.has_kernel_h() || p.has_kernel_w(), p.kernel_h(), p.kernel_w(), p.kernel_size()));
    c.set("stride", both(p.has_stride_h() || p.has_stride_w(), p.has_stride_h() ? p.stride_h() : 1, p.has_stride_w() ? p.stride_w() : 1, p.stride()));
    c.set("pad", Ints{pad[0], pad[1], pad[0], pad[1]});
    c.integer("ceil", p.has_ceil_mode() ? p.ceil_mode() : p.round_mode() == PoolingParameter::CEIL);
    return {};
}

Result<void> spp(const Context& c)
{
    const SPPParameter& p = c.layer.spp_param();
    c.integer("height", p.has_pyramid_height() ? p.pyramid_height() : 0);
    c.set("method", std::string(p.pool() == SPPParameter::AVE ? "ave" : p.pool() == SPPParameter::MAX ? "max" : "stochastic"));
    if (p.pool() == SPPParameter::STOCHASTIC)
        c.out.notRunnable = "stochastic pooling is not built";
    return {};
}

Result<void> roiPooling(const Context& c)
{
    const ROIPoolingParameter& p = c.layer.roi_pooling_param();
    c.set("pooled", Ints{p.pooled_h(), p.pooled_w()});
    c.set("scale", Reals{real(p.has_spatial_scale_h() ? p.spatial_scale_h() : p.spatial_scale()),
                         real(p.has_spatial_scale_w() ? p.spatial_scale_w() : p.spatial_scale())});
    if (c.layer.bottom_size() > 2)
        c.out.notRunnable = "a third input, the number of regions, is not built";
    return {};
}

Result<void> psroiPooling(const Context& c)
{
    const PSROIPoolingParameter& p = c.layer.psroi_pooling_param();
    c.integer("outputs", p.output_dim());
    c.integer("group", p.group_size());
    c.number("scale", p.spatial_scale());
    return {};
}

Result<void> roiAlign(const Context& c)
{
    const ROIAlignParameter& p = c.layer.roi_align_param();
    c.set("pooled", Ints{p.pooled_h(), p.pooled_w()});
    c.set("scale", Reals{real(p.spatial_scale()), real(p.spatial_scale())});
    c.integer("samplingRatio", p.sampling_ratio());
    c.integer("endMode", p.roi_end_mode() == 0 ? 0 : 1);
    if (p.roi_end_mode() != 0 && p.roi_end_mode() != 1)
        c.out.notRunnable = "roi_end_mode " + std::to_string(p.roi_end_mode()) + " is not built";
    return {};
}

Result<void> unpooling(const Context& c)
{
    const UnpoolingParameter& p = c.layer.unpooling_param();
    const auto both = [](bool given, int64_t height, int64_t width, int64_t value) { return given ? Ints{height, width} : Ints{value, value}; };
    c.set("kernel", both(p.has_kernel_h() || p.has_kernel_w(), p.kernel_h(), p.kernel_w(), p.kernel_size()));
    c.set("stride", both(p.has_stride_h() || p.has_stride_w(), p.has_stride_h() ? p.stride_h() : 1, p.has_stride_w() ? p.stride_w() : 1, p.stride()));
    c.set("pad", both(p.has_pad_h() || p.has_pad_w(), p.pad_h(), p.pad_w(), p.pad()));
    if (p.unpool() != UnpoolingParameter::MAX)
        c.out.notRunnable = "only the unpooling of a maximum is built";
    return {};
}

constexpr LayerRow rows[] = {
    {"Pooling", "Pooling", pooling},          {"SPP", "SPP", spp},
    {"ROIPooling", "ROIPooling", roiPooling}, {"PSROIPooling", "PSROIPooling", psroiPooling},
    {"ROIAlign", "ROIAlign", roiAlign},       {"Unpooling", "Unpooling", unpooling},
};

}  // namespace

std::span<const LayerRow> poolingLayers()
{
    return rows;
}

}  // namespace qs::caffe

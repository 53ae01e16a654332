// Normalizations, Scale and Bias.
#include "core/import/caffe/families.h"

#include <algorithm>

namespace qs::caffe {

namespace {

Result<void> lrn(const Context& c)
{
    const LRNParameter& p = c.layer.lrn_param();
    c.integer("size", p.local_size());
    c.number("alpha", p.alpha());
    c.number("beta", p.beta());
    c.number("k", p.k());
    c.set("region", std::string(p.norm_region() == LRNParameter::WITHIN_CHANNEL ? "within" : "across"));
    return {};
}

Result<void> batchNorm(const Context& c)
{
    const BatchNormParameter& p = c.layer.batch_norm_param();
    c.number("epsilon", p.eps());
    if (p.has_moving_average_fraction())
        c.number("movingAverageFraction", p.moving_average_fraction());
    if (p.has_use_global_stats() && !p.use_global_stats())
        c.out.note = "layer '" + c.layer.name() + "' asks for the statistics of the batch; the stored ones are used";
    if (!c.file)
        return {};
    // mean, variance, factor; NVIDIA's Caffe adds scale and shift.
    if (c.blobs() != 3 && c.blobs() != 5)
        return Error{ErrorCode::WeightsMismatch, "it should have 3 blobs, the file has " + std::to_string(c.blobs()), {}};
    QS_TRY(const Buffer factor, c.blob(2, "factor"));
    if (factor.count() != 1)
        return Error{ErrorCode::WeightsMismatch, "its factor should be one number, the file has " + shapeText(factor.shape()), {}};
    const float divisor = factor.floats()[0];
    const float scale = divisor == 0 ? 0 : 1 / divisor;
    for (const int index : {0, 1}) {
        QS_CHECK(c.take(index, {-1}, index == 0 ? "mean" : "variance"));
        Buffer corrected = Buffer::fromFloats(c.out.weights.back()->shape(), c.out.weights.back()->floats());
        for (float& value : corrected.floats())
            value *= scale;
        c.out.weights.back() = std::make_shared<const Buffer>(std::move(corrected));
    }
    if (c.blobs() == 5) {
        QS_CHECK(c.take(3, {-1}, "scale"));
        QS_CHECK(c.take(4, {-1}, "shift"));
    }
    return {};
}

/// A Scale's or Bias's operand: as many trailing dimensions as it covers (all, for -1).
Result<void> operand(const Context& c, int index, int64_t axes, const char* role)
{
    return axes < 0 ? c.takeAll() : c.take(index, Shape(static_cast<size_t>(std::min<int64_t>(axes, 8)), -1), role);
}

Result<void> scale(const Context& c)
{
    const ScaleParameter& p = c.layer.scale_param();
    c.integer("axis", p.axis());
    c.integer("numAxes", p.num_axes());
    c.integer("bias", p.bias_term());
    if (c.layer.bottom_size() > 1) {
        QS_CHECK(c.expectBlobs(p.bias_term() ? 1 : 0));
        return c.takeAll();
    }
    QS_CHECK(c.expectBlobs(p.bias_term() ? 2 : 1));
    if (p.num_axes() < 0)
        return c.takeAll();
    QS_CHECK(operand(c, 0, p.num_axes(), "scale"));
    return p.bias_term() ? operand(c, 1, p.num_axes(), "shift") : Result<void>();
}

Result<void> bias(const Context& c)
{
    const BiasParameter& p = c.layer.bias_param();
    c.integer("axis", p.axis());
    c.integer("numAxes", p.num_axes());
    if (c.layer.bottom_size() > 1)
        return {};
    QS_CHECK(c.expectBlobs(1));
    return operand(c, 0, p.num_axes(), "shift");
}

Result<void> normalize(const Context& c)
{
    const NormalizeParameter& p = c.layer.norm_param();
    c.integer("acrossSpatial", p.across_spatial());
    c.integer("channelShared", p.channel_shared());
    c.number("epsilon", p.eps());
    QS_CHECK(c.expectBlobs(1));
    QS_CHECK(c.take(0, p.channel_shared() ? Shape{} : Shape{-1}, "scale"));
    if (p.channel_shared() && !c.out.weights.empty())
        c.out.weights[0] = std::make_shared<const Buffer>(c.out.weights[0]->reshaped({1}));
    return {};
}

Result<void> mvn(const Context& c)
{
    c.integer("acrossChannels", c.layer.mvn_param().across_channels());
    c.integer("normalizeVariance", c.layer.mvn_param().normalize_variance());
    c.number("epsilon", c.layer.mvn_param().eps());
    return {};
}

/// Scale and shift of a normalization that may have none.
Result<void> affineBlobs(const Context& c, bool affine)
{
    QS_CHECK(c.expectBlobs(affine ? 2 : 0));
    if (affine && !c.file)
        c.out.notRunnable = "its weights are missing";
    return c.takeAll();
}

Result<void> groupNorm(const Context& c)
{
    c.integer("groups", c.layer.group_norm_param().num_groups());
    c.number("epsilon", c.layer.group_norm_param().eps());
    return affineBlobs(c, c.layer.group_norm_param().affine());
}

Result<void> layerNorm(const Context& c)
{
    c.integer("axis", c.layer.layer_norm_param().axis());
    c.number("epsilon", c.layer.layer_norm_param().eps());
    return affineBlobs(c, c.layer.layer_norm_param().affine());
}

constexpr LayerRow rows[] = {
    {"LRN", "LRN", lrn},
    {"BatchNorm", "BatchNorm", batchNorm},
    {"Scale", "Scale", scale},
    {"Bias", "Bias", bias},
    {"Normalize", "Normalize", normalize},
    {"MVN", "MVN", mvn},
    {"Mvn", "MVN", mvn},
    {"Mvm", "Mvm", mvn},
    {"GroupNorm", "GroupNorm", groupNorm},
    {"LayerNormalization", "LayerNormalization", layerNorm},
    {"LayerNorm", "LayerNormalization", layerNorm},
};

}  // namespace

std::span<const LayerRow> normalizationLayers()
{
    return rows;
}

}  // namespace qs::caffe

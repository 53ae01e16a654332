#include "core/import/caffe/layers.h"

#include "core/base/text.h"
#include "core/import/caffe/integer_blob.h"
#include "core/ops/op.h"
#include "core/ops/weight_channels.h"
#include "core/quant/params.h"

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>

namespace qs::caffe {

namespace {

using namespace quantscope_caffe;
using Ints = std::vector<int64_t>;
using Reals = std::vector<double>;

template <class Repeated>
Ints ints(const Repeated& values)
{
    return {values.begin(), values.end()};
}

/// Floats through their shortest decimal text: 0.1f becomes 0.1, as the user wrote it, and rounds back to the same float.
double real(float value)
{
    return parseDouble(numberText(value)).value_or(static_cast<double>(value));
}

template <class Repeated>
Reals reals(const Repeated& values)
{
    Reals list;
    for (const float value : values)
        list.push_back(real(value));
    return list;
}

bool fits(const Shape& shape, const Shape& wanted)
{
    if (shape.size() < wanted.size())
        return false;
    // Old files fill four dimensions up with ones in front.
    const size_t extra = shape.size() - wanted.size();
    for (size_t i = 0; i < shape.size(); ++i)
        if (i < extra ? shape[i] != 1 : wanted[i - extra] != -1 && wanted[i - extra] != shape[i])
            return false;
    return true;
}

std::string wantedText(const Shape& wanted)
{
    std::string text;
    for (const int64_t dimension : wanted)
        text += (text.empty() ? "" : "x") + (dimension < 0 ? std::string("*") : std::to_string(dimension));
    return text.empty() ? "scalar" : text;
}

struct Context {
    const LayerParameter& layer;
    const LayerParameter* file;  ///< with the blobs; null: none
    Translation& out;

    int blobs() const { return file ? file->blobs_size() : 0; }
    void set(const char* name, Attribute value) const { out.attributes.set(name, std::move(value)); }
    void integer(const char* name, int64_t value) const { set(name, value); }
    void number(const char* name, float value) const { set(name, real(value)); }

    /// Appends blob `index` as the next weight; -1 in `wanted` is any extent.
    Result<void> take(int index, const Shape& wanted, const char* role) const
    {
        if (!file)
            return {};
        QS_TRY(const Buffer buffer, blob(index, role));
        if (!fits(buffer.shape(), wanted))
            return Error{ErrorCode::WeightsMismatch,
                         "its " + std::string(role) + " should be " + wantedText(wanted) + ", the file has " + shapeText(buffer.shape()),
                         {}};
        const Shape shape(buffer.shape().end() - static_cast<std::ptrdiff_t>(wanted.size()), buffer.shape().end());
        out.weights.push_back(std::make_shared<const Buffer>(buffer.reshaped(shape)));
        return {};
    }
    Result<Buffer> blob(int index, const char* role) const
    {
        auto buffer = blobBuffer(file->blobs(index));
        if (buffer)
            return buffer;
        Error error = buffer.error();
        error.detail = "blob " + std::to_string(index) + " (" + role + "): " + error.detail;
        return error;
    }
    /// A file that has the layer must have exactly as many blobs as the layer's parameters ask for.
    Result<void> expectBlobs(int count) const
    {
        if (!file || blobs() == count)
            return {};
        return Error{ErrorCode::WeightsMismatch, "it should have " + std::to_string(count) + " blobs, the file has " + std::to_string(blobs()), {}};
    }
    /// All blobs as they are.
    Result<void> takeAll() const
    {
        for (int i = 0; i < blobs(); ++i) {
            QS_TRY(Buffer buffer, blob(i, "weights"));
            out.weights.push_back(std::make_shared<const Buffer>(std::move(buffer)));
        }
        return {};
    }
};

/// [h, w] from one repeated field (none, one or two values) and its _h and _w forms.
Ints pair(const Ints& repeated, bool hasBoth, int64_t height, int64_t width, int64_t fallback)
{
    if (hasBoth)
        return {height, width};
    if (repeated.empty())
        return {fallback, fallback};
    return {repeated[0], repeated.size() > 1 ? repeated[1] : repeated[0]};
}

Result<void> window(const Context& c)
{
    const ConvolutionParameter& p = c.layer.convolution_param();
    const Ints pad = pair(ints(p.pad()), p.has_pad_h() || p.has_pad_w(), p.pad_h(), p.pad_w(), 0);
    c.set("kernel", pair(ints(p.kernel_size()), p.has_kernel_h() || p.has_kernel_w(), p.kernel_h(), p.kernel_w(), 0));
    c.set("stride",
          pair(ints(p.stride()), p.has_stride_h() || p.has_stride_w(), p.has_stride_h() ? p.stride_h() : 1, p.has_stride_w() ? p.stride_w() : 1, 1));
    c.set("pad", Ints{pad[0], pad[1], pad[0], pad[1]});
    c.set("dilation", pair(ints(p.dilation()), false, 0, 0, 1));
    if (p.axis() != 1 || std::max({p.kernel_size_size(), p.pad_size(), p.stride_size(), p.dilation_size()}) > 2)
        c.out.notRunnable = "only 2-D convolution is built";
    return {};
}

Result<void> convolution(const Context& c)
{
    const ConvolutionParameter& p = c.layer.convolution_param();
    QS_CHECK(window(c));
    const int64_t outputs = p.num_output();
    const int64_t group = c.out.op == "DepthwiseConv" && p.group() == 1 ? outputs : static_cast<int64_t>(p.group());
    c.integer("outputs", outputs);
    c.integer("group", group);
    QS_CHECK(c.expectBlobs(p.bias_term() ? 2 : 1));
    const Ints kernel = c.out.attributes.integers("kernel");
    if (c.out.op == "Deconvolution")
        QS_CHECK(c.take(0, {-1, group > 0 ? outputs / group : outputs, kernel[0], kernel[1]}, "weight"));
    else
        QS_CHECK(c.take(0, {outputs, -1, kernel[0], kernel[1]}, "weight"));
    return p.bias_term() ? c.take(1, {outputs}, "bias") : Result<void>();
}

Buffer transposed(const Buffer& matrix)
{
    const auto rows = static_cast<size_t>(matrix.shape()[0]);
    const auto columns = static_cast<size_t>(matrix.shape()[1]);
    Buffer result(DType::F32, {matrix.shape()[1], matrix.shape()[0]});
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j)
            result.floats()[j * rows + i] = matrix.floats()[i * columns + j];
    return result;
}

Result<void> innerProduct(const Context& c)
{
    const InnerProductParameter& p = c.layer.inner_product_param();
    const int64_t outputs = p.num_output();
    c.integer("outputs", outputs);
    c.integer("axis", p.axis());
    QS_CHECK(c.expectBlobs(p.bias_term() ? 2 : 1));
    QS_CHECK(c.take(0, p.transpose() ? Shape{-1, outputs} : Shape{outputs, -1}, "weight"));
    if (p.transpose() && !c.out.weights.empty())
        c.out.weights[0] = std::make_shared<const Buffer>(transposed(*c.out.weights[0]));
    return p.bias_term() ? c.take(1, {outputs}, "bias") : Result<void>();
}

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

Result<void> dropout(const Context& c)
{
    const DropoutParameter& p = c.layer.dropout_param();
    if (p.scale_train())
        return {};
    c.out.op = "Mul";
    c.out.operand = {1 - p.dropout_ratio()};
    return {};
}

Result<void> relu(const Context& c)
{
    c.number("slope", c.layer.relu_param().negative_slope());
    return {};
}

Result<void> relu6(const Context& c)
{
    c.number("threshold", c.layer.relu6_param().threshold());
    c.number("slope", c.layer.relu6_param().negative_slope());
    return {};
}

Result<void> prelu(const Context& c)
{
    QS_CHECK(c.expectBlobs(1));
    const bool shared = c.layer.prelu_param().channel_shared();
    QS_CHECK(c.take(0, shared ? Shape{} : Shape{-1}, "slope"));
    if (shared && !c.out.weights.empty())
        c.out.weights[0] = std::make_shared<const Buffer>(c.out.weights[0]->reshaped({1}));
    return {};
}

Result<void> clip(const Context& c)
{
    const ClipParameter& p = c.layer.clip_param();
    if (!p.has_min() || !p.has_max())
        return Error{ErrorCode::MissingValue, "clip_param needs min and max", {}};
    c.number("min", p.min());
    c.number("max", p.max());
    return {};
}

Result<void> elu(const Context& c)
{
    c.number("alpha", c.layer.elu_param().alpha());
    return {};
}

Result<void> swish(const Context& c)
{
    c.number("beta", c.layer.swish_param().beta());
    return {};
}

template <class Param>
void baseScaleShift(const Context& c, const Param& p)
{
    c.number("base", p.base());
    c.number("scale", p.scale());
    c.number("shift", p.shift());
}

Result<void> exponential(const Context& c)
{
    baseScaleShift(c, c.layer.exp_param());
    return {};
}

Result<void> logarithm(const Context& c)
{
    baseScaleShift(c, c.layer.log_param());
    return {};
}

Result<void> power(const Context& c)
{
    c.number("power", c.layer.power_param().power());
    c.number("scale", c.layer.power_param().scale());
    c.number("shift", c.layer.power_param().shift());
    return {};
}

Result<void> threshold(const Context& c)
{
    c.number("threshold", c.layer.threshold_param().threshold());
    return {};
}

Result<void> softmax(const Context& c)
{
    c.integer("axis", c.layer.softmax_param().axis());
    return {};
}

// AMCT's Quant and AntiQuant: scale_d, offset_d and the width of the integers between them.
Result<void> quant(const Context& c)
{
    const QuantParameter& p = c.layer.quant_param();
    if (!p.has_scale())
        return Error{ErrorCode::MissingValue, "quant_param has no scale", {}};
    const int32_t offset = p.with_offset() ? p.offset() : 0;
    const int bits = p.has_num_bits_d() ? p.num_bits_d() : 8;
    if (bits < 8 || bits > 16)
        return Error{ErrorCode::OutOfRange, "num_bits_d " + std::to_string(bits) + " is not in [8, 16]", {}};
    QS_CHECK(checkParams({.scale = p.scale(), .offset = offset, .bits = bits}));
    c.number("scale", p.scale());
    c.integer("offset", offset);
    c.integer("bits", bits);
    return {};
}

// One float, the lower 32 bits, of each 64-bit parameter (semantics 1.8).
Result<void> deQuant(const Context& c)
{
    if (!c.file)
        return {};
    QS_CHECK(c.expectBlobs(1));
    const auto& parameters = c.file->blobs(0).uint64_data();
    Buffer scales(DType::F32, {parameters.size()});
    for (int i = 0; i < parameters.size(); ++i) {
        const auto scale = std::bit_cast<float>(static_cast<uint32_t>(parameters.Get(i)));
        if (!std::isfinite(scale) || scale <= 0)
            return Error{ErrorCode::InvalidNumber, "dequantization scale " + std::to_string(i) + " is " + numberText(scale), {}};
        scales.floats()[static_cast<size_t>(i)] = scale;
    }
    if (parameters.empty())
        return Error{ErrorCode::WeightsMismatch, "its blob has no dequantization parameters (uint64_data)", {}};
    c.out.weights = {std::make_shared<const Buffer>(std::move(scales))};
    return {};
}

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

Result<void> eltwise(const Context& c)
{
    const EltwiseParameter& p = c.layer.eltwise_param();
    c.set("operation", std::string(p.operation() == EltwiseParameter::SUM ? "sum" : p.operation() == EltwiseParameter::PROD ? "prod" : "max"));
    if (p.coeff_size() > 0 && p.operation() == EltwiseParameter::SUM)
        c.set("coefficients", reals(p.coeff()));
    return {};
}

Result<void> reduction(const Context& c)
{
    const ReductionParameter& p = c.layer.reduction_param();
    constexpr const char* names[] = {"sum", "asum", "sumsq", "mean"};
    c.set("operation", std::string(names[p.operation() - 1]));
    c.integer("axis", p.axis());
    c.number("coefficient", p.coeff());
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

Result<void> embed(const Context& c)
{
    const EmbedParameter& p = c.layer.embed_param();
    c.integer("outputs", p.num_output());
    QS_CHECK(c.expectBlobs(p.bias_term() ? 2 : 1));
    QS_CHECK(c.take(0, {p.input_dim(), p.num_output()}, "weight"));
    return p.bias_term() ? c.take(1, {p.num_output()}, "bias") : Result<void>();
}

Result<void> recurrent(const Context& c)
{
    const bool own = c.out.op == "GRU" && c.layer.has_gru_param();
    const bool exposed = own ? c.layer.gru_param().expose_hidden() : c.layer.recurrent_param().expose_hidden();
    c.integer("outputs", own ? c.layer.gru_param().num_output() : c.layer.recurrent_param().num_output());
    c.integer("exposeHidden", exposed);
    if (own)
        c.integer("linearBeforeReset", c.layer.gru_param().linear_before_reset());
    // As Caffe: what stands between the marks and the states is the static input.
    const int states = !exposed ? 0 : c.out.op == "LSTM" ? 2 : 1;
    const bool fixed = c.layer.bottom_size() > 2 + states;
    c.integer("staticInput", fixed);
    QS_CHECK(c.expectBlobs((c.out.op == "RNN" ? 5 : 3) + (fixed ? 1 : 0)));
    return c.takeAll();
}

Result<void> argMax(const Context& c)
{
    c.integer("outValue", c.layer.argmax_param().out_max_val());
    c.integer("topK", c.layer.argmax_param().top_k());
    if (c.layer.argmax_param().has_axis())
        c.integer("axis", c.layer.argmax_param().axis());
    return {};
}

Result<void> argMin(const Context& c)
{
    c.integer("outValue", c.layer.argmin_param().out_min_val());
    c.integer("topK", c.layer.argmin_param().top_k());
    if (c.layer.argmin_param().has_axis())
        c.integer("axis", c.layer.argmin_param().axis());
    return {};
}

Result<void> topK(const Context& c)
{
    c.integer("k", c.layer.topk_param().k());
    c.integer("axis", c.layer.topk_param().axis());
    c.integer("largest", c.layer.topk_param().largest());
    return {};
}

Result<void> sort(const Context& c)
{
    c.integer("axis", c.layer.sort_param().axis());
    c.integer("descending", c.layer.sort_param().descending());
    return {};
}

Result<void> reduce(const Context& c)
{
    c.set("axes", ints(c.layer.reduce_param().axes()));
    c.integer("keepDims", c.layer.reduce_param().keep_dims());
    return {};
}

Result<void> gemm(const Context& c)
{
    const GemmParameter& p = c.layer.gemm_param();
    c.number("alpha", p.alpha());
    c.number("beta", p.beta());
    c.integer("transA", p.transpose_a());
    c.integer("transB", p.transpose_b());
    return {};
}

Result<void> matMul(const Context& c)
{
    c.integer("transA", c.layer.matmul_param().transpose_a());
    c.integer("transB", c.layer.matmul_param().transpose_b());
    return {};
}

Result<void> pad(const Context& c)
{
    const PadParameter& p = c.layer.pad_param();
    c.set("pads", ints(p.pads()));
    c.set("mode", std::string(p.mode() == PadParameter::REFLECT ? "reflect" : p.mode() == PadParameter::EDGE ? "edge" : "constant"));
    c.number("value", p.value());
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

Result<void> crelu(const Context& c)
{
    c.number("slope", c.layer.crelu_param().negative_slope());
    c.integer("axis", c.layer.crelu_param().concat_axis());
    return {};
}

Result<void> rrelu(const Context& c)
{
    c.number("lower", c.layer.rrelu_param().lower());
    c.number("upper", c.layer.rrelu_param().upper());
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

Result<void> nms(const Context& c)
{
    const NmsParameter& p = c.layer.nms_param();
    c.number("nmsThreshold", p.nms_threshold());
    c.number("scoreThreshold", p.score_threshold());
    c.integer("keepTopK", p.keep_top_k());
    return {};
}

Result<void> proposal(const Context& c)
{
    const ProposalParameter& p = c.layer.proposal_param();
    c.number("featStride", p.feat_stride());
    c.number("baseSize", p.base_size());
    c.number("minSize", p.min_size());
    c.integer("preTopK", p.pre_nms_topn());
    c.integer("keepTopK", p.post_nms_topn());
    c.number("nmsThreshold", p.has_nms_thresh() ? p.nms_thresh() : p.iou_threshold());
    if (p.ratio_size() > 0)
        c.set("ratios", reals(p.ratio()));
    if (p.scale_size() > 0)
        c.set("scales", reals(p.scale()));
    if (p.output_actual_rois_num())
        c.out.notRunnable = "output_actual_rois_num has no public definition";
    return {};
}

/// A number, or a list of them, behind a key of a Python layer's param_str (YAML: "'feat_stride': 16" or "{feat_stride: 16, scales: [8, 16]}").
Reals yamlNumbers(const std::string& text, const std::string& key)
{
    const size_t found = text.find(key);
    const size_t colon = found == std::string::npos ? found : text.find_first_not_of("'\" ", found + key.size());
    if (colon == std::string::npos || text[colon] != ':')
        return {};
    const size_t begin = text.find_first_not_of(" \n", colon + 1);
    if (begin == std::string::npos)
        return {};
    const bool list = text[begin] == '[' || text[begin] == '(';
    const size_t end = std::min(text.size(), text.find_first_of(list ? "])" : ",}\n ", begin));
    Reals numbers;
    constexpr const char* digits = "0123456789.+-eE";
    for (size_t at = text.find_first_of(digits, begin); at < end;) {
        const size_t behind = std::min(end, text.find_first_not_of(digits, at));
        if (const auto value = parseDouble(text.substr(at, behind - at)))
            numbers.push_back(*value);
        at = text.find_first_of(digits, behind);
    }
    return numbers;
}

/// rpn.proposal_layer: what param_str does not say is a constant of the code's own test configuration (RPN_PRE_NMS_TOP_N and its like).
Result<void> pythonProposal(const Context& c)
{
    const std::string& text = c.layer.python_param().param_str();
    const Reals stride = yamlNumbers(text, "feat_stride");
    if (stride.size() == 1)
        c.set("featStride", stride.front());
    else
        c.out.notRunnable = "its param_str names no feat_stride";
    if (const Reals scales = yamlNumbers(text, "scales"); !scales.empty())
        c.set("scales", scales);
    return {};
}

// Faster R-CNN's proposals are a Python layer; what other ones do only their user's code says.
Result<void> python(const Context& c)
{
    if (c.layer.python_param().layer() == "ProposalLayer") {
        c.out.op = "Proposal";
        return pythonProposal(c);
    }
    c.out.notRunnable = "it is user code in Python (" + c.layer.python_param().module() + "." + c.layer.python_param().layer() + ")";
    return c.takeAll();
}

Result<void> priorBox(const Context& c)
{
    const PriorBoxParameter& p = c.layer.prior_box_param();
    Reals ratios{1};
    for (const double ratio : reals(p.aspect_ratio())) {
        if (!(ratio > 0))
            return Error{ErrorCode::OutOfRange, "aspect_ratio is " + numberText(ratio), {}};
        if (std::any_of(ratios.begin(), ratios.end(), [ratio](double known) { return std::fabs(ratio - known) < 1e-6; }))
            continue;
        ratios.push_back(ratio);
        if (p.flip())
            ratios.push_back(1 / ratio);
    }
    c.set("minSizes", reals(p.min_size()));
    c.set("maxSizes", reals(p.max_size()));
    c.set("aspectRatios", ratios);
    c.integer("clip", p.clip());
    c.set("variance", p.variance_size() > 0 ? reals(p.variance()) : Reals{0.1});
    c.set("imageSize", p.has_img_size() ? Ints{p.img_size(), p.img_size()} : Ints{p.img_h(), p.img_w()});
    c.set("step", p.has_step() ? Reals{real(p.step()), real(p.step())} : Reals{real(p.step_h()), real(p.step_w())});
    c.number("offset", p.offset());
    return {};
}

Result<void> detectionOutput(const Context& c)
{
    const DetectionOutputParameter& p = c.layer.detection_output_param();
    c.integer("classes", p.num_classes());
    c.integer("shareLocation", p.share_location());
    c.integer("backgroundLabel", p.background_label_id());
    c.number("nmsThreshold", p.nms_param().nms_threshold());
    c.integer("nmsTopK", p.nms_param().has_top_k() ? p.nms_param().top_k() : -1);
    c.number("eta", p.nms_param().eta());
    c.set("codeType", std::string(p.code_type() == PriorBoxParameter::CORNER        ? "corner"
                                  : p.code_type() == PriorBoxParameter::CENTER_SIZE ? "center_size"
                                                                                    : "corner_size"));
    c.integer("varianceInTarget", p.variance_encoded_in_target());
    c.integer("keepTopK", p.keep_top_k());
    c.number("confidenceThreshold", p.confidence_threshold());
    if (!p.share_location())
        c.out.notRunnable = "DetectionOutput without share_location is not built";
    return {};
}

Result<void> nothing(const Context&)
{
    return {};
}

Result<void> rawBlobs(const Context& c)
{
    return c.takeAll();
}

struct Entry {
    const char* type;
    const char* op;
    Result<void> (*translate)(const Context&);
};

// Types that are not listed are ops of the same name without attributes, or not known.
constexpr Entry entries[] = {
    {"Convolution", "Convolution", convolution},
    {"DepthwiseConv", "DepthwiseConv", convolution},
    {"ConvolutionDepthwise", "DepthwiseConv", convolution},
    {"DepthwiseConvolution", "DepthwiseConv", convolution},
    {"Deconvolution", "Deconvolution", convolution},
    {"Im2col", "Im2col", window},
    {"InnerProduct", "InnerProduct", innerProduct},
    {"Embed", "Embed", embed},
    {"LSTM", "LSTM", recurrent},
    {"RNN", "RNN", recurrent},
    {"GRU", "GRU", recurrent},
    {"Pooling", "Pooling", pooling},
    {"Dropout", "Dropout", dropout},
    {"SPP", "SPP", spp},
    {"ROIPooling", "ROIPooling", roiPooling},
    {"PSROIPooling", "PSROIPooling", psroiPooling},
    {"ROIAlign", "ROIAlign", roiAlign},
    {"Unpooling", "Unpooling", unpooling},
    {"ReLU", "ReLU", relu},
    {"ReLU6", "ReLU6", relu6},
    {"RReLU", "RReLU", rrelu},
    {"CReLU", "CReLU", crelu},
    {"PReLU", "PReLU", prelu},
    {"Clip", "Clip", clip},
    {"ELU", "ELU", elu},
    {"Swish", "Swish", swish},
    {"HSwish", "Hswish", nothing},
    {"Exp", "Exp", exponential},
    {"Log", "Log", logarithm},
    {"Power", "Power", power},
    {"Threshold", "Threshold", threshold},
    {"Softmax", "Softmax", softmax},
    {"Quant", "Quant", quant},
    {"AntiQuant", "AntiQuant", quant},
    {"DeQuant", "DeQuant", deQuant},
    {"IFMR", "Identity", nothing},
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
    {"Eltwise", "Eltwise", eltwise},
    {"Reduction", "Reduction", reduction},
    {"ReduceSum", "ReduceSum", reduce},
    {"ReduceMean", "ReduceMean", reduce},
    {"ReduceProd", "ReduceProd", reduce},
    {"ReduceMax", "ReduceMax", reduce},
    {"ReduceMin", "ReduceMin", reduce},
    {"Gemm", "Gemm", gemm},
    {"MatMul", "MatMul", matMul},
    {"ArgMax", "ArgMax", argMax},
    {"ArgMin", "ArgMin", argMin},
    {"TopK", "TopK", topK},
    {"Sort", "Sort", sort},
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
    {"PriorBox", "PriorBox", priorBox},
    {"DetectionOutput", "DetectionOutput", detectionOutput},
    {"Nms", "Nms", nms},
    {"Proposal", "Proposal", proposal},
    {"Python", "", python},
};

}  // namespace

Result<Buffer> blobBuffer(const BlobProto& blob)
{
    Shape shape;
    // A scalar has neither a shape nor the four old fields.
    if (blob.has_shape() || !(blob.has_num() || blob.has_channels() || blob.has_height() || blob.has_width()))
        shape = ints(blob.shape().dim());
    else if (blob.has_num() || blob.has_channels() || blob.has_height() || blob.has_width())
        shape = {blob.num(), blob.channels(), blob.height(), blob.width()};  // else a scalar: an empty shape is not written
    const bool doubles = blob.data_size() == 0 && blob.double_data_size() > 0;
    const int64_t have = doubles ? blob.double_data_size() : blob.data_size();
    int64_t want = 1;
    for (const int64_t dimension : shape) {
        if (dimension < 0 || (dimension > 0 && want > INT32_MAX / dimension))
            return Error{ErrorCode::WeightsMismatch, "its shape " + shapeText(shape) + " is not possible", {}};
        want *= dimension;
    }
    if (have != want || have == 0)
        return Error{ErrorCode::WeightsMismatch, "its shape is " + shapeText(shape) + ", the file has " + std::to_string(have) + " values", {}};
    Buffer buffer(DType::F32, shape);
    const std::span<float> values = buffer.floats();
    if (doubles)
        std::transform(blob.double_data().begin(), blob.double_data().end(), values.begin(), [](double value) { return static_cast<float>(value); });
    else
        std::copy(blob.data().begin(), blob.data().end(), values.begin());
    for (size_t i = 0; i < values.size(); ++i)
        if (!std::isfinite(values[i]))
            return Error{ErrorCode::InvalidNumber, "value " + std::to_string(i) + " is " + numberText(values[i]), {}};
    return buffer;
}

namespace {

std::shared_ptr<const Buffer> asCodes(const Buffer& floats)
{
    auto codes = std::make_shared<Buffer>(DType::I8, floats.shape());
    std::transform(floats.floats().begin(), floats.floats().end(), codes->as<int8_t>().begin(), [](float code) { return static_cast<int8_t>(code); });
    return codes;
}

bool hasIntegers(const LayerParameter& weights)
{
    return std::any_of(weights.blobs().begin(), weights.blobs().end(),
                       [](const BlobProto& blob) { return blob.has_int8_data() || blob.int32_data_size() > 0; });
}

/// An LSTM, RNN or GRU of a deploy model (our own): int8 matrices with what their products are multiplied by as float data, biases in float.
Result<Translation> translateMatrices(const LayerParameter& layer, const LayerParameter& weights)
{
    LayerParameter floats = weights;
    std::vector<double> scales;
    for (BlobProto& blob : *floats.mutable_blobs()) {
        if (!blob.has_int8_data()) {
            if (blob.int32_data_size() > 0)
                return Error{ErrorCode::WeightsMismatch, "its biases should be floats, the file has int32_data", {}};
            continue;
        }
        QS_TRY(const Buffer codes, integerBlob(blob, layer.type(), 1));
        if (codes.shape().size() != 2 || blob.data_size() != 1 || !std::isfinite(blob.data(0)) || blob.data(0) <= 0)
            return Error{ErrorCode::WeightsMismatch, "each of its integer matrices needs one positive scale as its float data", {}};
        scales.push_back(static_cast<double>(blob.data(0)));
        blob.clear_int8_data();
        blob.clear_int32_data();
        blob.mutable_data()->Assign(codes.as<int8_t>().begin(), codes.as<int8_t>().end());
    }
    QS_TRY(Translation translation, translateLayer(layer, &floats));
    for (size_t i = 0; i < translation.weights.size(); ++i)
        if (weights.blobs(static_cast<int>(i)).has_int8_data())
            translation.weights[i] = asCodes(*translation.weights[i]);
        else if (translation.weights[i]->shape().size() == 2)
            return Error{ErrorCode::WeightsMismatch, "some of its matrices are integers, others are not", {}};
    translation.attributes.set("weightScales", scales);
    return translation;
}

/// A layer of a deploy model: int8 weights and int32 bias. Shapes and forms are those of its float sibling, so that the codes go through the same
/// translation as floats and come back as integers.
Result<Translation> translateIntegers(const LayerParameter& layer, const LayerParameter& weights)
{
    static constexpr const char* types[] = {"Convolution",          "DepthwiseConv", "ConvolutionDepthwise",
                                            "DepthwiseConvolution", "Deconvolution", "InnerProduct"};
    if (isRecurrent(layer.type()))
        return translateMatrices(layer, weights);
    if (std::find(std::begin(types), std::end(types), layer.type()) == std::end(types))
        return Error{ErrorCode::NotSupported, "integer weights are known of convolutions, inner products, LSTM, RNN and GRU only", {}};
    LayerParameter floats;
    floats.set_name(weights.name());
    std::vector<Buffer> integers;
    for (int i = 0; i < weights.blobs_size(); ++i) {
        QS_TRY(Buffer codes, integerBlob(weights.blobs(i), layer.type(), layer.convolution_param().group()));
        if (codes.dtype() != (i == 0 ? DType::I8 : DType::I32))
            return Error{ErrorCode::WeightsMismatch, i == 0 ? "its weight should be int8_data" : "its bias should be int32_data", {}};
        BlobProto& blob = *floats.add_blobs();
        for (const int64_t dimension : codes.shape())
            blob.mutable_shape()->add_dim(dimension);
        if (codes.dtype() == DType::I8)
            blob.mutable_data()->Assign(codes.as<int8_t>().begin(), codes.as<int8_t>().end());
        else
            blob.mutable_data()->Assign(codes.as<int32_t>().begin(), codes.as<int32_t>().end());
        integers.push_back(std::move(codes));
    }
    QS_TRY(Translation translation, translateLayer(layer, &floats));
    translation.weights.front() = asCodes(*translation.weights.front());
    // Not by way of float: 32 bits do not fit into 24.
    if (integers.size() > 1)
        translation.weights[1] = std::make_shared<Buffer>(integers[1].reshaped(translation.weights[1]->shape()));
    return translation;
}

}  // namespace

Result<Translation> translateLayer(const LayerParameter& layer, const LayerParameter* weights)
{
    Translation translation;
    // Files without blobs are those of a layer without weights.
    const bool usable = weights && weights->blobs_size() > 0;
    if (usable && hasIntegers(*weights) && layer.type() != "DeQuant")
        return translateIntegers(layer, *weights);
    const auto* entry = std::find_if(std::begin(entries), std::end(entries), [&layer](const Entry& known) { return layer.type() == known.type; });
    if (entry == std::end(entries)) {
        translation.op = findOp(layer.type()) && layer.type() != "Input" ? layer.type() : "";
        QS_CHECK(rawBlobs({layer, usable ? weights : nullptr, translation}));
        return translation;
    }
    translation.op = entry->op;
    QS_CHECK(entry->translate({layer, usable ? weights : nullptr, translation}));
    return translation;
}

bool trainingOnly(const std::string& type)
{
    static constexpr const char* types[] = {"Accuracy", "Silence", "HDF5Output", "SoftmaxWithLoss", "DetectionEvaluate", "LabelSpecificAdd"};
    return type.ends_with("Loss") || std::find(std::begin(types), std::end(types), type) != std::end(types);
}

bool dataLayer(const std::string& type)
{
    static constexpr const char* types[] = {"Data", "ImageData", "HDF5Data", "MemoryData", "WindowData", "DummyData", "AnnotatedData", "VideoData"};
    return std::find(std::begin(types), std::end(types), type) != std::end(types);
}

}  // namespace qs::caffe

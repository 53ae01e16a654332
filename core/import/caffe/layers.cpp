#include "core/import/caffe/layers.h"

#include "core/base/text.h"
#include "core/import/caffe/integer_blob.h"
#include "core/ops/op.h"

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
    c.integer("ceil", p.round_mode() == PoolingParameter::CEIL);
    return {};
}

Result<void> relu(const Context& c)
{
    c.number("slope", c.layer.relu_param().negative_slope());
    return {};
}

Result<void> relu6(const Context& c)
{
    if (c.layer.relu6_param().negative_slope() != 0 || c.layer.relu6_param().threshold() != 6)
        c.out.notRunnable = "a ReLU6 with another threshold or slope is not built";
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
    c.number("scale", p.scale());
    c.integer("offset", p.with_offset() ? p.offset() : 0);
    c.integer("bits", p.has_num_bits_d() ? p.num_bits_d() : 8);
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

Result<void> upsample(const Context& c)
{
    const UpsampleParameter& p = c.layer.upsample_param();
    c.set("mode", std::string("nearest"));
    c.set("scale",
          Reals{static_cast<double>(p.has_scale_h() ? p.scale_h() : p.scale()), static_cast<double>(p.has_scale_w() ? p.scale_w() : p.scale())});
    if (c.layer.bottom_size() > 1 || p.has_upsample_h() || p.has_upsample_w())
        c.out.notRunnable = "upsampling by a pooling mask is not built";
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
    if (p.pad_beg() != 0 || p.pad_end() != 0 || c.layer.bottom_size() > 1)
        c.out.notRunnable = "an Interp with padding or a second input is not built";
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
    return {};
}

Result<void> embed(const Context& c)
{
    c.integer("outputs", c.layer.embed_param().num_output());
    return c.takeAll();
}

Result<void> recurrent(const Context& c)
{
    c.integer("outputs", c.layer.recurrent_param().num_output());
    c.integer("exposeHidden", c.layer.recurrent_param().expose_hidden());
    return c.takeAll();
}

Result<void> argMax(const Context& c)
{
    c.integer("outMaxVal", c.layer.argmax_param().out_max_val());
    c.integer("topK", c.layer.argmax_param().top_k());
    if (c.layer.argmax_param().has_axis())
        c.integer("axis", c.layer.argmax_param().axis());
    return {};
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
    {"ReLU", "ReLU", relu},
    {"ReLU6", "ReLU6", relu6},
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
    {"Eltwise", "Eltwise", eltwise},
    {"Reduction", "Reduction", reduction},
    {"ArgMax", "ArgMax", argMax},
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
    {"PassThrough", "PassThrough", reorg},
    {"PriorBox", "PriorBox", priorBox},
    {"DetectionOutput", "DetectionOutput", detectionOutput},
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

bool hasIntegers(const LayerParameter& weights)
{
    return std::any_of(weights.blobs().begin(), weights.blobs().end(),
                       [](const BlobProto& blob) { return blob.has_int8_data() || blob.int32_data_size() > 0; });
}

/// A layer of a deploy model: int8 weights and int32 bias. Shapes and forms are those of its float sibling, so that the codes go through the same
/// translation as floats and come back as integers.
Result<Translation> translateIntegers(const LayerParameter& layer, const LayerParameter& weights)
{
    static constexpr const char* types[] = {"Convolution",          "DepthwiseConv", "ConvolutionDepthwise",
                                            "DepthwiseConvolution", "Deconvolution", "InnerProduct"};
    if (std::find(std::begin(types), std::end(types), layer.type()) == std::end(types))
        return Error{ErrorCode::NotSupported, "integer weights are known of convolutions and inner products only", {}};
    LayerParameter floats;
    floats.set_name(weights.name());
    std::vector<Buffer> integers;
    for (int i = 0; i < weights.blobs_size(); ++i) {
        QS_TRY(Buffer codes, integerBlob(weights.blobs(i), layer.type(), layer.convolution_param().group()));
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
    const Buffer& arranged = *translation.weights.front();
    auto weight = std::make_shared<Buffer>(DType::I8, arranged.shape());
    std::transform(arranged.floats().begin(), arranged.floats().end(), weight->as<int8_t>().begin(),
                   [](float code) { return static_cast<int8_t>(code); });
    translation.weights.front() = std::move(weight);
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

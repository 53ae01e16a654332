#include "core/export/caffe_layers.h"

#include "core/import/caffe/document.h"
#include "core/ops/op.h"

#include <functional>
#include <map>

namespace qs {

using quantscope_caffe::LayerParameter;

namespace {

Result<void> convolution(const Layer& layer, LayerParameter& out)
{
    const Attributes& attributes = layer.attributes;
    const auto pad = attributes.integers("pad", {0, 0, 0, 0});
    if (pad[0] != pad[2] || pad[1] != pad[3])
        return notExportable(layer, "it pads both sides differently");
    if (attributes.has("outputPad") && attributes.integers("outputPad") != std::vector<int64_t>{0, 0})
        return notExportable(layer, "it has an output padding");
    auto* param = out.mutable_convolution_param();
    param->set_num_output(static_cast<uint32_t>(attributes.integer("outputs", 0)));
    const auto kernel = attributes.integers("kernel");
    param->set_kernel_h(static_cast<uint32_t>(kernel[0]));
    param->set_kernel_w(static_cast<uint32_t>(kernel[1]));
    const auto stride = attributes.integers("stride", {1, 1});
    param->set_stride_h(static_cast<uint32_t>(stride[0]));
    param->set_stride_w(static_cast<uint32_t>(stride[1]));
    param->set_pad_h(static_cast<uint32_t>(pad[0]));
    param->set_pad_w(static_cast<uint32_t>(pad[1]));
    for (const int64_t dilation : attributes.integers("dilation", {1, 1}))
        param->add_dilation(static_cast<uint32_t>(dilation));
    param->set_group(static_cast<uint32_t>(attributes.integer("group", 1)));
    param->set_bias_term(layer.weights.size() > 1);
    return {};
}

Result<void> innerProduct(const Layer& layer, LayerParameter& out)
{
    auto* param = out.mutable_inner_product_param();
    param->set_num_output(static_cast<uint32_t>(layer.attributes.integer("outputs", 0)));
    param->set_axis(static_cast<int32_t>(layer.attributes.integer("axis", 1)));
    param->set_bias_term(layer.weights.size() > 1);
    return {};
}

Result<void> pooling(const Layer& layer, LayerParameter& out)
{
    const Attributes& attributes = layer.attributes;
    auto* param = out.mutable_pooling_param();
    const bool average = attributes.text("method", "max") == "ave";
    param->set_pool(average ? quantscope_caffe::PoolingParameter::AVE : quantscope_caffe::PoolingParameter::MAX);
    if (attributes.flag("global", false)) {
        param->set_global_pooling(true);
        return {};
    }
    const auto pad = attributes.integers("pad", {0, 0, 0, 0});
    if (pad[0] != pad[2] || pad[1] != pad[3])
        return notExportable(layer, "it pads both sides differently");
    for (const int64_t step : attributes.integers("dilation"))
        if (step != 1)
            return notExportable(layer, "its window has gaps");
    if (average && attributes.text("count", "caffe") == "exclude" && (pad[0] != 0 || pad[1] != 0))
        return notExportable(layer, "its average leaves the padding out");
    const auto kernel = attributes.integers("kernel");
    const auto stride = attributes.integers("stride", {1, 1});
    param->set_kernel_h(static_cast<uint32_t>(kernel[0]));
    param->set_kernel_w(static_cast<uint32_t>(kernel[1]));
    param->set_stride_h(static_cast<uint32_t>(stride[0]));
    param->set_stride_w(static_cast<uint32_t>(stride[1]));
    param->set_pad_h(static_cast<uint32_t>(pad[0]));
    param->set_pad_w(static_cast<uint32_t>(pad[1]));
    if (!attributes.flag("ceil", false))
        param->set_round_mode(quantscope_caffe::PoolingParameter::FLOOR);
    return {};
}

Result<void> softmax(const Layer& layer, LayerParameter& out)
{
    out.mutable_softmax_param()->set_axis(static_cast<int32_t>(layer.attributes.integer("axis", 1)));
    return {};
}

Result<void> relu(const Layer& layer, LayerParameter& out)
{
    if (const double slope = layer.attributes.real("slope", 0); slope != 0)
        out.mutable_relu_param()->set_negative_slope(static_cast<float>(slope));
    return {};
}

Result<void> concat(const Layer& layer, LayerParameter& out)
{
    out.mutable_concat_param()->set_axis(static_cast<int32_t>(layer.attributes.integer("axis", 1)));
    return {};
}

Result<void> reshape(const Layer& layer, LayerParameter& out)
{
    auto* param = out.mutable_reshape_param();
    for (const int64_t dimension : layer.attributes.integers("dims"))
        param->mutable_shape()->add_dim(dimension);
    param->set_axis(static_cast<int32_t>(layer.attributes.integer("axis", 0)));
    param->set_num_axes(static_cast<int32_t>(layer.attributes.integer("numAxes", -1)));
    return {};
}

Result<void> flatten(const Layer& layer, LayerParameter& out)
{
    auto* param = out.mutable_flatten_param();
    const int64_t axis = layer.attributes.integer("axis", 1);
    if (layer.attributes.flag("always2d", false) && axis != 1)
        return notExportable(layer, "it flattens around axis " + std::to_string(axis));
    param->set_axis(static_cast<int32_t>(axis));
    param->set_end_axis(static_cast<int32_t>(layer.attributes.integer("endAxis", -1)));
    return {};
}

Result<void> permute(const Layer& layer, LayerParameter& out)
{
    for (const int64_t axis : layer.attributes.integers("order"))
        out.mutable_permute_param()->add_order(static_cast<uint32_t>(axis));
    return {};
}

Result<void> clip(const Layer& layer, LayerParameter& out)
{
    out.mutable_clip_param()->set_min(static_cast<float>(layer.attributes.real("min", 0)));
    out.mutable_clip_param()->set_max(static_cast<float>(layer.attributes.real("max", 6)));
    return {};
}

Result<void> lrn(const Layer& layer, LayerParameter& out)
{
    auto* param = out.mutable_lrn_param();
    param->set_local_size(static_cast<uint32_t>(layer.attributes.integer("size", 5)));
    param->set_alpha(static_cast<float>(layer.attributes.real("alpha", 1)));
    param->set_beta(static_cast<float>(layer.attributes.real("beta", 0.75)));
    param->set_k(static_cast<float>(layer.attributes.real("k", 1)));
    return {};
}

Result<void> scale(const Layer& layer, LayerParameter& out)
{
    out.mutable_scale_param()->set_axis(static_cast<int32_t>(layer.attributes.integer("axis", 1)));
    out.mutable_scale_param()->set_bias_term(layer.weights.size() > 1);
    return {};
}

Result<void> eltwise(const Layer& layer, LayerParameter& out)
{
    const std::string operation = layer.op == "Add" ? "sum" : layer.op == "Mul" ? "prod" : layer.attributes.text("operation", "sum");
    out.mutable_eltwise_param()->set_operation(operation == "sum"    ? quantscope_caffe::EltwiseParameter::SUM
                                               : operation == "prod" ? quantscope_caffe::EltwiseParameter::PROD
                                                                     : quantscope_caffe::EltwiseParameter::MAX);
    return {};
}

Result<void> slice(const Layer& layer, LayerParameter& out)
{
    out.mutable_slice_param()->set_axis(static_cast<int32_t>(layer.attributes.integer("axis", 1)));
    for (const int64_t point : layer.attributes.integers("points"))
        out.mutable_slice_param()->add_slice_point(static_cast<uint32_t>(point));
    return {};
}

Result<void> prelu(const Layer& layer, LayerParameter& out)
{
    if (layer.weights.front()->count() == 1)
        out.mutable_prelu_param()->set_channel_shared(true);
    return {};
}

Result<void> elu(const Layer& layer, LayerParameter& out)
{
    out.mutable_elu_param()->set_alpha(static_cast<float>(layer.attributes.real("alpha", 1)));
    return {};
}

Result<void> power(const Layer& layer, LayerParameter& out)
{
    out.mutable_power_param()->set_power(static_cast<float>(layer.attributes.real("power", 1)));
    out.mutable_power_param()->set_scale(static_cast<float>(layer.attributes.real("scale", 1)));
    out.mutable_power_param()->set_shift(static_cast<float>(layer.attributes.real("shift", 0)));
    return {};
}

Result<void> squareRoot(const Layer&, LayerParameter& out)
{
    out.mutable_power_param()->set_power(0.5F);
    return {};
}

template <class Param>
void setBase(const Layer& layer, Param& param)
{
    param.set_base(static_cast<float>(layer.attributes.real("base", -1)));
    param.set_scale(static_cast<float>(layer.attributes.real("scale", 1)));
    param.set_shift(static_cast<float>(layer.attributes.real("shift", 0)));
}

Result<void> exponential(const Layer& layer, LayerParameter& out)
{
    setBase(layer, *out.mutable_exp_param());
    return {};
}

Result<void> logarithm(const Layer& layer, LayerParameter& out)
{
    setBase(layer, *out.mutable_log_param());
    return {};
}

Result<void> nothing(const Layer&, LayerParameter&)
{
    return {};
}

struct Writer {
    const char* type;
    Result<void> (*write)(const Layer& layer, LayerParameter& out);
};

const std::map<std::string, Writer, std::less<>>& writers()
{
    static const std::map<std::string, Writer, std::less<>> table{
        {"Convolution", {"Convolution", convolution}},
        {"DepthwiseConv", {"Convolution", convolution}},
        {"Deconvolution", {"Deconvolution", convolution}},
        {"InnerProduct", {"InnerProduct", innerProduct}},
        {"Pooling", {"Pooling", pooling}},
        {"ReLU", {"ReLU", relu}},
        {"PReLU", {"PReLU", prelu}},
        {"ReLU6", {"ReLU6", nothing}},
        {"Clip", {"Clip", clip}},
        {"ELU", {"ELU", elu}},
        {"Hswish", {"Hswish", nothing}},
        {"BNLL", {"BNLL", nothing}},
        {"Power", {"Power", power}},
        {"Sqrt", {"Power", squareRoot}},
        {"Exp", {"Exp", exponential}},
        {"Log", {"Log", logarithm}},
        {"Identity", {"Split", nothing}},
        {"Quantizer", {"Split", nothing}},
        {"Sigmoid", {"Sigmoid", nothing}},
        {"TanH", {"TanH", nothing}},
        {"AbsVal", {"AbsVal", nothing}},
        {"Softmax", {"Softmax", softmax}},
        {"LRN", {"LRN", lrn}},
        {"Scale", {"Scale", scale}},
        {"Eltwise", {"Eltwise", eltwise}},
        {"Add", {"Eltwise", eltwise}},
        {"Mul", {"Eltwise", eltwise}},
        {"Concat", {"Concat", concat}},
        {"Slice", {"Slice", slice}},
        {"Split", {"Split", nothing}},
        {"Flatten", {"Flatten", flatten}},
        {"Reshape", {"Reshape", reshape}},
        {"Permute", {"Permute", permute}},
        {"Dropout", {"Dropout", nothing}},
    };
    return table;
}

}  // namespace

Error notExportable(const Layer& layer, const std::string& why)
{
    return {ErrorCode::NotSupported, "it cannot be written for Caffe: " + why, "layer '" + layer.name + "' (" + layer.type + ")"};
}

Result<std::vector<CaffePart>> caffeParts(const Model& model, const Layer& layer)
{
    LayerParameter out;
    if (const auto* document = dynamic_cast<const CaffeDocument*>(model.source().get()); document && layer.source >= 0) {
        out = document->net.layer(layer.source);
        out.clear_bottom();
        out.clear_top();
        out.clear_blobs();
        return std::vector{CaffePart{out}};
    }
    QS_TRY(auto composed, composedParts(model, layer));
    if (composed)
        return *std::move(composed);
    const auto writer = writers().find(layer.op);
    if (layer.op.empty())
        return notExportable(layer, "its type is not known");
    if (writer == writers().end())
        return notExportable(layer, "no Caffe layer is written for this type");
    for (const ValueId input : layer.inputs)
        if (model.value(input).constant)
            return notExportable(layer, "it has a constant operand");
    if (layer.inputs.size() > 1 && layer.op != "Concat")
        for (const ValueId input : layer.inputs)
            if (model.value(input).shape != model.value(layer.inputs.front()).shape)
                return notExportable(layer, "its inputs are broadcast");
    constexpr size_t picture = 4;
    const bool windowed = hasOutputChannels(layer.op) || layer.op == "Pooling";
    if (windowed && model.value(layer.inputs.front()).shape.size() != picture)
        return notExportable(layer, "it has not two spatial dimensions");
    out.set_type(writer->second.type);
    QS_CHECK(writer->second.write(layer, out));
    return std::vector{CaffePart{out}};
}

void setFloatBlob(quantscope_caffe::BlobProto& blob, const Shape& shape, std::span<const float> values)
{
    for (const int64_t dimension : shape)
        blob.mutable_shape()->add_dim(dimension);
    blob.mutable_data()->Add(values.begin(), values.end());
}

}  // namespace qs

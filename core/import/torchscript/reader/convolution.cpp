// Convolutions, products with weights, pooling, normalization.
#include "core/import/torchscript/reader/translate.h"

#include <algorithm>
#include <cmath>

namespace qs::torchscript {

namespace {

Ints bothSides(Ints pad)
{
    const Ints behind = pad;
    pad.insert(pad.end(), behind.begin(), behind.end());
    return pad;
}

Weights withBias(std::shared_ptr<const Buffer> weight, std::shared_ptr<const Buffer> bias)
{
    Weights weights{std::move(weight)};
    if (bias)
        weights.push_back(std::move(bias));
    return weights;
}

/// How many spatial dimensions: one to three, behind a batch and channels.
size_t sidesOf(const Call& call, const char* input, const char* what)
{
    const Shape shape = call.shape(input);
    if (shape.size() < 3 || shape.size() > 5)
        throw NotBuilt{std::string(what) + " of " + shapeText(shape) +
                       " is not built: one, two or three spatial dimensions behind batch and channels are"};
    return shape.size() - 2;
}

size_t convolvedSides(const Call& call)
{
    const size_t sides = sidesOf(call, "input", "a convolution");
    if (call.rank("weight") != sides + 2)
        throw NotBuilt{"a convolution without a batch is not built"};
    return sides;
}

std::vector<ValueId> convolve(const Call& call, const Ints& pad, bool transposed)
{
    const size_t sides = convolvedSides(call);
    const auto weight = call.weight("weight");
    const int64_t groups = call.integer("groups");
    const Shape& shape = weight->shape();
    Attributes settings = attributes({{"outputs", transposed ? shape[1] * groups : shape[0]},
                                      {"kernel", Ints(shape.begin() + 2, shape.end())},
                                      {"stride", call.sides("stride", sides)},
                                      {"pad", pad},
                                      {"dilation", call.sides("dilation", sides)},
                                      {"group", groups}});
    if (transposed)
        settings.set("outputPad", call.sides("output_padding", sides));
    return {call.layer(transposed ? "Deconvolution" : "Convolution", {call.value("input")}, settings, withBias(weight, call.weight("bias")))};
}

std::vector<ValueId> convolution(const Call& call)
{
    const size_t sides = convolvedSides(call);
    if (!call.argument("padding").isString())
        return convolve(call, bothSides(call.sides("padding", sides)), call.flag("transposed"));
    Ints pad(2 * sides);
    if (call.text("padding") == "valid")
        return convolve(call, pad, false);
    // "same": what is odd goes behind.
    const Ints dilation = call.sides("dilation", sides);
    for (size_t side = 0; side < sides; ++side) {
        const int64_t all = dilation[side] * (call.shape("weight")[side + 2] - 1);
        pad[side] = all / 2;
        pad[side + sides] = all - all / 2;
    }
    return convolve(call, pad, false);
}

std::vector<ValueId> transposedConvolution(const Call& call)
{
    return convolve(call, bothSides(call.sides("padding", convolvedSides(call))), true);
}

std::vector<ValueId> linear(const Call& call)
{
    const auto weight = call.weight("weight");
    if (!weight || weight->shape().size() != 2)
        throw NotBuilt{"its weights are no matrix"};
    return {call.layer("InnerProduct", {call.value("input")},
                       attributes({{"outputs", weight->shape()[0]}, {"axis", static_cast<int64_t>(call.rank("input")) - 1}}),
                       withBias(weight, call.weight("bias")))};
}

std::vector<ValueId> addmm(const Call& call)
{
    if (call.real("beta", 1) != 1 || call.real("alpha", 1) != 1)
        throw NotBuilt{"its factors are not 1"};
    if (call.isData("mat2") || call.isData("self") || call.rank("self") != 1 || call.shape("self")[0] != call.shape("mat2")[1])
        return {call.layer("Add", {call.layer("MatMul", {call.value("mat1"), call.value("mat2")}), call.value("self")})};
    const at::Tensor weight = call.tensor("mat2").t().contiguous();
    return {call.layer("InnerProduct", {call.value("mat1")}, attributes({{"outputs", weight.size(0)}, {"axis", int64_t{1}}}),
                       {bufferOf(weight), call.weight("self")})};
}

std::vector<ValueId> pool(const Call& call, const char* method)
{
    const size_t sides = sidesOf(call, "self", "pooling");
    const Ints kernel = call.sides("kernel_size", sides);
    const Ints stride = call.sides("stride", sides);
    if (kernel.size() != sides)
        throw NotBuilt{"pooling without a batch is not built"};
    Attributes settings = attributes({{"method", std::string(method)},
                                      {"kernel", kernel},
                                      {"stride", stride.empty() ? kernel : stride},
                                      {"pad", bothSides(call.sides("padding", sides))},
                                      {"ceil", int64_t{call.flag("ceil_mode")}}});
    if (method == std::string("ave")) {
        if (!call.isNone("divisor_override"))
            throw NotBuilt{"a divisor of its own is not built"};
        settings.set("count", std::string(call.flag("count_include_pad") ? "include" : "exclude"));
    } else {
        settings.set("dilation", call.sides("dilation", sides));
    }
    if (call.results().size() > 1)
        return call.layers("Pooling", {call.value("self")}, settings, 2);
    return {call.layer("Pooling", {call.value("self")}, settings)};
}

std::vector<ValueId> maxPool(const Call& call)
{
    return pool(call, "max");
}

/// Its places are those of a channel.
std::vector<ValueId> maxUnpool(const Call& call)
{
    if (call.rank("self") != 4)
        throw NotBuilt{"unpooling of " + shapeText(call.shape("self")) + " is not built: pictures of four dimensions are"};
    return {call.layer("Unpooling", {call.value("self"), call.value("indices")}, attributes({{"size", call.integers("output_size")}}))};
}

std::vector<ValueId> gridSample(const Call& call)
{
    static constexpr const char* modes[] = {"bilinear", "nearest", "bicubic"};
    static constexpr const char* paddings[] = {"zeros", "border", "reflection"};
    const int64_t mode = call.integer("interpolation_mode");
    const int64_t padding = call.integer("padding_mode");
    if (call.rank("input") != 4 || mode < 0 || mode > 2 || padding < 0 || padding > 2)
        throw NotBuilt{"sampling of " + shapeText(call.shape("input")) + " is not built: pictures of four dimensions are"};
    return {call.layer("GridSample", {call.value("input"), call.value("grid")},
                       attributes({{"mode", std::string(modes[mode])},
                                   {"padding", std::string(paddings[padding])},
                                   {"alignCorners", int64_t{call.flag("align_corners")}}}))};
}

std::vector<ValueId> averagePool(const Call& call)
{
    return pool(call, "ave");
}

std::vector<ValueId> adaptivePool(const Call& call, const char* method)
{
    const size_t sides = sidesOf(call, "self", "pooling");
    const Shape shape = call.shape("self");
    const Shape from(shape.begin() + 2, shape.end());
    const Shape out = shapeOf(call.results().front());
    const Ints size(out.begin() + 2, out.end());
    if (call.integers("output_size").size() > sides)
        throw NotBuilt{"pooling without a batch is not built"};
    if (size == from)
        return {call.value("self")};
    Attributes settings = attributes({{"method", std::string(method)}, {"count", std::string("include")}});
    if (size == Ints(sides, 1))
        settings.set("global", int64_t{1});
    Ints kernel;
    for (size_t side = 0; side < sides; ++side) {
        if (from[side] % size[side] != 0)
            throw NotBuilt{"windows of unlike sizes (" + std::to_string(from[side]) + " to " + std::to_string(size[side]) + ") are not built"};
        kernel.push_back(from[side] / size[side]);
    }
    settings.set("kernel", kernel);
    settings.set("stride", kernel);
    return {call.layer("Pooling", {call.value("self")}, settings)};
}

std::vector<ValueId> adaptiveAveragePool(const Call& call)
{
    return adaptivePool(call, "ave");
}

std::vector<ValueId> adaptiveMaxPool(const Call& call)
{
    return adaptivePool(call, "max");
}

std::vector<ValueId> batchNorm(const Call& call)
{
    if (call.flag("training"))
        throw NotBuilt{"it takes the statistics of the batch, as in training"};
    Weights weights{call.weight("running_mean"), call.weight("running_var")};
    if (!weights[0] || !weights[1])
        throw NotBuilt{"it has no statistics"};
    if (const auto gamma = call.weight("weight")) {
        const auto beta = call.weight("bias");
        weights.push_back(gamma);
        weights.push_back(beta ? beta : std::make_shared<const Buffer>(DType::F32, gamma->shape()));
    }
    return {call.layer("BatchNorm", {call.value("input")}, attributes({{"epsilon", call.real("eps")}}), weights)};
}

std::vector<ValueId> layerNorm(const Call& call)
{
    Weights weights;
    if (const auto gamma = call.weight("weight"))
        weights = withBias(gamma, call.weight("bias"));
    else if (call.weight("bias"))
        throw NotBuilt{"a shift without a scale is not built"};
    const auto axes = static_cast<int64_t>(call.integers("normalized_shape").size());
    return {call.layer("LayerNormalization", {call.value("input")}, attributes({{"axis", -axes}, {"epsilon", call.real("eps")}}), weights)};
}

std::vector<ValueId> groupNorm(const Call& call)
{
    Weights weights;
    if (const auto gamma = call.weight("weight")) {
        const auto beta = call.weight("bias");
        weights = {gamma, beta ? beta : std::make_shared<const Buffer>(DType::F32, gamma->shape())};
    }
    return {
        call.layer("GroupNorm", {call.value("input")}, attributes({{"groups", call.integer("num_groups")}, {"epsilon", call.real("eps")}}), weights)};
}

std::vector<ValueId> instanceNorm(const Call& call)
{
    const Shape shape = call.shape("input");
    if (!call.flag("use_input_stats") || shape.size() < 3)
        throw NotBuilt{"it takes statistics that were kept, or its input " + shapeText(shape) + " has no batch"};
    Weights weights;
    if (const auto gamma = call.weight("weight")) {
        const auto beta = call.weight("bias");
        weights = {gamma, beta ? beta : std::make_shared<const Buffer>(DType::F32, gamma->shape())};
    }
    return {call.layer("GroupNorm", {call.value("input")}, attributes({{"groups", shape[1]}, {"epsilon", call.real("eps")}}), weights)};
}

/// nn.MultiheadAttention without gradients: one call for what is written out here.
std::vector<ValueId> selfAttention(const Call& call)
{
    const Shape shape = call.shape("query");
    if (call.value("query") != call.value("key") || call.value("query") != call.value("value"))
        throw NotBuilt{"attention between several values is not built"};
    if (!call.isNone("mask") || call.flag("need_weights") || shape.size() != 3)
        throw NotBuilt{"attention with a mask, or whose weights are wanted, is not built"};
    const int64_t width = call.integer("embed_dim");
    const int64_t heads = call.integer("num_head");
    const int64_t each = width / heads;
    const auto reshape = [&](ValueId value, const Shape& to) { return call.layer("Reshape", {value}, attributes({{"dims", to}})); };
    const auto permute = [&](ValueId value, const Ints& order) { return call.layer("Permute", {value}, attributes({{"order", order}})); };
    const auto project = [&](ValueId value, int64_t outputs, const char* weight, const char* bias) {
        return call.layer("InnerProduct", {value}, attributes({{"outputs", outputs}, {"axis", int64_t{2}}}),
                          withBias(call.weight(weight), call.weight(bias)));
    };
    const ValueId all = project(call.value("query"), 3 * width, "qkv_weight", "qkv_bias");
    const ValueId apart = permute(reshape(all, {shape[0], shape[1], 3, heads, each}), {2, 0, 3, 1, 4});
    const auto parts = call.layers("Slice", {apart}, attributes({{"axis", int64_t{0}}, {"points", Ints{1, 2}}}), 3);
    const auto head = [&](size_t i) { return reshape(parts[i], {shape[0], heads, shape[1], each}); };
    const ValueId query = call.layer("Power", {head(0)}, attributes({{"scale", 1 / std::sqrt(static_cast<double>(each))}}));
    const ValueId scores = call.layer("MatMul", {query, head(1)}, attributes({{"transB", int64_t{1}}}));
    const ValueId shares = call.layer("Softmax", {scores}, attributes({{"axis", int64_t{3}}}));
    const ValueId sums = permute(call.layer("MatMul", {shares, head(2)}), {0, 2, 1, 3});
    return {project(reshape(sums, shape), width, "proj_weight", "proj_bias")};
}

constexpr Row rows[] = {
    {"conv2d", convolution},
    {"conv1d", convolution},
    {"conv3d", convolution},
    {"_convolution", convolution},
    {"_convolution_mode", convolution},
    {"convolution", convolution},
    {"conv_transpose1d", transposedConvolution},
    {"conv_transpose2d", transposedConvolution},
    {"conv_transpose3d", transposedConvolution},
    {"linear", linear},
    {"addmm", addmm},
    {"max_pool1d", maxPool},
    {"max_pool2d", maxPool},
    {"max_pool3d", maxPool},
    {"max_pool1d_with_indices", maxPool},
    {"max_pool2d_with_indices", maxPool},
    {"max_pool3d_with_indices", maxPool},
    {"max_unpool2d", maxUnpool},
    {"grid_sampler", gridSample},
    {"grid_sampler_2d", gridSample},
    {"avg_pool1d", averagePool},
    {"avg_pool2d", averagePool},
    {"avg_pool3d", averagePool},
    {"adaptive_avg_pool1d", adaptiveAveragePool},
    {"adaptive_avg_pool2d", adaptiveAveragePool},
    {"adaptive_avg_pool3d", adaptiveAveragePool},
    {"adaptive_max_pool1d", adaptiveMaxPool},
    {"adaptive_max_pool2d", adaptiveMaxPool},
    {"adaptive_max_pool3d", adaptiveMaxPool},
    {"batch_norm", batchNorm},
    {"layer_norm", layerNorm},
    {"group_norm", groupNorm},
    {"instance_norm", instanceNorm},
    {"_native_multi_head_attention", selfAttention},
};

}  // namespace

std::span<const Row> convolutionRows()
{
    return rows;
}

}  // namespace qs::torchscript
